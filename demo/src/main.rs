//! Program `till-demo`: a whole shop in one process, for one sale or to play with in the terminal. It must not know how
//! its parts work.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use demo::agree::chain;
use demo::folder::{Afterwards, Folder};
use demo::narrator::Narrator;
use demo::stage::Stage;
use demo::{once, play};
use till_wire::Amount;
use tracing_subscriber::EnvFilter;

/// For a whole sale with `--once`.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs everything that a QR payment needs in one process, with nothing else installed: a payOS sandbox, an MQTT
/// broker, the webhook bridge and a till with its display.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Without --once, type amounts and play cashier and customer in this terminal.\n\
    Set RUST_LOG (e.g. RUST_LOG=info) to see what the programs write into their logs."
)]
struct Arguments {
    /// Do one sale of AMOUNT (50000, 50.000, 50k, 1tr5), check every step, exit 0 only if all agreed
    #[arg(long, value_name = "AMOUNT", value_parser = sellable, allow_hyphen_values = true)]
    once: Option<Amount>,
    /// Keep the folder with the programs' files and the display's pictures, and print where it is
    #[arg(long)]
    keep: bool,
}

/// Reads a typed amount that one transfer can carry.
fn sellable(typed: &str) -> Result<Amount, String> {
    let amount = Amount::parse(typed).map_err(|error| error.to_string())?;
    if amount.value() > Amount::MAX_VND {
        return Err(format!("more than {}, the most that one transfer carries", Amount::vnd(Amount::MAX_VND)));
    }
    Ok(amount)
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let narrator = Narrator::begin();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(&arguments, &narrator) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("till-demo: {}", chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments, narrator: &Narrator) -> Result<(), Box<dyn std::error::Error>> {
    let afterwards = if arguments.keep { Afterwards::Keep } else { Afterwards::Remove };
    let folder = Folder::make(afterwards)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = act(arguments, &folder, narrator) => outcome,
            () = interrupted() => Err("interrupted".into()),
        }
    });
    if arguments.keep {
        narrator.say(format!("all files are kept in {}", folder.path().display()));
    }
    outcome
}

/// Resolves when the user or the system asks the program to end.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut int), Ok(mut term)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
        // Without signals the program is ended the hard way, and its folder stays.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = int.recv() => {}
        _ = term.recv() => {}
    }
}

async fn act(arguments: &Arguments, folder: &Folder, narrator: &Narrator) -> Result<(), Box<dyn std::error::Error>> {
    let deadline = Instant::now() + LIMIT;
    if let Some(amount) = arguments.once {
        narrator.say("everything that a payment needs starts in this one process");
        let stage = Stage::set(folder, narrator, deadline).await?;
        once::sell(stage.scene(), amount, folder, narrator, deadline).await?;
        return Ok(());
    }
    let stage = Stage::set(folder, narrator, deadline).await?;
    play::play(stage.scene(), narrator).await;
    narrator.say("everything stops");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_that_is_none_is_refused_as_an_amount() {
        for (typed, why) in
            [("-3", "is negative"), ("-50k", "is negative"), ("-x", "is negative"), ("0", "is no money")]
        {
            let refused = Arguments::try_parse_from(["till-demo", "--once", typed]).map(|arguments| arguments.once);
            let error = refused.expect_err("it is no amount");
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains(why), "{typed}: {error}");
        }
    }
}

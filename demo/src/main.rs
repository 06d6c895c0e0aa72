//! Program `till-demo`: a whole shop on one machine, as a page for the browser or for one sale in the terminal; or a night
//! of the simulation. It must not know how its parts work.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use demo::agree::chain;
use demo::configuration::Locale;
use demo::folder::{Afterwards, Folder};
use demo::narrator::Narrator;
use demo::providers::ProviderName;
use demo::shop::Shop;
use demo::stage::Stage;
use demo::{machine, once, page, replay, simulate};
use simulation::Without;
use till_wire::Amount;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// For a whole sale with `--once`, and for the start of everything.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs everything that a QR payment needs on this machine, with nothing else installed: sandboxes of payOS, Finan and
/// Smart Glocal, an MQTT broker, the webhook bridge and a till, with its display, its keypad and a customer's phone as a
/// page for the browser.
#[derive(Debug, Parser)]
#[command(version, after_help = "Set RUST_LOG (e.g. RUST_LOG=info) to see what the programs write into their logs.")]
struct Arguments {
    /// Do one sale of AMOUNT (50000, 50.000, 50k, 1tr5) without a page, check every step, exit 0 only if all agreed
    #[arg(long, value_name = "AMOUNT", value_parser = sellable, allow_hyphen_values = true)]
    once: Option<Amount>,
    /// What the till sells over first; the page can choose another one
    #[arg(long, value_enum, default_value = "payos")]
    provider: ProviderName,
    /// The port of the page on 127.0.0.1; 0 takes any [default: 8400, or any when that is taken]
    #[arg(long)]
    port: Option<u16>,
    /// The language of the till's display
    #[arg(long, value_enum, default_value = "vi")]
    locale: Locale,
    /// Keep the folder with the programs' files and the display's pictures, and print where it is
    #[arg(long)]
    keep: bool,
    /// Run a recording of a till (`till flight`, or flight-….jsonl beside its store) through a till again and print every
    /// step; exit 0 if all went the same way, 1 if not, 2 if FILE cannot be read
    #[arg(long, value_name = "FILE", conflicts_with_all = ["once", "till", "simulate"])]
    replay: Option<PathBuf>,
    /// Run N seeded worlds of the simulation on all cores instead; Ctrl-C ends it, exit 1 if one breaks a promise
    #[arg(long, value_name = "N", conflicts_with = "once")]
    simulate: Option<u64>,
    /// The first of those worlds
    #[arg(long, value_name = "FIRST", default_value_t = 0, requires = "simulate")]
    seed: u64,
    /// What is left out of those worlds, as a broken promise names it
    #[arg(long, default_value_t, requires = "simulate")]
    without: Without,
    /// Be a till and nothing else: the demo starts itself like this, so that the till's power can be cut
    #[arg(long, value_name = "FILE", hide = true)]
    till: Option<PathBuf>,
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
    let lines = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(std::io::stderr);
    lines.finish().with(till_settings::log::wanted(LevelFilter::OFF)).init();
    if let Some(file) = &arguments.replay {
        return replay::run(file);
    }
    let outcome = match (&arguments.till, arguments.simulate) {
        (Some(config), _) => machine::be_the_till(config),
        (None, Some(worlds)) => simulate(worlds, &arguments, &Narrator::begin()),
        (None, None) => run(&arguments, &Narrator::begin()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("till-demo: {}", chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments, narrator: &Narrator) -> Result<(), Box<dyn std::error::Error>> {
    let afterwards = if arguments.keep { Afterwards::Keep } else { Afterwards::Remove };
    let folder = Arc::new(Folder::make(afterwards)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        match arguments.once {
            Some(amount) => tokio::select! {
                outcome = sell_once(amount, arguments.provider, &folder, narrator) => outcome,
                () = interrupted() => Err("interrupted".into()),
            },
            None => tokio::select! {
                outcome = serve(arguments, &folder, narrator) => outcome,
                () = interrupted() => Ok(()),
            },
        }
    });
    if arguments.keep {
        narrator.say(format!("all files are kept in {}", folder.path().display()));
    }
    outcome
}

fn simulate(worlds: u64, arguments: &Arguments, narrator: &Narrator) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let Arguments { seed, without, .. } = arguments;
    runtime.block_on(simulate::run(*seed, worlds, without.clone(), narrator, interrupted()))
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

async fn sell_once(
    amount: Amount,
    provider: ProviderName,
    folder: &Folder,
    narrator: &Narrator,
) -> Result<(), Box<dyn std::error::Error>> {
    let deadline = Instant::now() + LIMIT;
    narrator.say("everything that a payment needs starts in this one process");
    let stage = Stage::set(folder, narrator, provider, deadline).await?;
    once::sell(stage.scene(), amount, folder, narrator, deadline).await?;
    Ok(())
}

async fn serve(
    arguments: &Arguments,
    folder: &Arc<Folder>,
    narrator: &Narrator,
) -> Result<(), Box<dyn std::error::Error>> {
    let asked = arguments.port.unwrap_or_default();
    let listener = page::bind(arguments.port).await;
    let listener = listener.map_err(|error| format!("cannot listen on port {asked} of 127.0.0.1: {error}"))?;
    let address = listener.local_addr()?;
    let shop = Shop::open(folder, narrator, arguments.locale, arguments.provider, Instant::now() + LIMIT).await?;
    println!("\nopen http://{address}/\n\nCtrl-C stops everything.");
    page::serve(listener, shop).await?;
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

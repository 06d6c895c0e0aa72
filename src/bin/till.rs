//! The cashier's command line. It must not do anything itself: `tilld::cli` does.

use std::env;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use tilld::cli::{Style, World, run, typed_pin};
use tokio::runtime::Builder;

/// How long a daemon that went away in the middle, for a restart say, is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("till: cannot begin: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut world = World {
        out: &mut io::stdout(),
        err: &mut io::stderr(),
        config: env::var_os("TILLD_CONFIG").filter(|file| !file.is_empty()).map(PathBuf::from),
        home: env::var_os("HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from),
        typed_pin: &mut typed_pin,
        patience: PATIENCE,
        is_err_terminal: io::stderr().is_terminal(),
        style: Style::of_process(),
    };
    let code = runtime.block_on(run(env::args_os(), &mut world));
    // A name that is still being looked up is not waited for.
    runtime.shutdown_background();
    ExitCode::from(code)
}

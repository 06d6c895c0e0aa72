//! The till as a machine of its own: a process whose power can really be cut. It must not know what the till is
//! configured to do.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;
use till_settings::Mode;
use tokio::sync::oneshot;

/// The argument with which this program is a till and nothing else; its value is the configuration file.
pub const TILL: &str = "--till";

const START_LIMIT: Duration = Duration::from_secs(20);
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// The longest first line that a till may print.
const LONGEST_LINE: u64 = 200;

/// A till with a power switch. Dropping it stops the till in order.
#[derive(Debug)]
pub struct Machine {
    program: PathBuf,
    config: PathBuf,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    /// The till stops when this is closed, so that it never outlives the demo.
    input: Option<ChildStdin>,
}

/// Why the till does not run.
#[derive(Debug, Error)]
pub enum MachineError {
    /// The system refused a process or a thread.
    #[error("cannot start `{program}` as the till")]
    Spawn {
        /// This program.
        program: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// It ended, or said nothing that could be understood; its reason is on the standard error output.
    #[error("the till did not say within {} s where its API listens", START_LIMIT.as_secs())]
    Silent,
}

impl Machine {
    /// A till without power: `program` is this very program, `config` the till's configuration.
    pub fn new(program: PathBuf, config: PathBuf) -> Self {
        Self { program, config, running: None }
    }

    /// Switches the power on and waits for the till; returns where its API listens.
    ///
    /// # Errors
    /// See [`MachineError`].
    pub fn power_on(&mut self) -> Result<SocketAddr, MachineError> {
        let failed = |source| MachineError::Spawn { program: self.program.clone(), source };
        let mut command = Command::new(&self.program);
        command.arg(TILL).arg(&self.config).stdin(Stdio::piped()).stdout(Stdio::piped());
        // Ctrl-C in the terminal is for the demo, which then stops the till in order.
        command.process_group(0);
        let mut child = command.spawn().map_err(failed)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        self.running = Some(Running { child, input });
        let (tell, told) = mpsc::channel();
        let listen = move || {
            let mut line = String::new();
            let read = output.map(|output| BufReader::new(output.take(LONGEST_LINE)).read_line(&mut line));
            // Whoever asked may have given up.
            let _ = tell.send(read.and_then(Result::ok).and_then(|_| line.trim().parse().ok()));
        };
        thread::Builder::new().name("till-output".to_owned()).spawn(listen).map_err(failed)?;
        match told.recv_timeout(START_LIMIT) {
            Ok(Some(address)) => Ok(address),
            Ok(None) | Err(_) => {
                self.cut_power();
                Err(MachineError::Silent)
            }
        }
    }

    /// Cuts the power: the till ends at once (SIGKILL), whatever it is doing.
    pub fn cut_power(&mut self) {
        if let Some(mut running) = self.running.take() {
            // One that has ended by itself is as dead.
            let _ = running.child.kill();
            let _ = running.child.wait();
        }
    }

    /// Stops the till in order, so that it can start anew with another configuration.
    pub fn stop(&mut self) {
        if let Some(running) = &mut self.running {
            drop(running.input.take());
            let deadline = Instant::now() + STOP_LIMIT;
            while matches!(running.child.try_wait(), Ok(None)) && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(5));
            }
        }
        self.cut_power();
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Is a till until the standard input ends. Its first line of output is where its API listens.
///
/// # Errors
/// Whatever keeps the till from running.
pub fn be_the_till(config: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let (settings, _) = tilld::config::Settings::read(config, Mode::Run)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let daemon = tilld::Daemon::bind(settings).await?;
        let mut output = io::stdout();
        writeln!(output, "{}", daemon.api_addr())?;
        output.flush()?;
        let (tell, ended) = oneshot::channel();
        thread::spawn(move || {
            // Nothing is ever written to it; it ends with the demo.
            let _ = io::copy(&mut io::stdin(), &mut io::sink());
            let _ = tell.send(());
        });
        daemon
            .run(async move {
                let _ = ended.await;
            })
            .await?;
        Ok(())
    })
}

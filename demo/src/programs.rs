//! Runs the bridge and the till inside this process, each on a thread with a runtime of its own, as they run on a
//! machine of their own. It must not know what they are configured to do.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use thiserror::Error;
use till_settings::Mode;
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tracing::error;

use crate::agree::chain;

const START_LIMIT: Duration = Duration::from_secs(20);
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// A program that runs until it is dropped.
#[derive(Debug)]
pub struct Program {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Why a program does not run.
#[derive(Debug, Error)]
pub enum ProgramError {
    /// The system refused a thread or what it needs.
    #[error("cannot make a thread for the {name}")]
    Thread {
        /// `till` or `bridge`.
        name: &'static str,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The program says why it does not start.
    #[error("the {name} does not start: {reason}")]
    Start {
        /// `till` or `bridge`.
        name: &'static str,
        /// Its error with all causes.
        reason: String,
    },
    /// The program neither started nor said why not.
    #[error("the {name} did not start within {} s", START_LIMIT.as_secs())]
    Silent {
        /// `till` or `bridge`.
        name: &'static str,
    },
}

impl Program {
    /// Starts a till with this configuration file; its address is that of its API.
    ///
    /// # Errors
    /// See [`ProgramError`].
    pub fn till(config: &Path) -> Result<Self, ProgramError> {
        start("till", config, |config, line| async move {
            let settings = match tilld::config::Settings::read(&config, Mode::Run) {
                Ok((settings, _)) => settings,
                Err(faults) => return line.failed(&faults),
            };
            match tilld::Daemon::bind(settings).await {
                Ok(daemon) => {
                    let stopped = line.started(daemon.api_addr());
                    if let Err(ended) = daemon.run(stopped).await {
                        error!(error = chain(&ended), "the till has ended");
                    }
                }
                Err(error) => line.failed(&error),
            }
        })
    }

    /// Starts a bridge with this configuration file; its address is where it takes webhooks.
    ///
    /// # Errors
    /// See [`ProgramError`].
    pub fn bridge(config: &Path) -> Result<Self, ProgramError> {
        start("bridge", config, |config, line| async move {
            let settings = match till_bridge::config::Settings::read(&config) {
                Ok(settings) => settings,
                Err(faults) => return line.failed(&faults),
            };
            match till_bridge::Bridge::bind(settings).await {
                Ok(bridge) => {
                    let stopped = line.started(bridge.hooks_addr());
                    if let Err(ended) = bridge.run(stopped).await {
                        error!(error = chain(&ended), "the bridge has ended");
                    }
                }
                Err(error) => line.failed(&error),
            }
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.stop.take());
        let Some(thread) = self.thread.take() else {
            return;
        };
        // A program that does not stop in time ends with the process.
        let deadline = Instant::now() + STOP_LIMIT;
        while !thread.is_finished() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(2));
        }
    }
}

/// The program's end of the line to whoever started it.
struct Line {
    answer: mpsc::Sender<Result<SocketAddr, String>>,
    stopped: oneshot::Receiver<()>,
}

impl Line {
    /// Tells the address, and returns what resolves when the program shall stop.
    fn started(self, address: SocketAddr) -> impl Future<Output = ()> {
        // Whoever waited may have given up; then the stop signal has come already.
        let _ = self.answer.send(Ok(address));
        let stopped = self.stopped;
        async move {
            // The sender is dropped to stop; nothing is ever sent.
            let _ = stopped.await;
        }
    }

    fn failed(self, error: &dyn std::error::Error) {
        let _ = self.answer.send(Err(chain(error)));
    }
}

fn start<Run>(
    name: &'static str,
    config: &Path,
    run: impl FnOnce(PathBuf, Line) -> Run + Send + 'static,
) -> Result<Program, ProgramError>
where
    Run: Future<Output = ()>,
{
    let runtime =
        Builder::new_current_thread().enable_all().build().map_err(|source| ProgramError::Thread { name, source })?;
    let (stop, stopped) = oneshot::channel();
    let (answer, answered) = mpsc::channel();
    let config = config.to_owned();
    let work = move || runtime.block_on(run(config, Line { answer, stopped }));
    let thread = thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|source| ProgramError::Thread { name, source })?;
    match answered.recv_timeout(START_LIMIT) {
        Ok(Ok(address)) => Ok(Program { address, stop: Some(stop), thread: Some(thread) }),
        Ok(Err(reason)) => Err(ProgramError::Start { name, reason }),
        Err(_) => Err(ProgramError::Silent { name }),
    }
}

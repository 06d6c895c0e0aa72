//! Signals as what they mean: SIGTERM and SIGINT the wish to stop in good order, SIGUSR1 and SIGUSR2 that the machine is about
//! to sleep and has woken up (systemd/tilld-sleep.service).

use std::future::Future;
use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// What the machine is about to do, or has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nap {
    /// It will sleep in a moment.
    Begins,
    /// It has woken up.
    Ends,
}

/// Listens for SIGUSR1 and SIGUSR2 for as long as somebody wants to know. To be called inside a tokio runtime.
///
/// # Errors
/// When the system does not let the process listen.
pub fn naps() -> io::Result<mpsc::Receiver<Nap>> {
    let mut begins = signal(SignalKind::user_defined1())?;
    let mut ends = signal(SignalKind::user_defined2())?;
    let (say, naps) = mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            let nap = tokio::select! {
                Some(()) = begins.recv() => Nap::Begins,
                Some(()) = ends.recv() => Nap::Ends,
                () = say.closed() => break,
            };
            if say.send(nap).await.is_err() {
                break;
            }
        }
    });
    Ok(naps)
}

/// Listens for SIGTERM and SIGINT from now on; the future ends with the first of them.
///
/// # Errors
/// When the system does not let the process listen.
pub fn stop() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

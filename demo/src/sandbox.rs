//! What the sandboxes of all providers have in common: the listening thread, the log, the faults, the clock, the
//! delivery of webhooks. It must not know any provider, and not the till's own code.

mod code;
mod desk;
mod faults;
mod json;
mod line;
mod made_up;
mod provider;
mod server;
mod webhook;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use thiserror::Error;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{broadcast, oneshot};

pub(crate) use code::code;
pub(crate) use faults::{Signing, spoiled};
pub(crate) use json::{Fields, Json};
pub(crate) use made_up::{made_up_hex, made_up_mark, made_up_uuid};
pub(crate) use webhook::post;

pub use desk::{Delivery, Desk, Note, Papers, Received};
pub use faults::{Fault, Lasting};
pub use provider::{Call, Message, Provider, Reply};

/// A running sandbox. Copies of the handle control the same one; it stops when the last copy is dropped.
///
/// It has a thread of its own, so every method may be called from blocking and from asynchronous code.
pub struct Sandbox<P: Provider>(Arc<Running<P>>);

struct Running<P: Provider> {
    address: SocketAddr,
    desk: Arc<Desk<P>>,
    /// Where webhooks are sent from.
    tasks: Handle,
    /// Dropping it ends the server's thread.
    _stop: oneshot::Sender<()>,
}

/// Why the sandbox did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// No loopback port could be had.
    #[error("cannot listen on a loopback port")]
    Listen(#[source] io::Error),
    /// The system refused a thread or what it needs.
    #[error("cannot start the sandbox's thread")]
    Thread(#[source] io::Error),
}

impl<P: Provider> Sandbox<P> {
    /// Starts a sandbox on a port of its own.
    pub(crate) fn open(provider: P, book: P::Book) -> Result<Self, StartError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(StartError::Listen)?;
        listener.set_nonblocking(true).map_err(StartError::Listen)?;
        let address = listener.local_addr().map_err(StartError::Listen)?;
        let runtime = Builder::new_current_thread().enable_all().build().map_err(StartError::Thread)?;
        let tasks = runtime.handle().clone();
        let desk = Arc::new(Desk::new(provider, book));
        let stop = serve_in_thread(runtime, listener, desk.clone())?;
        Ok(Self(Arc::new(Running { address, desk, tasks, _stop: stop })))
    }

    /// What the server, the webhooks and this handle share.
    pub(crate) fn desk(&self) -> &Arc<Desk<P>> {
        &self.0.desk
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// `http://127.0.0.1:PORT` and what the provider puts before every path, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}{}", self.0.address, P::PREFIX)
    }

    /// Where webhooks go from now on (`http://` only), without a ping. `None` keeps them back until there is a place.
    pub fn set_webhook_url(&self, url: Option<String>) {
        self.0.desk.papers().webhook_url = url;
    }

    /// Every later webhook is delivered so many times, side by side.
    pub fn set_webhook_copies(&self, copies: u32) {
        self.0.desk.papers().webhook_copies = copies;
    }

    /// Puts the sandbox's clock ahead of the machine's (or behind, below 0): the header `Date`, all times and expiry.
    pub fn set_clock_offset_s(&self, seconds: i64) {
        self.0.desk.set_offset_s(seconds);
    }

    /// Sends the webhook that tells of `reference` (again) in the background, until it is taken. Nothing happens for a
    /// reference that is not known here.
    pub fn send_webhook_again(&self, reference: &P::Reference) {
        let _inside = self.0.tasks.enter();
        self.0.desk.send(reference);
    }

    /// All calls so far, oldest first (the newest 20 000).
    pub fn requests(&self) -> Vec<Received<P::Order>> {
        self.0.desk.papers().received()
    }

    /// The time that the sandbox has spent on calls: from each one's arrival until its answer was ready.
    pub fn busy(&self) -> Duration {
        self.0.desk.papers().busy
    }

    /// All attempts to deliver webhooks, oldest first (the newest 20 000). A registration's ping is not among them.
    pub fn deliveries(&self) -> Vec<Delivery<P::Reference>> {
        self.0.desk.papers().deliveries()
    }

    /// Hears every call and every delivery from now on; one that is 256 notes behind misses the oldest.
    pub fn listen(&self) -> broadcast::Receiver<Note<P::Order, P::Reference>> {
        self.0.desk.papers().listen()
    }

    /// Plans a fault for calls of a kind. Faults of a kind come one after the other, in the order of planning.
    pub fn plan(&self, kind: P::Kind, fault: Fault, lasting: Lasting) {
        self.0.desk.papers().faults.plan(kind, fault, lasting);
    }

    /// Ends all faults, planned and present.
    pub fn reset_faults(&self) {
        self.0.desk.papers().faults.reset();
    }
}

impl<P: Provider> Clone for Sandbox<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<P: Provider> fmt::Debug for Sandbox<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(P::NAME).field("address", &self.0.address).finish_non_exhaustive()
    }
}

/// Serves until what it returns is dropped.
fn serve_in_thread<P: Provider>(
    runtime: Runtime,
    listener: TcpListener,
    desk: Arc<Desk<P>>,
) -> Result<oneshot::Sender<()>, StartError> {
    let listener = {
        let _inside = runtime.enter();
        tokio::net::TcpListener::from_std(listener).map_err(StartError::Listen)?
    };
    let (stop, stopped) = oneshot::channel();
    let work = move || {
        runtime.block_on(async {
            tokio::select! {
                () = server::serve(listener, desk) => {}
                _ = stopped => {}
            }
        });
    };
    thread::Builder::new().name(P::NAME.to_owned()).spawn(work).map_err(StartError::Thread)?;
    Ok(stop)
}

#[cfg(test)]
pub(crate) mod tests;

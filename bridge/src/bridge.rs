//! Puts the parts together: journal, hooks, admin, relay, in the order in which they must start and
//! stop. The only module that sees more than one of them.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use till_authority::Leaf;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::{error, info, warn};

use crate::admin::Admin;
use crate::clock;
use crate::config::Settings;
use crate::hooks::Hooks;
use crate::journal::{Journal, Limits, OpenError, WorkerStopped};
use crate::metrics::{Born, Metrics};
use crate::mqtt::Relay;
use crate::operated::Relaying;
use crate::reload::Reloader;
use crate::server::limits::Crowd;
use crate::server::{Hall, Server};
use crate::service;

/// A bridge that has its sockets and its journal and takes webhooks as soon as it is run.
pub struct Bridge {
    hooks: Server,
    hooks_answer: Arc<Hooks>,
    admin: Server,
    journal: Arc<Journal>,
    journal_stopped: WorkerStopped,
    metrics: Arc<Metrics>,
    relay: Relay,
    reloader: Option<Reloader>,
}

/// Takes connections that did not come over the bridge's own socket, such as one in memory.
#[derive(Clone)]
pub struct Entrance {
    hall: Hall,
    hooks: Arc<Hooks>,
}

impl Entrance {
    /// Answers what comes in on a stream until it ends, as the listener does with a connection of this peer.
    pub async fn serve(&self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, peer: IpAddr) {
        let (_never, stop) = watch::channel(false);
        if let Some(place) = self.hall.enter(peer, &*self.hooks) {
            self.hall.serve(stream, peer.into(), place, Arc::clone(&self.hooks), stop).await;
        }
    }
}

/// Why a bridge cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The journal cannot be opened.
    #[error("cannot open the journal")]
    Journal(#[source] OpenError),
    /// An address cannot be listened on.
    #[error("cannot listen on `{address}` ({key})")]
    Listen {
        /// The configuration's key.
        key: &'static str,
        /// Its value.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The task that opens the journal was cancelled.
    #[error("cannot finish opening the journal")]
    Cancelled(#[source] tokio::task::JoinError),
}

impl StartError {
    fn listen(key: &'static str, address: SocketAddr) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Listen { key, address, source }
    }
}

/// Why a bridge ended before it was told to.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Without its thread the journal takes nothing more.
    #[error("the journal's thread has ended unexpectedly")]
    JournalEnded,
}

/// How long the broker may take for what is undelivered when the bridge stops.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
/// A disk that hangs must not keep the process from ending: what is owed was fsynced before.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);

impl Bridge {
    /// Opens the journal and binds both sockets.
    ///
    /// # Errors
    /// When the journal cannot be opened or is in use, or an address cannot be listened on.
    pub async fn bind(settings: Settings) -> Result<Self, StartError> {
        let limits = Limits {
            directory: settings.journal.path.clone(),
            keep: settings.journal.keep,
            max_bytes: settings.journal.max_bytes,
        };
        // First the socket, which fails at once, then the journal, whose reading may take seconds.
        let metrics = Arc::new(Metrics::default());
        let own = settings.broker.certificate().and_then(|own| Leaf::from_der(own).ok());
        let born = Born { at: clock::now(), certificate_until: own.map(|own| own.not_after) };
        metrics.born.get_or_init(|| born);
        let http = &settings.hooks;
        let hooks = Server::bind(http.listen, http.tls.clone(), http.crowd, Arc::clone(&metrics.connections))
            .await
            .map_err(StartError::listen("http.listen", http.listen))?;
        let admin = Server::bind(settings.admin, None, Crowd::ADMIN, Arc::default())
            .await
            .map_err(StartError::listen("admin.listen", settings.admin))?;
        let opened = tokio::task::spawn_blocking(move || Journal::open(limits)).await;
        let (journal, journal_stopped) = opened.map_err(StartError::Cancelled)?.map_err(StartError::Journal)?;
        let journal = Arc::new(journal);

        let channels = settings.channels.clone();
        let hooks_answer = Arc::new(Hooks::new(channels, http, Arc::clone(&journal), Arc::clone(&metrics)));
        let reloader = Reloader::new(&settings, &hooks_answer, hooks.tls(), hooks.hall().room, &metrics);
        let options = settings.broker.client_options(&settings.client_id);
        let address = settings.broker.address();
        let relay = Relay::new(options, address, journal.reader(), Arc::clone(&metrics));
        let reloader = Some(reloader);
        Ok(Self { hooks, hooks_answer, admin, journal, journal_stopped, metrics, relay, reloader })
    }

    /// Returns what takes over a new configuration while the bridge runs; nothing when it was given away before.
    pub fn reloader(&mut self) -> Option<Reloader> {
        self.reloader.take()
    }

    /// Returns another way in, beside the bridge's socket.
    pub fn entrance(&self) -> Entrance {
        Entrance { hall: self.hooks.hall(), hooks: Arc::clone(&self.hooks_answer) }
    }

    /// Returns where webhooks are taken.
    pub fn hooks_addr(&self) -> SocketAddr {
        self.hooks.address()
    }

    /// Returns where the operator's pages are.
    pub fn admin_addr(&self) -> SocketAddr {
        self.admin.address()
    }

    /// Runs until `shutdown` resolves, then stops without losing anything: no new connections, open
    /// requests finish, everything is durable, the broker gets a moment to take what is owed.
    ///
    /// # Errors
    /// When the journal's thread ends by itself.
    pub async fn run(self, shutdown: impl Future) -> Result<(), RunError> {
        let (stop_hooks, hooks_stop) = watch::channel(false);
        let (stop_relay, relay_stop) = watch::channel(false);
        let (stop_admin, admin_stop) = watch::channel(false);
        info!(hooks = %self.hooks_addr(), admin = %self.admin_addr(), "bridge running");

        let of = Relaying { journal: self.journal.reader(), metrics: self.metrics };
        let admin = Admin { of, stopping: hooks_stop.clone() };
        let hooks = tokio::spawn(self.hooks.serve(self.hooks_answer, hooks_stop));
        let admin = tokio::spawn(self.admin.serve(Arc::new(admin), admin_stop));
        let relay = tokio::spawn(self.relay.run(relay_stop));
        let watchdog = tokio::spawn(service::feed_watchdog(self.journal.reader()));

        let result = tokio::select! {
            _ = shutdown => Ok(()),
            () = self.journal_stopped.wait() => Err(RunError::JournalEnded),
        };
        service::stopping();
        info!("bridge stopping");
        // A receiver that is gone belongs to a task that is gone, and nothing is left to stop.
        stop_hooks.send_replace(true);
        finish("hooks", hooks).await;
        stop_relay.send_replace(true);
        let abort = relay.abort_handle();
        if timeout(DRAIN_TIMEOUT, finish("relay", relay)).await.is_err() {
            warn!("the broker did not take everything; the rest is published after the next start");
            abort.abort();
        }
        if timeout(CLOSE_TIMEOUT, self.journal.close()).await.is_err() {
            warn!("the journal's thread did not end in time");
        }
        stop_admin.send_replace(true);
        admin.abort();
        watchdog.abort();
        info!("bridge stopped");
        result
    }
}

async fn finish(name: &str, task: tokio::task::JoinHandle<()>) {
    if let Err(error) = task.await {
        error!(%error, name, "a task ended badly");
    }
}

//! Gives terminals their certificates: a process of its own, with its own configuration and rights, which has no
//! MQTT, no channel and no journal. It believes claims that the fleet's key has signed and certificates that its root
//! has, and nobody else.

mod admin;
mod clients;
pub mod config;
mod desk;
mod judge;
mod lists;
mod metrics;
mod refusal;
mod store;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::sleep;
use tracing::{error, info};

pub use self::config::Settings;
use self::desk::{Desk, MAX_WRITERS};
use self::lists::Watch;
use self::metrics::Metrics;
use self::store::Store;
use crate::admin::Admin;
use crate::clock;
use crate::often::Often;
use crate::server::Server;
use crate::server::limits::Crowd;
use crate::service;

/// An enrolment server that has its sockets and its store.
pub struct Enrolment {
    desk: Server,
    desk_answer: Arc<Desk>,
    admin: Server,
    max_records: u64,
    watch: Option<Watch>,
}

/// Why an enrolment server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum EnrolmentStartError {
    /// Certificates would begin and end at wrong times.
    #[error("cannot make certificates by a clock that shows {now}, earlier than this program: set it first")]
    Clock {
        /// What it shows.
        now: till_wire::UnixTime,
    },
    /// The store cannot be used.
    #[error("cannot use the store of claims")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
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
}

/// How often old records are dropped and the others counted.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// How many sources are told apart in a second, and how many terminals in an hour.
const MAX_SOURCES: usize = 2000;
const MAX_NUMBERS: usize = 200_000;
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

impl Enrolment {
    /// Opens the store and binds both sockets.
    ///
    /// # Errors
    /// When the clock is wrong, the store cannot be used, or an address cannot be listened on.
    pub async fn bind(settings: Settings) -> Result<Self, EnrolmentStartError> {
        let now = clock::now();
        if !clock::is_plausible() {
            return Err(EnrolmentStartError::Clock { now });
        }
        let listen = |key, address| move |source| EnrolmentStartError::Listen { key, address, source };
        let metrics = Arc::new(Metrics::default());
        let connections = Arc::clone(&metrics.connections);
        let desk = Server::bind(settings.listen, settings.tls, Crowd::ENROLMENT, connections).await;
        let desk = desk.map_err(listen("http.listen", settings.listen))?;
        let admin = Server::bind(settings.admin, None, Crowd::ADMIN, Arc::default()).await;
        let admin = admin.map_err(listen("admin.listen", settings.admin))?;
        let claims = settings.claims;
        let store = Store::open(&claims.path, claims.max_records, now);
        let store = Arc::new(store.map_err(|error| EnrolmentStartError::Store(error.into()))?);
        let watch = settings.lists.map(|file| Watch {
            file,
            clients: Arc::clone(&settings.clients),
            authority: Arc::clone(&settings.authority),
            metrics: Arc::clone(&metrics),
        });
        let desk_answer = Desk {
            authority: settings.authority,
            clients: settings.clients,
            trusted: claims.trusted,
            valid: claims.valid,
            store,
            refusals: Often::new(settings.limits.refused_per_s, SECOND, MAX_SOURCES),
            certificates: Arc::new(Often::new(settings.limits.certificates_per_h, HOUR, MAX_NUMBERS)),
            metrics,
            writers: Arc::new(Semaphore::new(MAX_WRITERS)),
        };
        Ok(Self { desk, desk_answer: Arc::new(desk_answer), admin, max_records: claims.max_records, watch })
    }

    /// Runs until `shutdown` resolves; open requests finish.
    pub async fn run(self, shutdown: impl Future) {
        let (stop_desk, desk_stop) = watch::channel(false);
        let (stop_admin, admin_stop) = watch::channel(false);
        info!(terminals = %self.desk.address(), admin = %self.admin.address(), "enrolment running");
        let store = Arc::clone(&self.desk_answer.store);
        let of = admin::Enrolling {
            store: Arc::clone(&store),
            authority: Arc::clone(&self.desk_answer.authority),
            max_records: self.max_records,
            metrics: Arc::clone(&self.desk_answer.metrics),
        };
        let admin = Admin { of, stopping: desk_stop.clone() };
        let desk = tokio::spawn(self.desk.serve(self.desk_answer, desk_stop));
        let admin = tokio::spawn(self.admin.serve(Arc::new(admin), admin_stop));
        let lasting = [
            Some(tokio::spawn(sweep_often(store))),
            Some(tokio::spawn(service::feed_watchdog_while_turning())),
            self.watch.map(|watch| tokio::spawn(watch.run())),
        ];
        shutdown.await;
        service::stopping();
        info!("enrolment stopping");
        stop_desk.send_replace(true);
        finish("terminals", desk).await;
        stop_admin.send_replace(true);
        finish("admin", admin).await;
        lasting.into_iter().flatten().for_each(|task| task.abort());
    }
}

/// Runs for ever.
async fn sweep_often(store: Arc<Store>) {
    loop {
        sleep(SWEEP_EVERY).await;
        let store = Arc::clone(&store);
        match spawn_blocking(move || store.sweep(clock::now())).await {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => error!(fault = till_settings::tls::whole_chain(&fault), "the store does not work"),
            Err(fault) => error!(%fault, "the store cannot be swept"),
        }
    }
}

async fn finish(part: &'static str, task: JoinHandle<()>) {
    if let Err(fault) = task.await {
        error!(%fault, part, "a part of the server has failed");
    }
}

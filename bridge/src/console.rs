//! The fleet console: a web page for whoever runs many counters. A process of its own, with its own configuration and
//! rights, which relays no webhooks and makes no certificates. What can hurt a terminal it neither signs nor sends.

mod admin;
mod audit;
pub mod config;
mod desk;
mod form;
mod gate;
mod html;
mod language;
mod metrics;
mod pages;
mod password;
mod reply;
mod sessions;
mod users;
mod view;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use till_settings::tls::whole_chain;
use till_wire::topics;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tracing::{error, info};

use self::audit::Audit;
pub use self::config::Settings;
use self::desk::Desk;
use self::gate::Gate;
use self::metrics::Metrics;
pub use self::password::{PasswordError, line as user_line};
use self::sessions::Sessions;
pub use self::users::Role;
use self::users::Users;
use self::view::Fleet;
use crate::admin::Admin;
use crate::clock;
use crate::mqtt::listening::{Heard, Letter, Listening, MAX_LETTERS};
use crate::server::Server;
use crate::server::limits::Crowd;
use crate::service;

/// A console that has its sockets, its users and its audit log.
pub struct Console {
    site: Server,
    desk: Arc<Desk>,
    admin: Server,
    listening: Listening,
    letters: mpsc::Receiver<Letter>,
}

/// Why a console cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleStartError {
    /// The users' file cannot be used.
    #[error("cannot use the users' file `{path}`: {reason}")]
    Users {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The audit log cannot be written.
    #[error("cannot write the audit log `{path}`")]
    Audit {
        /// Where it is.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
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

impl Console {
    /// Reads the users, opens the audit log and binds both sockets.
    ///
    /// # Errors
    /// When one of them cannot be had.
    pub async fn bind(settings: Settings) -> Result<Self, ConsoleStartError> {
        let users = Users::open(&settings.users)
            .map_err(|error| ConsoleStartError::Users { path: settings.users.clone(), reason: whole_chain(&error) })?;
        let file = settings.audit;
        let audit = Audit::open(&file.path, file.max_bytes, file.keep)
            .map_err(|source| ConsoleStartError::Audit { path: file.path.clone(), source })?;
        let metrics = Arc::new(Metrics::default());
        let listen = |key, address| move |source| ConsoleStartError::Listen { key, address, source };
        let http = settings.http;
        let connections = Arc::clone(&metrics.connections);
        let is_secure = http.tls.is_some() || http.public.is_some();
        let site = Server::bind(http.listen, http.tls, Crowd::CONSOLE, connections).await;
        let site = site.map_err(listen("http.listen", http.listen))?;
        let admin = Server::bind(settings.admin, None, Crowd::ADMIN, Arc::default()).await;
        let admin = admin.map_err(listen("admin.listen", settings.admin))?;
        let (sender, letters) = mpsc::channel(MAX_LETTERS);
        let options = settings.broker.client_options(&settings.client_id);
        let listening = Listening::new(options, settings.broker.address(), filters());
        let desk = Arc::new(Desk {
            gate: Gate::new(http.public.as_ref(), site.address(), is_secure),
            proxies: http.proxies,
            users,
            sessions: Sessions::new(settings.idle, settings.life),
            audit,
            fleet: Arc::new(Mutex::new(Fleet::new(settings.timezone, clock::now()))),
            signer: settings.signer,
            letters: sender,
            metrics,
            limits: desk::Limits::default(),
        });
        Ok(Self { site, desk, admin, listening, letters })
    }

    /// Runs until `shutdown` resolves; open requests finish.
    pub async fn run(self, shutdown: impl Future) {
        let (stop, stopping) = watch::channel(false);
        let (stop_admin, admin_stop) = watch::channel(false);
        info!(people = %self.site.address(), admin = %self.admin.address(), "console running");
        let admin = Admin { of: Arc::clone(&self.desk), stopping: stopping.clone() };
        let fleet = Arc::clone(&self.desk.fleet);
        let hear = move |heard| {
            let mut fleet = fleet.lock().unwrap_or_else(PoisonError::into_inner);
            match heard {
                Heard::Up => fleet.linked(true, clock::now()),
                Heard::Down => fleet.linked(false, clock::now()),
                Heard::Message { topic, body, fresh } => fleet.hear(&topic, &body, fresh, clock::now()),
                Heard::Foreign => fleet.counts.refused = fleet.counts.refused.saturating_add(1),
            }
        };
        let listening = tokio::spawn(self.listening.run(hear, self.letters, stopping.clone()));
        let site = tokio::spawn(self.site.serve(self.desk, stopping));
        let admin = tokio::spawn(self.admin.serve(Arc::new(admin), admin_stop));
        let watchdog = tokio::spawn(service::feed_watchdog_while_turning());
        shutdown.await;
        service::stopping();
        info!("console stopping");
        stop.send_replace(true);
        finish("people", site).await;
        finish("broker", listening).await;
        stop_admin.send_replace(true);
        finish("admin", admin).await;
        watchdog.abort();
    }
}

/// What the console listens to: its certificate's rights, and no more than it shows.
fn filters() -> Vec<&'static str> {
    vec![
        topics::states_filter(),
        topics::healths_filter(),
        topics::reported_filter(),
        topics::command_statuses_filter(),
        topics::sales_filter(),
        topics::logs_filter(),
        topics::unrouted_filter(),
    ]
}

async fn finish(part: &'static str, task: JoinHandle<()>) {
    if let Err(fault) = task.await {
        error!(%fault, part, "a part of the console has failed");
    }
}

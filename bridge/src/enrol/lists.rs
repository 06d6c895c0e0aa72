//! Looks at the file of revocation lists again and again, and takes it when it has changed. A broken new file changes
//! nothing. It must not know what a list is worth.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use till_authority::Authority;
use till_settings::tls::whole_chain;
use tokio::time::sleep;
use tracing::{error, info, warn};

use super::clients::{Clients, ClientsError, read_lists};
use super::metrics::Metrics;
use crate::clock;

/// See the module.
pub(crate) struct Watch {
    pub(crate) file: PathBuf,
    pub(crate) clients: Arc<Clients>,
    pub(crate) authority: Arc<Authority>,
    pub(crate) metrics: Arc<Metrics>,
}

/// By what a changed file is known; nothing for one that cannot be looked at.
type Looks = Option<(u64, u64, i64, i64)>;

/// How old a revocation may get before it counts here.
const LOOK_EVERY: Duration = Duration::from_secs(1);

impl Watch {
    /// Runs for ever. What is in use at the start may be older than the file, so it is read once in any case.
    pub(crate) async fn run(self) {
        let this = Arc::new(self);
        let mut last = None;
        loop {
            let looking = Arc::clone(&this);
            match tokio::task::spawn_blocking(move || looking.look(last)).await {
                Ok(looks) => last = Some(looks),
                Err(fault) => error!(%fault, "the revocation lists cannot be looked at"),
            }
            sleep(LOOK_EVERY).await;
        }
    }

    fn look(&self, last: Option<Looks>) -> Looks {
        let looks = fs::metadata(&self.file).ok().map(|data| (data.ino(), data.len(), data.mtime(), data.mtime_nsec()));
        if last == Some(looks) {
            return looks;
        }
        let file = self.file.display();
        match self.take() {
            Ok(()) => {
                self.metrics.lists_taken();
                info!(%file, "revocation lists read");
            }
            Err(fault) => {
                self.metrics.lists_refused();
                let fault = whole_chain(&fault);
                warn!(%file, fault, "changed revocation lists cannot be used: those before stay in force");
            }
        }
        looks
    }

    fn take(&self) -> Result<(), ClientsError> {
        let lists = read_lists(&self.file)?;
        self.clients.must_concern(lists.clone(), &self.authority, clock::now())?;
        self.clients.use_lists(lists)
    }
}

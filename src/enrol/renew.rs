//! Renewing the certificate at two thirds of its life, with a new key, while the old one is kept until the new one has
//! connected. It must not connect to the broker itself.

use std::time::Duration;

use till_authority::Key;
use till_settings::tls::{Identity, Roots, certificates_in, whole_chain};
use till_settings::{Broker, HttpBase};
use till_wire::UnixTime;
use till_wire::fleet::Claim;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::EnrolError;
use super::answer::Wanted;
use super::ask::Server;
use crate::identity::Place;

/// How often the clock is looked at: it may be set, or the machine wake up, at any time.
const LOOK: Duration = Duration::from_secs(60);

/// How long to wait after a try, at least, and at most twice as long: a fleet whose server was down must not come back all
/// at once.
const RETRY: Duration = Duration::from_secs(600);

/// What is needed for keeping a certificate fresh.
#[derive(Debug)]
pub struct Renewal {
    /// Where it is kept.
    pub place: Place,
    /// By which the terminal is a member.
    pub claim: Claim,
    /// The broker, with the certificate that is used.
    pub broker: Broker,
    /// The wall clock.
    pub clock: fn() -> UnixTime,
    /// Tells whether the wall clock may be right.
    pub clock_is_plausible: fn() -> bool,
}

/// A way to the broker with a certificate that has not connected yet.
#[derive(Debug)]
pub struct Renewed(pub Broker);

/// How long to wait before the next look. One that has brought a certificate is like one that failed: the broker may refuse
/// what it brought, and then it must neither be asked for nor tried again every minute.
fn pause_after(found: &Result<Option<Renewed>, EnrolError>) -> Duration {
    match found {
        Ok(None) => LOOK,
        Ok(Some(_)) | Err(_) => RETRY + RETRY.mul_f64(fastrand::f64()),
    }
}

impl Renewal {
    /// Renews whenever it is time, for as long as somebody listens for it.
    pub async fn run(self, say: mpsc::Sender<Renewed>) {
        // A certificate that was renewed and not tried before the last stop.
        let mut found = match self.waiting() {
            Some(untried) => Ok(Some(untried)),
            None => self.look().await,
        };
        loop {
            let pause = pause_after(&found);
            match found {
                Ok(None) => {}
                Ok(Some(renewed)) => {
                    if say.send(renewed).await.is_err() {
                        return;
                    }
                }
                Err(error) => {
                    tracing::warn!(error = %whole_chain(&error), "the terminal's certificate cannot be renewed yet");
                }
            }
            tokio::select! {
                () = sleep(pause) => {}
                () = say.closed() => return,
            }
            found = self.look().await;
        }
    }

    /// Renews if it is time, and no renewed certificate waits for being tried.
    pub(super) async fn look(&self) -> Result<Option<Renewed>, EnrolError> {
        let now = (self.clock)();
        let due = self.place.leaf()?.renew_at() <= now;
        if !due || !(self.clock_is_plausible)() || self.place.next()?.is_some() {
            return Ok(None);
        }
        let current = self.place.current()?.unwrap_or_default();
        let identity = Identity::from_pem(&current).map_err(EnrolError::Tls)?;
        let url = HttpBase::new(&self.claim.enrol_url);
        let url = url.ok_or(EnrolError::Useless { field: "enrol_url", expected: "an https:// address" })?;
        let key = Key::generate().map_err(EnrolError::Request)?;
        let roots = self.roots()?;
        let wanted = Wanted { url: url.as_str(), key: &key, terminal: self.claim.number, roots: roots.clone(), now };
        let request = wanted.request()?;
        let chain = Server { url: url.as_str(), roots, identity: Some(identity) }.ask(None, &request).await?;
        wanted.judge(&chain)?;
        self.place.keep_next(&key, &chain)?;
        tracing::info!("the terminal's certificate is renewed; it is used once the broker has taken it");
        Ok(self.waiting())
    }

    /// Returns the way to the broker with the certificate that waits. One that cannot be used is dropped.
    fn waiting(&self) -> Option<Renewed> {
        let pem = self.place.next().ok().flatten()?;
        let renewed = self.roots().and_then(|roots| {
            let identity = Identity::from_pem(&pem).map_err(EnrolError::Tls)?;
            self.broker.with_identity(roots, identity).map_err(EnrolError::Tls)
        });
        match renewed {
            Ok(broker) => Some(Renewed(broker)),
            Err(error) => {
                tracing::warn!(error = %whole_chain(&error), "a renewed certificate is of no use and is dropped");
                if let Err(error) = self.place.drop_next() {
                    tracing::warn!(error = %whole_chain(&error), "it cannot be dropped");
                }
                None
            }
        }
    }

    fn roots(&self) -> Result<Roots, EnrolError> {
        let certificates = certificates_in(self.claim.ca.as_bytes());
        let useless = |_| EnrolError::Useless { field: "ca", expected: "certificates in PEM form" };
        certificates.map(Roots::Only).map_err(useless)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p9_a_certificate_that_the_broker_refuses_is_not_asked_for_again_at_once() {
        let table = "[mqtt]\nurl = \"mqtt://localhost\"\n";
        let document = till_settings::Document::parse(std::path::Path::new("f"), table, till_settings::Mode::Run);
        let broker = Broker::read(&document.expect("TOML").root().table("mqtt")).expect("a broker");
        let pauses = [pause_after(&Ok(Some(Renewed(broker)))), pause_after(&Err(EnrolError::ClockNotSet))];
        assert!(pauses.iter().all(|pause| (RETRY..=RETRY * 2).contains(pause)), "{pauses:?}");
        assert_eq!(pause_after(&Ok(None)), LOOK);
    }
}

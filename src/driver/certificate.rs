//! The certificate by which the broker knows this terminal: until when it is valid, and what follows for the reason why the
//! broker is not reached. It must not know how it is renewed.

use till_authority::Leaf;
use till_settings::Broker;
use till_settings::tls::whole_chain;
use till_wire::UnixTime;
use till_wire::status::CertificateStatus;

use crate::mqtt::Trial;

/// The certificate that is used, and one that is on trial.
#[derive(Debug)]
pub(super) struct Certificate {
    is_renewed_by_us: bool,
    used: Option<CertificateStatus>,
    on_trial: Option<CertificateStatus>,
}

impl Certificate {
    /// The certificate of the way to the broker with which the daemon starts.
    pub(super) fn new(broker: &Broker, is_renewed_by_us: bool) -> Self {
        Self { is_renewed_by_us, used: read(broker, is_renewed_by_us), on_trial: None }
    }

    /// Notes that another is shown to the broker at the next connection.
    pub(super) fn try_way(&mut self, broker: &Broker) {
        self.on_trial = read(broker, self.is_renewed_by_us);
    }

    /// Notes what has become of it.
    pub(super) fn tried(&mut self, trial: Trial) {
        match trial {
            Trial::None => {}
            Trial::Passed => self.used = self.on_trial.take().or(self.used),
            Trial::Failed => self.on_trial = None,
        }
    }

    /// Tells of the one that is used.
    pub(super) fn status(&self) -> Option<CertificateStatus> {
        self.used
    }

    /// Adds to a reason why the broker is not reached that the certificate is over, which the broker itself says in words
    /// that name no certificate and no way out.
    pub(super) fn explain(&self, reason: String, now: Option<UnixTime>) -> String {
        let end = self.used.map(|used| used.not_after).filter(|end| now.is_some_and(|now| *end < now));
        match (end, self.is_renewed_by_us) {
            (None, _) => reason,
            (Some(end), true) => format!(
                "{reason}; this terminal's certificate was valid until {end}: enrol it with a new claim (till fleet claim)"
            ),
            (Some(end), false) => {
                format!("{reason}; the certificate of `mqtt.cert` was valid until {end}: put a new one in its place")
            }
        }
    }
}

fn read(broker: &Broker, is_renewed_by_us: bool) -> Option<CertificateStatus> {
    let leaf = Leaf::from_der(broker.certificate()?);
    let leaf = leaf.inspect_err(|error| tracing::warn!(error = %whole_chain(error), "our certificate cannot be read"));
    let leaf = leaf.ok()?;
    Some(CertificateStatus { not_after: leaf.not_after, renew_at: is_renewed_by_us.then(|| leaf.renew_at()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(is_renewed_by_us: bool) -> Certificate {
        let used = CertificateStatus { not_after: UnixTime::from_secs(1_000), renew_at: None };
        Certificate { is_renewed_by_us, used: Some(used), on_trial: None }
    }

    #[test]
    fn a_certificate_that_is_over_is_named_as_a_reason_with_what_to_do() {
        let explained = |is_ours, now: Option<i64>| {
            certificate(is_ours).explain("refused".to_owned(), now.map(UnixTime::from_secs))
        };
        assert_eq!(explained(true, Some(1_000)), "refused");
        assert_eq!(explained(true, None), "refused", "a clock that was never set is no judge");
        let ours = explained(true, Some(1_001));
        assert!(
            ours.starts_with("refused; ") && ours.contains("until 1970-01-01") && ours.contains("new claim"),
            "{ours}"
        );
        assert!(explained(false, Some(1_001)).contains("`mqtt.cert`"));
    }

    #[test]
    fn a_renewed_one_is_told_of_once_the_broker_has_taken_it() {
        let renewed = CertificateStatus { not_after: UnixTime::from_secs(2_000), renew_at: None };
        let mut certificate = certificate(true);
        let old = certificate.status();
        certificate.on_trial = Some(renewed);
        for (trial, told) in [(Trial::None, old), (Trial::Failed, old), (Trial::Passed, old)] {
            certificate.tried(trial);
            assert_eq!(certificate.status(), told, "{trial:?}");
        }
        certificate.on_trial = Some(renewed);
        certificate.tried(Trial::Passed);
        assert_eq!(certificate.status(), Some(renewed));
    }
}

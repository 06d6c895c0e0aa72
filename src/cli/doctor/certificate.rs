//! The terminal's own certificate: how long it lasts, and whether it is renewed in time. It must not renew it.

use till_authority::Leaf;
use till_settings::read_bounded;
use till_wire::UnixTime;
use till_wire::standing::ENDS_SOON_S;

use super::Finding;
use super::subject::Subject;
use crate::cli::words::{Check, Disk, Said};
use crate::clock;

/// The largest file of certificates that is read, in bytes.
const LARGEST: u64 = 1_048_576;

/// The daemon looks every minute and tries again after ten to twenty: a day is long enough for a server to come back.
const OVERDUE_S: i64 = 86_400;

/// Looks at the certificate that the configuration names, or that enrolment gave.
pub(super) fn look(subject: &Subject) -> Finding {
    Finding::new(Check::Certificate, Said::Disk(said(subject)))
}

fn said(subject: &Subject) -> Disk {
    let named = subject.written.get("mqtt").and_then(|mqtt| mqtt.get("cert")).and_then(|cert| cert.as_str());
    let identity = subject.written.get("fleet").and_then(|fleet| fleet.get("identity")).and_then(|path| path.as_str());
    let read = subject.settings.as_ref().and_then(|settings| settings.certificate.clone());
    let of_enrolment = || Some(crate::identity::Place::new(identity?).certificate_file()).filter(|file| file.exists());
    let Some(path) = read.or_else(|| named.map(Into::into)).or_else(of_enrolment) else {
        return Disk::NoCertificate;
    };
    match read_bounded(&path, LARGEST).map(|pem| Leaf::read(&pem)) {
        Ok(Ok(leaf)) => judge(&leaf, clock::wall(), identity.is_some()),
        Ok(Err(error)) => Disk::BrokenCertificate { path, why: error.to_string() },
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Disk::Unread { path, why: error.to_string() }
        }
        Err(error) => Disk::BrokenCertificate { path, why: error.to_string() },
    }
}

fn judge(leaf: &Leaf, now: UnixTime, is_renewed: bool) -> Disk {
    let until = leaf.not_after.to_string();
    let left = leaf.not_after.secs().saturating_sub(now.secs());
    let renewed_from = leaf.renew_at();
    let overdue = now.secs().saturating_sub(renewed_from.secs());
    match is_renewed {
        _ if left <= 0 => Disk::Ended { since: until },
        true if overdue > OVERDUE_S => Disk::RenewalOverdue { since: renewed_from.to_string(), until },
        true => Disk::RenewedFrom { until, from: renewed_from.to_string() },
        // One that nobody renews by itself should be replaced this long before its end.
        false if left <= ENDS_SOON_S => Disk::EndsSoon { until },
        false => Disk::Valid { until },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(from: i64, until: i64) -> Leaf {
        Leaf {
            common_name: None,
            issuer: None,
            serial: Vec::new(),
            not_before: UnixTime::from_secs(from),
            not_after: UnixTime::from_secs(until),
            public_key: Vec::new(),
            is_authority: false,
        }
    }

    #[test]
    fn a_certificate_is_judged_by_its_end_and_by_whether_it_is_renewed() {
        const DAY: i64 = 86_400;
        let leaf = leaf(0, 90 * DAY);
        let text = |days: i64| UnixTime::from_secs(days * DAY).to_string();
        let judged = |days: i64, is_renewed| judge(&leaf, UnixTime::from_secs(days * DAY), is_renewed);
        assert_eq!(judged(50, true), Disk::RenewedFrom { until: text(90), from: text(60) });
        assert_eq!(judged(61, true), Disk::RenewedFrom { until: text(90), from: text(60) });
        assert_eq!(judged(62, true), Disk::RenewalOverdue { since: text(60), until: text(90) });
        assert_eq!(judged(62, false), Disk::Valid { until: text(90) });
        assert_eq!(judged(76, false), Disk::EndsSoon { until: text(90) });
        for is_renewed in [false, true] {
            assert_eq!(judged(90, is_renewed), Disk::Ended { since: text(90) });
        }
    }
}

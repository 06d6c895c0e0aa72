//! Joining a fleet with a claim. It must not believe anything but the claim.

use till_settings::HttpBase;
use till_settings::broker::is_broker_url;
use till_settings::tls::{Roots, certificates_in};
use till_wire::fleet::{Claim, FleetKey};
use till_wire::{TerminalNumber, UnixTime};

use super::EnrolError;
use super::answer::Wanted;
use super::ask::Server;
use crate::identity::Place;

/// Who wants to join, and what it knows.
#[derive(Debug)]
pub struct Joining<'a> {
    /// Where what comes of it is kept.
    pub place: &'a Place,
    /// The keys that the terminal's own configuration trusts. When there are none, a terminal that is a member already
    /// believes the keys of its claim, and any other whoever handed it the claim.
    pub pinned: &'a [FleetKey],
    /// The number that the terminal has already, by its configuration.
    pub own: Option<TerminalNumber>,
    /// The wall clock, and whether it may be right.
    pub now: UnixTime,
    /// Whether the wall clock may be right.
    pub clock_is_plausible: bool,
}

/// Joins the fleet of a claim: makes a key, which never leaves this machine, gets a certificate for it, and keeps both.
/// After an answer that was lost, the same claim works again.
///
/// # Errors
/// See [`EnrolError`]; the terminal is then what it was before.
pub async fn join(document: &str, joining: &Joining<'_>) -> Result<Claim, EnrolError> {
    let claim = believed(document, joining)?;
    let (url, roots) = usable(&claim)?;
    let key = joining.place.key_to_ask_with(&claim.jti)?;
    let wanted =
        Wanted { url: url.as_str(), key: &key, terminal: claim.number, roots: roots.clone(), now: joining.now };
    let server = Server { url: url.as_str(), roots, identity: None };
    let chain = server.ask(Some(document.trim()), &wanted.request()?).await?;
    wanted.judge(&chain)?;
    joining.place.join(document, &claim, &key, &chain)?;
    Ok(claim)
}

/// Returns the claim, if it is to be believed here and now.
fn believed(document: &str, joining: &Joining<'_>) -> Result<Claim, EnrolError> {
    if !joining.clock_is_plausible {
        return Err(EnrolError::ClockNotSet);
    }
    // A membership that cannot be read any more binds nobody, but to the keys of the configuration.
    let member = joining.place.claim(joining.pinned).unwrap_or(None);
    let trusted = match (joining.pinned, &member) {
        ([], Some(member)) => member.trusted_keys.as_slice(),
        (pinned, _) => pinned,
    };
    let claim = match trusted {
        [] => Claim::open_by_itself(document),
        keys => Claim::open(document, keys),
    };
    let claim = claim.map_err(EnrolError::Claim)?;
    claim.must_be_alive(joining.now).map_err(EnrolError::Claim)?;
    match member.map(|member| member.number).or(joining.own).filter(|own| *own != claim.number) {
        Some(own) => Err(EnrolError::OtherTerminal { claimed: claim.number, own }),
        None => Ok(claim),
    }
}

/// Returns where the server is and whom it must be known by. What would only be found wrong at the next start of the daemon
/// is found here.
fn usable(claim: &Claim) -> Result<(HttpBase, Roots), EnrolError> {
    const HTTPS: &str = "an https:// address without user, query and fragment";
    let useless = |field, expected| EnrolError::Useless { field, expected };
    let url = HttpBase::new(&claim.enrol_url).ok_or(useless("enrol_url", HTTPS))?;
    if !is_broker_url(&claim.broker) {
        return Err(useless("broker", "an mqtts:// address without user and path"));
    }
    if claim.channels.iter().any(|channel| HttpBase::new(&channel.base_url).is_none()) {
        return Err(useless("channels", HTTPS));
    }
    let roots = certificates_in(claim.ca.as_bytes()).map_err(|_| useless("ca", "certificates in PEM form"))?;
    Ok((url, Roots::Only(roots)))
}

//! A terminal that is not enrolled yet: its display says how it is done, whatever scans or types is listened to, and a claim
//! that was taken on the command line is noticed. It sells nothing.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use till_settings::tls::whole_chain;
use till_wire::fleet::{ClaimError, SignedError};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::start::{StartError, panel_of, take_console, theme_of};
use super::watchdog::Watchdog;
use crate::clock;
use crate::config::Unenrolled;
use crate::enrol::{EnrolError, Joining, join};
use crate::input;
use crate::panel::{Notice, NoticeBoard, Obstacle};

/// How often the folder of the enrolment is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How long a person can read that it is enrolled, before the terminal goes on.
const READ: Duration = Duration::from_secs(2);

/// How many texts may wait; somebody who scans faster scans again.
const WAITING: usize = 4;

/// What a newcomer's wait ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It is enrolled: its configuration is to be read again.
    Enrolled,
    /// It was told to stop.
    Stopped,
}

/// Waits until the terminal is enrolled, or `shutdown`.
///
/// # Errors
/// When the display cannot be set up by its settings.
pub async fn await_enrolment(unenrolled: &Unenrolled, shutdown: impl Future<Output = ()>) -> Result<Ended, StartError> {
    let settings = &unenrolled.settings;
    let _console_until_the_end = take_console(&settings.display);
    let board = |panel| NoticeBoard::start(panel, theme_of(settings), settings.terminal.locale);
    let board = panel_of(settings)?.map(board).transpose().map_err(StartError::Display)?;
    let show = |notice| {
        if let Some(board) = &board {
            board.show(notice);
        }
    };
    let (typed, mut texts) = mpsc::channel(WAITING);
    // Devices are let go when this is dropped, before the terminal goes on.
    let _reading = input::read_texts(settings, &typed);
    let mut shutdown = pin!(shutdown);
    let mut watchdog = Watchdog::start(board.iter().map(|board| ("display", board.pulse())).collect());
    show(Notice::HowToEnrol);
    tracing::warn!(folder = %unenrolled.place.path().display(), "this terminal is not enrolled: scan its claim, or `tilld enrol CLAIM`");
    loop {
        watchdog.feed();
        let text = tokio::select! {
            () = &mut shutdown => return Ok(Ended::Stopped),
            text = texts.recv() => text,
            () = sleep(LOOK) => None,
        };
        if let Some(text) = text {
            show(Notice::Enrolling);
            let mut joining = pin!(enrol(unenrolled, &text));
            let joined = loop {
                watchdog.feed();
                tokio::select! {
                    () = &mut shutdown => return Ok(Ended::Stopped),
                    joined = joining.as_mut() => break joined,
                    () = sleep(LOOK) => {}
                }
            };
            if let Err(error) = joined {
                tracing::warn!(error = %whole_chain(&error), "the terminal was not enrolled");
                show(Notice::NotEnrolled(obstacle(&error)));
                continue;
            }
        }
        match unenrolled.place.claim(&unenrolled.settings.fleet.pinned) {
            Ok(None) => {}
            Ok(Some(claim)) => {
                tracing::info!(number = %claim.number, label = claim.label, "the terminal is enrolled");
                show(Notice::Enrolled { number: claim.number.to_string(), label: claim.label });
                sleep(READ).await;
                return Ok(Ended::Enrolled);
            }
            // The next start says what is wrong with it, and how to mend it.
            Err(_) => return Ok(Ended::Enrolled),
        }
    }
}

/// Joins the fleet of a claim.
async fn enrol(unenrolled: &Unenrolled, claim: &str) -> Result<(), EnrolError> {
    let joining = Joining {
        place: &unenrolled.place,
        pinned: &unenrolled.settings.fleet.pinned,
        own: unenrolled.own,
        now: clock::wall(),
        clock_is_plausible: clock::is_plausible(),
    };
    join(claim, &joining).await.map(drop)
}

/// Tells the person at the counter what stands in the way.
fn obstacle(error: &EnrolError) -> Obstacle {
    match error {
        EnrolError::Claim(ClaimError::Expired { .. }) => Obstacle::Expired,
        // A letter that was lost on its way breaks the signature.
        EnrolError::Claim(ClaimError::Signed(
            SignedError::Form { .. } | SignedError::TooLong { .. } | SignedError::Signature,
        )) => Obstacle::NoClaim,
        EnrolError::Claim(_) | EnrolError::Useless { .. } | EnrolError::OtherTerminal { .. } => Obstacle::NotForUs,
        EnrolError::ClockNotSet => Obstacle::ClockNotSet,
        EnrolError::NotReached { .. } => Obstacle::NotReached,
        EnrolError::Refused { .. } if error.passes() => Obstacle::NotReached,
        // What the server says of a claim (docs/enrolment-server.md).
        EnrolError::Refused { status: 409, .. } => Obstacle::Used,
        EnrolError::Refused { status: 403, .. } => Obstacle::Expired,
        EnrolError::Refused { status: 401, .. } => Obstacle::NotForUs,
        EnrolError::Refused { .. }
        | EnrolError::Place(_)
        | EnrolError::Answer { .. }
        | EnrolError::Request(_)
        | EnrolError::Tls(_)
        | EnrolError::Http(_) => Obstacle::Installer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P13: what the server refuses with is told as what it means.
    #[test]
    fn p13_each_refusal_is_told_in_words_of_its_own() {
        let refused = |status| obstacle(&EnrolError::Refused { url: String::new(), status, reason: String::new() });
        let [foreign, over, used, wrong, often, down] = [401, 403, 409, 422, 429, 503].map(refused);
        assert_eq!((foreign, over, used), (Obstacle::NotForUs, Obstacle::Expired, Obstacle::Used));
        assert_eq!((wrong, often, down), (Obstacle::Installer, Obstacle::NotReached, Obstacle::NotReached));
        assert_eq!(obstacle(&EnrolError::ClockNotSet), Obstacle::ClockNotSet);
        let cut = SignedError::Form { reason: String::new() };
        assert_eq!(obstacle(&EnrolError::Claim(cut.into())), Obstacle::NoClaim);
        assert_eq!(obstacle(&EnrolError::Claim(SignedError::Signature.into())), Obstacle::NoClaim);
        let unknown = SignedError::UnknownKey { kid: String::new() };
        assert_eq!(obstacle(&EnrolError::Claim(unknown.into())), Obstacle::NotForUs);
    }
}

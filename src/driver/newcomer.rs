//! A terminal that is not enrolled yet: its display says how it is done, whatever scans or types is listened to, and a claim
//! that was taken on the command line is noticed. It sells nothing.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use till_settings::tls::whole_chain;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::start::{StartError, panel_of, take_console, theme_of};
use super::watchdog::Watchdog;
use crate::clock;
use crate::config::Unenrolled;
use crate::enrol::{EnrolError, Joining, join};
use crate::input;
use crate::panel::{Notice, NoticeBoard, Remedy};

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
    let mut watchdog = Watchdog::start();
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
                show(not_enrolled(&error));
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

fn not_enrolled(error: &EnrolError) -> Notice {
    let remedy = match error {
        EnrolError::Claim(_) | EnrolError::Useless { .. } | EnrolError::OtherTerminal { .. } => Remedy::NewClaim,
        EnrolError::Refused { .. } if !error.passes() => Remedy::NewClaim,
        EnrolError::NotReached { .. } | EnrolError::Refused { .. } | EnrolError::ClockNotSet => Remedy::TryAgain,
        EnrolError::Place(_)
        | EnrolError::Answer { .. }
        | EnrolError::Request(_)
        | EnrolError::Tls(_)
        | EnrolError::Http(_) => Remedy::Installer,
    };
    Notice::NotEnrolled { remedy, reason: whole_chain(error) }
}

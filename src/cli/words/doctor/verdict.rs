//! What each finding of `till doctor` comes to. It must not know how it is told.

use super::{Counter, Disk, Net, Said, Setup, Updates};

/// What a finding comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Verdict {
    Ok,
    Fault,
    /// It could not be looked at, or there is nothing to look at.
    Skipped,
}

impl Verdict {
    /// Returns its word for programs.
    pub(in crate::cli) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Fault => "fault",
            Self::Skipped => "skipped",
        }
    }
}

impl Said {
    /// Returns what it comes to.
    pub(in crate::cli) fn verdict(&self) -> Verdict {
        match self {
            Self::Setup(said) => said.verdict(),
            Self::Net(said) => said.verdict(),
            Self::Counter(said) => said.verdict(),
            Self::Disk(said) => said.verdict(),
            Self::Updates(said) => said.verdict(),
        }
    }
}

impl Setup {
    fn verdict(&self) -> Verdict {
        match self {
            Self::InOrder { .. } | Self::Answers { .. } | Self::SameVersion { .. } => Verdict::Ok,
            Self::Broken { .. }
            | Self::NoFile { .. }
            | Self::NotEnrolled
            | Self::Silent { .. }
            | Self::OtherVersion { .. } => Verdict::Fault,
            Self::Denied { .. } | Self::Unread { .. } | Self::Unasked | Self::OneVersion { .. } => Verdict::Skipped,
        }
    }
}

impl Net {
    fn verdict(&self) -> Verdict {
        match self {
            Self::ClockAgrees { .. }
            | Self::ClockKept
            | Self::Address { .. }
            | Self::Found { .. }
            | Self::Trusted { .. }
            | Self::Reached { .. } => Verdict::Ok,
            Self::ClockNotSet { .. }
            | Self::ClockOff { .. }
            | Self::NoRoute { .. }
            | Self::NotFound { .. }
            | Self::EndsSoon { .. }
            | Self::NotReached { .. }
            | Self::NotTrusted { .. }
            | Self::WeAreRefused { .. } => Verdict::Fault,
            Self::ClockUncompared
            | Self::AllHere
            | Self::NobodyNamed
            | Self::OursUnread { .. }
            | Self::NoClock { .. }
            | Self::NotKnown { .. } => Verdict::Skipped,
        }
    }
}

impl Counter {
    fn verdict(&self) -> Verdict {
        match self {
            Self::DisplayWorks { .. } | Self::Device { .. } | Self::SoundWorks => Verdict::Ok,
            Self::DisplayBroken { .. }
            | Self::Missing { .. }
            | Self::Closed { .. }
            | Self::SoundBroken { .. }
            | Self::NoProgram { .. }
            | Self::NoCard => Verdict::Fault,
            Self::NoDisplay
            | Self::NotOurs { .. }
            | Self::NoKeypad
            | Self::NoneFound
            | Self::Silent
            | Self::NotKnown => Verdict::Skipped,
        }
    }
}

impl Disk {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Room { .. }
            | Self::Worn { .. }
            | Self::Private { .. }
            | Self::Valid { .. }
            | Self::RenewedFrom { .. } => Verdict::Ok,
            Self::LittleRoom { .. }
            | Self::ReadOnly { .. }
            | Self::Closed { .. }
            | Self::StoreBroken
            | Self::WornOut { .. }
            | Self::OpenToOthers { .. }
            | Self::Ended { .. }
            | Self::EndsSoon { .. }
            | Self::RenewalOverdue { .. }
            | Self::BrokenCertificate { .. } => Verdict::Fault,
            Self::NotOurs { .. } | Self::Unread { .. } | Self::NotKnown | Self::WearUnknown | Self::NoCertificate => {
                Verdict::Skipped
            }
        }
    }
}

impl Updates {
    fn verdict(self) -> Verdict {
        match self {
            Self::Package | Self::Slots => Verdict::Ok,
            Self::NotWatched => Verdict::Fault,
            // Nothing is wrong with a terminal that is never updated from afar.
            Self::Nobody | Self::NoInstaller | Self::NoWayBack | Self::Unread => Verdict::Skipped,
        }
    }
}

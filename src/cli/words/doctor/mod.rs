//! What `till doctor` says: which findings there are. It must not know how anything is looked
//! at.

pub(super) mod en;
mod verdict;
pub(super) mod vi;

use std::path::PathBuf;

pub(in crate::cli) use verdict::Verdict;

/// What is looked at, in the order in which it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::cli) enum Check {
    Configuration,
    Daemon,
    Versions,
    Clock,
    Network,
    Dns,
    Tls,
    Certificate,
    Display,
    Keypad,
    Sound,
    Disk,
    Permissions,
    Updates,
}

impl Check {
    /// Returns its word for programs.
    pub(in crate::cli) fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Daemon => "daemon",
            Self::Versions => "versions",
            Self::Clock => "clock",
            Self::Network => "network",
            Self::Dns => "dns",
            Self::Tls => "tls",
            Self::Certificate => "certificate",
            Self::Display => "display",
            Self::Keypad => "keypad",
            Self::Sound => "sound",
            Self::Disk => "disk",
            Self::Permissions => "permissions",
            Self::Updates => "updates",
        }
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Said {
    Setup(Setup),
    Net(Net),
    Counter(Counter),
    Disk(Disk),
    Updates(Updates),
}

/// About the configuration and the programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Setup {
    InOrder {
        file: PathBuf,
    },
    /// A line of `--check`.
    Broken {
        line: String,
    },
    /// A line that says that there is no such file, or none that can be read.
    NoFile {
        line: String,
    },
    /// A line that only says that this user may not read something.
    Denied {
        line: String,
    },
    /// A line about a secret that only the service has.
    Unread {
        line: String,
    },
    NotEnrolled,
    Answers {
        place: String,
    },
    Silent {
        why: String,
    },
    /// The configuration does not say where the daemon is.
    Unasked,
    SameVersion {
        version: String,
    },
    OtherVersion {
        till: String,
        tilld: String,
    },
    OneVersion {
        till: String,
    },
}

/// About time, network and whom the terminal talks to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Net {
    ClockNotSet {
        shows: String,
    },
    ClockOff {
        secs: i64,
        whose: String,
    },
    ClockAgrees {
        whose: String,
    },
    ClockKept,
    ClockUncompared,
    Address {
        address: String,
    },
    NoRoute {
        why: String,
    },
    /// Whatever the configuration names is on this machine.
    AllHere,
    /// The configuration names nobody that can be understood.
    NobodyNamed,
    Found {
        host: String,
        address: String,
    },
    NotFound {
        host: String,
        why: String,
    },
    Trusted {
        place: String,
        until: String,
    },
    EndsSoon {
        place: String,
        until: String,
    },
    /// Without TLS, on this machine.
    Reached {
        place: String,
    },
    NotReached {
        place: String,
        why: String,
    },
    NotTrusted {
        place: String,
        why: String,
    },
    WeAreRefused {
        place: String,
        why: String,
    },
    /// The broker wants a certificate, and ours or its key cannot be read from here.
    OursUnread {
        place: String,
    },
    /// No certificate can be judged by a clock that is not set.
    NoClock {
        place: String,
    },
    /// The configuration does not say what is needed.
    NotKnown {
        place: String,
    },
}

/// About what stands on the counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Counter {
    DisplayWorks {
        driver: String,
        size: String,
    },
    DisplayBroken {
        driver: String,
        why: String,
    },
    NoDisplay,
    Device {
        path: PathBuf,
    },
    Missing {
        path: PathBuf,
    },
    /// Nobody but root may use it.
    Closed {
        path: PathBuf,
        mode: u32,
    },
    /// This user may not use it, which does not say whether the daemon may.
    NotOurs {
        path: PathBuf,
    },
    NoKeypad,
    NoneFound,
    SoundWorks,
    SoundBroken {
        why: String,
    },
    Silent,
    NoProgram {
        name: &'static str,
    },
    NoCard,
    NotKnown,
}

/// About the disk, the files and the certificate of the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Disk {
    Room {
        path: PathBuf,
        free_mb: u64,
    },
    LittleRoom {
        path: PathBuf,
        free_mb: u64,
        least_mb: u64,
    },
    ReadOnly {
        path: PathBuf,
    },
    Closed {
        path: PathBuf,
    },
    NotOurs {
        path: PathBuf,
    },
    Unread {
        path: PathBuf,
        why: String,
    },
    /// The daemon says that its store does not work.
    StoreBroken,
    NotKnown,
    /// How much of its life a disk has had, in per cent, at most.
    Worn {
        device: String,
        percent: u8,
    },
    WornOut {
        device: String,
        percent: u8,
    },
    WearUnknown,
    Private {
        count: usize,
    },
    OpenToOthers {
        path: PathBuf,
        mode: u32,
    },
    NoCertificate,
    Valid {
        until: String,
    },
    RenewedFrom {
        until: String,
        from: String,
    },
    Ended {
        since: String,
    },
    EndsSoon {
        until: String,
    },
    RenewalOverdue {
        since: String,
        until: String,
    },
    BrokenCertificate {
        path: PathBuf,
        why: String,
    },
}

/// About updates from afar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Updates {
    /// No key is trusted, so nobody can order one.
    Nobody,
    /// Root's half is not installed.
    NoInstaller,
    /// Nobody starts root's half.
    NotWatched,
    /// An update would be refused, because there is nothing to go back to.
    NoWayBack,
    /// Only root can see whether there is a way back.
    Unread,
    Package,
    Slots,
}

/// What was found, and what to do about it; nothing where nothing is to be done.
pub(in crate::cli) type Told = (String, &'static str);

/// Everything that is said of what was found, in one language.
pub(in crate::cli) struct DoctorWords {
    pub(in crate::cli) check: fn(Check) -> &'static str,
    pub(in crate::cli) verdict: fn(Verdict) -> &'static str,
    pub(in crate::cli) setup: fn(&Setup) -> Told,
    pub(in crate::cli) net: fn(&Net) -> Told,
    pub(in crate::cli) counter: fn(&Counter) -> Told,
    pub(in crate::cli) disk: fn(&Disk) -> Told,
    pub(in crate::cli) updates: fn(Updates) -> Told,
    pub(in crate::cli) summary: fn(faults: usize) -> String,
}

impl DoctorWords {
    /// Puts a finding into words.
    pub(in crate::cli) fn told(&self, said: &Said) -> Told {
        match said {
            Said::Setup(said) => (self.setup)(said),
            Said::Net(said) => (self.net)(said),
            Said::Counter(said) => (self.counter)(said),
            Said::Disk(said) => (self.disk)(said),
            Said::Updates(said) => (self.updates)(*said),
        }
    }
}

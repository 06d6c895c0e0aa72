//! What the till knows of the fleet operator's commands: each one's fate, and what is still to be done for it. It must not
//! know how a signature is proven.

use std::collections::BTreeMap;
use std::time::Duration;

pub use till_wire::fleet::{Audience, Instruction, LogLevel, Update};
use till_wire::{CommandId, SaleId, UnixTime};

use super::time::Tick;

/// The most commands that are remembered. What comes on top while none of them may be forgotten is refused (promise P9).
pub const MAX_COMMANDS: usize = 512;
/// The longest result of a command, in bytes of JSON.
pub const MAX_RESULT: usize = 16 * 1024;
/// The most pieces that one command sends.
pub const MAX_PIECES: u32 = 64;

/// A command whose signature this terminal has verified, as far as the till judges it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCommand {
    /// What the topic calls it, which nobody has signed.
    pub topic: CommandId,
    /// Its own name.
    pub id: CommandId,
    /// Whom it is for.
    pub audience: Audience,
    /// When it was made.
    pub made: UnixTime,
    /// From when it is to be obeyed.
    pub begins: UnixTime,
    /// When it dies.
    pub expires: UnixTime,
    /// What is to be done, or why nothing can be.
    pub instruction: Result<Instruction, String>,
    /// The document itself, where another program is to prove it again. The till does not look at it.
    pub document: Option<Box<str>>,
}

/// A command that is remembered, so that it is carried out once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandRecord {
    /// Its name.
    pub id: CommandId,
    /// Its place in the order of arrival.
    pub number: u64,
    /// What is to be done; none when it is not obeyed.
    pub instruction: Option<Instruction>,
    /// Until when it is remembered at least, by the wall clock.
    pub expires: UnixTime,
    /// When it came, by the wall clock.
    pub at: UnixTime,
    /// Grows with every change.
    pub revision: u64,
    /// How far it is.
    pub stage: CommandStage,
    /// The document that was signed, as long as another program may have to prove it.
    pub document: Option<Box<str>>,
}

/// How far a command is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandStage {
    /// It is on the disk and waits for its turn.
    Received,
    /// It is being carried out.
    Running(Progress),
    /// It was carried out.
    Succeeded(CommandResult),
    /// It was not, or not wholly, and why.
    Failed(String),
    /// It is not obeyed, and why. Nothing was done.
    Rejected(String),
    /// Its time was over. Nothing was done.
    Expired,
}

/// What is going on with a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is being done.
    Begun,
    /// It is done as soon as no sale is in progress.
    AwaitsSale,
    /// It is done as soon as nothing else is on the display.
    AwaitsDisplay,
    /// It is done as soon as the broker has all sales and receipts, and no sale is in progress.
    AwaitsDelivery,
    /// So many of its pieces are with the broker.
    Sending {
        /// How many.
        sent: u32,
        /// Of how many.
        of: u32,
    },
    /// So much of what it needs is here, in hundredths.
    Fetching {
        /// How much.
        percent: u8,
    },
    /// It is in the hands of the system, which installs it.
    Installing,
}

/// What came of a command that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandResult {
    /// Nothing that could be told.
    None,
    /// The sale that it was about.
    Sale(SaleId),
    /// An object in JSON, at most [`MAX_RESULT`] bytes, as an adapter has made it.
    Json(String),
}

/// What came of something that an adapter did for a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Performed {
    /// It is done; so many pieces wait to be sent.
    Done {
        /// What came of it.
        result: CommandResult,
        /// How many pieces there are, at most [`MAX_PIECES`].
        pieces: u32,
    },
    /// So much of an update is here, in hundredths.
    Fetching(u8),
    /// An update is here, and is what it should be.
    Fetched,
    /// It could not be done, and why.
    Failed(String),
}

/// Whether the terminal makes new sales.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Service {
    /// It does.
    #[default]
    Open,
    /// The operator has shut it: what is under way is settled, and nothing new begins.
    Disabled,
}

/// All that is known of commands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commands {
    /// Those that are remembered.
    pub records: BTreeMap<CommandId, CommandRecord>,
    /// What had expired by then may be forgotten: nothing so old is obeyed, whatever a clock says.
    pub forgotten: Option<UnixTime>,
    /// Those that are to be carried out and are not, in order of arrival.
    pub waiting: Vec<WaitingCommand>,
    /// The one that an adapter is busy with.
    pub job: Option<CommandJob>,
    /// The update that is under way; others wait for it.
    pub update: Option<UpdateJob>,
    /// What is to be seen while nobody pays.
    pub notice: Option<CommandNotice>,
    /// When the log goes back to its usual level.
    pub log_until: Option<Tick>,
    /// Whether new sales are made.
    pub service: Service,
    /// When this process began.
    pub started: Tick,
    /// The command that this process ends with, and when it does although nobody has heard of that.
    pub leave: Option<(CommandId, Tick)>,
}

/// A command that is to be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingCommand {
    /// Which.
    pub id: CommandId,
    /// From when: others may hear first that it is here.
    pub from: Tick,
    /// When its time is over.
    pub until: Tick,
}

/// A command that an adapter is busy with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandJob {
    /// Which.
    pub id: CommandId,
    /// When it is given up.
    pub until: Tick,
    /// What is to be sent, once it is there.
    pub pieces: Option<Pieces>,
}

/// An update that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpdateJob {
    /// By which command.
    pub id: CommandId,
    /// How far it is.
    pub phase: UpdatePhase,
    /// When it is given up.
    pub until: Tick,
}

/// How far an update is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdatePhase {
    /// It is being fetched.
    Fetching,
    /// It waits until nothing is sold.
    Fetched,
    /// The system installs it.
    Installing,
}

/// Pieces on their way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pieces {
    /// How many the broker has taken.
    pub sent: u32,
    /// Of how many.
    pub of: u32,
    /// What is told when it has all.
    pub result: CommandResult,
}

/// What an operator wants seen while nobody pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandNotice {
    /// By which command.
    pub id: CommandId,
    /// What.
    pub what: NoticeKind,
    /// When it leaves the display.
    pub until: Tick,
}

/// What can be seen by command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// Which terminal this is.
    Identity,
    /// A text.
    Text(String),
}

impl CommandStage {
    /// Tells whether nothing more comes of it.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Received | Self::Running(_) => false,
            Self::Succeeded(_) | Self::Failed(_) | Self::Rejected(_) | Self::Expired => true,
        }
    }
}

/// How long after its arrival a command is begun, so that others may hear of the one before the other.
pub(super) const BEGIN_AFTER: Duration = Duration::from_millis(100);
/// How long an adapter may take.
pub(super) const JOB: Duration = Duration::from_secs(60);
/// How long the broker may take for all pieces.
pub(super) const SENDING: Duration = Duration::from_secs(600);
/// How long the system may take to install an update, and to go back to what was there.
pub(super) const INSTALLING: Duration = Duration::from_secs(3600);
/// How long a terminal that is wiped waits for somebody to hear of it.
pub(super) const LAST_WORD: Duration = Duration::from_secs(10);
/// How long a terminal shows which one it is.
pub(super) const IDENTIFY: Duration = Duration::from_secs(10);
/// The longest that a command waits: as long as it can live.
pub(super) const LONGEST_LIFE_MS: i64 = till_wire::fleet::MAX_LIFE_S * 1000;
/// How far the operator's clock may be ahead of ours.
pub(super) const CLOCKS_DIFFER_MS: i64 = 60 * 1000;

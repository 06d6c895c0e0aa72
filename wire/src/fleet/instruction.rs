//! What a terminal can be told to do, by names and arguments as they stand in a command. Each has the arguments that are
//! listed here and no others. It must not know how anything is done.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::update::{Update, UpdateArguments};
use crate::ids::{SaleId, TerminalNumber};
use crate::text::{bounded, shown};

/// The longest text for the display, in characters.
pub const MAX_TEXT: usize = 200;
/// How long a text is shown when nobody says, and at most.
const SHOWN_S: u32 = 60;
const MAX_SHOWN_S: u32 = 3600;
/// The longest that the log keeps another level, in minutes: a week.
const MAX_LEVEL_MIN: u32 = 7 * 24 * 60;
/// How far back the log is collected when nobody says, and at most, in minutes.
const LOGGED_MIN: u32 = 60;
const MAX_LOGGED_MIN: u32 = 7 * 24 * 60;

/// Something that a terminal is told to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instruction {
    /// Show at the counter which terminal this is: the display flashes, and a chime sounds.
    Identify,
    /// Show a text while nobody pays.
    ShowMessage {
        /// What: 1 to [`MAX_TEXT`] characters on one line.
        text: String,
        /// For so many seconds.
        seconds: u32,
    },
    /// Cancel a sale as the cashier does.
    CancelSale {
        /// Which; the one that is open when none is named.
        sale: Option<SaleId>,
    },
    /// Tell what a day comes to.
    Report {
        /// Which, as `2026-11-29`; today when none is named.
        day: Option<String>,
    },
    /// Write log lines of this level and above.
    SetLogLevel {
        /// Which level.
        level: LogLevel,
        /// For so many minutes; until the next start when nobody says.
        minutes: Option<u32>,
    },
    /// End and be started again.
    Restart,
    /// Make no new sales.
    Disable,
    /// Make sales again.
    Enable,
    /// Send what the display shows.
    Screenshot,
    /// Send what is known of how the terminal is doing.
    Diagnose,
    /// Send the system's log of the terminal's services.
    CollectLogs {
        /// Of so many minutes until now.
        minutes: u32,
    },
    /// Forget sales and membership, once others have them, and sell nothing more.
    Wipe {
        /// The terminal's own number, so that no slip wipes another one.
        confirm: TerminalNumber,
    },
    /// Fetch an update, and have it installed while nothing is sold.
    Update(Box<Update>),
}

/// A level of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// We stop.
    Error,
    /// Someone should look.
    Warn,
    /// Something changed that a shopkeeper would notice.
    Info,
    /// What helps to find a fault.
    Debug,
    /// Everything.
    Trace,
}

/// Why nothing can be done by a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InstructionError {
    /// No terminal knows it.
    #[error("unknown command `{name}`")]
    Unknown {
        /// Its name, cut to forty characters.
        name: String,
    },
    /// Its arguments are not those that it has.
    #[error("`{name}` cannot be done with these arguments: {reason}")]
    Arguments {
        /// Its name.
        name: &'static str,
        /// What is wrong with them, on one short line.
        reason: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoArguments {}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageArguments {
    text: String,
    #[serde(default = "shown_s")]
    seconds: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SaleArguments {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sale: Option<SaleId>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DayArguments {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    day: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LevelArguments {
    level: LogLevel,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    minutes: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogArguments {
    #[serde(default = "logged_min")]
    minutes: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WipeArguments {
    confirm: Number,
}

/// A terminal's number, as a number or as its seven digits.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Number {
    Value(TerminalNumber),
    Digits(String),
}

fn shown_s() -> u32 {
    SHOWN_S
}

fn logged_min() -> u32 {
    LOGGED_MIN
}

impl LogLevel {
    /// Returns the word that stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl Instruction {
    /// Tells whether it takes nothing away, stops nothing, changes nothing, and shows no words that could mislead a customer: such
    /// a command is obeyed also when it is signed by a key that is trusted with no other, as a console's is.
    pub const fn is_harmless(&self) -> bool {
        match self {
            Self::Identify | Self::Report { .. } | Self::Screenshot | Self::Diagnose | Self::CollectLogs { .. } => true,
            Self::ShowMessage { .. }
            | Self::CancelSale { .. }
            | Self::SetLogLevel { .. }
            | Self::Restart
            | Self::Disable
            | Self::Enable
            | Self::Wipe { .. }
            | Self::Update(_) => false,
        }
    }

    /// Reads what a command's `cmd` and `args` say.
    ///
    /// # Errors
    /// When there is no such command, or it has other arguments.
    pub fn parse(cmd: &str, args: &Map<String, Value>) -> Result<Self, InstructionError> {
        let none = |name, instruction| read::<NoArguments>(name, args).map(|_| instruction);
        match cmd {
            "identify" => none("identify", Self::Identify),
            "show-message" => message(args),
            "cancel-sale" => read("cancel-sale", args).map(|SaleArguments { sale }| Self::CancelSale { sale }),
            "report" => read("report", args).and_then(|DayArguments { day }| report(day)),
            "set-log-level" => level(args),
            "restart" => none("restart", Self::Restart),
            "disable" => none("disable", Self::Disable),
            "enable" => none("enable", Self::Enable),
            "screenshot" => none("screenshot", Self::Screenshot),
            "diagnose" => none("diagnose", Self::Diagnose),
            "collect-logs" => logs(args),
            "wipe" => wipe(args),
            "update" => update(args),
            other => Err(InstructionError::Unknown { name: shown(other) }),
        }
    }

    /// The names of all commands.
    pub const NAMES: [&str; 13] = [
        "identify",
        "show-message",
        "cancel-sale",
        "report",
        "set-log-level",
        "restart",
        "disable",
        "enable",
        "screenshot",
        "diagnose",
        "collect-logs",
        "wipe",
        "update",
    ];

    /// Returns the command's name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Identify => "identify",
            Self::ShowMessage { .. } => "show-message",
            Self::CancelSale { .. } => "cancel-sale",
            Self::Report { .. } => "report",
            Self::SetLogLevel { .. } => "set-log-level",
            Self::Restart => "restart",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Screenshot => "screenshot",
            Self::Diagnose => "diagnose",
            Self::CollectLogs { .. } => "collect-logs",
            Self::Wipe { .. } => "wipe",
            Self::Update(_) => "update",
        }
    }

    /// Returns the arguments, as [`Instruction::parse`] reads them back.
    pub fn arguments(&self) -> Map<String, Value> {
        let written = match self {
            Self::Identify | Self::Restart | Self::Disable | Self::Enable | Self::Screenshot | Self::Diagnose => {
                serde_json::to_value(NoArguments {})
            }
            Self::ShowMessage { text, seconds } => {
                serde_json::to_value(MessageArguments { text: text.clone(), seconds: *seconds })
            }
            Self::CancelSale { sale } => serde_json::to_value(SaleArguments { sale: *sale }),
            Self::Report { day } => serde_json::to_value(DayArguments { day: day.clone() }),
            Self::SetLogLevel { level, minutes } => {
                serde_json::to_value(LevelArguments { level: *level, minutes: *minutes })
            }
            Self::CollectLogs { minutes } => serde_json::to_value(LogArguments { minutes: *minutes }),
            Self::Wipe { confirm } => serde_json::to_value(WipeArguments { confirm: Number::Value(*confirm) }),
            Self::Update(update) => serde_json::to_value(UpdateArguments::from(update.as_ref())),
        };
        // Structs of texts and numbers are objects in JSON.
        written.ok().and_then(|value| value.as_object().cloned()).unwrap_or_default()
    }
}

fn message(args: &Map<String, Value>) -> Result<Instruction, InstructionError> {
    let name = "show-message";
    let MessageArguments { text, seconds } = read(name, args)?;
    let length = text.chars().count();
    if !(1..=MAX_TEXT).contains(&length) || text.trim().is_empty() || text.chars().any(char::is_control) {
        return refused(name, "`text` must be 1 to 200 characters on one line");
    }
    bound(name, "`seconds` must be 1 to 3600", (1..=MAX_SHOWN_S).contains(&seconds))?;
    Ok(Instruction::ShowMessage { text, seconds })
}

fn report(day: Option<String>) -> Result<Instruction, InstructionError> {
    let is_day = |day: &String| {
        let shape = day.bytes().map(|byte| if byte.is_ascii_digit() { b'd' } else { byte });
        shape.eq(*b"dddd-dd-dd")
    };
    bound("report", "`day` must be a day such as 2026-11-29", day.as_ref().is_none_or(is_day))?;
    Ok(Instruction::Report { day })
}

fn level(args: &Map<String, Value>) -> Result<Instruction, InstructionError> {
    let name = "set-log-level";
    let LevelArguments { level, minutes } = read(name, args)?;
    let fits = minutes.is_none_or(|minutes| (1..=MAX_LEVEL_MIN).contains(&minutes));
    bound(name, "`minutes` must be 1 to 10080", fits)?;
    Ok(Instruction::SetLogLevel { level, minutes })
}

fn logs(args: &Map<String, Value>) -> Result<Instruction, InstructionError> {
    let LogArguments { minutes } = read("collect-logs", args)?;
    bound("collect-logs", "`minutes` must be 1 to 10080", (1..=MAX_LOGGED_MIN).contains(&minutes))?;
    Ok(Instruction::CollectLogs { minutes })
}

fn wipe(args: &Map<String, Value>) -> Result<Instruction, InstructionError> {
    let WipeArguments { confirm } = read("wipe", args)?;
    let confirm = match confirm {
        Number::Value(number) => Some(number),
        Number::Digits(text) => text.parse().ok(),
    };
    let missing = "`confirm` must be the terminal's own number";
    confirm.map_or_else(|| refused("wipe", missing), |confirm| Ok(Instruction::Wipe { confirm }))
}

fn update(args: &Map<String, Value>) -> Result<Instruction, InstructionError> {
    let read: UpdateArguments = read("update", args)?;
    match Update::try_from(read) {
        Ok(update) => Ok(Instruction::Update(Box::new(update))),
        Err(reason) => refused("update", &reason),
    }
}

fn read<T: DeserializeOwned>(name: &'static str, args: &Map<String, Value>) -> Result<T, InstructionError> {
    let read = serde_json::from_value(Value::Object(args.clone()));
    read.map_err(|error| InstructionError::Arguments { name, reason: bounded(&error.to_string(), 120) })
}

fn bound(name: &'static str, rule: &str, holds: bool) -> Result<(), InstructionError> {
    if holds { Ok(()) } else { refused(name, rule) }
}

fn refused<T>(name: &'static str, rule: &str) -> Result<T, InstructionError> {
    Err(InstructionError::Arguments { name, reason: rule.to_owned() })
}

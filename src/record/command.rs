//! A command as it lies on disk. What is to be done has the names and arguments of the wire, so that there is one form of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use till_wire::fleet::Instruction;
use till_wire::{CommandId, SaleId, UnixTime};

use super::parts::{Wall, words};
use crate::till::{CommandRecord, CommandResult, CommandStage, Progress, Service};

words!(ServiceOnDisk = Service { Open, Disabled });

/// A command.
#[derive(Serialize, Deserialize)]
pub(crate) struct CommandOnDisk {
    id: CommandId,
    number: u64,
    instruction: Option<InstructionOnDisk>,
    expires: Wall,
    at: Wall,
    revision: u64,
    stage: StageOnDisk,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    document: Option<Box<str>>,
}

/// What is to be done.
#[derive(Serialize, Deserialize)]
pub(crate) struct InstructionOnDisk {
    cmd: String,
    args: Map<String, Value>,
}

/// How far a command is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StageOnDisk {
    Received,
    Running(ProgressOnDisk),
    Succeeded(ResultOnDisk),
    Failed(String),
    Rejected(String),
    Expired,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProgressOnDisk {
    Begun,
    AwaitsSale,
    AwaitsDisplay,
    AwaitsDelivery,
    Sending { sent: u32, of: u32 },
    Fetching { percent: u8 },
    Installing,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ResultOnDisk {
    None,
    Sale(SaleId),
    Json(String),
}

impl From<&CommandRecord> for CommandOnDisk {
    fn from(record: &CommandRecord) -> Self {
        Self {
            id: record.id,
            number: record.number,
            instruction: record.instruction.as_ref().map(InstructionOnDisk::from),
            expires: record.expires.into(),
            at: record.at.into(),
            revision: record.revision,
            stage: (&record.stage).into(),
            document: record.document.clone(),
        }
    }
}

/// What a newer program can do and this one cannot is not done.
impl From<CommandOnDisk> for CommandRecord {
    fn from(disk: CommandOnDisk) -> Self {
        Self {
            id: disk.id,
            number: disk.number,
            instruction: disk.instruction.and_then(InstructionOnDisk::read),
            expires: UnixTime::from(disk.expires),
            at: UnixTime::from(disk.at),
            revision: disk.revision,
            stage: disk.stage.into(),
            document: disk.document,
        }
    }
}

impl From<&Instruction> for InstructionOnDisk {
    fn from(instruction: &Instruction) -> Self {
        Self { cmd: instruction.name().to_owned(), args: instruction.arguments() }
    }
}

impl InstructionOnDisk {
    /// Returns what is to be done, if this program can do it.
    pub(crate) fn read(self) -> Option<Instruction> {
        Instruction::parse(&self.cmd, &self.args).ok()
    }
}

impl From<&CommandStage> for StageOnDisk {
    fn from(stage: &CommandStage) -> Self {
        match stage {
            CommandStage::Received => Self::Received,
            CommandStage::Running(progress) => Self::Running((*progress).into()),
            CommandStage::Succeeded(result) => Self::Succeeded(result.into()),
            CommandStage::Failed(reason) => Self::Failed(reason.clone()),
            CommandStage::Rejected(reason) => Self::Rejected(reason.clone()),
            CommandStage::Expired => Self::Expired,
        }
    }
}

impl From<StageOnDisk> for CommandStage {
    fn from(disk: StageOnDisk) -> Self {
        match disk {
            StageOnDisk::Received => Self::Received,
            StageOnDisk::Running(progress) => Self::Running(progress.into()),
            StageOnDisk::Succeeded(result) => Self::Succeeded(result.into()),
            StageOnDisk::Failed(reason) => Self::Failed(reason),
            StageOnDisk::Rejected(reason) => Self::Rejected(reason),
            StageOnDisk::Expired => Self::Expired,
        }
    }
}

impl From<Progress> for ProgressOnDisk {
    fn from(progress: Progress) -> Self {
        match progress {
            Progress::Begun => Self::Begun,
            Progress::AwaitsSale => Self::AwaitsSale,
            Progress::AwaitsDisplay => Self::AwaitsDisplay,
            Progress::AwaitsDelivery => Self::AwaitsDelivery,
            Progress::Sending { sent, of } => Self::Sending { sent, of },
            Progress::Fetching { percent } => Self::Fetching { percent },
            Progress::Installing => Self::Installing,
        }
    }
}

impl From<ProgressOnDisk> for Progress {
    fn from(disk: ProgressOnDisk) -> Self {
        match disk {
            ProgressOnDisk::Begun => Self::Begun,
            ProgressOnDisk::AwaitsSale => Self::AwaitsSale,
            ProgressOnDisk::AwaitsDisplay => Self::AwaitsDisplay,
            ProgressOnDisk::AwaitsDelivery => Self::AwaitsDelivery,
            ProgressOnDisk::Sending { sent, of } => Self::Sending { sent, of },
            ProgressOnDisk::Fetching { percent } => Self::Fetching { percent },
            ProgressOnDisk::Installing => Self::Installing,
        }
    }
}

impl From<&CommandResult> for ResultOnDisk {
    fn from(result: &CommandResult) -> Self {
        match result {
            CommandResult::None => Self::None,
            CommandResult::Sale(sale) => Self::Sale(*sale),
            CommandResult::Json(text) => Self::Json(text.clone()),
        }
    }
}

impl From<ResultOnDisk> for CommandResult {
    fn from(disk: ResultOnDisk) -> Self {
        match disk {
            ResultOnDisk::None => Self::None,
            ResultOnDisk::Sale(sale) => Self::Sale(sale),
            ResultOnDisk::Json(text) => Self::Json(text),
        }
    }
}

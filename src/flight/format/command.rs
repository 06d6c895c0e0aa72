//! Commands and what comes of them, as parts of lines. It must not know how they are judged.

use serde::{Deserialize, Serialize};
use till_wire::CommandId;
use till_wire::fleet::Audience;

use crate::record::{InstructionOnDisk, ResultOnDisk, ServiceOnDisk, Wall};
use crate::till::{
    CommandJob, CommandNotice, CommandResult, Commands, NoticeKind, Performed, Pieces, SignedCommand, Tick, UpdateJob,
    UpdatePhase, WaitingCommand,
};

/// A command; its document, and why nothing can be done by it, are left out.
#[derive(Serialize, Deserialize)]
pub(in crate::flight) struct SignedLine {
    topic: CommandId,
    id: CommandId,
    audience: Audience,
    made: Wall,
    begins: Wall,
    expires: Wall,
    instruction: Option<InstructionOnDisk>,
}

/// What came of something that was done for a command; its words are left out.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::flight) enum PerformedLine {
    Done { result: ResultOnDisk, pieces: u32 },
    Fetching(u8),
    Fetched,
    Failed,
}

/// What is known of commands beside their records.
#[derive(Default, Serialize, Deserialize)]
pub(in crate::flight) struct CommandsLine {
    forgotten: Option<Wall>,
    waiting: Vec<(CommandId, u64, u64)>,
    job: Option<JobLine>,
    notice: Option<NoticeLine>,
    log_until: Option<u64>,
    service: Option<ServiceOnDisk>,
    #[serde(default)]
    started: u64,
    #[serde(default)]
    leave: Option<(CommandId, u64)>,
    #[serde(default)]
    update: Option<(CommandId, PhaseLine, u64)>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PhaseLine {
    Fetching,
    Fetched,
    Installing,
}

#[derive(Serialize, Deserialize)]
struct JobLine {
    id: CommandId,
    until: u64,
    /// How many of how many pieces are sent.
    pieces: Option<(u32, u32)>,
}

/// The text of a message is left out.
#[derive(Serialize, Deserialize)]
struct NoticeLine {
    id: CommandId,
    what: KindLine,
    until: u64,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindLine {
    Identity,
    Text,
}

impl From<&SignedCommand> for SignedLine {
    fn from(command: &SignedCommand) -> Self {
        Self {
            topic: command.topic,
            id: command.id,
            audience: command.audience.clone(),
            made: command.made.into(),
            begins: command.begins.into(),
            expires: command.expires.into(),
            instruction: command.instruction.as_ref().ok().map(InstructionOnDisk::from),
        }
    }
}

impl From<SignedLine> for SignedCommand {
    fn from(line: SignedLine) -> Self {
        Self {
            topic: line.topic,
            id: line.id,
            audience: line.audience,
            made: line.made.into(),
            begins: line.begins.into(),
            expires: line.expires.into(),
            instruction: line.instruction.and_then(InstructionOnDisk::read).ok_or_else(String::new),
            document: None,
        }
    }
}

impl From<&Performed> for PerformedLine {
    fn from(performed: &Performed) -> Self {
        match performed {
            Performed::Done { result, pieces } => Self::Done { result: result.into(), pieces: *pieces },
            Performed::Fetching(percent) => Self::Fetching(*percent),
            Performed::Fetched => Self::Fetched,
            Performed::Failed(_) => Self::Failed,
        }
    }
}

impl From<PerformedLine> for Performed {
    fn from(line: PerformedLine) -> Self {
        match line {
            PerformedLine::Done { result, pieces } => Self::Done { result: result.into(), pieces },
            PerformedLine::Fetching(percent) => Self::Fetching(percent),
            PerformedLine::Fetched => Self::Fetched,
            PerformedLine::Failed => Self::Failed(String::new()),
        }
    }
}

impl From<&Commands> for CommandsLine {
    fn from(commands: &Commands) -> Self {
        // A new field must find its place here.
        let Commands { records: _, forgotten, waiting, job, update, notice, log_until, service, started, leave } =
            commands;
        let turn = |it: &WaitingCommand| (it.id, it.from.0, it.until.0);
        Self {
            forgotten: forgotten.map(Wall::from),
            waiting: waiting.iter().map(turn).collect(),
            job: job.as_ref().map(JobLine::from),
            notice: notice.as_ref().map(NoticeLine::from),
            log_until: log_until.map(|tick| tick.0),
            service: Some((*service).into()),
            started: started.0,
            leave: leave.map(|(id, until)| (id, until.0)),
            update: update.map(|job| (job.id, job.phase.into(), job.until.0)),
        }
    }
}

/// The records are lines of their own and come in later.
impl From<CommandsLine> for Commands {
    fn from(line: CommandsLine) -> Self {
        let turn =
            |(id, from, until): (CommandId, u64, u64)| WaitingCommand { id, from: Tick(from), until: Tick(until) };
        Self {
            records: std::collections::BTreeMap::new(),
            forgotten: line.forgotten.map(Into::into),
            waiting: line.waiting.into_iter().map(turn).collect(),
            job: line.job.map(CommandJob::from),
            notice: line.notice.map(CommandNotice::from),
            log_until: line.log_until.map(Tick),
            service: line.service.map(Into::into).unwrap_or_default(),
            started: Tick(line.started),
            leave: line.leave.map(|(id, until)| (id, Tick(until))),
            update: line.update.map(|(id, phase, until)| UpdateJob { id, phase: phase.into(), until: Tick(until) }),
        }
    }
}

impl From<UpdatePhase> for PhaseLine {
    fn from(phase: UpdatePhase) -> Self {
        match phase {
            UpdatePhase::Fetching => Self::Fetching,
            UpdatePhase::Fetched => Self::Fetched,
            UpdatePhase::Installing => Self::Installing,
        }
    }
}

impl From<PhaseLine> for UpdatePhase {
    fn from(line: PhaseLine) -> Self {
        match line {
            PhaseLine::Fetching => Self::Fetching,
            PhaseLine::Fetched => Self::Fetched,
            PhaseLine::Installing => Self::Installing,
        }
    }
}

impl From<&CommandJob> for JobLine {
    fn from(job: &CommandJob) -> Self {
        let pieces = job.pieces.as_ref().map(|pieces| (pieces.sent, pieces.of));
        Self { id: job.id, until: job.until.0, pieces }
    }
}

impl From<JobLine> for CommandJob {
    fn from(line: JobLine) -> Self {
        let pieces = line.pieces.map(|(sent, of)| Pieces { sent, of, result: CommandResult::None });
        Self { id: line.id, until: Tick(line.until), pieces }
    }
}

impl From<&CommandNotice> for NoticeLine {
    fn from(notice: &CommandNotice) -> Self {
        let what = match notice.what {
            NoticeKind::Identity => KindLine::Identity,
            NoticeKind::Text(_) => KindLine::Text,
        };
        Self { id: notice.id, what, until: notice.until.0 }
    }
}

impl From<NoticeLine> for CommandNotice {
    fn from(line: NoticeLine) -> Self {
        let what = match line.what {
            KindLine::Identity => NoticeKind::Identity,
            KindLine::Text => NoticeKind::Text(String::new()),
        };
        Self { id: line.id, what, until: Tick(line.until) }
    }
}

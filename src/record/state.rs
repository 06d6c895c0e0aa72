//! Where a sale stands, as it lies on disk.

use serde::{Deserialize, Serialize};

use super::parts::words;
use crate::till::{
    AskId, Ending, Failure, FailureCode, Generation, Patience, Poll, RefusalCause, RequestStep, SeenAs, Stage, State,
    Tick,
};

/// A state with what only that state knows.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StateOnDisk {
    Requesting { patience: PatienceOnDisk, step: StepOnDisk },
    Drawing { generation: u64, until: u64 },
    Showing { expires: u64, next: u64, busy_until: Option<u64> },
    LastQuestion { generation: u64, until: u64, ask: u64 },
    Cancelling { generation: u64, until: u64 },
    Offline { stage: StageOnDisk, until: u64 },
    Closing { ending: EndingOnDisk, seen_as: SeenAsOnDisk, generation: u64, until: u64 },
    Ended(EndingOnDisk),
}

words!(SeenAsOnDisk = SeenAs { Requesting, Showing, Cancelling });
words!(CauseOnDisk = RefusalCause { Unsaid, Access, Channel, Order });

/// The version before did not know causes.
impl Default for CauseOnDisk {
    fn default() -> Self {
        Self::Unsaid
    }
}

impl From<&State> for StateOnDisk {
    fn from(state: &State) -> Self {
        match state {
            State::Requesting { patience, step } => {
                Self::Requesting { patience: (*patience).into(), step: (*step).into() }
            }
            State::Drawing { generation, until } => Self::Drawing { generation: generation.0, until: until.0 },
            State::Showing { expires, poll } => {
                Self::Showing { expires: expires.0, next: poll.next.0, busy_until: poll.busy_until.map(|tick| tick.0) }
            }
            State::LastQuestion { generation, until, ask } => {
                Self::LastQuestion { generation: generation.0, until: until.0, ask: ask.0 }
            }
            State::Cancelling { generation, until } => Self::Cancelling { generation: generation.0, until: until.0 },
            State::Offline { stage, until } => Self::Offline { stage: (*stage).into(), until: until.0 },
            State::Closing { ending, seen_as, generation, until } => Self::Closing {
                ending: ending.into(),
                seen_as: (*seen_as).into(),
                generation: generation.0,
                until: until.0,
            },
            State::Ended(ending) => Self::Ended(ending.into()),
        }
    }
}

impl From<StateOnDisk> for State {
    fn from(disk: StateOnDisk) -> Self {
        match disk {
            StateOnDisk::Requesting { patience, step } => {
                Self::Requesting { patience: patience.into(), step: step.into() }
            }
            StateOnDisk::Drawing { generation, until } => {
                Self::Drawing { generation: Generation(generation), until: Tick(until) }
            }
            StateOnDisk::Showing { expires, next, busy_until } => Self::Showing {
                expires: Tick(expires),
                poll: Poll { next: Tick(next), busy_until: busy_until.map(Tick) },
            },
            StateOnDisk::LastQuestion { generation, until, ask } => {
                Self::LastQuestion { generation: Generation(generation), until: Tick(until), ask: AskId(ask) }
            }
            StateOnDisk::Cancelling { generation, until } => {
                Self::Cancelling { generation: Generation(generation), until: Tick(until) }
            }
            StateOnDisk::Offline { stage, until } => Self::Offline { stage: stage.into(), until: Tick(until) },
            StateOnDisk::Closing { ending, seen_as, generation, until } => Self::Closing {
                ending: ending.into(),
                seen_as: seen_as.into(),
                generation: Generation(generation),
                until: Tick(until),
            },
            StateOnDisk::Ended(ending) => Self::Ended(ending.into()),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StageOnDisk {
    Shown { expires: u64 },
    Leaving { generation: u64, gone: u64 },
    Away { note: u64 },
}

impl From<Stage> for StageOnDisk {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Shown { expires } => Self::Shown { expires: expires.0 },
            Stage::Leaving { generation, gone } => Self::Leaving { generation: generation.0, gone: gone.0 },
            Stage::Away { note } => Self::Away { note: note.0 },
        }
    }
}

impl From<StageOnDisk> for Stage {
    fn from(disk: StageOnDisk) -> Self {
        match disk {
            StageOnDisk::Shown { expires } => Self::Shown { expires: Tick(expires) },
            StageOnDisk::Leaving { generation, gone } => {
                Self::Leaving { generation: Generation(generation), gone: Tick(gone) }
            }
            StageOnDisk::Away { note } => Self::Away { note: Tick(note) },
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PatienceOnDisk {
    Provider(u64),
    Network(u64),
}

impl From<Patience> for PatienceOnDisk {
    fn from(patience: Patience) -> Self {
        match patience {
            Patience::Provider(until) => Self::Provider(until.0),
            Patience::Network(until) => Self::Network(until.0),
        }
    }
}

impl From<PatienceOnDisk> for Patience {
    fn from(disk: PatienceOnDisk) -> Self {
        match disk {
            PatienceOnDisk::Provider(until) => Self::Provider(Tick(until)),
            PatienceOnDisk::Network(until) => Self::Network(Tick(until)),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StepOnDisk {
    Create(u64),
    Creating,
    Find(u64),
    Finding,
    Start(u64),
    Starting,
    Await(u64),
}

impl From<RequestStep> for StepOnDisk {
    fn from(step: RequestStep) -> Self {
        match step {
            RequestStep::Create(at) => Self::Create(at.0),
            RequestStep::Creating => Self::Creating,
            RequestStep::Find(at) => Self::Find(at.0),
            RequestStep::Finding => Self::Finding,
            RequestStep::Start(at) => Self::Start(at.0),
            RequestStep::Starting => Self::Starting,
            RequestStep::Await(at) => Self::Await(at.0),
        }
    }
}

impl From<StepOnDisk> for RequestStep {
    fn from(disk: StepOnDisk) -> Self {
        match disk {
            StepOnDisk::Create(at) => Self::Create(Tick(at)),
            StepOnDisk::Creating => Self::Creating,
            StepOnDisk::Find(at) => Self::Find(Tick(at)),
            StepOnDisk::Finding => Self::Finding,
            StepOnDisk::Start(at) => Self::Start(Tick(at)),
            StepOnDisk::Starting => Self::Starting,
            StepOnDisk::Await(at) => Self::Await(Tick(at)),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EndingOnDisk {
    Paid,
    Cancelled(Option<FailureOnDisk>),
    Expired(Option<FailureOnDisk>),
    Failed(FailureOnDisk),
}

impl From<&Ending> for EndingOnDisk {
    fn from(ending: &Ending) -> Self {
        match ending {
            Ending::Paid => Self::Paid,
            Ending::Cancelled(why) => Self::Cancelled(why.as_ref().map(FailureOnDisk::from)),
            Ending::Expired(why) => Self::Expired(why.as_ref().map(FailureOnDisk::from)),
            Ending::Failed(why) => Self::Failed(why.into()),
        }
    }
}

impl From<EndingOnDisk> for Ending {
    fn from(disk: EndingOnDisk) -> Self {
        match disk {
            EndingOnDisk::Paid => Self::Paid,
            EndingOnDisk::Cancelled(why) => Self::Cancelled(why.map(Failure::from)),
            EndingOnDisk::Expired(why) => Self::Expired(why.map(Failure::from)),
            EndingOnDisk::Failed(why) => Self::Failed(why.into()),
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct FailureOnDisk {
    code: FailureCode,
    message: String,
    #[serde(default)]
    cause: CauseOnDisk,
    #[serde(default)]
    provider_code: Option<String>,
}

impl From<&Failure> for FailureOnDisk {
    fn from(failure: &Failure) -> Self {
        let Failure { code, message, cause, provider_code } = failure.clone();
        Self { code, message, cause: cause.into(), provider_code }
    }
}

impl From<FailureOnDisk> for Failure {
    fn from(disk: FailureOnDisk) -> Self {
        let FailureOnDisk { code, message, cause, provider_code } = disk;
        Self { code, message, cause: cause.into(), provider_code }
    }
}

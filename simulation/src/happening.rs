//! Everything that can happen in a world, as it waits in its queue. It must not know what comes of it.

use till_wire::{CommandId, OrderRef};
use tilld::till::{Event, Performed, ProviderId, Subject};

use crate::bridge::{Hook, Presence};
use crate::broker::Link;
use crate::calls::Call;
use crate::glocal::Next;
use crate::panel::Health;
use crate::plan::{Kind, Weather};

/// One thing that will happen.
#[derive(Debug)]
pub(crate) enum Happening {
    /// A request reaches the provider; its answer, if one is to come, takes so long.
    Hear {
        call: Call,
        answer: Option<u64>,
    },
    /// An answer reaches the till that asked.
    Answer {
        till: u64,
        event: Box<Event>,
    },
    Pay {
        id: ProviderId,
        amount: u64,
    },
    /// Money comes into the account of the codes made here, with the purpose of an order.
    PayAccount {
        order: OrderRef,
        amount: u64,
    },
    PaySomethingElse {
        kind: Kind,
        order: OrderRef,
        amount: u64,
    },
    NoPayment {
        kind: Kind,
        order: OrderRef,
    },
    /// A session of Smart Glocal takes its next step.
    Session {
        id: ProviderId,
        next: Next,
    },
    /// A provider calls the bridge, after so many vain tries.
    Call {
        hook: Hook,
        tries: usize,
    },
    /// A replica publishes an entry of its journal that the broker has not had.
    Forward {
        replica: usize,
        entry: usize,
    },
    /// A replica has heard a wish for a replay.
    Replay {
        replica: usize,
        since: u64,
    },
    Bridge {
        replica: usize,
        presence: Presence,
    },
    Deliver {
        connection: u64,
        number: u64,
    },
    Published {
        connection: u64,
        subject: Subject,
        revision: u64,
    },
    Puback {
        life: u64,
        connection: u64,
        subject: Subject,
        revision: u64,
    },
    Link(Link),
    Weather(Weather),
    Paint {
        life: u64,
    },
    Panel(Health),
    Counter,
    /// The cashier types on after a scan.
    Fingers,
    /// The fleet's operator, or somebody in his place, commands something.
    Operator,
    /// The operator opens the terminal.
    Enable,
    /// An adapter has done what a command asked for.
    Performed {
        life: u64,
        id: CommandId,
        performed: Performed,
    },
    Cut,
    Start,
    /// The disk has what was written.
    Synced {
        life: u64,
    },
    /// The disk is tried again after it has refused something.
    BeginAgain {
        life: u64,
    },
    /// The files of the store are damaged, and the process ends.
    Damage,
    SetClock {
        ms: i64,
    },
    /// Something bad that begins by itself.
    Trouble(Box<Happening>),
    Calm,
    AllEnded,
}

impl Happening {
    /// Whether it waits while the process waits for its disk.
    pub(crate) fn is_for_the_till(&self) -> bool {
        match self {
            Self::Answer { .. }
            | Self::Deliver { .. }
            | Self::Puback { .. }
            | Self::Link(_)
            | Self::Paint { .. }
            | Self::Counter
            | Self::Fingers
            | Self::Performed { .. }
            | Self::Calm => true,
            Self::Trouble(inner) => inner.is_for_the_till(),
            Self::Hear { .. }
            | Self::Pay { .. }
            | Self::PayAccount { .. }
            | Self::PaySomethingElse { .. }
            | Self::NoPayment { .. }
            | Self::Session { .. }
            | Self::Call { .. }
            | Self::Forward { .. }
            | Self::Replay { .. }
            | Self::Bridge { .. }
            | Self::Published { .. }
            | Self::Operator
            | Self::Enable
            | Self::Weather(_)
            | Self::Panel(_)
            | Self::Cut
            | Self::Start
            | Self::Synced { .. }
            | Self::BeginAgain { .. }
            | Self::Damage
            | Self::SetClock { .. }
            | Self::AllEnded => false,
        }
    }
}

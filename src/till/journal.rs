//! The journal of a sale: every revision that others can see, what brought it about, and what proved its money. What is
//! told to nobody else stands here too: money that was reported and not counted.

use std::collections::VecDeque;

use till_wire::sale::{Flag, SaleState, Via};
use till_wire::{CommandId, EnvelopeId, OrderRef, SaleId, UnixTime};

use super::Till;
use super::event::{ConfirmAnswer, CreateAnswer, Event, Notice, Pin, ReportStanding, Said, StatusAnswer};
use super::payment::{Payment, ProviderId, Transfer};
use super::sale::{Sale, State};
use super::step::{Step, Write};
use super::time::Now;

/// The longest text of others in an entry, in characters.
const LONGEST: usize = 200;
/// The most payments that one entry names; the sale itself has all.
const MAX_COUNTED: usize = 32;
/// So many reports that were not counted are remembered, so that one that is repeated is noted once.
const REMEMBERED: usize = 64;

/// One line of a sale's journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// Whose.
    pub sale: SaleId,
    /// The sale's revision since then.
    pub revision: u64,
    /// When, by the wall clock.
    pub at: UnixTime,
    /// The state since then.
    pub state: SaleState,
    /// The flags since then.
    pub flags: Vec<Flag>,
    /// What has been paid since then, in minor units.
    pub paid_amount: u64,
    /// What brought it about.
    pub cause: Cause,
    /// The money that was counted by it.
    pub counted: Vec<Proof>,
}

/// What brought a change about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Who or what.
    pub kind: CauseKind,
    /// What was said, in one word.
    pub said: Option<String>,
    /// Why that was no usable answer, or none came, in one sentence.
    pub why: Option<String>,
    /// About which order.
    pub order: Option<OrderRef>,
    /// Of a webhook: what the bridge calls it in its log. For looking it up only; it proves nothing.
    pub envelope: Option<EnvelopeId>,
    /// The transfer that a webhook reported, counted or not.
    pub transfer: Option<Reported>,
}

/// Who or what brought a change about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CauseKind {
    /// A call that wanted a sale.
    SaleCall,
    /// A call that wanted a sale gone.
    CancelCall,
    /// A call that had seen the result.
    AcknowledgeCall,
    /// The supervisor, by his PIN.
    Supervisor,
    /// The cashier's keypad.
    Keypad,
    /// The provider's answer to a request that makes an order.
    OrderAnswer,
    /// The provider's answer to a question.
    StatusAnswer,
    /// The provider's answer to a cancellation.
    CancelAnswer,
    /// The provider's answer to a confirmation.
    ConfirmAnswer,
    /// A webhook whose signature this terminal has verified.
    Webhook,
    /// The display.
    Display,
    /// A deadline.
    Deadline,
    /// A start of the daemon.
    Restart,
    /// A command of the fleet's operator.
    Command,
    /// Something else about this terminal: its broker, its clock.
    Terminal,
}

/// A transfer that was reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The provider's id of the order.
    pub provider_id: String,
    /// The provider's name of the transfer.
    pub provider_ref: String,
    /// How much, in minor units.
    pub amount: u64,
}

/// Money that was counted, and what proved it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Which.
    pub money: Reported,
    /// By which road it was proved.
    pub via: Via,
}

/// The journal of a sale, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalPage {
    /// The entries that are kept: the first, and the newest.
    pub entries: Vec<JournalEntry>,
    /// How many between them were dropped.
    pub dropped: u64,
}

/// What the till knows while it judges an event, for the journal.
#[derive(Debug)]
pub(super) struct Journal {
    cause: Cause,
    /// Reports that were noted without being counted.
    noted: VecDeque<(SaleId, Reported)>,
}

impl Journal {
    /// Begins with a start of the daemon.
    pub(super) fn new() -> Self {
        Self { cause: Cause::plain(CauseKind::Restart), noted: VecDeque::new() }
    }

    /// Goes on with what another one has noted.
    pub(super) fn remember(noted: Vec<(SaleId, Reported)>) -> Self {
        Self { noted: noted.into(), ..Self::new() }
    }

    /// Returns the reports that were noted without being counted.
    pub(super) fn noted(&self) -> Vec<(SaleId, Reported)> {
        // What brings about the next change is known when it comes.
        let Self { cause: _, noted } = self;
        noted.iter().cloned().collect()
    }

    /// What follows is brought about by this event.
    pub(super) fn begin(&mut self, event: &Event) {
        self.cause = Cause::of(event);
    }

    /// What follows is brought about by this command.
    pub(super) fn begin_command(&mut self, id: CommandId) {
        self.cause = Cause::said(CauseKind::Command, id.as_str(), None);
    }

    /// What follows is brought about by the time that has passed.
    pub(super) fn begin_deadlines(&mut self) {
        self.cause = Cause::plain(CauseKind::Deadline);
    }

    fn entry(&self, before: Option<&Sale>, sale: &Sale, why: Option<String>, now: Now) -> JournalEntry {
        let known = |payment: &&Payment| before.is_none_or(|before| !before.payments.contains(payment));
        let counted = sale.payments.iter().filter(known).take(MAX_COUNTED);
        JournalEntry {
            sale: sale.id,
            revision: sale.revision,
            at: now.wall,
            state: sale.seen_state(),
            flags: sale.seen_flags(),
            paid_amount: sale.paid_amount(),
            cause: Cause { why, ..self.cause.clone() },
            counted: counted.map(Proof::from).collect(),
        }
    }
}

impl Till {
    /// Notes a new revision of a sale; the till itself still has the one before.
    pub(super) fn note_change(&self, sale: &Sale, now: Now, step: &mut Step) {
        let entry = self.journal.entry(self.sales.get(&sale.id), sale, self.why(sale), now);
        step.writes.push(Write::Journal(Box::new(entry)));
    }

    /// Notes what has come of a sale before others see it.
    pub(super) fn note_unseen(&self, sale: &Sale, now: Now, step: &mut Step) {
        let entry = self.journal.entry(Some(sale), sale, self.why(sale), now);
        step.writes.push(Write::Journal(Box::new(entry)));
    }

    /// Returns why the answer that brings this about could not be used, or none came in time.
    fn why(&self, sale: &Sale) -> Option<String> {
        let waited = || self.sales.get(&sale.id).is_some_and(|sale| matches!(sale.state, State::Requesting { .. }));
        let about_an_answer = match self.journal.cause.kind {
            CauseKind::OrderAnswer | CauseKind::StatusAnswer | CauseKind::CancelAnswer | CauseKind::ConfirmAnswer => {
                true
            }
            CauseKind::Deadline => waited(),
            CauseKind::SaleCall
            | CauseKind::CancelCall
            | CauseKind::AcknowledgeCall
            | CauseKind::Supervisor
            | CauseKind::Keypad
            | CauseKind::Webhook
            | CauseKind::Display
            | CauseKind::Restart
            | CauseKind::Command
            | CauseKind::Terminal => false,
        };
        self.channels.reason(&sale.channel).filter(|_| about_an_answer).map(short)
    }

    /// Notes that a webhook reported money which is not counted yet, once however often it comes.
    pub(super) fn note_report(&mut self, sale: &Sale, now: Now, step: &mut Step) {
        let Some(transfer) = self.journal.cause.transfer.clone() else {
            return;
        };
        let reported = (sale.id, transfer);
        if self.journal.noted.contains(&reported) {
            return;
        }
        if self.journal.noted.len() >= REMEMBERED {
            self.journal.noted.pop_front();
        }
        self.journal.noted.push_back(reported);
        self.note_unseen(sale, now, step);
    }
}

impl Cause {
    fn plain(kind: CauseKind) -> Self {
        Self { kind, said: None, why: None, order: None, envelope: None, transfer: None }
    }

    fn said(kind: CauseKind, said: &str, order: Option<OrderRef>) -> Self {
        Self { said: Some(said.to_owned()), order, ..Self::plain(kind) }
    }

    fn of(event: &Event) -> Self {
        match event {
            Event::SaleWanted { .. } => Self::plain(CauseKind::SaleCall),
            Event::CancelWanted { .. } => Self::plain(CauseKind::CancelCall),
            Event::AcknowledgeWanted { pin: Pin::Absent, .. } => Self::plain(CauseKind::AcknowledgeCall),
            Event::AcknowledgeWanted { pin: Pin::Right, .. } => Self::said(CauseKind::Supervisor, "acknowledged", None),
            Event::ConfirmWanted { .. } => Self::said(CauseKind::Supervisor, "confirmed", None),
            Event::MatchWanted { .. } => Self::said(CauseKind::Supervisor, "matched", None),
            Event::KeysPressed { .. } | Event::ReferenceScanned { .. } => Self::plain(CauseKind::Keypad),
            Event::DayReckoned { .. } => Self::plain(CauseKind::Terminal),
            Event::OrderAnswered { order, answer, .. } => {
                Self::said(CauseKind::OrderAnswer, created(answer), Some(*order))
            }
            Event::StatusAnswered { order, answer, .. } => {
                Self::said(CauseKind::StatusAnswer, standing(answer), Some(*order))
            }
            Event::CancelAnswered { order, answer, .. } => {
                Self::said(CauseKind::CancelAnswer, standing(answer), Some(*order))
            }
            Event::ConfirmAnswered { order, answer, .. } => {
                Self::said(CauseKind::ConfirmAnswer, confirmed(answer), Some(*order))
            }
            Event::WebhookArrived { envelope, notice, .. } => Self::of_webhook(*envelope, notice),
            Event::PanelShown { .. } => Self::said(CauseKind::Display, "shown", None),
            Event::CodeTooDense { .. } => Self::said(CauseKind::Display, "too_dense", None),
            Event::PanelFailed => Self::said(CauseKind::Display, "failed", None),
            Event::Woke => Self::plain(CauseKind::Deadline),
            Event::ReplayWanted { .. }
            | Event::CommandArrived { .. }
            | Event::CommandPerformed { .. }
            | Event::ChannelAnswered { .. }
            | Event::ProviderTimeSeen { .. }
            | Event::BrokerUp { .. }
            | Event::BrokerDown
            | Event::Published { .. } => Self::plain(CauseKind::Terminal),
        }
    }

    fn of_webhook(envelope: EnvelopeId, notice: &Notice) -> Self {
        let (said, transfer) = match &notice.said {
            Said::Transfer(transfer) => ("transfer", Some(Reported::new(&notice.provider_id, transfer))),
            Said::NoPayment => ("no_payment", None),
            Said::Ready(_) => ("ready", None),
            Said::Action(_, _) => ("action", None),
            Said::Refunds(_) => ("refunds", None),
            Said::Hint => ("hint", None),
            Said::Sample => ("sample", None),
            Said::Nothing => ("nothing", None),
        };
        let envelope = Some(envelope);
        Self { envelope, transfer, ..Self::said(CauseKind::Webhook, said, notice.order.or(notice.purpose)) }
    }
}

impl CauseKind {
    /// Returns who that is: `cashier`, `supervisor`, `provider`, `display`, `operator` or `terminal`.
    pub fn who(self) -> &'static str {
        match self {
            Self::SaleCall | Self::CancelCall | Self::AcknowledgeCall | Self::Keypad => "cashier",
            Self::Supervisor => "supervisor",
            Self::OrderAnswer | Self::StatusAnswer | Self::CancelAnswer | Self::ConfirmAnswer | Self::Webhook => {
                "provider"
            }
            Self::Display => "display",
            Self::Command => "operator",
            Self::Deadline | Self::Restart | Self::Terminal => "terminal",
        }
    }
}

impl Reported {
    fn new(id: &ProviderId, transfer: &Transfer) -> Self {
        let (provider_id, provider_ref) = (short(&id.0), short(&transfer.reference.0));
        Self { provider_id, provider_ref, amount: transfer.amount.value() }
    }
}

impl From<&Payment> for Proof {
    fn from(payment: &Payment) -> Self {
        let (provider_id, provider_ref) = (short(&payment.provider_id.0), short(&payment.reference.0));
        let money = Reported { provider_id, provider_ref, amount: payment.amount.value() };
        Self { money, via: payment.via }
    }
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

fn created(answer: &CreateAnswer) -> &'static str {
    match answer {
        CreateAnswer::Made(_) => "made",
        CreateAnswer::Invalid { .. } => "invalid",
        CreateAnswer::Duplicate => "duplicate",
        CreateAnswer::Refused(_) => "refused",
        CreateAnswer::NotReached => "not_reached",
        CreateAnswer::Later { .. } => "later",
        CreateAnswer::Lost { .. } | CreateAnswer::Repeatable { .. } => "lost",
    }
}

fn standing(answer: &StatusAnswer) -> &'static str {
    match answer {
        StatusAnswer::Known(report) => match report.standing {
            ReportStanding::Unstarted => "unstarted",
            ReportStanding::Preparing => "preparing",
            ReportStanding::Ready => "ready",
            ReportStanding::Open => "open",
            ReportStanding::Paid => "paid",
            ReportStanding::Cancelled => "cancelled",
            ReportStanding::Expired => "expired",
            ReportStanding::Failed => "failed",
        },
        StatusAnswer::NotFound => "not_found",
        StatusAnswer::Refused(_) => "refused",
        StatusAnswer::Invalid { .. } => "invalid",
        StatusAnswer::NotReached => "not_reached",
        StatusAnswer::Later { .. } => "later",
    }
}

fn confirmed(answer: &ConfirmAnswer) -> &'static str {
    match answer {
        ConfirmAnswer::Heard(report) => standing(&StatusAnswer::Known(report.clone())),
        ConfirmAnswer::NotHeard { .. } => "not_heard",
        ConfirmAnswer::Unknown => "unknown",
    }
}

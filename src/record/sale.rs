//! The sale as it lies on disk.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use till_wire::{ChannelId, OrderRef, SaleId, UnixTime};

use super::order::{CustomerOnDisk, ItemOnDisk};
use super::parts::{Money, PayeeOnDisk, PaymentOnDisk, PendingOnDisk, RefundOnDisk, Wall, words};
use super::state::StateOnDisk;
use crate::till::{
    Attempt, BootId, CancelReason, Code, Confirmation, Debt, Item, Marks, Payment, Pending, ProviderId, QrKind, Refund,
    Sale, Standing, Tick, Watch,
};

/// A sale. Ticks are counted in the boot that `boot` names and stored as they are.
#[derive(Serialize, Deserialize)]
pub(crate) struct SaleOnDisk {
    id: SaleId,
    revision: u64,
    amount: Money,
    channel: ChannelId,
    reference: Option<String>,
    note: Option<String>,
    #[serde(default)]
    customer: CustomerOnDisk,
    #[serde(default)]
    items: Vec<ItemOnDisk>,
    expire_ms: u64,
    created_at: Wall,
    expires_at: Option<Wall>,
    finished_at: Option<Wall>,
    state: StateOnDisk,
    attempts: Vec<AttemptOnDisk>,
    code: Option<CodeOnDisk>,
    payments: Vec<PaymentOnDisk>,
    #[serde(default)]
    refunds: Vec<RefundOnDisk>,
    #[serde(default)]
    offline: Option<ChannelId>,
    late: bool,
    attention: bool,
    watch: Option<WatchOnDisk>,
    boot: [u8; 16],
    written: u64,
}

impl From<&Sale> for SaleOnDisk {
    fn from(sale: &Sale) -> Self {
        Self {
            id: sale.id,
            revision: sale.revision,
            amount: sale.amount.into(),
            channel: sale.channel.clone(),
            reference: sale.reference.clone(),
            note: sale.note.clone(),
            customer: (&sale.customer).into(),
            items: sale.items.iter().map(ItemOnDisk::from).collect(),
            expire_ms: u64::try_from(sale.expire.as_millis()).unwrap_or(u64::MAX),
            created_at: sale.created_at.into(),
            expires_at: sale.expires_at.map(Wall::from),
            finished_at: sale.finished_at.map(Wall::from),
            state: (&sale.state).into(),
            attempts: sale.attempts.iter().map(AttemptOnDisk::from).collect(),
            code: sale.code.as_ref().map(CodeOnDisk::from),
            payments: sale.payments.iter().map(PaymentOnDisk::from).collect(),
            refunds: sale.refunds.iter().map(RefundOnDisk::from).collect(),
            offline: sale.offline.clone(),
            late: sale.marks.late,
            attention: sale.marks.attention,
            watch: sale.watch.map(WatchOnDisk::from),
            boot: sale.boot.0,
            written: sale.written.0,
        }
    }
}

impl From<SaleOnDisk> for Sale {
    fn from(disk: SaleOnDisk) -> Self {
        Self {
            id: disk.id,
            revision: disk.revision,
            amount: disk.amount.into(),
            channel: disk.channel,
            reference: disk.reference,
            note: disk.note,
            customer: disk.customer.into(),
            items: disk.items.into_iter().map(Item::from).collect(),
            expire: Duration::from_millis(disk.expire_ms),
            created_at: disk.created_at.into(),
            expires_at: disk.expires_at.map(UnixTime::from),
            finished_at: disk.finished_at.map(UnixTime::from),
            state: disk.state.into(),
            attempts: disk.attempts.into_iter().map(Attempt::from).collect(),
            code: disk.code.map(Code::from),
            payments: disk.payments.into_iter().map(Payment::from).collect(),
            refunds: disk.refunds.into_iter().map(Refund::from).collect(),
            offline: disk.offline,
            marks: Marks { late: disk.late, attention: disk.attention },
            watch: disk.watch.map(Watch::from),
            boot: BootId(disk.boot),
            written: Tick(disk.written),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct AttemptOnDisk {
    order: OrderRef,
    provider_id: Option<String>,
    standing: StandingOnDisk,
    tries: u32,
    debt: Option<DebtOnDisk>,
    pending: Vec<PendingOnDisk>,
    #[serde(default)]
    confirmation: ConfirmationOnDisk,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ConfirmationOnDisk {
    #[default]
    Unasked,
    Early(String),
    Due(u64),
    Sending,
    Sent,
}

impl From<&Confirmation> for ConfirmationOnDisk {
    fn from(confirmation: &Confirmation) -> Self {
        match confirmation {
            Confirmation::Unasked => Self::Unasked,
            Confirmation::Early(id) => Self::Early(id.0.clone()),
            Confirmation::Due(at) => Self::Due(at.0),
            Confirmation::Sending => Self::Sending,
            Confirmation::Sent => Self::Sent,
        }
    }
}

impl From<ConfirmationOnDisk> for Confirmation {
    fn from(disk: ConfirmationOnDisk) -> Self {
        match disk {
            ConfirmationOnDisk::Unasked => Self::Unasked,
            ConfirmationOnDisk::Early(id) => Self::Early(ProviderId(id)),
            ConfirmationOnDisk::Due(at) => Self::Due(Tick(at)),
            ConfirmationOnDisk::Sending => Self::Sending,
            ConfirmationOnDisk::Sent => Self::Sent,
        }
    }
}

words!(StandingOnDisk = Standing { Unsent, Sending, Sent, Known, Foreign });

impl From<&Attempt> for AttemptOnDisk {
    fn from(attempt: &Attempt) -> Self {
        Self {
            order: attempt.order,
            provider_id: attempt.provider_id.as_ref().map(|id| id.0.clone()),
            standing: attempt.standing.into(),
            tries: attempt.tries,
            debt: attempt.debt.map(DebtOnDisk::from),
            pending: attempt.pending.iter().map(PendingOnDisk::from).collect(),
            confirmation: (&attempt.confirmation).into(),
        }
    }
}

impl From<AttemptOnDisk> for Attempt {
    fn from(disk: AttemptOnDisk) -> Self {
        Self {
            order: disk.order,
            provider_id: disk.provider_id.map(ProviderId),
            standing: disk.standing.into(),
            tries: disk.tries,
            debt: disk.debt.map(Debt::from),
            pending: disk.pending.into_iter().map(Pending::from).collect(),
            confirmation: disk.confirmation.into(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct DebtOnDisk {
    next: u64,
    tries: u32,
    until: u64,
    reason: ReasonOnDisk,
}

words!(ReasonOnDisk = CancelReason { ByCashier, Expired, Abandoned });

impl From<Debt> for DebtOnDisk {
    fn from(debt: Debt) -> Self {
        Self { next: debt.next.0, tries: debt.tries, until: debt.until.0, reason: debt.reason.into() }
    }
}

impl From<DebtOnDisk> for Debt {
    fn from(disk: DebtOnDisk) -> Self {
        Self { next: Tick(disk.next), tries: disk.tries, until: Tick(disk.until), reason: disk.reason.into() }
    }
}

#[derive(Serialize, Deserialize)]
struct CodeOnDisk {
    text: String,
    kind: QrKind,
    payee: PayeeOnDisk,
}

impl From<&Code> for CodeOnDisk {
    fn from(code: &Code) -> Self {
        Self { text: code.text.clone(), kind: code.kind, payee: (&code.payee).into() }
    }
}

impl From<CodeOnDisk> for Code {
    fn from(disk: CodeOnDisk) -> Self {
        Self { text: disk.text, kind: disk.kind, payee: disk.payee.into() }
    }
}

#[derive(Serialize, Deserialize)]
struct WatchOnDisk {
    until: u64,
    looks: u8,
}

impl From<Watch> for WatchOnDisk {
    fn from(watch: Watch) -> Self {
        Self { until: watch.until.0, looks: watch.looks }
    }
}

impl From<WatchOnDisk> for Watch {
    fn from(disk: WatchOnDisk) -> Self {
        Self { until: Tick(disk.until), looks: disk.looks }
    }
}

//! Amounts, times and words that several records share, as they lie on disk.

use serde::{Deserialize, Serialize};
use till_wire::money::Currency;
use till_wire::{Amount, UnixTime};

use crate::till::{Payee, Payment, Pending, ProviderId, Refund, Transfer, TransferRef, Via};

/// An amount: minor units and currency.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Money(u64, Currency);

impl From<Amount> for Money {
    fn from(amount: Amount) -> Self {
        Self(amount.value(), amount.currency())
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self::new(money.0, money.1)
    }
}

/// A time of the wall clock, in milliseconds since 1970: the text form would cut them off.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Wall(i64);

impl From<UnixTime> for Wall {
    fn from(time: UnixTime) -> Self {
        Self(time.ms())
    }
}

impl From<Wall> for UnixTime {
    fn from(wall: Wall) -> Self {
        Self::from_ms(wall.0)
    }
}

/// Makes an enum of plain words that mirrors one of the till's, with the way there and back.
macro_rules! words {
    ($name:ident = $core:ty { $($word:ident),+ $(,)? }) => {
        #[derive(Clone, Copy, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name { $($word),+ }

        impl From<$core> for $name {
            fn from(core: $core) -> Self {
                match core { $(<$core>::$word => Self::$word),+ }
            }
        }

        impl From<$name> for $core {
            fn from(disk: $name) -> Self {
                match disk { $($name::$word => Self::$word),+ }
            }
        }
    };
}
pub(crate) use words;

#[derive(Serialize, Deserialize)]
pub(crate) struct TransferOnDisk {
    reference: String,
    amount: Money,
    transacted_at: Option<Wall>,
}

impl From<&Transfer> for TransferOnDisk {
    fn from(transfer: &Transfer) -> Self {
        Self {
            reference: transfer.reference.0.clone(),
            amount: transfer.amount.into(),
            transacted_at: transfer.transacted_at.map(Wall::from),
        }
    }
}

impl From<TransferOnDisk> for Transfer {
    fn from(disk: TransferOnDisk) -> Self {
        Self {
            reference: TransferRef(disk.reference),
            amount: disk.amount.into(),
            transacted_at: disk.transacted_at.map(UnixTime::from),
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct PendingOnDisk {
    provider_id: String,
    transfer: TransferOnDisk,
    note: Option<String>,
    received_at: Wall,
}

impl From<&Pending> for PendingOnDisk {
    fn from(pending: &Pending) -> Self {
        Self {
            provider_id: pending.provider_id.0.clone(),
            transfer: (&pending.transfer).into(),
            note: pending.note.clone(),
            received_at: pending.received_at.into(),
        }
    }
}

impl From<PendingOnDisk> for Pending {
    fn from(disk: PendingOnDisk) -> Self {
        Self {
            provider_id: ProviderId(disk.provider_id),
            transfer: disk.transfer.into(),
            note: disk.note,
            received_at: disk.received_at.into(),
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct PaymentOnDisk {
    provider_id: String,
    reference: String,
    amount: Money,
    transacted_at: Option<Wall>,
    received_at: Wall,
    via: Via,
}

impl From<&Payment> for PaymentOnDisk {
    fn from(payment: &Payment) -> Self {
        Self {
            provider_id: payment.provider_id.0.clone(),
            reference: payment.reference.0.clone(),
            amount: payment.amount.into(),
            transacted_at: payment.transacted_at.map(Wall::from),
            received_at: payment.received_at.into(),
            via: payment.via,
        }
    }
}

impl From<PaymentOnDisk> for Payment {
    fn from(disk: PaymentOnDisk) -> Self {
        Self {
            provider_id: ProviderId(disk.provider_id),
            reference: TransferRef(disk.reference),
            amount: disk.amount.into(),
            transacted_at: disk.transacted_at.map(UnixTime::from),
            received_at: disk.received_at.into(),
            via: disk.via,
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct RefundOnDisk {
    provider_id: String,
    reference: String,
    amount: Money,
    refunded_at: Option<Wall>,
    received_at: Wall,
}

impl From<&Refund> for RefundOnDisk {
    fn from(refund: &Refund) -> Self {
        Self {
            provider_id: refund.provider_id.0.clone(),
            reference: refund.reference.0.clone(),
            amount: refund.amount.into(),
            refunded_at: refund.refunded_at.map(Wall::from),
            received_at: refund.received_at.into(),
        }
    }
}

impl From<RefundOnDisk> for Refund {
    fn from(disk: RefundOnDisk) -> Self {
        Self {
            provider_id: ProviderId(disk.provider_id),
            reference: TransferRef(disk.reference),
            amount: disk.amount.into(),
            refunded_at: disk.refunded_at.map(UnixTime::from),
            received_at: disk.received_at.into(),
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct PayeeOnDisk {
    bin: Option<String>,
    account: Option<String>,
    name: Option<String>,
}

impl From<&Payee> for PayeeOnDisk {
    fn from(payee: &Payee) -> Self {
        Self { bin: payee.bin.clone(), account: payee.account.clone(), name: payee.name.clone() }
    }
}

impl From<PayeeOnDisk> for Payee {
    fn from(disk: PayeeOnDisk) -> Self {
        Self { bin: disk.bin, account: disk.account, name: disk.name }
    }
}

//! The receipt, the idempotency key and the entry of the outbox as they lie on disk.

use serde::{Deserialize, Serialize};
use till_wire::{ChannelId, CommandId, ReceiptKey, SaleId, UnixTime};

use super::parts::{Money, Wall};
use crate::till::{KeyRecord, Owed, ProviderId, Receipt, RequestKey, Subject, TransferRef};

/// A receipt, with its place in the order of arrival.
#[derive(Serialize, Deserialize)]
pub(crate) struct ReceiptOnDisk {
    pub(crate) key: ReceiptKey,
    pub(crate) place: u64,
    revision: u64,
    channel: ChannelId,
    provider_id: String,
    reference: String,
    amount: Money,
    transacted_at: Option<Wall>,
    received_at: Wall,
    note: Option<String>,
    attention: bool,
    sale: Option<SaleId>,
}

impl ReceiptOnDisk {
    pub(crate) fn new(receipt: &Receipt, place: u64) -> Self {
        Self {
            key: receipt.key,
            place,
            revision: receipt.revision,
            channel: receipt.channel.clone(),
            provider_id: receipt.provider_id.0.clone(),
            reference: receipt.reference.0.clone(),
            amount: receipt.amount.into(),
            transacted_at: receipt.transacted_at.map(Wall::from),
            received_at: receipt.received_at.into(),
            note: receipt.note.clone(),
            attention: receipt.attention,
            sale: receipt.sale,
        }
    }

    pub(crate) fn received_at(&self) -> UnixTime {
        self.received_at.into()
    }

    pub(crate) fn sale(&self) -> Option<SaleId> {
        self.sale
    }
}

impl From<ReceiptOnDisk> for Receipt {
    fn from(disk: ReceiptOnDisk) -> Self {
        Self {
            key: disk.key,
            revision: disk.revision,
            channel: disk.channel,
            provider_id: ProviderId(disk.provider_id),
            reference: TransferRef(disk.reference),
            amount: disk.amount.into(),
            transacted_at: disk.transacted_at.map(UnixTime::from),
            received_at: disk.received_at.into(),
            note: disk.note,
            attention: disk.attention,
            sale: disk.sale,
        }
    }
}

/// An idempotency key.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeyOnDisk {
    key: String,
    fingerprint: [u8; 32],
    sale: SaleId,
    at: Wall,
}

impl From<&KeyRecord> for KeyOnDisk {
    fn from(record: &KeyRecord) -> Self {
        Self {
            key: record.request.key.clone(),
            fingerprint: record.request.fingerprint,
            sale: record.sale,
            at: record.at.into(),
        }
    }
}

impl From<KeyOnDisk> for KeyRecord {
    fn from(disk: KeyOnDisk) -> Self {
        Self {
            request: RequestKey { key: disk.key, fingerprint: disk.fingerprint },
            sale: disk.sale,
            at: disk.at.into(),
        }
    }
}

/// An entry of the outbox.
#[derive(Serialize, Deserialize)]
pub(crate) struct OwedOnDisk {
    pub(crate) number: u64,
    subject: SubjectOnDisk,
    revision: u64,
    #[serde(default)]
    at: Option<Wall>,
    #[serde(default)]
    bytes: u64,
}

/// What a message is about.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SubjectOnDisk {
    Sale(SaleId),
    Receipt(ReceiptKey),
    Replay,
    Command(CommandId),
    /// In a recording alone: the disk owes none.
    Piece(CommandId, u32),
}

impl From<Subject> for SubjectOnDisk {
    fn from(subject: Subject) -> Self {
        match subject {
            Subject::Sale(id) => Self::Sale(id),
            Subject::Receipt(key) => Self::Receipt(key),
            Subject::Replay => Self::Replay,
            Subject::Command(id) => Self::Command(id),
            Subject::Piece(id, number) => Self::Piece(id, number),
        }
    }
}

impl From<SubjectOnDisk> for Subject {
    fn from(disk: SubjectOnDisk) -> Self {
        match disk {
            SubjectOnDisk::Sale(id) => Self::Sale(id),
            SubjectOnDisk::Receipt(key) => Self::Receipt(key),
            SubjectOnDisk::Replay => Self::Replay,
            SubjectOnDisk::Command(id) => Self::Command(id),
            SubjectOnDisk::Piece(id, number) => Self::Piece(id, number),
        }
    }
}

impl From<Owed> for OwedOnDisk {
    fn from(owed: Owed) -> Self {
        Self {
            number: owed.number,
            subject: owed.subject.into(),
            revision: owed.revision,
            at: owed.at.map(Wall::from),
            bytes: owed.bytes,
        }
    }
}

impl From<OwedOnDisk> for Owed {
    fn from(disk: OwedOnDisk) -> Self {
        Self {
            number: disk.number,
            subject: disk.subject.into(),
            revision: disk.revision,
            at: disk.at.map(UnixTime::from),
            bytes: disk.bytes,
        }
    }
}

//! A line of a sale's journal as it lies on disk.

use serde::{Deserialize, Serialize};
use till_wire::{EnvelopeId, Flag, OrderRef, SaleId, SaleState};

use super::parts::{Wall, words};
use crate::till::{Cause, CauseKind, JournalEntry, Proof, Reported, Via};

/// An entry. Which sale it is about and where it stands are in its key, too.
#[derive(Serialize, Deserialize)]
pub(crate) struct EntryOnDisk {
    sale: SaleId,
    revision: u64,
    at: Wall,
    state: SaleState,
    flags: Vec<Flag>,
    paid: u64,
    cause: KindOnDisk,
    said: Option<String>,
    #[serde(default)]
    why: Option<String>,
    order: Option<OrderRef>,
    #[serde(default)]
    envelope: Option<EnvelopeId>,
    transfer: Option<ReportedOnDisk>,
    counted: Vec<ProofOnDisk>,
}

words!(
    KindOnDisk = CauseKind {
        SaleCall,
        CancelCall,
        AcknowledgeCall,
        Supervisor,
        Keypad,
        OrderAnswer,
        StatusAnswer,
        CancelAnswer,
        ConfirmAnswer,
        Webhook,
        Display,
        Deadline,
        Restart,
        Command,
        Terminal,
    }
);

#[derive(Serialize, Deserialize)]
struct ReportedOnDisk {
    provider_id: String,
    reference: String,
    amount: u64,
}

#[derive(Serialize, Deserialize)]
struct ProofOnDisk {
    money: ReportedOnDisk,
    via: Via,
}

impl From<&JournalEntry> for EntryOnDisk {
    fn from(entry: &JournalEntry) -> Self {
        Self {
            sale: entry.sale,
            revision: entry.revision,
            at: entry.at.into(),
            state: entry.state,
            flags: entry.flags.clone(),
            paid: entry.paid_amount,
            cause: entry.cause.kind.into(),
            said: entry.cause.said.clone(),
            why: entry.cause.why.clone(),
            order: entry.cause.order,
            envelope: entry.cause.envelope,
            transfer: entry.cause.transfer.as_ref().map(ReportedOnDisk::from),
            counted: entry.counted.iter().map(ProofOnDisk::from).collect(),
        }
    }
}

impl From<EntryOnDisk> for JournalEntry {
    fn from(disk: EntryOnDisk) -> Self {
        Self {
            sale: disk.sale,
            revision: disk.revision,
            at: disk.at.into(),
            state: disk.state,
            flags: disk.flags,
            paid_amount: disk.paid,
            cause: Cause {
                kind: disk.cause.into(),
                said: disk.said,
                why: disk.why,
                order: disk.order,
                envelope: disk.envelope,
                transfer: disk.transfer.map(Reported::from),
            },
            counted: disk.counted.into_iter().map(Proof::from).collect(),
        }
    }
}

impl From<&Reported> for ReportedOnDisk {
    fn from(reported: &Reported) -> Self {
        let Reported { provider_id, provider_ref, amount } = reported.clone();
        Self { provider_id, reference: provider_ref, amount }
    }
}

impl From<ReportedOnDisk> for Reported {
    fn from(disk: ReportedOnDisk) -> Self {
        let ReportedOnDisk { provider_id, reference, amount } = disk;
        Self { provider_id, provider_ref: reference, amount }
    }
}

impl From<&Proof> for ProofOnDisk {
    fn from(proof: &Proof) -> Self {
        Self { money: (&proof.money).into(), via: proof.via }
    }
}

impl From<ProofOnDisk> for Proof {
    fn from(disk: ProofOnDisk) -> Self {
        Self { money: disk.money.into(), via: disk.via }
    }
}

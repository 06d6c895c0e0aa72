//! Tests of the store, through its handle alone where that is possible.

mod backward;
mod calendar;
mod closing;
mod commands;
mod damage;
mod journal;
mod kill;
mod limits;
mod mirror;
mod places;
mod queries;
mod rules;
mod sales;
mod sweep;

use std::time::Duration;

use till_wire::{Amount, ChannelId, OrderRef, ReceiptKey, SaleId, TerminalNumber, UnixTime};

use super::{Opened, Store};
use crate::till::{
    Attempt, BootId, Confirmation, Customer, Ending, Generation, Marks, Owed, Patience, ProviderId, Receipt,
    RequestStep, Sale, Standing, State, Subject, Tick, TransferRef, Write,
};
use places::Place;

/// 2026-11-20T03:04:05Z.
pub(super) const NOW: UnixTime = UnixTime::from_secs(1_795_143_845);
pub(super) const KEEP_DAYS: u32 = 400;
const DAY_MS: i64 = 24 * 3600 * 1000;

fn open(place: &Place) -> (Store, Opened) {
    Store::open(place.path(), KEEP_DAYS, NOW).expect("the store opens")
}

fn later(days: i64) -> UnixTime {
    UnixTime::from_ms(NOW.ms() + days * DAY_MS)
}

fn order(sequence: u32) -> OrderRef {
    let terminal = TerminalNumber::new(1017).expect("1017 is a terminal number");
    OrderRef::new(terminal, sequence).expect("tests use small sequences")
}

fn id(sequence: u32) -> SaleId {
    SaleId::new(order(sequence))
}

fn channel() -> ChannelId {
    ChannelId::new("payos").expect("`payos` is a channel id")
}

/// A sale that was made just now.
fn sale(sequence: u32) -> Sale {
    Sale {
        id: id(sequence),
        revision: 1,
        amount: Amount::vnd(50_000 + u64::from(sequence)),
        channel: channel(),
        reference: None,
        note: Some(format!("cà phê {sequence}")),
        customer: Customer::default(),
        items: Vec::new(),
        expire: Duration::from_secs(300),
        created_at: NOW,
        expires_at: None,
        finished_at: None,
        state: State::Requesting { patience: Patience::Provider(Tick(45_000)), step: RequestStep::Creating },
        attempts: vec![Attempt {
            order: order(sequence),
            provider_id: None,
            standing: Standing::Sending,
            tries: 1,
            debt: None,
            pending: Vec::new(),
            confirmation: Confirmation::default(),
        }],
        code: None,
        payments: Vec::new(),
        refunds: Vec::new(),
        offline: None,
        marks: Marks::default(),
        watch: None,
        boot: BootId([7; 16]),
        written: Tick(1_000),
    }
}

/// A sale that was made and ended at this time.
fn ended(sequence: u32, at: UnixTime) -> Sale {
    Sale { created_at: at, finished_at: Some(at), state: State::Ended(Ending::Paid), ..sale(sequence) }
}

fn cancelling(sequence: u32) -> Sale {
    Sale { state: State::Cancelling { generation: Generation(3), until: Tick(30_000) }, ..sale(sequence) }
}

fn receipt(number: u64, received_at: UnixTime) -> Receipt {
    let (provider_id, reference) = (format!("link{number}"), format!("TF{number}"));
    Receipt {
        key: ReceiptKey::of(&channel(), &provider_id, &reference),
        revision: 1,
        channel: channel(),
        provider_id: ProviderId(provider_id),
        reference: TransferRef(reference),
        amount: Amount::vnd(1_000 + number),
        transacted_at: None,
        received_at,
        note: None,
        attention: false,
        sale: None,
    }
}

fn put(sale: &Sale) -> Write {
    Write::Sale(Box::new(sale.clone()))
}

fn put_receipt(receipt: &Receipt) -> Write {
    Write::Receipt(Box::new(receipt.clone()))
}

fn owe(number: u64, subject: Subject, revision: u64) -> Owed {
    Owed { number, subject, revision, at: Some(NOW), bytes: 900 }
}

async fn commit(store: &Store, writes: Vec<Write>) {
    store.commit(writes).await.expect("the disk takes it");
}

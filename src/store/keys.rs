//! The keys of the one tree: a letter that says what the row is, then what it is about, so that each kind lies together
//! and in order. It must not know what the rows hold.

use till_wire::{CommandId, OrderRef, ReceiptKey, SaleId, TerminalNumber};

use crate::till::Subject;

/// A sale's record, in the order of the ids, which is the order of their making.
pub(super) const SALE: u8 = b'S';
/// From an order reference to the sale that has it among its attempts.
pub(super) const ORDER: u8 = b'O';
/// The sales that still have to do something by themselves.
pub(super) const ALIVE: u8 = b'A';
/// The subjects that a person must look at.
pub(super) const ATTENTION: u8 = b'N';
/// A receipt's record.
pub(super) const RECEIPT: u8 = b'R';
/// From a receipt's place in the order of arrival to its key.
pub(super) const ARRIVAL: u8 = b'T';
/// An idempotency key's record.
pub(super) const KEY: u8 = b'K';
/// What is owed about a subject.
pub(super) const OWED: u8 = b'Q';
/// From the place in the outbox to the subject.
pub(super) const OUTBOX: u8 = b'q';
/// From the number of a subject's newest change to the subject.
pub(super) const CHANGE: u8 = b'C';
/// From a subject to the number of its newest change.
pub(super) const CHANGED: u8 = b'c';
/// From an hour and a subject: something of the subject happened in that hour.
pub(super) const CALENDAR: u8 = b'D';
/// From a sale and a number to a line of its journal.
pub(super) const JOURNAL: u8 = b'J';
/// A command's record.
pub(super) const COMMAND: u8 = b'F';
/// What the store knows of itself: one record.
pub(super) const META: &[u8] = b"M";

/// The longest idempotency key that the store takes, in bytes.
pub(super) const MAX_KEY: usize = 4096;

pub(super) fn order(kind: u8, order: OrderRef) -> Vec<u8> {
    let mut key = vec![kind];
    key.extend(order_bytes(order));
    key
}

pub(super) fn sale(kind: u8, sale: SaleId) -> Vec<u8> {
    order(kind, sale.order())
}

pub(super) fn receipt(receipt: ReceiptKey) -> Vec<u8> {
    let mut key = vec![RECEIPT];
    key.extend(receipt.as_bytes());
    key
}

pub(super) fn number(kind: u8, number: u64) -> Vec<u8> {
    let mut key = vec![kind];
    key.extend(number.to_be_bytes());
    key
}

pub(super) fn command(id: CommandId) -> Vec<u8> {
    text(COMMAND, id.as_str())
}

pub(super) fn text(kind: u8, text: &str) -> Vec<u8> {
    let mut key = vec![kind];
    key.extend(text.bytes());
    key
}

pub(super) fn subject(kind: u8, subject: Subject) -> Vec<u8> {
    let mut key = vec![kind];
    key.extend(subject_bytes(subject));
    key
}

/// Returns eight bytes that sort as order references do.
pub(super) fn order_bytes(order: OrderRef) -> [u8; 8] {
    let whole = (u64::from(order.terminal().value()) << 32) | u64::from(order.sequence());
    whole.to_be_bytes()
}

pub(super) fn subject_bytes(subject: Subject) -> Vec<u8> {
    match subject {
        Subject::Sale(id) => sale(b'S', id),
        Subject::Receipt(key) => receipt(key),
        Subject::Replay => vec![b'P'],
        Subject::Command(id) => command(id),
        // None is ever owed, so nobody looks for one.
        Subject::Piece(id, number) => [vec![b'p'], number.to_be_bytes().to_vec(), command(id)].concat(),
    }
}

pub(super) fn read_order(bytes: &[u8]) -> Option<OrderRef> {
    let whole = read_number(bytes)?;
    let terminal = TerminalNumber::new(u32::try_from(whole >> 32).ok()?)?;
    OrderRef::new(terminal, u32::try_from(whole & u64::from(u32::MAX)).ok()?)
}

pub(super) fn read_sale(bytes: &[u8]) -> Option<SaleId> {
    read_order(bytes).map(SaleId::new)
}

pub(super) fn read_receipt(bytes: &[u8]) -> Option<ReceiptKey> {
    let whole = u128::from_be_bytes(bytes.try_into().ok()?);
    format!("{whole:032x}").parse().ok()
}

pub(super) fn read_number(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(bytes.try_into().ok()?))
}

pub(super) fn read_subject(bytes: &[u8]) -> Option<Subject> {
    match bytes.split_first()? {
        (b'S', id) => read_sale(id).map(Subject::Sale),
        (&RECEIPT, key) => read_receipt(key).map(Subject::Receipt),
        (b'P', []) => Some(Subject::Replay),
        (&COMMAND, id) => std::str::from_utf8(id).ok().and_then(CommandId::new).map(Subject::Command),
        _ => None,
    }
}

/// Returns what follows the letter of a key.
pub(super) fn rest(key: &[u8]) -> &[u8] {
    key.split_first().map_or(&[], |(_, rest)| rest)
}

/// Returns a key for people: its letter, then the text or the hex digits of what follows.
pub(super) fn shown(key: &[u8]) -> String {
    let Some((kind, rest)) = key.split_first() else {
        return String::new();
    };
    let about = match *kind {
        JOURNAL => rest.first_chunk::<8>().and_then(|sale| read_order(sale)).map(|order| order.to_string()),
        SALE | ORDER | ALIVE => read_order(rest).map(|order| order.to_string()),
        RECEIPT => read_receipt(rest).map(|key| key.to_string()),
        COMMAND => std::str::from_utf8(rest).ok().map(str::to_owned),
        _ => None,
    };
    let hex = || rest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}:{}", char::from(*kind), about.unwrap_or_else(hex))
}

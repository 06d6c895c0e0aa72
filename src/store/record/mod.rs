//! The records as they lie on disk, and the way from and to the till's own types. Names here are part of the format:
//! a field that is renamed or loses its meaning needs a new version.

mod journal;
mod order;
mod parts;
mod receipt;
mod sale;
mod state;

pub(super) use journal::EntryOnDisk;
pub(super) use receipt::{KeyOnDisk, OwedOnDisk, ReceiptOnDisk};
pub(super) use sale::SaleOnDisk;

//! The records as they lie on disk, and the way from and to the till's own types. Names here are part of the format:
//! a field that is renamed or loses its meaning needs a new version. The store keeps them and the flight recorder
//! writes them down; it must not know either.

mod command;
mod journal;
mod order;
mod parts;
mod receipt;
mod sale;
mod state;

pub(crate) use command::{CommandOnDisk, InstructionOnDisk, ResultOnDisk, ServiceOnDisk};
pub(crate) use journal::EntryOnDisk;
pub(crate) use parts::{Money, TransferOnDisk, Wall, words};
pub(crate) use receipt::{KeyOnDisk, OwedOnDisk, ReceiptOnDisk, SubjectOnDisk};
pub(crate) use sale::SaleOnDisk;

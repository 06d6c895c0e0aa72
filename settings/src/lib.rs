//! What a configuration file needs on both sides of the broker: faults that name file and key, secrets, TLS and the
//! way to the broker; and how a secret is typed that goes into one. It must not know any key of a particular program,
//! beyond those of `[mqtt]`.

mod address;
pub mod asked;
pub mod broker;
mod document;
mod environment;
mod fault;
mod kind;
pub mod log;
mod secret;
mod table;
#[cfg(test)]
mod tests;
pub mod tls;
mod typed;
mod whole;

pub use address::HttpBase;
pub use broker::Broker;
pub use document::{Document, Mode, read_bounded};
pub use environment::Environment;
pub use fault::{Fault, Faults, Note};
pub use kind::{
    Kind, days, hours, http_base, number, one_of, parsed, path, seconds, socket_address, switch, text, whole,
};
pub use secret::{Content, Secret};
pub use table::Table;
pub use typed::{first_line, typed_unseen};
pub use whole::{replace_file, sync_folder_of};

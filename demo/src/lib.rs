//! Everything that stands around a till, in one process: sandboxes of the providers, an MQTT broker and an eye that reads
//! the display. It must not use the till's own code for what it checks: formats and signatures are written here again.

pub mod agree;
pub mod broker;
pub mod cashier;
mod clock;
pub mod configuration;
pub mod customer;
pub mod eye;
pub mod finan;
pub mod folder;
pub mod glocal;
pub mod http;
pub mod machine;
pub mod narrator;
pub mod once;
pub mod page;
pub mod payos;
pub mod programs;
pub mod providers;
pub mod relay;
pub mod replay;
pub mod sandbox;
pub mod scene;
pub mod shop;
pub mod simulate;
pub mod stage;
pub mod vietqr;

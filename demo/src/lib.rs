//! Everything that stands around a till, in one process: a payOS sandbox, an MQTT broker and an eye that reads the
//! display. It must not use the till's own code for what it checks: formats and signatures are written here again.

pub mod agree;
pub mod broker;
pub mod cashier;
mod clock;
pub mod eye;
pub mod folder;
pub mod http;
pub mod narrator;
pub mod once;
pub mod payos;
pub mod play;
pub mod programs;
pub mod scene;
pub mod stage;
pub mod vietqr;

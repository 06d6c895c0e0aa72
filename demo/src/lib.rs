//! Everything that stands around a till, in one process: a payOS sandbox, an MQTT broker and an eye that reads the
//! display. It must not use the till's own code for what it checks: formats and signatures are written here again.

pub mod broker;
mod clock;
pub mod eye;
pub mod http;
pub mod payos;
pub mod vietqr;

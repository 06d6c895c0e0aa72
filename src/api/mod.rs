//! The HTTP interface of the terminal: checks what comes in, asks the driver through its port, and writes what comes out.
//! It must not know the store, the broker, providers or the panel.

pub mod port;

//! Finds ports for services that keep theirs across restarts. It must not know the services.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Below the range from which Linux takes ports for outgoing connections: a port from there could be taken by somebody's
/// connection while its service is down.
const PORTS: Range<u16> = 10_240..32_000;

/// What this process has given out.
static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// Returns a port of 127.0.0.1 that is free now and that no other caller in this process gets.
///
/// # Panics
/// When a thousand ports in a row are taken.
pub fn free_port() -> u16 {
    for _ in 0..1000 {
        let port = fastrand::u16(PORTS);
        let is_free = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
        if is_free && GIVEN.lock().unwrap_or_else(PoisonError::into_inner).insert(port) {
            return port;
        }
    }
    panic!("no port of {PORTS:?} is free")
}

//! The driver for tests when its store is broken.

use till_wire::Status;

use crate::port::{Request, Unavailable};
use crate::till::Queue;

/// Refuses whatever needs the store, and says of the rest what is known without it, as the driver does.
pub(super) fn refuse(request: Request) {
    const FAULT: Unavailable = Unavailable::StoreFault;
    match request {
        Request::Sell { reply, .. }
        | Request::Cancel { reply, .. }
        | Request::Acknowledge { reply, .. }
        | Request::Confirm { reply, .. }
        | Request::Match { reply, .. }
        | Request::Keys { reply, .. }
        | Request::Scan { reply, .. }
        | Request::Replay { reply } => drop(reply.send(Err(FAULT))),
        Request::Sale { reply, .. } => drop(reply.send(Err(FAULT))),
        Request::Sales { reply, .. } => drop(reply.send(Err(FAULT))),
        Request::Receipts { reply, .. } => drop(reply.send(Err(FAULT))),
        Request::Journal { reply, .. } => drop(reply.send(Err(FAULT))),
        Request::Queue { reply, .. } => drop(reply.send(Ok(Queue::default()))),
        Request::Period { reply, .. } => drop(reply.send(Err(FAULT))),
        Request::Attention { reply, .. } => drop(reply.send(Err(FAULT))),
        Request::Missed { reply, .. } => drop(reply.send(Err(FAULT))),
        Request::Status { reply } => drop(reply.send(Ok(Status { store: None, ..super::status() }))),
        Request::Counters { reply } => drop(reply.send(Ok(Vec::new()))),
        Request::Flight { reply } => drop(reply.send(Ok(Vec::new()))),
        Request::Screen { reply } => drop(reply.send(Ok(Some(super::picture(7))))),
    }
}

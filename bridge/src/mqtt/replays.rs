//! Which terminals have asked for a replay, and how far the running one has come. Pure.
//!
//! One replay runs at a time. Requests of one terminal that wait are merged into one. A request is
//! acknowledged to the broker only when its replay is done, so a bridge that dies is asked again.

use std::collections::VecDeque;

use till_wire::{TerminalNumber, UnixTime};

use crate::journal::{Chunk, Cursor, Stored};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Replays {
    waiting: VecDeque<Wish>,
    running: Option<Running>,
}

/// What one terminal wants, and the packets in which it said so on this connection.
#[derive(Debug, PartialEq, Eq)]
struct Wish {
    terminal: TerminalNumber,
    since: UnixTime,
    packets: Vec<Packet>,
}

/// The id of an incoming packet; it means nothing on another connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packet(pub(super) u16);

#[derive(Debug)]
struct Running {
    wish: Wish,
    /// Read and not yet published.
    ready: VecDeque<(Cursor, Stored)>,
    /// Where to read on; none: everything has been read.
    next: Option<Cursor>,
}

/// What the running replay needs next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// No replay runs and none waits.
    Nothing,
    /// One waits: call [`Replays::begin`].
    Begin,
    /// Read this part of the journal and hand it to [`Replays::read`].
    Read { terminal: TerminalNumber, since: UnixTime, from: Cursor },
    /// An entry can be had with [`Replays::first`].
    Publish,
    /// All is published; once nothing of it is on its way call [`Replays::finish`].
    Finish,
}

/// There are so many replays waiting that this one is not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMany;

const MAX_WAITING: usize = 4096;
/// The broker bounds what it sends unacknowledged; this bounds what we remember of it.
const MAX_PACKETS: usize = 1024;

impl Replays {
    pub(super) fn wish(&mut self, terminal: TerminalNumber, since: UnixTime, packet: Packet) -> Result<(), TooMany> {
        if let Some(wish) = self.waiting.iter_mut().find(|wish| wish.terminal == terminal) {
            wish.since = wish.since.min(since);
            if wish.packets.len() < MAX_PACKETS {
                wish.packets.push(packet);
            }
            return Ok(());
        }
        if self.waiting.len() >= MAX_WAITING {
            return Err(TooMany);
        }
        self.waiting.push_back(Wish { terminal, since, packets: vec![packet] });
        Ok(())
    }

    pub(super) fn step(&self) -> Step {
        let Some(running) = &self.running else {
            return if self.waiting.is_empty() { Step::Nothing } else { Step::Begin };
        };
        if !running.ready.is_empty() {
            return Step::Publish;
        }
        match running.next {
            Some(from) => Step::Read { terminal: running.wish.terminal, since: running.wish.since, from },
            None => Step::Finish,
        }
    }

    /// Begins the next replay. `start` is where the journal begins now; none: it is empty.
    pub(super) fn begin(&mut self, start: Option<Cursor>) {
        self.running = self.waiting.pop_front().map(|wish| Running { wish, ready: VecDeque::new(), next: start });
    }

    pub(super) fn read(&mut self, chunk: Chunk) {
        if let Some(running) = &mut self.running {
            running.ready.extend(chunk.entries);
            running.next = chunk.next;
        }
    }

    /// Returns what is to be published next; it stays here until [`Replays::pop`], for the line may be gone already.
    pub(super) fn first(&self) -> Option<&(Cursor, Stored)> {
        self.running.as_ref()?.ready.front()
    }

    /// Takes out what [`Replays::first`] returned, once it is on its way.
    pub(super) fn pop(&mut self) -> Option<(Cursor, Stored)> {
        self.running.as_mut()?.ready.pop_front()
    }

    /// Ends the running replay; returns the packets that may now be acknowledged.
    pub(super) fn finish(&mut self) -> Vec<Packet> {
        self.running.take().map(|running| running.wish.packets).unwrap_or_default()
    }

    /// The connection is gone, with the running replay's entries that were `on_their_way`: the
    /// replay goes on from the first of them, and no packet can be acknowledged any more.
    pub(super) fn connection_lost(&mut self, on_their_way: impl Iterator<Item = Cursor>) {
        self.waiting.iter_mut().for_each(|wish| wish.packets.clear());
        if let Some(running) = &mut self.running {
            running.wish.packets.clear();
            let unpublished = running.ready.drain(..).map(|(cursor, _)| cursor);
            running.next = on_their_way.chain(unpublished).min().or(running.next);
        }
    }
}

#[cfg(test)]
mod tests;

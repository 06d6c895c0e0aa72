//! How everything that the broker keeps under some topics is read, whole, however many terminals there are. It must not know
//! what becomes of it.
//!
//! No protocol says when everything kept has come, nor that some of it has not. What is known of brokers (the sources of
//! mosquitto 2.0.11 with Debian's corrections, and of NATS 2.9.10):
//!
//! * mosquitto puts everything kept for one SUBSCRIBE in a row while it does nothing else, then sends. Messages without
//!   acknowledgements (QoS 0) are left out of the row above `max_queued_bytes`, and thrown away on their way above
//!   `max_queued_messages` packets that the socket has not taken, SUBACK and PUBACK too: it depends on how quickly the client
//!   reads. With acknowledgements (QoS 1) the row itself ends at both limits, and what has a place in it is sent, at the
//!   client's pace: the beginning comes, the end is missing, whoever reads.
//! * NATS throws nothing away, and breaks the connection when 64 MiB wait.
//!
//! So the state, the shortest message that everybody keeps, is read with a wildcard; everything else by its own topic, a few
//! hundred at a time, which overflows nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use till_wire::topics::{states_filter, unrouted_filter};
use till_wire::{TerminalNumber, Topic};
use tokio::time::Instant;

use super::desk::Desk;
use super::line::{Delivery, Heard, Line, LineError, Message, SILENCE};

/// What fits into the queue of every broker: mosquitto has room for so many when its file says nothing, and ours for more.
const FITS_EVERYWHERE: usize = 1_000;
/// The same in bytes; of the brokers that bound them, none has less than some megabytes.
const BYTES_FIT_EVERYWHERE: usize = 1_048_576;
/// How many topics are asked for at once. As many of the largest messages have less than `max_queued_bytes` (16 MiB).
const BATCH: usize = 200;
/// How many topics one connection asks for: mosquitto looks through all of a client's for each new one.
const BATCHES_A_LINE: usize = 50;
/// How many terminals tell whether the broker had room for everything. One that sends its state otherwise than the contract
/// says, or takes it back meanwhile, proves nothing.
const WITNESSES: usize = 5;
/// For how long nothing kept comes before nothing is expected any more.
const QUIET: Duration = Duration::from_secs(10);
/// How often something is asked for again, when the connection broke or an answer is missing.
const TRIES: usize = 3;

/// Whether everything that is kept has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    /// The broker has thrown some of it away, or may have.
    Part,
}

/// Hands over everything that the broker keeps under a few filters of one terminal, one after the other, and what comes
/// meanwhile.
///
/// When all of it has come is told by another subscription, to something of which nothing is kept: a broker takes a client's
/// packets one after the other, and has put everything kept on the way before it answers the later one. That holds for
/// messages without acknowledgements alone, of which no number has to wait for the others.
pub(super) async fn read_kept(
    line: &mut Line,
    filters: &[String],
    mut take: impl FnMut(&Message),
) -> Result<(), LineError> {
    for filter in filters {
        read_batch(line, std::slice::from_ref(filter), SILENCE, &mut take).await?;
    }
    Ok(())
}

/// Hands over what the broker keeps on these topics.
pub(super) async fn read_topics(
    desk: &Desk,
    topics: &[String],
    mut take: impl FnMut(&Message),
) -> Result<(), LineError> {
    let mut batches = topics.chunks(BATCH).peekable();
    let mut failed = 0;
    while batches.peek().is_some() {
        let mut line = desk.try_connect().await?;
        for _ in 0..BATCHES_A_LINE {
            let Some(batch) = batches.peek() else { break };
            match read_batch(&mut line, batch, SILENCE, &mut take).await {
                Ok(()) => {
                    batches.next();
                    failed = 0;
                }
                Err(error @ LineError::Refused(_)) => return Err(error),
                Err(error) if failed + 1 >= TRIES => return Err(error),
                // All of it once more, on a new connection.
                Err(_) => {
                    failed += 1;
                    break;
                }
            }
        }
        // Everything is here; a broker that does not hear the goodbye changes nothing.
        let _ = line.close().await;
    }
    Ok(())
}

/// Hands over the state of every terminal, each at least once, and tells whether none is missing.
///
/// First quickly, without acknowledgements. When no more came than fits into every queue, that was all. Otherwise it is read
/// with acknowledgements, and behind it in the same SUBSCRIBE the state of some terminals that are known by then: when these
/// come a second time, the row had room for them, so it had room for all that are before them.
pub(super) async fn read_states(desk: &Desk, mut take: impl FnMut(&Message)) -> Result<Extent, LineError> {
    let mut known = BTreeSet::new();
    let mut bytes = 0_usize;
    let mut line = desk.try_connect().await?;
    let filter = [states_filter().to_owned()];
    let mut note = |message: &Message| {
        if let (Topic::State(number), true) = (&message.topic, message.retained) {
            known.insert(*number);
            bytes = bytes.saturating_add(message.body().len());
        }
        take(message);
    };
    let read = read_batch(&mut line, &filter, QUIET, &mut note).await;
    let is_answered = match read {
        Ok(()) => true,
        Err(LineError::Dropped | LineError::Silent) if !known.is_empty() => false,
        Err(error) => return Err(error),
    };
    // What comes later is not needed; a broker that does not hear the goodbye changes nothing.
    let _ = line.close().await;
    if is_answered && known.len() < FITS_EVERYWHERE && bytes < BYTES_FIT_EVERYWHERE {
        return Ok(Extent::Whole);
    }
    let apart = known.len().div_ceil(WITNESSES).max(1);
    let witnesses = known.into_iter().step_by(apart).collect();
    read_before_witnesses(desk, witnesses, take).await
}

async fn read_before_witnesses(
    desk: &Desk,
    witnesses: Vec<TerminalNumber>,
    mut take: impl FnMut(&Message),
) -> Result<Extent, LineError> {
    let mut line = desk.try_connect().await?;
    let mut filters = vec![states_filter().to_owned()];
    filters.extend(witnesses.iter().map(|number| Topic::State(*number).to_string()));
    line.subscribe(&filters, Delivery::Acknowledged)?;
    let mut missing: BTreeMap<TerminalNumber, u8> = witnesses.into_iter().map(|number| (number, 2)).collect();
    let mut until = Instant::now() + QUIET;
    let mut extent = Extent::Whole;
    while !missing.is_empty() {
        match line.next_until(until).await? {
            Some(Heard::Message(message)) => {
                if let (Topic::State(number), true) = (&message.topic, message.retained) {
                    // What terminals say now would put the end off for ever.
                    until = Instant::now() + QUIET;
                    if let Some(times) = missing.get_mut(number) {
                        *times = times.saturating_sub(1);
                    }
                    missing.retain(|_, times| *times > 0);
                }
                take(&message);
            }
            Some(Heard::Refused) => return Err(LineError::Refused(states_filter().to_owned())),
            Some(Heard::Granted | Heard::Taken) => {}
            None => {
                extent = Extent::Part;
                break;
            }
        }
    }
    let _ = line.close().await;
    Ok(extent)
}

/// Asks to be told what comes on any number of topics from now on. What is kept is dropped.
pub(super) async fn listen(line: &mut Line, filters: &[String], delivery: Delivery) -> Result<(), LineError> {
    for batch in filters.chunks(BATCH) {
        line.subscribe(batch, delivery)?;
        loop {
            match line.next_due().await? {
                Heard::Granted | Heard::Refused => break,
                Heard::Message(_) | Heard::Taken => {}
            }
        }
    }
    Ok(())
}

/// Hands over what is kept for one SUBSCRIBE, until the answer to the next one, which is not later than `quiet` after the last
/// message.
async fn read_batch(
    line: &mut Line,
    filters: &[String],
    quiet: Duration,
    take: &mut impl FnMut(&Message),
) -> Result<(), LineError> {
    line.subscribe(filters, Delivery::Stream)?;
    line.subscribe(&[unrouted_filter().to_owned()], Delivery::Stream)?;
    let mut answers = 0;
    let mut until = Instant::now() + quiet;
    while answers < 2 {
        match line.next_until(until).await?.ok_or(LineError::Silent)? {
            Heard::Message(message) => {
                if message.retained {
                    until = Instant::now() + quiet;
                }
                take(&message);
            }
            Heard::Granted => answers += 1,
            Heard::Refused => return Err(LineError::Refused(filters.first().cloned().unwrap_or_default())),
            Heard::Taken => {}
        }
    }
    Ok(())
}

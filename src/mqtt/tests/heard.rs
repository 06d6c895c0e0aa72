//! What the tests of the line begin with, and how they listen. It must not judge what a test is about.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use till_settings::{Broker, Document, Mode};
use till_wire::{ChannelId, CommandId, Envelope, Presence, TerminalNumber, TillState, UnixTime};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::broker::{PATIENCE, Road, Traffic, Watcher};
use crate::mqtt::{Heard, Link, Options};
use crate::till::{Delivery, Owed, Session, Subject};

const AT: UnixTime = UnixTime::from_secs(1_795_143_845);
const STATE: &str = "till/v1/0001017/up/state";
pub(super) const WEBHOOK: &str = "till/v1/0001017/down/webhook";
/// The number of the first connection of start 3.
pub(super) const FIRST: u64 = (3 << 20) + 1;

pub(super) fn options(port: u16) -> Options {
    let text = format!("[mqtt]\nurl = \"mqtt://127.0.0.1:{port}\"\n");
    let document = Document::parse(Path::new("tilld.toml"), &text, Mode::Run);
    let document = document.expect("the text is TOML");
    let broker = Broker::read(&document.root().table("mqtt"));
    Options {
        broker: broker.expect("the table names a broker"),
        terminal: terminal(),
        start: 3,
        clock: || AT,
        clock_is_plausible: || true,
    }
}

pub(super) fn terminal() -> TerminalNumber {
    TerminalNumber::new(1017).expect("a terminal number")
}

pub(super) fn envelope(body: &str) -> Envelope {
    Envelope::new(
        ChannelId::new("payos").expect("a channel id"),
        "payos".to_owned(),
        AT,
        "POST".to_owned(),
        "/hooks/payos".to_owned(),
        BTreeMap::new(),
        body.to_owned(),
    )
}

pub(super) fn bytes(envelope: &Envelope) -> Vec<u8> {
    envelope.to_bytes().expect("the envelope is small enough")
}

pub(super) fn owed(number: u64) -> Owed {
    Owed { number, subject: Subject::Replay, revision: 5, at: None, bytes: 0 }
}

pub(super) fn said(state: Presence, session: u64) -> TillState {
    TillState { state, session, at: AT }
}

pub(super) async fn state(watcher: &mut Watcher) -> TillState {
    let message = watcher.next().await;
    assert_eq!(message.topic, STATE);
    serde_json::from_slice(&message.payload).expect("up/state is a state")
}

/// Starts a line and waits until it is up.
pub(super) async fn connected(port: u16) -> (Link, mpsc::Receiver<Heard>) {
    let (link, mut heard) = Link::start(options(port));
    assert_eq!(up(&mut heard).await.0, FIRST);
    (link, heard)
}

pub(super) async fn next(heard: &mut mpsc::Receiver<Heard>) -> Heard {
    let next = timeout(PATIENCE, heard.recv()).await;
    next.expect("something is heard in time").expect("the line goes on")
}

/// Waits for the next connection, past failed attempts, and returns its number and session.
pub(super) async fn up(heard: &mut mpsc::Receiver<Heard>) -> (u64, Session) {
    loop {
        match as_down(next(heard).await) {
            Ok(_) => {}
            Err(other) => return as_up(other).expect("the connection comes first"),
        }
    }
}

/// Waits for an end of the connection, or of the attempt at one, and returns the reason.
pub(super) async fn down(heard: &mut mpsc::Receiver<Heard>) -> String {
    as_down(next(heard).await).expect("the end comes")
}

pub(super) async fn webhook(heard: &mut mpsc::Receiver<Heard>) -> (Delivery, Envelope) {
    as_webhook(next(heard).await).expect("a webhook comes")
}

/// Waits until no more can be heard before something is listened to.
pub(super) async fn filled(heard: &mpsc::Receiver<Heard>) {
    let full = async {
        while heard.len() < heard.max_capacity() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, full).await.expect("more comes than can be heard");
}

/// Waits until a new connection is up and has delivered a webhook again. The broker delivers what it has kept before it
/// answers the subscription.
pub(super) async fn redelivered(heard: &mut mpsc::Receiver<Heard>) -> (Delivery, Envelope) {
    let (mut webhook, mut is_up) = (None, false);
    loop {
        match as_webhook(next(heard).await) {
            Ok(delivered) => webhook = Some(delivered),
            Err(Heard::Down { .. }) => (webhook, is_up) = (None, false),
            Err(other) => {
                as_up(other).expect("only connections and webhooks come");
                is_up = true;
            }
        }
        if let (Some(webhook), true) = (&webhook, is_up) {
            return webhook.clone();
        }
    }
}

/// Cuts the road, and waits until the line has noticed.
pub(super) async fn cut(road: &Road, heard: &mut mpsc::Receiver<Heard>) {
    road.set(Traffic::Cut);
    while let Err(other) = as_down(next(heard).await) {
        as_up(other).expect("nothing else than a connection comes before the end");
    }
}

// Each returns what it is asked for, or else what came, so that a failing test shows it.

fn as_up(heard: Heard) -> Result<(u64, Session), Heard> {
    match heard {
        Heard::Up { connection, session, .. } => Ok((connection, session)),
        other @ (Heard::Down { .. }
        | Heard::Webhook { .. }
        | Heard::Desired { .. }
        | Heard::Command { .. }
        | Heard::Published { .. }) => Err(other),
    }
}

fn as_down(heard: Heard) -> Result<String, Heard> {
    match heard {
        Heard::Down { reason } => Ok(reason),
        other @ (Heard::Up { .. }
        | Heard::Webhook { .. }
        | Heard::Desired { .. }
        | Heard::Command { .. }
        | Heard::Published { .. }) => Err(other),
    }
}

fn as_webhook(heard: Heard) -> Result<(Delivery, Envelope), Heard> {
    match heard {
        Heard::Webhook { delivery, envelope } => Ok((delivery, *envelope)),
        other @ (Heard::Up { .. }
        | Heard::Down { .. }
        | Heard::Desired { .. }
        | Heard::Command { .. }
        | Heard::Published { .. }) => Err(other),
    }
}

pub(super) fn as_desired(heard: Heard) -> Result<(Delivery, Option<Vec<u8>>), Heard> {
    match heard {
        Heard::Desired { delivery, document } => Ok((delivery, document)),
        other @ (Heard::Up { .. }
        | Heard::Down { .. }
        | Heard::Webhook { .. }
        | Heard::Command { .. }
        | Heard::Published { .. }) => Err(other),
    }
}

pub(super) fn as_command(heard: Heard) -> Result<(Delivery, CommandId, Option<Vec<u8>>), Heard> {
    match heard {
        Heard::Command { delivery, id, document } => Ok((delivery, id, document)),
        other @ (Heard::Up { .. }
        | Heard::Down { .. }
        | Heard::Webhook { .. }
        | Heard::Desired { .. }
        | Heard::Published { .. }) => Err(other),
    }
}

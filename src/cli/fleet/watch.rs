//! `till fleet watch`: every change of what terminals say of themselves, one line each, through interruptions. It must not
//! know the other verbs.

use std::borrow::Cow;
use std::time::Duration;

use till_wire::fleet::CommandStatus;
use till_wire::topics::{command_statuses_filter, command_statuses_of_filter, healths_filter, states_filter};
use till_wire::{TerminalNumber, Topic};
use tokio::time::sleep;

use super::super::World;
use super::super::fault::Fault;
use super::super::text::plain;
use super::super::wording::moment;
use super::counters::{Change, Counter, Counters};
use super::desk::Desk;
use super::line::{Delivery, Heard, Line, LineError, Message};
use super::list::{in_json, in_words, standing_text};
use super::typed::WatchArgs;
use crate::clock;

/// Before coming back to a broker that went away: at first, and at most.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);

/// Shows changes until interrupted, or until the broker has been away for too long at the very beginning.
pub(super) async fn watch(args: &WatchArgs, desk: &Desk, world: &mut World<'_>) -> Result<(), Fault> {
    // What is wrong from the start is told at once; later it is waited for.
    let mut line = desk.connect().await?;
    let mut watching = Watching { args, counters: Counters::default() };
    let mut pause = FIRST;
    loop {
        let Err(ended) = watching.follow(&mut line, world).await;
        let error = match ended {
            Ended::Broker(error) => error,
            Ended::Output(fault) => return Err(fault),
        };
        let tools = &desk.words.fleet.tools;
        let why = (tools.broker)(&error, desk.settings.client_id.as_str());
        writeln!(world.err, "till: {}", (tools.comes_back)(&why))?;
        line = loop {
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST);
            if let Ok(line) = desk.try_connect().await {
                break line;
            }
        };
    }
}

/// Why watching one connection ended.
enum Ended {
    Broker(LineError),
    Output(Fault),
}

impl From<LineError> for Ended {
    fn from(error: LineError) -> Self {
        Self::Broker(error)
    }
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Output(fault)
    }
}

struct Watching<'w> {
    args: &'w WatchArgs,
    counters: Counters,
}

impl Watching<'_> {
    /// Follows one connection. What the broker keeps is told as far as it is news.
    async fn follow(&mut self, line: &mut Line, world: &mut World<'_>) -> Result<std::convert::Infallible, Ended> {
        // All in one packet, so that a broker which keeps more than it sends at once throws no answer away: what is missing
        // then comes with the terminal's next word, and whoever wants to see all at once has `list`.
        line.subscribe(&self.filters(), Delivery::Stream)?;
        loop {
            match line.next().await? {
                Heard::Message(message) => {
                    if let Some(text) = self.take(&message, world) {
                        writeln!(world.out, "{text}").and_then(|()| world.out.flush()).map_err(Fault::from)?;
                    }
                }
                Heard::Refused => return Err(LineError::Refused(self.filters().join(", ")).into()),
                Heard::Granted | Heard::Taken => {}
            }
        }
    }

    fn filters(&self) -> Vec<String> {
        match self.args.number {
            Some(number) => {
                let [state, health] = [Topic::State(number), Topic::Health(number)].map(|topic| topic.to_string());
                vec![state, health, command_statuses_of_filter(number)]
            }
            None => [states_filter(), healths_filter(), command_statuses_filter()].map(str::to_owned).to_vec(),
        }
    }

    /// Returns the line of what a message changes, if it changes anything that a line tells.
    fn take(&mut self, message: &Message, world: &World<'_>) -> Option<String> {
        let (Topic::State(number) | Topic::Health(number)) = message.topic else {
            return self.command(message, world);
        };
        let before = self.counters.known.get(&number).cloned();
        let Change::Of(number) = self.counters.take(&message.topic, message.body(), clock::wall()) else { return None };
        let now = self.counters.known.get(&number)?;
        if before.as_ref().is_some_and(|before| is_told_alike(before, now)) {
            return None;
        }
        Some(if self.args.json { in_json(number, now).to_string() } else { in_line(number, now, world) })
    }

    fn command(&self, message: &Message, world: &World<'_>) -> Option<String> {
        let Topic::CommandStatus(number, id) = message.topic else { return None };
        // What was kept from before is no change.
        let status: CommandStatus = serde_json::from_slice(message.body()).ok().filter(|_| !message.retained)?;
        if self.args.json {
            return Some(serde_json::json!({ "number": number, "command": id, "fares": status }).to_string());
        }
        let tools = &world.style.words().fleet.tools;
        let more = [&status.reason, &status.progress].into_iter().flatten().next();
        let more = more.map(|more| format!(": {}", plain(more))).unwrap_or_default();
        let time = moment(clock::wall());
        Some(format!("{time}  {number}  {id} {}{more}", (tools.command_state)(status.status)))
    }
}

/// Tells whether two sights of a counter differ in nothing that a person would call a change: not in how long it has run.
fn is_told_alike(one: &Counter, other: &Counter) -> bool {
    let parts = |counter: &Counter| {
        let health = counter.health.as_deref();
        let told = health.map(|health| (health.label.clone(), health.version.clone(), health.attention));
        let wrong =
            counter.whys().iter().map(|why| (why.as_str(), why.reason().map(Cow::into_owned))).collect::<Vec<_>>();
        (counter.state.map(|known| (known.state, known.session)), told, wrong)
    };
    parts(one) == parts(other)
}

fn in_line(number: TerminalNumber, counter: &Counter, world: &World<'_>) -> String {
    let label = counter.health.as_ref().and_then(|health| health.label.clone());
    let label = label.map(|label| format!(" ({label})")).unwrap_or_default();
    let wrong = in_words(&counter.whys(), world.style);
    let wrong = if wrong.is_empty() { wrong } else { format!("  {wrong}") };
    format!("{}  {number}{label}  {}{wrong}", moment(clock::wall()), standing_text(counter, world.style))
}

//! `till fleet command`: tells one terminal or many what to do, and hears how it goes. It must not know what commands do.

use std::collections::{BTreeSet, VecDeque};

use till_wire::fleet::{CommandState, CommandStatus, FleetSigner, NOT_MEANT};
use till_wire::topics::command_status_filter;
use till_wire::{CommandId, TerminalNumber, Topic};
use tokio::time::Instant;

use super::super::World;
use super::super::fault::Fault;
use super::super::wording::moment;
use super::super::words::{FleetAttempt, Words};
use super::counters::Counters;
use super::desk::Desk;
use super::files;
use super::kept::{Extent, listen, read_kept};
use super::line::{Delivery, Heard, Kept, Line, LineError, Message};
use super::list::{counters, states};
use super::now;
use super::order::{Order, Whom};
use super::report::Report;
use super::rollout::{Limits, Next, Rollout};
use super::typed::{self, CommandArgs};
use crate::clock;

/// Tells terminals what to do.
pub(super) async fn command(args: &CommandArgs, desk: &Desk, world: &mut World<'_>) -> Result<(), Fault> {
    let order = Order::read(args, desk.words)?;
    let waiting = if args.wait { Waiting::Always } else { Waiting::ForSeveral };
    send(&order, &args.how, waiting, desk, world).await
}

/// Whether one terminal is waited for as several are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    Always,
    ForSeveral,
}

/// Sends a command to whom it is for, and hears how it goes.
pub(super) async fn send(
    order: &Order,
    how: &typed::Rollout,
    waiting: Waiting,
    desk: &Desk,
    world: &mut World<'_>,
) -> Result<(), Fault> {
    let words = desk.words;
    let signer = desk.signer()?;
    let attempt = FleetAttempt::Command(&order.cmd);
    let now = now(attempt, words)?;
    let id = order.name(now, words)?;
    let told = whom(order, desk).await?;
    if told.terminals.is_empty() {
        return Err(super::cannot(words, attempt, words.fleet.tools.nobody));
    }
    let line = desk.connect().await?;
    let mut sending =
        Sending { desk, order, signer, id, by_group: told.by_group, line, outbox: VecDeque::new(), keep: how.keep };
    if let (Whom::One(number), Waiting::ForSeveral) = (&order.whom, waiting) {
        return sending.send_only(*number, how.json, world).await;
    }
    let limits =
        Limits { percent: how.percent, per_minute: how.rate, abort_over: how.abort_over, patience: how.patience };
    let mut rollout = Rollout::new(told.terminals, limits);
    let mut report = Report::begin(order, id, how.json, world)?;
    sending.listen().await.map_err(|error| desk.fault(&error))?;
    sending.run(&mut rollout, &mut report, world).await?;
    // The answers are heard; a broker that does not hear the goodbye changes nothing.
    let _ = sending.line.close().await;
    report.end(&rollout, world)
}

/// Who is told.
struct Told {
    terminals: BTreeSet<TerminalNumber>,
    /// Whether terminals themselves know who is meant.
    by_group: bool,
}

async fn whom(order: &Order, desk: &Desk) -> Result<Told, Fault> {
    Ok(match &order.whom {
        Whom::One(number) => Told { terminals: BTreeSet::from([*number]), by_group: false },
        Whom::All => {
            let found = states(desk).await?;
            Told { terminals: everybody(found, order, desk)?.known.into_keys().collect(), by_group: false }
        }
        Whom::Group(group) => match files::known_members(desk, group)? {
            Some(terminals) => Told { terminals, by_group: false },
            None => {
                let found = counters(desk).await?;
                let all = everybody(found, order, desk)?.known.into_iter();
                // One that does not say how it is may be meant, and knows itself.
                let may_be_meant = all.filter(|(_, counter)| counter.is_in(group).unwrap_or(true));
                Told { terminals: may_be_meant.map(|(number, _)| number).collect(), by_group: true }
            }
        },
    })
}

/// Refuses to tell a part of those who are meant.
fn everybody((counters, extent): (Counters, Extent), order: &Order, desk: &Desk) -> Result<Counters, Fault> {
    match extent {
        Extent::Whole => Ok(counters),
        Extent::Part => {
            Err(super::cannot(desk.words, FleetAttempt::Command(&order.cmd), desk.words.fleet.tools.incomplete))
        }
    }
}

/// A command on its way.
struct Sending<'c> {
    desk: &'c Desk,
    order: &'c Order,
    signer: FleetSigner,
    id: CommandId,
    by_group: bool,
    line: Line,
    /// What is to be published as soon as there is room.
    outbox: VecDeque<(Topic, Kept, String)>,
    keep: bool,
}

impl Sending<'_> {
    /// Asks to be told how the command fares, before anybody is told of it. Without acknowledgements: what a terminal says is
    /// kept by the broker until it is cleared, so a new connection hears it again, while the queue of what waits to be
    /// acknowledged may be too short for a whole fleet.
    async fn listen(&mut self) -> Result<(), LineError> {
        listen(&mut self.line, &[command_status_filter(&self.id)], Delivery::Stream).await
    }

    /// Sends the command and waits no longer than until the broker has it.
    async fn send_only(mut self, number: TerminalNumber, is_json: bool, world: &mut World<'_>) -> Result<(), Fault> {
        let (desk, words) = (self.desk, self.desk.words);
        warn_of_absence(self.order, number, desk, &mut self.line, world).await?;
        let topic = Topic::Command(number, self.id);
        let document = self.document(number)?;
        self.line.publish(&topic, Kept::No, document).map_err(|error| desk.fault(&error))?;
        self.line.close().await.map_err(|error| desk.fault(&error))?;
        if is_json {
            let sent = serde_json::json!({ "number": number, "id": self.id, "status": "sent" });
            return Ok(writeln!(world.out, "{sent}")?);
        }
        Ok(writeln!(world.out, "{}", (words.fleet.tools.sent)(self.id.as_str(), number))?)
    }

    fn document(&self, number: TerminalNumber) -> Result<String, Fault> {
        let words = self.desk.words;
        self.order.sign(self.id, number, self.by_group, (&self.signer, clock::wall(), words))
    }

    /// Tells one after the other, and hears them, until all have come to their end.
    async fn run(&mut self, rollout: &mut Rollout, report: &mut Report, world: &mut World<'_>) -> Result<(), Fault> {
        loop {
            let heard = match self.step(rollout).await? {
                Step::Heard(heard) => heard,
                Step::Nothing => Ok(None),
                Step::Over => return Ok(()),
            };
            match heard {
                Ok(Some(Heard::Message(message))) => self.take(&message, rollout, report, world)?,
                Ok(Some(Heard::Granted | Heard::Refused | Heard::Taken) | None) => {}
                Err(error) => self.come_back(&error, rollout, world).await?,
            }
            report.progress(rollout.tally(), world)?;
        }
    }

    async fn step(&mut self, rollout: &mut Rollout) -> Result<Step, Fault> {
        if !self.line.has_room() {
            return Ok(Step::Heard(self.line.next_due().await.map(Some)));
        }
        if let Some((topic, kept, body)) = self.outbox.pop_front() {
            let published = self.line.publish(&topic, kept, body);
            return Ok(Step::Heard(published.map(|()| None)));
        }
        let now = Instant::now();
        Ok(match rollout.next(now) {
            Next::Tell(number) => {
                let document = self.document(number)?;
                self.outbox.push_back((Topic::Command(number, self.id), Kept::No, document));
                rollout.told(now);
                Step::Nothing
            }
            // A connection that breaks is noticed by its signs of life.
            Next::Wait(until) => Step::Heard(self.line.next_until(until).await),
            Next::Over => Step::Over,
        })
    }

    fn take(
        &mut self,
        message: &Message,
        rollout: &mut Rollout,
        report: &mut Report,
        world: &mut World<'_>,
    ) -> Result<(), Fault> {
        let Topic::CommandStatus(number, id) = message.topic else { return Ok(()) };
        let Ok(status) = serde_json::from_slice::<CommandStatus>(message.body()) else { return Ok(()) };
        if id != self.id {
            return Ok(());
        }
        if self.by_group && is_not_meant(&status) {
            rollout.not_meant(number);
            return Ok(());
        }
        report.heard(number, &status, world)?;
        if let Some(fate) = rollout.heard(number, status, Instant::now()) {
            if fate.is_success() && !self.keep {
                self.outbox.push_back((Topic::CommandStatus(number, id), Kept::Yes, String::new()));
            }
            report.ended(number, &fate, world)?;
        }
        Ok(())
    }

    /// Connects again, and tells those once more who have not said anything: the same command is carried out once.
    async fn come_back(&mut self, error: &LineError, rollout: &Rollout, world: &mut World<'_>) -> Result<(), Fault> {
        let filters = [command_status_filter(&self.id)];
        self.line = self.desk.come_back(error, &filters, Delivery::Stream, world).await?;
        self.outbox.retain(|(topic, _, _)| matches!(topic, Topic::CommandStatus(..)));
        for number in rollout.unheard() {
            let document = self.document(number)?;
            self.outbox.push_back((Topic::Command(number, self.id), Kept::No, document));
        }
        Ok(())
    }
}

enum Step {
    Heard(Result<Option<Heard>, LineError>),
    Nothing,
    Over,
}

fn is_not_meant(status: &CommandStatus) -> bool {
    status.status == CommandState::Rejected && status.reason.as_deref() == Some(NOT_MEANT)
}

/// Says that a terminal is not there, when it is not: the command then waits for it.
pub(super) async fn warn_of_absence(
    order: &Order,
    number: TerminalNumber,
    desk: &Desk,
    line: &mut Line,
    world: &mut World<'_>,
) -> Result<(), Fault> {
    let tools = &desk.words.fleet.tools;
    let mut counters = Counters::default();
    let now = clock::wall();
    let filters = [Topic::State(number).to_string()];
    let read = read_kept(line, &filters, |message| {
        counters.take(&message.topic, message.body(), now);
    });
    read.await.map_err(|error| desk.fault(&error))?;
    let until = moment(order.ends_at(now));
    match counters.known.get(&number) {
        None => writeln!(world.err, "till: {}", (tools.never_heard)(number, &until))?,
        Some(counter) if !counter.is_there() => {
            let since = counter.state.map(|known| moment(known.at)).unwrap_or_default();
            writeln!(world.err, "till: {}", (tools.is_away)(number, &since, &until))?;
        }
        Some(_) => {}
    }
    Ok(())
}

/// Clears what the broker has kept of how commands to a terminal ended.
pub(super) async fn clear(args: &CommandArgs, desk: &Desk, world: &mut World<'_>) -> Result<(), Fault> {
    let words: &Words = desk.words;
    let [typed] = args.words.as_slice() else {
        return Err(Fault::Usage(words.fleet.tools.clear_one.to_owned()));
    };
    let number = super::args::number(typed).map_err(|_| Fault::Usage((words.fleet.tools.no_number)(typed)))?;
    let mut line = desk.connect().await?;
    let mut ended = BTreeSet::new();
    let filters = [till_wire::topics::command_statuses_of_filter(number)];
    let read = read_kept(&mut line, &filters, |message| {
        let status = serde_json::from_slice::<CommandStatus>(message.body());
        let is_over =
            status.is_ok_and(|status| !matches!(status.status, CommandState::Received | CommandState::Running));
        if let (Topic::CommandStatus(_, id), true) = (&message.topic, is_over) {
            ended.insert(*id);
        }
    });
    read.await.map_err(|error| desk.fault(&error))?;
    for id in &ended {
        while !line.has_room() {
            line.next_due().await.map_err(|error| desk.fault(&error))?;
        }
        let cleared = line.publish(&Topic::CommandStatus(number, *id), Kept::Yes, "");
        cleared.map_err(|error| desk.fault(&error))?;
    }
    line.close().await.map_err(|error| desk.fault(&error))?;
    if args.how.json {
        let cleared: Vec<_> = ended.iter().map(CommandId::as_str).collect();
        return Ok(writeln!(world.out, "{}", serde_json::json!({ "number": number, "cleared": cleared }))?);
    }
    Ok(writeln!(world.out, "{}", (words.fleet.tools.cleared)(number, ended.len()))?)
}

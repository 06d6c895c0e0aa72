//! Which commands are obeyed: those for this terminal, in their time, once (promise P12). Each that is kept is on the disk
//! before it is acknowledged; what could be made up in any number is told and not kept (promise P9).

use till_wire::{CommandId, UnixTime};

use super::Till;
use super::command::{
    Audience, BEGIN_AFTER, CLOCKS_DIFFER_MS, CommandRecord, CommandStage, Instruction, LONGEST_LIFE_MS, MAX_COMMANDS,
    SignedCommand, WaitingCommand,
};
use super::event::{Delivery, Subject};
use super::mutant::Mutant;
use super::step::{Effect, Step, Write};
use super::time::Now;

/// What is to be done about a command that came.
enum Judgement {
    /// It is known: nothing new happens.
    Known,
    /// Its sender is told, and nothing is kept.
    Tell(CommandStage),
    /// It is kept.
    Keep(CommandStage),
}

impl Till {
    pub(super) fn on_command(&mut self, delivery: Delivery, command: SignedCommand, now: Now, step: &mut Step) {
        match self.judge_command(&command, now) {
            Judgement::Known => {}
            Judgement::Tell(stage) => step.effects.push(Effect::TellCommand { id: command.topic, stage }),
            Judgement::Keep(stage) => self.keep_command(command, stage, now, step),
        }
        step.effects.push(Effect::Acknowledge(delivery));
    }

    /// Tells whether a command of this name is remembered.
    pub fn knows_command(&self, id: CommandId) -> bool {
        self.commands.records.contains_key(&id)
    }

    /// Returns the time until which a command could have been obeyed here, if any could: whoever forgets them must remember it.
    pub fn obeyed_until(&self) -> Option<UnixTime> {
        let newest = self.commands.records.values().map(|record| record.expires).max();
        newest.max(self.commands.forgotten)
    }

    fn judge_command(&self, command: &SignedCommand, now: Now) -> Judgement {
        let told = |reason: &str| Judgement::Tell(CommandStage::Rejected(reason.to_owned()));
        if command.topic != command.id {
            return told("its topic does not have its name (`jti`)");
        }
        if !self.is_addressed(&command.audience) {
            return told(till_wire::fleet::NOT_MEANT);
        }
        if self.knows_command(command.id) && !Mutant::ObeysAgain.is_on() {
            return Judgement::Known;
        }
        if self.commands.forgotten.is_some_and(|until| command.expires <= until) && !Mutant::ObeysAgain.is_on() {
            // It may have been obeyed, and its status may stand: that is not written over.
            return Judgement::Tell(CommandStage::Expired);
        }
        if !self.has_room_for_command(now) {
            return told("this terminal remembers 512 commands that have not expired; send it again later");
        }
        match self.refusal(command, now) {
            Some(stage) => Judgement::Keep(stage),
            None => Judgement::Keep(CommandStage::Received),
        }
    }

    fn is_addressed(&self, audience: &Audience) -> bool {
        let ours = match audience {
            Audience::Terminal(number) => *number == self.rules.terminal,
            Audience::Group(name) => self.rules.groups.contains(name),
        };
        ours || Mutant::ObeysForOthers.is_on()
    }

    /// Says why a command that is for this terminal is not obeyed.
    fn refusal(&self, command: &SignedCommand, now: Now) -> Option<CommandStage> {
        let rejected = |reason: &str| Some(CommandStage::Rejected(reason.to_owned()));
        let (at, life) = (self.best_time(now), command.expires.ms().saturating_sub(command.made.ms()));
        if !self.knows_the_time(now) {
            return rejected("the terminal's clock is not set");
        }
        if !(1..=LONGEST_LIFE_MS).contains(&life) {
            return rejected("it must expire (`exp`) at most 24 h after it was made (`iat`)");
        }
        if command.begins.ms() > at.ms().saturating_add(CLOCKS_DIFFER_MS) {
            return rejected("it is not yet valid (`iat`, `nbf`): see whose clock is wrong");
        }
        // Whatever an earlier store had obeyed is forgotten with it.
        if command.made.secs() < self.memory_begins(now).secs() {
            return rejected("it is older than this terminal's store, which may have lost that it was obeyed");
        }
        if command.expires <= at && !Mutant::ObeysTheDead.is_on() {
            return Some(CommandStage::Expired);
        }
        match &command.instruction {
            Err(reason) => rejected(reason),
            Ok(Instruction::Wipe { confirm }) if *confirm != self.rules.terminal => {
                rejected("`confirm` is not this terminal's number")
            }
            Ok(_) => None,
        }
    }

    /// Tells whether a command's times can be judged.
    fn knows_the_time(&self, now: Now) -> bool {
        self.provider_time.is_some() || self.clock_is_plausible(now)
    }

    /// Returns since when whatever was obeyed is remembered: since the store was made. When the clock was wrong then, nobody
    /// knows when that was, but for this process.
    fn memory_begins(&self, now: Now) -> UnixTime {
        let at = self.best_time(now);
        if (self.rules.built..=at).contains(&self.born) {
            return self.born;
        }
        let running = i64::try_from(now.tick.since(self.commands.started).as_millis()).unwrap_or(i64::MAX);
        UnixTime::from_ms(at.ms().saturating_sub(running))
    }

    fn has_room_for_command(&self, now: Now) -> bool {
        self.commands.records.len() < MAX_COMMANDS || self.forgettable(now).is_some()
    }

    /// Names the command that may be forgotten first: nothing comes of it any more, everybody has heard so, and if it came
    /// again it would have expired.
    fn forgettable(&self, now: Now) -> Option<(CommandId, UnixTime)> {
        let at = self.best_time(now);
        let old = |record: &&CommandRecord| {
            record.stage.is_final() && record.expires <= at && !self.outbox.owes(Subject::Command(record.id))
        };
        let known = self.commands.records.values().filter(|_| self.knows_the_time(now));
        known.filter(old).map(|record| (record.expires, record.id)).min().map(|(expires, id)| (id, expires))
    }

    fn keep_command(&mut self, command: SignedCommand, stage: CommandStage, now: Now, step: &mut Step) {
        while self.commands.records.len() >= MAX_COMMANDS {
            let Some((id, expires)) = self.forgettable(now) else { return };
            self.commands.records.remove(&id);
            self.commands.forgotten = self.commands.forgotten.max(Some(expires));
            step.writes.push(Write::ForgetCommand { id, expires });
        }
        let at = self.best_time(now);
        // A life beyond all bounds must not be remembered for ever.
        let longest = UnixTime::from_ms(at.ms().saturating_add(LONGEST_LIFE_MS));
        let expires = if self.knows_the_time(now) { command.expires.min(longest) } else { command.expires };
        let waits = stage == CommandStage::Received;
        if waits {
            let until = now.tick + life_left(expires, at);
            self.commands.waiting.push(WaitingCommand { id: command.id, from: now.tick + BEGIN_AFTER, until });
        }
        let instruction = command.instruction.ok().filter(|_| waits);
        let document = command.document.filter(|_| waits);
        let (id, at) = (command.id, now.wall);
        let record = CommandRecord { id, number: 0, instruction, expires, at, revision: 0, stage, document };
        self.note_command(record, now, step);
    }

    /// Moves a command to another stage, durably.
    pub(super) fn set_command(&mut self, id: CommandId, stage: CommandStage, now: Now, step: &mut Step) {
        let Some(record) = self.commands.records.get(&id).filter(|record| record.stage != stage) else { return };
        let mut record = CommandRecord { stage, ..record.clone() };
        if record.stage.is_final() {
            record.document = None;
        }
        self.note_command(record, now, step);
    }

    /// Writes a command down, and owes its status to the world.
    fn note_command(&mut self, mut record: CommandRecord, now: Now, step: &mut Step) {
        record.revision = record.revision.saturating_add(1);
        let number = self.owe(Subject::Command(record.id), record.revision, record.message_bytes(), now, step);
        if record.number == 0 {
            record.number = number;
        }
        step.writes.push(Write::Command(Box::new(record.clone())));
        self.commands.records.insert(record.id, record);
    }
}

impl CommandRecord {
    /// Returns at least how many bytes its status has as a message.
    fn message_bytes(&self) -> u64 {
        use super::command::CommandResult;
        let text = match &self.stage {
            CommandStage::Received | CommandStage::Running(_) | CommandStage::Expired => 0,
            CommandStage::Succeeded(CommandResult::None | CommandResult::Sale(_)) => 0,
            CommandStage::Succeeded(CommandResult::Json(text))
            | CommandStage::Failed(text)
            | CommandStage::Rejected(text) => text.len(),
        };
        u64::try_from(text).unwrap_or(u64::MAX).saturating_add(128)
    }
}

/// How long something lives that expires then, at most as long as a command can.
pub(super) fn life_left(expires: UnixTime, at: UnixTime) -> std::time::Duration {
    let left = expires.ms().saturating_sub(at.ms()).clamp(0, LONGEST_LIFE_MS);
    std::time::Duration::from_millis(u64::try_from(left).unwrap_or(0))
}

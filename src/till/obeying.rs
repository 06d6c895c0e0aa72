//! Carries out what an operator has commanded: one at a time where an adapter is needed, never on top of a sale, and never
//! again what may have been done before a restart.

use std::time::Duration;

use till_wire::{CommandId, SaleId};

use super::command::{
    CommandJob, CommandNotice, CommandRecord, CommandResult, CommandStage, Commands, IDENTIFY, Instruction, JOB,
    LAST_WORD, NoticeKind, Performed, Pieces, Progress, SENDING, Service, WaitingCommand,
};
use super::event::Subject;
use super::mutant::Mutant;
use super::obedience::life_left;
use super::records::Records;
use super::rules::Display;
use super::step::{Answer, Effect, Owed, Step, Write};
use super::time::{Now, Tick};
use super::view::View;
use super::{Panel, Till};

/// What has become of a command that had its turn.
enum Turn {
    /// Nothing more comes of it, but for what is on the display.
    Over(CommandStage),
    /// An adapter is at it.
    Given(Progress),
    /// It waits.
    Waits(Progress),
}

impl Commands {
    /// Begins with what the disk has.
    pub(super) fn restore(records: &mut Records, started: Tick) -> Self {
        let commands = std::mem::take(&mut records.commands);
        Self {
            records: commands.into_iter().map(|record| (record.id, record)).collect(),
            forgotten: records.forgotten,
            service: records.service,
            started,
            ..Self::default()
        }
    }
}

impl Till {
    /// Takes up what a start finds: what was not begun is begun, and of what may have been done it is told that nobody knows.
    pub(super) fn resume_commands(&mut self, now: Now, step: &mut Step) {
        let at = self.best_time(now);
        let mut open: Vec<CommandRecord> =
            self.commands.records.values().filter(|record| !record.stage.is_final()).cloned().collect();
        open.sort_by_key(|record| record.number);
        for record in open {
            match (&record.stage, &record.instruction) {
                // Another process is here: that is what it was about.
                (CommandStage::Running(_), Some(Instruction::Restart)) => {
                    self.set_command(record.id, CommandStage::Succeeded(CommandResult::None), now, step);
                }
                (CommandStage::Running(Progress::Installing), Some(Instruction::Update(update))) => {
                    self.await_installer(record.id, update.clone(), now, step);
                }
                (CommandStage::Running(Progress::Begun | Progress::Installing | Progress::Sending { .. }), _)
                | (_, None) => {
                    let why = "the terminal was started again while it was being carried out".to_owned();
                    self.set_command(record.id, CommandStage::Failed(why), now, step);
                }
                (_, Some(_)) => {
                    let until = now.tick + life_left(record.expires, at);
                    self.commands.waiting.push(WaitingCommand { id: record.id, from: now.tick, until });
                }
            }
        }
    }

    /// When something is to be done for a command.
    pub(super) fn command_due(&self) -> Option<Tick> {
        let Commands { waiting, job, notice, log_until, .. } = &self.commands;
        let turns = waiting.iter().map(|it| if self.can_begin(it.id) { it.from.min(it.until) } else { it.until });
        let job = job.as_ref().map(|job| job.until);
        let notice = notice.as_ref().map(|notice| notice.until);
        let leave = self.commands.leave.map(|(_, until)| until);
        turns.chain(job).chain(self.update_due()).chain(notice).chain(*log_until).chain(leave).min()
    }

    /// Does what is due for commands.
    pub(super) fn commands_due(&mut self, now: Now, step: &mut Step) {
        if self.commands.notice.as_ref().is_some_and(|notice| notice.until <= now.tick) {
            self.commands.notice = None;
        }
        if self.commands.log_until.is_some_and(|until| until <= now.tick) {
            self.commands.log_until = None;
            step.effects.push(Effect::UsualLogLevel);
        }
        let is_heard = |(id, until)| until <= now.tick || !self.outbox.owes(Subject::Command(id));
        if self.commands.leave.is_some_and(is_heard) {
            self.commands.leave = None;
            step.effects.push(Effect::Restart);
        }
        if let Some(job) = self.commands.job.as_ref().filter(|job| job.until <= now.tick) {
            let why = if job.pieces.is_some() {
                "the broker has not taken all pieces within 10 minutes"
            } else {
                "it took longer than 60 s"
            };
            self.end_job(CommandStage::Failed(why.to_owned()), now, step);
        }
        self.update_is_due(now, step);
        for WaitingCommand { id, from, until } in self.commands.waiting.clone() {
            if until <= now.tick {
                self.commands.waiting.retain(|waiting| waiting.id != id);
                self.set_command(id, CommandStage::Expired, now, step);
            } else if from <= now.tick && self.can_begin(id) {
                self.take_turn(id, now, step);
            }
        }
    }

    /// Tells whether a command that waits would get further now.
    fn can_begin(&self, id: CommandId) -> bool {
        let Some(CommandRecord { instruction: Some(instruction), stage, .. }) = self.commands.records.get(&id) else {
            return false;
        };
        let is_new = *stage == CommandStage::Received;
        match instruction {
            Instruction::Identify | Instruction::ShowMessage { .. } => is_new || self.is_display_free(),
            Instruction::Restart => is_new || self.is_nothing_sold(),
            Instruction::CancelSale { .. } | Instruction::Disable | Instruction::Enable => true,
            Instruction::Wipe { .. } => is_new || self.can_be_wiped(),
            Instruction::Report { .. }
            | Instruction::SetLogLevel { .. }
            | Instruction::Screenshot
            | Instruction::Diagnose
            | Instruction::CollectLogs { .. } => self.commands.job.is_none(),
            Instruction::Update(_) => self.commands.update.is_none(),
        }
    }

    fn take_turn(&mut self, id: CommandId, now: Now, step: &mut Step) {
        let record = self.commands.records.get(&id);
        let Some(instruction) = record.and_then(|record| record.instruction.clone()) else { return };
        let stage = match self.obey(id, instruction, now, step) {
            Turn::Over(stage) => stage,
            Turn::Given(progress) => CommandStage::Running(progress),
            Turn::Waits(progress) => {
                return self.set_command(id, CommandStage::Running(progress), now, step);
            }
        };
        self.commands.waiting.retain(|waiting| waiting.id != id);
        self.set_command(id, stage, now, step);
    }

    fn obey(&mut self, id: CommandId, instruction: Instruction, now: Now, step: &mut Step) -> Turn {
        match instruction {
            Instruction::Identify => self.put_up(id, NoticeKind::Identity, IDENTIFY, now),
            Instruction::ShowMessage { text, seconds } => {
                self.put_up(id, NoticeKind::Text(text), Duration::from_secs(u64::from(seconds)), now)
            }
            Instruction::CancelSale { sale } => Turn::Over(self.cancel_by_command(id, sale, now, step)),
            Instruction::Disable => Turn::Over(self.set_service(Service::Disabled, step)),
            Instruction::Enable => Turn::Over(self.set_service(Service::Open, step)),
            Instruction::Restart if self.is_nothing_sold() => {
                step.effects.push(Effect::Restart);
                Turn::Given(Progress::Begun)
            }
            Instruction::Restart => Turn::Waits(Progress::AwaitsSale),
            Instruction::Wipe { .. } if !self.can_be_wiped() => {
                // From now on nothing is added to what others must have first.
                self.set_service(Service::Disabled, step);
                Turn::Waits(Progress::AwaitsDelivery)
            }
            work @ (Instruction::Report { .. }
            | Instruction::SetLogLevel { .. }
            | Instruction::Screenshot
            | Instruction::Diagnose
            | Instruction::CollectLogs { .. }
            | Instruction::Wipe { .. }) => {
                if let Instruction::Wipe { .. } = work {
                    self.set_service(Service::Disabled, step);
                }
                self.commands.job = Some(CommandJob { id, until: now.tick + JOB, pieces: None });
                step.effects.push(Effect::Perform { id, instruction: work });
                Turn::Given(Progress::Begun)
            }
            Instruction::Update(update) => {
                self.fetch_update(id, update, now, step);
                Turn::Given(Progress::Fetching { percent: 0 })
            }
        }
    }

    /// Shows something to whoever stands at the counter, as soon as nothing that is worth more is on the display.
    fn put_up(&mut self, id: CommandId, what: NoticeKind, time: Duration, now: Now) -> Turn {
        if self.rules.display == Display::None || self.panel == Panel::Broken {
            return Turn::Over(CommandStage::Failed("there is no display that works".to_owned()));
        }
        if !self.is_display_free() {
            return Turn::Waits(Progress::AwaitsDisplay);
        }
        self.commands.notice = Some(CommandNotice { id, what, until: now.tick + time });
        Turn::Over(CommandStage::Succeeded(CommandResult::None))
    }

    /// Tells whether nothing is to be seen that an operator's words would hide.
    fn is_display_free(&self) -> bool {
        let is_typed = self.entry.is_some() || self.scanned.is_some();
        self.current.is_none() && !is_typed && self.glance.is_none() && self.money_to_show.is_empty()
    }

    /// Tells whether no customer waits for anything.
    pub(super) fn is_nothing_sold(&self) -> bool {
        !self.sales.values().any(|sale| sale.is_busy() || sale.is_offered()) && self.entry.is_none()
    }

    /// Tells whether nobody stands before the display who waits for something or reads a result.
    pub fn is_at_rest(&self) -> bool {
        self.is_nothing_sold() && self.is_display_free()
    }

    fn cancel_by_command(&mut self, id: CommandId, sale: Option<SaleId>, now: Now, step: &mut Step) -> CommandStage {
        let failed = |why: &str| CommandStage::Failed(why.to_owned());
        let open = self.sales.values().find(|sale| sale.is_busy()).map(|sale| sale.id);
        let Some(sale) = sale.or(open).or_else(|| self.offered()) else { return failed("no sale is open") };
        self.journal.begin_command(id);
        let answer = self.cancel(sale, now, step);
        self.journal.begin_deadlines();
        if let Answer::Cancelling(_) = answer {
            CommandStage::Succeeded(CommandResult::Sale(sale))
        } else if let Answer::AlreadyEnded(_) = answer {
            failed("the sale has ended already")
        } else {
            failed("there is no such sale, or it ended long ago")
        }
    }

    fn set_service(&mut self, service: Service, step: &mut Step) -> CommandStage {
        if self.commands.service != service {
            self.commands.service = service;
            step.writes.push(Write::Service(service));
        }
        CommandStage::Succeeded(CommandResult::None)
    }

    /// Whether new sales are made.
    pub fn service(&self) -> Service {
        self.commands.service
    }

    /// An adapter has done what it was asked for, or could not. What nobody waits for any more is not noted.
    pub(super) fn on_performed(&mut self, id: CommandId, performed: Performed, now: Now, step: &mut Step) {
        if self.commands.update.is_some_and(|update| update.id == id) {
            return self.on_update(id, performed, now, step);
        }
        let Some(job) = self.commands.job.as_mut().filter(|job| job.id == id && job.pieces.is_none()) else { return };
        match performed {
            // Of an update that nobody waits for any more.
            Performed::Fetching(_) | Performed::Fetched => {}
            Performed::Failed(why) => self.end_job(CommandStage::Failed(why), now, step),
            Performed::Done { result, pieces: 0 } => {
                self.keep_log_level(id, now);
                self.leave_if_wiped(id, now);
                self.end_job(CommandStage::Succeeded(result), now, step);
            }
            Performed::Done { result, pieces: of } => {
                job.until = now.tick + SENDING;
                job.pieces = Some(Pieces { sent: 0, of, result });
                self.set_command(id, CommandStage::Running(Progress::Sending { sent: 0, of }), now, step);
            }
        }
    }

    /// A level that was set for a time is kept for that time.
    fn keep_log_level(&mut self, id: CommandId, now: Now) {
        let record = self.commands.records.get(&id);
        if let Some(Instruction::SetLogLevel { minutes, .. }) = record.and_then(|record| record.instruction.as_ref()) {
            let time = |minutes: u32| now.tick + Duration::from_secs(u64::from(minutes) * 60);
            self.commands.log_until = minutes.map(time);
        }
    }

    /// Tells whether nothing is lost with this store that others do not have (promise P2).
    fn can_be_wiped(&self) -> bool {
        let is_delivered = self.outbox.owes_no_money() || Mutant::WipesWhatIsOwed.is_on();
        self.is_nothing_sold() && is_delivered && self.commands.job.is_none()
    }

    /// The disk knows that this terminal is to forget: it does when this process ends, and that is said before.
    fn leave_if_wiped(&mut self, id: CommandId, now: Now) {
        let record = self.commands.records.get(&id);
        if let Some(Instruction::Wipe { .. }) = record.and_then(|record| record.instruction.as_ref()) {
            self.commands.leave = Some((id, now.tick + LAST_WORD));
        }
    }

    fn end_job(&mut self, stage: CommandStage, now: Now, step: &mut Step) {
        if let Some(job) = self.commands.job.take() {
            self.set_command(job.id, stage, now, step);
        }
    }

    /// Names the piece that is to be sent next, behind everything that is owed.
    pub(super) fn next_piece(&self) -> Option<Owed> {
        let job = self.commands.job.as_ref()?;
        let pieces = job.pieces.as_ref()?;
        let subject = Subject::Piece(job.id, pieces.sent);
        Some(Owed { number: 0, subject, revision: 0, at: None, bytes: 0 })
    }

    /// The broker has taken a piece.
    pub(super) fn on_piece_taken(&mut self, id: CommandId, number: u32, now: Now, step: &mut Step) {
        let pieces = self.commands.job.as_mut().filter(|job| job.id == id).and_then(|job| job.pieces.as_mut());
        let Some(pieces) = pieces.filter(|pieces| pieces.sent == number) else { return };
        pieces.sent = pieces.sent.saturating_add(1);
        if pieces.sent >= pieces.of {
            let result = pieces.result.clone();
            self.end_job(CommandStage::Succeeded(result), now, step);
        }
    }

    pub(super) fn command_view(&self) -> Option<View> {
        let notice = self.commands.notice.as_ref()?;
        Some(match &notice.what {
            NoticeKind::Identity => View::Identity { command: notice.id, terminal: self.rules.terminal },
            NoticeKind::Text(text) => View::Message { text: text.clone() },
        })
    }

    /// Takes an operator's words off the display: somebody is there, and has read them.
    pub(super) fn take_down(&mut self) {
        self.commands.notice = None;
    }
}

//! An update by command: fetched while sales go on, given to the system while nothing is sold, and told of by what the
//! system says. One at a time. It must not know how a file is fetched, nor how one is installed.

use till_wire::CommandId;

use super::Till;
use super::command::{CommandStage, INSTALLING, Instruction, Performed, Progress, Update, UpdateJob, UpdatePhase};
use super::obedience::life_left;
use super::step::{Effect, Step};
use super::time::{Now, Tick};

impl Till {
    /// Has an update fetched, or goes on with what an earlier process has of it.
    pub(super) fn fetch_update(&mut self, id: CommandId, update: Box<Update>, now: Now, step: &mut Step) {
        let expires = self.commands.records.get(&id).map_or(now.wall, |record| record.expires);
        let until = now.tick + life_left(expires, self.best_time(now));
        self.commands.update = Some(UpdateJob { id, phase: UpdatePhase::Fetching, until });
        step.effects.push(Effect::FetchUpdate { id, update });
    }

    /// The system was given the update before this start, or was just about to be: whichever it is, it is asked.
    pub(super) fn await_installer(&mut self, id: CommandId, update: Box<Update>, now: Now, step: &mut Step) {
        self.commands.update = Some(UpdateJob { id, phase: UpdatePhase::Installing, until: now.tick + INSTALLING });
        step.effects.push(Effect::InstallUpdate { id, update });
    }

    /// When something is to be done for the update.
    pub(super) fn update_due(&self) -> Option<Tick> {
        let job = self.commands.update?;
        match job.phase {
            // The till is asked after each event, and the sale that ends is one.
            UpdatePhase::Fetched if self.is_nothing_sold() => Some(Tick(0)),
            UpdatePhase::Fetching | UpdatePhase::Fetched | UpdatePhase::Installing => Some(job.until),
        }
    }

    /// Does what is due for the update: gives it up, or has it installed.
    pub(super) fn update_is_due(&mut self, now: Now, step: &mut Step) {
        let Some(job) = self.commands.update else { return };
        let is_over = job.until <= now.tick;
        match job.phase {
            UpdatePhase::Fetching | UpdatePhase::Fetched if is_over => {
                self.end_update(CommandStage::Expired, now, step);
            }
            UpdatePhase::Fetched if self.is_nothing_sold() => self.install_update(job.id, now, step),
            UpdatePhase::Installing if is_over => {
                let why = "the system has not said within an hour what came of the installation".to_owned();
                self.end_update(CommandStage::Failed(why), now, step);
            }
            UpdatePhase::Fetching | UpdatePhase::Fetched | UpdatePhase::Installing => {}
        }
    }

    /// Hears how far the update is.
    pub(super) fn on_update(&mut self, id: CommandId, performed: Performed, now: Now, step: &mut Step) {
        let Some(job) = self.commands.update.as_mut().filter(|job| job.id == id) else { return };
        match (performed, job.phase) {
            (Performed::Fetching(percent), UpdatePhase::Fetching) => {
                let percent = percent.min(100);
                self.set_command(id, CommandStage::Running(Progress::Fetching { percent }), now, step);
            }
            (Performed::Fetched, UpdatePhase::Fetching) => {
                job.phase = UpdatePhase::Fetched;
                if !self.is_nothing_sold() {
                    self.set_command(id, CommandStage::Running(Progress::AwaitsSale), now, step);
                }
            }
            (Performed::Done { result, .. }, UpdatePhase::Installing) => {
                self.end_update(CommandStage::Succeeded(result), now, step);
            }
            (Performed::Failed(why), _) => self.end_update(CommandStage::Failed(why), now, step),
            // What a task says that was begun before the disk failed.
            (Performed::Fetching(_) | Performed::Fetched | Performed::Done { .. }, _) => {}
        }
    }

    /// Gives the update to the system: from here on it may be done.
    fn install_update(&mut self, id: CommandId, now: Now, step: &mut Step) {
        let record = self.commands.records.get(&id);
        let Some(Instruction::Update(update)) = record.and_then(|record| record.instruction.clone()) else {
            return self.end_update(CommandStage::Expired, now, step);
        };
        self.set_command(id, CommandStage::Running(Progress::Installing), now, step);
        self.await_installer(id, update, now, step);
    }

    fn end_update(&mut self, stage: CommandStage, now: Now, step: &mut Step) {
        if let Some(job) = self.commands.update.take() {
            self.set_command(job.id, stage, now, step);
            step.effects.push(Effect::DropUpdate);
        }
    }
}

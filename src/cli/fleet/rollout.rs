//! A roll-out: which terminal is told next, which are waited for, and when it is to stop. It must not know what they are
//! told, nor wait itself: time comes in.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use till_wire::TerminalNumber;
use till_wire::fleet::{CommandState, CommandStatus};
use tokio::time::Instant;

/// How fast a roll-out may go, and how far when it goes wrong.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// So many per cent of the terminals at a time.
    pub(super) percent: Option<u8>,
    /// At most so many terminals a minute.
    pub(super) per_minute: Option<u32>,
    /// No more once more than so many per cent of the terminals of all stages so far have failed.
    pub(super) abort_over: Option<u8>,
    /// How long a terminal is waited for after its last word.
    pub(super) patience: Duration,
}

/// What became of one terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was never told.
    Spared,
    /// It has ended.
    Ended(Box<CommandStatus>),
    /// It was told, and has not said how it ended.
    Silent(Option<CommandState>),
    /// It is not in the group that the command is for, by its own settings.
    NotMeant,
}

impl Fate {
    /// Tells whether the command was carried out.
    pub(super) fn is_success(&self) -> bool {
        matches!(self, Self::Ended(status) if status.status == CommandState::Succeeded)
    }

    /// Tells whether it was to be carried out and was not.
    pub(super) fn is_failure(&self) -> bool {
        match self {
            Self::Ended(status) => status.status != CommandState::Succeeded,
            Self::Silent(_) => true,
            Self::Spared | Self::NotMeant => false,
        }
    }
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Tell this terminal, then say so ([`Rollout::told`]).
    Tell(TerminalNumber),
    /// Nothing before this moment, unless somebody says something.
    Wait(Instant),
    /// Everything has come to its end.
    Over,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing {
    Waiting,
    Told { until: Instant, said: Option<CommandState> },
    Over(Fate),
}

/// How many terminals are how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::cli) struct Tally {
    pub(in crate::cli) total: usize,
    pub(in crate::cli) told: usize,
    pub(in crate::cli) succeeded: usize,
    pub(in crate::cli) failed: usize,
    pub(in crate::cli) not_meant: usize,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Rollout {
    limits: Limits,
    /// In the order of their numbers.
    terminals: Vec<(TerminalNumber, Standing)>,
    /// How many of them belong to the stages so far.
    stage: usize,
    told: usize,
    open: usize,
    tally: Tally,
    /// Who is waited for, and until when it was when it was noted; later words move the moment.
    deadlines: VecDeque<(Instant, usize)>,
    /// Before when nobody else is told.
    not_before: Option<Instant>,
    aborted: bool,
}

impl Rollout {
    /// Plans a roll-out to these terminals.
    pub(super) fn new(terminals: impl IntoIterator<Item = TerminalNumber>, limits: Limits) -> Self {
        let mut numbers: Vec<_> = terminals.into_iter().collect();
        numbers.sort_unstable();
        numbers.dedup();
        let total = numbers.len();
        let mut planned = Self {
            limits,
            terminals: numbers.into_iter().map(|number| (number, Standing::Waiting)).collect(),
            stage: 0,
            told: 0,
            open: 0,
            tally: Tally { total, ..Tally::default() },
            deadlines: VecDeque::new(),
            not_before: None,
            aborted: false,
        };
        planned.stage = planned.stage_after(0);
        planned
    }

    /// Says what is to be done next.
    pub(super) fn next(&mut self, now: Instant) -> Next {
        self.give_up(now);
        self.aborted |= self.is_too_bad();
        if self.told == self.stage && self.open == 0 && !self.aborted {
            self.stage = self.stage_after(self.stage);
        }
        let has_more = self.told < self.stage && !self.aborted;
        let due = self.not_before.filter(|due| *due > now);
        match (has_more, due) {
            (true, None) => self.terminals.get(self.told).map_or(Next::Over, |(number, _)| Next::Tell(*number)),
            (true, Some(due)) => Next::Wait(self.deadlines.front().map_or(due, |(deadline, _)| due.min(*deadline))),
            (false, _) if self.open > 0 => Next::Wait(self.deadlines.front().map_or(now, |(deadline, _)| *deadline)),
            (false, _) => Next::Over,
        }
    }

    /// Notes that the terminal that was to be told has been.
    pub(super) fn told(&mut self, now: Instant) {
        let until = now + self.limits.patience;
        if let Some((_, standing)) = self.terminals.get_mut(self.told) {
            *standing = Standing::Told { until, said: None };
            self.deadlines.push_back((until, self.told));
            self.told += 1;
            self.open += 1;
            self.tally.told += 1;
        }
        if let Some(rate) = self.limits.per_minute {
            // Counted from when it was due, so that a late one does not slow down all after it; but nothing is made up for.
            let pause = Duration::from_secs(60) / rate.max(1);
            let due = self.not_before.unwrap_or(now).max(now.checked_sub(pause).unwrap_or(now));
            self.not_before = Some(due + pause);
        }
    }

    /// Takes what a terminal says. Returns its fate when that is decided by it.
    pub(super) fn heard(&mut self, number: TerminalNumber, status: CommandStatus, now: Instant) -> Option<Fate> {
        let is_end = match status.status {
            CommandState::Received | CommandState::Running => false,
            CommandState::Succeeded | CommandState::Failed | CommandState::Rejected | CommandState::Expired => true,
        };
        if is_end {
            // What came of it is for whoever asked; of a whole fleet's there may be much.
            let kept = Fate::Ended(Box::new(CommandStatus { result: None, ..status.clone() }));
            return self.end(number, kept).then(|| Fate::Ended(Box::new(status)));
        }
        let until = now + self.limits.patience;
        if let Some(Standing::Told { until: old, said }) = self.standing(number) {
            (*old, *said) = (until, Some(status.status));
        }
        None
    }

    /// Takes that a terminal is not in the group that the command is for.
    pub(super) fn not_meant(&mut self, number: TerminalNumber) {
        self.end(number, Fate::NotMeant);
    }

    /// Returns those that were told and have not said anything, to be told once more over another connection.
    pub(super) fn unheard(&self) -> Vec<TerminalNumber> {
        let is_unheard = |standing: &Standing| matches!(standing, Standing::Told { said: None, .. });
        self.terminals.iter().filter(|(_, standing)| is_unheard(standing)).map(|(number, _)| *number).collect()
    }

    pub(super) fn tally(&self) -> Tally {
        self.tally
    }

    /// Tells whether it was stopped because too many failed.
    pub(super) fn is_aborted(&self) -> bool {
        self.aborted && self.tally.told < self.tally.total
    }

    /// Returns what became of each.
    pub(super) fn fates(&self) -> impl Iterator<Item = (TerminalNumber, Fate)> {
        self.terminals.iter().map(|(number, standing)| {
            let fate = match standing {
                Standing::Waiting => Fate::Spared,
                Standing::Told { said, .. } => Fate::Silent(*said),
                Standing::Over(fate) => fate.clone(),
            };
            (*number, fate)
        })
    }

    fn standing(&mut self, number: TerminalNumber) -> Option<&mut Standing> {
        let at = self.terminals.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        self.terminals.get_mut(at).map(|(_, standing)| standing)
    }

    /// Notes the fate of one that was told; tells whether that was still open.
    fn end(&mut self, number: TerminalNumber, fate: Fate) -> bool {
        let Some(standing @ Standing::Told { .. }) = self.standing(number) else { return false };
        *standing = Standing::Over(fate.clone());
        self.open = self.open.saturating_sub(1);
        self.tally.succeeded += usize::from(fate.is_success());
        self.tally.failed += usize::from(fate.is_failure());
        self.tally.not_meant += usize::from(fate == Fate::NotMeant);
        true
    }

    /// Counts those as failed that were waited for in vain.
    fn give_up(&mut self, now: Instant) {
        while let Some((noted, at)) = self.deadlines.front().copied() {
            if noted > now {
                return;
            }
            self.deadlines.pop_front();
            match self.terminals.get(at) {
                Some((number, Standing::Told { until, said })) if *until <= now => {
                    let (number, fate) = (*number, Fate::Silent(*said));
                    self.end(number, fate);
                }
                // It has said something meanwhile, and has time again.
                Some((_, Standing::Told { until, .. })) => {
                    let until = *until;
                    let place = self.deadlines.partition_point(|(other, _)| *other <= until);
                    self.deadlines.insert(place, (until, at));
                }
                Some((_, Standing::Waiting | Standing::Over(_))) | None => {}
            }
        }
    }

    fn is_too_bad(&self) -> bool {
        let limit = self.limits.abort_over.map(usize::from);
        limit.is_some_and(|limit| self.tally.failed > 0 && self.tally.failed * 100 > limit * self.stage)
    }

    /// Returns how many terminals belong to the stages up to the next one.
    fn stage_after(&self, stage: usize) -> usize {
        let total = self.tally.total;
        let Some(percent) = self.limits.percent else { return total };
        let size = (total * usize::from(percent)).div_ceil(100).max(1);
        (stage + size).min(total)
    }
}

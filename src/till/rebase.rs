//! A record of another boot: its ticks mean nothing here, so what remained of each deadline runs on (promise P10).

use super::mutant::Mutant;
use super::sale::{Confirmation, Patience, Poll, RequestStep, Sale, Stage, State};
use super::time::{BootId, Rebase, Tick};

impl Sale {
    /// Moves every deadline of a record from another boot to this one: what remained, remains (promise P10). `known` is
    /// the newest tick of that other boot that is known of.
    pub(crate) fn rebase(&mut self, boot: BootId, now: Tick, known: Tick) {
        if self.boot == boot || Mutant::ForgetsTheBoot.is_on() {
            return;
        }
        let to = Rebase { written: self.written.max(known), now };
        match &mut self.state {
            State::Requesting { patience, step } => {
                match patience {
                    Patience::Provider(until) | Patience::Network(until) => *until = to.tick(*until),
                }
                match step {
                    RequestStep::Create(at)
                    | RequestStep::Find(at)
                    | RequestStep::Start(at)
                    | RequestStep::Await(at) => {
                        *at = to.tick(*at);
                    }
                    RequestStep::Creating | RequestStep::Finding | RequestStep::Starting => {}
                }
            }
            State::Showing { expires, poll } => {
                *expires = to.tick(*expires);
                *poll = Poll { next: to.tick(poll.next), busy_until: None };
            }
            State::Offline { stage, until } => {
                *until = to.tick(*until);
                match stage {
                    Stage::Shown { expires: at } | Stage::Leaving { gone: at, .. } | Stage::Away { note: at } => {
                        *at = to.tick(*at);
                    }
                }
            }
            State::Drawing { until, .. }
            | State::LastQuestion { until, .. }
            | State::Cancelling { until, .. }
            | State::Closing { until, .. } => *until = to.tick(*until),
            State::Ended(_) => {}
        }
        for attempt in &mut self.attempts {
            if let Some(debt) = &mut attempt.debt {
                debt.next = to.tick(debt.next);
                debt.until = to.tick(debt.until);
            }
            if let Confirmation::Due(at) = &mut attempt.confirmation {
                *at = to.tick(*at);
            }
        }
        if let Some(watch) = &mut self.watch {
            watch.until = to.tick(watch.until);
        }
        self.boot = boot;
        self.written = now;
    }
}

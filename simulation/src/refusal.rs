//! A disk that is slow, refuses for a while, or is damaged, and what is asked of the till then. It must not know what the
//! till writes.
//!
//! After the loss of a store these promises still hold: no two sales have one number; nothing is PAID without proof; the
//! sales that were open are there, and their money is found and counted once. Gone are idempotency keys, receipts, the
//! outbox and the sales that had nothing left to do: their money may come again, as a receipt and never on another sale.

use tilld::till::mutant::Mutant;
use tilld::till::{ProviderId, Subject, Till, Write};

use crate::broker::Link;
use crate::disk::Batch;
use crate::happening::Happening;
use crate::plan::SECOND;
use crate::without::Sort;
use crate::world::{Verdict, World, broken};

impl World {
    /// Whether the disk refuses what is asked of it now.
    pub(crate) fn is_refused(&mut self, telling: bool) -> bool {
        let Some(one_in) = self.plan.refuse_one_in.filter(|_| self.plan.refusals > 0 && self.t < self.busy_until)
        else {
            return false;
        };
        let refuses = self.rng.u32(0..one_in) <= if telling { 4 } else { 0 };
        let refuses = refuses && self.lets(Sort::Disks);
        self.plan.refusals -= u32::from(refuses);
        refuses
    }

    /// How long the disk takes for a commit.
    pub(crate) fn pause_of_disk(&mut self) -> u64 {
        let slow = self.plan.slow_disk && self.t < self.busy_until && self.rng.u32(0..20) == 0;
        if !slow || !self.lets(Sort::Disks) {
            return 0;
        }
        self.facts.tally.slow_commits += 1;
        self.rng.u64(1..2 * SECOND)
    }

    /// Nobody hears of the step, and nothing is judged until the till has begun again.
    pub(crate) fn disk_refuses(&mut self) {
        self.note(|_| "the disk refuses".to_owned());
        self.facts.tally.refused += 1;
        self.refused = true;
        let pause = if self.rng.u32(0..4) == 0 { self.rng.u64(2..60) } else { 2 };
        self.after(pause * SECOND, Happening::BeginAgain { life: self.life });
    }

    /// A deliberate fault: the till goes on with what it remembers.
    pub(crate) fn go_on(&mut self) -> Verdict {
        self.refused = false;
        self.find_on_disk()
    }

    /// The disk works again: what it has is what has happened.
    pub(crate) fn begin_again(&mut self) -> Verdict {
        let Some(shown) = self.till.as_ref().filter(|_| self.refused).map(Till::scene) else { return Ok(()) };
        self.find_on_disk()?;
        self.refused = false;
        self.started_at = self.t;
        self.screen.show_anew();
        self.after(0, Happening::Link(Link::Renewed));
        self.restore(shown.generation)
    }

    /// Of what was written and not synced, the first so many commits are found, each whole.
    pub(crate) fn find_on_disk(&mut self) -> Verdict {
        let found = self.disk.found(&mut self.rng);
        self.facts.tally.found += found.len() as u64;
        self.settle(found)
    }

    /// These commits are on the disk, for good.
    pub(crate) fn settle(&mut self, batches: Vec<Batch>) -> Verdict {
        for Batch { decided, writes } in batches {
            if Mutant::ActsBeforeTheSync.is_on() {
                self.disk.keep_what_is_synced();
            }
            self.commit(writes, decided)?;
        }
        Ok(())
    }

    /// The files are found to be damaged: the process ends, and the next one sets them aside.
    pub(crate) fn damage(&mut self) -> Verdict {
        if self.till.is_some() {
            self.die()?;
        }
        self.disk.is_damaged = true;
        Ok(())
    }

    /// A new store takes the place of the damaged one, with what the second file has.
    pub(crate) fn lose_the_store(&mut self) {
        self.note(|_| "the store is set aside".to_owned());
        self.facts.tally.lost_stores += 1;
        self.facts.lost_receipts.extend(self.disk.receipts.keys().copied());
        let gone = self.disk.take_over(self.now().wall);
        self.facts.lost.extend(gone.into_iter().map(|sale| (sale.id, sale)));
        self.people.forget_keys();
        self.broker.heard.retain(|subject, _| match subject {
            Subject::Sale(_) => true,
            Subject::Receipt(_) | Subject::Replay | Subject::Command(_) | Subject::Piece(..) => false,
        });
    }

    pub(crate) fn is_of_lost_sale(&self, id: &ProviderId) -> bool {
        let mut attempts = self.facts.lost.values().flat_map(|sale| &sale.attempts);
        attempts.any(|attempt| attempt.provider_id.as_ref() == Some(id))
    }

    /// No number is drawn that a sale of a lost store had.
    pub(crate) fn judge_numbers(&self, write: &Write) -> Verdict {
        let Write::Sale(sale) = write else { return Ok(()) };
        let had = |order| self.facts.lost.values().any(|lost| lost.attempt(order).is_some());
        match sale.attempts.iter().find(|attempt| had(attempt.order)) {
            Some(attempt) => broken("P5", format!("{} was drawn by a sale of the lost store", attempt.order)),
            None => Ok(()),
        }
    }
}

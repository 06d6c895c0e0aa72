//! Remembers which webhooks were journalled lately, to tell a repetition from a new one. Knows no
//! content, only ids; bounded.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use till_wire::EnvelopeId;

use crate::journal::EntryNumber;

/// See the module.
#[derive(Default)]
pub(super) struct Recent(Mutex<Known>);

#[derive(Default)]
struct Known {
    numbers: HashMap<EnvelopeId, EntryNumber>,
    order: VecDeque<EnvelopeId>,
}

/// The journal knows the places of as many.
const MAX_KNOWN: usize = 4096;

impl Recent {
    pub(super) fn insert(&self, id: EnvelopeId, number: EntryNumber) {
        // Nothing here is half done by a panic, so a poisoned lock is as good.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.numbers.insert(id, number).is_some() {
            return;
        }
        known.order.push_back(id);
        if known.order.len() > MAX_KNOWN {
            if let Some(oldest) = known.order.pop_front() {
                known.numbers.remove(&oldest);
            }
        }
    }

    pub(super) fn find(&self, id: EnvelopeId) -> Option<EntryNumber> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.numbers.get(&id).copied()
    }
}

//! Which commands root has carried out, so that none is carried out twice, whatever the terminal hands over and whatever the
//! clock says. It must not know what they asked for.

use serde::{Deserialize, Serialize};
use till_wire::CommandId;

use super::judge::Order;

/// The most commands that are remembered by their names; of older ones it is remembered until when they were made.
pub(super) const MOST: usize = 128;

/// The list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Done {
    /// No command that was made up to this second, in seconds since 1970, is carried out any more.
    before: i64,
    /// The newest at the end.
    commands: Vec<One>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct One {
    id: CommandId,
    made: i64,
}

impl Done {
    /// Tells whether it was carried out, or may have been.
    pub(super) fn has(&self, order: &Order) -> bool {
        order.made <= self.before || self.commands.iter().any(|one| one.id == order.id)
    }

    /// Adds a command; adding it again changes nothing.
    pub(super) fn add(&mut self, order: &Order) {
        if self.has(order) {
            return;
        }
        self.commands.push(One { id: order.id, made: order.made });
        while self.commands.len() > MOST {
            let oldest = self.commands.remove(0);
            self.before = self.before.max(oldest.made);
        }
    }
}

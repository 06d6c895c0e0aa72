//! What is right in a configuration and still worth a line, because it will surprise somebody. It must not call anything
//! a fault.

use super::{Keypad, Settings};

impl Settings {
    /// Returns one sentence for each thing that a person should know.
    pub fn remarks(&self) -> Vec<String> {
        self.keys_that_cannot_sell().into_iter().chain(self.channels_that_are_missing()).collect()
    }

    fn channels_that_are_missing(&self) -> impl Iterator<Item = String> {
        let claimed = self.claim.iter().flat_map(|claim| &claim.channels).map(|channel| &channel.id);
        claimed.filter(|id| self.channel(id).is_none()).map(|id| {
            format!(
                "fleet.identity: the claim has a channel \"{id}\", for which there is no [[channel]] with its secrets"
            )
        })
    }

    fn keys_that_cannot_sell(&self) -> Option<String> {
        let id = &self.sale.channel;
        let needs = self.channel(id)?.customer_needs();
        let keys = match (&self.keypad, self.api.screen) {
            (Keypad::Auto | Keypad::Devices(_), _) => "input.keypad",
            (Keypad::None, true) => "api.screen",
            (Keypad::None, false) => return None,
        };
        (!needs.is_empty()).then(|| {
            let needs = needs.join(", ");
            format!(
                "{keys}: no sale can be made with keys, because sale.channel = \"{id}\" needs each sale's customer \
                 ({needs}); sell from the cash register, or give the channel a payer where the provider agrees"
            )
        })
    }
}

//! What is right in a configuration and still worth a line, because it will surprise somebody. It must not call anything
//! a fault.

use till_authority::Leaf;
use till_settings::read_bounded;

use super::{Keypad, Settings};

/// The largest file of a certificate that is looked at, in bytes.
const LARGEST: u64 = 16_384;

impl Settings {
    /// Returns one sentence for each thing that a person should know.
    pub fn remarks(&self) -> Vec<String> {
        let single = [self.keys_that_cannot_sell(), self.certificate_of_another()];
        single.into_iter().flatten().chain(self.channels_that_are_missing()).collect()
    }

    /// A broker that goes by the certificate takes the terminal for whom it names.
    fn certificate_of_another(&self) -> Option<String> {
        let file = self.certificate.as_ref().filter(|_| self.mqtt.has_tls())?;
        let leaf = Leaf::read(&read_bounded(file, LARGEST).ok()?).ok()?;
        let (found, number) = (leaf.common_name.unwrap_or_default(), self.terminal.number);
        (found != number.to_string()).then(|| {
            format!(
                "mqtt.cert = {file:?}: its common name is {found:?} and not \"{number}\"; with config/mosquitto the broker \
                 takes this terminal for that one, and it hears none of its webhooks"
            )
        })
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

//! The three providers that a counter of the demo can sell over, as sandboxes, and what they have in common. It must not
//! know how a customer pays or what a page shows.

use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sandbox::{Fault, Lasting, StartError};
use crate::{finan, glocal, payos};

/// One of the providers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum ProviderName {
    /// payOS: a VietQR.
    #[default]
    Payos,
    /// Finan: a VietQR, and a code for any amount.
    Finan,
    /// Smart Glocal: the address of a wallet's page.
    #[serde(rename = "glocal")]
    SmartGlocal,
}

impl ProviderName {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Payos, Self::Finan, Self::SmartGlocal];

    /// The id of its channel, in the till's and the bridge's configuration.
    pub fn channel(self) -> &'static str {
        match self {
            Self::Payos => "payos",
            Self::Finan => "finan",
            Self::SmartGlocal => "glocal",
        }
    }

    /// Its name as it writes it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Payos => "payOS",
            Self::Finan => "Finan",
            Self::SmartGlocal => "Smart Glocal",
        }
    }
}

/// Something that there is for each provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Each<T> {
    payos: T,
    finan: T,
    glocal: T,
}

impl<T> Each<T> {
    /// Makes it for each.
    ///
    /// # Errors
    /// The first one that cannot be made.
    pub(crate) fn make<E>(mut one: impl FnMut(ProviderName) -> Result<T, E>) -> Result<Self, E> {
        let (payos, finan) = (one(ProviderName::Payos)?, one(ProviderName::Finan)?);
        Ok(Self { payos, finan, glocal: one(ProviderName::SmartGlocal)? })
    }

    /// The one of a provider.
    pub(crate) fn of(&self, name: ProviderName) -> &T {
        match name {
            ProviderName::Payos => &self.payos,
            ProviderName::Finan => &self.finan,
            ProviderName::SmartGlocal => &self.glocal,
        }
    }

    /// The same for each, made of what there is.
    pub(crate) fn map<U>(&self, mut one: impl FnMut(&T) -> U) -> Each<U> {
        Each { payos: one(&self.payos), finan: one(&self.finan), glocal: one(&self.glocal) }
    }
}

/// The running sandboxes. Copies of the handle control the same ones.
#[derive(Clone, Debug)]
pub struct Providers {
    /// payOS and the customers' bank.
    pub payos: payos::Sandbox,
    /// Finan and the customers' bank.
    pub finan: finan::Sandbox,
    /// Smart Glocal and the customers' wallets.
    pub glocal: glocal::Sandbox,
}

impl Providers {
    /// Starts them all.
    ///
    /// # Errors
    /// When one does not start.
    pub fn start() -> Result<Self, StartError> {
        let (payos, finan) = (payos::Sandbox::start()?, finan::Sandbox::start()?);
        Ok(Self { payos, finan, glocal: glocal::Sandbox::start()? })
    }

    /// Where one of them listens.
    pub fn address(&self, name: ProviderName) -> SocketAddr {
        match name {
            ProviderName::Payos => self.payos.address(),
            ProviderName::Finan => self.finan.address(),
            ProviderName::SmartGlocal => self.glocal.address(),
        }
    }

    /// Where each of them listens.
    pub(crate) fn addresses(&self) -> Each<SocketAddr> {
        let [payos, finan, glocal] = ProviderName::ALL.map(|name| self.address(name));
        Each { payos, finan, glocal }
    }

    /// The address of its interface for whom reaches it by another door, such as a cable.
    pub(crate) fn base_url(&self, name: ProviderName, door: SocketAddr) -> String {
        let url = match name {
            ProviderName::Payos => self.payos.base_url(),
            ProviderName::Finan => self.finan.base_url(),
            ProviderName::SmartGlocal => self.glocal.base_url(),
        };
        url.replace(&self.address(name).to_string(), &door.to_string())
    }

    /// Every answer of all of them comes that much later, until they are quick again.
    pub(crate) fn slow_down(&self, delay: Duration) {
        let late = || (Fault::Delay(delay), Lasting::UntilReset);
        for kind in [payos::CallKind::Create, payos::CallKind::Get, payos::CallKind::Cancel] {
            let (fault, lasting) = late();
            self.payos.plan(kind, fault, lasting);
        }
        let finans = [finan::CallKind::Create, finan::CallKind::List, finan::CallKind::Get, finan::CallKind::Accounts];
        for kind in finans {
            let (fault, lasting) = late();
            self.finan.plan(kind, fault, lasting);
        }
        let glocals = [
            glocal::CallKind::Create,
            glocal::CallKind::Start,
            glocal::CallKind::Init,
            glocal::CallKind::Confirm,
            glocal::CallKind::Cancel,
            glocal::CallKind::Status,
        ];
        for kind in glocals {
            let (fault, lasting) = late();
            self.glocal.plan(kind, fault, lasting);
        }
    }

    /// Ends all faults of all of them.
    pub(crate) fn be_well(&self) {
        self.payos.reset_faults();
        self.finan.reset_faults();
        self.glocal.reset_faults();
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::{ProviderName, Providers};

    #[test]
    fn another_door_leads_to_the_same_interface() {
        let providers = Providers::start().expect("the sandboxes start");
        let door: SocketAddr = ([127, 0, 0, 1], 1).into();
        let urls = ProviderName::ALL.map(|name| providers.base_url(name, door));
        assert_eq!(urls, ["http://127.0.0.1:1", "http://127.0.0.1:1/open", "http://127.0.0.1:1"]);
        assert_eq!(providers.base_url(ProviderName::Finan, providers.finan.address()), providers.finan.base_url());
    }
}

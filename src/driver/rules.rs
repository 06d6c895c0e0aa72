//! What the till must know of the configuration.

use till_wire::ChannelId;

use crate::clock;
use crate::config::{self, Driver, OfflineMode, Settings};
use crate::till::{Account, Cancellation, ChannelRules, CustomerNeed, Display, Offline, OfflineCodes, Rules};

/// Draws the till's rules from the settings.
pub(super) fn of(settings: &Settings) -> Rules {
    let channel = |channel: &config::Channel| -> (ChannelId, ChannelRules) {
        let account = channel.account();
        let account = account.map(|account| Account { bin: account.bin.clone(), number: account.number.clone() });
        let cancellation = match &channel.provider {
            config::Provider::PayOs(_) | config::Provider::SmartGlocal(_) => Cancellation::Possible,
            config::Provider::Finan(_) => Cancellation::Absent,
        };
        let customer = if channel.customer_needs().is_empty() { CustomerNeed::None } else { CustomerNeed::Named };
        (channel.id.clone(), ChannelRules { account, cancellation, customer })
    };
    Rules {
        terminal: settings.terminal.number,
        groups: settings.fleet.groups.clone(),
        channels: settings.channels.iter().map(channel).collect(),
        channel: settings.sale.channel.clone(),
        expire: settings.sale.expire,
        max_amount: settings.sale.max_amount,
        request: settings.sale.request,
        result: settings.sale.result,
        double_proof_over: settings.sale.double_proof_over,
        offline: offline(&settings.offline),
        display: match settings.display.driver {
            Driver::None => Display::None,
            Driver::Png { .. } | Driver::Fbdev { .. } | Driver::Drm { .. } | Driver::Spi(_) => Display::Panel,
        },
        built: clock::BUILT,
    }
}

fn offline(offline: &config::Offline) -> Offline {
    match &offline.mode {
        OfflineMode::Refuse => Offline::Refuse,
        OfflineMode::Wait => Offline::Wait(offline.wait),
        OfflineMode::VietQr(paid) => Offline::VietQr(OfflineCodes {
            channel: paid.channel.clone(),
            account: paid.account.clone(),
            max_amount: offline.max_amount,
            max_total: offline.max_total,
            max_count: offline.max_count,
            max_age: offline.max_age,
        }),
    }
}

//! What the settings are when a file says only what it must. It must not test faults.

use std::time::Duration;

use jiff::tz::TimeZone;
use till_settings::tls::Roots;
use till_wire::finan::{FinanMethod, FinanSignature};
use till_wire::{Amount, ChannelId, OrderRef, TerminalNumber};

use super::{FINAN, SECRET, SMALLEST, settings};
use crate::config::channel::Provider;
use crate::config::{
    Backlight, Console, Dimming, Display, Driver, Fleet, Keypad, Locale, Looks, Offline, OfflineMode, Rotation,
    SaleRules, Store, Terminal, Theme,
};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn what_is_left_out_is_what_the_contract_shows() {
    let settings = settings(SMALLEST).expect("the smallest file is right");
    let payos = ChannelId::new("payos").expect("it is an id");

    let terminal = Terminal {
        number: TerminalNumber::new(1017).expect("it is a number"),
        label: "Quầy 1".to_owned(),
        locale: Locale::Vietnamese,
        timezone: TimeZone::get("Asia/Ho_Chi_Minh").expect("it is a zone"),
    };
    assert_eq!(settings.terminal, terminal);
    let store = Store { path: "/var/lib/tilld".into(), keep: seconds(400 * 86_400) };
    assert_eq!(settings.store, store);
    assert_eq!(settings.api.listen.to_string(), "127.0.0.1:8460");
    assert_eq!(settings.api.socket, None);
    assert!(settings.api.token.is_none());
    assert!(!settings.api.screen);
    let looks = Looks {
        logo: None,
        shift: true,
        backlight: Backlight::Auto,
        dimming: Dimming { after: seconds(300), percent: 30, night: None },
    };
    let display = Display {
        driver: Driver::None,
        rotation: Rotation::Deg0,
        theme: Theme::Light,
        console: Console::Own,
        static_qr: None,
        looks,
    };
    assert_eq!(settings.display, display);
    assert_eq!(settings.keypad, Keypad::Auto);
    assert_eq!((&settings.serial, settings.scanners.len()), (&None, 0));
    assert_eq!(settings.sound, None);
    assert_eq!(settings.mqtt.address(), "localhost:1883");
    let sale = SaleRules {
        channel: payos.clone(),
        expire: seconds(300),
        request: seconds(45),
        max_amount: Amount::vnd(499_999_999),
        double_proof_over: None,
        supervisor_pin: None,
        result: seconds(8),
    };
    assert_eq!(settings.sale, sale);
    let offline = Offline {
        mode: OfflineMode::Wait,
        wait: seconds(120),
        max_amount: Amount::vnd(2_000_000),
        max_total: Amount::vnd(10_000_000),
        max_count: 50,
        max_age: seconds(86_400),
    };
    assert_eq!(settings.offline, offline);
    let fleet = Fleet {
        trusted_keys: Vec::new(),
        pinned: Vec::new(),
        broker_keys: Vec::new(),
        harmless_keys: Vec::new(),
        groups: Vec::new(),
        identity: None,
        installer: "/var/lib/tilld-update".into(),
    };
    assert_eq!(settings.fleet, fleet);
    assert_eq!(settings.channels.len(), 1);
    assert!(settings.channel(&payos).is_some());
}

#[test]
fn a_payos_channel_has_its_defaults() {
    let settings = settings(SMALLEST).expect("the smallest file is right");
    let channel = settings.channels.first().expect("there is one");
    let Provider::PayOs(payos) = &channel.provider else {
        unreachable!("it is a payOS channel");
    };
    assert!(matches!(channel.roots, Roots::System));
    assert_eq!(channel.longest_expiry(), seconds(3600));
    assert_eq!(channel.account(), None);
    assert_eq!(payos.base_url.as_str(), "https://api-merchant.payos.vn");
    assert_eq!(payos.api_key.expose(), SECRET.as_bytes());
    assert_eq!(payos.partner_code, None);
    let order: OrderRef = "0001017-000000007".parse().expect("it is an order");
    assert_eq!(payos.description.fill(order), "000000007");
    assert_eq!(payos.return_url, "https://shop.example/ok");
    assert_eq!(payos.cancel_url, "https://shop.example/cancel");
}

#[test]
fn a_finan_channel_has_its_defaults() {
    let settings = settings(&format!("{SMALLEST}{FINAN}")).expect("it is right");
    let channel = settings.channels.last().expect("there is one");
    let Provider::Finan(finan) = &channel.provider else {
        unreachable!("it is a Finan channel");
    };
    assert_eq!(channel.longest_expiry(), seconds(1740));
    assert_eq!(finan.base_url.as_str(), "https://api.finan.one/open");
    assert_eq!(finan.signature, FinanSignature::Sha256Concat);
    assert_eq!(finan.payment_method, FinanMethod::BankTransfer);
    assert_eq!(finan.customer_name, "Khách lẻ");
    let absent = [&finan.account_id, &finan.reference_type, &finan.success_redirect_url, &finan.failure_redirect_url];
    assert_eq!(absent, [&None::<String>; 4]);
    assert_eq!((&finan.description, &finan.merchant, &finan.account), (&None, &None, &None));
}

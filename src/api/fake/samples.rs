//! Rules, sales, receipts and whatever else tests of the API begin with.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::TimeZone;
use till_settings::Secret;
use till_wire::status::{Link, Status, StoreStatus, TerminalStatus};
use till_wire::{Amount, ChannelId, OrderRef, ReceiptKey, SaleId, TerminalNumber, UnixTime};

use crate::api::{ApiRules, ChannelLimits};
use crate::config::PinHash;
use crate::pin;
use crate::port::Picture;
use crate::till::{
    Attempt, BootId, Confirmation, Customer, Ending, Marks, Patience, Payment, ProviderId, Receipt, RequestStep, Sale,
    Standing, State, Tick, TransferRef, Via,
};

pub(crate) const TOKEN: &str = "a-token-of-tests";
pub(crate) const PIN: &str = "2468";

/// The rules of tests: no token, no supervisor, one channel.
pub(crate) fn rules() -> ApiRules {
    let payos = ChannelId::new("payos").expect("payos is a channel's name");
    let limits = ChannelLimits { longest: Duration::from_secs(3600), customer_needs: &[] };
    ApiRules {
        token: None,
        supervisor_pin: None,
        channels: BTreeMap::from([(payos.clone(), limits)]),
        channel: payos,
        expire: Duration::from_secs(300),
        max_amount: Amount::vnd(10_000_000),
        timezone: TimeZone::get("Asia/Ho_Chi_Minh").expect("a bundled zone"),
        screen: None,
    }
}

pub(crate) fn rules_with_token() -> ApiRules {
    ApiRules { token: Some(Secret::new(TOKEN)), ..rules() }
}

pub(crate) fn rules_with_pin() -> ApiRules {
    let hash = pin::hash(PIN).expect("the system hashes");
    ApiRules { supervisor_pin: PinHash::new(&hash), ..rules() }
}

pub(crate) fn sale_id(sequence: u32) -> SaleId {
    let terminal = TerminalNumber::new(1017).expect("1017 is a terminal's number");
    SaleId::new(OrderRef::new(terminal, sequence).expect("the sequence has nine digits"))
}

/// Returns a sale that waits for its provider.
pub(crate) fn sale(sequence: u32) -> Sale {
    let id = sale_id(sequence);
    Sale {
        id,
        revision: 1,
        amount: Amount::vnd(50_000),
        channel: rules().channel,
        reference: None,
        note: None,
        customer: Customer::default(),
        items: Vec::new(),
        expire: Duration::from_secs(300),
        created_at: UnixTime::from_secs(1_795_143_845),
        expires_at: None,
        finished_at: None,
        state: State::Requesting { patience: Patience::Provider(Tick(45_000)), step: RequestStep::Creating },
        attempts: vec![Attempt {
            order: id.order(),
            provider_id: None,
            standing: Standing::Unsent,
            tries: 0,
            debt: None,
            pending: Vec::new(),
            confirmation: Confirmation::default(),
        }],
        code: None,
        payments: Vec::new(),
        refunds: Vec::new(),
        offline: None,
        marks: Marks::default(),
        watch: None,
        boot: BootId::default(),
        written: Tick(0),
    }
}

/// Returns a sale that has ended; a paid one was paid by webhook.
pub(crate) fn ended(sequence: u32, ending: Ending) -> Sale {
    let sale = sale(sequence);
    let payment = Payment {
        provider_id: ProviderId("link".into()),
        reference: TransferRef(format!("TF{sequence}")),
        amount: sale.amount,
        transacted_at: None,
        received_at: sale.created_at,
        via: Via::Webhook,
    };
    let payments = if ending == Ending::Paid { vec![payment] } else { Vec::new() };
    Sale { revision: 2, state: State::Ended(ending), payments, ..sale }
}

pub(crate) fn receipt(reference: &str) -> Receipt {
    let channel = rules().channel;
    Receipt {
        key: ReceiptKey::of(&channel, "link", reference),
        revision: 1,
        channel,
        provider_id: ProviderId("link".into()),
        reference: TransferRef(reference.into()),
        amount: Amount::vnd(70_000),
        transacted_at: None,
        received_at: UnixTime::from_secs(1_795_143_845),
        note: None,
        attention: false,
        sale: None,
    }
}

pub(crate) fn status() -> Status {
    Status {
        terminal: TerminalStatus {
            number: TerminalNumber::new(1017).expect("1017 is a terminal's number"),
            label: Some("Quầy 1".into()),
            groups: Vec::new(),
            version: "0.1.0".into(),
            boot_id: None,
            uptime_s: 5,
        },
        links: BTreeMap::from([("broker".to_owned(), Link { up: true, since: None, reason: None })]),
        queue: None,
        clock: None,
        certificate: None,
        store: Some(StoreStatus { bytes: Some(70_000), free_bytes: None, sales: Some(1) }),
        display: None,
        sound: None,
        last_payment_at: None,
        attention: Some(0),
        memory_bytes: None,
        temperature_c: None,
        configuration: None,
        disabled: false,
    }
}

/// Returns a picture that is told from others by its bytes.
pub(crate) fn picture(number: u64) -> Picture {
    Picture { number, png: format!("\u{89}PNG picture {number}").into_bytes().into() }
}

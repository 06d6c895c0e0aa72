//! The whole system with a broker that speaks TLS and wants certificates. It must not know how sales go wrong.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use demo::payos::Sandbox;
use serde_json::Value;
use tests::authority::Authority;
use tests::bridge::BridgePlan;
use tests::folder::Folder;
use tests::listener::Listener;
use tests::mosquitto::Mosquitto;
use tests::port::free_port;
use tests::shop::{Shop, TERMINAL, sandbox};
use tests::till::{Till, TillPlan, id_of, order_of};
use tests::wait::{SOON, holds_for, wait_for};

/// A broker with a plain listener for the test's own ear and a secure one for the programs.
struct Place {
    folder: Folder,
    authority: Authority,
    broker: Mosquitto,
    url: String,
    payos: Sandbox,
}

impl Place {
    fn make() -> Self {
        let folder = Folder::make();
        let authority = Authority::make(&folder, "ours");
        let server = authority.issue(&folder, "broker");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let broker = Mosquitto::start_with(&folder, server.listener(address.port(), &authority));
        Self { folder, authority, broker, url: format!("mqtts://{address}"), payos: sandbox() }
    }

    fn till(&self, mqtt: String) -> Till {
        let mut plan = TillPlan::new(TERMINAL, &self.url, &self.payos);
        plan.mqtt = mqtt;
        plan.start(&self.folder)
    }
}

/// The contract's way in a fleet: `mqtts://`, our own authority, a certificate for each program.
#[test]
fn a_whole_sale_goes_over_tls_with_a_certificate_for_each_program() {
    let place = Place::make();
    let identity = |name: &str| place.authority.issue(&place.folder, name).settings(&place.authority);
    let mut plan = BridgePlan::new(&place.broker, &place.payos.credentials().checksum_key);
    plan.broker_url.clone_from(&place.url);
    plan.mqtt = identity("bridge-1");
    let bridge = plan.start(&place.folder);
    place.payos.set_webhook_url(Some(bridge.hook_url()));
    let till = place.till(identity("0001017"));
    till.wait_for_broker();
    let ear = Listener::connect(&place.broker);
    let Place { folder, broker, payos, .. } = place;
    let shop = Shop { till, bridge, ear, broker, payos, folder };
    let paid = shop.assert_sells(50_000);
    assert_eq!(paid["payments"][0]["via"], "webhook", "{paid}");
    shop.ear.wait("the fleet hears", "0001017/up/sale/", |sale| *sale == paid);
}

/// P8: a broker that is not ours, or does not know us, is no broker; sales go on without.
#[test]
fn p8_a_broker_that_cannot_be_trusted_is_not_used_and_the_till_sells_without() {
    let place = Place::make();
    let strangers = Authority::make(&place.folder, "strangers");
    let known = place.authority.issue(&place.folder, "0001017");
    let unknown = strangers.issue(&place.folder, "0001017");
    let no_certificate = format!("ca = {:?}", place.authority.certificate);
    for (what, mqtt) in [
        ("the broker's authority is not believed", known.settings(&strangers)),
        ("the broker does not believe our certificate", unknown.settings(&place.authority)),
        ("the broker wants a certificate", no_certificate),
        ("the system's authorities do not know the broker", String::new()),
    ] {
        let till = place.till(mqtt);
        let reason = wait_for(&format!("{what}: the link says why it is down"), SOON, || {
            let link = till.status()["links"]["broker"].clone();
            let reason = link["reason"].as_str().filter(|reason| !reason.is_empty()).map(str::to_owned);
            reason.filter(|_| link["up"] == false).ok_or_else(|| link.to_string())
        });
        holds_for(&format!("{what} ({reason}): no link"), Duration::from_millis(500), || {
            let link = till.status()["links"]["broker"].clone();
            if link["up"] == false { Ok(()) } else { Err(link.to_string()) }
        });
        let sale = till.sell_and_show(50_000);
        place.payos.pay_silently(order_of(&sale), 50_000).expect("the order is known");
        let paid = till.wait_state(id_of(&sale), "paid", SOON);
        assert_eq!(paid["payments"][0]["via"], "poll", "{what}: {paid}");
        assert_eq!(till.receipts(), Vec::<Value>::new());
    }
}

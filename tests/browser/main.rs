//! The pages in a real browser: the demo's counter, phone, log and faults, the till's own screen, the fleet console, on every
//! size of screen. It must not know how they are made.

// A test speaks by failing.
#![allow(clippy::panic, reason = "a panic is how a test is told that it failed")]

mod console;
mod page;
mod pictures;
mod providers;
mod screen;

use std::net::TcpListener;
use std::process::Command;

use page::Page;
use tests::folder::Folder;
use tests::http::{get, post_json, send};
use tests::process::{program, run};
use tests::wait::{SOON, wait_for};

const FIFTY: [&str; 3] = ["5", "0", "000"];
const ENTER: &str = "enter";

#[test]
fn a_visitor_types_an_amount_and_pays_in_every_way_that_the_phone_offers() {
    let page = Page::open(&[], "en-US");
    nothing_can_be_scanned_before_there_is_a_code(&page);
    a_customer_pays(&page);
    a_customer_pays_too_little_and_then_the_rest(&page);
    a_customer_pays_twice(&page);
    a_customer_pays_too_late(&page);
    a_customer_walks_away(&page);
    the_page_fits_every_screen(&page);
    page.assert_content();
}

#[test]
fn a_visitor_switches_faults_on_and_no_money_is_lost() {
    let page = Page::open(&["--locale", "en"], "vi-VN");
    assert_eq!(page.browser.text("#scan"), "Quét mã");
    the_broker_is_away(&page);
    the_provider_is_slow(&page);
    the_network_is_off(&page);
    the_power_is_cut(&page);
    page.assert_content();
    strangers_are_refused(&page);
}

#[test]
fn the_till_never_outlives_a_demo_that_was_killed() {
    let folder = Folder::make();
    let mut demo = page::start_demo(&folder, &[]);
    let printed = demo.printed();
    let told = printed.split("its API is http://").nth(1).and_then(|rest| rest.split_whitespace().next());
    let till =
        told.and_then(|address| address.parse().ok()).unwrap_or_else(|| panic!("the till has an API: {printed}"));
    assert_eq!(get(till, "/healthz").map(|answer| answer.status).ok(), Some(200));
    demo.kill();
    wait_for("the till ends", SOON, || get(till, "/healthz").err().map(|_| ()).ok_or_else(|| "it answers".to_owned()));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = taken.local_addr().expect("a listener has an address").port().to_string();
    let output = run(Command::new(program("till-demo")).args(["--port", &port]));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains(&format!("port {port} of 127.0.0.1")), "{said}");
}

fn nothing_can_be_scanned_before_there_is_a_code(page: &Page) {
    page.browser.click("#scan");
    let told = "document.querySelector('#camera-note').textContent.startsWith('There is no code')";
    page.wait("the phone says that there is no code", told);
}

fn a_customer_pays(page: &Page) {
    let idle = page.look_at_pixels();
    page.press(&FIFTY);
    page.wait_for_other_picture(&idle);
    pictures::keep(page, "typed");
    page.press(&[ENTER]);
    page.wait_for_code("");
    pictures::keep(page, "code");
    page.scan();
    let read = ["#bill-amount", "#bill-bank", "#bill-account", "#bill-name"].map(|place| page.browser.text(place));
    assert_eq!(read, ["50.000 ₫", "MB Bank", "113366668888", "QUAN CA PHE DEMO"]);
    pictures::publish(page, "demo");
    assert_eq!(page.pay_by("#pay"), "Transferred 50.000 ₫");
    page.wait_state("paid");
    page.wait_without_code();
    assert_eq!(page.browser.run("return document.body.dataset.flags"), "");
    page.wait_for_line("till", "payos", "create");
    page.wait_for_line("display", "phone", "scan");
    page.wait_for_line("phone", "payos", "transfer");
    page.wait_for_line("payos", "bridge", "webhook");
    page.wait_for_line("bridge", "till", "envelope");
    page.wait_for_line("till", "fleet", "sale");
    page.wait_for_line("till", "display", "shows");
    pictures::publish(page, "demo-paid");
    page.put_phone_back();
}

fn a_customer_pays_too_little_and_then_the_rest(page: &Page) {
    page.sell(&["1", "2", "0", "000", ENTER]);
    page.scan();
    assert_eq!(page.pay_by("#pay-less"), "Transferred 96.000 ₫");
    page.wait("the till has heard of it", "document.body.dataset.paid == 96000");
    page.wait("the display tells what is missing", &page::state_is("showing"));
    assert_eq!(page.browser.text("#pay-rest"), "Pay the missing 24.000 ₫");
    pictures::keep(page, "short");
    page.put_phone_back();
    page.scan();
    assert_eq!(page.browser.text("#pay"), "Pay the missing 24.000 ₫");
    assert_eq!(page.pay_by("#pay"), "Transferred 24.000 ₫");
    page.wait_state("paid");
    page.put_phone_back();
}

fn a_customer_pays_twice(page: &Page) {
    // The computer's own keyboard works as well; U+E007 is its Enter.
    let before = page.sale();
    page.browser.press("30000\u{e007}");
    page.wait_for_code(&before);
    page.scan();
    assert_eq!(page.pay_by("#pay-twice"), "Transferred 30.000 ₫ twice");
    page.wait("both transfers are counted", "document.body.dataset.paid == 60000");
    page.wait_state("paid");
    // The second transfer may come when the first has ended the sale: then it is `late` as well.
    page.wait("it is told", "document.body.dataset.flags.split(' ').includes('overpaid')");
    pictures::keep(page, "twice");
    page.put_phone_back();
}

fn a_customer_pays_too_late(page: &Page) {
    let before = page.sale();
    page.browser.click("[data-amount=\"1500000\"]");
    page.wait_for_code(&before);
    page.scan();
    page.browser.click("#pay-late");
    page.wait_phone("waiting");
    pictures::keep(page, "waiting-to-pay-late");
    page.press(&["escape"]);
    page.wait_phone("done");
    page.wait_state("paid");
    // The newest line is the first: what was transferred came after the code had gone.
    let first = |text: &str| {
        let lines = "[...document.querySelectorAll('#log .text')]";
        page.browser.run(&format!("return {lines}.findIndex((line) => /{text}/.test(line.textContent))")).as_i64()
    };
    let (transferred, gone) = (first("bank transfers 1.500.000"), first("The code is gone"));
    assert!(transferred >= Some(0) && transferred < gone, "{transferred:?} {gone:?}");
    assert_eq!(page.browser.text("#done-said"), "Transferred 1.500.000 ₫");
    pictures::keep(page, "late");
    page.put_phone_back();
}

fn a_customer_walks_away(page: &Page) {
    page.sell(&["1", "000", ENTER]);
    page.scan();
    assert_eq!(page.pay_by("#walk-away"), "Walked away without paying");
    pictures::keep(page, "left");
    page.put_phone_back();
    page.press(&["escape"]);
    page.wait_state("cancelled");
    page.wait_without_code();
    page.wait_for_line("till", "payos", "cancel");
}

fn the_page_fits_every_screen(page: &Page) {
    for (width, height) in [(1920, 1080), (1280, 800), (1024, 768), (768, 1024), (390, 844), (320, 568)] {
        page.browser.resize(width, height);
        for language in ["vi", "en"] {
            page.browser.click(&format!("[data-language={language}]"));
            assert_eq!(page.browser.overhang(), 0, "{width} × {height} in {language}");
            pictures::keep(page, &format!("{width}-{language}"));
        }
    }
    page.browser.resize(1280, 800);
    let bottoms = "[...document.querySelectorAll('#display, #keypad, #phone, #log li:nth-child(3)')]
        .map((place) => place.getBoundingClientRect().bottom)";
    let seen = page.browser.run(&format!("return {bottoms}.every((bottom) => bottom <= innerHeight)"));
    assert_eq!(seen, true, "one screen shows all: {}", page.browser.run(&format!("return {bottoms}")));
}

fn the_broker_is_away(page: &Page) {
    page.switch("broker", true);
    page.sell(&["5", "0", "000", ENTER]);
    page.scan();
    page.pay_by("#pay");
    page.wait_for_line("till", "payos", "ask");
    page.wait_state("paid");
    pictures::keep(page, "broker-away");
    page.switch("broker", false);
    page.wait_for_line("bridge", "till", "envelope");
    page.put_phone_back();
}

fn the_provider_is_slow(page: &Page) {
    let before = page.sale();
    page.switch("provider", true);
    page.press(&["7", "0", "000", ENTER]);
    page.wait(
        "the till waits for payOS",
        &format!("{} && document.body.dataset.sale != '{before}'", page::state_is("requesting")),
    );
    page.wait_without_code();
    pictures::keep(page, "provider-slow");
    page.wait_for_code(&before);
    page.switch("provider", false);
    page.scan();
    page.pay_by("#pay");
    page.wait_state("paid");
    page.put_phone_back();
}

fn the_network_is_off(page: &Page) {
    let before = page.sale();
    page.switch("network", true);
    page.press(&["8", "0", "000", ENTER]);
    let waits = "[...document.querySelectorAll('#log [data-what=shows]')].some((line) => line.textContent.includes('đang chờ mạng'))";
    page.wait("the till waits for the network", waits);
    pictures::keep(page, "network-off");
    page.switch("network", false);
    page.wait_for_code(&before);
    page.scan();
    page.pay_by("#pay");
    page.wait_state("paid");
    page.put_phone_back();
}

fn the_power_is_cut(page: &Page) {
    let sale = page.sell(&["9", "0", "000", ENTER]);
    page.switch("power", true);
    page.wait_without_code();
    page.switch("power", false);
    page.wait_for_code("");
    assert_eq!(page.sale(), sale, "the sale goes on");
    page.scan();
    page.switch("power", true);
    page.wait_without_code();
    pictures::keep(page, "power-cut");
    page.pay_by("#pay");
    page.switch("power", false);
    page.wait_state("paid");
    assert_eq!(page.sale(), sale);
    assert_eq!(page.browser.run("return document.body.dataset.paid"), "90000");
    page.wait_without_code();
    page.put_phone_back();
}

/// Only the page itself may do something, and nothing on it is from elsewhere.
fn strangers_are_refused(page: &Page) {
    let own = page.address();
    let answer = get(own, "/").expect("the demo answers");
    let policy = answer.header("content-security-policy").unwrap_or_default().to_owned();
    assert!(answer.status == 200 && policy.starts_with("default-src 'none'; script-src 'self';"), "{answer:?}");
    assert_eq!(post_json(own, "/phone/scan", "{}").expect("the demo answers").status, 403);
    let rebound = [("Host", "shop.example")];
    assert_eq!(send(own, "GET", "/screen.png", &rebound, b"").expect("the demo answers").status, 403);
    let origin = format!("http://{own}");
    let from_page = [("Content-Type", "application/json"), ("Origin", origin.as_str())];
    let large = format!("{{\"code\":\"{}\",\"how\":\"full\"}}", "0".repeat(5000));
    let answer = send(own, "POST", "/phone/pay", &from_page, large.as_bytes()).expect("the demo answers");
    assert_eq!(answer.status, 413);
    let unknown = br#"{"code":"0002","how":"full"}"#;
    assert_eq!(send(own, "POST", "/phone/pay", &from_page, unknown).expect("the demo answers").status, 422);
}

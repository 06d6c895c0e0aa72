//! The demo's page with each provider in turn: what the phone offers, what travels, and when another one can be chosen. It
//! must not know how the page is made.

use tests::http::send;
use tests::wait::{SOON, wait_for};

use crate::page::{Page, state_is};
use crate::pictures;

const FIFTY: [&str; 4] = ["5", "0", "000", "enter"];

#[test]
fn a_visitor_sells_over_each_provider() {
    let page = Page::open(&["--provider", "smart-glocal"], "en-US");
    a_wallet_pays_and_gets_its_money_back(&page);
    a_wallet_cannot_pay(&page);
    the_network_is_off_before_a_wallet_pays(&page);
    another_provider_is_chosen_only_between_sales(&page);
    money_comes_without_a_sale(&page);
    a_transfer_over_finan_comes_in_parts(&page);
    a_sale_goes_over_payos_again(&page);
    page.assert_content();
}

fn a_wallet_pays_and_gets_its_money_back(page: &Page) {
    page.sell(&FIFTY);
    pictures::keep(page, "glocal-code");
    page.scan();
    let read = ["#bill-title", "#bill-amount", "#pay"].map(|place| page.browser.text(place));
    assert_eq!(read, ["Payment over Smart Glocal", "50.000 ₫", "Pay 50.000 ₫"]);
    assert!(page.browser.text("#bill-address").starts_with("pay.smart-glocal.example/"), "the wallet's page is named");
    assert_eq!(offered(page), ["pay", "pay-fail", "walk-away"]);
    pictures::keep(page, "glocal-bill");
    assert_eq!(page.pay_by("#pay"), "Paid 50.000 ₫ by wallet");
    page.wait_state("paid");
    page.wait_without_code();
    for (from, to, what) in [
        ("till", "glocal", "open"),
        ("till", "glocal", "start"),
        ("glocal", "bridge", "ready"),
        ("till", "glocal", "confirm"),
        ("glocal", "bridge", "action"),
        ("phone", "glocal", "transfer"),
        ("glocal", "bridge", "webhook"),
        ("bridge", "till", "envelope"),
    ] {
        page.wait_for_line(from, to, what);
    }
    pictures::keep(page, "glocal-paid");
    page.browser.click("#refund");
    page.wait("the money is given back", "document.querySelector('#done-said').textContent.endsWith('was given back')");
    page.wait("the till hears of it", "document.body.dataset.flags.split(' ').includes('refunded')");
    page.wait_for_line("glocal", "bridge", "refunded");
    assert_eq!(page.browser.run("return document.querySelector('#refund').hidden"), true, "it is given back once");
    pictures::keep(page, "glocal-refunded");
    page.put_phone_back();
}

fn a_wallet_cannot_pay(page: &Page) {
    page.sell(&FIFTY);
    page.scan();
    assert_eq!(page.pay_by("#pay-fail"), "The wallet could not pay");
    page.wait_state("failed");
    page.wait_without_code();
    page.wait_for_line("glocal", "bridge", "unpaid");
    page.put_phone_back();
}

fn the_network_is_off_before_a_wallet_pays(page: &Page) {
    let before = page.sale();
    page.switch("network", true);
    page.press(&FIFTY);
    page.wait("a new sale waits", &format!("document.body.dataset.sale != '{before}'"));
    page.wait_without_code();
    page.switch("network", false);
    page.wait_for_code(&before);
    page.scan();
    page.pay_by("#pay");
    page.wait_state("paid");
    page.put_phone_back();
}

fn another_provider_is_chosen_only_between_sales(page: &Page) {
    let sale = page.sell(&FIFTY);
    let told = |expression: &str| page.browser.run(&format!("return document.querySelector('{expression}')"));
    assert_eq!(told("[data-provider=finan]').getAttribute('aria-disabled"), "true");
    page.browser.click("[data-provider=finan]");
    page.wait("the page says why not", "document.querySelector('#note').textContent.startsWith('A sale is open')");
    pictures::keep(page, "choose-later");
    let origin = format!("http://{}", page.address());
    let from_page = [("Content-Type", "application/json"), ("Origin", origin.as_str())];
    let answer = send(page.address(), "POST", "/provider", &from_page, br#"{"provider":"finan"}"#);
    assert_eq!(answer.expect("the demo answers").status, 409, "the page alone does not decide it");
    assert_eq!(page.browser.run("return document.body.dataset.provider"), "glocal");
    assert_eq!(page.sale(), sale);
    page.press(&["escape"]);
    page.wait_state("cancelled");
    page.choose("finan");
    page.wait_for_line("you", "till", "choose");
    page.wait_for_line("till", "finan", "account");
    assert_eq!(page.browser.text("[data-word=fault_provider]"), "Finan slow");
}

fn money_comes_without_a_sale(page: &Page) {
    let before = page.sale();
    let code = static_code(page);
    page.scan();
    assert_eq!(offered(page), ["pay", "walk-away"]);
    assert_eq!(page.browser.run("return document.querySelector('#pay').disabled"), true, "no amount is typed");
    // What is typed on the phone is not typed at the counter as well.
    page.browser.press_in("#typed", "70000");
    assert_eq!(page.browser.text("#pay"), "Pay 70.000 ₫");
    pictures::keep(page, "finan-static");
    let idle = page.look_at_pixels();
    assert_eq!(page.pay_by("#pay"), "Transferred 70.000 ₫");
    page.wait_for_line("finan", "bridge", "webhook");
    page.wait_for_line("till", "fleet", "receipt");
    page.wait_for_other_picture(&idle);
    pictures::keep(page, "finan-receipt");
    assert_eq!(page.sale(), before, "no sale was made of it");
    assert_eq!(static_code(page), code, "the code stays");
    page.put_phone_back();
}

fn a_transfer_over_finan_comes_in_parts(page: &Page) {
    let code = static_code(page);
    page.sell(&FIFTY);
    wait_for("the display shows the sale's own code", SOON, || {
        let sight = page.look();
        if sight.texts().first().is_some_and(|text| *text != code) { Ok(()) } else { Err("another".to_owned()) }
    });
    page.scan();
    let read = ["#bill-title", "#bill-amount", "#bill-account"].map(|place| page.browser.text(place));
    assert_eq!(read, ["Transfer", "50.000 ₫", "0933450210"]);
    assert_eq!(offered(page), ["pay", "pay-less", "pay-late", "pay-twice", "walk-away"]);
    pictures::keep(page, "finan-bill");
    assert_eq!(page.pay_by("#pay-less"), "Transferred 40.000 ₫");
    page.wait("the till has heard of it", "document.body.dataset.paid == 40000");
    assert_eq!(page.pay_by_rest(), "Transferred 10.000 ₫");
    page.wait_state("paid");
    page.wait_for_line("till", "finan", "create");
    page.wait_for_line("phone", "finan", "transfer");
    pictures::keep(page, "finan-paid");
    page.put_phone_back();
}

fn a_sale_goes_over_payos_again(page: &Page) {
    page.choose("payos");
    page.wait_without_code();
    page.sell(&FIFTY);
    page.scan();
    assert_eq!(page.browser.text("#bill-account"), "113366668888");
    page.pay_by("#pay");
    page.wait_state("paid");
    page.wait_for_line("till", "payos", "create");
    page.wait_for_line("payos", "bridge", "webhook");
    assert!(page.browser.run(&format!("return {}", state_is("paid"))).as_bool().unwrap_or_default());
}

/// The code that the idle display shows.
#[track_caller]
fn static_code(page: &Page) -> String {
    let mut seen = String::new();
    wait_for("the idle display shows a code", SOON, || {
        let sight = page.look();
        seen = sight.texts().first().map(|text| (*text).to_owned()).ok_or_else(|| "no code".to_owned())?;
        Ok(())
    });
    seen
}

/// The buttons that the phone shows on the bill.
fn offered(page: &Page) -> Vec<String> {
    let shown = page.browser.run(
        "return [...document.querySelectorAll('.bill button')].filter((button) => !button.hidden)
            .map((button) => button.id)",
    );
    shown.as_array().into_iter().flatten().filter_map(|id| id.as_str().map(str::to_owned)).collect()
}

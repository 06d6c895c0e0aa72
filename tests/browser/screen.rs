//! The terminal's own page of its display (`/screen`) in a real browser: live, with a keypad, behind a token, on a phone.
//! It must not know how the page is made.

use demo::eye;
use serde_json::Value;
use tests::browser::Browser;
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::{SOON, wait_for};

use crate::page::LATER;
use crate::pictures::keep_shot;

const TOKEN: &str = "a-token-of-tests-0123456789";
const LIVE: &str = "!document.querySelector('#frame').classList.contains('away') \
                    && document.querySelector('#display').naturalWidth > 0";
const ENTER: &str = "\u{e007}";

fn open(shop: &Shop, browser: &Browser) {
    browser.open(&format!("http://{}/screen", shop.till.api()));
}

fn press(browser: &Browser, keys: &[&str]) {
    for key in keys {
        browser.click(&format!("#keypad [data-key=\"{key}\"]"));
    }
}

/// Waits for the newest sale to be in a state.
#[track_caller]
fn newest(shop: &Shop, state: &str) -> Value {
    wait_for(&format!("the newest sale is `{state}`"), SOON, || {
        let sale = shop.till.sales().into_iter().next().ok_or_else(|| "there is none".to_owned())?;
        if sale["state"] == state { Ok(sale) } else { Err(sale.to_string()) }
    })
}

/// Waits until what a person sees of the page holds exactly these codes.
#[track_caller]
fn wait_for_codes(browser: &Browser, codes: &[&str]) {
    wait_for(&format!("the page shows {codes:?}"), SOON, || {
        let sight = eye::look(&browser.screenshot()).map_err(|error| error.to_string())?;
        let without_more = !codes.is_empty() || sight.is_without_code();
        if sight.texts() == codes && without_more { Ok(()) } else { Err(format!("{:?}", sight.texts())) }
    });
}

#[test]
fn the_page_of_the_display_is_live_and_sells_by_its_keypad() {
    let mut shop = Shop::open_with(|plan| plan.api = "screen = true".to_owned());
    let browser = Browser::start("vi-VN");
    browser.resize(1280, 800);
    open(&shop, &browser);
    browser.wait("the page shows the display", LATER, LIVE);
    keep_shot(&browser, "screen-idle");

    press(&browser, &["5", "0", "000", "enter"]);
    let sale = newest(&shop, "showing");
    assert_eq!(sale["amount"], 50_000);
    wait_for_codes(&browser, &[sale["qr"].as_str().unwrap_or_default()]);
    keep_shot(&browser, "screen-code");
    a_key_is_refused_in_words(&browser);
    a_sale_is_cancelled_only_when_it_is_asked_twice(&shop, &browser, &sale);

    // The computer's own keyboard types as well, in order.
    browser.press(&format!("25000*3+8000{ENTER}"));
    let sale = newest(&shop, "showing");
    assert_eq!(sale["amount"], 83_000);
    wait_for_codes(&browser, &[sale["qr"].as_str().unwrap_or_default()]);
    shop.pay(&sale, 83_000);
    shop.till.wait_state(id_of(&sale), "paid", SOON);
    wait_for_codes(&browser, &[]);
    keep_shot(&browser, "screen-paid");
    let complaints = browser.complaints();
    // A refused key is an error to the browser's console, and nothing else is.
    assert!(complaints.iter().all(|line| line.contains("/v1/keypad") && line.contains("409")), "{complaints:#?}");

    browser.press(&format!("20000{ENTER}"));
    let sale = newest(&shop, "showing");
    wait_for_codes(&browser, &[sale["qr"].as_str().unwrap_or_default()]);
    the_terminal_goes_away_and_comes_back(&mut shop, &browser);
}

fn a_key_is_refused_in_words(browser: &Browser) {
    press(browser, &["1"]);
    let busy = "document.querySelector('#message').textContent == 'Máy đang bận với một giao dịch khác.'";
    browser.wait("the page says that the terminal is busy", SOON, busy);
}

fn a_sale_is_cancelled_only_when_it_is_asked_twice(shop: &Shop, browser: &Browser, sale: &Value) {
    press(browser, &["escape"]);
    let asks = "document.querySelector('[data-key=escape]').textContent == 'Huỷ?'";
    browser.wait("the key asks", SOON, asks);
    let asked = browser.run("return document.querySelector('#message').textContent.replace(/\\s/g, ' ')");
    assert_eq!(asked, "Bấm lần nữa để huỷ 50.000 ₫.");
    let cut = "[...document.querySelectorAll('#keypad button')].filter((key) => key.scrollWidth > key.clientWidth)";
    assert_eq!(browser.run(&format!("return {cut}.length")), 0, "no key's label is cut");
    keep_shot(browser, "screen-cancel");
    assert_eq!(shop.till.sale(id_of(sale))["state"], "showing");
    press(browser, &["escape"]);
    shop.till.wait_state(id_of(sale), "cancelled", SOON);
    wait_for_codes(browser, &[]);
}

/// P6: a page that hears nothing of its terminal shows no code that may no longer be valid.
fn the_terminal_goes_away_and_comes_back(shop: &mut Shop, browser: &Browser) {
    shop.till.kill();
    let away = "document.querySelector('#link').textContent == 'Mất kết nối'";
    browser.wait("the page says that the terminal is away", LATER, away);
    wait_for_codes(browser, &[]);
    keep_shot(browser, "screen-away");
    press(browser, &["7"]);
    let lost = "document.querySelector('#message').textContent.startsWith('Không rõ')";
    browser.wait("the page says that the key may be lost", SOON, lost);
    shop.till.start_again();
    browser.wait("the page is live again", LATER, LIVE);
    let sale = newest(shop, "showing");
    wait_for_codes(browser, &[sale["qr"].as_str().unwrap_or_default()]);
}

#[test]
fn the_page_asks_for_the_token_and_works_on_a_phone() {
    let shop = Shop::open_with(|plan| {
        plan.api = "screen = true".to_owned();
        plan.token = Some(TOKEN.to_owned());
    });
    let browser = Browser::start("en-US");
    browser.resize(390, 844);
    open(&shop, &browser);
    browser.wait("the form is there", SOON, "!document.querySelector('#form').hidden");
    keep_shot(&browser, "screen-form");
    browser.press_in("#token", &format!("wrong{ENTER}"));
    browser.wait("the token is refused", SOON, "document.querySelector('#message').textContent != ''");
    browser.run("document.querySelector('#token').value = ''");
    browser.press_in("#token", &format!("{TOKEN}{ENTER}"));
    browser.wait("the page shows the display", LATER, LIVE);

    for (width, height) in [(390, 844), (320, 568), (844, 390), (667, 375), (768, 1024), (1280, 800), (1920, 1080)] {
        browser.resize(width, height);
        assert_eq!(browser.overhang(), 0, "{width} × {height}");
        let small = "[...document.querySelectorAll('#keypad button')].map((button) => button.getBoundingClientRect())
            .filter((box) => box.width < 44 || box.height < 44 || box.bottom > innerHeight || box.right > innerWidth)";
        assert_eq!(browser.run(&format!("return {small}.length")), 0, "every key can be touched on {width} × {height}");
        let display = "document.querySelector('#display').getBoundingClientRect()";
        let seen = browser.run(&format!("return {display}.width > 180 && {display}.height > 100"));
        assert_eq!(seen, true, "the display can be seen on {width} × {height}");
        keep_shot(&browser, &format!("screen-{width}"));
    }

    browser.resize(390, 844);
    press(&browser, &["5", "0", "000", "enter"]);
    wait_for("the page shows a code", SOON, || {
        let sight = eye::look(&browser.screenshot()).map_err(|error| error.to_string())?;
        if sight.texts().len() == 1 { Ok(()) } else { Err(format!("{:?}", sight.texts())) }
    });
    keep_shot(&browser, "screen-phone");
    // The tab remembers the token.
    open(&shop, &browser);
    browser.wait("the page shows the display", LATER, LIVE);
    assert_eq!(browser.run("return localStorage.length + document.cookie.length"), 0);
}

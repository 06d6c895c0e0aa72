//! What the idle display says of a provider that cannot be sold over, read off the display. It must not know how the till
//! learns of it.

use std::io::Cursor;

use demo::payos::{CallKind, Fault, Lasting};
use tests::authority::Authority;
use tests::folder::Folder;
use tests::mosquitto::Mosquitto;
use tests::port::free_port;
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::{SOON, wait_for};
use till_display::{Frame, Link, LinkKind, Screen, Size, Theme, Type};

/// The idle display of the tests' till, at a minute of the day.
fn idle(kind: LinkKind, text: &str, minute: i64) -> Frame {
    let screen = Screen::Idle {
        label: "Quầy 1".to_owned(),
        clock: format!("{:02}:{:02}", minute / 60, minute % 60),
        link: Link { kind, text: text.to_owned() },
        hint: String::new(),
        code: None,
        logo: None,
        walk: None,
    };
    let mut frame = Frame::new(Size::new(800, 480).expect("a panel's size"));
    till_display::draw(&screen, Theme::Light, &mut frame, &mut Type::new()).expect("it has no code");
    frame
}

/// The picture's pixels: red, green and blue of each.
fn pixels(png: &[u8]) -> Option<Vec<u8>> {
    let mut decoder = png::Decoder::new(Cursor::new(png));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().ok()?;
    let mut bytes = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut bytes).ok()?;
    bytes.truncate(info.buffer_size());
    Some(bytes)
}

#[track_caller]
fn wait_for_words(shop: &Shop, kind: LinkKind, text: &str) {
    wait_for(&format!("the idle display says `{text}`"), SOON, || {
        let shown = pixels(&shop.till.get("/v1/screen.png").body);
        // Vietnam has one time all year; a picture may be a minute old.
        let minute = (tilld::clock::wall().secs() + 7 * 3600) / 60;
        let is_it = |minute: i64| shown.as_deref() == Some(idle(kind, text, minute.rem_euclid(24 * 60)).bytes());
        if is_it(minute) || is_it(minute - 1) { Ok(()) } else { Err("it says something else".to_owned()) }
    });
}

/// P13: nothing is asked for it: the words come with a sale's trouble and go with the next good answer.
#[test]
fn p13_the_idle_display_says_that_the_provider_does_not_answer_until_it_does() {
    let shop = Shop::open_with(|plan| {
        // The picture is compared pixel for pixel.
        plan.display = "shift = false".to_owned();
        plan.request_s = 5;
        plan.sale = "result_s = 1".to_owned();
    });
    let ready = "Sẵn sàng nhận thanh toán";
    wait_for_words(&shop, LinkKind::Good, ready);
    for call in [CallKind::Create, CallKind::Get, CallKind::Cancel] {
        let down = Fault::HttpStatus { status: 503, retry_after_s: None };
        shop.payos.plan(call, down, Lasting::UntilReset);
    }
    let sale = shop.till.sell(50_000);
    let failed = shop.till.wait_state(id_of(&sale), "failed", SOON);
    assert_eq!(failed["failure"]["code"], "provider_unreachable", "{failed}");
    wait_for_words(&shop, LinkKind::Limited, "Đơn vị thanh toán không trả lời");
    let journal = shop.till.command_line(&["journal", id_of(&sale)]);
    let told = String::from_utf8_lossy(&journal.stdout);
    let last = told.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    assert!(last.contains("payOS answered with HTTP status 503"), "{told}");

    shop.payos.reset_faults();
    shop.assert_sells(20_000);
    wait_for_words(&shop, LinkKind::Good, ready);
}

/// P13: a server whose certificate nobody here trusts is no network's fault; a person must look.
#[test]
fn p13_the_idle_display_and_the_journal_say_that_a_certificate_is_not_trusted() {
    let folder = Folder::make();
    let authority = Authority::make(&folder, "strangers");
    let port = free_port();
    // It is no provider, but speaks TLS.
    let _stranger = Mosquitto::start_with(&folder, authority.issue(&folder, "server").listener(port, &authority));
    let shop = Shop::open_with(|plan| {
        // The picture is compared pixel for pixel.
        plan.display = "shift = false".to_owned();
        plan.payos_url = format!("https://127.0.0.1:{port}");
        plan.tables = "[offline]\nmode = \"refuse\"\n".to_owned();
        plan.sale = "result_s = 1".to_owned();
    });
    let sale = shop.till.sell(50_000);
    let failed = shop.till.wait_state(id_of(&sale), "failed", SOON);
    assert_eq!(failed["failure"]["code"], "offline_refused", "{failed}");
    wait_for_words(&shop, LinkKind::Limited, "Chứng chỉ của đơn vị thanh toán không đúng: gọi hỗ trợ");
    let journal = shop.till.get(&format!("/v1/sales/{}/journal", id_of(&sale))).json();
    let why = journal["entries"][1]["cause"]["why"].as_str().unwrap_or_default();
    assert!(why.starts_with("cannot reach payOS: ") && why.contains("invalid peer certificate"), "{journal}");
}

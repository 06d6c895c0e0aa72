//! The words of every view, in both languages, the customer's apart from the cashier's (promise P13).

use std::time::Duration;

use till_display::{Frame, LinkKind, Screen as Picture, Size, Theme, Type, draw_placed};
use till_wire::sale::FailureCode;
use till_wire::{Account, Amount, CommandId, UnixTime, VietQr};

use super::{code, counter, sale, viet_qr};
use crate::clock;
use crate::config::Locale;
use crate::panel::{Keypad, present};
use crate::till::{
    Barrier, Code, Ended, Failure, Link, Now, Payee, Problem, QrKind, RefusalCause, Shape, Takings, Tick, Told, Typed,
    View, Waiting,
};

const PROBLEMS: [Problem; 8] = [
    Problem::TooLarge,
    Problem::TooLong,
    Problem::Unfinished,
    Problem::NeedsCustomer,
    Problem::ClockNotSet,
    Problem::NumbersUsedUp,
    Problem::QueueFull,
    Problem::Disabled,
];

fn typed(problem: Option<Problem>) -> Typed {
    let sum = Some(Amount::vnd(83_000));
    Typed { text: "25.000 × 3 + 8.000".to_owned(), sum, shape: Shape::Sum, problem, reference: None }
}

/// The code of a wallet's page, which names no account.
fn address() -> View {
    let View::Code { sale, amount, paid, expires, total, .. } = code(viet_qr()) else {
        unreachable!("code() makes a code")
    };
    let text = "https://pay.example/acs/wallet?session=ps_409483186&token=8d1f2c".to_owned();
    View::Code {
        sale,
        amount,
        paid,
        code: Code { text, kind: QrKind::Url, payee: Payee::default() },
        expires,
        total,
        told: Told::AtOnce,
    }
}

/// A code that was made here.
fn offline() -> View {
    let View::Code { sale, amount, paid, code, expires, total, .. } = code(viet_qr()) else {
        unreachable!("code() makes a code")
    };
    View::Code { sale, amount, paid, code, expires, total, told: Told::Later }
}

fn refused_for(cause: RefusalCause) -> Failure {
    Failure { cause, ..Failure::new(FailureCode::ProviderRefused, "") }
}

fn every_view() -> Vec<View> {
    let amount = Amount::vnd(499_999_999);
    let part = Amount::vnd(1);
    let failed = FailureCode::ALL.iter().map(|code| Failure::new(*code, ""));
    let refused = RefusalCause::ALL.map(refused_for);
    let ended = [Ended::Cancelled, Ended::Expired].into_iter().chain(failed.chain(refused).map(Ended::Failed));
    let mut views = vec![
        View::Idle { link: Link::Up, barrier: None },
        View::Idle { link: Link::Down, barrier: None },
        View::Waiting { sale: sale(), amount, what: Waiting::Provider },
        View::Waiting { sale: sale(), amount, what: Waiting::Network { until: Tick(0) } },
        View::Waiting { sale: sale(), amount, what: Waiting::LastAnswer },
        View::Waiting { sale: sale(), amount, what: Waiting::Cancellation },
        code(viet_qr()),
        address(),
        offline(),
        View::Paid { sale: sale(), amount, paid: amount },
        View::Checking { sale: sale(), amount },
        View::Typing { typed: typed(None) },
        View::Typing { typed: Typed { reference: Some("ORDER-77".to_owned()), ..typed(None) } },
        View::Money { number: 0, amount },
        View::Day { takings: Takings { paid: 9999, amount: Amount::vnd(499_999_999_999), open: 1, unconfirmed: 50 } },
        View::StoreFault,
        View::Disabled,
        View::Message { text: "Nghỉ trưa đến 13:00. Xin cảm ơn quý khách!".repeat(4) },
        View::Identity { command: CommandId::new("c-1").expect("an id"), terminal: sale().order().terminal() },
    ];
    views.extend(
        [None, Some(Ended::Cancelled), Some(Ended::Failed(Failure::new(FailureCode::StoreFault, "")))]
            .into_iter()
            .flat_map(|unpaid| {
                [part, Amount::vnd(0)].map(|paid| View::Last {
                    sale: sale(),
                    amount,
                    paid,
                    unpaid: unpaid.clone(),
                    at: Some(clock::wall()),
                })
            }),
    );
    views.extend(Barrier::ALL.map(|barrier| View::Idle { link: Link::Up, barrier: Some(barrier) }));
    views.extend(PROBLEMS.map(|problem| View::Typing { typed: typed(Some(problem)) }));
    views.extend(ended.flat_map(|ending| {
        [part, Amount::vnd(0)].map(|paid| View::Ended { sale: sale(), amount, paid, ending: ending.clone() })
    }));
    views
}

#[test]
fn p13_every_view_has_words_in_both_languages_and_every_letter_can_be_drawn() {
    let letters = Type::new();
    for locale in [Locale::Vietnamese, Locale::English] {
        for view in every_view() {
            let screen = present::screen(&view, &counter(locale), clock::now(), 0);
            let text = format!("{screen:?}");
            assert!(letters.has_all(&text), "a letter of {text} is missing in the fonts");
            assert!(!text.contains("title: \"\"") && !text.contains("reason: \"\""), "{text} lacks a word");
        }
    }
}

#[test]
fn p13_a_partly_paid_sale_says_what_came_and_what_is_missing() {
    let View::Code { sale, amount, code, expires, total, told, .. } = code(viet_qr()) else {
        unreachable!("code() makes a code")
    };
    let view = View::Code { sale, amount, paid: Amount::vnd(20_000), code, expires, total, told };
    let screen = present::screen(&view, &counter(Locale::English), clock::now(), 0);
    let Picture::Short { received, missing, amount, .. } = screen else {
        panic!("a short payment is shown as {screen:?}")
    };
    assert_eq!([received.value, missing.value, amount], ["20.000 ₫", "30.000 ₫", "of 50.000 ₫"].map(str::to_owned));
}

#[test]
fn p13_a_customer_is_told_what_to_open_for_a_code_and_for_an_address() {
    let told = [(code(viet_qr()), "banking app"), (address(), "the page that opens"), (offline(), "hears of it later")];
    for (view, words) in told {
        let screen = present::screen(&view, &counter(Locale::English), clock::now(), 0);
        let Picture::Code { hint, .. } = screen else { panic!("a code is shown as {screen:?}") };
        assert!(hint.contains(words), "{hint}");
    }
}

#[test]
fn p10_a_clock_that_is_not_set_is_said_instead_of_shown() {
    let mut now = clock::now();
    now.wall = UnixTime::from_ms(0);
    let screen = present::screen(&View::Idle { link: Link::Up, barrier: None }, &counter(Locale::English), now, 0);
    let Picture::Idle { clock, link, .. } = screen else { panic!("idle is shown as {screen:?}") };
    assert_eq!(clock, "--:--");
    assert!(link.text.contains("clock is not set"), "{}", link.text);
}

#[test]
fn p13_the_idle_display_says_what_stands_in_the_way_and_the_clock_comes_first() {
    let said = |barrier, locale, now| {
        let view = View::Idle { link: Link::Down, barrier };
        let Picture::Idle { link, .. } = present::screen(&view, &counter(locale), now, 0) else {
            unreachable!("idle has its screen")
        };
        (link.kind, link.text)
    };
    let (english, vietnamese) = (Locale::English, Locale::Vietnamese);
    for (barrier, locale, kind, words) in [
        (Barrier::Network, english, LinkKind::Limited, "No network: the payment provider is not reached"),
        (Barrier::Network, vietnamese, LinkKind::Limited, "Mất mạng: chưa tới được đơn vị thanh toán"),
        (Barrier::Silence, vietnamese, LinkKind::Limited, "Đơn vị thanh toán không trả lời"),
        (Barrier::Access, vietnamese, LinkKind::Down, "Đơn vị thanh toán chưa chấp nhận máy này: gọi hỗ trợ"),
    ] {
        assert_eq!(said(Some(barrier), locale, clock::now()), (kind, words.to_owned()));
    }
    let unset = Now { wall: UnixTime::from_ms(0), ..clock::now() };
    assert_eq!(said(Some(Barrier::Certificate), english, unset), said(None, english, unset));
}

#[test]
fn an_entry_shows_its_sum_and_what_it_is_made_of() {
    let screen = present::screen(&View::Typing { typed: typed(None) }, &counter(Locale::Vietnamese), clock::now(), 0);
    let Picture::Typing { amount, sum, problem, .. } = screen else { panic!("an entry is shown as {screen:?}") };
    assert_eq!([amount, sum, problem], ["83.000 ₫", "25.000 × 3 + 8.000", ""].map(str::to_owned));
    let plain = Typed { text: "83.000".to_owned(), shape: Shape::Plain, ..typed(Some(Problem::TooLarge)) };
    let screen = present::screen(&View::Typing { typed: plain }, &counter(Locale::English), clock::now(), 0);
    let Picture::Typing { sum, problem, .. } = screen else { panic!("an entry is shown as {screen:?}") };
    assert_eq!([sum, problem], ["", "This is more than a sale may be"].map(str::to_owned));
}

/// The cashier's words on a screen.
fn staff(screen: Picture) -> String {
    match screen {
        Picture::Idle { hint, .. } => hint,
        Picture::Typing { staff, .. }
        | Picture::Waiting { staff, .. }
        | Picture::Checking { staff, .. }
        | Picture::Code { staff, .. }
        | Picture::Short { staff, .. }
        | Picture::Paid { staff, .. }
        | Picture::Ended { staff, .. }
        | Picture::Receipt { staff, .. }
        | Picture::Notice { staff, .. } => staff,
        Picture::StartUp { .. } => String::new(),
    }
}

fn said(view: &View, keypad: Keypad) -> String {
    let mut counter = counter(Locale::Vietnamese);
    counter.keypad = keypad;
    staff(present::screen(view, &counter, Now { tick: Tick(40_000), ..clock::now() }, 0))
}

#[test]
fn p13_the_cashier_is_told_of_keys_only_where_there_may_be_some() {
    let amount = Amount::vnd(50_000);
    let network = Waiting::Network { until: Tick(120_000) };
    let failure = Failure::new(FailureCode::OfflineRefused, "");
    let (cancelled, failed) = (Ended::Cancelled, Ended::Failed(failure));
    let ended =
        |ending: &Ended, paid| View::Ended { sale: sale(), amount, paid: Amount::vnd(paid), ending: ending.clone() };
    for (view, with, without) in [
        (View::Idle { link: Link::Up, barrier: None }, "Nhập số tiền rồi bấm Enter", ""),
        (
            View::Waiting { sale: sale(), amount, what: network },
            "Còn 1:20 · Đơn …122 · Esc: hủy",
            "Còn 1:20 · Đơn …122",
        ),
        (code(viet_qr()), "Đơn …122 · Esc: hủy", "Đơn …122"),
        (
            View::Checking { sale: sale(), amount },
            "Đơn …122 · Chưa giao hàng: đang hỏi lại",
            "Đơn …122 · Chưa giao hàng: đang hỏi lại",
        ),
        (View::Paid { sale: sale(), amount, paid: amount }, "Đơn …122 · Nhập số tiền để bán tiếp", "Đơn …122"),
        (ended(&cancelled, 0), "Đơn …122 · Nhập số tiền để bán tiếp", "Đơn …122"),
        (ended(&cancelled, 1), "Đơn …122 · Cần kiểm tra tiền đã nhận", "Đơn …122 · Cần kiểm tra tiền đã nhận"),
        (ended(&failed, 0), "Đơn …122 · Thu tiền mặt hoặc thử lại", "Đơn …122 · Thu tiền mặt hoặc thử lại"),
    ] {
        assert_eq!(said(&view, Keypad::Possible), with, "{view:?}");
        assert_eq!(said(&view, Keypad::None), without, "{view:?}");
    }
}

#[test]
fn an_open_code_is_on_the_idle_display_with_whom_it_pays() {
    let payee =
        Payee { bin: Some("970422".into()), account: Some("0933450210".into()), name: Some("Quán Lá".into()) };
    let mut counter = counter(Locale::English);
    counter.open_code = Some(Code { text: viet_qr(), kind: QrKind::Vietqr, payee });
    let screen = present::screen(&View::Idle { link: Link::Up, barrier: None }, &counter, clock::now(), 0);
    let Picture::Idle { code: Some(code), .. } = screen else { panic!("no code on {screen:?}") };
    let values: Vec<&str> = code.lines.iter().map(|line| line.value.as_str()).collect();
    assert_eq!((code.payload, values), (viet_qr(), vec!["Quán Lá", "0933450210", "MB Bank"]));
    assert_eq!(code.title, "Scan to send money");
}

/// How long the picture of a code stays true, with so much left of so long, in milliseconds.
fn stays(left: u64, total: u64) -> u128 {
    let View::Code { sale, amount, paid, code, told, .. } = code(viet_qr()) else {
        unreachable!("code() makes a code")
    };
    let (expires, total) = (Some(Tick(left + 7)), Duration::from_millis(total));
    let view = View::Code { sale, amount, paid, code, expires, total, told };
    present::stays_true(&view, Now { tick: Tick(7), ..clock::now() }).as_millis()
}

#[test]
fn a_countdown_moves_by_half_a_pixel_and_never_misses_a_second() {
    assert_eq!(stays(300_000, 300_000), 375);
    assert_eq!(stays(299_250, 300_000), 250);
    assert_eq!(stays(15_000, 15_000), 100);
    assert_eq!(stays(3_600_000, 3_600_000), 1000);
    assert_eq!(stays(3_599_400, 3_600_000), 400);
    let moving = View::Paid { sale: sale(), amount: Amount::vnd(1), paid: Amount::vnd(1) };
    assert_eq!(present::stays_true(&moving, clock::now()), Duration::from_millis(100));
}

#[test]
fn the_longest_open_code_fits_the_smallest_display() {
    let account = Account { bin: "970422".into(), number: "1".repeat(19), name: Some("W".repeat(50)) };
    let text = VietQr::build(&account, None, &"W".repeat(40)).expect("a code of plain parts");
    let payee = Payee { bin: Some(account.bin), account: Some(account.number), name: account.name };
    let mut counter = counter(Locale::Vietnamese);
    counter.open_code = Some(Code { text, kind: QrKind::Vietqr, payee });
    let screen = present::screen(&View::Idle { link: Link::Down, barrier: None }, &counter, clock::now(), 0);
    let mut frame = Frame::new(Size::new(240, 240).expect("a panel's size"));
    till_display::draw(&screen, Theme::Light, &mut frame, &mut Type::new()).expect("the code fits");
}

/// Returns the texts that were drawn, one after another, so that broken lines are whole again.
fn drawn(view: &View, locale: Locale, size: &str, letters: &mut Type) -> String {
    let size: Size = size.parse().expect("a size");
    let screen = present::screen(view, &counter(locale), clock::now(), 0);
    let mut frame = Frame::new(size);
    let placed = draw_placed(&screen, Theme::Light, &mut frame, letters).expect("the code fits");
    for (index, one) in placed.iter().enumerate() {
        let (left, top) = (one.area.top_left.x, one.area.top_left.y);
        let right = i64::from(left) + i64::from(one.area.size.width);
        let bottom = i64::from(top) + i64::from(one.area.size.height);
        let inside = left >= 0 && top >= 0 && right <= size.width().into() && bottom <= size.height().into();
        assert!(inside, "{size}: {one:?} is outside on {screen:?}");
        for other in &placed[index + 1..] {
            let shared = one.area.intersection(&other.area);
            assert!(shared.is_zero_sized(), "{size}: {one:?} meets {other:?} on {screen:?}");
        }
    }
    placed.into_iter().map(|placed| placed.what).collect::<Vec<_>>().join(" ")
}

#[test]
fn p13_what_the_till_says_is_whole_on_every_common_panel() {
    const SMALL: [&str; 3] = ["240x240", "240x320", "320x240"];
    const COMMON: [&str; 6] = ["480x320", "480x800", "800x480", "1024x600", "1280x800", "1920x1080"];
    let mut letters = Type::new();
    for locale in [Locale::Vietnamese, Locale::English] {
        for view in every_view() {
            for size in SMALL {
                drawn(&view, locale, size, &mut letters);
            }
            let words = staff(present::screen(&view, &counter(locale), clock::now(), 0));
            for size in COMMON {
                let said = drawn(&view, locale, size, &mut letters);
                assert!(said.contains(&words), "{size}: `{words}` is not whole in `{said}`");
            }
        }
    }
}

#[test]
fn p13_the_cashier_reads_what_a_provider_s_no_calls_for_and_the_customer_nothing_of_keys() {
    let amount = Amount::vnd(50_000);
    let shown = |cause| {
        let ending = Ended::Failed(refused_for(cause));
        let view = View::Ended { sale: sale(), amount, paid: Amount::vnd(0), ending };
        let Picture::Ended { reason, .. } = present::screen(&view, &counter(Locale::Vietnamese), clock::now(), 0)
        else {
            unreachable!("an ended sale has its screen")
        };
        (reason, said(&view, Keypad::Possible))
    };
    let refused = "Đơn vị thanh toán từ chối đơn này";
    let shut = "Cửa hàng tạm chưa nhận tiền qua mã được";
    for (cause, reason, remedy) in [
        (RefusalCause::Unsaid, refused, "Thử lại hoặc gọi hỗ trợ"),
        (RefusalCause::Order, refused, "Thử số tiền khác hoặc gọi hỗ trợ"),
        (RefusalCause::Access, shut, "Máy chưa được chấp nhận: gọi hỗ trợ"),
        (RefusalCause::Channel, shut, "Kênh thanh toán bị khóa: gọi hỗ trợ"),
    ] {
        assert_eq!(shown(cause), (reason.to_owned(), format!("Đơn …122 · {remedy}")), "{cause:?}");
    }
}

#[test]
fn p1_the_last_result_is_told_with_its_own_time_and_not_as_money_that_comes_now() {
    let at = Some(UnixTime::from_ms(1_795_143_932_000));
    let view = |unpaid, paid| View::Last { sale: sale(), amount: Amount::vnd(50_000), paid, unpaid, at };
    let said = |view: &View| {
        let screen = present::screen(view, &counter(Locale::English), clock::now(), 0);
        let Picture::Notice { title, text, .. } = screen else { panic!("a past result is shown as {screen:?}") };
        (title, text)
    };
    let (title, paid) = said(&view(None, Amount::vnd(50_000)));
    let time = paid.rsplit_once(" · ").map(|(_, time)| time.to_owned()).expect("the time comes last");
    assert_eq!((title.as_str(), paid), ("Last sale: 50.000 ₫", format!("Received 50.000 ₫ · {time}")));
    let (_, cancelled) = said(&view(Some(Ended::Cancelled), Amount::vnd(0)));
    assert_eq!(cancelled, format!("Cancelled · {time}"));
    let (_, partly) = said(&view(Some(Ended::Expired), Amount::vnd(1)));
    assert_eq!(partly, format!("Time is over · A part has come: 1 ₫ · {time}"));
}

#[test]
fn p13_the_days_takings_are_told_and_what_there_is_none_of_is_not() {
    let said = |open, unconfirmed| {
        let takings = Takings { paid: 37, amount: Amount::vnd(1_250_000), open, unconfirmed };
        let screen = present::screen(&View::Day { takings }, &counter(Locale::English), clock::now(), 0);
        let Picture::Notice { title, text, .. } = screen else { panic!("the day is shown as {screen:?}") };
        format!("{title} / {text}")
    };
    assert_eq!(said(0, 0), "Today: 1.250.000 ₫ / 37 sales paid");
    assert_eq!(said(1, 2), "Today: 1.250.000 ₫ / 37 sales paid · 1 open · 2 unconfirmed");
}

//! One screen of every kind in Vietnamese and in English, as a counter words them. Knows words, no pixels.

#![allow(dead_code, reason = "each test takes what it needs of the samples")]

pub(crate) mod brand;
pub(crate) mod sheet;
pub(crate) mod worded;

use till_display::{Countdown, EndKind, Line, Link, LinkKind, Logo, OpenCode, Screen};

/// A VietQR of 140 characters, about what a provider sends.
pub(crate) const PAYLOAD: &str = "00020101021238580010A000000727012800069704220114VQRQ000133ABCD0208QRIBFTTA5303704540850000.005802VN62260822TL0001017029727122 Q16304ABCD0123456";

/// A VietQR without an amount.
pub(crate) const OPEN_PAYLOAD: &str =
    "00020101021138540010A00000072701240006970422011009334502100208QRIBFTTA53037045802VN6304DF05";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Vietnamese,
    English,
}

impl Language {
    pub(crate) const BOTH: [Self; 2] = [Self::Vietnamese, Self::English];

    /// Returns the part of a picture's name that says the language.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
        }
    }

    fn of(self, vietnamese: &str, english: &str) -> String {
        match self {
            Self::Vietnamese => vietnamese.to_owned(),
            Self::English => english.to_owned(),
        }
    }
}

/// Returns every kind of screen with the name of its picture.
pub(crate) fn screens(language: Language) -> Vec<(&'static str, Screen)> {
    let mut screens = idle(language);
    screens.extend(typing(language));
    screens.extend(under_way(language));
    screens.extend(with_code(language));
    screens.extend(paid(language));
    screens.extend(results(language));
    screens
}

/// Returns the cashier's words on a sale.
fn on_sale(language: Language, vietnamese: &str, english: &str) -> String {
    language.of(&format!("Đơn …122 · {vietnamese}"), &format!("Sale …122 · {english}"))
}

fn cancel(language: Language) -> String {
    on_sale(language, "Esc: hủy", "Esc: cancel")
}

fn next_sale(language: Language) -> String {
    on_sale(language, "Nhập số tiền để bán tiếp", "Type the next amount")
}

fn payee(language: Language, name: &str, account: &str, bank: &str) -> Vec<Line> {
    let line = |vietnamese, english, value: &str| Line { label: language.of(vietnamese, english), value: value.into() };
    vec![
        line("Chủ tài khoản", "Account holder", name),
        line("Số tài khoản", "Account", account),
        line("Ngân hàng", "Bank", bank),
    ]
}

fn idle(language: Language) -> Vec<(&'static str, Screen)> {
    let t = |vietnamese: &str, english: &str| language.of(vietnamese, english);
    let screen = |kind, text: String| idle_with(language, Link { kind, text }, None);
    let good = t("Sẵn sàng nhận thanh toán", "Ready to take payments");
    let open = idle_with(language, Link { kind: LinkKind::Good, text: good.clone() }, Some(open_code(language)));
    vec![
        ("idle", screen(LinkKind::Good, good)),
        ("idle-code", open),
        ("idle-limited", screen(LinkKind::Limited, offline(language))),
        ("idle-down", screen(LinkKind::Down, t("Mất mạng – chưa bán được", "No network – no sales now"))),
    ]
}

/// Returns the idle screens of a shop with a picture of its own: without and with a code.
pub(crate) fn with_logo(language: Language, logo: &Logo) -> [Screen; 2] {
    let good =
        || Link { kind: LinkKind::Good, text: language.of("Sẵn sàng nhận thanh toán", "Ready to take payments") };
    [None, Some(open_code(language))].map(|code| {
        let mut screen = idle_with(language, good(), code);
        if let Screen::Idle { logo: place, .. } = &mut screen {
            *place = Some(logo.clone());
        }
        screen
    })
}

/// Returns the idle screen with the most to say: a code, and why money is told of late.
pub(crate) fn offline_with_code(language: Language) -> Screen {
    let link = Link { kind: LinkKind::Limited, text: offline(language) };
    idle_with(language, link, Some(open_code(language)))
}

fn offline(language: Language) -> String {
    let (vietnamese, english) =
        ("Mất kết nối máy chủ – tiền về sẽ báo chậm hơn", "Server not reached – payments are reported later");
    language.of(vietnamese, english)
}

fn open_code(language: Language) -> OpenCode {
    OpenCode {
        title: language.of("Quét mã để chuyển tiền", "Scan to send money"),
        payload: OPEN_PAYLOAD.into(),
        lines: payee(language, "TRAN TU THIEN", "0933450210", "MB Bank"),
    }
}

fn idle_with(language: Language, link: Link, code: Option<OpenCode>) -> Screen {
    Screen::Idle {
        label: language.of("Cà phê Nguyễn Huệ – Quầy 2", "Nguyen Hue Coffee – Counter 2"),
        clock: "14:05".into(),
        link,
        hint: language.of("Nhập số tiền rồi bấm Enter", "Type an amount and press Enter"),
        code,
        logo: None,
        walk: None,
    }
}

fn typing(language: Language) -> Vec<(&'static str, Screen)> {
    let t = |vietnamese: &str, english: &str| language.of(vietnamese, english);
    let screen = |amount: &str, sum: &str, problem: String| Screen::Typing {
        label: t("Cà phê Nguyễn Huệ – Quầy 2", "Nguyen Hue Coffee – Counter 2"),
        title: t("Số tiền", "Amount"),
        amount: amount.into(),
        sum: sum.into(),
        problem,
        staff: t("Enter: tạo mã · Esc: xóa", "Enter: make the code · Esc: clear"),
    };
    vec![
        ("typing-empty", screen("", "", String::new())),
        ("typing", screen("90.000 ₫", "50.000 + 20.000 × 2", String::new())),
        (
            "typing-problem",
            screen("500.000.000 ₫", "", t("Số tiền vượt mức cho phép", "This is more than a sale may be")),
        ),
    ]
}

fn under_way(language: Language) -> Vec<(&'static str, Screen)> {
    let t = |vietnamese: &str, english: &str| language.of(vietnamese, english);
    vec![
        (
            "start-up",
            Screen::StartUp {
                label: t("Cà phê Nguyễn Huệ – Quầy 2", "Nguyen Hue Coffee – Counter 2"),
                title: t("Đang khởi động", "Starting"),
                text: t("Xin chờ một chút", "One moment, please"),
                motion: 3,
            },
        ),
        (
            "waiting",
            Screen::Waiting {
                title: t("Đang tạo mã", "Making the code"),
                amount: "50.000 ₫".into(),
                text: t("Xin chờ một chút", "One moment, please"),
                staff: on_sale(
                    language,
                    "Đang hỏi đơn vị thanh toán · Esc: hủy",
                    "Asking the payment provider · Esc: cancel",
                ),
                motion: 8,
            },
        ),
        (
            "checking",
            Screen::Checking {
                title: t("Đang kiểm tra", "Checking"),
                amount: "25.000.000 ₫".into(),
                text: t(
                    "Có tin báo tiền đang về. Xin chờ, đừng quét lại",
                    "A payment is reported. Please wait, do not scan again",
                ),
                staff: on_sale(language, "Chưa giao hàng: đang hỏi lại", "Not paid yet: asking again"),
                motion: 14,
            },
        ),
    ]
}

fn with_code(language: Language) -> Vec<(&'static str, Screen)> {
    let t = |vietnamese: &str, english: &str| language.of(vietnamese, english);
    let countdown = |left_ms: u64, time: &str| Countdown {
        left_ms,
        total_ms: 300_000,
        text: format!("{} {time}", t("Còn", "Left")),
    };
    let person = || payee(language, "TRAN TU THIEN", "0933450210", "MB Bank");
    let screen = |amount: &str, countdown, lines| Screen::Code {
        title: t("Quét mã để thanh toán", "Scan to pay"),
        amount: amount.into(),
        payload: PAYLOAD.into(),
        countdown,
        lines,
        hint: t("Mở ứng dụng ngân hàng và quét mã này", "Open your banking app and scan this code"),
        staff: cancel(language),
    };
    let long_name = "CONG TY TNHH THUONG MAI DICH VU NGUYEN HUE";
    vec![
        ("code", screen("50.000 ₫", countdown(212_000, "3:32"), person())),
        (
            "code-large",
            screen(
                "499.999.999 ₫",
                countdown(21_000, "0:21"),
                payee(language, long_name, "113366668888", "Vietcombank"),
            ),
        ),
        (
            "short",
            Screen::Short {
                title: t("Còn thiếu", "Still missing"),
                amount: t("trên tổng 50.000 ₫", "of 50.000 ₫"),
                received: Line { label: t("Đã nhận", "Received"), value: "20.000 ₫".into() },
                missing: Line { label: t("Còn thiếu", "Still missing"), value: "30.000 ₫".into() },
                payload: PAYLOAD.into(),
                countdown: countdown(95_000, "1:35"),
                lines: person(),
                hint: t(
                    "Xin quét lại mã và chuyển số tiền còn thiếu",
                    "Please scan again and transfer the missing amount",
                ),
                staff: cancel(language),
            },
        ),
    ]
}

fn paid(language: Language) -> Vec<(&'static str, Screen)> {
    let screen = |amount: &str, detail, motion| Screen::Paid {
        title: language.of("ĐÃ NHẬN TIỀN", "PAID"),
        amount: amount.into(),
        detail,
        clock: "14:05:32".into(),
        staff: next_sale(language),
        motion,
    };
    let in_full = language.of("Đã thanh toán đủ. Xin cảm ơn!", "Paid in full. Thank you!");
    let overpaid = language.of("Nhận thừa 10.000 ₫", "Too much received 10.000 ₫");
    vec![("paid", screen("50.000 ₫", in_full, 5)), ("overpaid", screen("499.999.999 ₫", overpaid, 20))]
}

fn results(language: Language) -> Vec<(&'static str, Screen)> {
    let t = |vietnamese: &str, english: &str| language.of(vietnamese, english);
    let ended =
        |kind, title, reason, staff| Screen::Ended { kind, title, amount: "1.250.000 ₫".into(), reason, staff };
    let next = || next_sale(language);
    let cancelled = t("Đơn này đã hủy. Xin đừng quét mã cũ", "This sale is cancelled. Please do not scan the old code");
    let expired = t("Chưa nhận được tiền. Xin đừng quét mã cũ", "No payment has come. Please do not scan the old code");
    let failed = t("Đơn vị thanh toán không trả lời", "The payment provider does not answer");
    let retry = on_sale(language, "Thử lại sau ít phút", "Try again in a few minutes");
    vec![
        ("cancelled", ended(EndKind::Cancelled, t("Đã hủy", "Cancelled"), cancelled, next())),
        ("expired", ended(EndKind::Expired, t("Hết thời gian", "Time is over"), expired, next())),
        ("failed", ended(EndKind::Failed, t("Chưa thu được tiền", "No payment taken"), failed, retry)),
        (
            "receipt",
            Screen::Receipt {
                title: t("Có tiền về", "Money has come in"),
                amount: "+50.000 ₫".into(),
                detail: t("Không thuộc đơn đang bán", "It belongs to no sale in progress"),
                staff: t("Kiểm tra xem ai đã chuyển", "Find out who has paid"),
            },
        ),
        (
            "notice",
            Screen::Notice {
                title: t("Đồng hồ chưa đúng", "The clock is not set"),
                text: t(
                    "Máy chưa biết giờ nên chưa thể bán hàng. Xin kiểm tra mạng rồi chờ một chút.",
                    "This till does not know the time and cannot sell yet. Check the network and wait a moment.",
                ),
                staff: t("Bấm phím bất kỳ để đóng", "Press any key to close"),
            },
        ),
    ]
}

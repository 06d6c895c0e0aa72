//! One screen of every kind in Vietnamese and in English, as a counter words them. Knows words, no pixels.

#![allow(dead_code, reason = "each test takes what it needs of the samples")]

pub(crate) mod sheet;
pub(crate) mod worded;

use till_display::{Countdown, EndKind, Line, Link, LinkKind, OpenCode, Screen};

/// A VietQR of 140 characters, about what a provider sends.
pub(crate) const PAYLOAD: &str = "00020101021238580010A000000727012800069704220114VQRQ000133ABCD0208QRIBFTTA5303704540850000.005802VN62260822TL0001017029727122 Q16304ABCD0123456";

/// A VietQR without an amount.
pub(crate) const OPEN_PAYLOAD: &str =
    "00020101021138560010A0000007270126000697042201120933450210110208QRIBFTTA53037045802VN62090805QUAY263042A1C";

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

fn cancel(language: Language) -> String {
    language.of("Bấm Hủy để bỏ đơn này", "Press Cancel to drop this sale")
}

fn next_sale(language: Language) -> String {
    language.of("Nhập số tiền để bán tiếp", "Enter an amount for the next sale")
}

fn idle(language: Language) -> Vec<(&'static str, Screen)> {
    let t = |vietnamese: &str, english: &str| language.of(vietnamese, english);
    let screen = |kind, text: String, code| Screen::Idle {
        label: t("Cà phê Nguyễn Huệ – Quầy 2", "Nguyen Hue Coffee – Counter 2"),
        clock: "14:05".into(),
        link: Link { kind, text },
        hint: t("Nhập số tiền để bán", "Enter an amount to sell"),
        code,
    };
    let open = OpenCode {
        title: t("Quét mã để chuyển khoản", "Scan to transfer any amount"),
        payload: OPEN_PAYLOAD.into(),
        lines: vec![
            Line { label: t("Ngân hàng", "Bank"), value: "MB Bank".into() },
            Line { label: t("Số tài khoản", "Account"), value: "0933450210".into() },
            Line { label: t("Chủ tài khoản", "Name"), value: "TRAN TU THIEN".into() },
        ],
    };
    let connected = || t("Đã kết nối", "Connected");
    let limited =
        t("Mất kết nối máy chủ – tiền về sẽ báo chậm hơn", "Server not reached – payments are reported later");
    vec![
        ("idle", screen(LinkKind::Good, connected(), None)),
        ("idle-code", screen(LinkKind::Good, connected(), Some(open))),
        ("idle-limited", screen(LinkKind::Limited, limited, None)),
        ("idle-down", screen(LinkKind::Down, t("Mất mạng – chưa bán được", "No network – no sales now"), None)),
    ]
}

fn typing(language: Language) -> Vec<(&'static str, Screen)> {
    let t = |vietnamese: &str, english: &str| language.of(vietnamese, english);
    let screen = |amount: &str, sum: &str, problem: String| Screen::Typing {
        label: t("Cà phê Nguyễn Huệ – Quầy 2", "Nguyen Hue Coffee – Counter 2"),
        title: t("Số tiền", "Amount"),
        amount: amount.into(),
        sum: sum.into(),
        problem,
        staff: t("Enter: hiện mã · Hủy: xóa", "Enter: show the code · Cancel: clear"),
    };
    vec![
        ("typing-empty", screen("0 ₫", "", String::new())),
        ("typing", screen("90.000 ₫", "50.000 + 20.000 × 2", String::new())),
        ("typing-problem", screen("500.000.000 ₫", "", t("Nhiều nhất 499.999.999 ₫", "At most 499.999.999 ₫"))),
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
                text: t("Đang chờ đơn vị thanh toán trả lời", "Waiting for the payment provider"),
                staff: cancel(language),
                motion: 8,
            },
        ),
        (
            "checking",
            Screen::Checking {
                title: t("Đang kiểm tra", "Checking"),
                amount: "25.000.000 ₫".into(),
                text: t("Tiền đã được báo. Đang hỏi lại cho chắc", "Money was reported. Making sure of it"),
                staff: t("Chưa giao hàng vội", "Do not hand over the goods yet"),
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
    let payee = |bank: &str, account: &str, name: &str| {
        let labels = [t("Ngân hàng", "Bank"), t("Số tài khoản", "Account"), t("Chủ tài khoản", "Name")];
        let line = |(label, value): (String, &str)| Line { label, value: value.into() };
        labels.into_iter().zip([bank, account, name]).map(line).collect::<Vec<_>>()
    };
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
        ("code", screen("50.000 ₫", countdown(212_000, "3:32"), payee("MB Bank", "0933450210", "TRAN TU THIEN"))),
        (
            "code-large",
            screen("499.999.999 ₫", countdown(21_000, "0:21"), payee("Vietcombank", "113366668888", long_name)),
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
                lines: payee("MB Bank", "0933450210", "TRAN TU THIEN"),
                hint: t("Xin chuyển thêm số tiền còn thiếu", "Please transfer the missing amount"),
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
    let ended = |kind, title, reason| Screen::Ended {
        kind,
        title,
        amount: "1.250.000 ₫".into(),
        reason,
        staff: next_sale(language),
    };
    let cancelled = t("Đơn này đã hủy. Xin đừng quét mã cũ", "This sale is cancelled. Please do not scan the old code");
    let expired = t("Chưa nhận được tiền. Xin đừng quét mã cũ", "No payment has come. Please do not scan the old code");
    let failed = t(
        "Đơn vị thanh toán không trả lời. Xin thử lại sau ít phút",
        "The payment provider does not answer. Try again in a few minutes",
    );
    vec![
        ("cancelled", ended(EndKind::Cancelled, t("Đã hủy", "Cancelled"), cancelled)),
        ("expired", ended(EndKind::Expired, t("Hết thời gian", "Time is over"), expired)),
        ("failed", ended(EndKind::Failed, t("Chưa thu được tiền", "No payment taken"), failed)),
        (
            "receipt",
            Screen::Receipt {
                title: t("Có tiền về", "Money has come in"),
                amount: "+50.000 ₫".into(),
                detail: t("Không thuộc đơn đang bán", "It belongs to no sale in progress"),
                staff: next_sale(language),
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

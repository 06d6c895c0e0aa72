//! One screen of every kind in Vietnamese and in English, as a counter would word them. Knows words, no pixels.

#![allow(dead_code, reason = "each test takes what it needs of the samples")]

use till_display::{Countdown, EndKind, Line, Link, LinkKind, Screen};

/// A VietQR of 140 characters, about what a provider sends.
pub(crate) const PAYLOAD: &str = "00020101021238580010A000000727012800069704220114VQRQ000133ABCD0208QRIBFTTA5303704540850000.005802VN62260822TL0001017029727122 Q16304ABCD0123456";

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
    let mut screens = without_code(language);
    screens.extend(results(language));
    screens.extend(with_code(language));
    screens
}

fn without_code(language: Language) -> Vec<(&'static str, Screen)> {
    let t = |vietnamese: &str, english: &str| language.of(vietnamese, english);
    vec![
        (
            "start-up",
            Screen::StartUp {
                label: t("Quầy 1", "Counter 1"),
                title: t("Đang khởi động…", "Starting…"),
                text: t("Đang kết nối với máy chủ", "Connecting to the server"),
                motion: 3,
            },
        ),
        (
            "idle",
            Screen::Idle {
                label: t("Quầy 1", "Counter 1"),
                clock: "14:05".into(),
                link: Link { kind: LinkKind::Good, text: t("Sẵn sàng", "Ready") },
                hint: t("Nhập số tiền rồi bấm Enter", "Type an amount and press Enter"),
                code: None,
            },
        ),
        ("idle-limited", idle_with(language, LinkKind::Limited)),
        ("idle-down", idle_with(language, LinkKind::Down)),
        (
            "waiting",
            Screen::Waiting {
                title: t("Đang tạo mã QR", "Making the QR code"),
                amount: "50.000 ₫".into(),
                text: t("Đang chờ payOS trả lời…", "Waiting for payOS to answer…"),
                staff: t("Bấm Hủy để bỏ đơn này", "Press Cancel to drop this sale"),
                motion: 8,
            },
        ),
    ]
}

fn results(language: Language) -> Vec<(&'static str, Screen)> {
    let t = |vietnamese: &str, english: &str| language.of(vietnamese, english);
    vec![
        (
            "paid",
            Screen::Paid {
                title: t("ĐÃ NHẬN TIỀN", "PAID"),
                amount: "50.000 ₫".into(),
                detail: t("Đơn 0001017-029727122", "Sale 0001017-029727122"),
                clock: "14:05:32".into(),
                staff: t("Nhập số tiền để bán tiếp", "Enter an amount for the next sale"),
                motion: 5,
            },
        ),
        ("cancelled", ended(language, EndKind::Cancelled)),
        ("expired", ended(language, EndKind::Expired)),
        ("failed", ended(language, EndKind::Failed)),
        (
            "receipt",
            Screen::Receipt {
                title: t("Tiền vào tài khoản", "Money received"),
                amount: "+50.000 ₫".into(),
                detail: t("Không thuộc đơn nào của quầy này", "Belongs to no sale of this counter"),
                staff: String::new(),
            },
        ),
        (
            "notice",
            Screen::Notice {
                title: t("Đồng hồ chưa đúng", "The clock is not set"),
                text: t(
                    "Máy chưa biết giờ nên chưa thể bán hàng. Hãy kiểm tra kết nối mạng rồi chờ trong giây lát.",
                    "This till does not know the time and cannot sell yet. Check the network and wait a moment.",
                ),
                staff: String::new(),
            },
        ),
    ]
}

fn idle_with(language: Language, kind: LinkKind) -> Screen {
    let text = match kind {
        LinkKind::Good | LinkKind::Limited => language.of("Mạng chậm, vẫn bán được", "Slow network, sales still work"),
        LinkKind::Down => language.of("Mất mạng, chưa bán được", "No network, no sales"),
    };
    Screen::Idle {
        label: language.of("Cà phê Nguyễn Huệ – Quầy 2", "Nguyen Hue Coffee – Counter 2"),
        clock: "08:30".into(),
        link: Link { kind, text },
        hint: language.of("Nhập số tiền rồi bấm Enter", "Type an amount and press Enter"),
        code: None,
    }
}

fn ended(language: Language, kind: EndKind) -> Screen {
    let (title, reason) = match kind {
        EndKind::Cancelled => (
            language.of("Đã huỷ", "Cancelled"),
            language.of("Thu ngân đã huỷ đơn này", "The cashier cancelled this sale"),
        ),
        EndKind::Expired => (
            language.of("Hết giờ", "Time is up"),
            language.of("Chưa nhận được tiền trong 5 phút", "No money arrived within 5 minutes"),
        ),
        EndKind::Failed => (
            language.of("Không tạo được mã", "No code could be made"),
            language.of("payOS không trả lời", "payOS does not answer"),
        ),
    };
    Screen::Ended {
        kind,
        title,
        amount: "1.250.000 ₫".into(),
        reason,
        staff: language.of("Bấm phím bất kỳ để bán tiếp", "Press any key to go on"),
    }
}

fn with_code(language: Language) -> Vec<(&'static str, Screen)> {
    let t = |vietnamese: &str, english: &str| language.of(vietnamese, english);
    let countdown = |left_ms: u64, vietnamese: &str, english: &str| Countdown {
        left_ms,
        total_ms: 300_000,
        text: t(vietnamese, english),
    };
    let line = |label: String, value: &str| Line { label, value: value.into() };
    vec![
        (
            "code",
            Screen::Code {
                title: t("Quét mã để trả", "Scan to pay"),
                amount: "50.000 ₫".into(),
                payload: PAYLOAD.into(),
                countdown: countdown(212_000, "Còn 3:32", "3:32 left"),
                lines: vec![
                    line(t("Chủ tài khoản", "Account holder"), "TRAN TU THIEN"),
                    line(t("Số tài khoản", "Account"), "0933450210"),
                    line(t("Ngân hàng", "Bank"), "MB Bank"),
                ],
                hint: t("Mở ứng dụng ngân hàng và quét mã", "Open your banking app and scan"),
                staff: t("Bấm Hủy để bỏ đơn này", "Press Cancel to drop this sale"),
            },
        ),
        (
            "code-large",
            Screen::Code {
                title: t("Quét mã để trả", "Scan to pay"),
                amount: "499.999.999 ₫".into(),
                payload: PAYLOAD.into(),
                countdown: countdown(21_000, "Còn 0:21", "0:21 left"),
                lines: vec![
                    line(t("Chủ tài khoản", "Account holder"), "CONG TY TNHH THUONG MAI DICH VU NGUYEN HUE"),
                    line(t("Số tài khoản", "Account"), "113366668888"),
                    line(t("Ngân hàng", "Bank"), "Vietcombank"),
                ],
                hint: t("Mở ứng dụng ngân hàng và quét mã", "Open your banking app and scan"),
                staff: t("Bấm Hủy để bỏ đơn này", "Press Cancel to drop this sale"),
            },
        ),
        (
            "short",
            Screen::Short {
                title: t("Còn thiếu", "Still missing"),
                amount: t("trên tổng 50.000 ₫", "of 50.000 ₫"),
                received: line(t("Đã nhận", "Received"), "20.000 ₫"),
                missing: line(t("Còn thiếu", "Missing"), "30.000 ₫"),
                payload: PAYLOAD.into(),
                countdown: countdown(95_000, "Còn 1:35", "1:35 left"),
                lines: vec![line(t("Số tài khoản", "Account"), "0933450210")],
                hint: t("Quét lại mã để trả phần còn thiếu", "Scan again to pay the rest"),
                staff: t("Bấm Hủy để bỏ đơn này", "Press Cancel to drop this sale"),
            },
        ),
    ]
}

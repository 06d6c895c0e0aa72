//! How moments, money, reasons and states are said. It must not know pages.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use till_wire::fleet::CommandState;
use till_wire::{SaleState, Standing, UnixTime, Why};

use super::Frame;
use crate::console::language::Language;

impl Frame<'_> {
    /// A moment by the console's time zone: the time of day, and the day where it is not today.
    pub(super) fn moment(&self, at: UnixTime) -> String {
        let (day, time) = civil(&self.timezone, at);
        let (today, _) = civil(&self.timezone, self.now);
        if day == today { time } else { format!("{day} {time}") }
    }

    /// How long ago it was.
    pub(super) fn ago(&self, at: UnixTime) -> String {
        let seconds = self.now.secs().saturating_sub(at.secs()).max(0);
        match seconds {
            0..=59 => self.say("vừa xong", "just now").to_owned(),
            _ => format!("{} {}", self.lasting(seconds.unsigned_abs()), self.say("trước", "ago")),
        }
    }

    /// So many seconds in words.
    pub(super) fn lasting(&self, seconds: u64) -> String {
        let (count, unit) = match seconds {
            0..=119 => (seconds, self.say("giây", "s")),
            120..=7199 => (seconds / 60, self.say("phút", "min")),
            7200..=172_799 => (seconds / 3600, self.say("giờ", "h")),
            _ => (seconds / 86_400, self.say("ngày", "days")),
        };
        format!("{count} {unit}")
    }

    pub(super) fn standing(&self, standing: Standing) -> &'static str {
        match standing {
            Standing::CannotSell => self.say("Không thu được tiền", "Cannot take money"),
            Standing::Attention => self.say("Cần xem", "Needs a look"),
            Standing::Asleep => self.say("Đang ngủ", "Asleep"),
            Standing::Fine => self.say("Tốt", "Fine"),
        }
    }

    pub(super) fn why(&self, why: &Why<'_>) -> String {
        match why {
            Why::Lost(at) => format!("{} {}", self.say("Mất liên lạc", "Lost contact"), self.ago(*at)),
            Why::SwitchedOff(at) => format!("{} {}", self.say("Đã tắt", "Switched off"), self.ago(*at)),
            Why::Starting(at) => format!("{} {}", self.say("Đang khởi động từ", "Starting since"), self.moment(*at)),
            Why::NoState => self.say("Chưa từng kết nối", "Has never connected").to_owned(),
            Why::Disabled => self.say("Đã bị khoá từ xa", "Disabled by the operator").to_owned(),
            Why::Display(reason) => {
                self.with(self.say("Màn hình hỏng", "The display does not work"), reason.as_deref())
            }
            Why::Store => self.say("Bộ nhớ của máy bị lỗi", "Its store does not work").to_owned(),
            Why::NoProvider(_, reason) => {
                self.with(self.say("Không gọi được nhà cung cấp", "No provider can be reached"), reason.as_deref())
            }
            Why::Asleep(at) => format!("{} {}", self.say("Ngủ từ", "Asleep since"), self.moment(*at)),
            Why::Attention(count) => {
                format!("{count} {}", self.say("giao dịch cần xem", "sales or receipts need a person"))
            }
            Why::Provider(name, reason) => {
                let words = format!("{} {}", self.say("Không gọi được", "Cannot reach"), bounded(name, 32));
                self.with(&words, reason.as_deref())
            }
            Why::Clock => self.say("Đồng hồ sai", "The clock is wrong").to_owned(),
            Why::Queue(age) => {
                format!("{} {}", self.say("Tin nhắn chờ gửi", "Messages have waited for"), self.lasting(*age))
            }
            Why::DiskSpace(free) => format!("{} {} MiB", self.say("Ổ đĩa chỉ còn", "Disk has only"), free / 1_048_576),
            Why::Certificate(at) => {
                format!("{} {}", self.say("Chứng chỉ hết hạn", "The certificate ends"), self.moment(*at))
            }
            Why::Sound(reason) => self.with(self.say("Loa hỏng", "The sound does not work"), reason.as_deref()),
            Why::Configuration(fault) => self.with(
                self.say("Cấu hình mới bị từ chối", "The new configuration was refused"),
                Some(fault.as_ref()).filter(|fault| !fault.is_empty()),
            ),
            Why::Silent(at) => format!("{} {}", self.say("Không báo tình trạng từ", "Silent since"), self.moment(*at)),
            Why::NoHealth => self.say("Chưa báo tình trạng", "Has not told how it is").to_owned(),
        }
    }

    fn with(&self, words: &str, reason: Option<&str>) -> String {
        reason.map_or_else(|| words.to_owned(), |reason| format!("{words}: {}", bounded(reason, 120)))
    }

    pub(super) fn command_state(&self, state: Option<CommandState>) -> &'static str {
        match state {
            None => self.say("đã gửi", "sent"),
            Some(CommandState::Received) => self.say("đã nhận", "received"),
            Some(CommandState::Running) => self.say("đang làm", "running"),
            Some(CommandState::Succeeded) => self.say("xong", "succeeded"),
            Some(CommandState::Failed) => self.say("không được", "failed"),
            Some(CommandState::Rejected) => self.say("bị từ chối", "rejected"),
            Some(CommandState::Expired) => self.say("quá hạn", "expired"),
        }
    }

    pub(super) fn sale_state(&self, state: SaleState) -> &'static str {
        match state {
            SaleState::Requesting => self.say("đang tạo mã", "requesting"),
            SaleState::Showing => self.say("đang hiện mã", "showing"),
            SaleState::Unconfirmed => self.say("chưa xác nhận", "unconfirmed"),
            SaleState::Cancelling => self.say("đang huỷ", "cancelling"),
            SaleState::Paid => self.say("đã trả", "paid"),
            SaleState::Cancelled => self.say("đã huỷ", "cancelled"),
            SaleState::Expired => self.say("hết hạn", "expired"),
            SaleState::Failed => self.say("lỗi", "failed"),
        }
    }
}

fn civil(timezone: &TimeZone, at: UnixTime) -> (String, String) {
    let Ok(moment) = Timestamp::from_millisecond(at.ms()) else { return (at.to_string(), String::new()) };
    let civil = timezone.to_datetime(moment);
    let time = civil.time();
    (civil.date().to_string(), format!("{:02}:{:02}", time.hour(), time.minute()))
}

/// Money in đồng, in groups of three: `1.250.000 ₫`, in English `1,250,000 ₫`.
pub(super) fn money(language: Language, amount: u64) -> String {
    let digits = amount.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push_str(language.say(".", ","));
        }
        text.push(digit);
    }
    // A space at which no line breaks.
    text.push_str("\u{a0}₫");
    text
}

/// How a state is coloured.
pub(super) fn colour(state: Option<CommandState>) -> &'static str {
    match state {
        None | Some(CommandState::Received | CommandState::Running) => "wait",
        Some(CommandState::Succeeded) => "good",
        Some(CommandState::Failed | CommandState::Rejected | CommandState::Expired) => "bad",
    }
}

pub(super) fn tone(standing: Standing) -> &'static str {
    match standing {
        Standing::CannotSell => "bad",
        Standing::Attention => "warn",
        Standing::Asleep => "wait",
        Standing::Fine => "good",
    }
}

/// At most so many characters of outside text.
pub(super) fn bounded(text: &str, most: usize) -> String {
    let mut chars = text.chars();
    let mut kept: String = chars.by_ref().take(most).collect();
    if chars.next().is_some() {
        kept.push('…');
    }
    kept
}

/// Bytes in the unit that people read.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..=1_048_575 => format!("{} KiB", bytes / 1024),
        1_048_576..=1_073_741_823 => format!("{} MiB", bytes / 1_048_576),
        _ => format!("{} GiB", bytes / 1_073_741_824),
    }
}

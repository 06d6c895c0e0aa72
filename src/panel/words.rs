//! Every word on the display, in both languages. Short, plain, addressed to whoever has to act (promise P13).

use till_wire::sale::FailureCode;

use crate::config::Locale;
use crate::till::Problem;

/// The words of one language.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) starting: &'static str,
    pub(super) please_wait: &'static str,
    pub(super) ready: &'static str,
    pub(super) connected: &'static str,
    pub(super) link_down: &'static str,
    pub(super) clock_wrong: &'static str,
    pub(super) typing: &'static str,
    pub(super) typing_keys: &'static str,
    pub(super) making_code: &'static str,
    pub(super) await_provider: &'static str,
    pub(super) await_network: &'static str,
    pub(super) last_check: &'static str,
    pub(super) await_last_answer: &'static str,
    pub(super) cancelling: &'static str,
    pub(super) await_cancellation: &'static str,
    pub(super) scan_to_pay: &'static str,
    pub(super) scan_hint: &'static str,
    pub(super) bank: &'static str,
    pub(super) account: &'static str,
    pub(super) account_name: &'static str,
    pub(super) time_left: &'static str,
    pub(super) short_title: &'static str,
    pub(super) received: &'static str,
    pub(super) missing: &'static str,
    pub(super) short_of: &'static str,
    pub(super) short_hint: &'static str,
    pub(super) paid: &'static str,
    pub(super) paid_in_full: &'static str,
    pub(super) overpaid: &'static str,
    pub(super) cancelled: &'static str,
    pub(super) cancelled_reason: &'static str,
    pub(super) expired: &'static str,
    pub(super) expired_reason: &'static str,
    pub(super) failed: &'static str,
    pub(super) next_sale: &'static str,
    pub(super) money_came: &'static str,
    pub(super) partly_paid: &'static str,
    pub(super) money_detail: &'static str,
}

impl Words {
    pub(super) fn of(locale: Locale) -> &'static Self {
        match locale {
            Locale::Vietnamese => &VIETNAMESE,
            Locale::English => &ENGLISH,
        }
    }
}

const VIETNAMESE: Words = Words {
    starting: "Đang khởi động",
    please_wait: "Xin chờ một chút",
    ready: "Sẵn sàng nhận thanh toán",
    connected: "Đã kết nối",
    link_down: "Mất kết nối máy chủ – tiền về sẽ báo chậm hơn",
    clock_wrong: "Đồng hồ của máy chưa đúng – xin chờ giờ mạng",
    typing: "Số tiền",
    typing_keys: "Enter: tạo mã · Esc: xóa",
    making_code: "Đang tạo mã",
    await_provider: "Đang chờ đơn vị thanh toán trả lời",
    await_network: "Đang chờ mạng – mã sẽ tự hiện khi có mạng",
    last_check: "Đang kiểm tra",
    await_last_answer: "Mã đã hết hạn. Đang hỏi xem tiền đã về chưa",
    cancelling: "Đang hủy",
    await_cancellation: "Đang báo hủy cho đơn vị thanh toán. Xin đừng quét mã cũ",
    scan_to_pay: "Quét mã để thanh toán",
    scan_hint: "Mở ứng dụng ngân hàng và quét mã này",
    bank: "Ngân hàng",
    account: "Số tài khoản",
    account_name: "Chủ tài khoản",
    time_left: "Còn",
    short_title: "Còn thiếu",
    received: "Đã nhận",
    missing: "Còn thiếu",
    short_of: "trên tổng",
    short_hint: "Xin chuyển thêm số tiền còn thiếu",
    paid: "ĐÃ NHẬN TIỀN",
    paid_in_full: "Đã thanh toán đủ. Xin cảm ơn!",
    overpaid: "Nhận thừa",
    cancelled: "Đã hủy",
    cancelled_reason: "Đơn này đã hủy. Xin đừng quét mã cũ",
    expired: "Hết thời gian",
    expired_reason: "Chưa nhận được tiền. Xin đừng quét mã cũ",
    failed: "Chưa thu được tiền",
    next_sale: "Nhập số tiền để bán tiếp",
    money_came: "Có tiền về",
    partly_paid: "Đã nhận một phần. Người bán cần kiểm tra:",
    money_detail: "Không thuộc đơn đang bán",
};

const ENGLISH: Words = Words {
    starting: "Starting",
    please_wait: "One moment, please",
    ready: "Ready to take payments",
    connected: "Connected",
    link_down: "Server not reached – payments are reported later",
    clock_wrong: "This terminal's clock is not set – waiting for the time",
    typing: "Amount",
    typing_keys: "Enter: make the code · Esc: clear",
    making_code: "Making the code",
    await_provider: "Waiting for the payment provider",
    await_network: "Waiting for the network – the code comes by itself",
    last_check: "Checking",
    await_last_answer: "The code has expired. Asking whether money has come",
    cancelling: "Cancelling",
    await_cancellation: "Telling the payment provider. Please do not scan the old code",
    scan_to_pay: "Scan to pay",
    scan_hint: "Open your banking app and scan this code",
    bank: "Bank",
    account: "Account",
    account_name: "Name",
    time_left: "Left",
    short_title: "Still missing",
    received: "Received",
    missing: "Still missing",
    short_of: "of",
    short_hint: "Please transfer the missing amount",
    paid: "PAID",
    paid_in_full: "Paid in full. Thank you!",
    overpaid: "Too much received",
    cancelled: "Cancelled",
    cancelled_reason: "This sale is cancelled. Please do not scan the old code",
    expired: "Time is over",
    expired_reason: "No payment has come. Please do not scan the old code",
    failed: "No payment taken",
    next_sale: "Enter an amount for the next sale",
    money_came: "Money has come in",
    partly_paid: "A part has come. The shop must look:",
    money_detail: "It belongs to no sale in progress",
};

/// Says why a sale failed, to the person at the counter.
pub(super) fn failure(locale: Locale, code: FailureCode) -> &'static str {
    match locale {
        Locale::Vietnamese => failure_vi(code),
        Locale::English => failure_en(code),
    }
}

fn failure_vi(code: FailureCode) -> &'static str {
    match code {
        FailureCode::ProviderRefused => "Đơn vị thanh toán từ chối đơn này. Xin thử lại hoặc gọi hỗ trợ",
        FailureCode::ProviderUnreachable => "Đơn vị thanh toán không trả lời. Xin thử lại sau ít phút",
        FailureCode::ProviderInvalid => "Câu trả lời của đơn vị thanh toán không hợp lệ. Xin thử lại hoặc gọi hỗ trợ",
        FailureCode::QrMismatch => "Mã nhận được sai số tiền hoặc sai tài khoản nên không hiện. Xin gọi hỗ trợ",
        FailureCode::OfflineRefused => "Không có mạng. Xin thu tiền mặt hoặc thử lại sau",
        FailureCode::OfflineLimit => "Đã hết hạn mức bán khi mất mạng. Xin thu tiền mặt",
        FailureCode::WaitTimeout => "Mạng chưa có lại. Xin thu tiền mặt hoặc thử lại sau",
        FailureCode::ClockNotSet => "Đồng hồ của máy chưa đúng. Xin chờ máy nhận giờ mạng",
        FailureCode::DisplayUnavailable => "Màn hình không hiện được mã. Xin gọi hỗ trợ",
        FailureCode::UnsupportedAction => "Đơn vị thanh toán đòi một bước mà máy này không làm được",
        FailureCode::StoreFault => "Bộ nhớ của máy bị lỗi. Xin gọi hỗ trợ",
    }
}

fn failure_en(code: FailureCode) -> &'static str {
    match code {
        FailureCode::ProviderRefused => "The payment provider refused this sale. Try again or call support",
        FailureCode::ProviderUnreachable => "The payment provider does not answer. Try again in a few minutes",
        FailureCode::ProviderInvalid => "The payment provider's answer is not valid. Try again or call support",
        FailureCode::QrMismatch => "The code had a wrong amount or account and was not shown. Call support",
        FailureCode::OfflineRefused => "There is no network. Take cash or try again later",
        FailureCode::OfflineLimit => "The limit for sales without network is reached. Take cash",
        FailureCode::WaitTimeout => "The network did not come back. Take cash or try again later",
        FailureCode::ClockNotSet => "This terminal's clock is not set. Wait until it has the time",
        FailureCode::DisplayUnavailable => "The display cannot show the code. Call support",
        FailureCode::UnsupportedAction => "The payment provider wants a step that this terminal cannot do",
        FailureCode::StoreFault => "This terminal's storage is faulty. Call support",
    }
}

/// Says what is wrong with what the cashier has typed.
pub(super) fn problem(locale: Locale, problem: Problem) -> &'static str {
    match locale {
        Locale::Vietnamese => problem_vi(problem),
        Locale::English => problem_en(problem),
    }
}

fn problem_vi(problem: Problem) -> &'static str {
    match problem {
        Problem::TooLarge => "Số tiền vượt mức cho phép",
        Problem::TooLong => "Không nhập thêm được nữa. Bấm phím xóa lùi",
        Problem::Unfinished => "Còn thiếu số lượng sau dấu ×",
        Problem::ClockNotSet => "Đồng hồ của máy chưa đúng. Xin chờ máy nhận giờ mạng",
        Problem::NumbersUsedUp => "Máy đã hết số đơn. Xin gọi hỗ trợ",
    }
}

fn problem_en(problem: Problem) -> &'static str {
    match problem {
        Problem::TooLarge => "This is more than a sale may be",
        Problem::TooLong => "No more can be typed. Press the back key",
        Problem::Unfinished => "A quantity is missing after ×",
        Problem::ClockNotSet => "This terminal's clock is not set. Wait until it has the time",
        Problem::NumbersUsedUp => "This terminal has used up its sale numbers. Call support",
    }
}

/// Names the bank of a BIN as customers know it; an unknown one is shown by its number.
///
/// Source: the members of NAPAS 247 by acquirer number.
pub(super) fn bank(bin: &str) -> &str {
    match bin {
        "970436" => "Vietcombank",
        "970415" => "VietinBank",
        "970418" => "BIDV",
        "970405" => "Agribank",
        "970422" => "MB Bank",
        "970407" => "Techcombank",
        "970416" => "ACB",
        "970432" => "VPBank",
        "970423" => "TPBank",
        "970403" => "Sacombank",
        "970437" => "HDBank",
        "970441" => "VIB",
        "970443" => "SHB",
        "970448" => "OCB",
        "970426" => "MSB",
        "970440" => "SeABank",
        "970431" => "Eximbank",
        "970454" => "BVBank",
        "970424" => "Shinhan Bank",
        "970452" => "KienlongBank",
        "970449" => "LPBank",
        "963388" => "Timo",
        other => other,
    }
}

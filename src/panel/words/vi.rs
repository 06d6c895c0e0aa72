//! Every word on the display in Vietnamese.

use till_wire::sale::FailureCode;

use super::{Staff, Words};
use crate::till::{Barrier, Failure, Problem, RefusalCause};

pub(super) const WORDS: Words = Words {
    starting: "Đang khởi động",
    please_wait: "Xin chờ một chút",
    ready: "Sẵn sàng nhận thanh toán",
    link_down: "Mất kết nối máy chủ – tiền về sẽ báo chậm hơn",
    clock_wrong: "Đồng hồ của máy chưa đúng – xin chờ giờ mạng",
    barrier,
    open_code: "Quét mã để chuyển tiền",
    typing: "Số tiền",
    making_code: "Đang tạo mã",
    await_provider: "Xin chờ một chút",
    await_network: "Đang chờ mạng – mã sẽ tự hiện khi có mạng",
    last_check: "Đang kiểm tra",
    await_last_answer: "Mã đã hết hạn. Đang xem tiền đã về chưa",
    checking: "Đang kiểm tra",
    await_proof: "Có tin báo tiền đang về. Xin chờ, đừng quét lại",
    cancelling: "Đang hủy",
    await_cancellation: "Xin đừng quét mã cũ",
    scan_to_pay: "Quét mã để thanh toán",
    scan_hint: "Mở ứng dụng ngân hàng và quét mã này",
    scan_address_hint: "Dùng điện thoại quét mã này và thanh toán trên trang hiện ra",
    scan_offline_hint: "Quầy đang mất mạng, tin tiền về sẽ đến sau",
    bank: "Ngân hàng",
    account: "Số tài khoản",
    account_name: "Chủ tài khoản",
    time_left: "Còn",
    short_title: "Còn thiếu",
    received: "Đã nhận",
    missing: "Còn thiếu",
    short_of: "trên tổng",
    short_hint: "Xin quét lại mã và chuyển số tiền còn thiếu",
    paid: "ĐÃ NHẬN TIỀN",
    paid_in_full: "Đã thanh toán đủ. Xin cảm ơn!",
    overpaid: "Nhận thừa",
    cancelled: "Đã hủy",
    cancelled_reason: "Đơn này đã hủy. Xin đừng quét mã cũ",
    expired: "Hết thời gian",
    expired_reason: "Chưa nhận được tiền. Xin đừng quét mã cũ",
    failed: "Chưa thu được tiền",
    partly_paid: "Đã nhận một phần:",
    closed: "Tạm ngưng nhận tiền",
    store_fault: "Máy tạm chưa lưu được đơn. Xin trả bằng cách khác",
    disabled: "Quầy này hiện không nhận tiền. Xin trả bằng cách khác",
    message: "Thông báo",
    identity: "Máy số",
    money_came: "Có tiền về",
    money_detail: "Không thuộc đơn đang bán",
    reference: "Mã đơn",
    last_sale: "Đơn trước",
    today: "Hôm nay",
    sales_paid: "đơn đã thu tiền",
    sales_open: "đơn đang mở",
    sales_unconfirmed: "đơn chưa xác nhận",
    failure,
    enter: "Tạo mã",
    next: "Khách kế",
    cancel: "Hủy đơn",
    staff: STAFF,
};

/// Keys on the display say themselves what they do.
pub(super) const FOR_FINGERS: Words = Words {
    staff: Staff {
        type_amount: "Nhập số tiền rồi chạm Tạo mã",
        typing_keys: "",
        next_sale: "Chạm màn hình để bán tiếp",
        cancel_key: "",
        offline_keys: "",
        ..STAFF
    },
    ..WORDS
};

const STAFF: Staff = Staff {
    sale: "Đơn",
    type_amount: "Nhập số tiền rồi bấm Enter",
    typing_keys: "Enter: tạo mã · Esc: xóa",
    next_sale: "Nhập số tiền để bán tiếp",
    cancel_key: "Esc: hủy",
    told_later: "Tiền sẽ báo sau, xem máy khách",
    offline_keys: "Enter: khách kế · Esc: hủy",
    ask_provider: "Đang hỏi đơn vị thanh toán",
    not_paid_yet: "Chưa giao hàng: đang hỏi lại",
    look_at_part: "Cần kiểm tra tiền đã nhận",
    look_at_money: "Kiểm tra xem ai đã chuyển",
    store_fault: "Bộ nhớ của máy đã đầy hoặc bị lỗi: gọi hỗ trợ",
    disabled: "Máy đã bị khóa từ xa: gọi hỗ trợ",
    identity: "Người quản lý đang tìm máy này",
    remedy,
    problem,
};

fn barrier(barrier: Barrier) -> &'static str {
    match barrier {
        Barrier::Network => "Mất mạng: chưa tới được đơn vị thanh toán",
        Barrier::Silence => "Đơn vị thanh toán không trả lời",
        Barrier::Certificate => "Chứng chỉ của đơn vị thanh toán không đúng: gọi hỗ trợ",
        Barrier::Access => "Đơn vị thanh toán chưa chấp nhận máy này: gọi hỗ trợ",
        Barrier::Shut => "Kênh thanh toán bị khóa: gọi hỗ trợ",
    }
}

fn failure(failure: &Failure) -> &'static str {
    match failure.code {
        FailureCode::ProviderRefused => refusal(failure.cause),
        FailureCode::ProviderUnreachable => "Đơn vị thanh toán không trả lời",
        FailureCode::ProviderInvalid => "Câu trả lời của đơn vị thanh toán không hợp lệ",
        FailureCode::QrMismatch => "Mã nhận được sai số tiền hoặc sai tài khoản nên không hiện",
        FailureCode::OfflineRefused => "Không có mạng",
        FailureCode::OfflineLimit => "Đã hết hạn mức bán khi mất mạng",
        FailureCode::WaitTimeout => "Mạng chưa có lại",
        FailureCode::ClockNotSet => "Đồng hồ của máy chưa đúng",
        FailureCode::DisplayUnavailable => "Màn hình không hiện được mã",
        FailureCode::UnsupportedAction => "Đơn vị thanh toán đòi một bước mà máy này không làm được",
        FailureCode::StoreFault => "Bộ nhớ của máy bị lỗi",
    }
}

/// What the customer reads too: what is wrong with the shop's channel is for the cashier alone.
fn refusal(cause: RefusalCause) -> &'static str {
    match cause {
        RefusalCause::Unsaid | RefusalCause::Order => "Đơn vị thanh toán từ chối đơn này",
        RefusalCause::Access | RefusalCause::Channel => "Cửa hàng tạm chưa nhận tiền qua mã được",
    }
}

fn remedy(failure: &Failure) -> &'static str {
    match failure.code {
        FailureCode::ProviderRefused => refusal_remedy(failure.cause),
        FailureCode::ProviderUnreachable => "Thử lại sau ít phút",
        FailureCode::ProviderInvalid => "Thử lại hoặc gọi hỗ trợ",
        FailureCode::QrMismatch => "Gọi hỗ trợ",
        FailureCode::OfflineRefused => "Thu tiền mặt hoặc thử lại",
        FailureCode::OfflineLimit => "Thu tiền mặt",
        FailureCode::WaitTimeout => "Thu tiền mặt hoặc thử lại",
        FailureCode::ClockNotSet => "Chờ máy nhận giờ mạng",
        FailureCode::DisplayUnavailable => "Gọi hỗ trợ",
        FailureCode::UnsupportedAction => "Gọi hỗ trợ",
        FailureCode::StoreFault => "Gọi hỗ trợ",
    }
}

fn refusal_remedy(cause: RefusalCause) -> &'static str {
    match cause {
        RefusalCause::Unsaid => "Thử lại hoặc gọi hỗ trợ",
        RefusalCause::Access => "Máy chưa được chấp nhận: gọi hỗ trợ",
        RefusalCause::Channel => "Kênh thanh toán bị khóa: gọi hỗ trợ",
        RefusalCause::Order => "Thử số tiền khác hoặc gọi hỗ trợ",
    }
}

fn problem(problem: Problem) -> &'static str {
    match problem {
        Problem::TooLarge => "Số tiền vượt mức cho phép",
        Problem::TooLong => "Không nhập thêm được nữa. Bấm phím xóa lùi",
        Problem::Unfinished => "Còn thiếu số lượng sau dấu ×",
        Problem::NeedsCustomer => "Kênh này cần thông tin khách. Xin bán từ máy tính tiền",
        Problem::ClockNotSet => "Đồng hồ của máy chưa đúng. Xin chờ máy nhận giờ mạng",
        Problem::NumbersUsedUp => "Máy đã hết số đơn. Xin gọi hỗ trợ",
        Problem::QueueFull => "Quá nhiều tin chưa gửi được. Hãy nối mạng cho máy",
        Problem::Disabled => "Máy đã bị khóa từ xa. Xin gọi hỗ trợ",
    }
}

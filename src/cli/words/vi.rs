//! What `till` says in Vietnamese.

use std::io;
use std::path::Path;

use till_wire::sale::FailureCode;
use till_wire::{Amount, AmountError, Flag, SaleState, WaitingFor};

use super::doctor::vi::DOCTOR;
use super::fleet::vi::FLEET;
use super::{Attempt, JournalWords, Mistake, QueueWords, Refusal, ReportWords, Words};

pub(super) const WORDS: Words = Words {
    sale: "Đơn",
    receipt: "Khoản tiền",
    terminal: "Máy",
    time: "Thời gian",
    amount: "Số tiền",
    state: "Trạng thái",
    more: "Chi tiết",

    reference: "mã đơn hàng",
    note: "ghi chú",
    channel: "kênh thu",
    made: "lập lúc",
    shown_till: "mã hiện đến",
    ended: "xong lúc",
    payment: "tiền về",
    refund: "hoàn tiền",
    reason: "lý do",
    told: "thông báo",
    no_sales: "Không có đơn nào.",
    no_receipts: "Không có khoản tiền nào ngoài đơn.",
    fits_no_sale: "chưa khớp đơn nào",
    state_of,
    flag,
    failure,
    arrived: |amount| format!("đã nhận {amount}"),
    transfer: |amount, at, reference| format!("{amount} lúc {at}, {reference}"),
    matched: "đã khớp đơn",

    report: REPORT,
    queue: QUEUE,
    journal: JOURNAL,
    fleet: FLEET,
    doctor: DOCTOR,

    links: "Kết nối",
    machine: "Thiết bị",
    work: "Công việc",
    broker: "máy chủ",
    display: "màn hình",
    clock: "đồng hồ",
    store: "bộ nhớ",
    store_broken: "KHÔNG DÙNG ĐƯỢC: chưa bán được; xin xem ổ đĩa có đầy không",
    to_send: "chờ gửi",
    last_payment: "tiền về cuối",
    attention: "cần xem",
    sound: "âm thanh",
    sound_works: "hoạt động",
    sound_broken: "KHÔNG HOẠT ĐỘNG",
    display_works: "hoạt động",
    display_broken: "KHÔNG HOẠT ĐỘNG",
    clock_set: "đúng giờ",
    clock_not_set: "CHƯA CÓ GIỜ",
    service: "Nhận tiền",
    disabled: "ĐÃ BỊ KHÓA TỪ XA",
    configuration: "cấu hình",
    from_afar: |version| match version {
        Some(version) => format!("của người quản lý, bản {version}, đè lên tệp"),
        None => "chỉ theo tệp".to_owned(),
    },
    not_taken: "bản mới hơn không dùng được",
    certificate: "chứng chỉ",
    valid_until: |moment| format!("có hiệu lực đến {moment}"),
    renewed_from: |moment| format!("được gia hạn từ {moment}"),
    running: |version, span| format!("tilld {version}, đã chạy {span}"),
    link: |up, since| {
        let word = if up { "đã kết nối" } else { "MẤT KẾT NỐI" };
        since.map_or_else(|| word.to_owned(), |since| format!("{word} từ {since}"))
    },
    offset: |ms| match ms {
        0 => "khớp với đơn vị thanh toán".to_owned(),
        1.. => format!("nhanh hơn đơn vị thanh toán {ms} ms"),
        _ => format!("chậm hơn đơn vị thanh toán {} ms", ms.unsigned_abs()),
    },
    stored: |sales| format!("{sales} đơn"),
    free: |megabytes| format!("còn trống {megabytes} MB"),
    owed: |entries, oldest| match oldest {
        Some(oldest) => format!("{entries}, lâu nhất đã {oldest}"),
        None => entries.to_string(),
    },
    to_look_at: |count| match count {
        0 => "không có gì".to_owned(),
        count => format!("{count} việc cần người xem"),
    },
    units: ["ngày", "giờ", "phút", "giây"],

    saved: |file| format!("Ảnh màn hình đã lưu vào {}.", file.display()),
    asked_since: |since| format!("Đã yêu cầu các cầu nối gửi lại mọi thứ từ {since}."),
    api_is_well: |file| format!("{}: [api] hợp lệ", file.display()),
    new_pin: "Mã PIN mới: ",
    pin_again: "Nhập lại mã PIN: ",
    supervisors_pin: "Mã PIN của người giám sát: ",
    pins_differ: "hai mã PIN khác nhau; chưa tạo gì cả",
    nothing_typed: "chưa nhập gì",
    pin_length: |least, most| format!("mã PIN có từ {least} đến {most} ký tự"),
    pin_not_on_keypad: "mã PIN này không nhập được trên bàn phím chỉ có số",
    scan: |amount| format!("Quét mã để trả {amount}"),
    too_narrow: |has, needs| format!("cửa sổ dòng lệnh rộng {has} cột mà mã cần {needs} cột; xin xem trên màn hình"),
    no_code: |state| format!("không có mã để trả tiền: {state}"),

    attempt,
    cannot_do: |attempt, why| format!("không thể {attempt}: {why}"),
    cannot_write: |why| format!("không ghi được câu trả lời: {why}"),
    system,
    no_verb: "thiếu lệnh; `till --help` liệt kê các lệnh",
    no_sale_yet: "chưa có đơn nào; tạo đơn bằng `till sale AMOUNT`",
    several: |one, other| format!("cả {one} lẫn {other} đều khớp; xin gõ thêm số"),
    none_found: "không có đơn nào như vậy; `till sales` liệt kê các đơn",
    no_such_receipt: "không có khoản nào như vậy trong 200 khoản mới nhất; `till receipts` liệt kê các khoản tiền",
    neither: |one, other| format!("{one} lẫn {other}"),
    no_answer: |place, cause, advice| format!("tilld ở {place} không trả lời ({cause}); {advice}"),
    is_it_running: "tilld có đang chạy không? (systemctl status tilld)",
    log_may_say: "nhật ký có thể cho biết lý do (journalctl -u tilld)",
    not_known_whether: "không biết việc đã làm xong chưa; xin xem bằng `till show` trước khi thử lại",
    odd_answer: |error| format!("phiên bản này không hiểu câu trả lời của tilld: {error}"),
    bare_refusal: |status| format!("tilld trả lời {status}"),
    refusal,
    bad_amount,
    largest_amount: |most| format!("số tiền lớn nhất là {most}"),
    sale_name: "gọi một đơn bằng số đơn, như 0001017-029727122, hoặc bằng mấy số cuối",
    receipt_name: "gọi một khoản tiền bằng mã gồm 32 chữ số hệ mười sáu, hoặc bằng mấy chữ số đầu",
    mistake,
    one_of: |values| format!("chọn một trong: {values}"),
    did_you_mean: |word| format!("có phải ý là `{word}`?"),
    expected,
    see_help: "`till --help` giải thích cách dùng",
};

const REPORT: ReportWords = ReportWords {
    of: |day| format!("Báo cáo ngày {day}"),
    incomplete: "Chưa đủ: trong ngày còn nhiều hơn số đã tính.",
    money: "Tiền về trong ngày",
    came,
    total: "tổng cộng",
    sales: "Đơn lập trong ngày",
    count: "Số đơn",
    paid: "Đã nhận",
    to_watch: "Cần xem",
    open: "chưa xong",
    pieces: |count, amount| format!("{count} khoản, tổng {amount}"),
    more: |count| format!("… và {count} việc nữa"),
};

const QUEUE: QueueWords = QueueWords {
    nothing: "Không còn nợ ai việc gì.",
    what: "Việc còn nợ",
    to: "Nơi nhận",
    age: "Đã",
    about: "Về",
    kind: |word| match word {
        "sale" => Some("báo tin đơn"),
        "receipt" => Some("báo tin khoản tiền"),
        "replay" => Some("hỏi lại các cầu nối"),
        "cancellation" => Some("hủy lệnh thu"),
        "confirmation" => Some("xác nhận lệnh thu"),
        _ => None,
    },
    size: |kib, most| format!("{kib} KiB tin chờ gửi lên máy chủ, tối đa {most} KiB."),
    tries: |tries| format!("(đã thử {tries} lần)"),
};

const JOURNAL: JournalWords = JournalWords {
    envelope: |id| format!("phong bì {id}"),
    empty: "Đơn này không có nhật ký: phiên bản cũ đã lập nó.",
    cause: "Do",
    kind: |word| match word {
        "sale_call" => Some("máy bán hàng lập đơn"),
        "cancel_call" => Some("thu ngân hủy"),
        "acknowledge_call" => Some("thu ngân đã xem"),
        "supervisor" => Some("người giám sát"),
        "keypad" => Some("bàn phím"),
        "order_answer" => Some("đơn vị thanh toán trả lời yêu cầu thu"),
        "status_answer" => Some("đơn vị thanh toán trả lời khi được hỏi"),
        "cancel_answer" => Some("đơn vị thanh toán trả lời lệnh hủy"),
        "confirm_answer" => Some("đơn vị thanh toán trả lời xác nhận"),
        "webhook" => Some("tin báo có chữ ký của đơn vị thanh toán"),
        "display" => Some("màn hình"),
        "deadline" => Some("hết giờ"),
        "restart" => Some("khởi động lại"),
        "command" => Some("lệnh từ xa"),
        "terminal" => Some("máy này"),
        _ => None,
    },
    counted: |amount, reference, via| format!("đã tính {amount} ({reference}, {via})"),
    reported: |amount, reference| format!("được báo {amount}, chưa tính ({reference})"),
    dropped: |count| format!("Đã bỏ {count} dòng sau dòng đầu: chỉ giữ 200 dòng."),
};

fn came(amount: Amount, payments: u64, receipts: u64, refunds: Option<Amount>) -> String {
    let mut text = format!("{amount}, {payments} lần trả theo đơn");
    if receipts > 0 {
        text.push_str(&format!(", {receipts} khoản ngoài đơn"));
    }
    if let Some(refunds) = refunds {
        text.push_str(&format!("; đã hoàn {refunds}"));
    }
    text
}

fn state_of(state: SaleState, waiting_for: Option<WaitingFor>) -> &'static str {
    match (state, waiting_for) {
        (SaleState::Requesting, Some(WaitingFor::Network)) => "đang chờ mạng",
        (SaleState::Requesting, _) => "đang chờ mã",
        (SaleState::Showing, _) => "mã đang hiện",
        (SaleState::Unconfirmed, _) => "chưa xác nhận tiền",
        (SaleState::Cancelling, _) => "đang hủy",
        (SaleState::Paid, _) => "ĐÃ NHẬN TIỀN",
        (SaleState::Cancelled, _) => "đã hủy",
        (SaleState::Expired, _) => "hết hạn",
        (SaleState::Failed, _) => "không thành",
    }
}

fn flag(flag: Flag) -> &'static str {
    match flag {
        Flag::Offline => "lập khi mất mạng",
        Flag::Underpaid => "còn thiếu",
        Flag::Overpaid => "thừa tiền",
        Flag::Late => "tiền về muộn",
        Flag::Refunded => "đã hoàn tiền",
        Flag::Manual => "xác nhận bằng tay",
        Flag::Attention => "! CẦN NGƯỜI XEM",
    }
}

fn failure(code: FailureCode) -> &'static str {
    match code {
        FailureCode::ProviderRefused => "đơn vị thanh toán từ chối",
        FailureCode::ProviderUnreachable => "đơn vị thanh toán không trả lời",
        FailureCode::ProviderInvalid => "câu trả lời của đơn vị thanh toán không hợp lệ",
        FailureCode::QrMismatch => "mã nhận được sai số tiền hoặc sai tài khoản",
        FailureCode::OfflineRefused => "không có mạng",
        FailureCode::OfflineLimit => "đã hết hạn mức bán khi mất mạng",
        FailureCode::WaitTimeout => "mạng chưa có lại",
        FailureCode::ClockNotSet => "đồng hồ của máy chưa đúng",
        FailureCode::DisplayUnavailable => "màn hình không hiện được mã",
        FailureCode::UnsupportedAction => "đơn vị thanh toán đòi một bước mà máy này không làm được",
        FailureCode::StoreFault => "bộ nhớ của máy bị lỗi",
    }
}

fn attempt(attempt: Attempt<'_>) -> String {
    match attempt {
        Attempt::Sell(amount) => format!("lập đơn {amount}"),
        Attempt::FindNewest => "tìm đơn mới nhất".into(),
        Attempt::Find(digits) => format!("tìm đơn có số cuối {digits}"),
        Attempt::Show(sale) => format!("xem đơn {sale}"),
        Attempt::List => "liệt kê các đơn".into(),
        Attempt::Cancel(sale) => format!("hủy đơn {sale}"),
        Attempt::Status => "hỏi tình trạng của máy".into(),
        Attempt::SaveScreen(file) => format!("lưu ảnh màn hình vào `{}`", Path::display(file)),
        Attempt::Replay => "yêu cầu các cầu nối gửi lại".into(),
        Attempt::Journal(sale) => format!("xem nhật ký đơn {sale}"),
        Attempt::Queue => "liệt kê những việc còn nợ".into(),
        Attempt::Flight => "in các sự kiện mới nhất".into(),
        Attempt::Receipts => "liệt kê các khoản tiền ngoài đơn".into(),
        Attempt::Report => "lập báo cáo".into(),
        Attempt::Watch => "theo dõi máy".into(),
        Attempt::WaitFor(sale) => format!("chờ đơn {sale} kết thúc"),
        Attempt::DrawCode(sale) => format!("vẽ mã của đơn {sale}"),
        Attempt::PrepareCalls => "chuẩn bị gọi tilld".into(),
        Attempt::ReadPin => "đọc mã PIN".into(),
        Attempt::ReadPinFile(file) => format!("đọc mã PIN trong `{}`", Path::display(file)),
        Attempt::FindReceipt(digits) => format!("tìm khoản tiền có số đầu {digits}"),
        Attempt::Confirm(sale) => format!("xác nhận đơn {sale}"),
        Attempt::Match(receipt, sale) => format!("khớp khoản tiền {receipt} với đơn {sale}"),
        Attempt::HashPin => "băm mã PIN".into(),
    }
}

/// The daemon's own words are English, so its kind is told in ours, with what the kind is about.
fn refusal(refusal: Refusal<'_>) -> String {
    let Refusal { kind, detail, field, sale, .. } = refusal;
    let text = match kind {
        "malformed" => "tilld không đọc được yêu cầu",
        "invalid" => "yêu cầu không được chấp nhận",
        "too-large" => "yêu cầu quá lớn",
        "unauthorised" => "thiếu mã truy cập hoặc mã truy cập sai",
        "forbidden" => "không được phép làm việc này",
        "not-found" => "không có đơn hay khoản tiền này",
        "method-not-allowed" => "tilld không có lệnh này",
        "busy" => "đang có đơn khác; xin chờ xong hoặc hủy đơn đó",
        "idempotency-mismatch" => "khóa này đã dùng cho một yêu cầu khác",
        "clock-not-set" => "đồng hồ của máy chưa đúng; xin chờ máy nhận giờ mạng",
        "already-ended" => "đơn đã kết thúc",
        "not-ended" => "đơn chưa kết thúc",
        "already-matched" => "khoản tiền này đã được tính",
        "needs-double-proof" => "số tiền lớn thế này phải do chính đơn vị thanh toán xác nhận",
        "store-fault" => "bộ nhớ của máy bị lỗi, chưa có gì thay đổi; xin xem nhật ký",
        "wrong-pin" => "mã PIN sai",
        "too-many-pins" => "mã PIN sai quá nhiều lần; xin thử lại sau ít phút",
        "numbers-used-up" => "máy đã dùng hết số đơn",
        "queue-full" => "quá nhiều tin chưa gửi được, hãy nối mạng cho máy",
        "unavailable" => "máy không trả lời; không biết việc đã làm xong chưa",
        _ => return format!("tilld từ chối ({kind}): {detail}"),
    };
    // What would be right stands only in the daemon's words; a cashier meets the largest amount, others can read them.
    if kind == "invalid" {
        let largest = detail.rsplit(|c: char| !c.is_ascii_digit()).find_map(|digits| digits.parse().ok());
        return match (field, largest) {
            (Some("amount"), Some(largest)) => {
                format!("số tiền phải từ {} đến {} ({kind})", Amount::vnd(1), Amount::vnd(largest))
            }
            _ => format!("{text} ({kind}): {detail}"),
        };
    }
    let about = field.map(|field| format!(": `{field}`")).or_else(|| sale.map(|sale| format!(": đơn {sale}")));
    format!("{text} ({kind}){}", about.unwrap_or_default())
}

/// Names what happens at a counter; whatever else the system says is quoted as it says it.
fn system(error: &io::Error) -> String {
    let kind = error.kind();
    let named = [
        (io::ErrorKind::NotFound, "không có tệp hoặc thư mục này"),
        (io::ErrorKind::PermissionDenied, "không có quyền"),
        (io::ErrorKind::IsADirectory, "đây là một thư mục"),
        (io::ErrorKind::NotADirectory, "đây không phải là thư mục"),
        (io::ErrorKind::StorageFull, "hết chỗ lưu"),
        (io::ErrorKind::ConnectionRefused, "bị từ chối kết nối"),
        (io::ErrorKind::ConnectionReset, "kết nối bị ngắt"),
        (io::ErrorKind::HostUnreachable, "không tới được máy đó"),
        (io::ErrorKind::NetworkUnreachable, "không có mạng"),
        (io::ErrorKind::TimedOut, "quá thời gian chờ"),
        (io::ErrorKind::UnexpectedEof, "kết nối bị ngắt giữa chừng"),
    ];
    let found = named.iter().find(|(named, _)| *named == kind).map(|(_, text)| (*text).to_owned());
    found.unwrap_or_else(|| error.to_string())
}

fn bad_amount(error: &AmountError) -> String {
    const SUCH: &str = "cần số tiền như `50000`, `50.000`, `50k` hoặc `1tr5`";
    match error {
        AmountError::Empty => format!("chưa nhập số tiền; {SUCH}"),
        AmountError::Zero { typed } => format!("`{typed}` không phải là tiền; cần ít nhất 1 đồng"),
        AmountError::Negative { typed } => format!("`{typed}` là số âm; cần ít nhất 1 đồng"),
        AmountError::Ambiguous { typed } => {
            format!("`{typed}` có thể hiểu theo nhiều cách; {SUCH}, không có phần lẻ của đồng")
        }
        AmountError::TooLarge { typed } => {
            format!("`{typed}` quá lớn; số tiền lớn nhất là {}", Amount::vnd(Amount::MAX_VND))
        }
        AmountError::NotAnAmount { typed } => format!("`{typed}` không phải là số tiền; {SUCH}"),
    }
}

fn mistake(mistake: Mistake<'_>) -> String {
    match mistake {
        Mistake::UnknownVerb(verb) => format!("không có lệnh `{verb}`"),
        Mistake::UnknownWord(word) => format!("không hiểu `{word}` ở đây"),
        Mistake::BadValue { option, value } => format!("`{value}` không dùng được cho `{option}`"),
        Mistake::NoValue(option) => format!("`{option}` cần một giá trị"),
        Mistake::Missing(what) => format!("thiếu {what}"),
        Mistake::NotTogether(one, other) => format!("không dùng `{one}` cùng với `{other}`"),
        Mistake::Other => "không hiểu dòng lệnh".into(),
    }
}

fn expected(option: &str) -> Option<&'static str> {
    let name = option.split(' ').next().unwrap_or_default();
    match name {
        "--since" => Some("cần một thời điểm như 2026-11-20T03:04:05Z"),
        "--day" => Some("cần một ngày như 2026-11-29"),
        "--limit" => Some("cần một số từ 1 đến 200"),
        "--number" => Some("cần số máy từ 1 đến 9007198"),
        "--valid" => Some("cần một khoảng như 24h, 90m hoặc 7d, từ 1 phút đến 30 ngày"),
        "--patience" => Some("cần một khoảng thời gian như 2m hay 1h, từ 1 phút đến 24 giờ"),
        "--group" => Some("cần tên nhóm: 1 đến 32 ký tự a-z, 0-9, _ và -"),
        "--percent" => Some("cần một số từ 1 đến 100"),
        "--abort-over" => Some("cần một số từ 0 đến 100"),
        "--rate" => Some("cần một số từ 1 đến 60000"),
        "--minutes" => Some("cần một số từ 1 đến 10080"),
        "<NUMBER>" | "[NUMBER]" => Some("cần số máy từ 1 đến 9007198"),
        "--days" => Some("cần số ngày từ 1 đến 3650"),
        "--serial" => Some("cần số sê-ri không quá 40 chữ số hệ mười sáu"),
        "<NAME>" => Some("cần một tên như bridge-1: chữ, số, dấu chấm và gạch, không phải số máy"),
        "<HOST>..." => Some("cần tên máy chủ hoặc địa chỉ"),
        "--channel" => Some("cần tên kênh như `payos`"),
        _ => None,
    }
}

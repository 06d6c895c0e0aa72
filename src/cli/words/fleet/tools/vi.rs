//! What the verbs of `till fleet` that speak to the broker say in Vietnamese.

use till_wire::fleet::CommandState;
use till_wire::{Presence, Why};

use super::super::super::super::fleet::{LineError, Outcome, ParcelFault, Tally};
use super::super::super::super::wording::{moment, span};
use super::super::super::Words;
use super::ToolWords;

pub(in crate::cli::words::fleet) const TOOLS: ToolWords = ToolWords {
    broker,
    no_certificate: |name| {
        format!(
            "chưa có chứng chỉ để máy chủ MQTT nhận ra bạn: tạo bằng `till fleet ca client {name}`; mqtt.client_id trong \
             fleet.toml là tên của bạn ở đó"
        )
    },
    comes_back: |why| format!("mất máy chủ MQTT ({why}); đang thử lại"),

    heads: ["Số", "Tên", "Tình trạng", "Phiên bản", "Nối từ", "Chưa gửi", "Tiền về lần cuối", "Cần xem", "Có gì hỏng"],
    unheard: "chưa hề thấy",
    presence: |presence| match presence {
        Presence::Init => "đang khởi động",
        Presence::Ready => "sẵn sàng",
        Presence::Disconnected => "đã tắt",
        Presence::Lost => "mất liên lạc",
        Presence::Sleeping => "đang ngủ",
    },
    why,
    cannot_sell: |why| format!("không bán được: {why}"),
    counted: |shown, of, unable, attention| {
        let of = if shown == of { format!("{shown} máy") } else { format!("{shown} trong {of} máy") };
        format!("{of}; {unable} máy không bán được; {attention} đơn và khoản tiền cần xem")
    },
    odd: |messages| format!("bỏ qua {messages} tin của các máy vì không hiểu được"),
    beyond: |most| format!("có nhiều hơn {most} máy, là số giữ được trong bộ nhớ; phần còn lại bị bỏ qua"),
    incomplete: "danh sách này còn thiếu máy: số máy nhiều hơn số tin máy chủ để chờ cho một máy khách. Với mosquitto, \
                 `max_queued_messages` và `max_queued_bytes` phải đủ chỗ cho trạng thái của mọi máy (docs/brokers.md)",
    no_group: |group| format!("không tệp nào ở đó và không máy nào nêu nhóm `{group}`"),

    unknown_terminal: "máy chủ MQTT không biết gì về nó: nó chưa từng kết nối, hoặc số máy không đúng",
    no_health: "Máy chưa cho biết tình hình.",
    configuration: "Cấu hình",
    commands: "Lệnh",
    desired: "mong muốn",
    none_desired: "không có gì: tệp của chính máy có hiệu lực",
    reported: "đang dùng",
    not_reported: "máy chưa cho biết",
    own_file: "chỉ tệp của chính máy",
    refused: "từ chối",
    version: |version, made| format!("bản {version} ({made})"),

    no_number: |typed| format!("`{typed}` không phải số máy từ 1 đến 9007198"),
    no_command: "thiếu lệnh cho máy, ví dụ identify, restart, report; docs/fleet.md liệt kê các lệnh",
    both_args: "tham số ghi bằng KEY=VALUE hoặc bằng --args, không cả hai",
    bad_args: |why| format!("`--args` không phải một đối tượng JSON: {why}"),
    unknown_command: |name, known| format!("không có lệnh `{name}`; các lệnh: {known}"),
    other_args: |name, like, why| format!("`{name}` không nhận các tham số này ({why}); gõ như: {like}"),
    bad_pair: |typed| format!("`{typed}` không phải KEY=VALUE, hoặc khóa ghi hai lần"),
    say_yes: |command| format!("`{command}` cho nhiều máy làm tất cả ngừng bán: xin thêm `--yes` nếu đúng ý bạn"),
    nobody: "không có máy nào để ra lệnh",
    sent: |id, number| format!("Đã gửi đến {number}: {id}. Xem kết quả: `till fleet show {number}`"),
    never_heard: |number, until| {
        format!("máy chủ MQTT chưa hề thấy {number}; lệnh chỉ đến nếu máy kết nối trước {until}")
    },
    is_away: |number, since, until| format!("{number} mất kết nối từ {since}; lệnh chờ máy đến {until}"),
    command_state: |state| match state {
        CommandState::Received => "đã nhận",
        CommandState::Running => "đang thực hiện",
        CommandState::Succeeded => "xong",
        CommandState::Failed => "không làm được",
        CommandState::Rejected => "từ chối",
        CommandState::Expired => "quá hạn",
    },
    no_answer: "không trả lời kịp",
    not_told: "chưa được báo",
    progress: |Tally { total, told, succeeded, failed, .. }| {
        format!("đã báo {told} trong {total} máy, {succeeded} xong, {failed} hỏng")
    },
    rolled_out: |Tally { total, told, succeeded, failed, not_meant }, id, aborted| {
        let left = total.saturating_sub(told);
        let others = if not_meant == 0 { String::new() } else { format!(", {not_meant} máy không thuộc nhóm") };
        let end = if aborted {
            format!(" Đã dừng vì hỏng quá nhiều; {left} máy chưa được báo.")
        } else {
            String::new()
        };
        format!("{id}: đã báo {told} trong {total} máy, {succeeded} xong, {failed} hỏng{others}.{end}")
    },
    update_size: |most| format!("bản cập nhật phải có từ 1 đến {most} byte"),
    say_version: |why| match why {
        "" => "không biết phiên bản của nó: hãy cho biết bằng --version".to_owned(),
        why => format!("không đọc được phiên bản của nó ({why}): hãy cho biết bằng --version"),
    },
    updating: |version, size, sha256| format!("Phiên bản {version}, {size} byte, SHA-256 {sha256}"),
    clear_one: "`--clear` cần số của một máy",
    cleared: |number, answers| format!("Đã xóa {answers} câu trả lời của {number}."),
    parcel: |fault| match fault {
        ParcelFault::Unsaid => "máy không cho biết đã gửi gì".to_owned(),
        ParcelFault::Missing { came, sent } => format!("chỉ đến {came} trong {sent} phần; xin thử lại"),
        ParcelFault::Other => "những gì đến không giống những gì máy đã gửi; xin thử lại".to_owned(),
    },

    no_file_of: |number| format!("không có tệp terminals/{number}.toml"),
    outcome: |outcome| match outcome {
        Outcome::Already => "đã có",
        Outcome::Applied => "đã nhận",
        Outcome::Refused(_) => "từ chối",
        Outcome::Other => "có cấu hình khác",
        Outcome::Silent => "chưa cho biết",
    },
    planned: |terminals| format!("{terminals} máy sẽ nhận cấu hình này. Chưa gửi gì."),
    configured: |well, of| format!("{well} trong {of} máy có cấu hình của các tệp này."),
    no_files: "không có tệp của máy nào, ví dụ terminals/0001017.toml",
    no_members: |group| format!("không tệp nào của máy nêu nhóm `{group}` trong [fleet] groups"),
};

fn broker(error: &LineError, name: &str) -> String {
    match error {
        LineError::Connect(why) => format!(
            "{why}; máy chủ có chạy không, mqtt.url trong fleet.toml có đúng không, chứng chỉ của `{name}` có còn giá trị \
             không?"
        ),
        LineError::Lost(why) => format!(
            "kết nối bị ngắt ({why}). Mỗi tên chỉ có một kết nối: có `till fleet` hay bảng điều khiển nào khác đang nối với \
             tên `{name}` không?"
        ),
        LineError::Silent => "máy chủ không trả lời".into(),
        LineError::Dropped => {
            "có quá nhiều tin chờ gửi cho ta nên một câu trả lời đã bị bỏ; hãy làm lại. Với mosquitto, \
                               `max_queued_messages` ít nhất phải như trong config/mosquitto/ (docs/brokers.md)"
                .into()
        }
        LineError::Refused(filter) => {
            format!("máy chủ không cho `{name}` đọc `{filter}`; bảng quyền của nó đã cũ, hoặc của người khác")
        }
        LineError::Choked => "có quá nhiều tin chờ gửi".into(),
    }
}

fn why(why: &Why<'_>, words: &Words) -> String {
    let with = |what: &str, reason: Option<&str>| reason.map_or(what.to_owned(), |reason| format!("{what}: {reason}"));
    let name = |what: &str, channel: &str| format!("{what} {channel}");
    match why {
        Why::NoState => "chưa hề báo có mặt".into(),
        Why::Lost(at) => format!("mất kết nối; thấy lần cuối {}", moment(*at)),
        Why::SwitchedOff(at) => format!("tắt lúc {}", moment(*at)),
        Why::Starting(_) => "đang khởi động, hoặc chờ điều gì".into(),
        Why::Asleep(at) => format!("ngủ từ {}", moment(*at)),
        Why::Disabled => "bị người điều hành đóng".into(),
        Why::Display(reason) => with("màn hình", reason.as_deref()),
        Why::Store => "bộ nhớ của máy bị lỗi".into(),
        Why::NoProvider(channel, reason) => {
            with(&name("không liên lạc được nhà cung cấp nào:", channel), reason.as_deref())
        }
        Why::Attention(count) => format!("{count} giao dịch hoặc khoản tiền cần người xem"),
        Why::Provider(channel, reason) => with(&name("không liên lạc được", channel), reason.as_deref()),
        Why::Clock => "đồng hồ chưa đúng".into(),
        Why::Queue(seconds) => format!("tin chờ gửi đã {}", span(*seconds, words)),
        Why::DiskSpace(free) => format!("ổ đĩa chỉ còn {} MiB", free / 1_048_576),
        Why::Certificate(until) => format!("chứng chỉ hết hạn {}", moment(*until)),
        Why::Sound(reason) => with("âm thanh", reason.as_deref()),
        Why::Configuration(fault) => with("cấu hình mới nhất không dùng được", Some(fault)),
        Why::NoHealth => "chưa báo tình trạng".into(),
        Why::Silent(since) => format!("chưa báo tình trạng từ {}", moment(*since)),
    }
}

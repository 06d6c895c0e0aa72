//! What `till fleet` says in Vietnamese.

use super::tools::vi::TOOLS;
use super::{FleetAttempt, FleetWords, Lacking};

pub(in crate::cli::words) const FLEET: FleetWords = FleetWords {
    is_well: |file| format!("{}: cấu hình hợp lệ", file.display()),
    no_verb: "thiếu lệnh; `till fleet --help` liệt kê các lệnh",
    attempt,
    exists: |file| format!("đã có `{}`, và khóa không bao giờ bị ghi đè; xin chuyển nó đi trước", file.display()),
    busy: "một lệnh `till fleet` khác đang làm việc ở đó; xin thử lại khi nó xong",
    clock: "đồng hồ của máy này chưa đúng; chứng chỉ và giấy ghi danh cần đúng giờ",
    no_random: "hệ thống không cho số ngẫu nhiên",
    open_to_others: |mode| {
        format!("ai trên máy này cũng đọc được nó (quyền là {mode:04o}): xin `chmod 600`, và xem ai đã đọc nó")
    },
    lacking,

    key_made: |kid, key, public| {
        format!(
            "Đã tạo khóa {kid} của hệ thống.\n  {}\n      nửa bí mật: ký giấy ghi danh và lệnh. Giữ ở đây, và một bản sao ở nơi \
             an toàn.\n  {}\n      nửa công khai, cho `trusted_keys` của các máy và cho máy chủ ghi danh.",
            key.display(),
            public.display()
        )
    },
    authority_made: |folder, root, issuer| {
        format!(
            "Đã tạo nơi cấp chứng chỉ, trong {}\n  ca.pem        chứng chỉ gốc, đến {root}: đưa cho máy chủ MQTT, cầu nối và \
             máy chủ ghi danh\n  ca.key        khóa gốc: cất ngoài mạng, và một bản sao ở nơi khác; chỉ `ca client`, `ca \
             server` và việc\n                thu hồi chứng chỉ do chúng tạo mới cần nó\n  issuer.pem, issuer.key\n                ký \
             cho các máy, đến {issuer}: đưa cho máy chủ ghi danh\n  crl.pem       những gì đã thu hồi, chưa có gì: đưa cho máy \
             chủ MQTT và máy chủ ghi danh\n  ca-crl.pem, revoked.txt\n                từ đó làm ra crl.pem: giữ ở đây",
            folder.display()
        )
    },
    certificate_made: |certificate, key, until| {
        format!("Chứng chỉ ở {}, khóa ở {}; có giá trị đến {until}.", certificate.display(), key.display())
    },
    name_taken: |name| format!("`{name}` là tên tệp của chính hệ thống; xin chọn tên khác"),
    ends_sooner: "nó hết hạn cùng nơi cấp, sớm hơn yêu cầu",

    use_claim: |until| {
        format!(
            "Có giá trị đến {until}, cho một máy. Trên máy đó: `tilld enrol CLAIM`, hoặc quét ở quầy. Ai có nó đều có thể thế \
             chỗ máy đó cho đến lúc ấy."
        )
    },
    claim_too_long: |bytes, most| {
        format!(
            "nó có {bytes} byte mà mã chỉ chứa {most}; xin rút ngắn tên máy hoặc các địa chỉ, hoặc bỏ bớt một [[channel]] hay \
             một khóa trong enrol.more_trusted_keys"
        )
    },
    claim_too_wide: |has, needs| {
        format!("cửa sổ dòng lệnh rộng {has} cột mà mã cần {needs} cột; xin nới rộng, hoặc dùng `--png FILE`")
    },
    authority_ended: |until| format!("chứng chỉ gốc trong ca.pem hết giá trị từ {until}"),
    picture_made: |file| format!("Mã đã lưu vào {}.", file.display()),

    a_number_is_no_certificate: "số máy không chỉ ra chứng chỉ nào: xin cho biết tệp chứng chỉ (máy chủ ghi danh giữ những gì nó \
                                 đã ký), hoặc `--serial HEX`",
    an_authority: "đây là chứng chỉ của chính nơi cấp, không danh sách nào thu hồi được: xin tạo nơi cấp mới",
    foreign: "nó không do gốc hay nơi cấp của hệ thống này ký",
    revoked: |name, serial| format!("Đã thu hồi: {name}, số sê-ri {serial}."),
    revoked_before: |name, serial| format!("Đã thu hồi từ trước: {name}, số sê-ri {serial}."),
    broken_line: |line| format!("dòng {line} bị hỏng; xin lấy lại tệp từ bản sao"),
    list_full: |most| format!("danh sách chứa tối đa {most} chứng chỉ"),
    list_signed: |list, certificates, until| {
        format!(
            "Đã ký danh sách chứng chỉ bị thu hồi ({certificates}): {}, đến {until}. Trước ngày đó xin ký lại (`till fleet revoke \
             --renew`): khi danh sách hết hạn, máy chủ MQTT từ chối mọi máy.\nCài đặt\n  mosquitto    chép vào tệp mà `crlfile` \
             nêu tên, rồi `systemctl reload mosquitto`\n  till-bridge  chép vào tệp mà `authority.crl` trong enrol.toml nêu tên\n  NATS         \
             không đọc danh sách này: bỏ tên đó khỏi users.conf (config/nats/users), rồi `systemctl reload nats-server`\nVới \
             mosquitto, kết nối đang có không bị ngắt; `systemctl restart mosquitto` mới ngắt.",
            list.display()
        )
    },
    root_not_signed: "không có ca.key ở đây nên ca-crl.pem giữ nguyên",
    tools: TOOLS,
};

fn attempt(attempt: FleetAttempt<'_>) -> String {
    match attempt {
        FleetAttempt::Begin(folder) => format!("làm việc trong thư mục khóa `{}`", folder.display()),
        FleetAttempt::Write(file) => format!("ghi `{}`", file.display()),
        FleetAttempt::Read(file) => format!("đọc `{}`", file.display()),
        FleetAttempt::MakeKey(file) => format!("tạo khóa `{}`", file.display()),
        FleetAttempt::MakeCertificate(file) => format!("tạo chứng chỉ `{}`", file.display()),
        FleetAttempt::MakeClaim => "tạo giấy ghi danh".into(),
        FleetAttempt::DrawClaim => "vẽ mã của giấy ghi danh".into(),
        FleetAttempt::Revoke(what) => format!("thu hồi `{what}`"),
        FleetAttempt::SignList => "ký danh sách chứng chỉ bị thu hồi".into(),
        FleetAttempt::Reach(address) => format!("nói chuyện với máy chủ MQTT ở {address}"),
        FleetAttempt::ReadFiles(folder) => format!("đọc các tệp của hệ thống trong `{}`", folder.display()),
        FleetAttempt::Command(cmd) => format!("cho thực hiện `{cmd}`"),
        FleetAttempt::Configure => "đặt cấu hình cho các máy".into(),
        FleetAttempt::Show(number) => format!("xem máy {number}"),
    }
}

fn lacking(lacking: Lacking) -> &'static str {
    match lacking {
        Lacking::FleetKey => "hệ thống chưa có khóa: tạo bằng `till fleet keygen`",
        Lacking::Authority => "hệ thống chưa có nơi cấp chứng chỉ: tạo bằng `till fleet ca init`",
        Lacking::RootKey => "không có khóa gốc ở đây: việc này cần mang nó về từ nơi cất",
        Lacking::IssuerKey => "không có khóa của nơi cấp ở đây: việc này cần mang nó về từ nơi cất",
    }
}

//! What `till doctor` says in Vietnamese.

use super::{Check, Counter, Disk, DoctorWords, Net, Setup, Told, Updates, Verdict};

pub(in crate::cli::words) const DOCTOR: DoctorWords = DoctorWords {
    check,
    verdict: |verdict| match verdict {
        Verdict::Ok => "tốt",
        Verdict::Fault => "lỗi",
        Verdict::Skipped => "bỏ qua",
    },
    setup,
    net,
    counter,
    disk,
    updates,
    summary: |faults| match faults {
        0 => "Từ đây không thấy gì hỏng.".into(),
        faults => format!("Có {faults} lỗi."),
    },
};

fn check(check: Check) -> &'static str {
    match check {
        Check::Configuration => "cấu hình",
        Check::Daemon => "tilld",
        Check::Versions => "phiên bản",
        Check::Clock => "đồng hồ",
        Check::Network => "mạng",
        Check::Dns => "tên miền",
        Check::Tls => "TLS",
        Check::Certificate => "chứng chỉ",
        Check::Display => "màn hình",
        Check::Keypad => "bàn phím",
        Check::Sound => "âm thanh",
        Check::Disk => "ổ đĩa",
        Check::Permissions => "quyền tệp",
        Check::Updates => "cập nhật",
    }
}

fn setup(said: &Setup) -> Told {
    match said {
        Setup::InOrder { file } => (format!("{} không có lỗi", file.display()), ""),
        Setup::Broken { line } => (line.clone(), "sửa dòng đó, chạy `tilld --check`, rồi khởi động lại tilld"),
        Setup::NoFile { line } => (line.clone(), "đặt tệp cấu hình vào đó, hoặc chỉ tệp khác bằng `--config`"),
        Setup::Denied { line } => (line.clone(), "chạy `till doctor` bằng quyền root"),
        Setup::Unread { line } => (line.clone(), "chạy bằng quyền root khi dịch vụ đang chạy"),
        Setup::NotEnrolled => {
            ("máy chưa thuộc hệ thống nào".into(), "`tilld enrol CLAIM`, hoặc quét mã ghi danh tại quầy")
        }
        Setup::Answers { place } => (format!("tilld trả lời tại {place}"), ""),
        Setup::Silent { why } => {
            (why.clone(), "`systemctl status tilld` và `journalctl -u tilld -n 50` cho biết vì sao")
        }
        Setup::Unasked => ("cấu hình không cho biết tilld nghe ở đâu".into(), ""),
        Setup::SameVersion { version } => (format!("till và tilld đều là {version}"), ""),
        Setup::OtherVersion { till, tilld } => {
            (format!("till là {till}, còn tilld đang chạy là {tilld}"), "`systemctl restart tilld`")
        }
        Setup::OneVersion { till } => (format!("till là {till}; không hỏi được tilld"), ""),
    }
}

fn net(said: &Net) -> Told {
    match said {
        Net::ClockNotSet { shows } => (
            format!("đồng hồ chưa đúng: đang là {shows}"),
            "cho máy nối được máy chủ giờ (`timedatectl`); pin hết thì mất giờ mỗi lần cúp điện",
        ),
        Net::ClockOff { secs, whose } => {
            (format!("đồng hồ lệch {secs} giây so với {whose}"), "`timedatectl set-ntp true`, và mở UDP 123")
        }
        Net::ClockAgrees { whose } => (format!("đồng hồ khớp với {whose}"), ""),
        Net::ClockKept => ("đồng hồ theo giờ mạng".into(), ""),
        Net::ClockUncompared => ("đồng hồ có thể đúng; chưa hỏi được ai để so".into(), ""),
        Net::Address { address } => (format!("có đường ra ngoài, từ {address}"), ""),
        Net::NoRoute { why } => (
            format!("không có đường ra ngoài ({why})"),
            "xem dây, WLAN và bộ định tuyến; `ip address`, `ip route` cho biết thêm",
        ),
        Net::AllHere => ("mọi thứ trong cấu hình đều ở ngay máy này".into(), ""),
        Net::NobodyNamed => ("cấu hình không nêu máy chủ nào để tìm".into(), ""),
        Net::Found { host, address } => (format!("{host} là {address}"), ""),
        Net::NotFound { host, why } => {
            (format!("không tìm thấy {host}: {why}"), "xem lại tên, và máy chủ tên miền (`resolvectl status`)")
        }
        Net::Trusted { place, until } => (format!("tin được {place}; chứng chỉ đến {until}"), ""),
        Net::EndsSoon { place, until } => {
            (format!("chứng chỉ của {place} sắp hết hạn, {until}"), "báo cho người quản lý máy chủ đó gia hạn")
        }
        Net::Reached { place } => (format!("{place} trả lời, không có TLS"), ""),
        Net::NotReached { place, why } => {
            (format!("không tới được {place}: {why}"), "xem địa chỉ, tường lửa trên đường, và máy chủ có chạy không")
        }
        Net::NotTrusted { place, why } => {
            (format!("không tin được {place}: {why}"), "xem `ca`, đồng hồ, và trên đường có ai thay chứng chỉ không")
        }
        Net::WeAreRefused { place, why } => (
            format!("{place} từ chối máy này: {why}"),
            "xem `cert` và `key`: chứng chỉ hết hạn, bị thu hồi, hay của nơi khác? Nếu vậy, ghi danh lại",
        ),
        Net::OursUnread { place } => (
            format!("{place} đòi chứng chỉ của máy, mà từ đây không đọc được khóa"),
            "chạy bằng quyền root khi dịch vụ đang chạy",
        ),
        Net::NoClock { place } => (format!("{place}: đồng hồ chưa đúng thì chưa xét được chứng chỉ"), ""),
        Net::NotKnown { place } => (format!("{place}: phải sửa cấu hình trước"), ""),
    }
}

fn counter(said: &Counter) -> Told {
    match said {
        Counter::DisplayWorks { driver, size } => (format!("hình hiện được ({driver}{size})"), ""),
        Counter::DisplayBroken { driver, why } => (
            format!("hình không hiện được ({driver}): {why}"),
            "xem dây, `display.driver` và `display.device`; `journalctl -u tilld` cho biết thêm",
        ),
        Counter::NoDisplay => ("`display.driver` là \"none\"".into(), ""),
        Counter::Device { path } => (format!("có {}", path.display()), ""),
        Counter::Missing { path } => {
            (format!("không có {}", path.display()), "cắm vào, nạp trình điều khiển (`dmesg`), hoặc sửa đường dẫn")
        }
        Counter::Closed { path, mode } => (
            format!("chỉ root dùng được {} (quyền {mode:04o})", path.display()),
            "giao cho nhóm video, input, audio hoặc dialout bằng luật udev",
        ),
        Counter::NotOurs { path } => (
            format!("có {}; người dùng này không dùng được, tilld thì được", path.display()),
            "chạy `till doctor` bằng quyền root",
        ),
        Counter::NoKeypad => ("`input` không nêu bàn phím nào".into(), ""),
        Counter::NoneFound => ("chưa cắm bàn phím; cắm vào là dùng được ngay".into(), ""),
        Counter::SoundWorks => ("phát được tiếng".into(), ""),
        Counter::SoundBroken { why } => {
            (format!("không phát được: {why}"), "`tilld --sound` phát thử và cho biết thêm")
        }
        Counter::Silent => ("`sound.driver` là \"none\"".into(), ""),
        Counter::NoProgram { name } => {
            (format!("thiếu chương trình {name}"), "cài alsa-utils, và espeak-ng để có giọng đọc")
        }
        Counter::NoCard => {
            ("không có thiết bị phát tiếng".into(), "cắm vào, hoặc nạp trình điều khiển (`aplay -l`, `dmesg`)")
        }
        Counter::NotKnown => ("phải sửa cấu hình trước".into(), ""),
    }
}

fn disk(said: &Disk) -> Told {
    match said {
        Disk::Room { path, free_mb } => (format!("ghi được {}, còn trống {free_mb} MB", path.display()), ""),
        Disk::LittleRoom { path, free_mb, least_mb } => (
            format!("{} chỉ còn trống {free_mb} MB, cần {least_mb}", path.display()),
            "dọn bớt (`journalctl --vacuum-size=50M`, `apt clean`): đĩa đầy thì không bán được",
        ),
        Disk::ReadOnly { path } => (
            format!("nơi chứa {} chỉ đọc được", path.display()),
            "`dmesg` cho biết đĩa có hỏng không; thay đĩa, hoặc gắn lại để ghi",
        ),
        Disk::Closed { path } => {
            (format!("chủ của {} không ghi được", path.display()), "`chmod u+rwx`; tilld phải là chủ")
        }
        Disk::NotOurs { path } => (
            format!("{} không phải của người dùng này, nên chưa thử", path.display()),
            "chạy `till doctor` bằng quyền root",
        ),
        Disk::Unread { path, why } => (format!("{}: {why}", path.display()), "chạy `till doctor` bằng quyền root"),
        Disk::StoreBroken => {
            ("tilld báo bộ nhớ bị lỗi".into(), "`journalctl -u tilld` cho biết vì sao; thường là đĩa đầy")
        }
        Disk::NotKnown => ("cấu hình không cho biết bộ nhớ ở đâu".into(), ""),
        Disk::Worn { device, percent } => (format!("{device} đã dùng nhiều nhất {percent} % tuổi thọ"), ""),
        Disk::WornOut { device, percent } => {
            (format!("{device} đã dùng {percent} % tuổi thọ"), "thay trước khi hỏng; đơn chưa gửi chỉ có ở đó")
        }
        Disk::WearUnknown => ("đĩa không cho biết đã mòn bao nhiêu".into(), ""),
        Disk::Private { count } => (format!("{count} tệp mật và thư mục đã đóng với người khác"), ""),
        Disk::OpenToOthers { path, mode } => (
            format!("người khác dùng được {} (quyền {mode:04o})", path.display()),
            "`chmod o=`; khóa đã lộ thì phải đổi",
        ),
        Disk::NoCertificate => ("máy không có".into(), ""),
        Disk::Valid { until } => (format!("có hạn đến {until}"), ""),
        Disk::RenewedFrom { until, from } => (format!("có hạn đến {until}, gia hạn từ {from}"), ""),
        Disk::Ended { since } => (
            format!("đã hết hạn từ {since}: máy chủ không cho vào nữa"),
            "tạo mã mới (`till fleet claim`) rồi ghi danh lại, hoặc thay bằng cái mới",
        ),
        Disk::EndsSoon { until } => (format!("sắp hết hạn, {until}"), "thay bằng cái mới rồi khởi động lại tilld"),
        Disk::RenewalOverdue { since, until } => (
            format!("lẽ ra phải gia hạn từ {since} mà chưa; còn hạn đến {until}"),
            "xem có tới được máy chủ ghi danh không; `journalctl -u tilld` cho biết vì sao",
        ),
        Disk::BrokenCertificate { path, why } => {
            (format!("không dùng được {}: {why}", path.display()), "thay bằng cái đúng, hoặc ghi danh lại")
        }
    }
}

fn updates(said: Updates) -> Told {
    match said {
        Updates::Nobody => {
            ("máy không tin khóa nào (fleet.trusted_keys), nên không ai ra lệnh cập nhật được".into(), "")
        }
        Updates::NoInstaller => ("ở đây không có gì để cài bản mới; gói tilld có sẵn".into(), ""),
        Updates::NotWatched => {
            ("không ai đợi bản mới (tilld-update.path)".into(), "`systemctl enable --now tilld-update.path`")
        }
        Updates::NoWayBack => (
            "lần đầu sẽ bị từ chối: chưa có gói cũ để quay lại".into(),
            "`apt install dpkg-repack`, hoặc đặt gói vào chỗ của nó (docs/upgrade.md)",
        ),
        Updates::Unread => {
            ("từ đây không thấy được có đường quay lại không".into(), "chạy `till doctor` bằng quyền root")
        }
        Updates::Package => ("cài được gói mới, và quay lại được".into(), ""),
        Updates::Slots => ("bản mới vào ngăn bên kia (RAUC)".into(), ""),
    }
}

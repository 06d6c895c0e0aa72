//! What must fit together across keys and tables, and what is never shown. It must not test single values.

use std::path::{Path, PathBuf};
use std::time::Duration;

use till_settings::{HttpBase, Mode};
use till_wire::smart_glocal::{ApiNames, Flow, MinorUnits, Payer, VerifyingKey};
use till_wire::{Account, ChannelId, OrderRef};

use super::{FINAN, Folder, SECRET, SMALLEST, api_settings, check, check_file, edited, settings};
use crate::config::channel::Provider;
use crate::config::{
    ApiSettings, Backlight, Console, Dimming, Display, Driver, Keypad, Looks, Night, OfflineAccount, OfflineMode,
    PinHash, Rotation, Settings, Size, SmartGlocal, Sound, StaticQr, Theme, Touch, TouchScreens,
};

fn account() -> Account {
    Account { bin: "970422".to_owned(), number: "0933450210".to_owned(), name: None }
}

/// The sandbox's public example of Smart Glocal's key.
const GLOCAL_KEY: &[u8] = include_bytes!("../../../demo/keys/smart-glocal.pub.pem");
const ACCOUNT: &str = "account = { bin = \"970422\", number = \"0933450210\" }";

#[test]
fn an_address_that_others_reach_needs_a_token() {
    let open = ("[api]", "listen = \"0.0.0.0:8460\"");
    let fault = "f: api.token = (missing): expected a secret, because api.listen is not loopback";
    check(&[open], &[fault]);
    check(&[open, ("[api]", "token = { env = \"SECRET\" }")], &[]);
    check(&[("[api]", "listen = \"[::1]:0\"")], &[]);
}

#[test]
fn two_channels_cannot_have_one_id() {
    let fault = "f: channel[1].id = \"payos\": expected an id that no other [[channel]] has";
    let finan = edited(FINAN, &[("[[channel]]", "id = \"payos\"")]);
    check_file(&format!("{SMALLEST}{finan}"), &[fault]);
}

#[test]
fn a_code_of_finan_is_not_shown_longer_than_its_link_lives() {
    let both = format!("{SMALLEST}{FINAN}");
    let long = [("[sale]", "channel = \"finan\""), ("[sale]", "expire_s = 1741")];
    let fault = "f: sale.expire_s = 1741: expected at most 1740 seconds on a Finan channel";
    check_file(&edited(&both, &long), &[fault]);
    let longest = [("[sale]", "channel = \"finan\""), ("[sale]", "expire_s = 1740")];
    check_file(&edited(&both, &longest), &[]);
    check_file(&edited(&both, &[("[sale]", "expire_s = 3600")]), &[]);
}

#[test]
fn codes_made_here_stay_below_the_double_proof() {
    let fault =
        "f: offline.max_amount = 2000000: expected less than sale.double_proof_over = 2000000, but it is 2000000";
    let limit = ("[sale]", "double_proof_over = 2000000");
    check(&[limit, ("[offline]", "max_amount = 2000000")], &[fault]);
    check(&[limit, ("[offline]", "max_amount = 1999999")], &[]);
    let fault =
        "f: offline.max_amount = (missing): expected less than sale.double_proof_over = 2000000, but it is 2000000";
    check(&[limit], &[fault]);
}

#[test]
fn codes_made_here_need_an_account_and_who_reports_its_money() {
    let mode = ("[offline]", "mode = \"vietqr\"");
    let expected = [
        "f: offline.channel = (missing): expected the id of a [[channel]]: payos",
        "f: offline.account = (missing): expected { bin = \"six digits\", number = \"…\", name = \"…\" }",
    ];
    check(&[mode], &expected);
    let fault = "f: offline.channel = \"finan\": expected the id of a [[channel]]: payos";
    check(&[mode, ("[offline]", ACCOUNT), ("[offline]", "channel = \"finan\"")], &[fault]);

    let edits = [mode, ("[offline]", ACCOUNT), ("[offline]", "channel = \"payos\"")];
    let settings = settings(&edited(SMALLEST, &edits)).expect("it is right");
    let expected = OfflineAccount { channel: ChannelId::new("payos").expect("it is an id"), account: account() };
    assert_eq!(settings.offline.mode, OfflineMode::VietQr(expected));
}

#[test]
fn a_description_is_filled_in_whole_or_refused() {
    let order: OrderRef = "0001017-029727122".parse().expect("it is an order");
    let label = ("[terminal]", "label = \"Quầy số Đỏ\"");
    let filled = |template: &str, linked: &str| {
        let description = format!("description = {template:?}");
        let edits = [label, ("[[channel]]", &description), ("[[channel]]", linked)];
        settings(&edited(SMALLEST, &edits)).map(|settings| {
            let provider = settings.channels.first().map(|channel| channel.provider.clone());
            let Some(Provider::PayOs(payos)) = provider else {
                unreachable!("it is a payOS channel");
            };
            payos.description.fill(order)
        })
    };
    let linked = "linked_bank = true";
    let good = [
        ("{sequence}", "029727122"),
        ("TT {terminal} {sequence}", "TT 0001017 029727122"),
        ("{label} {sequence}", "Quay so Do 029727122"),
        ("Cà phê {sequence}", "Ca phe 029727122"),
        ("1234567890123456{sequence}", "1234567890123456029727122"),
        ("Đ", "D"),
    ];
    for (template, text) in good {
        assert_eq!(filled(template, linked).as_deref(), Ok(text), "{template}");
    }
    assert_eq!(filled("{sequence}", "linked_bank = false").as_deref(), Ok("029727122"));

    let places = "no places but {terminal}, {sequence} and {label}";
    let bad = [
        ("{order}", linked, places),
        ("{sequence", linked, places),
        ("sequence}", linked, places),
        ("{{sequence}}", linked, places),
        ("12345678901234567{sequence}", linked, "a text of 1 to 25 characters after filling in (it has 26)"),
        ("A{sequence}", "linked_bank = false", "a text of 1 to 9 characters after filling in (it has 10)"),
        ("…", linked, "a text of 1 to 25 characters after filling in (it has 0)"),
    ];
    for (template, linked, expected) in bad {
        let line = format!("f: channel[0].description = {template:?}: expected {expected}");
        assert_eq!(filled(template, linked), Err(vec![line]));
    }
}

#[test]
fn a_console_is_kept_off_displays_on_which_it_could_be_seen() {
    let tty = |device: &'static str| Some(Path::new(device));
    let device = || PathBuf::from("/dev/x");
    let size = Size { width: 480, height: 320 };
    let fbdev = Driver::Fbdev { device: device() };
    let drm = Driver::Drm { device: device(), connector: None, mode: None };
    for driver in [fbdev, drm] {
        for (text, want) in [("auto", tty("/dev/tty")), ("none", None), ("/dev/tty7", tty("/dev/tty7"))] {
            let line = format!("console = {text:?}");
            let settings = settings(&edited(SMALLEST, &[("[display]", &line)])).expect("it is right");
            assert_eq!(settings.display.console.device(&driver), want, "{text}");
        }
    }
    for driver in [Driver::Png { file: device(), size }, Driver::None] {
        assert_eq!(Console::Device("/dev/tty7".into()).device(&driver), None);
    }
}

#[test]
fn each_display_has_what_its_driver_needs() {
    let size = Size { width: 480, height: 320 };
    let mode = Size { width: 1280, height: 800 };
    let cases = [
        ("fbdev", Driver::Fbdev { device: "/dev/x".into() }),
        ("drm", Driver::Drm { device: "/dev/x".into(), connector: Some("HDMI-A-1".into()), mode: Some(mode) }),
        ("png", Driver::Png { file: "/dev/x".into(), size }),
        ("none", Driver::None),
    ];
    for (word, driver) in cases {
        let edits = [
            ("[display]", format!("driver = {word:?}")),
            ("[display]", "device = \"/dev/x\"".to_owned()),
            ("[display]", "size = \"480x320\"".to_owned()),
            ("[display]", "rotate = 270".to_owned()),
            ("[display]", "theme = \"dark\"".to_owned()),
            ("[display]", "connector = \"HDMI-A-1\"".to_owned()),
            ("[display]", "mode = \"1280x800\"".to_owned()),
            ("[display]", "console = \"/dev/tty7\"".to_owned()),
        ];
        let edits = edits.each_ref().map(|(table, line)| (*table, line.as_str()));
        let settings = settings(&edited(SMALLEST, &edits)).expect("it is right");
        let console = Console::Device("/dev/tty7".into());
        let looks = settings.display.looks.clone();
        let (rotation, theme) = (Rotation::Deg270, Theme::Dark);
        let expected = Display { driver, rotation, theme, console, static_qr: None, looks };
        assert_eq!(settings.display, expected);
    }
}

#[test]
fn what_a_display_looks_like_while_nobody_pays_is_as_it_is_written() {
    let lines = [
        "logo = \"/etc/tilld/logo.png\"",
        "shift = false",
        "backlight = \"rpi_backlight\"",
        "dim_after_s = 60",
        "dim_percent = 5",
        "night = \"22:30-06:05\"",
    ];
    let settings = settings(&edited(SMALLEST, &lines.map(|line| ("[display]", line)))).expect("it is right");
    let night = Some(Night { from: 22 * 60 + 30, until: 6 * 60 + 5 });
    let looks = Looks {
        logo: Some("/etc/tilld/logo.png".into()),
        shift: false,
        backlight: Backlight::Named("rpi_backlight".to_owned()),
        dimming: Dimming { after: Duration::from_secs(60), percent: 5, night },
    };
    assert_eq!(settings.display.looks, looks);
}

#[test]
fn the_static_code_is_a_finan_channels_or_an_accounts() {
    let both = format!("{SMALLEST}{FINAN}");
    let with = |line: &str| edited(&both, &[("[display]", line)]);
    let taken = |line: &str| settings(&with(line)).map(|settings| settings.display.static_qr);

    let channel = ChannelId::new("finan").map(StaticQr::Channel);
    assert_eq!(taken("static_qr = { channel = \"finan\" }"), Ok(channel));
    let line = format!("static_qr = {{ {ACCOUNT} }}");
    assert_eq!(taken(&line), Ok(Some(StaticQr::Account(account()))));

    let either = "expected either { channel = \"id\" } or { account = { bin = …, number = … } }";
    let fault = format!("f: display.static_qr = {{ … }}: {either}");
    check_file(&with(&format!("static_qr = {{ channel = \"finan\", {ACCOUNT} }}")), &[&fault]);
    check_file(&with("static_qr = {}"), &[&fault.replace("{ … }:", "{}:")]);
    let fault =
        "f: display.static_qr.channel = \"payos\": expected a Finan channel, which can be asked for its account's code";
    check_file(&with("static_qr = { channel = \"payos\" }"), &[fault]);
}

#[test]
fn keypads_and_sound_are_taken() {
    let edits = [
        (
            "[input]",
            "keypad = [ \"/dev/input/event3\" ]\nserial = \"/dev/ttyUSB0\"\nscanner = [ \"/dev/input/event4\" ]",
        ),
        ("[sound]", "driver = \"alsa\""),
    ];
    let taken = settings(&edited(SMALLEST, &edits)).expect("it is right");
    assert_eq!(taken.keypad, Keypad::Devices(vec!["/dev/input/event3".into()]));
    assert_eq!(taken.scanners, [PathBuf::from("/dev/input/event4")]);
    assert_eq!(taken.serial, Some("/dev/ttyUSB0".into()));
    let bare = Sound { device: "default".to_owned(), voice: "vi".to_owned(), clips: None, volume: 80 };
    assert_eq!(taken.sound, Some(bare));
    let lines = "driver = \"alsa\"\ndevice = \"plughw:CARD=Device,DEV=0\"\nvoice = \"en-us\"\nclips = \"/srv/clips\"\nvolume = 0";
    let taken = settings(&edited(SMALLEST, &[("[sound]", lines)])).expect("it is right");
    let full = Sound {
        device: "plughw:CARD=Device,DEV=0".to_owned(),
        voice: "en-us".to_owned(),
        clips: Some("/srv/clips".into()),
        volume: 0,
    };
    assert_eq!(taken.sound, Some(full));
    let none = settings(&edited(SMALLEST, &[("[input]", "keypad = []")])).expect("it is right");
    assert_eq!(none.keypad, Keypad::None);
}

#[test]
fn touch_screens_are_taken_with_their_matrix() {
    let plain = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
    let named = TouchScreens::Devices(vec!["/dev/input/event1".into()]);
    for (lines, screens, matrix) in [
        ("touch = \"auto\"", TouchScreens::Auto, plain),
        ("touch = \"none\"", TouchScreens::None, plain),
        ("touch = []", TouchScreens::None, plain),
        ("touch = [ \"/dev/input/event1\" ]", named, plain),
        ("touch_matrix = [ 0, -1, 1.0, 1, 0.5, -10 ]", TouchScreens::Auto, [0.0, -1.0, 1.0, 1.0, 0.5, -10.0]),
    ] {
        let taken = settings(&edited(SMALLEST, &[("[input]", lines)])).expect("it is right").touch;
        assert_eq!(taken, Touch { screens, matrix }, "{lines}");
    }
}

#[test]
fn a_pin_is_an_argon2id_hash_of_bounded_cost() {
    let tail = "c29tZXNhbHQxMjM0NTY3OA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI";
    let good = format!("$argon2id$v=19$m=19456,t=2,p=1${tail}");
    let hash = PinHash::new(&good).expect("it is one");
    assert_eq!((hash.expose(), format!("{hash:?}")), (good.as_str(), "PinHash(…)".to_owned()));
    let bad = [
        String::new(),
        format!("$argon2i$v=19$m=19456,t=2,p=1${tail}"),
        format!("$argon2id$v=16$m=19456,t=2,p=1${tail}"),
        format!("$argon2id$v=19$m=99999999,t=2,p=1${tail}"),
        format!("$argon2id$v=19$m=19456,t=0,p=1${tail}"),
        format!("$argon2id$v=19$m=19456,t=2${tail}"),
        format!("$argon2id$v=19$m=19456,t=2,p=1${tail}$"),
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA".to_owned(),
    ];
    for text in bad {
        assert_eq!(PinHash::new(&text), None, "{text}");
    }
}

#[test]
fn secrets_are_not_in_what_is_logged_of_the_settings() {
    let edits = [
        ("[api]", "token = { env = \"SECRET\" }"),
        ("[mqtt]", "username = \"till\""),
        ("[mqtt]", "password = { env = \"SECRET\" }"),
    ];
    let toml = edited(&format!("{SMALLEST}{FINAN}"), &edits);
    let settings = settings(&toml).expect("it is right");
    assert!(!format!("{settings:?}").contains(SECRET));
    assert!(!format!("{settings:?}").contains("[104, 117, 110, 116, 101, 114]"));
}

#[test]
fn the_cashiers_commands_read_the_api_alone() {
    let only_api = "[api]\nlisten = \"127.0.0.1:9\"\n[sale]\nexpire_s = \"no\"\n[odd]\n";
    let taken = api_settings(only_api).expect("it is right");
    assert_eq!((taken.listen.port(), taken.socket, taken.token.is_none()), (9, None, true));
    let taken = api_settings("").expect("everything has a default");
    assert_eq!(taken.listen.to_string(), "127.0.0.1:8460");

    let fault = "f: api.colour = 1: expected no such key: it is not known here".to_owned();
    assert_eq!(api_settings("[api]\ncolour = 1").map(drop), Err(vec![fault]));
    let file = Folder::new().0.join("none.toml");
    let faults = ApiSettings::read(&file, Mode::Run).map(drop).map_err(|faults| faults.0.len());
    assert_eq!(faults, Err(1));
    assert!(ApiSettings::read(Path::new("/"), Mode::Check).is_err());
}

#[test]
fn the_cashiers_commands_need_the_token_only_where_the_daemon_asks_for_it() {
    let open = "[api]\nlisten = \"192.0.2.1:8460\"\n";
    let unset = "token = { env = \"NONE\" }";
    let socket = "socket = \"/run/tilld/api.sock\"";
    let missing = "f: api.token = (missing): expected a secret, because api.listen is not loopback";
    let unreadable = "f: api.token = { env = \"NONE\" }: expected the environment variable NONE to be set";
    let cases = [
        (format!("[api]\n{unset}"), Ok(false)),
        (format!("{open}{socket}\n{unset}"), Ok(false)),
        (format!("{open}token = {{ env = \"SECRET\" }}"), Ok(true)),
        ("[api]\ntoken = { env = \"SECRET\" }".to_owned(), Ok(true)),
        (format!("{open}{unset}"), Err(vec![unreadable.to_owned()])),
        (open.to_owned(), Err(vec![missing.to_owned()])),
    ];
    for (toml, expected) in cases {
        assert_eq!(api_settings(&toml).map(|taken| taken.token.is_some()), expected, "{toml}");
    }
}

#[test]
fn names_that_are_drawn_have_composed_letters_however_they_were_typed() {
    let decomposed = "Qua\u{302}\u{300}y Ho\u{302}\u{300} Gu\u{31b}o\u{31b}m";
    let composed = "Quầy Hồ Gươm";
    assert_ne!(decomposed, composed);
    let label = format!("label = \"{decomposed}\"");
    let named = edited(SMALLEST, &[("[terminal]", label.as_str())]);
    assert_eq!(settings(&named).map(|settings| settings.terminal.label), Ok(composed.to_owned()));

    let account = format!("static_qr = {{ {} }}", ACCOUNT.replace(" }", &format!(", name = \"{decomposed}\" }}")));
    let coded = edited(SMALLEST, &[("[display]", account.as_str())]);
    let taken = settings(&coded).map(|settings| settings.display.static_qr);
    let Ok(Some(StaticQr::Account(taken))) = taken else { panic!("an account is read as {taken:?}") };
    assert_eq!(taken.name.as_deref(), Some(composed));
    // Forty letters are forty letters.
    let long = format!("label = \"{}\"", "a\u{302}\u{300}".repeat(40));
    check(&[("[terminal]", long.as_str())], &[]);
}

/// The smallest settings, but that the channel is one of Smart Glocal.
fn glocal(payer: Option<Payer>, edits: &[(&str, &str)]) -> Settings {
    let mut settings = settings(&edited(SMALLEST, edits)).expect("it is right");
    let glocal = SmartGlocal {
        base_url: HttpBase::new("https://demo.smart-glocal.com").expect("it is an address"),
        api: ApiNames::V1,
        project: "shop".to_owned(),
        private_key: None,
        webhook_key: VerifyingKey::from_pem(GLOCAL_KEY).expect("it is a public key"),
        webhook_key_next: None,
        minor_units: MinorUnits::Dong,
        flow: Flow::Create,
        submerchant: None,
        return_url: None,
        require_signed_answers: false,
        payer,
    };
    settings.channels[0].provider = Provider::SmartGlocal(glocal);
    settings
}

#[test]
fn keys_that_cannot_sell_are_worth_a_line() {
    let remark = |keys: &str| {
        format!(
            "{keys}: no sale can be made with keys, because sale.channel = \"payos\" needs each sale's customer (name, \
             document, email); sell from the cash register, or give the channel a payer where the provider agrees"
        )
    };
    let (no_keypad, page) = (("[input]", "keypad = \"none\""), ("[api]", "screen = true"));
    assert_eq!(glocal(None, &[]).remarks(), [remark("input.keypad")]);
    assert_eq!(glocal(None, &[no_keypad, page]).remarks(), [remark("api.screen")]);
    assert_eq!(glocal(None, &[no_keypad]).remarks(), [""; 0]);
    let payer = Payer { full_name: "Lan".into(), document: "079".into(), email: "lan@shop.example".into() };
    assert_eq!(glocal(Some(payer), &[page]).remarks(), [""; 0]);
    assert_eq!(settings(SMALLEST).expect("it is right").remarks(), [""; 0]);
}

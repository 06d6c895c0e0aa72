//! One wrong value at a time: the exact line of its fault. It must not test what fits together.

use super::{FINAN, SMALLEST, check, check_file, edited};

/// A table's header, then pairs of lines: a wrong value, and what is said of it after the table's name. Where that begins
/// with a colon, key and value are shown as they are written.
const WRONG: &str = r#"
[terminal]
number = 0
    : a whole number from 1 to 9007198
number = 9007199
    : a whole number from 1 to 9007198
number = "1017"
    : a whole number from 1 to 9007198
label = ""
    : a text of 1 to 40 characters on one line
locale = "fr"
    : vi | en
timezone = "Asia/Saigone"
    : a time zone such as "Asia/Ho_Chi_Minh" (others are in the package tzdata)
[store]
path = 7
    : a path
keep_days = 2
    : a whole number of days from 3 to 3650
[api]
listen = "8460"
    : an address such as "127.0.0.1:8460"
screen = "yes"
    : true or false
socket = ""
    : a path of 1 to 107 bytes
token = "hunter2-never-shown"
    token = (hidden): expected { credential = "name" }, { file = "path" } or { env = "NAME" }, because a secret never stands in the file itself
[display]
driver = "crt"
    : fbdev | drm | spi | png | none
driver = "png"
    device = (missing): expected the file that the png driver writes
size = "239x800"
    : WIDTHxHEIGHT, each 240 to 4096 pixels
size = "+800x480"
    : WIDTHxHEIGHT, each 240 to 4096 pixels
rotate = 45
    : 0 | 90 | 180 | 270
theme = "blue"
    : light | dark
connector = ""
    : a text of 1 to 32 characters on one line
mode = "1280x800@60"
    : WIDTHxHEIGHT, each 240 to 4096 pixels
console = "tty1"
    : auto, none or a device such as /dev/tty1
console = ""
    : auto, none or a device such as /dev/tty1
console = "/dev/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    console = "/dev/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…": expected auto, none or a device such as /dev/tty1
logo = ""
    : a path
shift = "slow"
    : true or false
backlight = "../panel"
    : auto | none | a name in /sys/class/backlight
backlight = ""
    : auto | none | a name in /sys/class/backlight
dim_after_s = 9
    : a whole number of seconds from 10 to 86400
dim_percent = 0
    : a whole number from 1 to 100
dim_percent = 101
    : a whole number from 1 to 100
night = "22:00"
    : two different times such as "22:00-06:00"
night = "24:00-06:00"
    : two different times such as "22:00-06:00"
night = "22:00-6:00"
    : two different times such as "22:00-06:00"
night = "22:60-06:00"
    : two different times such as "22:00-06:00"
night = "+2:00-06:00"
    : two different times such as "22:00-06:00"
night = "22:00-22:00"
    : two different times such as "22:00-06:00"
[input]
keypad = "usb"
    : auto | none | [ "/dev/input/event0", … ]
keypad = [ "/dev/input/event0", 5 ]
    keypad[1] = 5: expected a path
serial = ""
    : a path
scanner = "auto"
    : none | [ "/dev/input/by-id/…", … ]
scanner = [ 5 ]
    scanner[0] = 5: expected a path
touch = "yes"
    : auto | none | [ "/dev/input/event0", … ]
touch = [ 5 ]
    touch[0] = 5: expected a path
touch_matrix = "1 0 0 0 1 0"
    : a list of 6, each a number from -10 to 10
touch_matrix = [ 1, 0, 0, 0, 1 ]
    touch_matrix = [ … ]: expected a list of 6, each a number from -10 to 10
touch_matrix = [ 1, 0, 0, 0, 1, "0" ]
    touch_matrix[5] = "0": expected a number from -10 to 10
touch_matrix = [ 1, 0, 0, 0, 1, 10.5 ]
    touch_matrix[5] = 10.5: expected a number from -10 to 10
touch_matrix = [ 1, 0, 0, 0, 1, nan ]
    touch_matrix[5] = NaN: expected a number from -10 to 10
[sound]
driver = "oss"
    : none | alsa
device = "-h"
    : a device of aplay -L (1 to 128 visible ASCII characters, the first no -)
device = "hw:0 0"
    : a device of aplay -L (1 to 128 visible ASCII characters, the first no -)
voice = "../vi"
    : a voice such as "vi" (a-z, 0-9, - and _, the first no -)
voice = "-x"
    : a voice such as "vi" (a-z, 0-9, - and _, the first no -)
clips = 1
    : a path
volume = 101
    : a whole number from 0 to 100
[mqtt]
url = "mqtt://broker.example"
    : mqtts://host[:8883] without user and path, or mqtt://host[:1883] on loopback
[sale]
channel = "cash"
    : the id of a [[channel]]: payos
channel = "PAYOS"
    : the id of a [[channel]]: payos
expire_s = 14
    : a whole number of seconds from 15 to 3600
expire_s = 3601
    : a whole number of seconds from 15 to 3600
request_s = 4
    : a whole number of seconds from 5 to 300
request_s = 301
    : a whole number of seconds from 5 to 300
result_s = 0
    : a whole number of seconds from 1 to 60
result_s = 61
    : a whole number of seconds from 1 to 60
max_amount = 0
    : a whole number from 1 to 499999999
max_amount = 500000000
    : a whole number from 1 to 499999999
supervisor_pin = "1234"
    supervisor_pin = (hidden): expected an Argon2id hash "$argon2id$v=19$m=…,t=…,p=…$…$…", as till pin makes it
supervisor_pin = 1234
    supervisor_pin = (hidden): expected an Argon2id hash "$argon2id$v=19$m=…,t=…,p=…$…$…", as till pin makes it
[offline]
mode = "cash"
    : refuse | wait | vietqr
wait_s = 0
    : a whole number of seconds from 1 to 3600
max_amount = 0
    : a whole number from 1 to 499999999
max_total = 0
    : a whole number from 1 to 1000000000000
max_count = 1001
    : a whole number from 1 to 1000
max_age_h = 0
    : a whole number of hours from 1 to 720
[fleet]
trusted_keys = [ "/nowhere/fleet.pub" ]
    trusted_keys[0] = "/nowhere/fleet.pub": expected a file with an Ed25519 public key in PEM form (cannot read `/nowhere/fleet.pub`: No such file or directory (os error 2))
identity = ""
    : a path
groups = [ "a", "B" ]
    groups[1] = "B": expected a group's name (1 to 32 of a-z, 0-9, _ and -)
colour = "red"
    : no such key: it is not known here
[[channel]]
base_url = "http://api.example"
    : an https:// address without user, query and fragment (http:// only on loopback)
linked_bank = "no"
    : true or false
partner_code = "a b"
    : 1 to 128 visible ASCII characters without spaces
return_url = "shop.example"
    : an https:// or http:// address of at most 500 characters
cancel_url = "https:///x"
    : an https:// or http:// address of at most 500 characters
account = { bin = "97042", number = "1" }
    account.bin = "97042": expected a text of six digits
account = { bin = "970422", number = "1-1" }
    account.number = "1-1": expected a text of 1 to 19 letters and digits
ca = "/nowhere/ca.pem"
    : a PEM file of certificates (cannot read `/nowhere/ca.pem`: No such file or directory (os error 2))
checksum_key = { env = "NONE" }
    : the environment variable NONE to be set
checksum_kez = "hunter2-never-shown"
    checksum_kez = (hidden): expected no such key: it is not known here
"#;

#[test]
fn each_wrong_value_has_its_line() {
    let mut table = "";
    let mut lines = WRONG.lines().filter(|line| !line.is_empty());
    while let Some(line) = lines.next() {
        if line.starts_with('[') {
            table = line;
            continue;
        }
        let place = match table {
            "[[channel]]" => "channel[0]",
            table => table.trim_matches(['[', ']']),
        };
        let said = lines.next().expect("every value has its fault").trim();
        let said = match said.strip_prefix(": ") {
            Some(expected) => format!("{line}: expected {expected}"),
            None => said.to_owned(),
        };
        check(&[(table, line)], &[&format!("f: {place}.{said}")]);
    }
}

#[test]
fn the_channels_id_is_its_name_everywhere() {
    const EXPECTED: &str = "an id of 1 to 32 of a-z, 0-9, _ and -, but not \"broker\"";
    for id in ["Payos", "broker", ""] {
        let fault = format!("f: channel[0].id = {id:?}: expected {EXPECTED}");
        check(&[("[[channel]]", &format!("id = {id:?}"))], &[&fault]);
    }
}

#[test]
fn an_unknown_provider_is_one_fault() {
    let fault = "f: channel[0].provider = \"momo\": expected payos | finan | smart-glocal";
    check(&[("[[channel]]", "provider = \"momo\"")], &[fault]);
}

#[test]
fn an_empty_file_names_everything_that_is_required() {
    let expected = [
        "f: terminal.number = (missing): expected a whole number from 1 to 9007198",
        "f: store.path = (missing): expected a path",
        "f: channel = (missing): expected from 1 to 16 tables [[channel]]",
        "f: display.driver = (missing): expected fbdev | drm | spi | png | none",
        "f: mqtt.url = (missing): expected mqtts://host[:8883] without user and path, or mqtt://host[:1883] on loopback",
        "f: sale.channel = (missing): expected the id of a [[channel]]",
    ];
    check_file("", &expected);
}

#[test]
fn each_provider_names_what_it_requires() {
    const SECRET: &str = "{ credential = \"name\" }, { file = \"path\" } or { env = \"NAME\" }";
    const PAGE: &str = "an https:// or http:// address of at most 500 characters";
    let start = SMALLEST.split("[[channel]]").next().expect("it is the part before");
    let with = |provider: &str| format!("{start}[[channel]]\nid = \"payos\"\nprovider = \"{provider}\"\n");
    let missing = |keys: &[(&str, &str)]| -> Vec<String> {
        let line = |(key, expected): &(&str, &str)| format!("f: channel[0].{key} = (missing): expected {expected}");
        keys.iter().map(line).collect()
    };
    let payos = missing(&[
        ("client_id", SECRET),
        ("api_key", SECRET),
        ("checksum_key", SECRET),
        ("return_url", PAGE),
        ("cancel_url", PAGE),
    ]);
    let finan = missing(&[("client_id", SECRET), ("secret", SECRET)]);
    let glocal = missing(&[
        ("base_url", "an https:// address without user, query and fragment (http:// only on loopback)"),
        ("project", "1 to 128 visible ASCII characters without spaces"),
        ("private_key", SECRET),
        ("webhook_public_key", "a path"),
        (
            "minor_units",
            "0 (đồng) or 2 (đồng × 100): Smart Glocal's documentation does not say whether 100000 means 100 000 đồng \
             or 1 000, so ask your account manager",
        ),
    ]);
    for (provider, expected) in [("payos", payos), ("finan", finan), ("smart-glocal", glocal)] {
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        check_file(&with(provider), &expected);
    }
}

#[test]
fn each_wrong_value_of_finan_has_its_line() {
    let cases = [
        ("signature = \"md5\"", "signature = \"md5\": expected sha256_concat | hmac_sha256"),
        ("payment_method = \"cash\"", "payment_method = \"cash\": expected bank_transfer | card | ewallet_momo"),
        ("account_id = \"../x\"", "account_id = \"../x\": expected 1 to 128 of letters, digits, - and _"),
        ("customer_name = \"\"", "customer_name = \"\": expected a text of 1 to 100 characters on one line"),
        (
            "merchant = { phone = \"1\" }",
            "merchant.name = (missing): expected a text of 1 to 100 characters on one line",
        ),
        ("merchant = \"shop\"", "merchant = \"shop\": expected a table"),
        (
            "description = \"1234567890123456789012345678901\"",
            "description = \"1234567890123456789012345678901\": expected a text of 1 to 30 characters after filling in \
             (it has 31)",
        ),
        (
            "description = \"{order}\"",
            "description = \"{order}\": expected no places but {terminal}, {sequence} and {label}",
        ),
        ("checksum_key = 5", "checksum_key = 5: expected no such key: it is not known here"),
    ];
    for (line, fault) in cases {
        let finan = edited(FINAN, &[("[[channel]]", line)]);
        check_file(&format!("{SMALLEST}{finan}"), &[&format!("f: channel[1].{fault}")]);
    }
}

#[test]
fn all_faults_are_found_in_one_run() {
    let edits = [
        ("[terminal]", "number = 0"),
        ("[store]", "keep_days = 0"),
        ("[mqtt]", "url = \"http://localhost\""),
        ("[sale]", "expire_s = 1"),
        ("[[channel]]", "base_url = \"ftp://x\""),
        ("[[channel]]", "api_key = \"hunter2-never-shown\""),
    ];
    let expected = [
        "f: terminal.number = 0: expected a whole number from 1 to 9007198",
        "f: store.keep_days = 0: expected a whole number of days from 3 to 3650",
        "f: channel[0].base_url = \"ftp://x\": expected an https:// address without user, query and fragment (http:// only on loopback)",
        "f: channel[0].api_key = (hidden): expected { credential = \"name\" }, { file = \"path\" } or { env = \"NAME\" }, because a secret never stands in the file itself",
        "f: mqtt.url = \"http://localhost\": expected mqtts://host[:8883] without user and path, or mqtt://host[:1883] on loopback",
        "f: sale.expire_s = 1: expected a whole number of seconds from 15 to 3600",
        "f: odd = {}: expected no such key: it is not known here",
    ];
    let toml = edited(SMALLEST, &edits);
    check_file(&format!("{toml}[odd]\n"), &expected);
}

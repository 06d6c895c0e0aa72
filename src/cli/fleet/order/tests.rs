//! Commands as they are typed, and what is signed for them.

use clap::{Args, Command as Clap, FromArgMatches};
use till_wire::fleet::Command;

use super::super::super::words::Language;
use super::*;

const NOW: UnixTime = UnixTime::from_secs(1_795_143_845);

fn words() -> &'static Words {
    Language::English.words()
}

fn read(line: &str) -> Result<Order, Fault> {
    let clap = CommandArgs::augment_args(Clap::new("command").no_binary_name(true));
    let matches = clap.try_get_matches_from(line.split(' ')).expect("it can be typed");
    Order::read(&CommandArgs::from_arg_matches(&matches).expect("its arguments"), words())
}

/// What a terminal is sent.
fn sent(line: &str, number: u32, by_group: bool) -> (String, String, Value) {
    let order = read(line).unwrap_or_else(|fault| panic!("{line}: {fault:?}"));
    // A private key, which protects nothing: RFC 8032, section 7.1, test 1.
    let head = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    let signer = FleetSigner::from_pkcs8(&[head.as_slice(), &[7; 32]].concat()).expect("a key");
    let number = TerminalNumber::new(number).expect("a terminal's number");
    let id = order.name(NOW, words()).expect("a name");
    let document = order.sign(id, number, by_group, (&signer, NOW, words())).expect("a document");
    let command = Command::open(document.as_bytes(), &[signer.key()]).expect("it is signed");
    assert_eq!((command.jti, command.iat), (id, NOW.secs()));
    assert!(id.as_str().starts_with(&format!("{}-", order.cmd)), "{id}");
    (command.aud.to_string(), format!("{} {}", command.cmd, command.exp - command.iat), Value::Object(command.args))
}

#[test]
fn a_command_is_signed_for_its_terminal_or_its_group() {
    let want = |aud: &str, what: &str, args: Value| (aud.to_owned(), what.to_owned(), args);
    let json = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    assert_eq!(sent("1017 identify", 1017, false), want("0001017", "identify 3600", json("{}")));
    let minutes = sent("--valid 5m 0001017 set-log-level level=debug minutes=5", 1017, false);
    assert_eq!(minutes, want("0001017", "set-log-level 300", json(r#"{"level":"debug","minutes":5}"#)));
}

#[test]
fn a_text_that_looks_like_a_number_is_what_the_command_takes() {
    let (_, _, args) = sent("1017 show-message text=12", 1017, false);
    assert_eq!(args["text"], "12");
    let (_, _, args) = sent("1017 show-message text=a=b seconds=7", 1017, false);
    assert_eq!((&args["text"], &args["seconds"]), (&Value::from("a=b"), &Value::from(7)));
    let (_, _, args) = sent("1017 show-message text=12 seconds=7", 1017, false);
    assert_eq!((&args["text"], &args["seconds"]), (&Value::from("12"), &Value::from(7)));
}

#[test]
fn several_are_told_one_by_one_or_as_a_group() {
    assert_eq!(sent("--group north identify", 1018, true).0, "group:north");
    assert_eq!(sent("--group north identify", 1018, false).0, "0001018");
    assert_eq!(sent("--all identify", 1018, false).0, "0001018");
    // Each confirms its own number.
    assert_eq!(sent("--all --yes wipe", 1018, false).2["confirm"], 1018);
    assert_eq!(sent("1017 wipe confirm=1017", 1017, false).2["confirm"], 1017);
    assert_eq!(sent("--yes 1017 wipe", 1017, false).2["confirm"], 1017);
}

#[test]
fn what_no_terminal_would_do_is_refused_before_anybody_is_asked() {
    for line in [
        "1017",
        "identify",
        "9007199 identify",
        "1017 dance",
        "1017 identify now",
        "1017 identify =1",
        "1017 show-message text=a text=b",
        "1017 show-message",
        "1017 identify --args []",
        "1017 show-message seconds=5 --args {\"text\":\"a\"}",
        "1017 wipe",
        "--all wipe",
        "--all disable",
        "--group north disable",
    ] {
        assert!(matches!(read(line), Err(Fault::Usage(_))), "{line}");
    }
    assert!(read("1017 disable").is_ok() && read("--all enable").is_ok());
}

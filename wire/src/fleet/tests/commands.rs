//! Commands: what is believed, each way in which one is not, and what each can be told.

use serde_json::{Map, Value, json};

use super::*;
use crate::ids::CommandId;

fn command(cmd: &str, args: Value) -> Command {
    Command {
        jti: CommandId::new("c-1").expect("an id"),
        aud: "0001017".parse().expect("an audience"),
        iat: 1_795_000_000,
        nbf: None,
        exp: 1_795_003_600,
        cmd: cmd.to_owned(),
        args: args.as_object().cloned().expect("an object"),
    }
}

/// Ed25519 signs the same text in the same way always, so that another program can be held against this.
#[test]
fn a_command_is_signed_as_it_always_was() {
    let signer = rfc_signer();
    let document = command("identify", json!({})).sign(&signer).expect("a signed command");
    let claims = r#"{"jti":"c-1","aud":"0001017","iat":1795000000,"exp":1795003600,"cmd":"identify","args":{}}"#;
    let header = format!(r#"{{"alg":"EdDSA","kid":"{}","typ":"JWT"}}"#, signer.key().kid());
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(signer.sign(message.as_bytes()));
    assert_eq!(document, format!("{message}.{signature}"));
    assert_eq!(signature, KNOWN_SIGNATURE);
    assert_eq!(Command::open(document.as_bytes(), &[signer.key()]), Ok(command("identify", json!({}))));
    assert_eq!(Command::peek(document.as_bytes()), Ok(command("identify", json!({}))));
}

/// Made with OpenSSL out of the key of RFC 8037 and the text above.
const KNOWN_SIGNATURE: &str = "SgkafJMouvac2eH-d4JMpaNoNl6kNkNHIYj-x2FrF2gpZOyQWupZrQwMfYZBJjbUWwzyZo50s6l4qDJghoIaBw";

#[test]
fn p12_a_command_that_was_changed_anywhere_or_signed_by_another_is_not_believed() {
    let (ours, theirs) = (signer(), signer());
    let document = command("disable", json!({})).sign(&ours).expect("a signed command").into_bytes();
    for at in 0..document.len() {
        let mut changed = document.clone();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        assert!(Command::open(&changed, &[ours.key()]).is_err(), "byte {at}");
        assert!(Command::open(&document[..at], &[ours.key()]).is_err(), "cut at {at}");
    }
    let unknown = SignedError::UnknownKey { kid: ours.key().kid() };
    assert_eq!(Command::open(&document, &[theirs.key()]), Err(unknown.clone().into()));
    assert_eq!(Command::open(&document, &[]), Err(unknown.into()));
    let claims = serde_json::to_string(&command("disable", json!({}))).expect("JSON");
    let header = json!({"alg": "EdDSA", "kid": ours.key().kid()});
    let forged = by_hand(&theirs, &header, &claims);
    assert_eq!(Command::open(forged.as_bytes(), &[ours.key()]), Err(SignedError::Signature.into()));
    let unsigned = by_hand(&ours, &json!({"alg": "none", "kid": ours.key().kid()}), &claims);
    assert_eq!(Command::open(unsigned.as_bytes(), &[ours.key()]), Err(SignedError::Header.into()));
}

#[test]
fn p11_what_is_no_command_is_refused_with_a_reason() {
    let signer = signer();
    let header = json!({"alg": "EdDSA", "kid": signer.key().kid()});
    let whole = serde_json::to_value(command("identify", json!({}))).expect("JSON");
    let open =
        |claims: &Value| Command::open(by_hand(&signer, &header, &claims.to_string()).as_bytes(), &[signer.key()]);
    for field in ["jti", "aud", "iat", "exp", "cmd"] {
        let mut claims = whole.clone();
        claims.as_object_mut().expect("an object").remove(field);
        let said = open(&claims).expect_err("it is needed").to_string();
        assert!(said.contains(field), "{field}: {said}");
    }
    for (field, value) in [
        ("jti", json!("a/b")),
        ("jti", json!("x".repeat(65))),
        ("aud", json!("1017")),
        ("aud", json!("group:")),
        ("aud", json!("group:A")),
        ("aud", json!(["0001017"])),
        ("exp", json!("soon")),
        ("iat", json!(1.5)),
        ("cmd", json!("")),
        ("cmd", json!("x".repeat(65))),
        ("cmd", json!("a\nb")),
        ("args", json!([])),
    ] {
        let mut claims = whole.clone();
        claims[field] = value.clone();
        assert!(open(&claims).is_err(), "{field} {value}");
    }
    assert!(matches!(
        Command::open(&vec![b'a'; MAX_COMMAND + 1], &[signer.key()]),
        Err(CommandError::Signed(SignedError::TooLong { .. }))
    ));
    assert!(matches!(
        Command::open(&[0xff, 0xfe], &[signer.key()]),
        Err(CommandError::Signed(SignedError::Form { .. }))
    ));
    // What a later version adds is passed over, and arguments may be left out.
    let mut more = whole.clone();
    more["iss"] = json!("console");
    more.as_object_mut().expect("an object").remove("args");
    assert_eq!(open(&more), Ok(command("identify", json!({}))));
}

#[test]
fn a_life_begins_after_its_making_and_lasts_a_day_at_most() {
    let lives = |exp: i64| Command { exp, ..command("identify", json!({})) }.lives_within_bounds();
    let made = 1_795_000_000;
    assert!(lives(made + 1) && lives(made + MAX_LIFE_S));
    assert!(!lives(made) && !lives(made - 1) && !lives(made + MAX_LIFE_S + 1) && !lives(i64::MIN));
    let long = Command { exp: made + MAX_LIFE_S + 1, ..command("identify", json!({})) };
    assert!(long.sign(&signer()).expect_err("it lives too long").to_string().contains("exp"));
    assert!(command("dance", json!({})).sign(&signer()).is_err(), "no terminal does it");
    let begins = |nbf| Command { nbf, ..command("identify", json!({})) }.begins_at().secs();
    assert_eq!((begins(None), begins(Some(made - 5)), begins(Some(made + 5))), (made, made, made + 5));
}

#[test]
fn each_command_has_its_arguments_and_no_others() {
    let good = [
        ("identify", json!({})),
        ("show-message", json!({"text": "Nghỉ trưa đến 13:00"})),
        ("show-message", json!({"text": "ầ".repeat(MAX_TEXT), "seconds": 3600})),
        ("cancel-sale", json!({})),
        ("cancel-sale", json!({"sale": "0001017-029727122"})),
        ("report", json!({})),
        ("report", json!({"day": "2026-11-29"})),
        ("set-log-level", json!({"level": "debug"})),
        ("set-log-level", json!({"level": "error", "minutes": 10_080})),
        ("restart", json!({})),
        ("disable", json!({})),
        ("enable", json!({})),
        ("screenshot", json!({})),
        ("diagnose", json!({})),
        ("collect-logs", json!({})),
        ("collect-logs", json!({"minutes": 10_080})),
        ("wipe", json!({"confirm": 1017})),
        ("wipe", json!({"confirm": "0001017"})),
        ("update", update(json!({}))),
        ("update", update(json!({"kind": "rauc", "downgrade": true}))),
        ("update", update(json!({"url": "http://127.0.0.1:8080/a.deb", "size": 268_435_456}))),
    ];
    for (cmd, args) in &good {
        let read = command(cmd, args.clone()).instruction().unwrap_or_else(|error| panic!("{cmd} {args}: {error}"));
        assert_eq!(read.name(), *cmd);
        assert_eq!(Instruction::parse(read.name(), &read.arguments()), Ok(read), "{cmd} {args}");
        let mut more = args.clone();
        more["more"] = json!(1);
        let said = command(cmd, more).instruction().expect_err("it has no such argument").to_string();
        assert!(said.contains("more"), "{said}");
    }
    for (cmd, args, part) in [
        ("show-message", json!({}), "text"),
        ("show-message", json!({"text": ""}), "`text`"),
        ("show-message", json!({"text": "  "}), "`text`"),
        ("show-message", json!({"text": "a\nb"}), "`text`"),
        ("show-message", json!({"text": "a".repeat(MAX_TEXT + 1)}), "`text`"),
        ("show-message", json!({"text": "a", "seconds": 0}), "`seconds`"),
        ("show-message", json!({"text": "a", "seconds": 3601}), "`seconds`"),
        ("cancel-sale", json!({"sale": "7"}), "sale"),
        ("report", json!({"day": "today"}), "`day`"),
        ("set-log-level", json!({}), "level"),
        ("set-log-level", json!({"level": "loud"}), "loud"),
        ("set-log-level", json!({"level": "info", "minutes": 0}), "`minutes`"),
        ("collect-logs", json!({"minutes": 10_081}), "`minutes`"),
        ("wipe", json!({}), "confirm"),
        ("wipe", json!({"confirm": "1017"}), "`confirm`"),
        ("wipe", json!({"confirm": 0}), "wipe"),
        ("update", json!({}), "url"),
        ("update", update(json!({"url": "http://updates.example/a.deb"})), "`url`"),
        ("update", update(json!({"url": "https://u:p@updates.example/a.deb"})), "`url`"),
        ("update", update(json!({"url": "http://localhost@updates.example/a.deb"})), "`url`"),
        ("update", update(json!({"url": "https:///a.deb"})), "`url`"),
        ("update", update(json!({"url": "https://updates.example/a b.deb"})), "`url`"),
        ("update", update(json!({"url": format!("https://updates.example/{}", "a".repeat(512))})), "`url`"),
        ("update", update(json!({"size": 0})), "`size`"),
        ("update", update(json!({"size": 268_435_457_u64})), "`size`"),
        ("update", update(json!({"sha256": "07"})), "`sha256`"),
        ("update", update(json!({"sha256": "zz".repeat(32)})), "`sha256`"),
        ("update", update(json!({"version": "v2"})), "`version`"),
        ("update", update(json!({"version": "0.2.0; reboot"})), "`version`"),
        ("update", update(json!({"kind": "rpm"})), "rpm"),
        ("dance", json!({}), "unknown command `dance`"),
        ("Identify", json!({}), "unknown command"),
    ] {
        let said = command(cmd, args.clone()).instruction().expect_err("refused").to_string();
        assert!(said.contains(part), "{cmd} {args}: {said}");
    }
}

/// The arguments of an update, of which some are others.
fn update(others: Value) -> Value {
    let mut args = json!({
        "url": "https://updates.example/tilld_0.2.0_arm64.deb",
        "size": 6_000_000,
        "sha256": "0A".repeat(32),
        "version": "0.2.0",
    });
    for (name, value) in others.as_object().expect("an object") {
        args[name] = value.clone();
    }
    args
}

#[test]
fn an_update_says_all_that_makes_it_sure() {
    let read = |args: Value| {
        let read = command("update", args).instruction();
        let Ok(Instruction::Update(update)) = read else { unreachable!("{read:?}") };
        *update
    };
    let plain = read(update(json!({})));
    assert_eq!((plain.kind, plain.downgrade, plain.size), (UpdateKind::Deb, false, 6_000_000));
    assert_eq!(plain.sha256.as_str(), "0a".repeat(32), "digits are written in one way");
    for (url, kind) in [
        ("https://updates.example/counter.raucb", UpdateKind::Rauc),
        ("https://updates.example/counter.raucb?token=1", UpdateKind::Rauc),
        ("https://updates.example/raucb", UpdateKind::Deb),
    ] {
        assert_eq!(read(update(json!({"url": url}))).kind, kind, "{url}");
    }
    assert_eq!(read(update(json!({"url": "https://updates.example/a", "kind": "rauc"}))).kind, UpdateKind::Rauc);
}

#[test]
fn a_package_holds_the_program_of_its_upstream_version() {
    let holds = |package: &str, program: &str| package.parse::<PackageVersion>().expect("a version").holds(program);
    for package in ["0.2.0", "0.2.0-1", "0.2.0+test1", "0.2.0~rc1", "1:0.2.0-1"] {
        assert!(holds(package, "0.2.0"), "{package}");
    }
    for (package, program) in
        [("0.2.01", "0.2.0"), ("0.2.0", "0.2"), ("0.2.0", "0.2.0.1"), ("0.3.0", "0.2.0"), ("1", "")]
    {
        assert!(!holds(package, program), "{package} {program}");
    }
}

#[test]
fn p12_a_key_for_harmless_commands_is_believed_with_no_other() {
    let key = signer();
    let open = |command: &Command| {
        let document = command.sign(&key).expect("a signed command");
        Command::open_harmless(document.as_bytes(), &[key.key()])
    };
    let soon = |cmd: &str, args: Value| Command { exp: 1_795_000_900, ..command(cmd, args) };
    for cmd in ["identify", "report", "screenshot", "diagnose", "collect-logs"] {
        assert_eq!(open(&soon(cmd, json!({}))), Ok(soon(cmd, json!({}))));
    }
    for (cmd, args) in [
        ("show-message", json!({"text": "Chuyển khoản cho …"})),
        ("cancel-sale", json!({})),
        ("set-log-level", json!({"level": "debug"})),
        ("restart", json!({})),
        ("disable", json!({})),
        ("enable", json!({})),
        ("wipe", json!({"confirm": 1017})),
    ] {
        assert_eq!(open(&soon(cmd, args)), Err(CommandError::Harmful), "{cmd}");
    }
    let long = Command { exp: 1_795_000_901, ..command("identify", json!({})) };
    assert!(matches!(open(&long), Err(CommandError::Field { field: "exp", .. })));
    let stranger = soon("identify", json!({})).sign(&signer()).expect("a signed command");
    assert!(Command::open_harmless(stranger.as_bytes(), &[key.key()]).is_err());
}

#[test]
fn the_list_of_commands_names_each() {
    for name in Instruction::NAMES {
        match Instruction::parse(name, &Map::new()) {
            Ok(instruction) => assert_eq!(instruction.name(), name),
            Err(InstructionError::Arguments { name: of, .. }) => assert_eq!(of, name),
            Err(InstructionError::Unknown { name }) => panic!("{name} is in the list and nowhere else"),
        }
    }
    // One that has no arguments, one that needs some, and the last that came.
    for known in ["enable", "wipe", "update"] {
        assert!(Instruction::NAMES.contains(&known), "{known}");
    }
}

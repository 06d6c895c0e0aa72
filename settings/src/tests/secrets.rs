//! Secrets: where they come from, what is refused, and that nothing shows them. It must not change the process's
//! environment.

use std::ffi::OsStr;

use super::{Folder, check_faults, read, read_with};
use crate::{Content, Environment, Mode, Secret, Table};

const WAYS: &str = "{ credential = \"name\" }, { file = \"path\" } or { env = \"NAME\" }";

fn secret(table: &Table) -> Option<Vec<u8>> {
    let secret = table.secret("key", Content::Token)?;
    Some(secret.expose().to_owned())
}

#[test]
fn a_secret_comes_from_a_file_a_variable_or_a_credential_without_its_last_line_breaks() {
    let folder = Folder::new();
    let path = folder.file("secret", 0o640, "from-file\r\n\n");
    let folder_variable = folder.variable();
    folder.file("name", 0o400, "from-credential\n");
    let cases = [
        (format!("key = {{ file = {path:?} }}"), "from-file"),
        ("key = { env = \"NAME\" }".to_owned(), "from-variable"),
        ("[key]\ncredential = \"name\"".to_owned(), "from-credential"),
    ];
    for (toml, expected) in cases {
        let environment =
            Environment::new([("NAME", OsStr::new("from-variable\n")), ("CREDENTIALS_DIRECTORY", &folder_variable)]);
        let taken = read_with(&toml, Mode::Run, environment, secret);
        assert_eq!(taken, Ok((expected.into(), Vec::new())));
    }
}

#[test]
fn a_secret_in_the_file_itself_is_refused_and_hidden() {
    let reason = "because a secret never stands in the file itself";
    let expected = format!("f: key = (hidden): expected {WAYS}, {reason}");
    let cases = [
        "key = \"hunter2\"",
        "key = 5",
        "key = [\"hunter2\"]",
        "key = {}",
        "key = { value = \"hunter2\" }",
        "key = { file = 5 }",
        "key = { file = \"\" }",
        "key = { file = \"a\", env = \"B\" }",
        "key = { credential = \"../hunter2\" }",
        "key = { credential = \"..\" }",
        "key = { env = \"A=hunter2\" }",
    ];
    for toml in cases {
        check_faults(toml, secret, &[&expected]);
    }
    check_faults("", secret, &[&format!("f: key = (missing): expected {WAYS}")]);
}

#[test]
fn a_misspelt_key_beside_a_secret_does_not_show_what_it_holds() {
    let both = |table: &Table| {
        table.optional_secret("key", Content::Any);
        Some(())
    };
    let line = "f: kez = (hidden): expected no such key: it is not known here";
    check_faults("kez = \"hunter2\"", both, &[line]);
}

#[test]
fn a_secrets_file_that_is_no_good_is_refused() {
    let folder = Folder::new();
    let public = folder.file("public", 0o604, "hunter2");
    let empty = folder.file("empty", 0o600, "\n");
    let large = folder.file("large", 0o600, vec![b'a'; 65_537]);
    let spaced = folder.file("spaced", 0o600, "hunter 2");
    let missing = folder.0.join("missing").display().to_string();
    let bounded = "a file of at most 65536 bytes that can be read";
    let cases = [
        (&public, "a file that others cannot read (its mode is 0604: chmod o= it)".to_owned()),
        (&empty, "a secret that is not empty".to_owned()),
        (&large, format!("{bounded} ({large}: larger than 65536 bytes)")),
        (&spaced, "a secret of visible ASCII characters, without spaces and line breaks".to_owned()),
        (&missing, format!("{bounded} ({missing}: No such file or directory (os error 2))")),
    ];
    for (path, expected) in cases {
        let line = format!("f: key = {{ file = {path:?} }}: expected {expected}");
        check_faults(&format!("key = {{ file = {path:?} }}"), secret, &[&line]);
    }
}

#[test]
fn a_variable_that_is_not_set_is_refused() {
    let line = "f: key = { env = \"NAME\" }: expected the environment variable NAME to be set";
    check_faults("key = { env = \"NAME\" }", secret, &[line]);
}

#[test]
fn a_credential_is_only_noted_while_its_folder_is_not_known_and_only_in_a_check() {
    let toml = "key = { credential = \"name\" }";
    let line = "f: key = { credential = \"name\" }: expected $CREDENTIALS_DIRECTORY to be set, as systemd does";
    assert_eq!(read(toml, secret), Err(vec![line.to_owned()]));

    let note = "f: key = { credential = \"name\" }: not checked, because $CREDENTIALS_DIRECTORY is not set";
    let taken = read_with(toml, Mode::Check, Environment::default(), |table| {
        table.secret("key", Content::Token).map(|secret| secret.is_absent())
    });
    assert_eq!(taken, Ok((true, vec![note.to_owned()])));

    let folder = Folder::new();
    let variable = folder.variable();
    let environment = Environment::new([("CREDENTIALS_DIRECTORY", &*variable)]);
    let missing = folder.0.join("name");
    let line = format!(
        "f: key = {{ credential = \"name\" }}: expected a file of at most 65536 bytes that can be read ({}: No such file or directory (os error 2))",
        missing.display()
    );
    assert_eq!(read_with(toml, Mode::Check, environment, secret), Err(vec![line]));
}

#[test]
fn a_reader_that_can_do_without_a_secret_stumbles_only_over_a_bad_one() {
    let lenient = |table: &Table| Some(table.secret_if_readable("key", Content::Token).is_some());
    for toml in ["", "key = { credential = \"x\" }", "key = { file = \"/nowhere/x\" }"] {
        assert_eq!(read(toml, lenient), Ok((false, Vec::new())), "{toml}");
    }
    let reason = "because a secret never stands in the file itself";
    let line = format!("f: key = (hidden): expected {WAYS}, {reason}");
    check_faults("key = \"hunter2\"", lenient, &[&line]);
}

#[test]
fn contents_are_checked() {
    let cases: [(&str, [bool; 3]); 4] = [
        ("abc", [true, true, true]),
        ("mật khẩu", [true, true, false]),
        ("two\nlines", [true, false, false]),
        ("a b", [true, true, false]),
    ];
    for (value, expected) in cases {
        let taken = [Content::Any, Content::Line, Content::Token].map(|content| {
            let environment = Environment::new([("V", OsStr::new(value))]);
            let read = |table: &Table| table.secret("key", content).map(drop);
            read_with("key = { env = \"V\" }", Mode::Run, environment, read).is_ok()
        });
        assert_eq!(taken, expected, "{value}");
    }
}

#[test]
fn a_secret_is_compared_and_never_shown() {
    let secret = Secret::new("hunter2\n");
    assert_eq!(format!("{secret:?}"), "Secret(…)");
    assert!(secret.matches(b"hunter2"));
    assert!(!secret.matches(b"hunter3"));
    assert!(!secret.matches(b"iunter2"));
    assert!(!secret.matches(b"hunter"));
    assert!(!Secret::new("").matches(b""));
}

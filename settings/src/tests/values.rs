//! Values, tables and files: what is taken, and the line of every fault. It must not open more than its own files.

use std::path::Path;
use std::time::Duration;

use super::{Folder, check_faults, read};
use crate::{
    Document, Faults, HttpBase, Mode, Table, days, hours, http_base, one_of, parsed, path, seconds, socket_address,
    switch, text, whole,
};

#[test]
fn every_kind_takes_what_it_promises() {
    let toml = r#"
        whole = 17
        time = 90
        day = 2
        hour = 3
        switch = true
        text = "Quầy 1"
        word = "dark"
        parsed = "42"
        path = "/var/lib/x"
        address = "127.0.0.1:0"
        base = "https://api.example/open/"
        list = ["a", "b"]
    "#;
    let taken = read(toml, |table| {
        Some((
            table.required("whole", whole(1..=17))?,
            table.or("time", Duration::ZERO, seconds(1..=90)),
            table.or("day", Duration::ZERO, days(1..=2)) + table.required("hour", hours(0..=3))?,
            table.or("switch", false, switch()),
            table.or("text", "", text(1..=6)),
            table.required("word", one_of([("light", 1), ("dark", 2)]))?,
            table.required("parsed", parsed("a number", |text| text.parse::<u8>().ok()))?,
            table.required("path", path())?,
            table.required("address", socket_address())?.port(),
            table.required("base", http_base())?.join("/v1"),
            table.list("list", 2, text(1..=1)),
        ))
    });
    let expected = (
        17,
        Duration::from_secs(90),
        Duration::from_secs(2 * 86_400 + 3 * 3600),
        true,
        "Quầy 1".to_owned(),
        2,
        42,
        "/var/lib/x".into(),
        0,
        "https://api.example/open/v1".to_owned(),
        vec!["a".to_owned(), "b".to_owned()],
    );
    assert_eq!(taken, Ok((expected, Vec::new())));
}

#[test]
fn what_is_left_out_is_its_default() {
    let taken = read("", |table| {
        let optional = table.optional("a", whole(1..=2));
        Some((optional, table.or("b", 7_u64, whole(1..=9)), table.list("c", 3, path())))
    });
    assert_eq!(taken, Ok(((None, 7, Vec::new()), Vec::new())));
}

fn every_kind(table: &Table) -> Option<()> {
    table.optional("whole", whole(1..=17));
    table.optional("time", seconds(15..=3600));
    table.optional("switch", switch());
    table.optional("text", text(1..=4));
    table.optional("word", one_of([("light", 1), ("dark", 2)]));
    table.optional("address", socket_address());
    table.optional("base", http_base());
    table.optional("path", path());
    table.list("list", 2, text(1..=3));
    table.optional_table("inner").map(|inner| inner.required("x", switch()));
    Some(())
}

#[test]
fn each_wrong_value_is_named_with_its_key_and_what_was_expected() {
    let cases = [
        ("whole = 18", "f: whole = 18: expected a whole number from 1 to 17"),
        ("whole = 0", "f: whole = 0: expected a whole number from 1 to 17"),
        ("whole = -1", "f: whole = -1: expected a whole number from 1 to 17"),
        ("whole = 1.0", "f: whole = 1.0: expected a whole number from 1 to 17"),
        ("whole = \"1\"", "f: whole = \"1\": expected a whole number from 1 to 17"),
        ("whole = [1]", "f: whole = [ … ]: expected a whole number from 1 to 17"),
        ("whole = {}", "f: whole = {}: expected a whole number from 1 to 17"),
        ("whole = 1979-05-27", "f: whole = 1979-05-27: expected a whole number from 1 to 17"),
        ("time = 14", "f: time = 14: expected a whole number of seconds from 15 to 3600"),
        ("switch = 1", "f: switch = 1: expected true or false"),
        ("text = \"\"", "f: text = \"\": expected a text of 1 to 4 characters on one line"),
        ("text = \"12345\"", "f: text = \"12345\": expected a text of 1 to 4 characters on one line"),
        ("text = \"a\\nb\"", "f: text = \"a\\nb\": expected a text of 1 to 4 characters on one line"),
        ("word = \"blue\"", "f: word = \"blue\": expected light | dark"),
        ("address = \"localhost\"", "f: address = \"localhost\": expected an address such as \"127.0.0.1:8460\""),
        (
            "base = \"http://api.example\"",
            "f: base = \"http://api.example\": expected an https:// address without user, query and fragment (http:// only on loopback)",
        ),
        (
            "base = \"https://user:hunter2@api.example\"",
            "f: base = (hidden): expected an https:// address without user, query and fragment (http:// only on loopback)",
        ),
        ("path = \"\"", "f: path = \"\": expected a path"),
        ("list = \"abc\"", "f: list = \"abc\": expected a list of at most 2"),
        ("list = [\"a\", \"b\", \"c\"]", "f: list = [ … ]: expected a list of at most 2"),
        ("list = [\"a\", \"\"]", "f: list[1] = \"\": expected a text of 1 to 3 characters on one line"),
        ("inner = 5", "f: inner = 5: expected a table"),
        ("[inner]", "f: inner.x = (missing): expected true or false"),
        ("[inner]\nx = 5", "f: inner.x = 5: expected true or false"),
    ];
    for (toml, line) in cases {
        check_faults(toml, every_kind, &[line]);
    }
}

#[test]
fn unknown_keys_are_named_without_showing_what_may_be_a_secret() {
    let cases = [
        ("colour = \"red\"", "f: colour = \"red\": expected no such key: it is not known here"),
        ("[colour]\nx = 1", "f: colour = { … }: expected no such key: it is not known here"),
        ("\"a\\nb\" = 1", "f: a\\nb = 1: expected no such key: it is not known here"),
        ("Checksum_Key = \"s3cret\"", "f: Checksum_Key = (hidden): expected no such key: it is not known here"),
        ("[inner]\nx = true\ny = 2", "f: inner.y = 2: expected no such key: it is not known here"),
    ];
    for (toml, line) in cases {
        check_faults(toml, every_kind, &[line]);
    }
}

#[test]
fn all_faults_are_found_in_one_run() {
    let toml = "whole = 99\nword = \"blue\"\n[[row]]\nn = 1\n[[row]]\nn = true\nextra = 1\n[odd]\n";
    let rows = |table: &Table| {
        every_kind(table);
        for row in table.tables("row", 4) {
            row.required("n", whole(1..=9));
        }
        table.table("absent").required("key", switch())
    };
    let expected = [
        "f: whole = 99: expected a whole number from 1 to 17",
        "f: word = \"blue\": expected light | dark",
        "f: row[1].n = true: expected a whole number from 1 to 9",
        "f: row[1].extra = 1: expected no such key: it is not known here",
        "f: absent.key = (missing): expected true or false",
        "f: odd = {}: expected no such key: it is not known here",
    ];
    check_faults(toml, rows, &expected);
}

#[test]
fn a_list_of_tables_has_bounds() {
    let rows = |table: &Table| Some(table.tables("row", 1).len());
    let expected = "expected from 1 to 1 tables [[row]]";
    check_faults("", rows, &[&format!("f: row = (missing): {expected}")]);
    check_faults("row = 1", rows, &[&format!("f: row = 1: {expected}")]);
    check_faults("[[row]]\n[[row]]", rows, &[&format!("f: row = [ … ]: {expected}")]);
    check_faults("row = [1]", rows, &["f: row[0] = 1: expected a table [[row]]"]);
}

#[test]
fn every_syntax_error_is_named_by_its_line_alone() {
    let toml = "a = 1\nsecret = \"hunter2\nb = 2\nb 3\n";
    let lines = read(toml, |_| Some(())).expect_err("it is not TOML");
    let places: Vec<&str> = lines.iter().filter_map(|line| line.split(": expected valid TOML, but: ").next()).collect();
    assert_eq!(places, ["f: line 2", "f: line 4"]);
    assert!(!lines.concat().contains("hunter2"));
    let line = "f: line 2: expected valid TOML, but: duplicate key";
    check_faults("a = 1\na = 2\n", |_| Some(()), &[line]);
}

#[test]
fn a_file_that_cannot_be_read_is_a_fault() {
    let folder = Folder::new();
    let line = |path: &Path| match Document::read(path, Mode::Run) {
        Ok(_) => String::new(),
        Err(Faults(faults)) => faults.iter().map(ToString::to_string).collect(),
    };
    let missing = folder.0.join("none.toml");
    let at = missing.display();
    let reason = "No such file or directory (os error 2)";
    let expected = format!("{at}: cannot be read ({reason}): expected a TOML file that can be read");
    assert_eq!(line(&missing), expected);

    let at = folder.0.display();
    let reason = "not a regular file";
    let expected = format!("{at}: cannot be read ({reason}): expected a TOML file that can be read");
    assert_eq!(line(&folder.0), expected);

    let at = folder.file("large.toml", 0o600, vec![b'#'; 262_145]);
    let reason = "larger than 262144 bytes";
    let expected = format!("{at}: cannot be read ({reason}): expected a TOML file that can be read");
    assert_eq!(line(Path::new(&at)), expected);

    let at = folder.file("latin.toml", 0o600, b"a = \"\xe9\"");
    assert_eq!(line(Path::new(&at)), format!("{at}: is not UTF-8: expected a TOML file in UTF-8"));

    let at = folder.file("good.toml", 0o600, "\u{feff}# nothing\n");
    assert_eq!(line(Path::new(&at)), "");
}

#[test]
fn a_base_url_is_https_or_on_loopback() {
    let good = [
        "https://api-merchant.payos.vn",
        "https://api.finan.one/open",
        "https://192.0.2.1:8443/",
        "https://[2001:db8::1]/x",
        "http://localhost:8080",
        "http://127.8.8.8",
        "http://[::1]:1",
    ];
    for url in good {
        let trimmed = url.trim_end_matches('/');
        assert_eq!(HttpBase::new(url).map(|base| base.to_string()).as_deref(), Some(trimmed));
    }
    let bad = [
        "",
        "api.payos.vn",
        "http://api.payos.vn",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://192.0.2.1",
        "ftp://localhost",
        "HTTPS://api.payos.vn",
        "https://",
        "https:///x",
        "https://u@api.payos.vn",
        "https://api.payos.vn?x",
        "https://api.payos.vn#x",
        "https://api.payos.vn:0",
        "https://api.payos.vn:+1",
        "https://api.payos.vn:70000",
        "https://api.payos.vn:",
        "https://[::1",
        "https://[::1]x",
        "https://api payos.vn",
        "https://api.payos.vn/đ",
    ];
    for url in bad {
        assert_eq!(HttpBase::new(url), None, "{url}");
    }
}

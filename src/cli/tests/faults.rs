//! What goes wrong before or beside the terminal: command line, configuration, connection.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{Counter, listen, nobody};
use crate::api::fake::{TOKEN, Terminal, rules, rules_with_token, sale};

#[tokio::test]
async fn help_and_version_are_answers() {
    let counter = Counter::new("help", "");
    for words in [&["--help"][..], &["sale", "--help"]] {
        let came = counter.till(words).await;
        assert_eq!((came.code, came.err.as_str()), (0, ""));
        assert!(came.out.contains("Usage: till"), "{}", came.out);
    }
    let version = format!("till {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(counter.till(&["--version"]).await.out, version);
}

#[tokio::test]
async fn a_command_that_is_none_is_a_usage_fault() {
    let terminal = Terminal::start(rules(), None).await;
    let counter = Counter::at("usage", &terminal);
    for words in [&[][..], &["sell", "5"], &["sale"], &["sale", "5", "6"], &["show", "x"], &["status", "--loud"]] {
        let came = counter.till(words).await;
        assert_eq!((came.code, came.out.as_str()), (2, ""), "{words:?}");
        assert_ne!(came.err, "", "{words:?}");
    }
    let bad = counter.till(&["sale", "5", "--key", "a b"]).await;
    assert_eq!(bad.code, 2, "{}", bad.err);
    let channel = counter.till(&["sale", "5", "--channel", "finan"]).await;
    assert_eq!(channel.code, 2, "{}", channel.err);
}

#[tokio::test]
async fn a_broken_configuration_ends_with_64_with_and_without_check() {
    let counter = Counter::new("broken", "[api]\nlisten = 8460\nlisen = \"x\"\n");
    for words in [&["status"][..], &["--check"], &["status", "--check"], &["--check", "status"]] {
        let came = counter.till(words).await;
        assert_eq!((came.code, came.out.as_str()), (64, ""), "{words:?}");
        assert_eq!(came.err.lines().count(), 2, "{}", came.err);
        assert!(came.err.contains("api.listen = 8460: expected"), "{}", came.err);
    }
    for words in [&["--config", "/nowhere/tilld.toml", "status"][..], &["status", "--config", "/nowhere/tilld.toml"]] {
        let came = counter.till(words).await;
        assert_eq!(came.code, 64, "{words:?}");
        assert!(came.err.contains("/nowhere/tilld.toml"), "{}", came.err);
    }
}

#[tokio::test]
async fn a_check_opens_no_connection() {
    let address = nobody().await;
    let counter = Counter::new("check", &listen(address));
    let came = counter.till(&["--check"]).await;
    assert_eq!((came.code, came.err.as_str()), (0, ""));
    assert!(came.out.ends_with(": [api] is well\n"), "{}", came.out);
}

#[tokio::test]
async fn nobody_there_ends_with_4_and_says_what_to_do() {
    let address = nobody().await;
    let counter = Counter::new("nobody", &listen(address));
    for words in [&["sale", "50000", "--wait"][..], &["sale", "50000"], &["status"], &["watch"], &["show", "5"]] {
        let came = counter.till(words).await;
        assert_eq!((came.code, came.out.as_str()), (4, ""), "{words:?}: {}", came.err);
        assert!(came.err.contains(&address.to_string()) && came.err.contains("is it running?"), "{}", came.err);
    }
}

#[tokio::test]
async fn the_token_is_sent_over_tcp() {
    let terminal = Terminal::start(rules_with_token(), None).await;
    let counter = Counter::new("token", "");
    let token = counter.folder.join("token");
    fs::write(&token, format!("{TOKEN}\n")).expect("the folder takes a file");
    fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).expect("the file is ours");
    let config = format!("{}token = {{ file = \"{}\" }}\n", listen(terminal.address), token.display());
    fs::write(counter.config(), config).expect("the folder takes a file");
    let came = counter.till(&["status"]).await;
    assert_eq!((came.code, came.err.as_str()), (0, ""));
    fs::write(counter.config(), listen(terminal.address)).expect("the folder takes a file");
    let without = counter.till(&["status"]).await;
    assert_eq!(without.code, 1);
    assert!(without.err.contains("(unauthorised)"), "{}", without.err);
}

#[tokio::test]
async fn the_socket_goes_before_the_address_which_helps_when_it_is_dead() {
    let counter = Counter::new("socket", "");
    let socket = counter.folder.join("api.sock");
    let terminal = Terminal::start(rules_with_token(), Some(&socket)).await;
    terminal.keep(sale(1));
    let config = format!("{}socket = \"{}\"\n", listen(terminal.address), socket.display());
    fs::write(counter.config(), config).expect("the folder takes a file");
    let came = counter.till(&["show", "1"]).await;
    assert_eq!((came.code, came.err.as_str()), (0, ""));
    let open = Terminal::start(rules(), None).await;
    let dead = counter.folder.join("dead.sock");
    let config = format!("{}socket = \"{}\"\n", listen(open.address), dead.display());
    fs::write(counter.config(), config).expect("the folder takes a file");
    assert_eq!(counter.till(&["status"]).await.code, 0);
}

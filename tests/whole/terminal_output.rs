//! What `till` prints for people, by the real program: in a terminal, in a pipe, in both languages, with the code. It must
//! not know how it is made.

use std::process::{Command, Output};
use std::thread;

use rqrr::PreparedImage;
use serde_json::Value;
use tests::process::{program, run, system_program};
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::{SOON, wait_for};

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("till writes text")
}

/// Runs `till` in a terminal of 80 columns, and returns what that shows, its commands included.
fn in_terminal(shop: &Shop, variables: &[(&str, &str)], words: &str) -> String {
    let line =
        format!("stty cols 80; '{}' --config '{}' {words}", program("till").display(), shop.till.config.display());
    let mut command = Command::new(system_program("script", "bsdutils"));
    command.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm-256color");
    for variable in ["NO_COLOR", "TILL_LANG", "LC_ALL", "LC_MESSAGES", "LANG"] {
        command.env_remove(variable);
    }
    let output = run(command.envs(variables.iter().copied()));
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    out(&output).replace("\r\n", "\n")
}

fn without_colours(text: &str) -> String {
    let mut pieces = text.split('\x1b');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once('m').map_or("", |(_, rest)| rest))
}

/// Reads the one code in a text of half blocks, as a camera would see it: black ink on white, or the other way round.
fn scan(text: &str, dark_ink: bool) -> String {
    let is_code = |line: &&str| line.chars().count() > 28 && line.chars().all(|c| " █▀▄".contains(c));
    let lines: Vec<Vec<char>> = text.lines().filter(is_code).map(|line| line.chars().collect()).collect();
    let columns = lines.first().map_or(0, Vec::len);
    assert!(columns > 0 && lines.iter().all(|line| line.len() == columns), "no code in:\n{text}");
    let mut image = PreparedImage::prepare_from_greyscale(columns * 4, lines.len() * 8, |x, y| {
        let inked = match lines[y / 8][x / 4] {
            '█' => true,
            '▀' => y % 8 < 4,
            '▄' => y % 8 >= 4,
            _ => false,
        };
        if inked == dark_ink { 0 } else { 255 }
    });
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1, "one code in:\n{text}");
    grids[0].decode().expect("the code is whole").1
}

/// P6: what is drawn in the terminal is what the display shows.
#[test]
fn p6_the_code_in_the_terminal_is_the_one_on_the_display() {
    let shop = Shop::open();
    let sold = shop.till.command_line(&["--lang", "vi", "sale", "50k", "--qr"]);
    assert_eq!(sold.status.code(), Some(0), "{}", String::from_utf8_lossy(&sold.stderr));
    let sale = shop.till.sales().remove(0);
    let payload = sale["qr"].as_str().expect("a sale that is showing has a code");
    shop.till.wait_for_code(payload);
    assert_eq!(scan(&out(&sold), true), payload);
    assert!(out(&sold).ends_with("Quét mã để trả 50.000 ₫\n"), "{}", out(&sold));

    let coloured = in_terminal(&shop, &[], "show --qr");
    assert!(coloured.contains("\x1b[38;5;16;48;5;231m"), "{coloured}");
    assert_eq!(scan(&without_colours(&coloured), true), payload);
    let plain = in_terminal(&shop, &[("NO_COLOR", "1")], "show --qr");
    assert!(!plain.contains('\x1b'), "{plain}");
    assert_eq!(scan(&plain, false), payload);

    shop.pay(&sale, 50_000);
    shop.till.wait_state(id_of(&sale), "paid", SOON);
    let ended = shop.till.command_line(&["show", "--qr"]);
    assert!(ended.status.code() == Some(1) && !out(&ended).contains('█'), "{}", out(&ended));
}

#[test]
fn a_sale_with_code_and_wait_ends_as_it_ends() {
    let shop = Shop::open();
    let output = thread::scope(|scope| {
        let waiting = scope.spawn(|| shop.till.command_line(&["--lang", "en", "sale", "20k", "--qr", "--wait"]));
        let showing: Value = wait_for("the sale is showing", SOON, || {
            let found = shop.till.sales().into_iter().find(|sale| sale["state"] == "showing");
            found.ok_or_else(|| "no sale is".to_owned())
        });
        shop.pay(&showing, 20_000);
        waiting.join().expect("the command line runs to its end")
    });
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(out(&output).lines().last().is_some_and(|line| line.contains("✓ PAID")), "{}", out(&output));
}

#[test]
fn tables_fit_the_terminal_and_speak_the_language_of_the_locale() {
    let shop = Shop::open();
    let paid = shop.assert_sells(1_500_000);
    let made = shop.till.command_line(&["sale", "20k", "--note", "bàn 4", "--reference", "ORDER-77"]);
    assert_eq!(made.status.code(), Some(0));
    let vietnamese = [("LANG", "vi_VN.UTF-8")];
    for words in ["sales", "status", "show", "receipts"] {
        let shown = in_terminal(&shop, &vietnamese, words);
        let plain = without_colours(&shown);
        assert!(plain.lines().all(|line| line.chars().count() <= 80), "{plain}");
        let english = in_terminal(&shop, &[("LANG", "C.UTF-8"), ("NO_COLOR", "1")], words);
        assert_ne!(plain, english, "{words}");
    }
    let sales = in_terminal(&shop, &vietnamese, "sales");
    assert!(sales.contains("\x1b[1;32m✓ ĐÃ NHẬN TIỀN\x1b[0m"), "{sales}");
    let sales = without_colours(&sales);
    let lines: Vec<&str> = sales.lines().collect();
    let row = lines.iter().find(|line| line.starts_with(id_of(&paid)));
    assert!(row.is_some_and(|row| row.contains(" 1.500.000 ₫  ✓ ĐÃ NHẬN TIỀN")), "{sales}");
    assert!(sales.contains("[ORDER-77] [bàn 4]"), "{sales}");
}

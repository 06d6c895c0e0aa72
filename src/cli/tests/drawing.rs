//! `--qr`: the code on the terminal, read back by a decoder that is not ours.

use std::time::Duration;

use till_wire::UnixTime;
use tokio::time::{sleep, timeout};

use super::{Came, Counter, Paper};
use crate::api::fake::{Terminal, ended, rules, sale};
use crate::clock;
use crate::till::{Change, Code, Ending, Payee, Poll, QrKind, Sale, State, Tick};

const PAYLOAD: &str = "00020101021238570010A00000072701270006970422011311336666888880208QRIBFTTA53037045405500005802VN62140810TL00010170630445DE";

/// What the code above needs, with its quiet zone.
const COLUMNS: usize = 45;

fn showing(sequence: u32) -> Sale {
    let code = Code { text: PAYLOAD.into(), kind: QrKind::Vietqr, payee: Payee::default() };
    let state = State::Showing { expires: Tick(300_000), poll: Poll { next: Tick(10_000), busy_until: None } };
    let expires_at = Some(UnixTime::from_ms(clock::wall().ms() + 300_000));
    Sale { revision: 2, state, code: Some(code), expires_at, ..sale(sequence) }
}

/// Reads the one code in what was printed. `dark_ink`: whether blocks are the dark modules.
fn read(out: &str, dark_ink: bool) -> String {
    let is_code = |line: &&str| line.chars().count() == COLUMNS && line.chars().all(|c| " █▀▄".contains(c));
    let lines: Vec<Vec<char>> = out.lines().filter(is_code).map(|line| line.chars().collect()).collect();
    let (width, height) = (COLUMNS * 4, lines.len() * 8);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        let upper = y % 8 < 4;
        let inked = match lines[y / 8][x / 4] {
            '█' => true,
            '▀' => upper,
            '▄' => !upper,
            _ => false,
        };
        if inked == dark_ink { 0 } else { 255 }
    });
    let grids = image.detect_grids();
    let [grid] = grids.as_slice() else { panic!("{} codes in:\n{out}", grids.len()) };
    grid.decode().expect("the code is whole").1
}

async fn drawn(counter: &Counter, line: &[&str]) -> Came {
    let came = counter.till(line).await;
    assert_eq!((came.code, came.err.as_str()), (0, ""), "{}", came.out);
    came
}

#[tokio::test]
async fn p6_a_shown_code_can_be_scanned_on_any_ground() {
    let terminal = Terminal::start(rules(), None).await;
    terminal.keep(showing(1));
    let mut counter = Counter::at("grounds", &terminal);
    let line = &["show", "--qr"];
    let piped = drawn(&counter, line).await.out;
    assert_eq!(read(&piped, true), PAYLOAD);
    assert!(piped.ends_with("Scan to pay 50.000 ₫\n"), "{piped}");
    counter.style.columns = Some(80);
    assert_eq!(read(&drawn(&counter, line).await.out, false), PAYLOAD);
    counter.style.colour = true;
    let coloured = drawn(&counter, line).await.out;
    let begin = "\x1b[38;5;16;48;5;231m";
    let lines = coloured.lines().filter_map(|line| line.strip_prefix(begin)?.strip_suffix("\x1b[0m"));
    assert_eq!(read(&lines.collect::<Vec<_>>().join("\n"), true), PAYLOAD);
}

#[tokio::test]
async fn a_narrow_terminal_says_so_and_the_sale_goes_on() {
    let terminal = Terminal::start(rules(), None).await;
    terminal.keep(showing(1));
    let mut counter = Counter::at("narrow", &terminal);
    counter.style.columns = Some(COLUMNS - 1);
    let came = counter.till(&["show", "--qr"]).await;
    let told = "till: cannot draw the code of sale 0001017-000000001: the terminal is 44 columns wide and the code needs 45; look at the display\n";
    assert_eq!((came.code, came.err.as_str()), (0, told));
    assert!(!came.out.contains(['█', '▀', '▄']), "{}", came.out);
    counter.style.columns = Some(COLUMNS);
    assert_eq!(read(&drawn(&counter, &["show", "--qr"]).await.out, false), PAYLOAD);
}

#[tokio::test]
async fn p6_a_code_that_must_not_be_paid_is_not_drawn() {
    let terminal = Terminal::start(rules(), None).await;
    let code = showing(1).code;
    let expires_at = showing(1).expires_at;
    terminal.keep(Sale { code: code.clone(), expires_at, ..ended(1, Ending::Paid) });
    terminal.keep(Sale { code, ..sale(2) });
    let counter = Counter::at("ended", &terminal);
    let expires_at = Some(UnixTime::from_ms(clock::wall().ms() - 1));
    terminal.keep(Sale { expires_at, ..showing(3) });
    for (sale, why) in [("1", "PAID"), ("2", "waiting for the code"), ("3", "code on the display")] {
        let came = counter.till(&["show", sale, "--qr"]).await;
        assert_eq!(came.code, 1, "{}", came.out);
        assert!(came.err.ends_with(&format!("there is no code to be paid: {why}\n")), "{}", came.err);
        assert!(!came.out.contains(['█', '▀', '▄']), "{}", came.out);
    }
    for verb in [["sale", "50k"], ["show", "1"]] {
        let came = counter.till(&[&verb[..], &["--qr", "--json"]].concat()).await;
        assert_eq!((came.code, came.out.as_str()), (2, ""), "{}", came.err);
    }
}

const MADE: u32 = 29_727_122;
const LONG: Duration = Duration::from_secs(30);

async fn until(condition: impl Fn() -> bool) {
    let met = async {
        while !condition() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LONG, met).await.expect("the condition comes true");
}

/// Changes the sale that is being made, once somebody listens.
async fn change(terminal: &Terminal, sale: Sale) {
    until(|| terminal.listeners() > 0).await;
    terminal.keep(sale.clone());
    terminal.announce(sale.revision, Change::Sale(Box::new(sale)));
}

#[tokio::test]
async fn a_new_sales_code_is_waited_for() {
    let terminal = Terminal::start(rules(), None).await;
    let counter = Counter::at("waited", &terminal);
    let (came, ()) = tokio::join!(counter.till(&["sale", "50000", "--qr"]), change(&terminal, showing(MADE)));
    assert_eq!((came.code, came.err.as_str(), read(&came.out, true)), (0, "", PAYLOAD.to_owned()));
    assert!(came.out.ends_with("Scan to pay 50.000 ₫\n"), "{}", came.out);
}

#[tokio::test]
async fn with_wait_the_end_comes_after_the_code() {
    for (ending, code, word) in [(Ending::Paid, 0, "✓ PAID"), (Ending::Expired(None), 3, "✗ expired")] {
        let terminal = Terminal::start(rules(), None).await;
        let counter = Counter::at("both", &terminal);
        let paper = Paper::default();
        let drawn_then_ended = async {
            change(&terminal, showing(MADE)).await;
            until(|| paper.text().contains("Scan to pay")).await;
            change(&terminal, Sale { revision: 3, ..ended(MADE, ending) }).await;
        };
        let line = ["sale", "50000", "--qr", "--wait"];
        let (came, ()) = tokio::join!(timeout(LONG, counter.till_on(&paper, &line)), drawn_then_ended);
        let came = came.expect("the command ends");
        assert_eq!((came.code, came.err.as_str()), (code, ""), "{}", came.out);
        assert_eq!(read(&came.out, true), PAYLOAD);
        assert!(came.out.lines().last().is_some_and(|line| line.contains(word)), "{}", came.out);
    }
}

#[tokio::test]
async fn a_sale_that_ends_before_its_code_comes_ends_the_command_unpaid() {
    let terminal = Terminal::start(rules(), None).await;
    let counter = Counter::at("none", &terminal);
    let cancelled = Sale { revision: 2, ..ended(MADE, Ending::Cancelled(None)) };
    let (came, ()) = tokio::join!(counter.till(&["sale", "50000", "--qr"]), change(&terminal, cancelled));
    assert_eq!((came.code, came.err.as_str()), (3, ""), "{}", came.out);
    assert!(!came.out.contains(['█', '▀', '▄']), "{}", came.out);
}

//! `docs/cash-register.md` and `docs/cash-register.py`: what integrators read is true, and what they copy works. It must
//! not know more of the API than that page.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;

use serde_json::Value;
use tests::process::{run, system_program};
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::{SOON, wait_for};

fn document(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(document(name)).expect("the document is there")
}

/// Runs the cash register against an address.
fn register(address: SocketAddr, arguments: &[&str]) -> Output {
    // It asks for ever where the terminal is gone for ever; a test does not.
    let mut command = Command::new(system_program("timeout", "coreutils"));
    command.arg("120").arg(system_program("python3", "python3")).arg(document("cash-register.py")).args(arguments);
    run(command.env("TILL", format!("http://{address}")).env_remove("TILL_TOKEN"))
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Waits for the sale that the cash register makes.
fn showing(shop: &Shop, amount: u64) -> Value {
    wait_for("the register's sale is showing", SOON, || {
        let sales = shop.till.sales();
        let found = sales.into_iter().find(|sale| sale["state"] == "showing" && sale["amount"] == amount);
        found.ok_or_else(|| "no sale is".to_owned())
    })
}

#[test]
fn the_cash_register_is_forty_lines() {
    let lines = read("cash-register.py").lines().filter(|line| !line.trim().is_empty()).count();
    assert!(lines <= 40, "{lines} lines");
}

#[test]
fn the_cash_register_ends_with_0_when_paid_and_3_when_not() {
    let shop = Shop::open();
    for (amount, is_paid, code) in [(50_000, true, 0), (20_000, false, 3)] {
        let output = thread::scope(|scope| {
            let selling = scope.spawn(|| register(shop.till.api(), &[&amount.to_string(), "ORDER-77"]));
            let sale = showing(&shop, amount);
            assert_eq!(sale["reference"], "ORDER-77");
            if is_paid {
                shop.pay(&sale, amount);
            } else {
                assert_eq!(shop.till.cancel(id_of(&sale)).status, 202);
            }
            selling.join().expect("the register runs to its end")
        });
        assert_eq!(output.status.code(), Some(code), "{}", told(&output));
        let state = if is_paid { " paid 50000" } else { " cancelled 0" };
        assert!(told(&output).trim_end().ends_with(state), "{}", told(&output));
    }
    let refused = register(shop.till.api(), &["0"]);
    assert_eq!(refused.status.code(), Some(1), "{}", told(&refused));
    assert!(told(&refused).starts_with("refused: `amount`"), "{}", told(&refused));
}

/// P2, P3: the answer to the first request is lost on its way, and so are the events, and there is one sale all the same.
#[test]
fn p3_a_lost_answer_makes_no_second_sale() {
    let shop = Shop::open();
    let way = lossy(shop.till.api());
    let usage = register(way, &["50k"]);
    assert!(usage.status.code() == Some(1) && told(&usage).starts_with("A cash register: "), "{}", told(&usage));
    let output = thread::scope(|scope| {
        let selling = scope.spawn(|| register(way, &["50000"]));
        shop.pay(&showing(&shop, 50_000), 50_000);
        selling.join().expect("the register runs to its end")
    });
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(shop.till.sales().len(), 1);
}

/// A way to an address on which the answer to the first request is lost, and the first stream of events is cut.
fn lossy(to: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    let address = listener.local_addr().expect("a listener has an address");
    thread::spawn(move || {
        for (number, client) in listener.incoming().map_while(Result::ok).enumerate() {
            let Ok(mut server) = TcpStream::connect(to) else { return };
            match number {
                0 => lose_answer(client, &mut server),
                2 => cut_short(client, server),
                _ => drop(thread::spawn(move || carry(client, server))),
            }
        }
    });
    address
}

/// Carries the request, waits until it is answered, and hangs up.
fn lose_answer(mut client: TcpStream, server: &mut TcpStream) {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    // The body is JSON and nothing follows it.
    while !request.ends_with(b"}") {
        match client.read(&mut piece) {
            Ok(length) if length > 0 => request.extend_from_slice(&piece[..length]),
            Ok(_) | Err(_) => return,
        }
    }
    let answered = server.write_all(&request).and_then(|()| server.read(&mut piece));
    assert!(piece.starts_with(b"HTTP/1.1 201"), "{answered:?}");
}

/// Carries the request and what comes at once, and hangs up.
fn cut_short(mut client: TcpStream, mut server: TcpStream) {
    let mut piece = [0; 4096];
    let carried = client.read(&mut piece).and_then(|length| server.write_all(&piece[..length]));
    assert!(piece.starts_with(b"GET /v1/events"), "{carried:?}");
    let answered = server.read(&mut piece).and_then(|length| client.write_all(&piece[..length]));
    assert!(answered.is_ok(), "{answered:?}");
}

fn carry(mut client: TcpStream, mut server: TcpStream) {
    let (Ok(mut up_from), Ok(mut up_to)) = (client.try_clone(), server.try_clone()) else { return };
    thread::spawn(move || std::io::copy(&mut up_from, &mut up_to));
    // Whoever hangs up first ends it.
    let _ = std::io::copy(&mut server, &mut client);
}

/// A code block of the page: the words after its opening fence, and its lines.
struct Block {
    info: String,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut pieces = page.split("```");
    pieces.next();
    let inside = pieces.step_by(2).filter_map(|piece| piece.split_once('\n'));
    inside.map(|(info, text)| Block { info: info.trim().to_owned(), text: text.to_owned() }).collect()
}

/// Ends the sale in progress, so that the next example finds a free terminal.
fn make_room(shop: &Shop) {
    for sale in shop.till.sales().iter().filter(|sale| sale["finished_at"].is_null()) {
        let id = id_of(sale);
        // It may be on its way to its end already.
        shop.till.cancel(id);
        shop.till.wait_sale("the sale ends", id, SOON, |sale| sale["finished_at"].is_string());
    }
}

#[test]
fn every_request_on_the_page_is_answered_as_the_page_says() {
    let shop = Shop::open();
    let described = shop.till.get("/openapi.json").json();
    let mut posted = 0;
    for block in blocks(&read("cash-register.md")) {
        let words: Vec<&str> = block.info.split(' ').collect();
        let ["json", "POST", path, problem @ ..] = words.as_slice() else { continue };
        assert!(described["paths"][*path].is_object(), "the terminal describes `{path}`");
        if problem != ["busy"] {
            make_room(&shop);
        } else if !shop.till.sales().iter().any(|sale| sale["finished_at"].is_null()) {
            shop.till.sell(50_000);
        }
        let answer = shop.till.post(path, &block.text);
        match problem {
            [] => assert!((200..300).contains(&answer.status), "{}: {}", block.text, answer.text()),
            names => assert_eq!([answer.problem().1.as_str()], names, "{}", block.text),
        }
        posted += 1;
    }
    assert!(posted >= 5, "the page shows {posted} requests");
}

/// The lines that a reader pastes into a shell, with the address and the id of a sale of the test.
#[test]
fn every_shell_line_on_the_page_works() {
    let shop = Shop::open();
    system_program("curl", "curl");
    let mut id = String::new();
    let mut ran = 0;
    for block in blocks(&read("cash-register.md")).iter().filter(|block| block.info == "sh") {
        let line = block.text.replace("127.0.0.1:8460", &shop.till.api().to_string()).replace("0001017-029727122", &id);
        let is_endless = line.contains("/v1/events");
        let line = if is_endless { line.replace("-sSN", "-sSN --max-time 2") } else { line };
        let output = run(Command::new("/bin/sh").args(["-ec", &line]));
        // 28: the time that the test gave to the endless stream is over.
        let want = if is_endless { 28 } else { 0 };
        assert_eq!(output.status.code(), Some(want), "{line}: {}", told(&output));
        if line.contains("Idempotency-Key") {
            let sale: Value = serde_json::from_slice(&output.stdout).expect("the answer is a sale");
            id = id_of(&sale).to_owned();
            shop.till.wait_state(&id, "showing", SOON);
        }
        assert!(!is_endless || told(&output).contains(&id), "{}", told(&output));
        ran += 1;
    }
    assert!(ran >= 5, "the page shows {ran} lines");
    shop.till.wait_state(&id, "cancelled", SOON);
}

/// The page's table of refusals is the terminal's own list, no more and no less.
#[test]
fn every_kind_of_refusal_is_on_the_page() {
    let page = read("cash-register.md");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/api/problem.rs");
    let source = fs::read_to_string(source).expect("the API's source is there");
    let names: Vec<&str> = source
        .lines()
        .skip_while(|line| !line.contains("fn name(self)"))
        .take_while(|line| !line.contains("fn title(self)"))
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    assert!(names.len() > 10, "{names:?}");
    let missing: Vec<&&str> = names.iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert_eq!(missing, Vec::<&&str>::new(), "these are not explained");
}

//! The fleet console in a real browser, with a real till and made-up ones: sign-in, the list, one terminal and its screen,
//! commands, at a desk and on a phone. It must not know how the pages are made.

use std::io::Write;
use std::process::{Command, Stdio};

use demo::eye;
use serde_json::json;
use tests::browser::Browser;
use tests::folder::{Folder, write_private};
use tests::jws;
use tests::process::{Process, program, program_folder};
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::{SOON, wait_for};

use crate::page::LATER;
use crate::pictures::{keep_shot, publish_shot};

const PASSWORD: &str = "a password of tests";

/// A console that runs.
struct Console {
    _process: Process,
    url: String,
}

fn user(name: &str, role: &str) -> Vec<u8> {
    let mut command = Command::new(program("till-bridge"));
    command.args(["console", "user", name, "--role", role]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = command.spawn().expect("the program can be started");
    let mut input = process.stdin.take().expect("its input was asked for");
    writeln!(input, "{PASSWORD}").expect("a password");
    drop(input);
    process.wait_with_output().expect("it ends").stdout
}

/// Starts a console with an operator, beside a broker.
fn console(folder: &Folder, broker: &str) -> Console {
    write_private(&folder.file("users"), &[user("lan", "operator"), user("an", "viewer")].concat());
    let place = folder.path().display();
    let config = folder.write(
        "console.toml",
        format!(
            "[http]\nlisten = \"127.0.0.1:0\"\n[admin]\nlisten = \"127.0.0.1:0\"\n[mqtt]\nurl = \"{broker}\"\n\
             client_id = \"console-1\"\n[users]\nfile = \"{place}/users\"\n[audit]\npath = \"{place}/audit.jsonl\"\n\
             [signing]\nkey = {{ file = \"{place}/console.key\" }}\n"
        ),
    );
    let mut command = Command::new(program("till-bridge"));
    command.args(["console", "--config"]).arg(config).env_remove("RUST_LOG");
    let process = Process::start("the console", &mut command, &folder.file("console.log"));
    let url = wait_for("the console runs", SOON, || {
        let printed = process.printed();
        let people = printed.split("people=").nth(1).and_then(|rest| rest.split_whitespace().next());
        let is_up = printed.contains("broker connected");
        people.filter(|_| is_up).map(|people| format!("http://{people}")).ok_or(printed.clone())
    });
    Console { _process: process, url }
}

/// Sixty shops, as most fleets have them: nearly all well.
fn a_fleet(shop: &Shop) {
    let streets =
        ["Hàng Mành", "Hàng Bông", "Lý Quốc Sư", "Tạ Hiện", "Bát Đàn", "Lê Văn Hưu", "Nguyễn Huệ", "Đồng Khởi"];
    let foods = ["Bún chả", "Phở", "Bánh mì", "Cà phê", "Cơm tấm", "Chè", "Nem nướng"];
    for number in 2001..2064_u32 {
        let place = number as usize;
        let label = match number {
            // As long as one can be, without a place to break.
            2031 => "Ẵ".repeat(40),
            _ => format!("{} {}", foods[place % foods.len()], streets[place % streets.len()]),
        };
        let (state, more) = match number {
            2007 => ("lost", json!({})),
            2013 => ("ready", json!({"display": {"ok": false, "driver": "fbdev", "size": "800x480"}})),
            2019 => (
                "ready",
                json!({"links": {"broker": {"up": true}, "payos": {"up": false, "reason": "no route to host"}}}),
            ),
            2022 => ("sleeping", json!({})),
            2025 => ("ready", json!({"attention": 2})),
            2031 => ("ready", json!({"store": {"free_bytes": 20_000_000}})),
            _ => ("ready", json!({})),
        };
        let mut health = json!({
            "terminal": {"number": number, "label": label, "version": if number % 9 == 0 { "0.2.0" } else { "0.1.0" }, "uptime_s": 90_000},
            "links": {"broker": {"up": true}, "payos": {"up": true}},
            "queue": {"entries": 0}, "store": {"free_bytes": 900_000_000}, "display": {"ok": true, "driver": "fbdev", "size": "800x480"},
        });
        for (key, value) in more.as_object().expect("an object") {
            health[key] = value.clone();
        }
        let said = json!({"state": state, "session": 1, "at": now()});
        shop.ear.publish(&format!("till/v1/{number:07}/up/state"), said.to_string());
        shop.ear.publish(&format!("till/v1/{number:07}/up/health"), health.to_string());
    }
    for (number, status) in
        (2001..2021_u32).zip(["succeeded", "succeeded", "succeeded", "running", "failed"].iter().cycle())
    {
        let told = json!({"status": status, "reason": if *status == "failed" { Some("the package cannot be fetched") } else { None }});
        shop.ear.publish(&format!("till/v1/{number:07}/up/command/update-0-2-0"), told.to_string());
    }
    let body = json!({"code": "00", "data": {"orderCode": 123, "amount": 250_000, "description": "CK chuyen nham"}})
        .to_string();
    let channel = till_wire::ChannelId::new("payos").expect("a channel");
    let at = now().parse().expect("a time");
    let (method, path) = ("POST".to_owned(), "/hooks/payos".to_owned());
    let envelope = till_wire::Envelope::new(channel, "payos".into(), at, method, path, Default::default(), body);
    shop.ear.publish("till/v1/unrouted/payos", envelope.to_bytes().expect("an envelope"));
}

#[expect(clippy::disallowed_methods, reason = "a terminal says so now")]
fn now() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock that is set");
    till_wire::UnixTime::from_secs(i64::try_from(since.as_secs()).expect("a time")).to_string()
}

fn sign_in(browser: &Browser, console: &Console, name: &str) {
    browser.open(&console.url);
    browser.press_in("[name=name]", name);
    browser.press_in("[name=password]", PASSWORD);
    browser.click("button.main");
    browser.wait("somebody is signed in", SOON, "!!document.querySelector('#sign-out')");
}

/// What is as wide as the page and can be touched, on every size.
fn assert_fits(browser: &Browser, name: &str) {
    for (width, height) in [(1280, 800), (390, 844), (320, 568), (768, 1024)] {
        browser.resize(width, height);
        let wide = "return [...document.querySelectorAll('body *')]
            .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth)
            .map((one) => one.outerHTML.slice(0, 80)).slice(0, 5)";
        assert_eq!(browser.overhang(), 0, "{name} on {width} × {height}: {}", browser.run(wide));
        let small = "[...document.querySelectorAll('button, summary, select, header nav a, .pages a, .terminals a, .search input')]
            .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 40)";
        assert_eq!(browser.run(&format!("return {small}.length")), 0, "{name} can be touched on {width} × {height}");
        if width == 1280 || width == 390 {
            keep_shot(browser, &format!("console-{name}-{width}"));
        }
    }
    browser.resize(1280, 800);
}

#[test]
fn an_operator_finds_who_cannot_sell_and_looks_at_a_screen() {
    let folder = Folder::make();
    let (_, public) = jws::key(&folder, "console");
    let shop =
        Shop::open_with(|plan| plan.tables = format!("[fleet]\nharmless_keys = [{public:?}]\ngroups = [\"north\"]"));
    let console = console(&folder, &shop.broker.url());
    a_fleet(&shop);
    shop.assert_sells(125_000);
    let browser = Browser::start("vi-VN");
    browser.resize(1280, 800);
    browser.open(&console.url);
    assert_fits(&browser, "sign-in");
    sign_in(&browser, &console, "lan");
    let listed = "document.querySelectorAll('.terminals li').length == 60";
    wait_for("the list is whole", SOON, || {
        browser.open(&console.url);
        if browser.run(&format!("return {listed}")) == true { Ok(()) } else { Err(browser.text("main")) }
    });
    // Those first that cannot take money, with the reason.
    let first = browser.text(".terminals li:nth-child(1)");
    assert!(first.contains("0002007") && first.contains("Mất liên lạc"), "{first}");
    assert!(browser.text(".terminals li:nth-child(2)").contains("Màn hình hỏng"));
    publish_shot(&browser, "console");
    assert_fits(&browser, "list");
    browser.press_in("[name=q]", "bat dan\u{e007}");
    browser.wait("the search is done", SOON, "location.search.includes('bat+dan')");
    assert!(browser.text(".terminals").contains("Bát Đàn"));
    browser.click(".tile.bad");
    assert_fits(&browser, "search");
    browser.open(&format!("{}/?q=zzz", console.url));
    assert_fits(&browser, "empty");
    browser.open(&format!("{}/?group=north", console.url));
    assert_eq!(browser.run("return document.querySelectorAll('.terminals li').length"), 1);
    assert!(browser.text(".terminals").contains("0001017"));
    the_screen_is_looked_at(&shop, &browser, &console);
    for (path, name) in [
        ("/commands", "commands"),
        ("/commands/update-0-2-0", "rollout"),
        ("/unrouted", "unrouted"),
        ("/audit", "audit"),
    ] {
        browser.open(&format!("{}{path}", console.url));
        assert_fits(&browser, name);
    }
    browser.open(&format!("{}/terminals/0002019", console.url));
    assert!(browser.text("#standing").contains("Không gọi được nhà cung cấp"));
    assert_fits(&browser, "broken");
    browser.click("#sign-out");
    browser.wait("the operator is out", SOON, "location.pathname == '/sign-in'");
    assert_eq!(browser.run("return document.cookie"), "", "no script sees a session");
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// The picture that comes has the code that the real till shows.
fn the_screen_is_looked_at(shop: &Shop, browser: &Browser, console: &Console) {
    let sale = shop.till.sell_and_show(83_000);
    browser.open(&format!("{}/terminals/0001017", console.url));
    // It has told how it is, by itself, and can sell.
    let page = browser.text("main");
    assert_eq!(browser.run("return !!document.querySelector('#standing.bad')"), false, "{page}");
    for part in ["Nhóm", "north", "Báo lúc", "broker", "payos"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("Chưa báo tình trạng"), "{page}");
    browser.click("button[value=screenshot]");
    browser.wait("the picture is there", LATER, "document.querySelector('#screen').naturalWidth > 0");
    wait_for("the code can be read", SOON, || {
        let sight = eye::look(&browser.screenshot()).map_err(|error| error.to_string())?;
        let code = sale["qr"].as_str().unwrap_or_default();
        if sight.texts() == [code] { Ok(()) } else { Err(format!("{:?}", sight.texts())) }
    });
    browser.wait("the command is done", LATER, "!!document.querySelector('#commands .pill.good')");
    assert_fits(browser, "terminal");
    shop.till.cancel(id_of(&sale));
    browser.click("button[value=identify]");
    browser.wait("both commands are done", LATER, "document.querySelectorAll('#commands .pill.good').length == 2");
    lines_can_be_pasted(browser);
}

/// What the page gives a person to paste is taken by the real `till fleet command`, as far as to where the fleet's key is needed.
fn lines_can_be_pasted(browser: &Browser) {
    let home = Folder::make();
    let place = home.file(".config/till");
    std::fs::create_dir_all(&place).expect("a folder");
    let run = |line: &str| {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(line).env_clear().env("HOME", home.path()).env("LANG", "C.UTF-8");
        shell.env("PATH", format!("{}:/usr/bin:/bin", program_folder().display()));
        let done = shell.output().expect("a shell");
        (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
    };
    let lines = browser.run("return [...document.querySelectorAll('.paste')].map((one) => one.textContent)");
    let lines: Vec<String> = serde_json::from_value(lines).expect("texts");
    assert_eq!(lines.len(), 8, "{lines:?}");
    for line in &lines {
        let (code, said) = run(line);
        assert_eq!(code, Some(64), "without a configuration: {line}: {said}");
    }
    let toml = "[enrol]\nurl = \"https://enrol.example\"\n[mqtt]\nurl = \"mqtts://broker.example\"\n";
    std::fs::write(place.join("fleet.toml"), toml).expect("a configuration");
    for line in &lines {
        let (code, said) = run(line);
        assert_eq!(code, Some(1), "the key alone is missing: {line}: {said}");
    }
    for wrong in ["wipe", "set-log-level", "dance", "restart now=yes"] {
        let (code, said) = run(&format!("till fleet command 0001017 {wrong}"));
        assert_eq!(code, Some(2), "{wrong}: {said}");
    }
}

#[test]
fn everything_works_without_scripts_and_a_viewer_only_looks() {
    let folder = Folder::make();
    jws::key(&folder, "console");
    let shop = Shop::open();
    let console = console(&folder, &shop.broker.url());
    let browser = Browser::start("en-US");
    browser.resize(390, 844);
    sign_in(&browser, &console, "an");
    browser.open(&format!("{}/terminals/0001017", console.url));
    wait_for("the till is known", SOON, || {
        browser.open(&format!("{}/terminals/0001017", console.url));
        if browser.run("return !!document.querySelector('#standing')") == true {
            Ok(())
        } else {
            Err(browser.text("body"))
        }
    });
    assert!(browser.text("main").contains("You may only look"));
    assert_eq!(browser.run("return document.querySelectorAll('[name=cmd]').length"), 0);
    assert_eq!(
        browser.run("return document.querySelectorAll('[onclick], [style], style, script:not([src])').length"),
        0
    );
    keep_shot(&browser, "console-viewer-390");
}

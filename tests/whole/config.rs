//! Configuration files and the words before them: faults, exit codes, help, and a clock that is wrong. It must not know
//! sales beyond whether one can be made.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tests::bridge::BridgePlan;
use tests::folder::Folder;
use tests::mosquitto::Mosquitto;
use tests::process::{program, run};
use tests::shop::{Shop, sandbox};
use tests::till::{TillPlan, id_of};
use tests::wait::SOON;
use tests::wrong_clock::WrongClock;

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn check(name: &str, config: &Path) -> Output {
    run(Command::new(program(name)).arg("--config").arg(config).arg("--check"))
}

/// Every fault has its line: file, key, value, what was expected.
#[track_caller]
fn assert_faults(output: &Output, file: &Path, faults: &[(&str, &str)]) {
    assert_eq!(output.status.code(), Some(64), "{}", text(output));
    let printed = text(output);
    let lines: Vec<_> = printed.lines().filter(|line| line.contains("expected")).collect();
    for (key, value) in faults {
        let name = file.to_string_lossy();
        let found = lines.iter().any(|line| line.contains(&*name) && line.contains(key) && line.contains(value));
        assert!(found, "no line for `{key}` = `{value}` in:\n{printed}");
    }
    assert_eq!(lines.len(), faults.len(), "one line a fault:\n{printed}");
}

/// P11: every fault of a till's file in one run, and no daemon comes of it.
#[test]
fn p11_every_fault_of_a_tills_file_is_told_in_one_run() {
    let folder = Folder::make();
    let open = folder.write("open-secret", "x\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&open, mode).expect("the file is ours");
    let config = folder.write(
        "tilld.toml",
        format!(
            "[terminal]\nnumber = 0\nlocale = \"fr\"\ncolour = \"red\"\n\
             [store]\n\
             [api]\nlisten = \"0.0.0.0:8460\"\n\
             [display]\ndriver = \"paper\"\nrotate = 45\n\
             [mqtt]\nurl = \"mqtt://broker.example\"\n\
             [sale]\nchannel = \"nobody\"\nexpire_s = 5\nrequest_s = \"long\"\nmax_amount = 500000000\n\
             [[channel]]\nid = \"payos\"\nprovider = \"payos\"\nbase_url = \"http://payos.example\"\n\
             client_id = \"s3cret-id\"\napi_key = {{ file = \"/nonexistent/key\" }}\nchecksum_key = {{ file = {open:?} }}\n\
             return_url = \"https://shop.example/ok\"\n"
        ),
    );
    let faults = [
        ("terminal.number", "0"),
        ("terminal.locale", "fr"),
        ("terminal.colour", "red"),
        ("store.path", ""),
        ("api.token", ""),
        ("display.driver", "paper"),
        ("display.rotate", "45"),
        ("mqtt.url", "mqtt://broker.example"),
        ("sale.channel", "nobody"),
        ("sale.expire_s", "5"),
        ("sale.request_s", "long"),
        ("sale.max_amount", "500000000"),
        ("base_url", "http://payos.example"),
        ("client_id", ""),
        ("api_key", "/nonexistent/key"),
        ("checksum_key", "open-secret"),
        ("cancel_url", ""),
    ];
    let output = check("tilld", &config);
    assert_faults(&output, &config, &faults);
    assert!(!text(&output).contains("s3cret-id"), "what may be a secret is not shown: {}", text(&output));
    let without_check = run(Command::new(program("tilld")).arg("--config").arg(&config));
    assert_faults(&without_check, &config, &faults);
}

/// P11: the same for the bridge.
#[test]
fn p11_every_fault_of_a_bridges_file_is_told_in_one_run() {
    let folder = Folder::make();
    let config = folder.write(
        "bridge.toml",
        "[http]\nlisten = \"everywhere\"\nforged_per_s = -1\ntrusted_proxies = [\"10.0.0.0/40\"]\n\
         [admin]\nlisten = \"127.0.0.1\"\n\
         [mqtt]\nurl = \"http://broker\"\n\
         [journal]\nkeep_h = \"week\"\n\
         [[channel]]\nid = \"Pay OS\"\nprovider = \"nobody\"\n",
    );
    let output = check("till-bridge", &config);
    let printed = text(&output);
    assert_eq!(output.status.code(), Some(64), "{printed}");
    let name = config.to_string_lossy();
    for key in [
        "http.listen",
        "http.forged_per_s",
        "http.trusted_proxies",
        "admin.listen",
        "mqtt.url",
        "mqtt.client_id",
        "journal.path",
        "journal.keep_h",
        "id",
        "provider",
    ] {
        let found =
            printed.lines().any(|line| line.contains(&*name) && line.contains(key) && line.contains("expected"));
        assert!(found, "no line for `{key}` in:\n{printed}");
    }
    let without_check = run(Command::new(program("till-bridge")).arg("--config").arg(&config));
    assert_eq!(without_check.status.code(), Some(64), "{}", text(&without_check));
}

#[test]
fn p11_a_file_that_is_missing_or_no_toml_exits_64() {
    let folder = Folder::make();
    let files: [PathBuf; 4] = [
        folder.file("absent.toml"),
        folder.folder("a-folder.toml"),
        folder.write("no.toml", "[terminal\nnumber = "),
        folder.write("bytes.toml", b"\xff\xfe"),
    ];
    for name in ["tilld", "till-bridge"] {
        for file in &files {
            for arguments in [&["--check"][..], &[]] {
                let output = run(Command::new(program(name)).arg("--config").arg(file).args(arguments));
                assert_eq!(output.status.code(), Some(64), "{name} {file:?} {arguments:?}: {}", text(&output));
                assert!(text(&output).contains(&*file.to_string_lossy()), "{name}: {}", text(&output));
            }
        }
    }
}

#[test]
fn programs_say_who_they_are_and_refuse_words_that_they_do_not_know() {
    for name in ["tilld", "till", "till-bridge"] {
        let version = run(Command::new(program(name)).arg("--version"));
        assert_eq!(version.status.code(), Some(0), "{}", text(&version));
        assert_eq!(text(&version), format!("{name} {}\n", env!("CARGO_PKG_VERSION")));
        let help = run(Command::new(program(name)).arg("--help"));
        assert_eq!(help.status.code(), Some(0), "{}", text(&help));
        assert!(text(&help).contains("--config") && text(&help).contains("--check"), "{name}: {}", text(&help));
        let wrong = run(Command::new(program(name)).arg("--nonsense"));
        assert_eq!(wrong.status.code(), Some(2), "{name}: {}", text(&wrong));
    }
}

/// What the repository gives to users is right: config/tilld.toml and config/bridge.toml.
#[test]
fn the_documented_configuration_files_pass_the_check() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository is above its tests");
    for (name, file) in [("tilld", "config/tilld.toml"), ("till-bridge", "config/bridge.toml")] {
        let output = check(name, &top.join(file));
        assert_eq!(output.status.code(), Some(0), "{file}: {}", text(&output));
        assert!(text(&output).contains("payos-checksum-key"), "credentials are noted: {}", text(&output));
    }
}

#[test]
fn a_check_opens_nothing_and_accepts_what_the_tests_run_with() {
    let folder = Folder::make();
    let payos = sandbox();
    // Nobody is there, and neither is the store's folder.
    let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let plan = TillPlan::new(1017, "mqtt://127.0.0.1:1", &payos);
    let (store, picture) = (folder.file("store"), folder.file("screen.png"));
    let config = plan.write(&folder, local(1), &store, &picture);
    let output = check("tilld", &config);
    assert_eq!((output.status.code(), text(&output)), (Some(0), String::new()));
    assert!(!store.exists() && !picture.exists(), "a check makes no file");
    let broker = Mosquitto::start(&folder);
    let plan = BridgePlan::new(&broker, "key");
    let output = check("till-bridge", &plan.write(&folder, local(1), local(2)));
    assert_eq!((output.status.code(), text(&output)), (Some(0), String::new()));
    assert!(!folder.file("bridge-1-journal").exists(), "a check makes no journal");
    assert_eq!(payos.requests().len(), 0);
}

/// P10: a new store needs the time for its first number; without it nothing is sold, and nothing breaks.
#[test]
fn p10_a_new_till_that_woke_in_1970_waits_for_the_time() {
    let folder = Folder::make();
    let payos = sandbox();
    let broker = Mosquitto::start(&folder);
    let mut plan = TillPlan::new(1017, &broker.url(), &payos);
    plan.launcher = WrongClock::showing(&folder, "@1970-01-02 00:00:00").launcher();
    let mut till = plan.start(&folder);
    for _ in 0..3 {
        let refused = till.post("/v1/sales", r#"{"amount":50000}"#);
        assert_eq!(refused.problem(), (503, "clock-not-set".to_owned()), "{}", refused.text());
    }
    till.assert_no_code();
    assert_eq!((till.get("/healthz").status, till.sales()), (200, Vec::<Value>::new()));
    let output = till.command_line(&["sale", "50000"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(till.runs() && till.terminate().success());
    // The time has come.
    plan.launcher.clear();
    let till = plan.start(&folder);
    assert!(id_of(&till.sell(50_000)).starts_with("0001017-"));
}

/// P10: a clock that jumps neither expires nor loses an open sale, and the next number is the next.
#[test]
fn p10_a_clock_that_jumps_while_the_till_is_down_expires_and_loses_nothing() {
    for time in ["@1970-01-02 00:00:00", "+3650d"] {
        let mut shop = Shop::open();
        let sale = shop.till.sell_and_show(50_000);
        shop.till.kill();
        let Shop { till, bridge: _bridge, ear: _ear, broker, payos, folder } = shop;
        let mut plan = TillPlan::new(1017, &broker.url(), &payos);
        plan.launcher = WrongClock::showing(&folder, time).launcher();
        drop(till);
        let till = plan.start(&folder);
        let again = till.wait_state(id_of(&sale), "showing", SOON);
        till.wait_for_code(again["qr"].as_str().unwrap_or_default());
        till.wait_for_broker();
        payos.pay(tests::till::order_of(&sale), 50_000).expect("the order is known");
        let paid = till.wait_state(id_of(&sale), "paid", SOON);
        assert_eq!(paid["paid_amount"], 50_000, "{time}: {paid}");
        let next = till.sell(20_000);
        let number = |sale: &Value| id_of(sale).split('-').next_back().and_then(|n| n.parse::<u32>().ok());
        assert_eq!(number(&next), number(&sale).map(|n| n + 1), "{time}");
    }
}

//! What the programs count, against docs/metrics.md and against Prometheus' own tools; and the alert rules that go by it.
//! It must not know what the figures come to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tests::authority::Authority;
use tests::bridge::BridgePlan;
use tests::folder::Folder;
use tests::listener::Listener;
use tests::mosquitto::Mosquitto;
use tests::port::free_port;
use tests::process::{run, system_program};
use tests::shop::{Shop, TERMINAL, sandbox};
use tests::till::TillPlan;

/// What is known of a metric: its type and the names of its labels.
type Shape = (String, BTreeSet<String>);

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("cannot read {path}: {error}"))
}

/// The rows of the document's tables: `name`, type, labels, meaning.
fn documented(prefix: &str) -> BTreeMap<String, Shape> {
    let text = read("docs/metrics.md");
    let rows = text.lines().filter(|line| line.starts_with(&format!("| `{prefix}")));
    let rows = rows.map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, name, kind, labels, meaning, _] = cells.as_slice() else { panic!("not four cells: {line}") };
        assert!(!meaning.is_empty(), "{line}");
        let labels = labels.split(',').map(|label| label.trim().trim_matches('`').to_owned());
        let labels = labels.filter(|label| !label.is_empty()).collect();
        (name.trim_matches('`').to_owned(), ((*kind).to_owned(), labels))
    });
    rows.collect()
}

/// What a page of metrics has, by its `# TYPE` lines and the labels of its samples.
fn served(page: &str) -> BTreeMap<String, Shape> {
    let kinds = page.lines().filter_map(|line| line.strip_prefix("# TYPE ")).filter_map(|line| line.split_once(' '));
    let mut found: BTreeMap<String, Shape> =
        kinds.map(|(name, kind)| (name.to_owned(), (kind.to_owned(), BTreeSet::new()))).collect();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let (series, _) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no sample: {line}"));
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        let base = base.filter(|base| found.contains_key(*base)).unwrap_or(name);
        let (_, known) = found.get_mut(base).unwrap_or_else(|| panic!("{name} has no type"));
        for label in labels.trim_end_matches('}').split(',').filter_map(|label| label.split_once('=')) {
            // The bounds of a histogram belong to its type.
            if label.0 != "le" {
                known.insert(label.0.to_owned());
            }
        }
    }
    found
}

/// Prometheus' own reader finds nothing to complain about.
fn assert_lints(page: &str) {
    let mut promtool = Command::new(system_program("promtool", "prometheus"));
    let promtool =
        promtool.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut promtool = promtool.spawn().expect("promtool starts");
    promtool.stdin.take().expect("a pipe").write_all(page.as_bytes()).expect("promtool reads");
    let output = promtool.wait_with_output().expect("promtool ends");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.trim().is_empty(), "{said}\n{page}");
}

/// The document names what a page of metrics has, no more and no less, and Prometheus can read it.
#[track_caller]
pub(crate) fn assert_documented(prefix: &str, page: &str) {
    assert_eq!(served(page), documented(prefix), "left: served, right: docs/metrics.md\n{page}");
    assert_lints(page);
}

#[test]
fn the_document_names_what_the_programs_serve() {
    let (folder, payos) = (Folder::make(), sandbox());
    let authority = Authority::make(&folder, "ours");
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
    let server = authority.issue(&folder, "broker");
    let broker = Mosquitto::start_with(&folder, server.listener(address.port(), &authority));
    let identity = |name: &str| authority.issue(&folder, name).settings(&authority);
    let mut plan = BridgePlan::new(&broker, &payos.credentials().checksum_key);
    (plan.broker_url, plan.mqtt) = (format!("mqtts://{address}"), identity("bridge-1"));
    let bridge = plan.start(&folder);
    payos.set_webhook_url(Some(bridge.hook_url()));
    let mut plan = TillPlan::new(TERMINAL, &format!("mqtts://{address}"), &payos);
    (plan.mqtt, plan.tables) = (identity("0001017"), "[sound]\ndriver = \"alsa\"".to_owned());
    let till = plan.start(&folder);
    till.wait_for_broker();
    let ear = Listener::connect(&broker);
    let shop = Shop { till, bridge, ear, broker, payos, folder };
    // The broker is gone while a sale is made, so that something is owed when the figures are asked for.
    shop.assert_sells(50_000);
    shop.broker.freeze();
    shop.till.sell(20_000);
    let till = shop.till.get("/metrics").text();
    shop.broker.thaw();
    let bridge = shop.bridge.admin("/metrics").text();
    for (prefix, page) in [("tilld_", &till), ("till_bridge_", &bridge)] {
        assert_documented(prefix, page);
    }
    for line in [
        "tilld_webhooks_proven_total 1",
        "tilld_sale_endings_total{state=\"paid\"} 1",
        "tilld_webhook_age_seconds_count 1",
    ] {
        assert!(till.lines().any(|known| known == line), "{line}\n{till}");
    }
}

/// The rules, and their tests.
const RULES: [[&str; 2]; 2] = [
    ["config/prometheus/tilld.rules.yml", "config/prometheus/tilld.test.yml"],
    ["config/prometheus/till-bridge.rules.yml", "config/prometheus/till-bridge.test.yml"],
];

#[test]
fn alert_rules_pass_prometheus_own_tests_and_each_is_explained() {
    let promtool = system_program("promtool", "prometheus");
    let (guide, mut known) = (read("docs/metrics.md"), documented("tilld_"));
    known.extend(documented("till_bridge_"));
    for [rules, cases] in RULES {
        for arguments in [["check", "rules", rules], ["test", "rules", cases]] {
            let output = run(Command::new(&promtool).current_dir(top()).args(arguments));
            let said =
                format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success(), "promtool {arguments:?}: {said}");
        }
        let (name, rules, cases) = (rules, read(rules), read(cases));
        let alerts: Vec<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
        assert!(alerts.len() > 10, "{alerts:?}");
        for alert in alerts {
            let link = format!("runbook_url: docs/metrics.md#{}\n", alert.to_lowercase());
            assert!(rules.contains(&link), "{alert} has no link to its section");
            assert!(guide.contains(&format!("\n### {alert}\n")), "docs/metrics.md does not explain {alert}");
            assert!(cases.contains(&format!("alertname: {alert}\n")), "{alert} has no test");
        }
        let words = rules.split(|c: char| !c.is_ascii_lowercase() && c != '_');
        for word in words.filter(|word| word.starts_with("tilld_") || word.starts_with("till_bridge_")) {
            let base = word.strip_suffix("_bucket").or_else(|| word.strip_suffix("_sum"));
            let base = base.or_else(|| word.strip_suffix("_count")).unwrap_or(word);
            assert!(known.contains_key(base), "{name} names {word}, which nobody serves");
        }
    }
}

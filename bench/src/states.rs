//! What the fleet's retained state and health cost a broker: memory for each terminal, messages a second, and how long an
//! operator who has just come waits until he has seen all terminals, by himself and with the real `till fleet list`. It must
//! not know what the messages say.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tests::folder::Folder;

use crate::Fault;
use crate::mqtt::Client;
use crate::place::beside;
use crate::sessions::{Kind, Running, side_by_side, start};

/// How many messages of a connection may wait for the broker's word.
const WINDOW: usize = 16;

/// What one terminal retains, as large as a real one's.
const STATE: &str = r#"{"state":"ready","session":1048577,"at":"2026-11-30T07:00:00Z"}"#;
const HEALTH: &str = concat!(
    r#"{"terminal":{"number":1017,"label":"Quay 1","groups":["north"],"version":"0.1.0","boot_id":"#,
    r#""8f5b3c52-7a51-4a4e-9f0e-3f5f1c1a2b3c","uptime_s":86400},"links":{"broker":{"up":true,"since":"#,
    r#""2026-11-30T07:00:00Z"},"payos":{"up":true,"since":"2026-11-30T07:00:00Z"}},"queue":{"entries":0,"bytes":0},"#,
    r#""clock":{"synchronised":true,"offset_ms":120},"certificate":{"not_after":"2027-02-28T07:00:00Z","renew_at":"#,
    r#""2027-01-30T07:00:00Z"},"store":{"bytes":1048576,"free_bytes":5368709120,"sales":12345},"display":{"ok":true,"#,
    r#""size":"800x480","driver":"fbdev"},"last_payment_at":"2026-11-30T06:59:00Z","attention":0,"#,
    r#""memory_bytes":12582912,"temperature_c":48}"#,
);

/// Measures brokers, and prints a table as in `docs/scale.md`.
pub(crate) fn measure_all(
    kinds: &[Kind],
    terminals: usize,
    connections: usize,
    till: Option<&Path>,
) -> Result<(), Fault> {
    let till = till.map_or_else(|| beside("till"), |file| Ok(file.to_owned()))?;
    println!(
        "| broker | terminals | connections | retained messages/s | KiB more for a terminal | seen by who looks \
         with wildcards, % | after, s | messages/s | µs of processor a message | till fleet list, s | listed | with health | exit |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    );
    let kinds = if kinds.is_empty() { &[Kind::Mosquitto, Kind::Nats] } else { kinds };
    let connections = connections.clamp(1, terminals.max(1));
    kinds.iter().try_for_each(|&kind| measure(kind, terminals.max(1), connections, &till))
}

fn measure(kind: Kind, terminals: usize, connections: usize, till: &Path) -> Result<(), Fault> {
    let folder = Folder::make();
    let running = start(kind, &folder)?;
    let clients = side_by_side(connections, |number| running.open(number).map(Mutex::new))?;
    let empty = running.memory()?;
    let began = Instant::now();
    side_by_side(connections, |number| {
        let client = clients.get(number).ok_or("each has a connection")?;
        let mut client = client.lock().map_err(|_| "a client panicked")?;
        speak(&mut client, (number..terminals).step_by(connections))
    })?;
    let published = began.elapsed();
    let full = running.memory()?;
    let (seen, took, used) = look(&running, terminals)?;
    let (seen, messages) = (seen as f64, (terminals * 2) as f64);
    println!(
        "| {kind:?} | {terminals} | {connections} | {:.0} | {:.2} | {:.0} | {:.1} | {:.0} | {:.1} | {} |",
        messages / published.as_secs_f64(),
        full.saturating_sub(empty) as f64 / terminals as f64 / 1024.0,
        seen / messages * 100.0,
        took.as_secs_f64(),
        seen / took.as_secs_f64(),
        used.as_secs_f64() * 1e6 / seen.max(1.0),
        list(&running, &folder, till)?,
    );
    Ok(())
}

/// Says of these terminals how they are.
fn speak(client: &mut Client, terminals: impl Iterator<Item = usize>) -> Result<(), Fault> {
    let mut sent = 0;
    for terminal in terminals {
        for (name, body) in [("state", STATE), ("health", HEALTH)] {
            if sent >= WINDOW {
                client.published()?;
            }
            let packet = u16::try_from(sent % (WINDOW * 2) + 1)?;
            client.keep_as(packet, &format!("till/v1/{:07}/up/{name}", terminal + 1), body.as_bytes())?;
            sent += 1;
        }
    }
    (0..sent.min(WINDOW)).try_for_each(|_| client.published())
}

/// Comes with two wildcards, and reads until all has been seen or nothing more comes; returns how many messages that were, how
/// long it took, and what it cost the broker.
fn look(running: &Running, terminals: usize) -> Result<(usize, Duration, Duration), Fault> {
    let mut operator = running.speaker()?;
    let (before, began) = (running.processor_time()?, Instant::now());
    operator.look_at("till/v1/+/up/state")?;
    operator.look_at("till/v1/+/up/health")?;
    let (mut seen, mut took) = (0, began.elapsed());
    // A broker that throws some of it away says nothing: then the wait for the next ends it.
    while seen < terminals * 2 && operator.retained().is_ok() {
        (seen, took) = (seen + 1, began.elapsed());
    }
    Ok((seen, took, running.processor_time()? - before))
}

/// Has the real program list all terminals, and returns the end of the row: how long that takes, how many it lists, of how
/// many it has the health, and its exit code. Over TLS it is not tried: these brokers know no operator.
fn list(running: &Running, folder: &Folder, till: &Path) -> Result<String, Fault> {
    let Some(url) = running.plain_url() else { return Ok("- | - | - | -".to_owned()) };
    let text = format!("[enrol]\nurl = \"https://enrol.example/enrol\"\n[mqtt]\nurl = \"{url}\"\n");
    let file = folder.write("fleet.toml", text);
    let began = Instant::now();
    let mut command = Command::new(till);
    let output = command.arg("--config").arg(file).args(["fleet", "list", "--json"]).env("TILL_LANG", "en").output()?;
    let took = began.elapsed();
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    let list: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let terminals = list["terminals"].as_array().ok_or("a list has terminals")?;
    let known = terminals.iter().filter(|terminal| terminal.get("version").is_some()).count();
    let code = output.status.code().ok_or("till was ended by a signal")?;
    Ok(format!("{:.1} | {} | {known} | {code}", took.as_secs_f64(), terminals.len()))
}

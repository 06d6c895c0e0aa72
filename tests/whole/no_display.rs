//! A till whose display is not there. It must not know how displays are driven.

use serde_json::Value;
use tests::folder::Folder;
use tests::mosquitto::Mosquitto;
use tests::shop::sandbox;
use tests::till::{TillPlan, id_of};
use tests::wait::{SOON, wait_for};

/// Contract §3: a new sale without a working panel is `failed`, `display_unavailable`; the provider hears of none.
#[test]
fn p13_a_till_without_its_framebuffer_runs_says_so_and_sells_nothing() {
    let folder = Folder::make();
    let payos = sandbox();
    let broker = Mosquitto::start(&folder);
    let mut till = TillPlan::new(1017, &broker.url(), &payos).prepare(&folder);
    let text = std::fs::read_to_string(&till.config).expect("the configuration was written");
    let (png, fbdev) = ("driver = \"png\"\ndevice = ", "driver = \"fbdev\"\ndevice = \"/dev/till-absent\" # ");
    assert!(text.contains(png), "{text}");
    folder.write("till-0001017.toml", text.replace(png, fbdev));
    till.start_again();
    wait_for("the till knows that its display does not work", SOON, || match till.status()["display"].clone() {
        display if display["ok"] == false => Ok(display),
        display => Err(display.to_string()),
    });
    let display = till.status()["display"].clone();
    assert_eq!((&display["driver"], display.get("size")), (&Value::from("fbdev"), None), "{display}");
    let reason = display["reason"].as_str().expect("why it does not work");
    assert!(reason.contains("/dev/till-absent"), "{display}");
    let sale = till.sell(50_000);
    let sale = till.wait_state(id_of(&sale), "failed", SOON);
    assert_eq!(sale["failure"]["code"], "display_unavailable", "{sale}");
    assert_eq!(payos.requests().len(), 0);
    let printed = till.printed();
    assert!(printed.contains("/dev/till-absent") && printed.contains("group `video`"), "{printed}");
    assert_eq!(printed.matches("/dev/till-absent").count(), 1, "told once: {printed}");
    assert!(till.runs() && till.terminate().success());
}

//! What the disk and the broker take alone: group commits as the bridge makes them, and messages as large as its
//! envelopes from a plain client to the same tills. It must not know the bridge.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use tests::folder::Folder;
use tests::mosquitto::Mosquitto;

use crate::Fault;
use crate::figure::{Figure, Unit};
use crate::mqtt::{Client, Session};
use crate::process::processor_time;

/// As many as the bridge takes into one commit, and keeps on the way to the broker.
const GROUP: usize = 64;
/// What an envelope has beside the webhook, about.
const AROUND: usize = 350;

/// Appends groups of so many records of 1 KiB and `fdatasync`s each; prints what that comes to.
pub(crate) fn disk(time: Duration) -> Result<(), Fault> {
    let folder = Folder::make();
    for group in [1, GROUP] {
        let file = File::create(folder.file("floor"))?;
        let bytes = vec![b'x'; group * 1024];
        let (start, mut figure, mut at) = (Instant::now(), Figure::new("commit", Unit::Ms), 0);
        while start.elapsed() < time / 5 {
            let began = Instant::now();
            file.write_all_at(&bytes, at)?;
            file.sync_data()?;
            figure.add(began.elapsed().as_secs_f64() * 1000.0);
            at += bytes.len() as u64;
        }
        let rate = (figure.count() * group) as f64 / start.elapsed().as_secs_f64();
        println!(
            "floor of the disk: {group} KiB and `fdatasync`: {:.2} ms p50, {:.2} ms p99, {rate:.0} records/s",
            figure.percentile(50),
            figure.percentile(99)
        );
    }
    Ok(())
}

/// Publishes for so long, and prints a row as the bridge's.
pub(crate) fn broker(broker: &Mosquitto, tills: usize, time: Duration, body: usize) -> Result<(), Fault> {
    let id = broker.process_id().ok_or("the broker does not run")?;
    let mut speaker = Client::open(broker.address(), "floor", Session::Dropped, None)?;
    let payload = vec![b'x'; body + AROUND];
    let (before, start, mut sent) = (processor_time(id)?, Instant::now(), 0_usize);
    while start.elapsed() < time {
        if sent >= GROUP {
            speaker.published()?;
        }
        let packet = u16::try_from(sent % (GROUP * 2) + 1)?;
        speaker.publish_as(packet, &format!("till/v1/{:07}/down/webhook", sent % tills.max(1) + 1), &payload)?;
        sent += 1;
    }
    for _ in 0..sent.min(GROUP) {
        speaker.published()?;
    }
    let (rate, used) = (sent as f64 / start.elapsed().as_secs_f64(), processor_time(id)? - before);
    let each = used.as_secs_f64() * 1e6 / sent.max(1) as f64;
    println!("| {tills} | floor: the broker alone | {rate:.0} | | | | | | | | | {each:.1} | |");
    Ok(())
}

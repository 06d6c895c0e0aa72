//! What this machine takes at the least: a message through the broker and one write that a power cut cannot undo.

use std::fs::File;
use std::os::unix::fs::FileExt;

use tests::mosquitto::Mosquitto;

use crate::Fault;
use crate::clock;
use crate::figure::{Figure, Unit};
use crate::mqtt::Client;
use crate::place::Place;

/// The name of the figure that others are compared with.
pub(crate) const FLOOR: &str = "floor: publish → subscribe, and one fdatasync";

/// As large as a webhook in its envelope.
const MESSAGE: [u8; 1024] = [b'x'; 1024];
/// A page of the store.
const PAGE: [u8; 4096] = [7; 4096];

/// Measures both, one after the other, `count` times.
pub(crate) fn measure(place: &Place, count: usize) -> Result<Vec<Figure>, Fault> {
    let broker = Mosquitto::start(place.disk());
    let mut ear = Client::connect(broker.address(), "bench-ear")?;
    ear.subscribe("bench/floor")?;
    let mut mouth = Client::connect(broker.address(), "bench-mouth")?;
    let file = File::create(place.disk().file("floor"))?;
    let mut sum = Figure::new(FLOOR, Unit::Ms);
    let mut passing = Figure::new("floor: publish → subscribe alone", Unit::Ms);
    for round in 0..count + 5 {
        let start = clock::now();
        mouth.publish("bench/floor", &MESSAGE)?;
        ear.message()?;
        let passed = clock::now();
        file.write_all_at(&PAGE, 0)?;
        file.sync_data()?;
        let end = clock::now();
        mouth.published()?;
        // The first ones warm up.
        if round >= 5 {
            sum.add(end.ms_since(start));
            passing.add(passed.ms_since(start));
        }
    }
    Ok(vec![sum, passing])
}

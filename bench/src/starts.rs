//! Measures starts on a store that has seen sales: from before the process is made to the first picture and to the idle
//! picture in the file. It must not know how `tilld` works inside.

use crate::Fault;
use crate::clock;
use crate::figure::{Figure, Unit};
use crate::terminal::{Counter, wait};

/// Starts `count` times after one start that warms up.
pub(crate) fn measure(counter: &Counter, count: usize) -> Result<Vec<Figure>, Fault> {
    let mut first = Figure::new("start → first picture in the file", Unit::Ms);
    let mut idle = Figure::new("start → idle picture in the file", Unit::Ms).aim(100.0);
    for round in 0..=count {
        counter.forget();
        let started = clock::now();
        let mut running = counter.start();
        // The first picture that is the till's own comes after the one that only says that it starts.
        let (first_at, idle_at) = wait("the idle picture is there", || {
            let pictures = counter.pictures.since(started);
            let handed = counter.handed_since(started).into_iter().find(|handed| handed.of_till)?;
            let idle = pictures.iter().find(|seen| seen.at >= handed.at)?;
            Some((pictures.first()?.at, idle.at))
        })?;
        if round > 0 {
            first.add(first_at.ms_since(started));
            idle.add(idle_at.ms_since(started));
        }
        running.wait_ready()?;
        running.stop();
    }
    Ok(vec![first, idle])
}

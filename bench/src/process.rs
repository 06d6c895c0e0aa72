//! What Linux says of a running process: its memory and the processor's time that it has used. It must not know whose
//! process it is.

use std::fs;
use std::time::Duration;

use crate::Fault;

/// `VmRSS` in bytes.
pub(crate) fn resident(process: u32) -> Result<u64, Fault> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib * 1024)
}

/// User and system time of all its threads.
pub(crate) fn processor_time(process: u32) -> Result<Duration, Fault> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The program's name, in brackets, may have spaces in it; the user's and the system's ticks are the 12th and 13th
    // field after it, a hundred a second.
    let (_, fields) = stat.rsplit_once(')').ok_or("no name in stat")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 10))
}

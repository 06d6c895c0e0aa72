//! The only reader of clocks: ticks since boot for deadlines, the wall clock for dates, and which boot this is.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};
use till_wire::UnixTime;

use crate::till::{BootId, Now, Tick};

/// No wall clock of a running terminal shows an earlier time than this version's making: 2026-01-01T00:00:00Z.
pub const BUILT: UnixTime = UnixTime::from_ms(1_767_225_600_000);

/// Reads both clocks.
pub fn now() -> Now {
    Now { tick: tick(), wall: wall() }
}

/// Reads the milliseconds since boot, suspended time included.
pub fn tick() -> Tick {
    let time = clock_gettime(ClockId::Boottime);
    let secs = u64::try_from(time.tv_sec).unwrap_or(0);
    let ms = u64::try_from(time.tv_nsec / 1_000_000).unwrap_or(0);
    Tick(secs.saturating_mul(1000).saturating_add(ms))
}

/// Reads the same clock in microseconds, to tell how long something took; decisions count in [`tick`]s.
pub fn micros() -> u64 {
    let time = clock_gettime(ClockId::Boottime);
    let secs = u64::try_from(time.tv_sec).unwrap_or(0);
    secs.saturating_mul(1_000_000).saturating_add(u64::try_from(time.tv_nsec / 1000).unwrap_or(0))
}

/// Reads the wall clock, which may be wrong (promise P10).
#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
pub fn wall() -> UnixTime {
    let ms = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
    };
    UnixTime::from_ms(ms)
}

/// Tells whether systemd-timesyncd has set the clock by the network's time since this boot. Source:
/// systemd-timesyncd.service(8), `/run/systemd/timesync/synchronized`. Where another service keeps the clock it cannot be
/// told without asking the kernel, for which there is no safe wrapper.
pub fn is_kept_by_the_network() -> bool {
    fs::exists("/run/systemd/timesync/synchronized").unwrap_or(false)
}

/// Tells whether the wall clock may be right: certificates are not judged by one that cannot (promise P10).
pub fn is_plausible() -> bool {
    wall() >= BUILT || is_kept_by_the_network()
}

/// Returns the id of this boot of the machine.
///
/// Where the kernel does not tell, every process counts as a boot of its own: deadlines then keep their remainder.
pub fn boot_id() -> BootId {
    let told = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok().and_then(|text| parse(&text));
    told.unwrap_or_else(|| BootId(fastrand::u128(..).to_be_bytes()))
}

fn parse(text: &str) -> Option<BootId> {
    let digits: String = text.trim().chars().filter(|digit| *digit != '-').collect();
    u128::from_str_radix(&digits, 16).ok().map(|id| BootId(id.to_be_bytes()))
}

/// Formats a boot id as the kernel does.
pub fn boot_text(boot: BootId) -> String {
    let hex = format!("{:032x}", u128::from_be_bytes(boot.0));
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boot_id_is_read_and_written_as_the_kernel_does() {
        let text = "01234567-89ab-cdef-0123-456789abcdef";
        let boot = parse(&format!("{text}\n")).expect("a boot id in the kernel's form");
        assert_eq!(boot_text(boot), text);
    }

    #[test]
    fn ticks_grow_and_the_boot_stays() {
        let (first, boot) = (tick(), boot_id());
        assert!(tick() >= first && first > Tick(0));
        assert_eq!(boot_id(), boot);
    }
}

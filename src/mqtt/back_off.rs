//! How long the line waits for things: before another attempt, and for a broker that has gone silent. It must not wait
//! itself.

use std::net::IpAddr;
use std::time::Duration;

use till_settings::broker::KEEP_ALIVE;

use super::Options;

/// The spans that a line keeps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Timing {
    /// The longest that the first pause may be.
    pub(super) first_pause: Duration,
    /// The longest that any pause may be.
    pub(super) longest_pause: Duration,
    /// How often the broker hears of us at least.
    pub(super) keep_alive: Duration,
    /// How long the broker may leave us without any event, or a message without its acknowledgement.
    pub(super) silence: Duration,
}

/// No pause is shorter: a broker that hangs up at once must not be called in a circle.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);

impl Timing {
    /// Returns the spans for a broker: on loopback an attempt costs nobody anything, so the pauses are short.
    pub(super) fn of(options: &Options) -> Self {
        let client_id = options.terminal.to_string();
        let (host, _) = options.broker.client_options(&client_id).broker_address();
        let (first_pause, longest_pause) = if is_loopback(&host) {
            (Duration::from_millis(250), Duration::from_secs(2))
        } else {
            (Duration::from_millis(500), Duration::from_secs(30))
        };
        Self { first_pause, longest_pause, keep_alive: KEEP_ALIVE, silence: 3 * KEEP_ALIVE }
    }
}

fn is_loopback(host: &str) -> bool {
    let number = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || number.parse().is_ok_and(|number: IpAddr| number.is_loopback())
}

/// Counts the attempts in a row that came to nothing.
#[derive(Debug, Default)]
pub(super) struct BackOff {
    failures: u32,
}

impl BackOff {
    /// Notes that a connection, or the attempt at one, has ended, and returns the longest that the pause may be. A
    /// connection that lasted longer than any pause begins a new row; a shorter one does not, since two terminals with
    /// one number throw each other out for ever.
    pub(super) fn ceiling(&mut self, timing: &Timing, lasted: Duration) -> Duration {
        if lasted > timing.longest_pause {
            self.failures = 0;
        }
        let doubled = 1u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        self.failures = self.failures.saturating_add(1).min(31);
        timing.first_pause.saturating_mul(doubled).min(timing.longest_pause)
    }

    /// Returns a pause: any length up to the ceiling (full jitter), so that a thousand terminals do not come back in
    /// the same instant.
    pub(super) fn pause(&mut self, timing: &Timing, lasted: Duration) -> Duration {
        let ceiling = self.ceiling(timing, lasted);
        ceiling.mul_f64(fastrand::f64()).max(SHORTEST_PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMING: Timing = Timing {
        first_pause: Duration::from_millis(500),
        longest_pause: Duration::from_secs(30),
        keep_alive: KEEP_ALIVE,
        silence: Duration::from_secs(45),
    };

    #[test]
    fn pauses_double_up_to_the_longest_and_a_long_connection_begins_anew() {
        let mut back_off = BackOff::default();
        let mut ceiling = |lasted| back_off.ceiling(&TIMING, Duration::from_secs(lasted));
        let row: Vec<_> = (0..8).map(|_| ceiling(1).as_millis()).collect();
        assert_eq!(row, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
        assert_eq!(ceiling(31).as_millis(), 500);
        assert_eq!(ceiling(0).as_millis(), 1000);
    }

    #[test]
    fn the_row_has_no_end_at_which_it_would_overflow() {
        let mut back_off = BackOff::default();
        for _ in 0..100 {
            back_off.ceiling(&TIMING, Duration::ZERO);
        }
        let ceiling = back_off.ceiling(&TIMING, Duration::ZERO);
        assert_eq!(ceiling, TIMING.longest_pause);
    }

    #[test]
    fn no_attempt_follows_at_once() {
        let mut back_off = BackOff::default();
        for _ in 0..200 {
            let pause = back_off.pause(&TIMING, Duration::from_secs(60));
            assert!((SHORTEST_PAUSE..=TIMING.first_pause).contains(&pause));
        }
    }

    #[test]
    fn loopback_is_known_by_name_and_number() {
        for host in ["localhost", "127.0.0.1", "127.9.9.9", "[::1]", "::1"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["broker.example", "10.0.0.1", "localhost.example"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}

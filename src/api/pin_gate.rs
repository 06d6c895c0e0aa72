//! Lets the supervisor's PIN be tried five times, then not for five minutes. Between two tries of many callers there is no
//! gap, so nobody gains by trying in parallel or by hanging up before the answer. It must not know what the PIN is for.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::problem::{Kind, Problem};
use crate::config::PinHash;
use crate::pin;

/// The longest PIN that is looked at, in characters.
pub(super) const LONGEST_PIN: usize = 64;
/// How many wrong PINs in a row shut the gate.
const WRONG: u8 = 5;
/// For how long.
const SHUT: Duration = Duration::from_secs(300);

/// The gate.
pub(super) struct PinGate {
    hash: Option<PinHash>,
    tries: Mutex<Tries>,
}

/// What has been tried since the last right PIN.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tries {
    wrong: u8,
    shut_until: Option<Instant>,
}

impl PinGate {
    pub(super) fn new(hash: Option<PinHash>) -> Self {
        Self { hash, tries: Mutex::default() }
    }

    /// Lets the right PIN pass.
    pub(super) async fn check(&self, typed: String) -> Result<(), Problem> {
        let Some(hash) = self.hash.clone() else {
            return Err(Problem::new(
                Kind::Forbidden,
                "no supervisor's PIN is configured (`sale.supervisor_pin`, made by `till pin`)",
            ));
        };
        let mut tries = self.tries.lock().await;
        tries.begin(Instant::now()).map_err(|left| {
            Problem::new(Kind::TooManyPins, format!("a PIN can be tried again in {} s", left.as_secs().max(1)))
                .retry_after(left)
        })?;
        let fits = spawn_blocking(move || pin::fits(&typed, hash.expose())).await;
        if fits.is_ok_and(|fits| fits) {
            tries.was_right();
            Ok(())
        } else {
            Err(Problem::new(
                Kind::WrongPin,
                format!("after {WRONG} wrong PINs in a row none is taken for five minutes"),
            ))
        }
    }
}

impl Tries {
    /// Counts a try as wrong before it is known, because its caller may hang up; an `Err` says how long to wait.
    fn begin(&mut self, now: Instant) -> Result<(), Duration> {
        if let Some(until) = self.shut_until {
            let left = until.saturating_duration_since(now);
            if !left.is_zero() {
                return Err(left);
            }
            *self = Self::default();
        }
        self.wrong = self.wrong.saturating_add(1);
        self.shut_until = (self.wrong >= WRONG).then(|| now + SHUT);
        Ok(())
    }

    fn was_right(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_wrong_pins_in_a_row_shut_the_gate_for_five_minutes() {
        let start = Instant::now();
        let mut tries = Tries::default();
        for _ in 0..5 {
            assert_eq!(tries.begin(start), Ok(()));
        }
        assert_eq!(tries.begin(start), Err(SHUT));
        let later = start + Duration::from_secs(299);
        assert_eq!(tries.begin(later), Err(Duration::from_secs(1)));
        assert_eq!(tries.begin(start + SHUT), Ok(()));
        assert_eq!(tries, Tries { wrong: 1, shut_until: None });
    }

    #[test]
    fn a_right_pin_forgives_the_wrong_ones() {
        let now = Instant::now();
        let mut tries = Tries::default();
        for _ in 0..5 {
            assert_eq!(tries.begin(now), Ok(()));
        }
        tries.was_right();
        assert_eq!(tries, Tries::default());
    }
}

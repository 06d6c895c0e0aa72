//! What is counted and measured for `/metrics`, as whoever counts hands it over. It must not know how it is written down.

/// One series of `/metrics`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Its name, e.g. `tilld_webhooks_total`: letters, digits and underscores.
    pub name: &'static str,
    /// One sentence on what it tells.
    pub help: &'static str,
    /// Names and values that tell series of one name apart.
    pub labels: Vec<(&'static str, String)>,
    /// What it is now.
    pub value: Value,
}

/// What a series is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// How often it happened since the start.
    Counter(u64),
    /// How it is now.
    Gauge(i64),
    /// How long things took since the start.
    Histogram(Histogram),
}

/// How long things took: how many took at most so long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    bounds_ms: &'static [u32],
    /// One for each bound, and one for what took longer.
    counts: Vec<u64>,
    sum_us: u64,
}

impl Histogram {
    /// Begins with nothing; the bounds grow.
    pub fn new(bounds_ms: &'static [u32]) -> Self {
        Self { bounds_ms, counts: vec![0; bounds_ms.len() + 1], sum_us: 0 }
    }

    /// Notes that something took so many microseconds.
    pub fn took(&mut self, micros: u64) {
        let above = |bound: &u32| u64::from(*bound).saturating_mul(1000) < micros;
        let place = self.bounds_ms.partition_point(above);
        if let Some(count) = self.counts.get_mut(place) {
            *count = count.saturating_add(1);
        }
        self.sum_us = self.sum_us.saturating_add(micros);
    }

    /// Returns each bound in milliseconds with how many took at most so long.
    pub fn buckets(&self) -> impl Iterator<Item = (u32, u64)> {
        let mut sum: u64 = 0;
        self.bounds_ms.iter().zip(&self.counts).map(move |(bound, count)| {
            sum = sum.saturating_add(*count);
            (*bound, sum)
        })
    }

    /// Returns how many there were.
    pub fn count(&self) -> u64 {
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Returns how long all took together, in microseconds.
    pub fn sum_us(&self) -> u64 {
        self.sum_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_exactly_a_bound_is_within_it() {
        let mut histogram = Histogram::new(&[1, 10]);
        [0, 1_000, 1_001, 10_000, 10_001, u64::MAX].into_iter().for_each(|micros| histogram.took(micros));
        assert_eq!(histogram.buckets().collect::<Vec<_>>(), [(1, 2), (10, 4)]);
        assert_eq!((histogram.count(), histogram.sum_us()), (6, u64::MAX));
    }
}

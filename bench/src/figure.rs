//! A figure: what was measured, how often, and its middle and its tail. It must not know what it stands for.

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Milliseconds.
    Ms,
    /// 1024 × 1024 bytes.
    Mib,
    /// Millions of instructions.
    Minstr,
}

impl Unit {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Ms => "ms",
            Self::Mib => "MiB",
            Self::Minstr => "M instr",
        }
    }
}

/// Samples under a name.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    name: String,
    unit: Unit,
    aim: Option<f64>,
    samples: Vec<f64>,
}

impl Figure {
    pub(crate) fn new(name: impl Into<String>, unit: Unit) -> Self {
        Self { name: name.into(), unit, aim: None, samples: Vec::new() }
    }

    /// What the median should be at most.
    pub(crate) fn aim(mut self, most: f64) -> Self {
        self.aim = Some(most);
        self
    }

    pub(crate) fn add(&mut self, sample: f64) {
        self.samples.push(sample);
    }

    pub(crate) fn with(mut self, sample: f64) -> Self {
        self.add(sample);
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn unit(&self) -> Unit {
        self.unit
    }

    pub(crate) fn wanted(&self) -> Option<f64> {
        self.aim
    }

    pub(crate) fn count(&self) -> usize {
        self.samples.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Returns the smallest sample that at least `percent` of a hundred are not above.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.samples.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).copied().unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples_by_their_rank() {
        let mut figure = Figure::new("x", Unit::Ms);
        assert!(figure.is_empty() && figure.percentile(50).is_nan());
        for sample in (1..=200).rev() {
            figure.add(f64::from(sample));
        }
        assert_eq!([50, 99, 100].map(|percent| figure.percentile(percent)), [100.0, 198.0, 200.0]);
        let one = Figure::new("y", Unit::Ms).with(7.0);
        assert_eq!((one.percentile(50), one.percentile(99)), (7.0, 7.0));
    }
}

//! Medians, and how far they can be trusted.

/// Samples that are drawn to find the interval of a median.
const RESAMPLES: usize = 2_000;

/// Numbers that look random: xorshift64*, good enough to shuffle and to draw samples.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// The same numbers for the same seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number below `end`, which is not 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        (high as usize) % end
    }

    /// Puts the items into a random order.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

/// The middle of the values; not a number if there are none.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

/// A median, and where 95 in 100 medians of samples drawn anew lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Interval {
    pub(super) low: f64,
    pub(super) median: f64,
    pub(super) high: f64,
}

impl Interval {
    /// By the percentile bootstrap.
    pub(super) fn of(values: &[f64]) -> Self {
        let mut random = Random::new(1);
        let mut medians: Vec<f64> = (0..RESAMPLES)
            .map(|_| {
                let draw = |_| values[random.below(values.len())];
                median(&(0..values.len()).map(draw).collect::<Vec<_>>())
            })
            .collect();
        medians.sort_by(f64::total_cmp);
        let at = |share: f64| medians[(share * (RESAMPLES - 1) as f64) as usize];
        Self {
            low: at(0.025),
            median: median(values),
            high: at(0.975),
        }
    }
}

impl std::fmt::Display for Interval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2} ({:.2}–{:.2})", self.median, self.low, self.high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_found() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn an_interval_holds_the_median_and_narrows() {
        let noisy: Vec<f64> = (0..100).map(|i| 1.0 + f64::from(i % 10) / 10.0).collect();
        let wide = Interval::of(&noisy[..10]);
        let narrow = Interval::of(&noisy);
        assert!(wide.low <= wide.median && wide.median <= wide.high);
        assert!(narrow.high - narrow.low < wide.high - wide.low);
        assert_eq!(Interval::of(&[2.0; 5]).to_string(), "2.00 (2.00–2.00)");
    }

    #[test]
    fn a_shuffle_keeps_all_and_moves_some() {
        let mut items: Vec<usize> = (0..100).collect();
        Random::new(7).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}

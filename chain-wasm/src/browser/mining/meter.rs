//! How quickly is searched.

/// How long to search before a rate is told, in milliseconds: long against the
/// coarseness of a browser's clock (up to 100 ms where it guards against tracking).
const PERIOD: f64 = 500.0;

/// Counts hashes and the time that they took, over as many searches as it needs.
#[derive(Debug, Default)]
pub(super) struct Meter {
    hashes: f64,
    millis: f64,
}

impl Meter {
    /// Counts; gives the rate in hashes a second once there is enough to tell, and
    /// begins anew.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    pub(super) fn count(&mut self, hashes: u64, millis: f64) -> Option<f64> {
        self.hashes += hashes as f64;
        self.millis += millis.max(0.0);
        (self.millis >= PERIOD).then(|| {
            let counted = std::mem::take(self);
            counted.hashes / counted.millis * 1_000.0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_hashes_over_time_once_there_is_enough() {
        let mut meter = Meter::default();
        assert_eq!(meter.count(1_000, 200.0), None);
        assert_eq!(meter.count(1_000, 200.0), None);
        assert_eq!(meter.count(1_000, 200.0), Some(5_000.0));
        assert_eq!(meter.count(100, 499.0), None);
        assert_eq!(meter.count(400, 1.0), Some(1_000.0));
    }

    #[test]
    fn a_clock_that_goes_back_takes_nothing_away() {
        let mut meter = Meter::default();
        assert_eq!(meter.count(500, -100.0), None);
        assert_eq!(meter.count(500, 500.0), Some(2_000.0));
    }
}

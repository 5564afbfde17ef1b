//! From values to heights.

/// A linear scale whose ends and ticks are numbers that people count in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scale {
    low: f64,
    high: f64,
    step: f64,
}

/// Values beyond this cannot be drawn: the span of an axis must itself be a number.
pub(crate) const LARGEST: f64 = 1e300;

const TARGET_TICKS: f64 = 5.0;

impl Scale {
    /// A scale that holds all `values`. It begins at zero unless the values lie close together and far from it.
    pub(crate) fn over(values: impl IntoIterator<Item = f64>) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values {
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            return Self::spanning(0.0, 1.0);
        }
        let (low, high) = with_zero(low, high);
        let (low, high) = with_room(low, high);
        Self::spanning(low, high)
    }

    fn spanning(low: f64, high: f64) -> Self {
        let step = nice_step((high - low) / TARGET_TICKS);
        Self { low: (low / step).floor() * step, high: (high / step).ceil() * step, step }
    }

    /// Where `value` lies, as a share of the height counted from the bottom.
    pub(crate) fn share(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// The ticks from the bottom to the top.
    pub(crate) fn ticks(&self) -> Vec<f64> {
        let count = ((self.high - self.low) / self.step).round() as usize;
        (0..=count).map(|at| self.low + self.step * at as f64).collect()
    }

    /// The distance of two ticks.
    pub(crate) fn step(&self) -> f64 {
        self.step
    }

    /// The largest size on the scale, by which its ticks choose their unit.
    pub(crate) fn largest(&self) -> f64 {
        self.low.abs().max(self.high.abs())
    }

    /// Where bars and areas stand: zero, or the end nearest to it.
    pub(crate) fn base(&self) -> f64 {
        0f64.clamp(self.low, self.high)
    }

    /// Whether zero is on the scale.
    pub(crate) fn has_zero(&self) -> bool {
        self.low <= 0.0 && self.high >= 0.0
    }
}

/// Values this close to each other would be a flat line far above zero; only then is zero left out.
const CLOSE: f64 = 0.85;

fn with_zero(low: f64, high: f64) -> (f64, f64) {
    if low > 0.0 && low < high * CLOSE {
        (0.0, high)
    } else if high < 0.0 && high > low * CLOSE {
        (low, 0.0)
    } else {
        (low, high)
    }
}

/// All values alike need a span of their own, wide enough that the steps still differ as floating-point numbers.
fn with_room(low: f64, high: f64) -> (f64, f64) {
    let size = low.abs().max(high.abs());
    if high - low > size * 1e-9 {
        (low, high)
    } else if size == 0.0 {
        (0.0, 1.0)
    } else if low > 0.0 {
        (0.0, high)
    } else {
        (low, 0.0)
    }
}

fn nice_step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    let power = if power > 0.0 { power } else { f64::MIN_POSITIVE };
    let digit = rough / power;
    let nice = [1.0, 2.0, 2.5, 5.0].into_iter().find(|nice| digit <= nice * 1.000_001).unwrap_or(10.0);
    nice * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_enclose_the_values() {
        assert_eq!(Scale::over([3.0, 97.0]).ticks(), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(Scale::over([-30.0, 50.0]).ticks(), [-40.0, -20.0, 0.0, 20.0, 40.0, 60.0]);
        assert_eq!(Scale::over([990.0, 1010.0]).ticks(), [990.0, 995.0, 1000.0, 1005.0, 1010.0]);
        assert_eq!(Scale::over([5.0]).ticks(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(Scale::over([0.0]).ticks().len(), 6);
        assert_eq!(Scale::over([]).ticks().len(), 6);
    }

    #[test]
    fn any_finite_values_make_a_usable_scale() {
        let edges =
            [0.0, 1e-300, -1e-300, 1.0, 1.0 + f64::EPSILON, -1.0, 1e16, 1e16 + 2.0, LARGEST, -LARGEST];
        for a in edges {
            for b in edges {
                let scale = Scale::over([a, b]);
                let ticks = scale.ticks();
                assert!((2..=10).contains(&ticks.len()), "{a} {b}: {ticks:?}");
                assert!(ticks.iter().all(|tick| tick.is_finite()), "{a} {b}: {ticks:?}");
                assert!(scale.share(a.min(b)) <= scale.share(a.max(b)), "{a} {b}");
                assert!(scale.share(a).is_finite() && scale.share(scale.base()).is_finite(), "{a} {b}");
            }
        }
    }
}

//! Numbers that count from 1970.

use crate::calendar::SECOND;

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EpochUnit {
    Seconds,
    Millis,
    Micros,
    Nanos,
}

impl EpochUnit {
    /// How many of the unit are a second.
    fn per_second(self) -> i64 {
        match self {
            Self::Seconds => 1,
            Self::Millis => 1_000,
            Self::Micros => SECOND,
            Self::Nanos => 1_000_000_000,
        }
    }

    /// Microseconds, rounded down; nothing past the ends of an `i64`.
    #[inline]
    pub(crate) fn micros(self, count: i64) -> Option<i64> {
        match self {
            Self::Nanos => Some(count.div_euclid(1_000)),
            _ => count.checked_mul(SECOND / self.per_second()),
        }
    }

    /// Microseconds of a count with a fraction, to the nearest: the number's own error is often greater than that.
    pub(crate) fn micros_of_float(self, count: f64) -> Option<i64> {
        let micros = (count * (SECOND as f64 / self.per_second() as f64)).round();
        (micros.abs() < i64::MAX as f64).then_some(micros as i64)
    }

    /// Microseconds of a decimal number as text, such as `1357034400.123`, rounded down.
    pub(crate) fn micros_of_text(self, text: &str) -> Option<i64> {
        let text = text.trim_ascii();
        if let Ok(count) = text.parse::<i64>() {
            return self.micros(count);
        }
        let (whole, fraction) = text.split_once('.')?;
        let sign = if whole.starts_with('-') { -1 } else { 1 };
        let whole: i128 = if matches!(whole, "" | "-" | "+") { 0 } else { whole.parse().ok()? };
        let is_fraction = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
        let digits = fraction.get(..fraction.len().min(15)).filter(|_| is_fraction)?;
        let scale = 10_i128.pow(digits.len() as u32);
        let scaled = whole.checked_mul(scale)?.checked_add(sign * digits.parse::<i128>().ok()?)?;
        let micros = scaled.checked_mul(SECOND.into())?.div_euclid(scale * i128::from(self.per_second()));
        i64::try_from(micros).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_from_1970_in_every_unit() {
        assert_eq!(EpochUnit::Seconds.micros(1_357_035_300), Some(1_357_035_300_000_000));
        assert_eq!(EpochUnit::Millis.micros(-1), Some(-1_000));
        assert_eq!(EpochUnit::Nanos.micros(-1), Some(-1));
        assert_eq!(EpochUnit::Nanos.micros(1_999), Some(1));
        assert_eq!(EpochUnit::Seconds.micros(i64::MAX), None);
        assert_eq!(EpochUnit::Seconds.micros_of_float(1_357_035_300.123_456), Some(1_357_035_300_123_456));
        assert_eq!(EpochUnit::Seconds.micros_of_float(f64::NAN), None);
        assert_eq!(EpochUnit::Seconds.micros_of_float(1e300), None);
    }

    #[test]
    fn reads_numbers_exactly() {
        let cases = [
            (EpochUnit::Seconds, "1357035300.123456", Some(1_357_035_300_123_456)),
            (EpochUnit::Seconds, " 1357035300 ", Some(1_357_035_300_000_000)),
            (EpochUnit::Millis, "1357035300123.4567", Some(1_357_035_300_123_456)),
            (EpochUnit::Seconds, "-0.5", Some(-500_000)),
            (EpochUnit::Seconds, ".5", Some(500_000)),
            (EpochUnit::Nanos, "1.9", Some(0)),
            (EpochUnit::Seconds, "1.", None),
            (EpochUnit::Seconds, "1e3", None),
            (EpochUnit::Seconds, "", None),
            (EpochUnit::Seconds, "1.2.3", None),
            (EpochUnit::Seconds, "99999999999999999999", None),
        ];
        for (unit, text, micros) in cases {
            assert_eq!(unit.micros_of_text(text), micros, "{text}");
        }
    }
}

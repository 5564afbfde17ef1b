//! Fields as digits, as `DateTimeFormatterBuilder.NumberPrinterParser` reads and writes them.

use super::fields::{Field, Fields};

/// The first year that two digits may mean.
const FIRST_OF_TWO_DIGITS: i64 = 2000;

/// When a sign stands before the digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// Never; a negative value cannot be said.
    Never,
    /// Before negative values.
    Negative,
    /// Before negative values, and `+` before those with more digits than the least.
    ExceedingPad,
}

/// A field as digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) field: Field,
    /// The fewest digits; shorter values are padded with zeros.
    pub(super) min: usize,
    /// The most digits.
    pub(super) max: usize,
    pub(super) sign: Sign,
    /// How many digits belong to the fields that follow without a separator.
    pub(super) reserved: usize,
    /// Two digits of a year from 2000 on.
    pub(super) reduced: bool,
}

impl Number {
    pub(super) fn is_fixed(&self) -> bool {
        self.min == self.max
    }

    /// Reads the field at byte `at`; where it ends, or nothing if it is not there.
    pub(super) fn read(&self, text: &[u8], at: usize, fields: &mut Fields) -> Option<usize> {
        let sign = text.get(at).copied().filter(|b| matches!(b, b'+' | b'-'));
        let start = at + usize::from(sign.is_some());
        let digits = self.count_digits(&text[start..])?;
        let end = start + digits;
        self.check_sign(sign, digits)?;
        let magnitude = read_digits(&text[start..end])?;
        if magnitude == 0 && sign == Some(b'-') {
            return None;
        }
        let value = if sign == Some(b'-') { -magnitude } else { magnitude };
        fields.set(self.field, if self.reduced { FIRST_OF_TWO_DIGITS + value } else { value })?;
        Some(end)
    }

    fn count_digits(&self, text: &[u8]) -> Option<usize> {
        let most = self.max + self.reserved;
        let run = text.iter().take(most).take_while(|b| b.is_ascii_digit()).count();
        let digits = run.saturating_sub(self.reserved).max(self.min).min(self.max);
        (run >= self.min).then_some(digits)
    }

    fn check_sign(&self, sign: Option<u8>, digits: usize) -> Option<()> {
        let is_allowed = match (self.sign, sign) {
            (Sign::ExceedingPad, Some(b'+')) => digits > self.min,
            (Sign::ExceedingPad, None) => digits <= self.min,
            (_, None) => true,
            (Sign::Never, Some(_)) | (Sign::Negative, Some(b'+')) => false,
            _ => true,
        };
        is_allowed.then_some(())
    }

    /// Appends the value; nothing if the digits or the sign cannot say it.
    pub(super) fn write(&self, value: i64, out: &mut String) -> Option<()> {
        let value = if self.reduced { value.abs() % 100 } else { value };
        match self.sign {
            Sign::Never if value < 0 => return None,
            Sign::ExceedingPad if value >= 10_i64.saturating_pow(self.min as u32) => out.push('+'),
            _ if value < 0 => out.push('-'),
            _ => {}
        }
        let digits = write_digits(value.unsigned_abs(), self.min, out);
        (digits <= self.max).then_some(())
    }
}

/// Appends a number with leading zeros up to a width; how many digits that were.
pub(super) fn write_digits(number: u64, width: usize, out: &mut String) -> usize {
    let digits = number.checked_ilog10().unwrap_or(0) as usize + 1;
    for power in (0..width.max(digits)).rev() {
        let digit = 10_u64.checked_pow(power as u32).map_or(0, |unit| number / unit % 10);
        out.push(char::from(b'0' + digit as u8));
    }
    width.max(digits)
}

/// The number that up to 18 digits say.
pub(super) fn read_digits(digits: &[u8]) -> Option<i64> {
    let significant = digits.iter().position(|b| *b != b'0').map_or(&[][..], |first| &digits[first..]);
    if significant.len() > 18 {
        return None;
    }
    Some(significant.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}

//! Decimal numbers as text: their grammar and their exact value.

use std::cmp::Ordering;

/// The longest significand, in digits, that always fits 64 bits.
const EXACT_DIGITS: usize = 19;

/// A number whose text has been read. The text itself is kept by the caller and handed back where it is needed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    /// The digits of the significand without the point, as an integer; meaningless when `is_long`.
    significand: u64,
    /// The power of ten to multiply `significand` with.
    exponent: i32,
    is_negative: bool,
    /// Whether the significand may not fit 64 bits.
    is_long: bool,
    /// Whether there is a point.
    has_fraction: bool,
    /// Whether there is an `e`.
    has_exponent: bool,
}

/// Where a text stops being a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadNumber {
    /// The place of the offending byte.
    pub(crate) at: usize,
}

/// Exponents beyond this are all the same: no digits could bring the value back into any type's range.
const LARGEST_EXPONENT: i32 = 100_000_000;

impl Number {
    /// Reads the number that begins at `at` by the grammar of RFC 8259; answers with the place behind it.
    #[inline]
    pub(crate) fn scan(bytes: &[u8], at: usize) -> Result<(Self, usize), BadNumber> {
        let is_negative = bytes.get(at) == Some(&b'-');
        let begin = at + usize::from(is_negative);
        let (mut significand, mut end) = digits(bytes, begin, 0);
        let mut len = end - begin;
        if len == 0 || (len > 1 && bytes.get(begin) == Some(&b'0')) {
            return Err(BadNumber { at: begin + usize::from(len > 0) });
        }
        let mut number = Self {
            significand,
            exponent: 0,
            is_negative,
            is_long: false,
            has_fraction: false,
            has_exponent: false,
        };
        if bytes.get(end) == Some(&b'.') {
            let point = end + 1;
            (significand, end) = digits(bytes, point, significand);
            if end == point {
                return Err(BadNumber { at: end });
            }
            number.has_fraction = true;
            number.exponent = -i32::try_from(end - point).unwrap_or(LARGEST_EXPONENT);
            len += end - point;
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let (exponent, behind) = scan_exponent(bytes, end + 1)?;
            number.has_exponent = true;
            number.exponent = number.exponent.saturating_add(exponent);
            end = behind;
        }
        number.significand = significand;
        number.is_long = len > EXACT_DIGITS;
        Ok((number, end))
    }

    /// Reads a whole text as people and programs write numbers into CSV: also with a `+`, with leading zeros, and with
    /// nothing on one side of the point. Answers with the text by the stricter grammar, which the conversions take.
    pub(crate) fn parse_text(text: &str) -> Option<(Self, std::borrow::Cow<'_, [u8]>)> {
        let plain = match Self::scan(text.as_bytes(), 0) {
            Ok((number, end)) if end == text.len() => return Some((number, text.as_bytes().into())),
            _ => normalise(text)?,
        };
        let (number, end) = Self::scan(plain.as_bytes(), 0).ok()?;
        (end == plain.len()).then(|| (number, plain.into_bytes().into()))
    }

    /// The value as an integer, if it is written as one (no point, no exponent) and in range.
    #[inline]
    pub(crate) fn to_i64(self) -> Option<i64> {
        if self.has_fraction || self.has_exponent || self.is_long {
            return None;
        }
        match self.is_negative {
            false => i64::try_from(self.significand).ok(),
            true => 0i64.checked_sub_unsigned(self.significand),
        }
    }

    /// Whether the number is written as an integer, without a point or an exponent.
    pub(crate) fn is_integer(self) -> bool {
        !self.has_fraction && !self.has_exponent
    }

    /// The nearest double; none if that is infinite, if it is zero and the number is not, or if the number is an
    /// integer (no exponent, no fraction but zeros) that no double holds exactly.
    ///
    /// `text` is what [`Self::scan`] has read.
    #[inline]
    pub(crate) fn to_f64(self, text: &[u8]) -> Option<f64> {
        const POWERS: [f64; 23] = [
            1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
            1e18, 1e19, 1e20, 1e21, 1e22,
        ];
        // Both factors are exact, so the one rounding of the product is the right one.
        let power = POWERS.get(self.exponent.unsigned_abs() as usize);
        match power {
            Some(power) if !self.is_long && self.significand <= 1 << f64::MANTISSA_DIGITS => {
                let value = self.significand as f64;
                let value = if self.exponent < 0 { value / power } else { value * power };
                Some(if self.is_negative { -value } else { value })
            }
            _ => {
                let value: f64 = lexical_core::parse(text).ok()?;
                self.is_kept(value, text).then_some(value)
            }
        }
    }

    /// The nearest float, by the rules of [`Self::to_f64`].
    #[inline]
    pub(crate) fn to_f32(self, text: &[u8]) -> Option<f32> {
        const POWERS: [f32; 11] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10];
        let power = POWERS.get(self.exponent.unsigned_abs() as usize);
        match power {
            Some(power) if !self.is_long && self.significand <= 1 << f32::MANTISSA_DIGITS => {
                let value = self.significand as f32;
                let value = if self.exponent < 0 { value / power } else { value * power };
                Some(if self.is_negative { -value } else { value })
            }
            _ => {
                let value: f32 = lexical_core::parse(text).ok()?;
                self.is_kept(f64::from(value), text).then_some(value)
            }
        }
    }

    /// The value times `10^scale` as an integer of at most `precision` digits, if it is exactly that.
    pub(crate) fn to_decimal(self, text: &[u8], precision: u8, scale: i8) -> Option<i128> {
        let mut unscaled = 0i128;
        let mut zeros = 0u32;
        for digit in significant_digits(text) {
            if digit == 0 {
                zeros += 1;
                continue;
            }
            unscaled = times_ten_to(unscaled, zeros + 1)?.checked_add(i128::from(digit))?;
            zeros = 0;
        }
        let shift = i64::from(self.exponent) + i64::from(zeros) + i64::from(scale);
        let unscaled = match unscaled {
            0 => 0,
            // The last digit is not a zero, so a negative shift would cut something off.
            _ => times_ten_to(unscaled, u32::try_from(shift).ok()?)?,
        };
        let fits = unscaled < 10i128.checked_pow(u32::from(precision))?;
        fits.then_some(if self.is_negative { -unscaled } else { unscaled })
    }

    fn is_kept(self, value: f64, text: &[u8]) -> bool {
        if value == 0.0 {
            return significant_digits(text).all(|digit| digit == 0);
        }
        value.is_finite() && self.integer_digits(text).is_none_or(|digits| same_integer(value.abs(), digits))
    }

    /// The digits before the point, if there is nothing else that counts.
    fn integer_digits(self, text: &[u8]) -> Option<&[u8]> {
        let text = text.strip_prefix(b"-").unwrap_or(text);
        if self.has_exponent {
            return None;
        }
        match text.iter().position(|byte| *byte == b'.') {
            Some(point) => text[point + 1..].iter().all(|byte| *byte == b'0').then(|| &text[..point]),
            None => Some(text),
        }
    }
}

/// Reads digits and appends them to `value`, which wraps when there are too many.
#[inline]
fn digits(bytes: &[u8], mut at: usize, mut value: u64) -> (u64, usize) {
    if let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>())
        && let Some(number) = eight_digits(u64::from_le_bytes(*eight))
    {
        value = value.wrapping_mul(100_000_000).wrapping_add(number);
        at += 8;
    }
    while let Some(digit) = bytes.get(at).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    (value, at)
}

/// The value of eight ASCII digits, the first in the lowest byte, by three multiplications; none if one is no digit.
#[inline]
fn eight_digits(word: u64) -> Option<u64> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let low = word.wrapping_sub(ZEROS);
    let high = word.wrapping_add(0x4646_4646_4646_4646);
    if (low | high) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let pairs = low.wrapping_mul(10).wrapping_add(low >> 8);
    let outer = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(100 + (1_000_000 << 32));
    let inner = (pairs >> 16 & 0x0000_00ff_0000_00ff).wrapping_mul(1 + (10_000 << 32));
    Some(outer.wrapping_add(inner) >> 32)
}

fn scan_exponent(bytes: &[u8], at: usize) -> Result<(i32, usize), BadNumber> {
    let sign = bytes.get(at).copied();
    let begin = at + usize::from(matches!(sign, Some(b'+' | b'-')));
    let mut end = begin;
    let mut value = 0i32;
    while let Some(digit) = bytes.get(end).filter(|byte| byte.is_ascii_digit()) {
        value = (value.saturating_mul(10).saturating_add(i32::from(digit - b'0'))).min(LARGEST_EXPONENT);
        end += 1;
    }
    if end == begin {
        return Err(BadNumber { at: end });
    }
    Ok((if sign == Some(b'-') { -value } else { value }, end))
}

fn significant_digits(text: &[u8]) -> impl Iterator<Item = u8> {
    text.iter()
        .take_while(|byte| !matches!(byte, b'e' | b'E'))
        .filter(|byte| byte.is_ascii_digit())
        .map(|digit| digit - b'0')
}

fn times_ten_to(value: i128, power: u32) -> Option<i128> {
    if value == 0 {
        return Some(0);
    }
    value.checked_mul(10i128.checked_pow(power)?)
}

/// Whether a finite, positive, whole-numbered double is the integer with these digits.
fn same_integer(value: f64, digits: &[u8]) -> bool {
    match std::str::from_utf8(digits).map(str::parse::<u128>) {
        Ok(Ok(integer)) => value < 2f64.powi(128) && (value as u128).cmp(&integer) == Ordering::Equal,
        _ => format!("{value:.0}").as_bytes() == digits,
    }
}

/// Rewrites a number by the stricter grammar.
fn normalise(text: &str) -> Option<String> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    let tail = rest.find(['e', 'E']).unwrap_or(rest.len());
    let (significand, exponent) = rest.split_at(tail);
    let (whole, fraction) = significand.split_once('.').unwrap_or((significand, ""));
    let is_digit = |byte: u8| byte.is_ascii_digit();
    if whole.len() + fraction.len() == 0 || !whole.bytes().all(is_digit) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}{exponent}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn f64_of(text: &str) -> Option<f64> {
        Number::scan(text.as_bytes(), 0).ok().and_then(|(number, _)| number.to_f64(text.as_bytes()))
    }

    fn decimal(text: &str, precision: u8, scale: i8) -> Option<i128> {
        let (number, _) = Number::scan(text.as_bytes(), 0).unwrap();
        number.to_decimal(text.as_bytes(), precision, scale)
    }

    #[test]
    fn the_grammar_is_that_of_json() {
        for good in ["0", "-0", "1", "10", "0.5", "1e5", "1E+5", "1e-05", "123456789012345678901234567890"] {
            assert_eq!(Number::scan(good.as_bytes(), 0).map(|(_, end)| end), Ok(good.len()), "{good}");
        }
        for bad in ["", "-", "01", "-01", "00", ".5", "1.", "1.e5", "1e", "1e+", "+1", "NaN", "--1"] {
            assert!(Number::scan(bad.as_bytes(), 0).is_err(), "{bad} was taken");
        }
    }

    #[test]
    fn integers_are_read_in_the_whole_range_and_not_beyond() {
        let read = |text: &str| Number::scan(text.as_bytes(), 0).ok().and_then(|(number, _)| number.to_i64());
        for value in [0, 1, -1, 99_999_999, 100_000_000, 1_700_000_000_123, i64::MAX, i64::MIN] {
            assert_eq!(read(&value.to_string()), Some(value));
        }
        for text in ["9223372036854775808", "-9223372036854775809", "18446744073709551616", "1.0", "1e3"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn doubles_are_the_nearest_ones() {
        for text in [
            "0.1",
            "1e22",
            "1e23",
            "123456.789e-3",
            "9007199254740992",
            "1.7976931348623157e308",
            "5e-324",
            "-0.0",
        ] {
            assert_eq!(f64_of(text).map(f64::to_bits), text.parse::<f64>().ok().map(f64::to_bits), "{text}");
        }
        let long = "0.1000000000000000055511151231257827021181583404541015625";
        assert_eq!(f64_of(long), Some(0.1));
    }

    #[test]
    fn a_double_that_would_alter_an_integer_is_none() {
        for text in
            ["9007199254740993", "9007199254740993.0", "-9007199254740993.000", "1e400", "-1e400", "1e-400"]
        {
            assert_eq!(f64_of(text), None, "{text}");
        }
        let large = format!("1{}", "0".repeat(22));
        assert_eq!(f64_of(&large), Some(1e22));
        assert_eq!(f64_of(&format!("{large}0")), None, "no double is 10^23");
        let largest = format!("{:.0}", f64::MAX);
        assert_eq!(f64_of(&largest), Some(f64::MAX));
        assert_eq!(f64_of(&format!("{largest}.5")), Some(f64::MAX));
    }

    #[test]
    fn a_float_follows_the_same_rules() {
        let read =
            |text: &str| Number::scan(text.as_bytes(), 0).ok().and_then(|(n, _)| n.to_f32(text.as_bytes()));
        assert_eq!(read("0.1"), Some(0.1f32));
        assert_eq!(read("16777216"), Some(16_777_216.0));
        assert_eq!(read("16777217"), None);
        assert_eq!(read("1e39"), None);
    }

    #[test]
    fn decimals_are_exact_or_none() {
        assert_eq!(decimal("12.34", 4, 2), Some(1234));
        assert_eq!(decimal("-12.3400000", 4, 2), Some(-1234));
        assert_eq!(decimal("12.345", 10, 2), None);
        assert_eq!(decimal("123.4", 4, 2), None);
        assert_eq!(decimal("1e3", 6, 2), Some(100_000));
        assert_eq!(decimal("1200e-2", 4, 0), Some(12));
        assert_eq!(decimal("0e999999999", 4, 2), Some(0));
        assert_eq!(decimal("1e-999999999", 4, 2), None);
        assert_eq!(decimal(&"9".repeat(38), 38, 0), Some(10i128.pow(38) - 1));
        assert_eq!(decimal(&"9".repeat(39), 38, 0), None);
        assert_eq!(decimal(&format!("1.5{}", "0".repeat(80)), 2, 1), Some(15));
    }

    #[test]
    fn text_may_be_laxer() {
        let read = |text: &str| Number::parse_text(text).and_then(|(number, text)| number.to_f64(&text));
        for (text, value) in
            [("+5", 5.0), ("007", 7.0), (".5", 0.5), ("-.5", -0.5), ("5.", 5.0), ("0", 0.0), ("-00.10", -0.1)]
        {
            assert_eq!(read(text), Some(value), "{text}");
        }
        for bad in ["", "+", ".", "1 ", " 1", "1,5", "0x10", "1e", "--1", "+-1"] {
            assert_eq!(read(bad), None, "{bad} was taken");
        }
    }

    #[test]
    fn eight_digits_at_once_are_the_same_as_one_by_one() {
        let word = |text: &[u8; 8]| eight_digits(u64::from_le_bytes(*text));
        assert_eq!(word(b"12345678"), Some(12_345_678));
        assert_eq!(word(b"00000009"), Some(9));
        for place in 0..8 {
            for byte in (0..=255u8).filter(|byte| !byte.is_ascii_digit()) {
                let mut text = *b"90909090";
                text[place] = byte;
                assert_eq!(word(&text), None, "{text:?}");
            }
        }
    }
}

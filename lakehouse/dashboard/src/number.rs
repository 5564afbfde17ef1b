//! Numbers as people write them.

const UNITS: [(f64, &str); 5] = [(1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "B"), (1e12, "T")];

/// A number in three significant digits: `0`, `7`, `12.3`, `1.23k`, `−45M`, `3.4e15`.
pub(crate) fn human(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..999.5e12).contains(&size) {
        return signed(value, scientific(size));
    }
    // The first unit in which the rounded number stays below 1000, so that 999,950 is 1M and not 1000k.
    let (factor, unit) = UNITS.into_iter().find(|(factor, _)| size / factor < 999.5).unwrap_or(UNITS[4]);
    let scaled = size / factor;
    signed(value, format!("{}{unit}", trimmed(scaled, decimals_for(scaled, 3))))
}

/// A number in full, for tables: thousands separated, six significant digits after which zeros are dropped.
pub(crate) fn full(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if !(1e-6..1e15).contains(&size) {
        return signed(value, scientific(size));
    }
    let decimals = if size.fract() == 0.0 { 0 } else { decimals_for(size, 6) };
    signed(value, grouped(&trimmed(size, decimals)))
}

/// A tick of an axis whose ticks are `step` apart and reach `largest`; all ticks share one unit and one precision.
pub(crate) fn tick(value: f64, step: f64, largest: f64) -> String {
    if value.abs() < step / 1e6 {
        return "0".to_owned();
    }
    if !(1e-4..999.5e12).contains(&largest) {
        return signed(value, scientific(value.abs()));
    }
    // A unit is no help where its ticks would need three decimals or more: 1,000.25 and not 1.00025k; nor for 1,250.
    let helps = |factor: f64| largest >= factor && step / factor > 0.009 && (factor != 1e3 || largest >= 1e4);
    let (factor, unit) = UNITS.into_iter().rfind(|(factor, _)| helps(*factor)).unwrap_or(UNITS[0]);
    let decimals = decimals_for(step / factor, 1) + usize::from(!is_whole_in_one_digit(step));
    signed(value, format!("{}{unit}", grouped(&trimmed(value.abs() / factor, decimals))))
}

/// A change from `before` to `now`: in percent where that means something, else as a difference. With its sign.
pub(crate) fn change(before: f64, now: f64) -> String {
    let difference = now - before;
    if before == 0.0 || !difference.is_finite() {
        return plus(difference, human(difference));
    }
    let percent = difference / before.abs() * 100.0;
    if percent.abs() >= 1000.0 {
        return plus(difference, human(difference));
    }
    let text = trimmed(percent.abs(), usize::from(percent.abs() < 99.95));
    plus(
        if text == "0" { 0.0 } else { percent },
        signed(if text == "0" { 0.0 } else { percent }, format!("{text}\u{202F}%")),
    )
}

fn plus(value: f64, text: String) -> String {
    if value > 0.0 { format!("+{text}") } else { text }
}

fn signed(value: f64, size: String) -> String {
    if value < 0.0 { format!("\u{2212}{size}") } else { size }
}

fn decimals_for(size: f64, digits: i32) -> usize {
    let before_point = size.log10().floor() as i32 + 1;
    usize::try_from(digits - before_point).unwrap_or(0)
}

/// Steps are 1, 2, 2.5 or 5 times a power of ten; only 2.5 needs a second digit.
fn is_whole_in_one_digit(step: f64) -> bool {
    let digit = step / 10f64.powf(step.log10().floor());
    (digit - digit.round()).abs() < 1e-6
}

fn trimmed(size: f64, decimals: usize) -> String {
    let text = format!("{size:.decimals$}");
    if decimals == 0 {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn scientific(size: f64) -> String {
    let text = format!("{size:.2e}");
    match text.split_once('e') {
        Some((digits, power)) => {
            let digits = digits.trim_end_matches('0').trim_end_matches('.');
            format!("{digits}e{}", power.replace('-', "\u{2212}"))
        }
        None => text,
    }
}

fn grouped(text: &str) -> String {
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut out = String::with_capacity(text.len() + whole.len() / 3);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_keep_three_digits_and_carry_into_the_next_unit() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (7.0, "7"),
            (12.345, "12.3"),
            (842.0, "842"),
            (999.6, "1k"),
            (1_234.0, "1.23k"),
            (999_950.0, "1M"),
            (-45_000_000.0, "\u{2212}45M"),
            (3.4e9, "3.4B"),
            (3.4e15, "3.4e15"),
            (0.000_012, "1.2e\u{2212}5"),
            (0.012_345, "0.0123"),
            (f64::MAX, "1.8e308"),
        ];
        for (value, expected) in cases {
            assert_eq!(human(value), expected, "{value}");
        }
    }

    #[test]
    fn full_numbers_separate_thousands_and_drop_noise() {
        let cases = [
            (1_234_567.0, "1,234,567"),
            (123.0, "123"),
            (-1_234.567_8, "\u{2212}1,234.57"),
            (0.1 + 0.2, "0.3"),
            (1e15, "1e15"),
            (1e-9, "1e\u{2212}9"),
        ];
        for (value, expected) in cases {
            assert_eq!(full(value), expected, "{value}");
        }
    }

    #[test]
    fn ticks_of_one_axis_share_unit_and_precision() {
        let axis = |ticks: &[f64], step| {
            ticks.iter().map(|v| tick(*v, step, ticks[ticks.len() - 1])).collect::<Vec<_>>()
        };
        assert_eq!(axis(&[0.0, 500_000.0, 1_000_000.0, 1_500_000.0], 500_000.0), ["0", "0.5M", "1M", "1.5M"]);
        assert_eq!(axis(&[0.0, 2.5, 5.0, 7.5], 2.5), ["0", "2.5", "5", "7.5"]);
        assert_eq!(axis(&[0.0, 250.0, 500.0, 750.0, 1000.0], 250.0), ["0", "250", "500", "750", "1,000"]);
        assert_eq!(axis(&[0.0, 0.05, 0.1], 0.05), ["0", "0.05", "0.1"]);
        assert_eq!(axis(&[1_000.0, 1_000.25, 1_000.5], 0.25), ["1,000", "1,000.25", "1,000.5"]);
    }

    #[test]
    fn changes_are_signed() {
        assert_eq!(change(100.0, 112.34), "+12.3\u{202F}%");
        assert_eq!(change(-100.0, -150.0), "\u{2212}50\u{202F}%");
        assert_eq!(change(0.0, 5.0), "+5");
        assert_eq!(change(3.0, 3.0), "0\u{202F}%");
        assert_eq!(change(1.0, 5_000.0), "+5k");
        assert_eq!(change(100_000.0, 100_000.1), "0\u{202F}%");
    }
}

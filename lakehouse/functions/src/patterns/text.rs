//! Fields as words of US English.

use super::fields::{Field, Fields};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const QUARTERS: [&str; 4] = ["1st quarter", "2nd quarter", "3rd quarter", "4th quarter"];
const SHORT_QUARTERS: [&str; 4] = ["Q1", "Q2", "Q3", "Q4"];
const ERAS: [&str; 2] = ["Before Christ", "Anno Domini"];
const SHORT_ERAS: [&str; 2] = ["BC", "AD"];
const HALVES: [&str; 2] = ["AM", "PM"];

/// How long a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextStyle {
    /// `Jan`
    Short,
    /// `January`
    Full,
}

/// The words of a field, how many letters of each count, and the value of the first.
fn words(field: Field, style: TextStyle) -> (&'static [&'static str], usize, i64) {
    let letters = if style == TextStyle::Short { 3 } else { usize::MAX };
    match (field, style) {
        (Field::Month, _) => (&MONTHS, letters, 1),
        (Field::Weekday, _) => (&WEEKDAYS, letters, 1),
        (Field::Quarter, TextStyle::Short) => (&SHORT_QUARTERS, letters, 1),
        (Field::Quarter, TextStyle::Full) => (&QUARTERS, letters, 1),
        (Field::Era, TextStyle::Short) => (&SHORT_ERAS, letters, 0),
        (Field::Era, TextStyle::Full) => (&ERAS, letters, 0),
        (Field::AmPm, _) => (&HALVES, letters, 0),
        _ => (&[], letters, 0),
    }
}

fn shorten(word: &'static str, letters: usize) -> &'static str {
    word.get(..letters).unwrap_or(word)
}

/// The word for a value of a field; nothing for a field without words.
pub(super) fn word(field: Field, style: TextStyle, value: i64) -> Option<&'static str> {
    let (words, letters, first) = words(field, style);
    let index = usize::try_from(value - first).ok()?;
    words.get(index).map(|word| shorten(word, letters))
}

/// Reads a word at byte `at`, without regard to case; where it ends.
pub(super) fn read(
    field: Field,
    style: TextStyle,
    text: &[u8],
    at: usize,
    fields: &mut Fields,
) -> Option<usize> {
    let (words, letters, first) = words(field, style);
    let rest = &text[at..];
    let is_here =
        |word: &str| rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()));
    let index = words.iter().position(|word| is_here(shorten(word, letters)))?;
    fields.set(field, first + index as i64)?;
    Some(at + shorten(words[index], letters).len())
}

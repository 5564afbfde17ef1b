//! Names, literals and the few expressions that all gold queries share.

use crate::gold::Grain;

/// The one type of every period and as-of time.
const INSTANT: &str = "'Timestamp(Microsecond, Some(\"UTC\"))'";

/// A name, quoted.
pub(super) fn name(text: &str) -> String {
    format!("`{}`", text.replace('`', "``"))
}

/// A text, quoted.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A quoted column as an instant in UTC microseconds.
pub(super) fn instant(column: &str) -> String {
    format!("arrow_cast({column}, {INSTANT})")
}

/// The first instant of the period that a quoted column lies in.
pub(super) fn period(column: &str, grain: Grain) -> String {
    instant(&format!("date_trunc('{grain}', {column})"))
}

/// Items below each other.
pub(super) fn lines(items: &[String]) -> String {
    items.join(",\n    ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_doubled() {
        assert_eq!(name("a`b"), "`a``b`");
        assert_eq!(literal("it's"), "'it''s'");
        let expected = "arrow_cast(date_trunc('day', `t`), 'Timestamp(Microsecond, Some(\"UTC\"))')";
        assert_eq!(period("`t`", Grain::Day), expected);
    }
}

//! What a pattern is made of once compiled.

use super::fields::Field;
use super::number::Number;
use super::offset::OffsetStyle;
use super::text::TextStyle;

/// One step of reading or writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// A text that stands for itself.
    Literal(String),
    /// The digits of a field.
    Number(Number),
    /// Digits of the fraction of a second.
    Fraction {
        /// The fewest digits.
        min: usize,
        /// The most digits.
        max: usize,
    },
    /// The name of a field's value.
    Text(Field, TextStyle),
    /// An offset from UTC.
    Offset(OffsetStyle),
    /// `GMT+8`, or `GMT+08:00` in full.
    LocalizedOffset {
        /// Two digits of the hour, and always minutes.
        full: bool,
    },
    /// The id of a zone.
    ZoneId,
    /// The name of a zone.
    ZoneText {
        /// The long name.
        full: bool,
    },
    /// Items that may be absent, together.
    Optional(Vec<Item>),
}

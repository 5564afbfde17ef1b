//! Patterns of dates and times, as Spark 3 and later read them: `yyyy-MM-dd HH:mm:ss[.SSS][XXX]`.
//!
//! A pattern is compiled once into a list of items. Reading and writing follow `java.time.format.DateTimeFormatter` in the
//! US locale with strict resolution (30 February is no date) and without regard to case, with what Spark adds: `y` is the
//! proleptic year where no era is asked for, missing fields are those of 1970-01-01 00:00:00, letters of the week-based
//! calendar are refused, and `E`, `F`, `Q` and `q` only write. One thing is more than Spark's: digits of a fraction may
//! follow other digits without a separator (`yyyyMMddHHmmssSSS`).

mod compile;
mod fields;
mod item;
mod number;
mod offset;
mod read;
mod text;
mod write;

use model::{Classify, ErrorKind};
use thiserror::Error;

use self::item::Item;
use crate::calendar::SECOND;
use crate::zone::ZoneClock;

/// A text that is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("pattern `{pattern}`, character {at}: {reason}")]
pub struct PatternError {
    /// The text.
    pub pattern: String,
    /// Where it goes wrong, in characters from 1.
    pub at: usize,
    /// What is wrong there.
    pub reason: String,
}

impl Classify for PatternError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::User
    }

    fn hint(&self) -> Option<String> {
        Some("a pattern is like yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]; texts stand in single quotes".to_owned())
    }
}

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    items: Vec<Item>,
}

impl Pattern {
    /// Compiles a pattern that texts will be read by.
    ///
    /// # Errors
    /// A letter, a number of letters or a bracket that Spark refuses when it parses.
    pub fn for_parsing(pattern: &str) -> Result<Self, PatternError> {
        compile::compile(pattern, compile::Use::Parsing).map(|items| Self { items })
    }

    /// Compiles a pattern that texts will be written by.
    ///
    /// # Errors
    /// A letter, a number of letters or a bracket that Spark refuses when it formats.
    pub fn for_formatting(pattern: &str) -> Result<Self, PatternError> {
        compile::compile(pattern, compile::Use::Formatting).map(|items| Self { items })
    }

    /// The instant, in microseconds since 1970, that the whole of `text` stands for; a text without a zone is of `clock`'s.
    pub(crate) fn parse_timestamp(&self, text: &str, clock: &mut ZoneClock) -> Option<i64> {
        let fields = read::read(&self.items, text)?;
        let local = fields.local_micros()?;
        match fields.zone() {
            None => clock.utc_of(local),
            Some(zone) if zone == clock.zone() => clock.utc_of(local),
            Some(crate::Zone::Fixed(offset)) => local.checked_sub(i64::from(offset) * SECOND),
            Some(zone) => ZoneClock::new(zone).utc_of(local),
        }
    }

    /// Appends the instant `micros`, in microseconds since 1970, as the clock of a zone shows it.
    ///
    /// `None` where the pattern cannot say it: a time past the calendar's end, a negative year in two digits.
    pub(crate) fn format(&self, micros: i64, clock: &mut ZoneClock, out: &mut String) -> Option<()> {
        write::write(&self.items, &write::Moment::new(micros, clock)?, clock, out)
    }
}

//! Spark's functions of dates and times, with Spark's patterns, in the session's time zone.

mod date_trunc;
mod parse;
mod print;
mod zone_shift;

use arrow::datatypes::DataType;

use crate::error::FunctionError;
use crate::function::{Function, expect_arity, is_text};
use crate::patterns::{Pattern, PatternError};
use crate::timestamp::is_convertible;

/// The functions of this family.
pub(crate) fn functions() -> Vec<Function> {
    let mut functions = vec![date_trunc::DATE_TRUNC, print::DATE_FORMAT, print::FROM_UNIXTIME];
    functions.extend(parse::FUNCTIONS);
    functions.extend(zone_shift::FUNCTIONS);
    functions
}

/// A pattern that was compiled for the row before, which most often is this row's as well.
struct LastPattern {
    compile: fn(&str) -> Result<Pattern, PatternError>,
    last: Option<(String, Pattern)>,
}

impl LastPattern {
    fn new(compile: fn(&str) -> Result<Pattern, PatternError>) -> Self {
        Self { compile, last: None }
    }

    fn get(&mut self, text: &str) -> Result<&Pattern, FunctionError> {
        let entry = match self.last.take() {
            Some((known, pattern)) if known == text => (known, pattern),
            _ => (text.to_owned(), (self.compile)(text)?),
        };
        Ok(&self.last.insert(entry).1)
    }
}

/// The types of a call `function(timestamp[, text])`: what says a timestamp stays as it is.
fn timestamp_and_text(
    function: &'static str,
    types: &[DataType],
    least: usize,
) -> Result<Vec<DataType>, FunctionError> {
    expect_arity(function, types, least, 2)?;
    if !is_convertible(&types[0]) || types[0].is_numeric() {
        let reason = format!("expected a timestamp, a date or a text, found {}", types[0]);
        return Err(FunctionError::Arguments { function, reason });
    }
    let mut coerced = types.to_vec();
    if is_text(&types[0]) {
        coerced[0] = DataType::Utf8;
    }
    if types.len() == 2 {
        coerced[1] = DataType::Utf8;
    }
    Ok(coerced)
}

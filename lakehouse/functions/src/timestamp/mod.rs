//! Timestamps out of whatever the landed files hold: texts of many forms, numbers that count from 1970, dates, timestamps.

mod convert;
mod epoch;
mod iso;
mod readable;
mod reader;
mod udf;

use std::fmt;
use std::str::FromStr;

pub(crate) use convert::{first_lost, instants, is_convertible, map_values, session_instants};
use epoch::EpochUnit;
pub(crate) use iso::parse_iso_day;
pub(crate) use readable::{LOCAL_DATE, LOCAL_TIME, TIMESTAMP_TEXT};
pub(crate) use reader::TimestampReader;
pub(crate) use udf::PARSE_TIMESTAMP;

use arrow::datatypes::{DataType, TimeUnit};

use crate::error::FunctionError;
use crate::patterns::Pattern;

/// How the values of a column say a timestamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimestampFormat {
    name: String,
    form: Form,
}

/// The forms of timestamps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    Iso8601,
    Epoch(EpochUnit),
    Rfc2822,
    Pattern(Pattern),
}

impl TimestampFormat {
    /// The names of the formats that are no patterns.
    pub const NAMES: [&'static str; 6] =
        ["iso8601", "epoch_s", "epoch_ms", "epoch_us", "epoch_ns", "rfc2822"];

    /// Reads the name of a format, without regard to case, or a pattern as Spark has them.
    ///
    /// # Errors
    /// A word that is neither, with the nearest name; a pattern that Spark would refuse.
    pub fn parse(format: &str) -> Result<Self, FunctionError> {
        let form = match format.to_ascii_lowercase().as_str() {
            "iso8601" => Form::Iso8601,
            "epoch_s" => Form::Epoch(EpochUnit::Seconds),
            "epoch_ms" => Form::Epoch(EpochUnit::Millis),
            "epoch_us" => Form::Epoch(EpochUnit::Micros),
            "epoch_ns" => Form::Epoch(EpochUnit::Nanos),
            "rfc2822" => Form::Rfc2822,
            "s" | "ms" | "us" | "ns" => {
                return Err(unknown(format, Some(format!("epoch_{}", format.to_ascii_lowercase()))));
            }
            _ => Form::Pattern(Pattern::for_parsing(format).map_err(|error| blame(format, error.into()))?),
        };
        Ok(Self { name: format.to_owned(), form })
    }

    /// ISO 8601, the format that is meant where none is named.
    pub fn iso8601() -> Self {
        Self { name: "iso8601".to_owned(), form: Form::Iso8601 }
    }

    /// Whether the values count from 1970, so that they may be numbers.
    pub fn is_epoch(&self) -> bool {
        matches!(self.form, Form::Epoch(_))
    }

    pub(crate) fn form(&self) -> &Form {
        &self.form
    }

    /// Fails unless values of this type can have the format.
    ///
    /// # Errors
    /// Numbers need a format that says what they count; a whole number may also have a pattern of digits, as `20130101`.
    pub fn check_type(&self, data_type: &DataType) -> Result<(), FunctionError> {
        let is_fine = match data_type {
            DataType::Dictionary(_, values) => return self.check_type(values),
            _ if data_type.is_integer() => self.is_epoch() || matches!(self.form, Form::Pattern(_)),
            _ if data_type.is_numeric() => self.is_epoch(),
            _ => is_convertible(data_type),
        };
        let wrong =
            || FunctionError::FormatOfType { format: self.name.clone(), data_type: data_type.to_string() };
        if is_fine { Ok(()) } else { Err(wrong()) }
    }
}

impl fmt::Display for TimestampFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl FromStr for TimestampFormat {
    type Err = FunctionError;

    fn from_str(format: &str) -> Result<Self, FunctionError> {
        Self::parse(format)
    }
}

/// The type of all timestamps here: microseconds in UTC.
pub(crate) fn timestamp_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// A single word was rather a name than a pattern.
fn blame(format: &str, error: FunctionError) -> FunctionError {
    let is_word = format.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if !is_word {
        return error;
    }
    let meant = model::suggest(format, TimestampFormat::NAMES).map(str::to_owned);
    unknown(format, meant)
}

fn unknown(name: &str, meant: Option<String>) -> FunctionError {
    FunctionError::UnknownFormat { name: name.to_owned(), meant }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Classify;

    #[test]
    fn reads_names_and_patterns_and_explains_the_rest() {
        assert!(TimestampFormat::parse("EPOCH_MS").unwrap().is_epoch());
        assert!(!TimestampFormat::parse("yyyyMMdd").unwrap().is_epoch());
        let hint = |name: &str| TimestampFormat::parse(name).unwrap_err().hint().unwrap();
        assert_eq!(hint("epoch_mss"), "did you mean epoch_ms?");
        assert_eq!(hint("iso8602"), "did you mean iso8601?");
        assert_eq!(hint("ms"), "did you mean epoch_ms?");
        assert!(hint("unix").starts_with("use one of iso8601, "));
        assert!(hint("yyyy-MM-dd Thh").starts_with("a pattern is like"));
    }

    #[test]
    fn numbers_need_to_say_what_they_count() {
        let iso = TimestampFormat::iso8601();
        assert!(iso.check_type(&DataType::Int64).is_err());
        assert!(iso.check_type(&DataType::Utf8View).is_ok());
        assert!(TimestampFormat::parse("yyyyMMdd").unwrap().check_type(&DataType::Int32).is_ok());
        assert!(TimestampFormat::parse("yyyyMMdd").unwrap().check_type(&DataType::Float64).is_err());
        assert!(TimestampFormat::parse("epoch_s").unwrap().check_type(&DataType::Float64).is_ok());
        assert!(iso.check_type(&DataType::Boolean).is_err());
    }
}

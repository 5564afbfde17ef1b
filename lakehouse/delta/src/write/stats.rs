//! A data file's statistics for the log, from what the Parquet writer noted anyway.
//!
//! Source: Delta transaction log protocol, "Per-file Statistics". What the log says is never narrower than the data:
//! text is cut outwards, times are exact to the microsecond. Left out are ranges that readers get wrong: floating-point
//! numbers (NaN) and decimals of more than 15 digits (read as doubles).

use arrow::datatypes::{DataType, SchemaRef, TimeUnit};
use chrono::{DateTime, Datelike as _, NaiveDate};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::statistics::Statistics;
use serde_json::{Map, Number, Value, json};

/// Delta's default of `delta.dataSkippingNumIndexedCols`.
const LEAF_COLUMNS: usize = 32;
/// Delta's length of text in statistics, in characters.
const TEXT_LENGTH: usize = 32;
/// As many digits as a double holds exactly.
const DECIMAL_DIGITS: u8 = 15;

/// The `stats` of a file with this footer, as JSON text.
pub(super) fn of(footer: &ParquetMetaData, schema: &SchemaRef) -> String {
    let (mut least, mut most, mut nulls) = (Map::new(), Map::new(), Map::new());
    let leaves = footer.file_metadata().schema_descr().columns().iter().enumerate().take(LEAF_COLUMNS);
    for (index, leaf) in leaves.filter(|(_, leaf)| leaf.max_rep_level() == 0) {
        let chunks: Vec<_> = footer.row_groups().iter().map(|group| group.column(index)).collect();
        let path = leaf.path().parts();
        let Some(data_type) = type_at(schema, path) else { continue };
        if let Some(count) = null_count(&chunks) {
            put(&mut nulls, path, json!(count));
        }
        if let Some((low, high)) = range(&chunks, &data_type) {
            put(&mut least, path, low);
            put(&mut most, path, high);
        }
    }
    let rows = footer.file_metadata().num_rows();
    json!({"numRecords": rows, "minValues": least, "maxValues": most, "nullCount": nulls}).to_string()
}

/// Puts a value where a nested column belongs.
fn put(into: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [] => {}
        [name] => {
            into.insert(name.clone(), value);
        }
        [name, rest @ ..] => {
            if let Value::Object(inner) =
                into.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()))
            {
                put(inner, rest, value);
            }
        }
    }
}

fn type_at(schema: &SchemaRef, path: &[String]) -> Option<DataType> {
    let (first, rest) = path.split_first()?;
    let mut data_type = schema.field_with_name(first).ok()?.data_type();
    for name in rest {
        let DataType::Struct(fields) = data_type else { return None };
        data_type = fields.find(name)?.1.data_type();
    }
    Some(data_type.clone())
}

fn null_count(chunks: &[&ColumnChunkMetaData]) -> Option<u64> {
    chunks.iter().map(|chunk| chunk.statistics()?.null_count_opt()).sum()
}

/// The least and the greatest value over all row groups, as the log writes them; nothing if any group is unsure.
fn range(chunks: &[&ColumnChunkMetaData], data_type: &DataType) -> Option<(Value, Value)> {
    let mut merged: Option<Range> = None;
    for chunk in chunks {
        let statistics = chunk.statistics()?;
        if statistics.null_count_opt() == Some(chunk.num_values() as u64) {
            continue;
        }
        let here = Range::of(statistics)?;
        merged = Some(merged.map_or(here.clone(), |so_far| so_far.union(here)));
    }
    merged?.written_as(data_type)
}

/// A range in the terms of Parquet's physical types.
#[derive(Clone)]
enum Range {
    Number(i64, i64),
    Text(String, String),
}

impl Range {
    fn of(statistics: &Statistics) -> Option<Self> {
        match statistics {
            Statistics::Int32(values) => {
                Some(Self::Number((*values.min_opt()?).into(), (*values.max_opt()?).into()))
            }
            Statistics::Int64(values) => Some(Self::Number(*values.min_opt()?, *values.max_opt()?)),
            Statistics::ByteArray(values) => {
                let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
                Some(Self::Text(text(values.min_opt()?.data())?, text(values.max_opt()?.data())?))
            }
            _ => None,
        }
    }

    fn union(self, other: Self) -> Self {
        match (self, other) {
            (Self::Number(a, b), Self::Number(c, d)) => Self::Number(a.min(c), b.max(d)),
            (Self::Text(a, b), Self::Text(c, d)) => Self::Text(a.min(c), b.max(d)),
            (unlike, _) => unlike,
        }
    }

    fn written_as(self, data_type: &DataType) -> Option<(Value, Value)> {
        use DataType as T;
        let both =
            |low: Option<String>, high: Option<String>| Some((Value::String(low?), Value::String(high?)));
        match (self, data_type) {
            (Self::Number(low, high), T::Int8 | T::Int16 | T::Int32 | T::Int64) => {
                Some((json!(low), json!(high)))
            }
            (Self::Number(low, high), T::Date32) => both(date(low), date(high)),
            (Self::Number(low, high), T::Timestamp(TimeUnit::Microsecond, zone)) => {
                both(time(low, zone.is_some()), time(high, zone.is_some()))
            }
            (Self::Number(low, high), T::Decimal128(digits, scale)) if *digits <= DECIMAL_DIGITS => {
                Some((decimal(low, *scale)?, decimal(high, *scale)?))
            }
            (Self::Text(low, high), text) if is_text(text) => both(Some(cut_down(&low)), cut_up(&high)),
            _ => None,
        }
    }
}

fn is_text(data_type: &DataType) -> bool {
    use DataType as T;
    match data_type {
        T::Utf8 | T::LargeUtf8 | T::Utf8View => true,
        T::Dictionary(_, values) => matches!(**values, T::Utf8 | T::LargeUtf8),
        _ => false,
    }
}

/// `2013-01-31`; nothing outside the years that every reader parses.
fn date(days: i64) -> Option<String> {
    let date = NaiveDate::from_epoch_days(i32::try_from(days).ok()?)?;
    (1..=9999).contains(&date.year()).then(|| date.format("%Y-%m-%d").to_string())
}

/// `2013-01-31T23:59:59.999999Z`: milliseconds where they are exact, else microseconds; `Z` for an instant.
fn time(micros: i64, instant: bool) -> Option<String> {
    let time = DateTime::from_timestamp_micros(micros)?.naive_utc();
    let text = if micros % 1000 == 0 {
        time.format("%Y-%m-%dT%H:%M:%S%.3f")
    } else {
        time.format("%Y-%m-%dT%H:%M:%S%.6f")
    };
    (1..=9999).contains(&time.year()).then(|| format!("{text}{}", if instant { "Z" } else { "" }))
}

/// The number with its decimal point, exactly: at most 15 digits, which a double and every reader keep.
fn decimal(unscaled: i64, scale: i8) -> Option<Value> {
    let scale = usize::try_from(scale).ok()?;
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if unscaled < 0 { "-" } else { "" };
    let text = if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
    serde_json::from_str::<Number>(&text).ok().map(Value::Number)
}

/// A lower bound of at most 32 characters: a beginning is never greater than the whole.
fn cut_down(text: &str) -> String {
    text.chars().take(TEXT_LENGTH).collect()
}

/// An upper bound of at most 32 characters, by code point: a beginning whose last character is raised.
fn cut_up(text: &str) -> Option<String> {
    if text.chars().nth(TEXT_LENGTH).is_none() {
        return Some(text.to_owned());
    }
    let mut chars: Vec<char> = text.chars().take(TEXT_LENGTH).collect();
    while let Some(last) = chars.pop() {
        if let Some(raised) = raise(last) {
            chars.push(raised);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

fn raise(char: char) -> Option<char> {
    // Between U+D7FF and U+E000 lie the surrogates, which are no characters.
    if char == '\u{d7ff}' { Some('\u{e000}') } else { char::from_u32(u32::from(char) + 1) }
}

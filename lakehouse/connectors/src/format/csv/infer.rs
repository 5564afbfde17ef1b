//! The schema that fits a sample of CSV.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};

use super::dialect::Dialect;
use super::header::nameless;
use super::records::Reader;
use crate::columns::Number;
use crate::format::{Chunk, Payload, RESCUED_DATA};

/// What the values of a column have in common so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guess {
    Nothing,
    Boolean,
    BigInt,
    Double,
    Text,
}

impl Guess {
    /// What `value` is. Text whose exact form would be lost as a number, such as `007` or a number of more digits than
    /// BIGINT holds, stays text.
    fn of(value: &str) -> Self {
        if value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false") {
            return Self::Boolean;
        }
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        match Number::scan(value.as_bytes(), 0) {
            Ok((_, end)) if end != value.len() => Self::Text,
            Ok(_) if value.parse::<i64>().is_ok() => Self::BigInt,
            Ok(_) if is_digits(value.trim_start_matches('-')) => Self::Text,
            Ok((number, _)) if number.to_f64(value.as_bytes()).is_some() => Self::Double,
            _ => Self::Text,
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, one) | (one, Self::Nothing) => one,
            (one, same) if one == same => one,
            (Self::BigInt | Self::Double, Self::BigInt | Self::Double) => Self::Double,
            _ => Self::Text,
        }
    }

    fn data_type(self) -> DataType {
        match self {
            Self::Boolean => DataType::Boolean,
            Self::BigInt => DataType::Int64,
            Self::Double => DataType::Float64,
            Self::Nothing | Self::Text => DataType::Utf8,
        }
    }
}

/// The columns found so far, in the order in which they were first seen.
#[derive(Debug, Default)]
struct Found {
    columns: Vec<(String, Guess)>,
    places: HashMap<String, usize>,
}

impl Found {
    /// The place of the column `name`. Of names that differ only by case the first one is the column, and what stands
    /// under the others will be rescued.
    fn place(&mut self, name: &str) -> Option<usize> {
        let next = self.columns.len();
        let place = *self.places.entry(name.to_lowercase()).or_insert(next);
        if place == next && name != RESCUED_DATA {
            self.columns.push((name.to_owned(), Guess::Nothing));
        }
        self.columns.get(place).is_some_and(|(known, _)| known == name).then_some(place)
    }

    fn chunk(&mut self, dialect: &Dialect, chunk: &Chunk, with_types: bool) {
        let (header, text) = match &chunk.payload {
            Payload::Table { header, text } => (Some(header), text),
            Payload::Text(text) => (None, text),
            _ => return,
        };
        let mut places: Vec<Option<usize>> = Vec::new();
        for name in header.iter().flat_map(|header| header.iter()) {
            places.push(self.place(name));
        }
        let text = String::from_utf8_lossy(text);
        let mut reader = Reader::new(dialect, text.as_bytes());
        let (mut fields, mut scratch) = (Vec::new(), String::new());
        while let Some(record) = reader.next(&mut fields) {
            if record.fault.is_some() {
                continue;
            }
            while header.is_none() && places.len() < fields.len() {
                places.push(self.place(&nameless(places.len())));
            }
            for (place, field) in places.iter().zip(&fields).filter(|_| with_types) {
                let value = dialect.value(&text, field, false, &mut scratch);
                if let (Some(place), Some(value)) = (place, value) {
                    let guess = &mut self.columns[*place].1;
                    *guess = guess.and(Guess::of(value));
                }
            }
        }
    }
}

/// The schema that fits the records of `sample`; all columns are STRING unless `with_types`.
pub(super) fn infer(dialect: &Dialect, sample: &[Chunk], with_types: bool) -> Schema {
    let mut found = Found::default();
    sample.iter().for_each(|chunk| found.chunk(dialect, chunk, with_types));
    let field = |(name, guess): (String, Guess)| Arc::new(Field::new(name, guess.data_type(), true));
    Schema::new(found.columns.into_iter().map(field).collect::<Vec<_>>())
}

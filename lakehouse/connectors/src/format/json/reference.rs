//! A decoder that is slow and plain enough to be believed, for comparison: a tree of the record first, then one look at
//! each value of the tree for each rule of the module's documentation.

use std::collections::HashSet;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Field, Fields, Int64Type, TimeUnit};
use arrow::util::display::array_value_to_string;
use chrono::{DateTime, NaiveDate, NaiveDateTime};

/// A value of a record and its raw text.
#[derive(Debug, Clone)]
pub(super) struct Node {
    raw: String,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Null,
    Boolean,
    Number,
    /// None for one with half of a surrogate pair.
    Text(Option<String>),
    Array(Vec<Node>),
    Object(Vec<(Node, Node)>),
}

/// What a column should hold.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    /// As `array_value_to_string` writes it.
    Scalar(String),
    List(Vec<Value>),
    Struct(Vec<Value>),
    Map(Vec<(Value, Value)>),
}

/// A row as it should be: the columns and the text of `_rescued_data`.
pub(super) type Row = (Vec<Value>, Option<String>);

/// The row that a line should become; none if it is to be rejected.
pub(super) fn decode(line: &[u8], fields: &Fields, file: &str, max_nesting: usize) -> Option<Row> {
    let text = std::str::from_utf8(line).ok()?;
    let node = parse(text.trim_matches([' ', '\t', '\r']), max_nesting)?;
    let Kind::Object(members) = &node.kind else { return None };
    let (values, mut rescued) = object(members, fields);
    let rescued = (!rescued.fields.is_empty() || !rescued.nested.is_empty()).then(|| {
        let file_path = serde_json::to_string(file).unwrap();
        let mut parts = rescued.parts();
        parts.push(format!("\"_file_path\":{file_path}"));
        format!("{{{}}}", parts.join(","))
    });
    Some((values, rescued))
}

#[derive(Default)]
struct Rescued {
    fields: Vec<String>,
    nested: Vec<(String, Rescued)>,
    has_misfit: bool,
}

impl Rescued {
    fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.nested.is_empty()
    }

    fn parts(&mut self) -> Vec<String> {
        let nested =
            self.nested.iter_mut().map(|(key, rescued)| format!("{key}:{{{}}}", rescued.parts().join(",")));
        self.fields.iter().cloned().chain(nested).collect()
    }
}

enum Outcome {
    Fits(Value),
    FitsButFor(Value, Rescued),
    Misfit,
}

fn object(members: &[(Node, Node)], fields: &Fields) -> (Vec<Value>, Rescued) {
    let mut values: Vec<Option<Value>> = vec![None; fields.len()];
    let mut rescued = Rescued::default();
    for (key, node) in members {
        let Kind::Text(name) = &key.kind else { unreachable!() };
        let field = fields.iter().position(|field| name.as_ref() == Some(field.name()));
        let raw = format!("{}:{}", key.raw, node.raw);
        match field {
            Some(at) if values[at].is_none() => {
                let (value, is_struct) = (value(node, &fields[at]), matches!(node.kind, Kind::Object(_)));
                values[at] = Some(match value {
                    Outcome::Fits(value) => value,
                    Outcome::FitsButFor(value, inner)
                        if is_struct && matches!(fields[at].data_type(), DataType::Struct(_)) =>
                    {
                        rescued.has_misfit |= inner.has_misfit;
                        rescued.nested.push((key.raw.clone(), inner));
                        value
                    }
                    Outcome::FitsButFor(value, _) => {
                        rescued.fields.push(raw);
                        value
                    }
                    Outcome::Misfit => {
                        rescued.fields.push(raw);
                        rescued.has_misfit = true;
                        Value::Null
                    }
                });
            }
            _ => rescued.fields.push(raw),
        }
    }
    (values.into_iter().map(|value| value.unwrap_or(Value::Null)).collect(), rescued)
}

fn value(node: &Node, field: &Field) -> Outcome {
    let data_type = field.data_type();
    if matches!(node.kind, Kind::Null) {
        return Outcome::Fits(Value::Null);
    }
    match (data_type, &node.kind) {
        (DataType::Struct(fields), Kind::Object(members)) => {
            let (values, rescued) = object(members, fields);
            with_rest(Value::Struct(values), rescued)
        }
        (DataType::List(element), Kind::Array(nodes)) => {
            let mut rest = Rescued::default();
            let mut values = Vec::new();
            for node in nodes {
                let Some(value) = part(node, element, &mut rest) else { return Outcome::Misfit };
                values.push(value);
            }
            with_rest(Value::List(values), rest)
        }
        (DataType::Map(entries, _), Kind::Object(members)) => {
            let DataType::Struct(entry) = entries.data_type() else { unreachable!() };
            let mut rest = Rescued::default();
            let mut values = Vec::new();
            let mut names = HashSet::new();
            for (key, node) in members {
                let Kind::Text(Some(name)) = &key.kind else { return Outcome::Misfit };
                let Some(value) = part(node, &entry[1], &mut rest) else { return Outcome::Misfit };
                if !names.insert(name) {
                    return Outcome::Misfit;
                }
                values.push((Value::Scalar(name.clone()), value));
            }
            with_rest(Value::Map(values), rest)
        }
        _ => match scalar(node, data_type) {
            Some(text) => Outcome::Fits(Value::Scalar(text)),
            None => Outcome::Misfit,
        },
    }
}

/// The value of an element; none if it or something in it does not fit.
fn part(node: &Node, field: &Field, rest: &mut Rescued) -> Option<Value> {
    match value(node, field) {
        Outcome::Fits(value) => Some(value),
        Outcome::FitsButFor(_, inner) if inner.has_misfit => None,
        Outcome::FitsButFor(value, inner) => {
            rest.nested.push((String::new(), inner));
            Some(value)
        }
        Outcome::Misfit => None,
    }
}

fn with_rest(value: Value, rest: Rescued) -> Outcome {
    if rest.is_empty() { Outcome::Fits(value) } else { Outcome::FitsButFor(value, rest) }
}

/// The value as Arrow displays it.
fn scalar(node: &Node, data_type: &DataType) -> Option<String> {
    let number = matches!(node.kind, Kind::Number).then_some(node.raw.as_str());
    let text = match &node.kind {
        Kind::Text(Some(text)) => Some(text.as_str()),
        _ => None,
    };
    match data_type {
        DataType::Utf8 if matches!(node.kind, Kind::Text(_)) => text.map(str::to_owned),
        DataType::Utf8 => Some(node.raw.clone()),
        DataType::Boolean => matches!(node.kind, Kind::Boolean).then(|| node.raw.clone()),
        DataType::Int8 => Some(number?.parse::<i8>().ok()?.to_string()),
        DataType::Int16 => Some(number?.parse::<i16>().ok()?.to_string()),
        DataType::Int32 => Some(number?.parse::<i32>().ok()?.to_string()),
        DataType::Int64 => Some(number?.parse::<i64>().ok()?.to_string()),
        DataType::Float64 => {
            let value = number?.parse::<f64>().ok()?;
            is_kept(number?, value).then(|| display(&arrow::array::Float64Array::from(vec![value])))
        }
        DataType::Float32 => {
            let value = number?.parse::<f32>().ok()?;
            is_kept(number?, f64::from(value))
                .then(|| display(&arrow::array::Float32Array::from(vec![value])))
        }
        DataType::Decimal128(precision, scale) => decimal(number?, *precision, *scale),
        DataType::Date32 => Some(date(text?)?.to_string()),
        DataType::Timestamp(TimeUnit::Microsecond, zone) => timestamp(text?, zone.is_some()),
        // A nested column and a value of another kind.
        _ => None,
    }
}

fn display(array: &dyn Array) -> String {
    array_value_to_string(array, 0).unwrap()
}

fn is_kept(text: &str, value: f64) -> bool {
    let significand = text.split(['e', 'E']).next().unwrap_or_default();
    if value == 0.0 {
        return !significand.contains(|digit: char| ('1'..='9').contains(&digit));
    }
    let (whole, fraction) = significand.split_once('.').unwrap_or((significand, ""));
    let is_integer = significand.len() == text.len() && fraction.chars().all(|digit| digit == '0');
    value.is_finite() && (!is_integer || format!("{value:.0}") == whole)
}

/// By shifting the point in the text.
fn decimal(text: &str, precision: u8, scale: i8) -> Option<String> {
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (significand, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = significand.split_once('.').unwrap_or((significand, ""));
    let digits = format!("{whole}{fraction}");
    let trimmed = digits.trim_end_matches('0');
    if trimmed.is_empty() {
        return Some(place_point("", "", scale));
    }
    let zeros = digits.len() - trimmed.len();
    let shift = exponent.parse::<i64>().ok()? - fraction.len() as i64 + zeros as i64 + i64::from(scale);
    let shifted =
        format!("{trimmed}{}", "0".repeat(usize::try_from(shift).ok().filter(|shift| *shift < 100)?));
    let unscaled = shifted.trim_start_matches('0');
    (unscaled.len() <= usize::from(precision)).then(|| place_point(sign, unscaled, scale))
}

fn place_point(sign: &str, unscaled: &str, scale: i8) -> String {
    let scale = usize::try_from(scale).unwrap();
    let padded = format!("{unscaled:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

fn date(text: &str) -> Option<NaiveDate> {
    (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())?
}

/// Only for the forms that the generator writes.
fn timestamp(text: &str, is_instant: bool) -> Option<String> {
    let (local, has_zone) = match DateTime::parse_from_rfc3339(text) {
        Ok(time) => (time.naive_utc(), true),
        Err(_) => match date(text) {
            Some(date) => (date.and_hms_opt(0, 0, 0)?, false),
            None => (NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?, false),
        },
    };
    let micros = local.and_utc().timestamp_micros();
    let is_exact = local.and_utc().timestamp_subsec_nanos() % 1000 == 0;
    let array = arrow::array::TimestampMicrosecondArray::from(vec![micros]);
    let array = if is_instant { array.with_timezone("UTC") } else { array };
    (is_exact && (is_instant || !has_zone)).then(|| display(&array))
}

/// What a column does hold.
pub(super) fn held(array: &dyn Array, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Struct(_) => {
            Value::Struct(array.as_struct().columns().iter().map(|column| held(column, row)).collect())
        }
        DataType::List(_) => {
            let list = array.as_list::<i32>().value(row);
            Value::List((0..list.len()).map(|index| held(&list, index)).collect())
        }
        DataType::Map(_, _) => {
            let entries = array.as_map().value(row);
            let entry = |index| (held(entries.column(0), index), held(entries.column(1), index));
            Value::Map((0..entries.len()).map(entry).collect())
        }
        DataType::Int64 => Value::Scalar(array.as_primitive::<Int64Type>().value(row).to_string()),
        _ => Value::Scalar(array_value_to_string(array, row).unwrap()),
    }
}

/// A tree by the letter of RFC 8259, one character after the other; a line feed is not taken as a blank.
fn parse(text: &str, max_nesting: usize) -> Option<Node> {
    let mut parser = Parser { rest: text, depth: max_nesting };
    let node = parser.value()?;
    parser.blanks();
    parser.rest.is_empty().then_some(node)
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r']);
    }

    fn take(&mut self, token: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(token)?;
        Some(())
    }

    fn value(&mut self) -> Option<Node> {
        self.blanks();
        let before = self.rest;
        let kind = match before.chars().next()? {
            '{' => self.members()?,
            '[' => self.elements()?,
            '"' => Kind::Text(self.text()?),
            't' => self.take("true").map(|()| Kind::Boolean)?,
            'f' => self.take("false").map(|()| Kind::Boolean)?,
            'n' => self.take("null").map(|()| Kind::Null)?,
            _ => self.number()?,
        };
        Some(Node { raw: before[..before.len() - self.rest.len()].to_owned(), kind })
    }

    fn members(&mut self) -> Option<Kind> {
        let mut members = Vec::new();
        self.parts("{", "}", |parser| {
            let before = parser.rest;
            let name = Kind::Text(parser.text()?);
            let raw = before[..before.len() - parser.rest.len()].to_owned();
            parser.blanks();
            parser.take(":")?;
            members.push((Node { raw, kind: name }, parser.value()?));
            Some(())
        })?;
        Some(Kind::Object(members))
    }

    fn elements(&mut self) -> Option<Kind> {
        let mut elements = Vec::new();
        self.parts("[", "]", |parser| {
            elements.push(parser.value()?);
            Some(())
        })?;
        Some(Kind::Array(elements))
    }

    fn parts(
        &mut self,
        open: &str,
        close: &str,
        mut part: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        self.take(open)?;
        self.depth = self.depth.checked_sub(1)?;
        self.blanks();
        if self.take(close).is_none() {
            loop {
                self.blanks();
                part(self)?;
                self.blanks();
                if self.take(close).is_some() {
                    break;
                }
                self.take(",")?;
            }
        }
        self.depth += 1;
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let rest = self.rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let has_some = rest.len() < self.rest.len();
        self.rest = rest;
        has_some.then_some(())
    }

    fn number(&mut self) -> Option<Kind> {
        let _ = self.take("-");
        if self.take("0").is_none() {
            self.digits()?;
        }
        if self.take(".").is_some() {
            self.digits()?;
        }
        if self.take("e").or_else(|| self.take("E")).is_some() {
            let _ = self.take("+").or_else(|| self.take("-"));
            self.digits()?;
        }
        Some(Kind::Number)
    }

    /// The outer answer is whether it is a string, the inner one whether it is a text.
    fn text(&mut self) -> Option<Option<String>> {
        self.take("\"")?;
        let mut units = Vec::new();
        loop {
            let mut characters = self.rest.chars();
            let character = characters.next()?;
            self.rest = characters.as_str();
            match character {
                '"' => return Some(String::from_utf16(&units).ok()),
                '\\' => units.push(self.escape()?),
                '\0'..='\x1f' => return None,
                character => units.extend_from_slice(character.encode_utf16(&mut [0; 2])),
            }
        }
    }

    fn escape(&mut self) -> Option<u16> {
        let character = self.rest.chars().next()?;
        self.rest = &self.rest[character.len_utf8()..];
        Some(match character {
            '"' | '\\' | '/' => character as u16,
            'b' => 8,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'u' => {
                let digits =
                    self.rest.get(..4).filter(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()))?;
                self.rest = &self.rest[4..];
                u16::from_str_radix(digits, 16).ok()?
            }
            _ => return None,
        })
    }
}

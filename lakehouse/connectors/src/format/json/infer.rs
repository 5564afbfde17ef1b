//! The schema that fits a sample of records.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, Schema};

use super::JsonOptions;
use super::cursor::Cursor;
use super::fault::{Fault, What};
use super::string::Ending;
use crate::columns::Number;
use crate::format::RESCUED_DATA;

/// The most fields that are inferred, in all depths. Objects with ever new names are data, not a schema.
const MOST_FIELDS: usize = 10_000;
/// Enough for every BIGINT and every unsigned integer of 64 bits.
const FEWEST_DIGITS: u8 = 20;
const MOST_DIGITS: usize = 38;

/// The schema that fits the lines of `sample`; each piece of it holds whole lines. Lines that are no records have no say.
///
/// | values of a field | type |
/// |---|---|
/// | `true`, `false` | BOOLEAN |
/// | integers | BIGINT; with larger ones up to 38 digits DECIMAL(n, 0), as Spark has it |
/// | other numbers, also mixed with integers | DOUBLE |
/// | strings (times too) | STRING |
/// | objects | STRUCT; STRING if all of them are empty |
/// | arrays | ARRAY |
/// | nothing but `null` | STRING |
/// | any other mixture | STRING, which keeps what is no string as JSON text |
///
/// Fields stand in the order in which they were first seen. Of names that differ only by case the first is taken, and no
/// column is made of an empty name or of the name of the rescue column: such fields end in the rescue column.
pub fn infer<'a>(sample: impl IntoIterator<Item = &'a [u8]>, options: &JsonOptions) -> Schema {
    let mut inference = Inference { room: MOST_FIELDS, options };
    let mut root = Names::default();
    for piece in sample {
        let piece = piece.strip_prefix(b"\xef\xbb\xbf").unwrap_or(piece);
        for line in piece.split(|byte| *byte == b'\n').filter(|line| line.len() <= options.max_line_bytes) {
            inference.line(line, &mut root);
        }
    }
    Schema::new(root.fields())
}

/// What the values of a field have been so far.
#[derive(Debug, Default)]
enum Kind {
    #[default]
    Null,
    Boolean,
    Integer,
    /// Integers, of which some are out of BIGINT's range, and the most digits that one has.
    LargeInteger(u8),
    Double,
    Text,
    Object(Names),
    Array(Box<Kind>),
}

/// The fields of an object, in the order in which they were first seen.
#[derive(Debug, Default)]
struct Names {
    fields: Vec<Known>,
    /// By name in lower case.
    index: HashMap<String, usize>,
    objects: u64,
}

#[derive(Debug)]
struct Known {
    name: String,
    kind: Kind,
    /// The number of the object that had it last.
    seen_in: u64,
}

struct Inference<'o> {
    /// How many more fields may be made.
    room: usize,
    options: &'o JsonOptions,
}

impl Inference<'_> {
    /// Learns from a line, but only if it is a record in all its parts.
    fn line(&mut self, line: &[u8], root: &mut Names) {
        let mut cursor = Cursor::new(line);
        cursor.skip_blanks();
        let begin = cursor.at();
        let depth = self.options.max_nesting;
        if cursor.peek() != Some(b'{') || cursor.skip_value(depth).is_err() {
            return;
        }
        cursor.skip_blanks();
        if cursor.peek().is_none() {
            cursor.go_to(begin);
            // The line has been checked, so there is no fault to come.
            let _ = self.object(&mut cursor, root, depth, true);
        }
    }

    fn object(
        &mut self,
        cursor: &mut Cursor<'_>,
        names: &mut Names,
        depth: usize,
        is_root: bool,
    ) -> Result<(), Fault> {
        names.objects += 1;
        let mut is_open = cursor.enter(b'}', depth)?;
        while is_open {
            let mut name = Vec::new();
            let ending = cursor.string(&mut name)?;
            cursor.colon()?;
            let name = String::from_utf8(name).ok().filter(|name| {
                ending == Ending::Text
                    && !name.is_empty()
                    && !(is_root && name.eq_ignore_ascii_case(RESCUED_DATA))
            });
            match name.and_then(|name| names.visit(name, &mut self.room)) {
                Some(kind) => self.value(cursor, kind, depth - 1)?,
                None => cursor.skip_value(depth - 1)?,
            }
            is_open = cursor.next_part(b'}')?;
        }
        Ok(())
    }

    fn value(&mut self, cursor: &mut Cursor<'_>, kind: &mut Kind, depth: usize) -> Result<(), Fault> {
        match (cursor.peek(), &mut *kind) {
            (Some(b'{'), Kind::Null) => {
                *kind = Kind::Object(Names::default());
                return self.value(cursor, kind, depth);
            }
            (Some(b'['), Kind::Null) => {
                *kind = Kind::Array(Box::default());
                return self.value(cursor, kind, depth);
            }
            (Some(b'{'), Kind::Object(names)) => return self.object(cursor, names, depth, false),
            (Some(b'['), Kind::Array(element)) => return self.array(cursor, element, depth),
            (Some(b'n'), _) => return cursor.skip_value(depth),
            _ => {}
        }
        let observed = self.scalar(cursor, depth)?;
        *kind = std::mem::take(kind).with(observed);
        Ok(())
    }

    fn array(&mut self, cursor: &mut Cursor<'_>, element: &mut Kind, depth: usize) -> Result<(), Fault> {
        let mut is_open = cursor.enter(b']', depth)?;
        while is_open {
            self.value(cursor, element, depth - 1)?;
            is_open = cursor.next_part(b']')?;
        }
        Ok(())
    }

    /// The kind of a value that is neither `null` nor of the nested kind that was expected.
    fn scalar(&self, cursor: &mut Cursor<'_>, depth: usize) -> Result<Kind, Fault> {
        let first = cursor.peek().ok_or(Fault::new(cursor.at(), What::NoValue))?;
        if first == b'-' || first.is_ascii_digit() {
            let (number, text) = cursor.number()?;
            return Ok(if self.options.primitives_as_string {
                Kind::Text
            } else {
                Kind::of_number(number, text)
            });
        }
        cursor.skip_value(depth)?;
        Ok(match first {
            b't' | b'f' if !self.options.primitives_as_string => Kind::Boolean,
            _ => Kind::Text,
        })
    }
}

impl Kind {
    fn of_number(number: Number, text: &[u8]) -> Self {
        let digits = text.len() - usize::from(text.starts_with(b"-"));
        match (number.to_i64(), u8::try_from(digits)) {
            (Some(_), _) => Self::Integer,
            (None, Ok(digits)) if number.is_integer() && usize::from(digits) <= MOST_DIGITS => {
                Self::LargeInteger(digits.max(FEWEST_DIGITS))
            }
            _ => Self::Double,
        }
    }

    /// The kind of values of both kinds.
    fn with(self, other: Self) -> Self {
        use Kind::{Boolean, Double, Integer, LargeInteger, Null, Text};
        match (self, other) {
            (Null, kind) | (kind, Null) => kind,
            (Boolean, Boolean) => Boolean,
            (Integer, Integer) => Integer,
            (LargeInteger(a), LargeInteger(b)) => LargeInteger(a.max(b)),
            (LargeInteger(digits), Integer) | (Integer, LargeInteger(digits)) => LargeInteger(digits),
            (Integer | LargeInteger(_) | Double, Integer | LargeInteger(_) | Double) => Double,
            _ => Text,
        }
    }

    fn data_type(self) -> DataType {
        match self {
            Self::Boolean => DataType::Boolean,
            Self::Integer => DataType::Int64,
            Self::LargeInteger(digits) => DataType::Decimal128(digits, 0),
            Self::Double => DataType::Float64,
            Self::Object(names) if !names.fields.is_empty() => DataType::Struct(names.fields()),
            Self::Array(element) => {
                DataType::List(Arc::new(Field::new("element", element.data_type(), true)))
            }
            // Parquet has no structs without fields.
            Self::Null | Self::Text | Self::Object(_) => DataType::Utf8,
        }
    }
}

impl Names {
    /// Where to note the kind of the field `name` of the present object; none if it is not to become a column.
    fn visit(&mut self, name: String, room: &mut usize) -> Option<&mut Kind> {
        let lower = name.to_lowercase();
        let at = match self.index.get(&lower) {
            Some(at) => *at,
            None => {
                *room = room.checked_sub(1)?;
                self.index.insert(lower, self.fields.len());
                self.fields.push(Known { name: name.clone(), kind: Kind::Null, seen_in: 0 });
                self.fields.len() - 1
            }
        };
        let objects = self.objects;
        let known = self.fields.get_mut(at)?;
        if known.name != name || known.seen_in == objects {
            return None;
        }
        known.seen_in = objects;
        Some(&mut known.kind)
    }

    fn fields(self) -> Fields {
        self.fields.into_iter().map(|known| Field::new(known.name, known.kind.data_type(), true)).collect()
    }
}

//! Newline-delimited JSON.
//!
//! The decoder goes over the bytes of a chunk once and writes each value straight into its column; there is no tree in
//! between. What does not fit is remembered as a place in the text, so that clean records pay nothing for it.
//!
//! # What fits
//!
//! A value fits its column only if the column can hold it exactly. NULL fits everywhere, and a missing field is NULL.
//!
//! | column | takes |
//! |---|---|
//! | `TINYINT` .. `BIGINT` | integers in range, written without a point and an exponent |
//! | `DOUBLE`, `FLOAT` | numbers, rounded to the nearest value; not if that is infinite, nor zero for what is not zero, nor for an integer (no exponent, nothing but zeros behind the point) that it does not hold exactly |
//! | `DECIMAL(p, s)` | numbers that need no more digits |
//! | `BOOLEAN` | `true`, `false` |
//! | `STRING` | strings; any other value as the JSON text that stands there, as Spark does |
//! | `DATE`, `TIMESTAMP`, `TIMESTAMP_NTZ` | ISO 8601 strings, to the microsecond; a `TIMESTAMP` without a zone is UTC |
//! | `BINARY` | strings of base64 |
//! | `STRUCT` | objects |
//! | `ARRAY` | arrays of elements that fit |
//! | `MAP` | objects without a name that comes twice, whose values fit |
//!
//! # What is rescued
//!
//! `_rescued_data` is NULL or the text of a JSON object with the raw text of
//! - each value that does not fit (its column is NULL); for an element of an array or a map, all of that array or map;
//! - each field that has no column, also one whose name differs only by case;
//! - each further field of a name that came before in the same object: the first one counts;
//! - each array or map with an unknown or repeated field somewhere inside; its column still holds the rest.
//!
//! Fields of nested objects stand in nested objects, behind the other fields; `_file_path` comes last.
//!
//! # What is rejected
//!
//! A line that is not one JSON object by RFC 8259, to the letter and in all its parts, also those that no column reads;
//! that is not UTF-8; that is nested too deeply or too long. Blank lines are skipped, as is a byte order mark at the very
//! beginning of a file; a carriage return before the line feed is a blank.

mod cursor;
mod decoder;
mod fault;
mod infer;
mod record;
mod rescue;
mod shape;
mod string;

pub use decoder::JsonDecoder;
pub use infer::infer;

/// How JSON is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonOptions {
    /// `maxNesting`: how many brackets may be open at once, the outermost included; 1 to 512, by default 64.
    pub max_nesting: usize,
    /// The longest line that is taken, in bytes, by default 16 MiB.
    pub max_line_bytes: usize,
    /// `primitivesAsString`: whether numbers and booleans are inferred as STRING, by default not.
    pub primitives_as_string: bool,
}

impl Default for JsonOptions {
    fn default() -> Self {
        Self { max_nesting: 64, max_line_bytes: 16 << 20, primitives_as_string: false }
    }
}

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

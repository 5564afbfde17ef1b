//! Text into types and fields, by recursive descent.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, TimeUnit};

use super::{CHAR_TYPE, COMMENT, DdlError};
use crate::suggest;

/// The most digits that a decimal holds.
const MAX_PRECISION: u64 = 38;
/// How deep types may nest.
const MAX_DEPTH: usize = 100;

const TYPE_NAMES: [&str; 29] = [
    "BOOLEAN",
    "TINYINT",
    "BYTE",
    "SMALLINT",
    "SHORT",
    "INT",
    "INTEGER",
    "BIGINT",
    "LONG",
    "FLOAT",
    "REAL",
    "DOUBLE",
    "DECIMAL",
    "DEC",
    "NUMERIC",
    "STRING",
    "VARCHAR",
    "CHAR",
    "CHARACTER",
    "BINARY",
    "DATE",
    "TIMESTAMP",
    "TIMESTAMP_LTZ",
    "TIMESTAMP_NTZ",
    "ARRAY",
    "MAP",
    "STRUCT",
    "INTERVAL",
    "VARIANT",
];

/// A type as declared: the Arrow type, and the words where these say more.
pub(super) struct Declared {
    pub(super) data_type: DataType,
    char_type: Option<String>,
}

impl Declared {
    fn plain(data_type: DataType) -> Self {
        Self { data_type, char_type: None }
    }

    fn into_field(self, name: &str, nullable: bool, comment: Option<String>) -> Field {
        let char_type = self.char_type.map(|text| (CHAR_TYPE.to_owned(), text));
        let comment = comment.map(|text| (COMMENT.to_owned(), text));
        let metadata: HashMap<String, String> = char_type.into_iter().chain(comment).collect();
        Field::new(name, self.data_type, nullable).with_metadata(metadata)
    }
}

/// A place in the text, in characters.
pub(super) struct Parser<'a> {
    ddl: &'a str,
    chars: Vec<char>,
    at: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(ddl: &'a str) -> Self {
        let mut parser = Self { ddl, chars: ddl.chars().collect(), at: 0 };
        parser.skip_blank();
        parser
    }

    fn error<T>(&self, at: usize, reason: impl Into<String>) -> Result<T, DdlError> {
        self.error_with(at, reason, None)
    }

    fn error_with<T>(
        &self,
        at: usize,
        reason: impl Into<String>,
        hint: Option<String>,
    ) -> Result<T, DdlError> {
        Err(DdlError { ddl: self.ddl.to_owned(), at: at + 1, reason: reason.into(), suggestion: hint })
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn skip_blank(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// Takes `c` and the blanks after it, if it is next.
    fn take(&mut self, c: char) -> bool {
        let is_next = self.peek() == Some(c);
        if is_next {
            self.at += 1;
            self.skip_blank();
        }
        is_next
    }

    fn expect(&mut self, c: char, whereabouts: &str) -> Result<(), DdlError> {
        if self.take(c) {
            Ok(())
        } else {
            self.error(self.at, format!("expected `{c}` {whereabouts}, {}", self.found()))
        }
    }

    fn found(&self) -> String {
        self.peek().map_or_else(|| "found the end".to_owned(), |c| format!("found `{c}`"))
    }

    pub(super) fn end(&mut self) -> Result<(), DdlError> {
        if self.peek().is_none() {
            Ok(())
        } else {
            self.error(self.at, format!("expected `,` or the end, {}", self.found()))
        }
    }

    /// The word that begins here, without taking it.
    fn word(&self) -> String {
        self.chars[self.at..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').collect()
    }

    fn take_word(&mut self) -> String {
        let word = self.word();
        self.at += word.chars().count();
        self.skip_blank();
        word
    }

    /// Takes a keyword, if it is next.
    fn take_keyword(&mut self, keyword: &str) -> bool {
        let is_next = self.word().eq_ignore_ascii_case(keyword);
        if is_next {
            self.take_word();
        }
        is_next
    }

    /// Whether the text is one `STRUCT<...>` rather than columns, the first of which may well be called `struct`.
    pub(super) fn is_bare_struct(&mut self) -> bool {
        let start = self.at;
        let is_struct = self.take_keyword("STRUCT") && self.peek() == Some('<');
        self.at = start;
        is_struct
    }

    pub(super) fn bare_struct(&mut self) -> Result<Vec<Field>, DdlError> {
        self.take_keyword("STRUCT");
        self.struct_fields(0)
    }

    /// Whether a name and then something like a type begin the text, so that it is no type itself.
    pub(super) fn is_column_list(&mut self) -> bool {
        let start = self.at;
        let is_quoted = self.peek() == Some('`');
        self.take_word();
        let is_list = is_quoted || self.peek().is_some_and(|c| c == ':' || c.is_alphabetic());
        self.at = start;
        is_list
    }

    /// Columns up to `closing`, which stays, or up to the end.
    pub(super) fn fields(&mut self, depth: usize, closing: Option<char>) -> Result<Vec<Field>, DdlError> {
        let mut fields = Vec::new();
        if self.peek() == closing && (closing.is_some() || self.chars.is_empty()) {
            return if closing.is_some() {
                Ok(fields)
            } else {
                self.error(0, "a schema has at least one column")
            };
        }
        let mut names = HashMap::new();
        loop {
            let start = self.at;
            let field = self.field(depth)?;
            if let Some(first) = names.insert(field.name().to_lowercase(), field.name().clone()) {
                let reason = format!(
                    "column `{}` is there already, as `{first}`; case does not tell columns apart",
                    field.name()
                );
                return self.error(start, reason);
            }
            fields.push(field);
            if !self.take(',') {
                return Ok(fields);
            }
        }
    }

    fn field(&mut self, depth: usize) -> Result<Field, DdlError> {
        let name = self.name()?;
        self.take(':');
        let declared = self.data_type(depth)?;
        let nullable = !self.not_null()?;
        let comment = if self.take_keyword("COMMENT") { Some(self.string()?) } else { None };
        Ok(declared.into_field(&name, nullable, comment))
    }

    fn not_null(&mut self) -> Result<bool, DdlError> {
        if !self.take_keyword("NOT") {
            return Ok(false);
        }
        if self.take_keyword("NULL") {
            Ok(true)
        } else {
            self.error(self.at, format!("expected `NULL` after `NOT`, {}", self.found()))
        }
    }

    fn name(&mut self) -> Result<String, DdlError> {
        let start = self.at;
        let name = if self.peek() == Some('`') { self.quoted('`')? } else { self.take_word() };
        if !name.is_empty() {
            return Ok(name);
        }
        let hint =
            "write a name with other characters than letters, digits and `_` in back quotes".to_owned();
        self.error_with(start, format!("expected a column's name, {}", self.found()), Some(hint))
    }

    fn string(&mut self) -> Result<String, DdlError> {
        match self.peek() {
            Some(quote @ ('\'' | '"')) => self.quoted(quote),
            _ => self.error(self.at, format!("expected a text in quotes after `COMMENT`, {}", self.found())),
        }
    }

    /// A text between two `quote`s. In a name the doubled quote stands for itself; in a string `\` escapes.
    fn quoted(&mut self, quote: char) -> Result<String, DdlError> {
        let start = self.at;
        let mut text = String::new();
        self.at += 1;
        while let Some(c) = self.peek() {
            self.at += 1;
            if c == quote {
                if self.peek() != Some(quote) {
                    self.skip_blank();
                    return Ok(text);
                }
                self.at += 1;
                text.push(quote);
            } else if c == '\\' && quote != '`' {
                text.push(self.escaped());
            } else {
                text.push(c);
            }
        }
        self.error(start, format!("the {quote} that opens here is never closed"))
    }

    fn escaped(&mut self) -> char {
        let c = self.peek().unwrap_or('\\');
        self.at += 1;
        match c {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '0' => '\0',
            other => other,
        }
    }

    pub(super) fn data_type(&mut self, depth: usize) -> Result<Declared, DdlError> {
        let start = self.at;
        if depth > MAX_DEPTH {
            return self.error(start, format!("types nest more than {MAX_DEPTH} deep"));
        }
        let word = self.take_word();
        let data_type = match word.to_ascii_uppercase().as_str() {
            "BOOLEAN" => DataType::Boolean,
            "TINYINT" | "BYTE" => DataType::Int8,
            "SMALLINT" | "SHORT" => DataType::Int16,
            "INT" | "INTEGER" => DataType::Int32,
            "BIGINT" | "LONG" => DataType::Int64,
            "FLOAT" | "REAL" => DataType::Float32,
            "DOUBLE" => DataType::Float64,
            "STRING" => DataType::Utf8,
            "BINARY" => DataType::Binary,
            "DATE" => DataType::Date32,
            "TIMESTAMP" | "TIMESTAMP_LTZ" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            "TIMESTAMP_NTZ" => DataType::Timestamp(TimeUnit::Microsecond, None),
            "DECIMAL" | "DEC" | "NUMERIC" => self.decimal()?,
            "VARCHAR" => return self.characters("varchar"),
            "CHAR" | "CHARACTER" => return self.characters("char"),
            "ARRAY" => self.array(depth)?,
            "MAP" => self.map(depth)?,
            "STRUCT" => DataType::Struct(self.struct_fields(depth + 1)?.into()),
            _ => return self.no_type(start, &word),
        };
        Ok(Declared::plain(data_type))
    }

    fn no_type<T>(&self, at: usize, word: &str) -> Result<T, DdlError> {
        let upper = word.to_ascii_uppercase();
        match upper.as_str() {
            "" => self.error(at, format!("expected a type, {}", self.found())),
            "INTERVAL" | "VARIANT" | "VOID" | "TIME" | "GEOMETRY" | "GEOGRAPHY" => self.error_with(
                at,
                format!("type {upper} is not supported"),
                Some("STRING keeps the text of any value".to_owned()),
            ),
            _ => {
                let hint = suggest(&upper, TYPE_NAMES).map(|name| format!("did you mean {name}?"));
                self.error_with(at, format!("unknown type `{word}`"), hint)
            }
        }
    }

    fn decimal(&mut self) -> Result<DataType, DdlError> {
        let start = self.at;
        if !self.take('(') {
            return Ok(DataType::Decimal128(10, 0));
        }
        let precision = self.number()?;
        let scale = if self.take(',') { self.number()? } else { 0 };
        self.expect(')', "after the digits of a decimal")?;
        if !(1..=MAX_PRECISION).contains(&precision) || scale > precision {
            let reason = format!(
                "a decimal has 1 to {MAX_PRECISION} digits, and of these at most all after the point"
            );
            return self.error(start, reason);
        }
        Ok(DataType::Decimal128(precision as u8, scale as i8))
    }

    fn characters(&mut self, name: &str) -> Result<Declared, DdlError> {
        self.expect('(', &format!("and a length after `{}`", name.to_uppercase()))?;
        let length = self.number()?;
        self.expect(')', "after the length")?;
        Ok(Declared { data_type: DataType::Utf8, char_type: Some(format!("{name}({length})")) })
    }

    fn number(&mut self) -> Result<u64, DdlError> {
        let start = self.at;
        let word = self.take_word();
        match word.parse() {
            Ok(number) => Ok(number),
            Err(_) => self.error(start, format!("expected a number, found `{word}`")),
        }
    }

    fn array(&mut self, depth: usize) -> Result<DataType, DdlError> {
        self.expect('<', "after `ARRAY`")?;
        let element = self.data_type(depth + 1)?.into_field("element", true, None);
        self.expect('>', "after the type of the elements")?;
        Ok(DataType::List(Arc::new(element)))
    }

    fn map(&mut self, depth: usize) -> Result<DataType, DdlError> {
        self.expect('<', "after `MAP`")?;
        let key = self.data_type(depth + 1)?.into_field("key", false, None);
        self.expect(',', "after the type of the keys")?;
        let value = self.data_type(depth + 1)?.into_field("value", true, None);
        self.expect('>', "after the type of the values")?;
        let entries = Field::new("key_value", DataType::Struct(vec![key, value].into()), false);
        Ok(DataType::Map(Arc::new(entries), false))
    }

    fn struct_fields(&mut self, depth: usize) -> Result<Vec<Field>, DdlError> {
        self.expect('<', "after `STRUCT`")?;
        let fields = self.fields(depth, Some('>'))?;
        self.expect('>', "or `,` after a field of the struct")?;
        Ok(fields)
    }
}

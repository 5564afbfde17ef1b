//! Schemas and types as Spark's DDL text.
//!
//! [`parse_ddl`] reads what `StructType.fromDDL` reads: `id BIGINT NOT NULL COMMENT 'key', tags ARRAY<STRING>`, with all of
//! Spark's names and aliases of types, back-quoted names, and `name: TYPE` beside `name TYPE`. [`format_ddl`] writes the
//! form that reads back as the same schema. Nested fields are named as Delta names them (`element`, `key_value`).

mod format;
mod parse;

use std::sync::Arc;

use arrow::datatypes::{DataType, Schema, SchemaRef};
use thiserror::Error;

use self::format::format_fields;
use self::parse::Parser;
use crate::{Classify, ErrorKind};

/// The key of a field's metadata that holds its comment.
const COMMENT: &str = "comment";
/// The key, Spark's own, that holds the declared type of a `CHAR(n)` or `VARCHAR(n)` field, which is a string otherwise.
const CHAR_TYPE: &str = "__CHAR_VARCHAR_TYPE_STRING";
/// DDL that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("schema `{ddl}`, character {at}: {reason}")]
pub struct DdlError {
    /// The whole text.
    pub ddl: String,
    /// Where it goes wrong, in characters from 1.
    pub at: usize,
    /// What is wrong there.
    pub reason: String,
    /// What to write instead, where that is known.
    pub suggestion: Option<String>,
}

impl Classify for DdlError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::User
    }

    fn hint(&self) -> Option<String> {
        self.suggestion.clone()
    }
}

/// Reads a schema: a list of columns, or one `STRUCT<...>` whose fields they are.
///
/// `TIMESTAMP` is microseconds in UTC, `TIMESTAMP_NTZ` microseconds without a zone; a `DECIMAL` without digits is
/// `DECIMAL(10,0)`. A comment becomes the field's metadata `comment`; the length of `CHAR(n)` and `VARCHAR(n)` is kept in
/// the metadata as Spark keeps it. Names may differ in more than case only, as in a Delta table.
///
/// # Errors
/// The first place where the text is no schema.
pub fn parse_ddl(ddl: &str) -> Result<SchemaRef, DdlError> {
    let mut parser = Parser::new(ddl);
    let fields = if parser.is_bare_struct() { parser.bare_struct()? } else { parser.fields(0, None)? };
    parser.end()?;
    Ok(Arc::new(Schema::new(fields)))
}

/// Reads one type: `DECIMAL(10,2)`, `ARRAY<INT>`; a list of columns is the struct of them.
///
/// # Errors
/// The first place where the text is no type.
pub fn parse_type(ddl: &str) -> Result<DataType, DdlError> {
    let mut parser = Parser::new(ddl);
    let is_list = parser.is_column_list();
    let data_type = if is_list {
        DataType::Struct(parser.fields(0, None)?.into())
    } else {
        parser.data_type(0)?.data_type
    };
    parser.end()?;
    Ok(data_type)
}

/// Writes a schema so that [`parse_ddl`] reads the same one.
///
/// A type that Spark does not have is written as the narrowest one that holds all its values (an unsigned number as the
/// next wider signed one), and one without such by its Arrow name, which [`parse_ddl`] refuses. That elements of arrays and
/// values of maps are never NULL cannot be said in DDL and is not written.
pub fn format_ddl(schema: &Schema) -> String {
    format_fields(schema.fields(), " ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use arrow::datatypes::{Field, Fields, TimeUnit};

    fn one(ddl: &str) -> Field {
        parse_ddl(ddl).unwrap().field(0).clone()
    }

    fn error(ddl: &str) -> (usize, String, Option<String>) {
        let error = parse_ddl(ddl).unwrap_err();
        (error.at, error.reason.clone(), error.hint())
    }

    #[test]
    fn knows_every_name_of_a_type() {
        let timestamp = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let groups: [(&[&str], DataType); 14] = [
            (&["boolean"], DataType::Boolean),
            (&["TINYINT", "byte"], DataType::Int8),
            (&["smallint", "Short"], DataType::Int16),
            (&["int", "INTEGER"], DataType::Int32),
            (&["bigint", "LONG"], DataType::Int64),
            (&["float", "real"], DataType::Float32),
            (&["double"], DataType::Float64),
            (&["string", "varchar(3)", "char(3)", "character ( 3 )"], DataType::Utf8),
            (&["binary"], DataType::Binary),
            (&["date"], DataType::Date32),
            (&["timestamp", "timestamp_ltz"], timestamp),
            (&["timestamp_ntz"], DataType::Timestamp(TimeUnit::Microsecond, None)),
            (&["decimal", "dec(10)", "numeric(10,0)"], DataType::Decimal128(10, 0)),
            (&["struct<>", "struct< >"], DataType::Struct(Fields::empty())),
        ];
        for (names, data_type) in groups {
            for name in names {
                assert_eq!(parse_type(name).as_ref(), Ok(&data_type), "{name}");
                assert_eq!(one(&format!("c {name}")).data_type(), &data_type, "{name}");
            }
        }
    }

    #[test]
    fn reads_columns_with_all_their_parts() {
        let ddl = "id BIGINT NOT NULL COMMENT 'the \"key\", it\\'s', `odd ``name` struct<a: INT, b array<string>>, \n m map<string,double>";
        let schema = parse_ddl(ddl).unwrap();
        assert!(!schema.field(0).is_nullable());
        assert_eq!(schema.field(0).metadata()["comment"], "the \"key\", it's");
        assert_eq!(schema.field(1).name(), "odd `name");
        let again = "id BIGINT NOT NULL COMMENT 'the \"key\", it\\'s', `odd ``name` STRUCT<a: INT, b: ARRAY<STRING>>, m MAP<STRING, DOUBLE>";
        assert_eq!(format_ddl(&schema), again);
        assert_eq!(one("c VARCHAR(12)").metadata()[CHAR_TYPE], "varchar(12)");
        assert_eq!(format_ddl(&parse_ddl("c ARRAY<CHAR(2)>").unwrap()), "c ARRAY<CHAR(2)>");
    }

    #[test]
    fn a_struct_may_stand_for_its_columns_and_columns_for_a_struct() {
        assert_eq!(parse_ddl("STRUCT<a: INT, b: STRING>"), parse_ddl("a INT, b STRING"));
        assert_eq!(parse_type("a INT, `b` STRING"), parse_type("STRUCT<a: INT, b: STRING>"));
        assert_eq!(one("struct STRUCT<a: INT>").name(), "struct");
        assert_eq!(one("date date").name(), "date");
    }

    #[test]
    fn says_where_it_goes_wrong_and_what_may_be_meant() {
        assert_eq!(
            error("id BIGNIT"),
            (4, "unknown type `BIGNIT`".into(), Some("did you mean BIGINT?".into()))
        );
        assert_eq!(error("ä INT, b VOID").0, 10);
        assert_eq!(error("a INT b INT"), (7, "expected `,` or the end, found `b`".into(), None));
        assert_eq!(error("a ARRAY<INT").1, "expected `>` after the type of the elements, found the end");
        assert_eq!(error("a INT, A STRING").0, 8);
        assert_eq!(error("a DECIMAL(39)").0, 10);
        assert_eq!(error("`a INT").0, 1);
        for bad in [
            "",
            "  ",
            "a",
            "a INT,",
            "a INT NOT",
            "a INT COMMENT x",
            "a-b INT",
            "a VARIANT",
            "a INTERVAL DAY",
            "STRUCT<a INT> x",
        ] {
            assert!(parse_ddl(bad).is_err(), "{bad} was taken");
        }
        assert!(parse_ddl(&format!("a {}", "ARRAY<".repeat(100_000))).is_err());
    }

    #[test]
    fn types_that_spark_lacks_are_written_as_wider_ones() {
        let schema = Schema::new(vec![
            Field::new("a", DataType::UInt32, true),
            Field::new(
                "b",
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::LargeUtf8)),
                true,
            ),
            Field::new("c", DataType::Timestamp(TimeUnit::Nanosecond, Some("+01:00".into())), true),
        ]);
        assert_eq!(format_ddl(&schema), "a BIGINT, b STRING, c TIMESTAMP");
    }

    /// A small generator (xorshift), so that a seed is all there is to repeat a case.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, n: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % n
        }

        fn text(&mut self) -> String {
            const CHARS: [char; 12] = ['a', 'Z', '0', '_', ' ', '`', '\'', '"', '\\', '\n', 'é', '<'];
            (0..=self.below(6)).map(|_| CHARS[self.below(12) as usize]).collect()
        }

        fn data_type(&mut self, depth: u64) -> DataType {
            match self.below(if depth < 4 { 9 } else { 5 }) {
                0 => DataType::Int64,
                1 => DataType::Utf8,
                2 => {
                    let precision = 1 + self.below(38) as u8;
                    DataType::Decimal128(precision, self.below(u64::from(precision) + 1) as i8)
                }
                3 => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
                4 => DataType::Binary,
                5 => DataType::List(Arc::new(Field::new("element", self.data_type(depth + 1), true))),
                6 => self.map(depth),
                _ => DataType::Struct(self.fields(depth + 1).into()),
            }
        }

        fn map(&mut self, depth: u64) -> DataType {
            let key = Field::new("key", self.data_type(depth + 1), false);
            let pair = vec![key, Field::new("value", self.data_type(depth + 1), true)];
            DataType::Map(Arc::new(Field::new("key_value", DataType::Struct(pair.into()), false)), false)
        }

        fn fields(&mut self, depth: u64) -> Vec<Field> {
            (0..=self.below(4))
                .map(|i| {
                    let field =
                        Field::new(format!("{}{i}", self.text()), self.data_type(depth), self.below(2) == 0);
                    let comment = (self.below(3) == 0).then(|| ("comment".to_owned(), self.text()));
                    field.with_metadata(comment.into_iter().collect())
                })
                .collect()
        }
    }

    #[test]
    fn any_schema_reads_back_as_itself() {
        let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
        for seed in (0..500).map(|i| time as u64 / 500 * 500 + i + 1) {
            let schema = Schema::new(Chance(seed).fields(0));
            let ddl = format_ddl(&schema);
            assert_eq!(
                parse_ddl(&ddl).unwrap_or_else(|e| panic!("seed {seed}: {e}")).as_ref(),
                &schema,
                "seed {seed}: {ddl}"
            );
        }
    }
}

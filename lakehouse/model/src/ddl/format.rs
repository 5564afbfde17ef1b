//! Types and fields into text.

use std::fmt::Write as _;

use arrow::datatypes::{DataType, Field, Fields};

use super::{CHAR_TYPE, COMMENT};

/// Fields between commas, each with `separator` between name and type.
pub(super) fn format_fields(fields: &Fields, separator: &str) -> String {
    let mut ddl = String::new();
    for field in fields {
        let comma = if ddl.is_empty() { "" } else { ", " };
        let not_null = if field.is_nullable() { "" } else { " NOT NULL" };
        let _ =
            write!(ddl, "{comma}{}{separator}{}{not_null}", format_name(field.name()), format_type(field));
        if let Some(comment) = field.metadata().get(COMMENT) {
            let _ = write!(ddl, " COMMENT '{}'", comment.replace('\\', "\\\\").replace('\'', "\\'"));
        }
    }
    ddl
}

fn format_name(name: &str) -> String {
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.chars().next().is_some_and(|c| !c.is_ascii_digit());
    if is_plain { name.to_owned() } else { format!("`{}`", name.replace('`', "``")) }
}

fn format_type(field: &Field) -> String {
    match field.metadata().get(CHAR_TYPE) {
        Some(declared) => declared.to_uppercase(),
        None => format_data_type(field.data_type()),
    }
}

fn format_data_type(data_type: &DataType) -> String {
    let name = match data_type {
        DataType::Boolean => "BOOLEAN",
        DataType::Int8 => "TINYINT",
        DataType::Int16 | DataType::UInt8 => "SMALLINT",
        DataType::Int32 | DataType::UInt16 => "INT",
        DataType::Int64 | DataType::UInt32 => "BIGINT",
        DataType::UInt64 => "DECIMAL(20,0)",
        DataType::Float16 | DataType::Float32 => "FLOAT",
        DataType::Float64 => "DOUBLE",
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "STRING",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            "BINARY"
        }
        DataType::Date32 => "DATE",
        DataType::Timestamp(_, Some(_)) => "TIMESTAMP",
        DataType::Timestamp(_, None) | DataType::Date64 => "TIMESTAMP_NTZ",
        DataType::Null => "VOID",
        _ => return format_composed_type(data_type),
    };
    name.to_owned()
}

fn format_composed_type(data_type: &DataType) -> String {
    match data_type {
        DataType::Decimal32(p, s) | DataType::Decimal64(p, s) | DataType::Decimal128(p, s) => {
            format!("DECIMAL({p},{s})")
        }
        DataType::Dictionary(_, values) => format_data_type(values),
        DataType::RunEndEncoded(_, values) => format_type(values),
        DataType::List(element)
        | DataType::LargeList(element)
        | DataType::ListView(element)
        | DataType::LargeListView(element)
        | DataType::FixedSizeList(element, _) => format!("ARRAY<{}>", format_type(element)),
        DataType::Map(entries, _) => format_map(entries),
        DataType::Struct(fields) => format!("STRUCT<{}>", format_fields(fields, ": ")),
        other => other.to_string(),
    }
}

fn format_map(entries: &Field) -> String {
    match entries.data_type() {
        DataType::Struct(pair) if pair.len() == 2 => {
            format!("MAP<{}, {}>", format_type(&pair[0]), format_type(&pair[1]))
        }
        other => other.to_string(),
    }
}

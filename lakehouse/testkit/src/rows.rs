//! Result rows as test files write them.

use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::common::DataFusionError;
use sqllogictest::{DBOutput, DefaultColumnType};

/// Output of text cells.
pub(crate) fn text(rows: Vec<Vec<String>>) -> DBOutput<DefaultColumnType> {
    let width = rows.first().map_or(1, Vec::len);
    DBOutput::Rows { types: vec![DefaultColumnType::Text; width], rows }
}

/// Output of batches: `NULL`, `(empty)` for an empty text, timestamps as ISO 8601.
pub(crate) fn batches(
    schema: &arrow::datatypes::Schema,
    batches: &[RecordBatch],
) -> Result<DBOutput<DefaultColumnType>, DataFusionError> {
    let types = schema.fields().iter().map(|field| column_type(field.data_type())).collect();
    let mut rows = Vec::new();
    for batch in batches {
        let options = FormatOptions::default().with_null("NULL");
        let columns = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
            .collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            rows.push(columns.iter().map(|column| cell(column.value(row).to_string())).collect());
        }
    }
    Ok(DBOutput::Rows { types, rows })
}

fn cell(text: String) -> String {
    if text.is_empty() { "(empty)".to_owned() } else { text }
}

fn column_type(data_type: &DataType) -> DefaultColumnType {
    match data_type {
        data_type if data_type.is_integer() => DefaultColumnType::Integer,
        data_type if data_type.is_floating() => DefaultColumnType::FloatingPoint,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => {
            DefaultColumnType::Text
        }
        _ => DefaultColumnType::Any,
    }
}

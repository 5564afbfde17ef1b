//! Rows as people read them: JSON text.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch};
use arrow::buffer::BooleanBuffer;
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{DataType, Schema};
use arrow::json::LineDelimitedWriter;
use datafusion::common::cast::as_string_array;
use datafusion::common::{DataFusionError, Result};
use model::{OnViolation, Quarantined};

use super::exec::CompiledRule;

const SOURCE_FILE: &str = "_source_file";

/// The rows that `keep` leaves out, with the names of the dropping rules that each broke.
pub(super) fn dropped_rows(
    batch: &RecordBatch,
    hidden: usize,
    keep: &BooleanArray,
    verdicts: &[BooleanBuffer],
    rules: &[CompiledRule],
) -> Result<Vec<Quarantined>> {
    let dropped = !keep.values();
    let rows = filter_record_batch(batch, &BooleanArray::new(dropped.clone(), None))?;
    let files = source_files(&rows)?;
    let texts = rows_as_json(&rows, hidden)?;
    let broken_by = |row: usize| {
        let broke = |(rule, holds): (&CompiledRule, &BooleanBuffer)| {
            (rule.on_violation == OnViolation::DropRow && !holds.value(row)).then(|| rule.name.clone())
        };
        rules.iter().zip(verdicts).filter_map(broke).collect::<Vec<String>>()
    };
    let quarantined = dropped.set_indices().zip(texts).enumerate().map(|(nth, (row, raw))| {
        let rules = broken_by(row);
        let source_file = files.as_ref().filter(|files| files.is_valid(nth));
        Quarantined {
            reason: format!("broke {}", rules.join(", ")),
            rules,
            raw,
            source_file: source_file
                .and_then(|files| as_string_array(files).ok())
                .map(|names| names.value(nth).into()),
            line: None,
            byte_offset: None,
        }
    });
    Ok(quarantined.collect())
}

/// The first row of those that `which` marks.
pub(super) fn first_row(batch: &RecordBatch, hidden: usize, which: &BooleanBuffer) -> Result<String> {
    let Some(row) = which.set_indices().next() else {
        return Ok(String::new());
    };
    Ok(rows_as_json(&batch.slice(row, 1), hidden)?.pop().unwrap_or_default())
}

fn source_files(rows: &RecordBatch) -> Result<Option<ArrayRef>> {
    let column = rows.column_by_name(SOURCE_FILE);
    Ok(column.map(|column| cast(column, &DataType::Utf8)).transpose()?)
}

/// Each row as one JSON object without its NULLs. A hidden column stands under the name of the column whose value it
/// keeps; of the two, one is NULL in every row.
fn rows_as_json(rows: &RecordBatch, hidden: usize) -> Result<Vec<String>> {
    let schema = rows.schema();
    let visible = schema.fields().len() - hidden;
    let unhide = |(index, field): (usize, &Arc<arrow::datatypes::Field>)| match index < visible {
        true => field.as_ref().clone(),
        false => field.as_ref().clone().with_name(visible_name(field.name())),
    };
    let fields: Vec<_> = schema.fields().iter().enumerate().map(unhide).collect();
    let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), rows.columns().to_vec())?;
    let mut writer = LineDelimitedWriter::new(Vec::new());
    writer.write(&rows)?;
    writer.finish()?;
    let text =
        String::from_utf8(writer.into_inner()).map_err(|error| DataFusionError::External(error.into()))?;
    Ok(text.lines().map(str::to_owned).collect())
}

const HIDDEN_PREFIX: &str = "__unparsed_";

/// The name of the hidden column that keeps the values of `column` that did not parse.
pub(crate) fn hidden_name(column: &str) -> String {
    format!("{HIDDEN_PREFIX}{column}")
}

fn visible_name(hidden: &str) -> &str {
    hidden.strip_prefix(HIDDEN_PREFIX).unwrap_or(hidden)
}

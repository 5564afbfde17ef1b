//! Rows of a file into rows of a schema.

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::datatypes::SchemaRef;

use super::fit::{self, Rows};
use super::json_text::as_json;
use crate::format::rescue::Rescued;
use crate::format::{Chunk, Decoded, Decoder, FormatError, Payload, output_schema};

/// Brings rows into the shape of a schema.
#[derive(Debug)]
pub(super) struct ParquetDecoder {
    /// The columns and the rescue column.
    output: SchemaRef,
    rescued: Rescued,
}

/// A column of the file of which some rows are to be rescued.
struct Misfits<'a> {
    name: &'a str,
    values: &'a ArrayRef,
    rows: Rows,
}

impl ParquetDecoder {
    pub(super) fn new(schema: &SchemaRef) -> Result<Self, FormatError> {
        Ok(Self { output: output_schema(schema)?, rescued: Rescued::default() })
    }

    fn shape(&mut self, rows: &RecordBatch, file: &str) -> Result<RecordBatch, FormatError> {
        let known = &self.output.fields()[..self.output.fields().len() - 1];
        let mut arrays = Vec::with_capacity(known.len() + 1);
        let mut misfits = Vec::new();
        for field in known {
            let Some(values) = rows.column_by_name(field.name()) else {
                arrays.push(new_null_array(field.data_type(), rows.num_rows()));
                continue;
            };
            let fitted = fit::fit(values, field.data_type())?;
            arrays.push(fitted.values);
            misfits.extend(fitted.misfits.map(|rows| Misfits { name: field.name(), values, rows }));
        }
        for (values, field) in rows.columns().iter().zip(rows.schema_ref().fields()) {
            if !known.iter().any(|known| known.name() == field.name()) {
                misfits.extend(fit::present(values).map(|rows| Misfits { name: field.name(), values, rows }));
            }
        }
        arrays.push(rescue(&mut self.rescued, &misfits, rows.num_rows(), file)?);
        Ok(RecordBatch::try_new(self.output.clone(), arrays)?)
    }
}

impl Decoder for ParquetDecoder {
    fn decode(&mut self, chunk: &Chunk) -> Result<Decoded, FormatError> {
        let Payload::Rows(rows) = &chunk.payload else {
            return Err(FormatError::Internal {
                format: "parquet",
                reason: "a chunk that is no rows".to_owned(),
            });
        };
        Ok(Decoded { batch: self.shape(rows, &chunk.file.display)?, rejects: Vec::new() })
    }
}

fn rescue(
    rescued: &mut Rescued,
    misfits: &[Misfits<'_>],
    rows: usize,
    file: &str,
) -> Result<ArrayRef, FormatError> {
    for row in 0..rows {
        for column in misfits.iter().filter(|column| column.rows.value(row)) {
            rescued.json(column.name, &as_json(column.values, row)?);
        }
        rescued.end_row(file);
    }
    Ok(rescued.finish()?)
}

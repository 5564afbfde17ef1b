//! `_rescued_data` for formats whose values are not JSON themselves.

use arrow::array::ArrayRef;
use arrow::error::ArrowError;

use crate::columns::TextColumn;

/// The rescue column under construction: a row is NULL or the JSON text of an object that ends with `_file_path`.
#[derive(Debug, Default)]
pub(super) struct Rescued {
    rows: TextColumn,
    is_open: bool,
}

impl Rescued {
    /// Rescues a value of the row that is being built, as a JSON string.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.json(name, &serde_json::Value::from(value));
    }

    /// Rescues a value of the row that is being built.
    pub(super) fn json(&mut self, name: &str, value: &serde_json::Value) {
        let row = self.rows.open();
        row.push(if self.is_open { b',' } else { b'{' });
        write(row, &name.into());
        row.push(b':');
        write(row, value);
        self.is_open = true;
    }

    /// Ends the row, which came from `file`.
    #[inline]
    pub(super) fn end_row(&mut self, file: &str) {
        if self.is_open {
            self.json("_file_path", &file.into());
            self.rows.open().push(b'}');
            self.rows.close();
            self.is_open = false;
        } else {
            self.rows.append_null();
        }
    }

    /// The rows so far; the column is empty afterwards.
    pub(super) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        self.rows.finish()
    }
}

fn write(row: &mut Vec<u8>, value: &serde_json::Value) {
    row.extend_from_slice(value.to_string().as_bytes());
}

//! How each column is encoded.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};
use parquet::basic::Encoding;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;

use super::WriterOptions;

/// A dictionary that grows beyond this is given up for the rest of its row group.
const DICTIONARY_BYTES: usize = 1 << 20;
/// A page is closed at this size: enough for compression to work on, and little enough that a hundred columns' open pages
/// fit in memory.
const PAGE_BYTES: usize = 256 << 10;
/// Values are handed to a column's encoder in runs of this length.
const WRITE_BATCH: usize = 8192;

/// The Parquet properties for rows like `sample`.
///
/// A dictionary is built only for columns whose sampled values repeat: building one costs a hash for each value, and for
/// values that are all different it is thrown away in the end. Those are written as differences (whole numbers, times)
/// or with their lengths apart (text), which every reader knows since about 2022 and which a codec gets through several
/// times faster: the lengths between plain texts look like matches to it and are none. Statistics are kept for each row
/// group, not each page; they become the log's.
pub(super) fn properties(
    options: &WriterOptions,
    schema: &SchemaRef,
    sample: &[RecordBatch],
) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_compression(options.compression)
        .set_created_by(crate::ENGINE.to_owned())
        .set_max_row_group_row_count(Some(options.row_group_rows))
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_data_page_size_limit(PAGE_BYTES)
        .set_data_page_row_count_limit(usize::MAX)
        .set_write_batch_size(WRITE_BATCH)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true);
    for (index, field) in schema.fields().iter().enumerate() {
        let chunks: Vec<_> = sample.iter().map(|rows| rows.column(index).clone()).collect();
        builder = leaf(builder, vec![field.name().clone()], &chunks, false);
    }
    builder.build()
}

/// Sets the properties of the leaf columns below `path`.
fn leaf(
    builder: WriterPropertiesBuilder,
    path: Vec<String>,
    chunks: &[ArrayRef],
    repeated: bool,
) -> WriterPropertiesBuilder {
    let Some(first) = chunks.first() else { return builder };
    let below =
        |names: &[&str]| path.iter().cloned().chain(names.iter().map(|name| (*name).to_owned())).collect();
    match first.data_type() {
        DataType::Struct(fields) => fields.iter().enumerate().fold(builder, |builder, (index, field)| {
            let inner: Vec<_> = chunks.iter().map(|chunk| chunk.as_struct().column(index).clone()).collect();
            leaf(builder, below(&[field.name()]), &inner, repeated)
        }),
        DataType::List(_) => {
            let inner: Vec<_> = chunks.iter().map(|chunk| chunk.as_list::<i32>().values().clone()).collect();
            leaf(builder, below(&["list", "element"]), &inner, true)
        }
        DataType::Map(..) => {
            ["key", "value"].into_iter().enumerate().fold(builder, |builder, (index, name)| {
                let inner: Vec<_> =
                    chunks.iter().map(|chunk| chunk.as_map().entries().column(index).clone()).collect();
                leaf(builder, below(&["key_value", name]), &inner, true)
            })
        }
        data_type => {
            let column = ColumnPath::new(path);
            // NaN has no place in an ordered range, and statistics inside a list are nobody's.
            let counted = !repeated && !data_type.is_floating();
            let statistics = if counted { EnabledStatistics::Chunk } else { EnabledStatistics::None };
            builder
                .set_column_dictionary_enabled(column.clone(), repeats(chunks))
                .set_column_encoding(column.clone(), without_dictionary(data_type))
                .set_column_statistics_enabled(column, statistics)
        }
    }
}

/// How values are written where no dictionary pays, or once it has grown too large.
fn without_dictionary(data_type: &DataType) -> Encoding {
    use DataType as T;
    match data_type {
        T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::Date32 | T::Timestamp(..) => {
            Encoding::DELTA_BINARY_PACKED
        }
        T::Utf8 | T::LargeUtf8 | T::Utf8View | T::Dictionary(..) => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        T::Binary | T::LargeBinary | T::BinaryView => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        _ => Encoding::PLAIN,
    }
}

/// Whether enough of the sampled values occur more than once.
fn repeats(chunks: &[ArrayRef]) -> bool {
    let hasher = RandomState::new();
    let (mut distinct, mut values) = (HashSet::new(), 0);
    for chunk in chunks {
        match hashes(chunk, &hasher) {
            Hashes::Of(found) => {
                values += found.len();
                distinct.extend(found);
            }
            Hashes::Repeating => return true,
            Hashes::Unwanted => return false,
        }
    }
    distinct.len() * 2 <= values
}

enum Hashes {
    /// A hash for each value that is not NULL.
    Of(Vec<u64>),
    /// The array itself says that values repeat.
    Repeating,
    /// A dictionary is of no use to the type.
    Unwanted,
}

fn hashes(array: &ArrayRef, hasher: &RandomState) -> Hashes {
    use DataType as T;
    let bytes = |values: &mut dyn Iterator<Item = Option<&[u8]>>| {
        Hashes::Of(values.flatten().map(|value| hasher.hash_one(value)).collect())
    };
    match array.data_type() {
        T::Dictionary(..) => Hashes::Repeating,
        T::Utf8 => bytes(&mut array.as_string::<i32>().iter().map(|value| value.map(str::as_bytes))),
        T::LargeUtf8 => bytes(&mut array.as_string::<i64>().iter().map(|value| value.map(str::as_bytes))),
        T::Utf8View => bytes(&mut array.as_string_view().iter().map(|value| value.map(str::as_bytes))),
        T::Boolean | T::Null => Hashes::Unwanted,
        data_type => match data_type.primitive_width() {
            Some(width) => {
                let data = array.to_data();
                let raw = &data.buffers()[0].as_slice()
                    [data.offset() * width..(data.offset() + data.len()) * width];
                let valid = (0..array.len()).filter(|row| array.is_valid(*row));
                Hashes::Of(valid.map(|row| hasher.hash_one(&raw[row * width..(row + 1) * width])).collect())
            }
            None => Hashes::Unwanted,
        },
    }
}

//! Values as JSON.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::{Map, Value};

/// The value in `row`: texts, numbers and booleans as such, binary in hexadecimal digits, and whatever JSON has no form
/// for (also a float that is not finite) as text.
pub(super) fn as_json(values: &ArrayRef, row: usize) -> Result<Value, ArrowError> {
    if values.is_null(row) {
        return Ok(Value::Null);
    }
    let each =
        |values: ArrayRef| (0..values.len()).map(|row| as_json(&values, row)).collect::<Result<Vec<_>, _>>();
    Ok(match values.data_type() {
        DataType::Boolean => values.as_boolean().value(row).into(),
        DataType::Struct(fields) => {
            let parts = fields.iter().zip(values.as_struct().columns());
            let part = |(field, values)| Ok((String::clone(field), as_json(values, row)?));
            Value::Object(
                parts
                    .map(|(field, values)| (field.name(), values))
                    .map(part)
                    .collect::<Result<_, ArrowError>>()?,
            )
        }
        DataType::List(_) => each(values.as_list::<i32>().value(row))?.into(),
        DataType::Map(_, _) => map(&values.as_map().value(row))?,
        kind if kind.is_integer() && kind != &DataType::UInt64 => {
            cast(&values.slice(row, 1), &DataType::Int64)?.as_primitive::<Int64Type>().value(0).into()
        }
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            let number =
                cast(&values.slice(row, 1), &DataType::Float64)?.as_primitive::<Float64Type>().value(0);
            serde_json::Number::from_f64(number).map_or_else(|| number.to_string().into(), Value::Number)
        }
        _ => text(values, row)?.into(),
    })
}

/// A map as an object; its keys as text.
fn map(entries: &arrow::array::StructArray) -> Result<Value, ArrowError> {
    let (keys, values) = (entries.column(0), entries.column(1));
    let entry = |row| Ok((text(keys, row)?, as_json(values, row)?));
    Ok(Value::Object((0..entries.len()).map(entry).collect::<Result<Map<_, _>, ArrowError>>()?))
}

fn text(values: &ArrayRef, row: usize) -> Result<String, ArrowError> {
    let formatter = ArrayFormatter::try_new(values.as_ref(), &FormatOptions::default())?;
    formatter.value(row).try_to_string()
}

//! Columns of any type into columns of instants.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, PrimitiveArray, StringArrayType, TimestampMicrosecondArray,
};
use arrow::compute::{cast, take};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow::error::ArrowError;

use super::epoch::EpochUnit;
use super::{Form, TimestampFormat, TimestampReader};
use crate::calendar::DAY;
use crate::error::FunctionError;
use crate::function::{Call, is_text};

/// Whether [`instants`] knows the type.
pub(crate) fn is_convertible(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_convertible(values),
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) | DataType::Null => true,
        _ => is_text(data_type) || data_type.is_numeric(),
    }
}

/// The instants that the values say; NULL for NULL and for what says none.
///
/// A date is the midnight that begins it in the source's zone, and a timestamp without a zone is that zone's wall clock.
pub(crate) fn instants(
    values: &ArrayRef,
    reader: &mut TimestampReader<'_>,
) -> Result<TimestampMicrosecondArray, FunctionError> {
    convert(values, reader)
        .map(|micros| micros.with_timezone("UTC"))
        .map_err(|error| FunctionError::Arguments { function: "timestamp", reason: error.to_string() })
}

/// An argument of a Spark function as instants: texts as `CAST` reads them, in the session's zone.
///
/// # Errors
/// A text that is no timestamp, as under Spark's ANSI rules.
pub(crate) fn session_instants(
    call: &Call,
    index: usize,
    function: &'static str,
) -> Result<TimestampMicrosecondArray, FunctionError> {
    let values = call.array(index)?;
    let format = TimestampFormat::iso8601();
    let instants = instants(&values, &mut TimestampReader::new(&format, call.session_zone()?))?;
    match is_text(values.data_type()).then(|| first_lost(&values, &instants)).flatten() {
        Some(value) => Err(FunctionError::Unparsable { function, value, form: "TIMESTAMP".to_owned() }),
        None => Ok(instants),
    }
}

/// The first value that is there but says nothing.
pub(crate) fn first_lost(values: &ArrayRef, results: &dyn Array) -> Option<String> {
    if values.null_count() == results.null_count() && !matches!(values.data_type(), DataType::Dictionary(..))
    {
        return None;
    }
    let texts = cast(values, &DataType::Utf8).ok()?;
    let texts = texts.as_string::<i32>();
    (0..texts.len())
        .find(|row| texts.is_valid(*row) && results.is_null(*row))
        .map(|row| texts.value(row).to_owned())
}

fn convert(
    values: &ArrayRef,
    reader: &mut TimestampReader<'_>,
) -> Result<TimestampMicrosecondArray, ArrowError> {
    match values.data_type() {
        DataType::Utf8 => Ok(texts(values.as_string::<i32>(), reader)),
        DataType::LargeUtf8 => Ok(texts(values.as_string::<i64>(), reader)),
        DataType::Utf8View => Ok(texts(values.as_string_view(), reader)),
        DataType::Dictionary(..) => dictionary(values, reader),
        DataType::Date32 => {
            Ok(locals(values.as_primitive::<Date32Type>(), reader, |day| Some(i64::from(day) * DAY)))
        }
        DataType::Date64 => convert(&cast(values, &DataType::Date32)?, reader),
        DataType::Timestamp(unit, zone) => Ok(timestamps(values, *unit, zone.is_some(), reader)),
        DataType::Null => Ok(TimestampMicrosecondArray::new_null(values.len())),
        other if other.is_integer() => integers(&cast(values, &DataType::Int64)?, reader),
        other if other.is_floating() => Ok(floats(&cast(values, &DataType::Float64)?, reader)),
        _ => convert(&cast(values, &DataType::Utf8)?, reader),
    }
}

fn texts<'a>(texts: impl StringArrayType<'a>, reader: &mut TimestampReader<'_>) -> TimestampMicrosecondArray {
    let read = |row| if texts.is_null(row) { None } else { reader.read(texts.value(row)) };
    (0..texts.len()).map(read).collect()
}

/// Each distinct value is read once.
fn dictionary(
    values: &ArrayRef,
    reader: &mut TimestampReader<'_>,
) -> Result<TimestampMicrosecondArray, ArrowError> {
    let dictionary = values.as_any_dictionary();
    let read: ArrayRef = Arc::new(convert(dictionary.values(), reader)?);
    Ok(take(&read, dictionary.keys(), None)?.as_primitive().clone())
}

fn integers(
    values: &ArrayRef,
    reader: &mut TimestampReader<'_>,
) -> Result<TimestampMicrosecondArray, ArrowError> {
    match reader.form() {
        Form::Epoch(unit) => Ok(values.as_primitive::<Int64Type>().unary_opt(|count| unit.micros(count))),
        _ => convert(&cast(values, &DataType::Utf8)?, reader),
    }
}

fn floats(values: &ArrayRef, reader: &TimestampReader<'_>) -> TimestampMicrosecondArray {
    let unit = if let Form::Epoch(unit) = reader.form() { *unit } else { EpochUnit::Seconds };
    values.as_primitive::<Float64Type>().unary_opt(|count| unit.micros_of_float(count))
}

fn timestamps(
    values: &ArrayRef,
    unit: TimeUnit,
    is_instant: bool,
    reader: &mut TimestampReader<'_>,
) -> TimestampMicrosecondArray {
    let micros: Int64Array = match unit {
        TimeUnit::Second => {
            values.as_primitive::<TimestampSecondType>().unary_opt(|n| EpochUnit::Seconds.micros(n))
        }
        TimeUnit::Millisecond => {
            values.as_primitive::<TimestampMillisecondType>().unary_opt(|n| EpochUnit::Millis.micros(n))
        }
        TimeUnit::Microsecond => values.as_primitive::<TimestampMicrosecondType>().reinterpret_cast(),
        TimeUnit::Nanosecond => {
            values.as_primitive::<TimestampNanosecondType>().unary_opt(|n| EpochUnit::Nanos.micros(n))
        }
    };
    if is_instant { micros.reinterpret_cast() } else { locals(&micros, reader, Some) }
}

/// Wall-clock times of the source's zone.
fn locals<T: ArrowPrimitiveType>(
    values: &PrimitiveArray<T>,
    reader: &mut TimestampReader<'_>,
    local: impl Fn(T::Native) -> Option<i64>,
) -> TimestampMicrosecondArray {
    let clock = reader.clock();
    map_values(values, |value| clock.utc_of(local(value)?))
}

/// Each value that is there through `f`; NULL where it gives nothing.
pub(crate) fn map_values<T: ArrowPrimitiveType, O: ArrowPrimitiveType>(
    values: &PrimitiveArray<T>,
    mut f: impl FnMut(T::Native) -> Option<O::Native>,
) -> PrimitiveArray<O> {
    values.iter().map(|value| value.and_then(&mut f)).collect()
}

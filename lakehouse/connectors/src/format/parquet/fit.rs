//! Columns into columns of another type, value by value exactly.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, ListArray, MapArray, StructArray, make_comparator, new_null_array,
};
use arrow::buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use arrow::compute::{CastOptions, SortOptions, can_cast_types, cast_with_options, nullif};
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use arrow::error::ArrowError;
use arrow::util::display::FormatOptions;

use super::json_text::as_json;
use crate::columns::{Column, Fit};

/// Rows, as a bit for each.
pub(super) type Rows = BooleanBuffer;

/// A column in its new type.
pub(super) struct Fitted {
    /// The values that fit; NULL for the others.
    pub(super) values: ArrayRef,
    /// The rows that hold something that is not in `values`; nothing where all fit.
    pub(super) misfits: Option<Rows>,
}

/// The rows that are not NULL, if there are any.
pub(super) fn present(values: &ArrayRef) -> Option<Rows> {
    let rows = match values.logical_nulls() {
        Some(nulls) => nulls.inner().clone(),
        None => BooleanBuffer::new_set(values.len()),
    };
    some(rows)
}

fn some(rows: Rows) -> Option<Rows> {
    (rows.count_set_bits() > 0).then_some(rows)
}

/// `values` as `target`.
pub(super) fn fit(values: &ArrayRef, target: &DataType) -> Result<Fitted, ArrowError> {
    if values.data_type() == target {
        return Ok(Fitted { values: values.clone(), misfits: None });
    }
    match (values.data_type(), target) {
        (DataType::Struct(_), DataType::Struct(fields)) => fit_struct(values.as_struct(), fields),
        (DataType::List(_), DataType::List(element)) => fit_list(values.as_list(), element),
        (DataType::Map(_, _), DataType::Map(entries, _)) => fit_map(values, entries),
        (source, DataType::Utf8) if source.is_nested() => nested_as_text(values),
        (DataType::Utf8, target) if target != &DataType::Binary => parse(values, target),
        (source, target) if is_kin(source, target) && can_cast_types(source, target) => {
            cast_exactly(values, target)
        }
        _ => Ok(Fitted { values: new_null_array(target, values.len()), misfits: present(values) }),
    }
}

/// Whether a value of one type can mean the same in the other.
fn is_kin(source: &DataType, target: &DataType) -> bool {
    use DataType as T;
    let is_instant = |kind: &T| matches!(kind, T::Date32 | T::Date64 | T::Timestamp(_, _));
    let is_bytes = |kind: &T| matches!(kind, T::Binary | T::LargeBinary | T::FixedSizeBinary(_) | T::Utf8);
    target == &T::Utf8
        || (source.is_numeric() && target.is_numeric())
        || (is_instant(source) && is_instant(target))
        || (is_bytes(source) && is_bytes(target))
}

fn cast(values: &ArrayRef, target: &DataType) -> Result<ArrayRef, ArrowError> {
    cast_with_options(values, target, &CastOptions { safe: true, format_options: FormatOptions::default() })
}

/// A value fits when it comes back the same. What becomes text needs no way back.
fn cast_exactly(values: &ArrayRef, target: &DataType) -> Result<Fitted, ArrowError> {
    let there = cast(values, target)?;
    let back = if target == &DataType::Utf8 { None } else { Some(cast(&there, values.data_type())?) };
    let same = back.as_ref().map(|back| make_comparator(values, back, SortOptions::default())).transpose()?;
    let is_other = |row| same.as_ref().is_some_and(|same| same(row, row) != Ordering::Equal);
    let is_misfit = |row| values.is_valid(row) && (there.is_null(row) || is_other(row));
    let misfits = BooleanBuffer::collect_bool(values.len(), is_misfit);
    without(there, misfits)
}

/// `values`, with NULL in the rows of `misfits`.
fn without(values: ArrayRef, misfits: Rows) -> Result<Fitted, ArrowError> {
    match some(misfits) {
        None => Ok(Fitted { values, misfits: None }),
        Some(rows) => {
            let values = nullif(&values, &BooleanArray::new(rows.clone(), None))?;
            Ok(Fitted { values, misfits: Some(rows) })
        }
    }
}

/// Texts by the rules of formats that are text.
fn parse(values: &ArrayRef, target: &DataType) -> Result<Fitted, ArrowError> {
    let Ok(mut column) = Column::new(&Field::new("", target.clone(), true)) else {
        return Ok(Fitted { values: new_null_array(target, values.len()), misfits: present(values) });
    };
    let texts = values.as_string::<i32>();
    let mut misfits = Vec::with_capacity(texts.len());
    for text in texts {
        misfits.push(match text {
            Some(text) => column.append_text(text) == Fit::Misfit,
            None => {
                column.append_null();
                false
            }
        });
    }
    Ok(Fitted { values: column.finish()?, misfits: some(misfits.into()) })
}

fn nested_as_text(values: &ArrayRef) -> Result<Fitted, ArrowError> {
    let text = |row| match values.is_null(row) {
        true => Ok(None),
        false => as_json(values, row).map(|json| Some(json.to_string())),
    };
    let texts: arrow::array::StringArray = (0..values.len()).map(text).collect::<Result<_, ArrowError>>()?;
    Ok(Fitted { values: Arc::new(texts), misfits: None })
}

/// A struct keeps the parts that fit; a row is a misfit where one of its parts is, or where a part has no place.
fn fit_struct(values: &StructArray, fields: &Fields) -> Result<Fitted, ArrowError> {
    let mut misfits: Option<Rows> = None;
    let mut parts = Vec::with_capacity(fields.len());
    let mut add = |rows: Option<Rows>| {
        misfits = match (misfits.take(), rows) {
            (Some(a), Some(b)) => Some(&a | &b),
            (a, b) => a.or(b),
        };
    };
    for field in fields {
        match values.column_by_name(field.name()) {
            None => parts.push(new_null_array(field.data_type(), values.len())),
            Some(part) => {
                let fitted = fit(part, field.data_type())?;
                parts.push(fitted.values);
                add(fitted.misfits);
            }
        }
    }
    for (part, name) in values.columns().iter().zip(values.column_names()) {
        if fields.find(name).is_none() {
            add(present(part));
        }
    }
    let nulls = values.nulls().cloned();
    let misfits = misfits.and_then(|rows| some(visible(rows, nulls.as_ref())));
    let values = StructArray::try_new_with_length(fields.clone(), parts, nulls, values.len())?;
    Ok(Fitted { values: Arc::new(values), misfits })
}

/// What stands below a NULL is nothing.
fn visible(rows: Rows, nulls: Option<&NullBuffer>) -> Rows {
    match nulls {
        Some(nulls) => &rows & nulls.inner(),
        None => rows,
    }
}

fn fit_list(values: &ListArray, element: &FieldRef) -> Result<Fitted, ArrowError> {
    let fitted = fit(values.values(), element.data_type())?;
    let rows = rows_over(values.offsets(), values.nulls(), fitted.misfits.as_ref());
    let list = ListArray::try_new(
        element.clone(),
        values.offsets().clone(),
        fitted.values,
        values.nulls().cloned(),
    )?;
    without(Arc::new(list), rows)
}

fn fit_map(values: &ArrayRef, entries: &FieldRef) -> Result<Fitted, ArrowError> {
    let map = values.as_map();
    let DataType::Struct(fields) = entries.data_type() else {
        return Ok(Fitted { values: new_null_array(&DataType::Null, 0), misfits: None });
    };
    let (keys, items) = (fit(map.keys(), fields[0].data_type())?, fit(map.values(), fields[1].data_type())?);
    if keys.misfits.is_some() {
        let target = DataType::Map(entries.clone(), false);
        return Ok(Fitted { values: new_null_array(&target, values.len()), misfits: present(values) });
    }
    let rows = rows_over(map.offsets(), map.nulls(), items.misfits.as_ref());
    let parts = StructArray::try_new(fields.clone(), vec![keys.values, items.values], None)?;
    let fitted =
        MapArray::try_new(entries.clone(), map.offsets().clone(), parts, map.nulls().cloned(), false)?;
    without(Arc::new(fitted), rows)
}

/// The rows of a list that hold one of `elements`.
fn rows_over(offsets: &OffsetBuffer<i32>, nulls: Option<&NullBuffer>, elements: Option<&Rows>) -> Rows {
    let rows = offsets.len() - 1;
    let Some(elements) = elements else {
        return BooleanBuffer::new_unset(rows);
    };
    let holds = |row: usize| {
        let (begin, end) = (offsets[row] as usize, offsets[row + 1] as usize);
        (begin..end).any(|element| elements.value(element))
    };
    visible(BooleanBuffer::collect_bool(rows, holds), nulls)
}

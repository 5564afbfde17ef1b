//! Columns: the types that a Delta table can hold, and how rows fit a table's.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef, TimeUnit};
use deltalake::kernel::StructType;
use deltalake::kernel::engine::arrow_conversion::{TryFromArrow as _, TryIntoArrow as _};
use serde_json::Value;

/// What happens when rows have columns that the table lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SchemaPolicy {
    /// The commit is refused.
    #[default]
    Refuse,
    /// The commit adds the columns to the table; older rows have NULL in them.
    AddColumns,
}

/// Reads a table's `schemaString`.
pub(crate) fn from_text(text: &str) -> Result<SchemaRef, String> {
    let parsed: StructType =
        serde_json::from_str(text).map_err(|error| format!("has a schema that cannot be read: {error}"))?;
    let schema: Schema =
        (&parsed).try_into_arrow().map_err(|error| format!("has a schema that cannot be read: {error}"))?;
    Ok(Arc::new(Schema::new(schema.fields().iter().map(bare).collect::<Fields>())))
}

/// A field without its metadata, at every depth: the metadata is the log's business.
fn bare(field: &FieldRef) -> FieldRef {
    let inner = |fields: &Fields| fields.iter().map(bare).collect::<Fields>();
    let data_type = match field.data_type() {
        DataType::Struct(fields) => DataType::Struct(inner(fields)),
        DataType::List(element) => DataType::List(bare(element)),
        DataType::Map(entries, sorted) => DataType::Map(bare(entries), *sorted),
        other => other.clone(),
    };
    Arc::new(Field::new(field.name(), data_type, field.is_nullable()))
}

/// Writes a `schemaString`.
pub(crate) fn to_text(schema: &Schema) -> Result<String, String> {
    let delta = StructType::try_from_arrow(schema).map_err(|error| error.to_string())?;
    serde_json::to_string(&delta).map_err(|error| error.to_string())
}

/// Writes the `schemaString` of columns that follow on an older text's: what that one notes about a field (a comment, a
/// default, another engine's marks) stays with the field.
pub(crate) fn to_text_after(schema: &Schema, older: &str) -> Result<String, String> {
    let mut new: Value = serde_json::from_str(&to_text(schema)?).map_err(|error| error.to_string())?;
    keep_notes(&mut new, &serde_json::from_str(older).unwrap_or_default());
    Ok(new.to_string())
}

fn keep_notes(new: &mut Value, old: &Value) {
    for part in ["type", "elementType", "valueType"] {
        if let (Some(new), Some(old)) = (new.get_mut(part), old.get(part)) {
            keep_notes(new, old);
        }
    }
    let old_fields = old.get("fields").and_then(Value::as_array);
    let (Some(new_fields), Some(old_fields)) =
        (new.get_mut("fields").and_then(Value::as_array_mut), old_fields)
    else {
        return;
    };
    for field in new_fields {
        let Some(known) = old_fields.iter().find(|known| known["name"] == field["name"]) else { continue };
        field["metadata"] = known["metadata"].clone();
        keep_notes(field, known);
    }
}

/// The columns as a Delta table holds them: every column nullable (as Spark's streaming tables are), strings and lists
/// in their one form, dictionaries by their values, times in microseconds, unsigned integers one size up.
///
/// # Errors
/// Which column has a type or a name that no Delta table can hold. The names rule is Parquet's in Spark: none of
/// ` ,;{}()\n\t=`, and no two that differ only in case.
pub fn stored(schema: &Schema) -> Result<SchemaRef, String> {
    let fields = stored_fields(schema.fields(), "")?;
    Ok(Arc::new(Schema::new(fields)))
}

fn stored_fields(fields: &Fields, above: &str) -> Result<Fields, String> {
    let mut names = std::collections::HashSet::new();
    let mut all = Vec::with_capacity(fields.len());
    for field in fields {
        let name = field.name();
        if name.is_empty() || name.contains([' ', ',', ';', '{', '}', '(', ')', '\n', '\t', '=']) {
            return Err(format!(
                "`{above}{name}` cannot be a column's name (no spaces and none of ,;{{}}()=); give it an alias"
            ));
        }
        if !names.insert(name.to_lowercase()) {
            return Err(format!(
                "there are two columns `{above}{name}` (names are compared without regard to case)"
            ));
        }
        let data_type = stored_type(field.data_type(), &format!("{above}{name}"))?;
        all.push(Field::new(name, data_type, true));
    }
    Ok(all.into())
}

fn stored_type(data_type: &DataType, path: &str) -> Result<DataType, String> {
    use DataType as T;
    let list = |element: &FieldRef| -> Result<T, String> {
        let inner = stored_type(element.data_type(), &format!("{path}.element"))?;
        Ok(T::List(Arc::new(Field::new("element", inner, true))))
    };
    Ok(match data_type {
        T::Boolean | T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::Float32 | T::Float64 | T::Date32 => {
            data_type.clone()
        }
        T::UInt8 => T::Int16,
        T::UInt16 => T::Int32,
        T::UInt32 => T::Int64,
        T::UInt64 => T::Decimal128(20, 0),
        T::Float16 => T::Float32,
        T::Date64 => T::Date32,
        T::Utf8 | T::LargeUtf8 | T::Utf8View => T::Utf8,
        T::Binary | T::LargeBinary | T::BinaryView | T::FixedSizeBinary(_) => T::Binary,
        T::Timestamp(_, zone) => T::Timestamp(TimeUnit::Microsecond, zone.as_ref().map(|_| "UTC".into())),
        T::Decimal32(p, s) | T::Decimal64(p, s) | T::Decimal128(p, s) if *s >= 0 => T::Decimal128(*p, *s),
        T::Dictionary(_, values) => stored_type(values, path)?,
        T::RunEndEncoded(_, values) => stored_type(values.data_type(), path)?,
        T::List(e) | T::LargeList(e) | T::ListView(e) | T::LargeListView(e) | T::FixedSizeList(e, _) => {
            list(e)?
        }
        T::Struct(fields) => T::Struct(stored_fields(fields, &format!("{path}."))?),
        T::Map(entries, _) => stored_map(entries, path)?,
        other => return Err(format!("`{path}` has type {other}, which no Delta table can hold; cast it")),
    })
}

fn stored_map(entries: &FieldRef, path: &str) -> Result<DataType, String> {
    let DataType::Struct(pair) = entries.data_type() else {
        return Err(format!("`{path}` is a map without entries"));
    };
    let [key, value] = pair.as_ref() else {
        return Err(format!("`{path}` is a map without keys and values"));
    };
    let key = Field::new("key", stored_type(key.data_type(), &format!("{path}.key"))?, false);
    let value = Field::new("value", stored_type(value.data_type(), &format!("{path}.value"))?, true);
    let entries = Field::new("key_value", DataType::Struct(vec![key, value].into()), false);
    Ok(DataType::Map(Arc::new(entries), false))
}

/// Whether a column has a timestamp without a zone, which needs the table feature `timestampNtz`.
pub(crate) fn has_timestamp_ntz(schema: &Schema) -> bool {
    fn within(data_type: &DataType) -> bool {
        match data_type {
            DataType::Timestamp(_, None) => true,
            DataType::Struct(fields) => fields.iter().any(|field| within(field.data_type())),
            DataType::List(inner) | DataType::Map(inner, _) => within(inner.data_type()),
            _ => false,
        }
    }
    schema.fields().iter().any(|field| within(field.data_type()))
}

/// How rows with the columns `incoming` fit a table with the columns `table`.
///
/// Columns that the rows lack are NULL. Columns that the table lacks are added or refused, by `policy`.
///
/// # Errors
/// Which column does not fit, and why.
///
/// # Returns
/// The table's columns to be, where they change.
pub(crate) fn fit(
    table: &Schema,
    incoming: &Schema,
    policy: SchemaPolicy,
) -> Result<Option<SchemaRef>, String> {
    let widened = fit_fields(table.fields(), stored(incoming)?.fields(), policy, "")?;
    Ok((widened != *table.fields()).then(|| Arc::new(Schema::new(widened))))
}

fn fit_fields(
    table: &Fields,
    incoming: &Fields,
    policy: SchemaPolicy,
    above: &str,
) -> Result<Fields, String> {
    let mut all: Vec<FieldRef> = table.iter().cloned().collect();
    for field in incoming {
        let path = format!("{above}{}", field.name());
        let at = all.iter().position(|known| known.name().eq_ignore_ascii_case(field.name()));
        match at {
            Some(at) => all[at] = fit_field(&all[at], field, policy, &path)?,
            None if policy == SchemaPolicy::AddColumns => all.push(field.clone()),
            None => return Err(format!("the table has no column `{path}`")),
        }
    }
    let missing = |field: &&FieldRef| {
        !field.is_nullable() && !incoming.iter().any(|other| other.name() == field.name())
    };
    match table.iter().find(missing) {
        Some(field) => {
            Err(format!("column `{above}{}` must not be NULL, and the rows lack it", field.name()))
        }
        None => Ok(all.into()),
    }
}

fn fit_field(
    known: &FieldRef,
    incoming: &FieldRef,
    policy: SchemaPolicy,
    path: &str,
) -> Result<FieldRef, String> {
    if known.name() != incoming.name() {
        return Err(format!("column `{path}` is `{}` in the table; names must be spelt alike", known.name()));
    }
    let data_type = fit_type(known.data_type(), incoming.data_type(), policy, path)?;
    Ok(Arc::new(Field::new(known.name(), data_type, known.is_nullable())))
}

fn fit_type(
    known: &DataType,
    incoming: &DataType,
    policy: SchemaPolicy,
    path: &str,
) -> Result<DataType, String> {
    match (known, incoming) {
        (DataType::Struct(a), DataType::Struct(b)) => {
            Ok(DataType::Struct(fit_fields(a, b, policy, &format!("{path}."))?))
        }
        (DataType::List(a), DataType::List(b)) => {
            let inner = fit_type(a.data_type(), b.data_type(), policy, &format!("{path}.element"))?;
            Ok(DataType::List(Arc::new(Field::new(a.name(), inner, a.is_nullable()))))
        }
        (DataType::Map(a, sorted), DataType::Map(b, _)) => {
            let inner = fit_type(a.data_type(), b.data_type(), SchemaPolicy::Refuse, path)?;
            Ok(DataType::Map(Arc::new(Field::new(a.name(), inner, false)), *sorted))
        }
        (a, b) if a == b => Ok(a.clone()),
        (a, b) => Err(format!("column `{path}` is {a} in the table and {b} in the rows")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(fields: &[(&str, DataType)]) -> Schema {
        Schema::new(fields.iter().map(|(name, t)| Field::new(*name, t.clone(), true)).collect::<Vec<_>>())
    }

    #[test]
    fn every_stored_type_survives_the_log() {
        use DataType as T;
        let nested = T::Struct(vec![Field::new("x", T::Utf8View, false)].into());
        let all = schema(&[
            ("i8", T::Int8),
            ("u8", T::UInt8),
            ("u64", T::UInt64),
            ("f", T::Float64),
            ("d", T::Decimal128(38, 10)),
            ("t", T::Timestamp(TimeUnit::Nanosecond, Some("+02:00".into()))),
            ("n", T::Timestamp(TimeUnit::Millisecond, None)),
            ("dict", T::Dictionary(Box::new(T::Int32), Box::new(T::LargeUtf8))),
            ("list", T::LargeList(Arc::new(Field::new("item", nested.clone(), false)))),
            ("s", nested),
            (
                "m",
                T::Map(
                    Arc::new(Field::new(
                        "entries",
                        T::Struct(
                            vec![Field::new("keys", T::Utf8, false), Field::new("values", T::Int64, true)]
                                .into(),
                        ),
                        false,
                    )),
                    false,
                ),
            ),
        ]);
        let stored = stored(&all).unwrap();
        assert_eq!(from_text(&to_text(&stored).unwrap()).unwrap(), stored);
        assert!(has_timestamp_ntz(&stored));
    }

    #[test]
    fn names_and_types_that_cannot_be_stored_are_refused() {
        let twice = schema(&[("a", DataType::Int64), ("A", DataType::Int64)]);
        assert!(stored(&twice).unwrap_err().contains("two columns `A`"));
        assert!(stored(&schema(&[("count(1)", DataType::Int64)])).unwrap_err().contains("alias"));
        assert!(stored(&schema(&[("n", DataType::Null)])).unwrap_err().contains("cast it"));
    }

    #[test]
    fn rows_fit_or_the_misfit_is_named() {
        let table = schema(&[("a", DataType::Int64), ("b", DataType::Utf8)]);
        let refuse = |incoming: &Schema| fit(&table, incoming, SchemaPolicy::Refuse);
        assert_eq!(refuse(&table), Ok(None));
        assert_eq!(refuse(&schema(&[("b", DataType::LargeUtf8)])), Ok(None));
        assert!(refuse(&schema(&[("a", DataType::Utf8)])).unwrap_err().contains("`a` is Int64 in the table"));
        assert!(refuse(&schema(&[("B", DataType::Utf8)])).unwrap_err().contains("spelt alike"));
        let more = schema(&[("a", DataType::Int64), ("c", DataType::Float64)]);
        assert!(refuse(&more).unwrap_err().contains("no column `c`"));
        let widened = fit(&table, &more, SchemaPolicy::AddColumns).unwrap().unwrap();
        assert_eq!(widened.fields().iter().map(|f| f.name().as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    }

    #[test]
    fn notes_on_columns_outlive_a_widening() {
        let old = r#"{"type":"struct","fields":[{"name":"s","type":{"type":"struct","fields":[{"name":"x","type":"long","nullable":true,"metadata":{"comment":"inner"}}]},"nullable":true,"metadata":{"comment":"outer"}}]}"#;
        let table = from_text(old).unwrap();
        let more = schema(&[("c", DataType::Float64)]);
        let widened = fit(&table, &more, SchemaPolicy::AddColumns).unwrap().unwrap();
        let text = to_text_after(&widened, old).unwrap();
        assert!(text.contains("inner") && text.contains("outer") && text.contains(r#""c""#), "{text}");
        assert_eq!(from_text(&text).unwrap(), widened);
    }

    #[test]
    fn columns_are_added_inside_structs_too() {
        let of = |names: &[&str]| {
            let fields =
                names.iter().map(|name| Field::new(*name, DataType::Int64, true)).collect::<Vec<_>>();
            schema(&[("s", DataType::Struct(fields.into()))])
        };
        assert!(fit(&of(&["x"]), &of(&["x", "y"]), SchemaPolicy::Refuse).unwrap_err().contains("`s.y`"));
        let widened = fit(&of(&["x", "z"]), &of(&["y"]), SchemaPolicy::AddColumns).unwrap().unwrap();
        assert_eq!(*widened, of(&["x", "z", "y"]));
        let required = Schema::new(vec![Field::new("a", DataType::Int64, false)]);
        assert!(
            fit(&required, &of(&["x"]), SchemaPolicy::AddColumns).unwrap_err().contains("must not be NULL")
        );
    }
}

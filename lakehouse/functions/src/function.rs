//! What all scalar functions of this crate share: one value describes a function, one type runs it.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::config::ConfigOptions;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::error::FunctionError;
use crate::zone::Zone;

/// The type of a call from the types of its arguments and those of them that are text literals.
type ReturnType = fn(&[DataType], &[Option<&str>]) -> Result<DataType, FunctionError>;

/// A scalar function: what it takes, what it gives, how it is computed.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// The types that the arguments are cast to, by the types that are given.
    pub(crate) coerce: fn(&[DataType]) -> Result<Vec<DataType>, FunctionError>,
    /// The type of the result, by the types after coercion and the literal texts among the arguments. Here a wrong literal is
    /// found while the query is planned.
    pub(crate) returns: ReturnType,
    pub(crate) call: fn(&Call) -> Result<ArrayRef, FunctionError>,
    /// The operator that the function stands for, if it is one; it then names the result as Spark does: `(a / b)`.
    pub(crate) operator: Option<&'static str>,
}

impl Function {
    /// The function as the engine takes it.
    pub(crate) fn into_udf(self) -> Arc<ScalarUDF> {
        let signature = Signature::user_defined(Volatility::Immutable);
        Arc::new(ScalarUDF::new_from_impl(Udf { function: self, signature }))
    }
}

/// One call: the arguments of a batch.
pub(crate) struct Call {
    args: Vec<ColumnarValue>,
    /// How many rows the result has.
    pub(crate) rows: usize,
    /// The type of the result.
    pub(crate) return_type: DataType,
    config: Arc<ConfigOptions>,
}

/// An argument that is a text: the same for all rows, or one for each.
pub(crate) enum Text {
    Constant(Option<String>),
    PerRow(StringArray),
}

impl Text {
    pub(crate) fn get(&self, row: usize) -> Option<&str> {
        match self {
            Self::Constant(text) => text.as_deref(),
            Self::PerRow(texts) => texts.is_valid(row).then(|| texts.value(row)),
        }
    }
}

impl Call {
    pub(crate) fn len(&self) -> usize {
        self.args.len()
    }

    /// An argument as a value for each row.
    pub(crate) fn array(&self, index: usize) -> Result<ArrayRef, FunctionError> {
        let array = self.args.get(index).map(|value| value.to_array(self.rows));
        array.transpose().ok().flatten().ok_or_else(|| self.no_argument(index))
    }

    /// An argument that is the same for all rows.
    pub(crate) fn constant(&self, index: usize) -> Option<&ScalarValue> {
        match self.args.get(index) {
            Some(ColumnarValue::Scalar(value)) => Some(value),
            _ => None,
        }
    }

    /// An argument as text.
    pub(crate) fn text(&self, index: usize) -> Result<Text, FunctionError> {
        if let Some(value) = self.constant(index) {
            return Ok(Text::Constant(literal_text(value).map(str::to_owned)));
        }
        let texts = cast(&self.array(index)?, &DataType::Utf8).map_err(|_| self.no_argument(index))?;
        Ok(Text::PerRow(texts.as_string().clone()))
    }

    /// An argument that must be the same text for all rows.
    pub(crate) fn constant_text(&self, index: usize) -> Option<&str> {
        self.constant(index).and_then(literal_text)
    }

    /// The time zone of the session; UTC where none is set.
    pub(crate) fn session_zone(&self) -> Result<Zone, FunctionError> {
        self.config.execution.time_zone.as_deref().map_or(Ok(Zone::UTC), Zone::parse)
    }

    fn no_argument(&self, index: usize) -> FunctionError {
        FunctionError::Arguments {
            function: "function",
            reason: format!("argument {} is missing or of a wrong type", index + 1),
        }
    }
}

/// The text that a literal holds.
pub(crate) fn literal_text(value: &ScalarValue) -> Option<&str> {
    value.try_as_str().flatten()
}

/// Whether a type holds texts.
pub(crate) fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

/// Fails unless the number of arguments is within bounds.
pub(crate) fn expect_arity(
    function: &'static str,
    types: &[DataType],
    least: usize,
    most: usize,
) -> Result<(), FunctionError> {
    if (least..=most).contains(&types.len()) {
        return Ok(());
    }
    let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
    Err(FunctionError::Arguments {
        function,
        reason: format!("expected {wanted} arguments, found {}", types.len()),
    })
}

#[derive(Debug)]
struct Udf {
    function: Function,
    signature: Signature,
}

impl PartialEq for Udf {
    fn eq(&self, other: &Self) -> bool {
        self.function.name == other.function.name
    }
}

impl Eq for Udf {}

impl Hash for Udf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name.hash(state);
    }
}

impl Udf {
    fn infix(&self, args: Vec<String>) -> Option<String> {
        self.function.operator.map(|operator| format!("({})", args.join(&format!(" {operator} "))))
    }
}

impl ScalarUDFImpl for Udf {
    fn name(&self) -> &str {
        self.function.name
    }

    fn display_name(&self, args: &[Expr]) -> Result<String> {
        let names: Vec<String> = args.iter().map(ToString::to_string).collect();
        let call = format!("{}({})", self.function.name, names.join(", "));
        Ok(self.infix(names).unwrap_or(call))
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let names: Vec<String> = args.iter().map(|arg| arg.schema_name().to_string()).collect();
        let call = format!("{}({})", self.function.name, names.join(", "));
        Ok(self.infix(names).unwrap_or(call))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        (self.function.coerce)(types).map_err(DataFusionError::from)
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        (self.function.returns)(types, &vec![None; types.len()]).map_err(DataFusionError::from)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let literals: Vec<Option<&str>> =
            args.scalar_arguments.iter().map(|value| value.and_then(literal_text)).collect();
        let data_type = (self.function.returns)(&types, &literals)?;
        Ok(Arc::new(Field::new(self.function.name, data_type, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let call = Call {
            rows: if is_constant { 1 } else { args.number_rows },
            return_type: args.return_field.data_type().clone(),
            args: args.args,
            config: args.config_options,
        };
        let result = (self.function.call)(&call)?;
        if is_constant {
            ScalarValue::try_from_array(&result, 0).map(ColumnarValue::Scalar)
        } else {
            Ok(ColumnarValue::Array(result))
        }
    }
}

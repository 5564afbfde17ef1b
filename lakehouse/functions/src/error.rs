//! What can go wrong in a function.

use datafusion::error::DataFusionError;
use model::{Classify, ErrorKind};
use thiserror::Error;

use crate::patterns::PatternError;

/// A failure of a function or of the dialect. It travels inside a `DataFusionError`; [`FunctionError::find`] gets it back.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FunctionError {
    /// A pattern of dates and times that is none.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A text that names no time zone.
    #[error("unknown time zone `{name}`")]
    UnknownZone {
        /// The text.
        name: String,
        /// The zone that may be meant.
        meant: Option<String>,
    },
    /// A text that names no timestamp format and is no pattern.
    #[error("unknown timestamp format `{name}`")]
    UnknownFormat {
        /// The text.
        name: String,
        /// The format that may be meant.
        meant: Option<String>,
    },
    /// A format that the values of a column cannot have.
    #[error("timestamp format `{format}` does not read {data_type} values")]
    FormatOfType {
        /// The format.
        format: String,
        /// The column's type.
        data_type: String,
    },
    /// A value that is not of the form the function was told, under Spark's ANSI rules.
    #[error("{function}: `{value}` is not of the form `{form}`")]
    Unparsable {
        /// The function.
        function: &'static str,
        /// The first such value.
        value: String,
        /// The pattern.
        form: String,
    },
    /// A division whose divisor is zero, under Spark's ANSI rules.
    #[error("divide by zero in {operation}")]
    DivideByZero {
        /// The operation, such as `/`.
        operation: &'static str,
    },
    /// A result that its type cannot hold, under Spark's ANSI rules.
    #[error("{operation} overflows {data_type}")]
    Overflow {
        /// The operation, such as `/`.
        operation: &'static str,
        /// The type of the result.
        data_type: String,
    },
    /// Arguments that the function does not take.
    #[error("{function}: {reason}")]
    Arguments {
        /// The function.
        function: &'static str,
        /// What is wrong with them.
        reason: String,
    },
}

impl FunctionError {
    /// The failure of a function that `error` carries, if it carries one.
    pub fn find(error: &DataFusionError) -> Option<&Self> {
        match error.find_root() {
            DataFusionError::External(inner) => inner.downcast_ref(),
            _ => None,
        }
    }
}

impl From<FunctionError> for DataFusionError {
    fn from(error: FunctionError) -> Self {
        Self::External(Box::new(error))
    }
}

impl Classify for FunctionError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::User
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Pattern(error) => error.hint(),
            Self::UnknownZone { meant, .. } => Some(match meant {
                Some(name) => format!("did you mean {name}?"),
                None => "name a region such as America/New_York or an offset such as +01:00".to_owned(),
            }),
            Self::UnknownFormat { meant, .. } => Some(match meant {
                Some(name) => format!("did you mean {name}?"),
                None => format!(
                    "use one of {} or a pattern such as yyyy-MM-dd HH:mm:ss",
                    crate::TimestampFormat::NAMES.join(", ")
                ),
            }),
            Self::FormatOfType { .. } => {
                Some("say what the numbers count: epoch_s, epoch_ms, epoch_us or epoch_ns".to_owned())
            }
            Self::Unparsable { function, .. } => Some(match *function {
                "to_timestamp" | "to_date" => format!("use try_{function} to get NULL instead"),
                _ => "read the text with try_to_timestamp, which gives NULL instead".to_owned(),
            }),
            Self::DivideByZero { operation } if *operation == "/" => {
                Some("use try_divide(a, b) to get NULL instead".to_owned())
            }
            Self::DivideByZero { .. } => Some("divide by nullif(b, 0) to get NULL instead".to_owned()),
            Self::Overflow { .. } => {
                Some("use try_divide(a, b) to get NULL instead, or cast to DOUBLE first".to_owned())
            }
            Self::Arguments { .. } => None,
        }
    }
}

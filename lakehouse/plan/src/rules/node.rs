//! The logical node.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use datafusion::common::{DFSchemaRef, Result, exec_err};
use datafusion::logical_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};
use model::OnViolation;

/// One rule: rows for which `condition` is not true break it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Rule {
    /// The name in reports and in `_rules`.
    pub(crate) name: String,
    /// The condition as the user wrote it, for messages.
    pub(crate) text: String,
    /// What happens to rows that break it.
    pub(crate) on_violation: OnViolation,
    /// The condition.
    pub(crate) condition: Expr,
}

/// Passes on the rows of `input` that no rule drops, without its last `hidden` columns.
///
/// Hidden columns carry what a rule needs and a reader must not see: the text of a timestamp that did not parse, under
/// the name of its column.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(super) input: LogicalPlan,
    pub(super) rules: Vec<Rule>,
    pub(super) hidden: usize,
    schema: DFSchemaRef,
}

impl Rules {
    /// A node over `input` whose last `hidden` columns end here.
    pub(crate) fn try_new(input: LogicalPlan, rules: Vec<Rule>, hidden: usize) -> Result<Self> {
        let whole = input.schema();
        let visible = whole.iter().take(whole.fields().len() - hidden);
        let fields = visible.map(|(qualifier, field)| (qualifier.cloned(), field.clone())).collect();
        let schema = datafusion::common::DFSchema::new_with_metadata(fields, whole.metadata().clone())?;
        Ok(Self { schema: DFSchemaRef::new(schema), input, rules, hidden })
    }
}

impl UserDefinedLogicalNodeCore for Rules {
    fn name(&self) -> &str {
        "Rules"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        self.rules.iter().map(|rule| rule.condition.clone()).collect()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let rules: Vec<String> =
            self.rules.iter().map(|rule| format!("{} {}", rule.name, rule.on_violation.as_str())).collect();
        write!(f, "Rules: {}", rules.join(", "))
    }

    fn with_exprs_and_inputs(&self, exprs: Vec<Expr>, mut inputs: Vec<LogicalPlan>) -> Result<Self> {
        let (Some(input), true) = (inputs.pop(), exprs.len() == self.rules.len()) else {
            return exec_err!("a Rules node has one input and one expression a rule");
        };
        let rules = self.rules.iter().zip(exprs);
        let rules = rules.map(|(rule, condition)| Rule { condition, ..rule.clone() }).collect();
        Self::try_new(input, rules, self.hidden)
    }

    /// A dropped row is kept whole in the quarantine, so every column is needed.
    fn necessary_children_exprs(&self, _output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        Some(vec![(0..self.input.schema().fields().len()).collect()])
    }
}

impl PartialEq for Rules {
    fn eq(&self, other: &Self) -> bool {
        self.input == other.input && self.rules == other.rules && self.hidden == other.hidden
    }
}

impl Eq for Rules {}

impl Hash for Rules {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.input.hash(state);
        self.rules.hash(state);
        self.hidden.hash(state);
    }
}

impl PartialOrd for Rules {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self == other).then_some(Ordering::Equal)
    }
}

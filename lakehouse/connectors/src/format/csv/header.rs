//! The names of the columns of a CSV file.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::dialect::Dialect;
use super::fields::Span;

/// The name of the column at `index` where a file gives none.
pub(super) fn nameless(index: usize) -> String {
    format!("_c{index}")
}

/// The names in the first record of a file, as Spark makes them safe: an empty one becomes `_c<N>`, and those that come
/// more than once, without regard to case, all get their index behind them.
pub(super) fn names(dialect: &Dialect, text: &str, fields: &[Span]) -> Arc<[String]> {
    let mut scratch = String::new();
    let given: Vec<String> = fields
        .iter()
        .map(|field| dialect.value(text, field, true, &mut scratch).unwrap_or_default().to_owned())
        .collect();
    let mut counts = HashMap::new();
    for name in &given {
        *counts.entry(name.to_lowercase()).or_insert(0usize) += 1;
    }
    let mut taken = HashSet::new();
    let safe = |(index, name): (usize, &String)| {
        let is_repeated = counts.get(&name.to_lowercase()).is_some_and(|count| *count > 1);
        let mut safe = match name.as_str() {
            "" => nameless(index),
            name if is_repeated => format!("{name}{index}"),
            name => name.to_owned(),
        };
        while !taken.insert(safe.to_lowercase()) {
            safe.push('_');
        }
        safe
    };
    given.iter().enumerate().map(safe).collect()
}

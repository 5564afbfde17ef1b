//! What makes a flow the flow that it is.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// What makes a flow the flow that it is: its source, its query, its target, each as named text.
///
/// It is stored in the checkpoint. A run whose definition differs is refused, and the difference is what the user is
/// shown. What may change freely from run to run (the trigger, rate limits, log options) has no place here.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Definition(pub BTreeMap<String, String>);

impl Definition {
    /// Adds one named part.
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.0.insert(name.to_owned(), value.to_string());
        self
    }

    /// What is different now from `earlier`, by name.
    pub fn changes_since(&self, earlier: &Self) -> Vec<Change> {
        let names = self.0.keys().chain(earlier.0.keys().filter(|name| !self.0.contains_key(*name)));
        names
            .filter(|name| self.0.get(*name) != earlier.0.get(*name))
            .map(|name| Change {
                name: name.clone(),
                was: earlier.0.get(name).cloned(),
                now: self.0.get(name).cloned(),
            })
            .collect()
    }
}

/// One part of a definition that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The part, such as `where`.
    pub name: String,
    /// Its text under the checkpoint; absent where there was none.
    pub was: Option<String>,
    /// Its text now; absent where there is none.
    pub now: Option<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text =
            |value: &Option<String>| value.as_ref().map_or("nothing".to_owned(), |text| format!("`{text}`"));
        write!(f, "{} was {} and is now {}", self.name, text(&self.was), text(&self.now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_changed_in_words() {
        let was = Definition::default().with("where", "a > 1").with("source", "x");
        let now = Definition::default().with("source", "x").with("select", "a");
        let changes: Vec<String> = now.changes_since(&was).iter().map(ToString::to_string).collect();
        assert_eq!(changes, ["select was nothing and is now `a`", "where was `a > 1` and is now nothing"]);
        assert!(now.changes_since(&now).is_empty());
    }
}

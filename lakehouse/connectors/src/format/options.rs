//! The options of a reader, as the user names them.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use model::{ParseError, suggest};

use super::FormatError;

/// Options by name, without regard to case, that remember which names were asked for.
///
/// Each part of a source asks for what it knows; what nobody asked for is a mistake that [`Options::refuse_unused`] names.
#[derive(Debug, Default)]
pub struct Options {
    given: BTreeMap<String, Given>,
    asked: Mutex<BTreeSet<&'static str>>,
}

#[derive(Debug)]
struct Given {
    name: String,
    value: String,
}

impl Options {
    /// The options in `given`. Of names that differ only by case the last one counts.
    pub fn new(given: &BTreeMap<String, String>) -> Self {
        let entry = |(name, value): (&String, &String)| {
            let bare = name.strip_prefix("cloudFiles.").unwrap_or(name);
            (bare.to_lowercase(), Given { name: name.clone(), value: value.clone() })
        };
        Self { given: given.iter().map(entry).collect(), asked: Mutex::default() }
    }

    /// The value of an option.
    pub fn get(&self, name: &'static str) -> Option<&str> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
        self.given.get(&name.to_lowercase()).map(|given| given.value.as_str())
    }

    /// The value of an option that goes by any of several names; the first that is given counts.
    pub fn any(&self, names: &[&'static str]) -> Option<&str> {
        // All of them count as asked for, so no short cut.
        let values: Vec<Option<&str>> = names.iter().map(|name| self.get(name)).collect();
        values.into_iter().flatten().next()
    }

    /// A switch: `true` or `false`.
    pub fn flag(&self, name: &'static str) -> Result<Option<bool>, FormatError> {
        let read = |text: &str| match text.trim().to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(invalid(name, text, "expected true or false")),
        };
        self.get(name).map(read).transpose()
    }

    /// A value with a text form of its own.
    pub fn parsed<T: FromStr<Err = ParseError>>(&self, name: &'static str) -> Result<Option<T>, FormatError> {
        let read = |text: &str| text.parse().map_err(|error: ParseError| invalid(name, text, &error.reason));
        self.get(name).map(read).transpose()
    }

    /// One byte: an ASCII character, or `\t` and the like written out. An empty text turns the option off.
    pub fn byte(&self, name: &'static str) -> Result<Option<Option<u8>>, FormatError> {
        self.get(name).map(|text| read_byte(name, text)).transpose()
    }

    /// Refuses an option that exists elsewhere but is not built here yet.
    pub fn refuse(&self, name: &'static str, reason: &str) -> Result<(), FormatError> {
        match self.get(name) {
            Some(value) => Err(invalid(name, value, reason)),
            None => Ok(()),
        }
    }

    /// Refuses the values of Spark's options for text that are not built: modes that drop or fail, other encodings than
    /// UTF-8, other ends of lines than line feeds with or without carriage returns.
    pub(super) fn only_permissive_utf8(&self) -> Result<(), FormatError> {
        self.only("mode", &["permissive"])?;
        self.only("encoding", &["utf-8", "utf8", "us-ascii"])?;
        self.only("charset", &["utf-8", "utf8", "us-ascii"])?;
        self.only("lineSep", &["\n", "\\n", "\r\n", "\\r\\n"])
    }

    fn only(&self, name: &'static str, built: &[&str]) -> Result<(), FormatError> {
        match self.get(name) {
            Some(value) if !built.contains(&value.to_lowercase().as_str()) => {
                Err(invalid(name, value, &format!("only {} is built", built[0].escape_debug())))
            }
            _ => Ok(()),
        }
    }

    /// Refuses options that nobody asked for. To be called when all parts have asked for theirs.
    pub fn refuse_unused(&self) -> Result<(), FormatError> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |key: &str| asked.iter().any(|name| name.eq_ignore_ascii_case(key));
        match self.given.iter().find(|(key, _)| !known(key)) {
            None => Ok(()),
            Some((key, given)) => Err(FormatError::UnknownOption {
                option: given.name.clone(),
                suggestion: suggest(key, asked.iter().copied()).map(str::to_owned),
            }),
        }
    }
}

fn read_byte(name: &'static str, text: &str) -> Result<Option<u8>, FormatError> {
    match text {
        "" => return Ok(None),
        "\\t" => return Ok(Some(b'\t')),
        "\\\\" => return Ok(Some(b'\\')),
        "\\0" => return Ok(Some(0)),
        _ => {}
    }
    match text.as_bytes() {
        [b'\n' | b'\r'] => Err(invalid(name, text, "a line break always ends a record")),
        [byte] if byte.is_ascii() => Ok(Some(*byte)),
        _ => Err(invalid(name, text, "expected one ASCII character")),
    }
}

/// An error about the value of an option.
pub(crate) fn invalid(option: &str, value: &str, reason: &str) -> FormatError {
    FormatError::InvalidOption {
        option: option.to_owned(),
        value: value.to_owned(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(given: &[(&str, &str)]) -> Options {
        Options::new(&given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn names_are_found_without_regard_to_case() {
        let options =
            options(&[("HEADER", "True"), ("cloudFiles.inferColumnTypes", "false"), ("sep", "\\t")]);
        assert_eq!(options.flag("header").unwrap(), Some(true));
        assert_eq!(options.flag("inferColumnTypes").unwrap(), Some(false));
        assert_eq!(options.byte("sep").unwrap(), Some(Some(b'\t')));
        assert_eq!(options.get("quote"), None);
        options.refuse_unused().unwrap();
    }

    #[test]
    fn an_option_that_nobody_knows_is_refused_with_the_one_that_was_meant() {
        let options = options(&[("delimeter", ";")]);
        assert_eq!(options.any(&["sep", "delimiter"]), None);
        let error = options.refuse_unused().unwrap_err();
        assert!(
            matches!(error, FormatError::UnknownOption { suggestion: Some(word), .. } if word == "delimiter")
        );
    }

    #[test]
    fn values_that_cannot_be_taken_are_refused() {
        let options = options(&[("header", "yes"), ("sep", "||"), ("quote", "\n")]);
        assert!(options.flag("header").is_err());
        assert!(options.byte("sep").is_err());
        assert!(options.byte("quote").is_err());
    }
}

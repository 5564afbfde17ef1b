//! Texts into fields.

use super::fields::{Field, Fields};
use super::item::Item;
use super::{number, offset, text};
use crate::zone::{Zone, find_ignoring_case, parse_abbreviation};

/// The fields of a text that the items describe wholly.
pub(super) fn read(items: &[Item], text: &str) -> Option<Fields> {
    let mut fields = Fields::default();
    let end = read_items(items, text, 0, &mut fields)?;
    (end == text.len()).then_some(fields)
}

fn read_items(items: &[Item], text: &str, mut at: usize, fields: &mut Fields) -> Option<usize> {
    for item in items {
        at = read_item(item, text, at, fields)?;
    }
    Some(at)
}

fn read_item(item: &Item, text: &str, at: usize, fields: &mut Fields) -> Option<usize> {
    let bytes = text.as_bytes();
    match item {
        Item::Literal(literal) => read_literal(literal, text, at),
        Item::Number(number) => number.read(bytes, at, fields),
        Item::Fraction { min, max } => read_fraction(*min, *max, bytes, at, fields),
        Item::Text(field, style) => text::read(*field, *style, bytes, at, fields),
        Item::Offset(style) => style.read(bytes, at, fields),
        Item::LocalizedOffset { full } => offset::read_localized(*full, bytes, at, fields),
        Item::ZoneId => read_zone(text, at, fields, Zone::find),
        Item::ZoneText { .. } => {
            read_zone(text, at, fields, |name| parse_abbreviation(name).or_else(|| Zone::find(name)))
        }
        Item::Optional(items) => {
            let before = *fields;
            Some(read_items(items, text, at, fields).unwrap_or_else(|| {
                *fields = before;
                at
            }))
        }
    }
}

fn read_literal(literal: &str, text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    if rest.starts_with(literal) {
        return Some(at + literal.len());
    }
    let mut given = rest.chars();
    for wanted in literal.chars() {
        let c = given.next()?;
        if c != wanted && !c.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
    }
    Some(text.len() - given.as_str().len())
}

fn read_fraction(min: usize, max: usize, text: &[u8], at: usize, fields: &mut Fields) -> Option<usize> {
    let digits = text[at..].iter().take(max).take_while(|b| b.is_ascii_digit()).count();
    if digits < min {
        return None;
    }
    let nanos = number::read_digits(&text[at..at + digits])? * 10_i64.pow(9 - digits as u32);
    fields.set(Field::Nano, nanos)?;
    Some(at + digits)
}

/// Takes the longest name of a zone that is here.
fn read_zone(
    text: &str,
    at: usize,
    fields: &mut Fields,
    find: impl Fn(&str) -> Option<Zone>,
) -> Option<usize> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '+' | '-' | ':' | ' ');
    let longest = text[at..].find(|c| !is_part(c)).map_or(text.len(), |length| at + length);
    let ends = (at + 1..=longest).rev().filter(|end| !text[..*end].ends_with(' '));
    for end in ends {
        if let Some(zone) = find(&text[at..end]) {
            fields.set_zone(zone);
            return Some(end);
        }
    }
    fields.set_zone(find_ignoring_case(&text[at..longest])?);
    Some(longest)
}

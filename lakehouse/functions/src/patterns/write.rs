//! Instants into texts.

use std::fmt::Write as _;

use super::fields::{Field, value_at};
use super::item::Item;
use super::number::write_digits;
use super::{offset, text};
use crate::calendar::Clock;
use crate::zone::{Zone, ZoneClock, full_name};

/// An instant and what the clock of a zone shows then.
pub(super) struct Moment {
    utc: i64,
    clock: Clock,
    offset: i32,
}

impl Moment {
    pub(super) fn new(utc: i64, zone: &mut ZoneClock) -> Option<Self> {
        Some(Self { utc, clock: Clock::from_micros(zone.local_of(utc)?), offset: zone.offset_at(utc)? })
    }
}

pub(super) fn write(items: &[Item], moment: &Moment, zone: &ZoneClock, out: &mut String) -> Option<()> {
    items.iter().try_for_each(|item| write_item(item, moment, zone, out))
}

fn write_item(item: &Item, moment: &Moment, zone: &ZoneClock, out: &mut String) -> Option<()> {
    match item {
        Item::Literal(literal) => out.push_str(literal),
        Item::Number(number) => number.write(value_at(number.field, moment.clock), out)?,
        Item::Fraction { max, .. } => {
            let nanos = value_at(Field::Nano, moment.clock).unsigned_abs();
            write_digits(nanos / 10_u64.pow(9 - *max as u32), *max, out);
        }
        Item::Text(field, style) => out.push_str(text::word(*field, *style, value_at(*field, moment.clock))?),
        Item::Offset(style) => style.write(moment.offset, out),
        Item::LocalizedOffset { full } => offset::write_localized(*full, moment.offset, out),
        Item::ZoneId => write!(out, "{}", zone.zone()).ok()?,
        Item::ZoneText { full } => write_zone_text(*full, moment, zone, out),
        Item::Optional(items) => write(items, moment, zone, out)?,
    }
    Some(())
}

/// The zone's name in this season; its offset where it has no name of letters.
fn write_zone_text(full: bool, moment: &Moment, zone: &ZoneClock, out: &mut String) {
    let before = out.len();
    match zone.zone() {
        Zone::UTC => out.push_str("UTC"),
        Zone::Region(_) if zone.push_abbreviation(moment.utc, out) => {}
        Zone::Region(_) => offset::write_localized(true, moment.offset, out),
        fixed @ Zone::Fixed(_) => {
            let _ = write!(out, "{fixed}");
        }
    }
    if let Some(name) = full_name(&out[before..]).filter(|_| full) {
        out.truncate(before);
        out.push_str(name);
    }
}

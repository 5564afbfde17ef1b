//! Time zones by their names, and the wall clock in them.

mod clock;
mod names;

use std::fmt;

use chrono_tz::{Tz, UTC};

pub(crate) use clock::ZoneClock;
pub(crate) use names::{full_name, parse_abbreviation};

use crate::error::FunctionError;

/// The greatest offset from UTC that Java knows, in seconds.
const MAX_OFFSET: i32 = 18 * 3600;

/// A time zone: a region of the IANA database or a fixed offset from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Zone {
    /// A region with its rules, such as `America/New_York`.
    Region(Tz),
    /// Seconds east of UTC.
    Fixed(i32),
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self::Fixed(0);

    /// Reads a zone as Spark's `spark.sql.session.timeZone` does: a region, `Z`, `+1`, `+01:00`, `+0100`, `UTC+1`, or one of
    /// Java's short names (`EST` is -05:00 the year round, `PST` is `America/Los_Angeles`).
    ///
    /// # Errors
    /// A name that is none of these, with the nearest known one as the hint.
    pub fn parse(name: &str) -> Result<Self, FunctionError> {
        Self::find(name)
            .ok_or_else(|| FunctionError::UnknownZone { name: name.to_owned(), meant: nearest(name) })
    }

    /// The zone of that name, if there is one.
    pub(crate) fn find(name: &str) -> Option<Self> {
        let name = name.trim();
        let after_prefix = ["UTC", "GMT", "UT"].iter().find_map(|prefix| name.strip_prefix(prefix));
        match after_prefix {
            Some("") => return Some(Self::UTC),
            Some(offset) if offset.starts_with(['+', '-']) => return parse_offset(offset).map(Self::Fixed),
            _ => {}
        }
        match name.as_bytes().first()? {
            b'+' | b'-' => parse_offset(name).map(Self::Fixed),
            b'Z' if name.len() == 1 => Some(Self::UTC),
            _ => names::parse_short_id(name).or_else(|| parse_region(name)),
        }
    }
}

/// The region of that name in whatever case.
pub(crate) fn find_ignoring_case(name: &str) -> Option<Zone> {
    chrono_tz::TZ_VARIANTS
        .iter()
        .find(|region| region.name().eq_ignore_ascii_case(name))
        .map(|region| Zone::Region(*region))
}

/// The zone's name as Java has it: `America/New_York`, `+01:00`, `UTC`.
impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Region(region) => f.write_str(region.name()),
            Self::UTC => f.write_str("UTC"),
            Self::Fixed(offset) => {
                let (sign, seconds) = (if offset < 0 { '-' } else { '+' }, offset.abs());
                write!(f, "{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60)?;
                if seconds % 60 == 0 { Ok(()) } else { write!(f, ":{:02}", seconds % 60) }
            }
        }
    }
}

fn parse_region(name: &str) -> Option<Zone> {
    match name.parse::<Tz>().ok()? {
        UTC => Some(Zone::UTC),
        region => Some(Zone::Region(region)),
    }
}

fn nearest(name: &str) -> Option<String> {
    let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    model::suggest(name, names).map(str::to_owned)
}

/// Seconds of `+h`, `+hh`, `+hhmm`, `+h:mm`, `+hh:m`, `+hh:mm`, `+hhmmss` or `+hh:mm:ss`.
pub(crate) fn parse_offset(text: &str) -> Option<i32> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let parts: [Option<&str>; 3] = if rest.contains(':') {
        let mut parts = rest.splitn(3, ':');
        [parts.next(), parts.next(), parts.next()]
    } else {
        match rest.len() {
            1 | 2 => [Some(rest), None, None],
            4 => [rest.get(..2), rest.get(2..), None],
            6 => [rest.get(..2), rest.get(2..4), rest.get(4..)],
            _ => return None,
        }
    };
    let mut seconds = 0;
    for (part, (unit, most)) in parts.into_iter().zip([(3600, 18), (60, 59), (1, 59)]) {
        let Some(part) = part else { break };
        let is_number = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        let number: i32 = if is_number { part.parse().ok()? } else { return None };
        seconds += if number <= most { number * unit } else { return None };
    }
    (seconds <= MAX_OFFSET).then_some(sign * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_zones_as_java_does() {
        let new_york = Zone::Region(chrono_tz::America::New_York);
        let cases = [
            ("America/New_York", Some(new_york)),
            ("UTC", Some(Zone::UTC)),
            ("Etc/UTC", Some(Zone::Region(chrono_tz::Etc::UTC))),
            ("Z", Some(Zone::UTC)),
            ("+1", Some(Zone::Fixed(3600))),
            ("+01:00", Some(Zone::Fixed(3600))),
            ("-0530", Some(Zone::Fixed(-19_800))),
            ("-5:3", Some(Zone::Fixed(-18_180))),
            ("+18:00", Some(Zone::Fixed(64_800))),
            ("+18:01", None),
            ("+123", None),
            ("UTC+2", Some(Zone::Fixed(7200))),
            ("GMT-08:00", Some(Zone::Fixed(-28_800))),
            ("EST", Some(Zone::Fixed(-18_000))),
            ("PST", Some(Zone::Region(chrono_tz::America::Los_Angeles))),
            ("Nowhere/Here", None),
            ("", None),
        ];
        for (name, zone) in cases {
            assert_eq!(Zone::find(name), zone, "{name}");
        }
    }

    #[test]
    fn an_unknown_zone_names_its_neighbour() {
        let error = Zone::parse("America/NewYork").unwrap_err();
        assert_eq!(model::Classify::hint(&error).as_deref(), Some("did you mean America/New_York?"));
    }
}

//! Names of zones beside those of the IANA database, as Java has them in the US locale.

use chrono_tz::Tz;

use super::Zone;

/// `java.time.ZoneId.SHORT_IDS`: what a short name means where a zone's id is expected.
const SHORT_IDS: [(&str, Zone); 28] = [
    ("EST", Zone::Fixed(-5 * 3600)),
    ("MST", Zone::Fixed(-7 * 3600)),
    ("HST", Zone::Fixed(-10 * 3600)),
    ("ACT", Zone::Region(Tz::Australia__Darwin)),
    ("AET", Zone::Region(Tz::Australia__Sydney)),
    ("AGT", Zone::Region(Tz::America__Argentina__Buenos_Aires)),
    ("ART", Zone::Region(Tz::Africa__Cairo)),
    ("AST", Zone::Region(Tz::America__Anchorage)),
    ("BET", Zone::Region(Tz::America__Sao_Paulo)),
    ("BST", Zone::Region(Tz::Asia__Dhaka)),
    ("CAT", Zone::Region(Tz::Africa__Harare)),
    ("CNT", Zone::Region(Tz::America__St_Johns)),
    ("CST", Zone::Region(Tz::America__Chicago)),
    ("CTT", Zone::Region(Tz::Asia__Shanghai)),
    ("EAT", Zone::Region(Tz::Africa__Addis_Ababa)),
    ("ECT", Zone::Region(Tz::Europe__Paris)),
    ("IET", Zone::Region(Tz::America__Indiana__Indianapolis)),
    ("IST", Zone::Region(Tz::Asia__Kolkata)),
    ("JST", Zone::Region(Tz::Asia__Tokyo)),
    ("MIT", Zone::Region(Tz::Pacific__Apia)),
    ("NET", Zone::Region(Tz::Asia__Yerevan)),
    ("NST", Zone::Region(Tz::Pacific__Auckland)),
    ("PLT", Zone::Region(Tz::Asia__Karachi)),
    ("PNT", Zone::Region(Tz::America__Phoenix)),
    ("PRT", Zone::Region(Tz::America__Puerto_Rico)),
    ("PST", Zone::Region(Tz::America__Los_Angeles)),
    ("SST", Zone::Region(Tz::Pacific__Guadalcanal)),
    ("VST", Zone::Region(Tz::Asia__Ho_Chi_Minh)),
];

/// An abbreviation in a text, its long form and the region whose rules it stands for.
///
/// As in Java the region counts, not the season that the abbreviation names: `EST` in July is New York's summer time.
const ABBREVIATIONS: [(&str, &str, Tz); 32] = [
    ("ACDT", "Australian Central Daylight Time", Tz::Australia__Adelaide),
    ("ACST", "Australian Central Standard Time", Tz::Australia__Darwin),
    ("AEDT", "Australian Eastern Daylight Time", Tz::Australia__Sydney),
    ("AEST", "Australian Eastern Standard Time", Tz::Australia__Sydney),
    ("AKDT", "Alaska Daylight Time", Tz::America__Anchorage),
    ("AKST", "Alaska Standard Time", Tz::America__Anchorage),
    ("AWST", "Australian Western Standard Time", Tz::Australia__Perth),
    ("BST", "British Summer Time", Tz::Europe__London),
    ("CDT", "Central Daylight Time", Tz::America__Chicago),
    ("CEST", "Central European Summer Time", Tz::Europe__Paris),
    ("CET", "Central European Standard Time", Tz::Europe__Paris),
    ("CST", "Central Standard Time", Tz::America__Chicago),
    ("EDT", "Eastern Daylight Time", Tz::America__New_York),
    ("EEST", "Eastern European Summer Time", Tz::Europe__Bucharest),
    ("EET", "Eastern European Standard Time", Tz::Europe__Bucharest),
    ("EST", "Eastern Standard Time", Tz::America__New_York),
    ("GMT", "Greenwich Mean Time", Tz::GMT),
    ("HKT", "Hong Kong Standard Time", Tz::Asia__Hong_Kong),
    ("HST", "Hawaii-Aleutian Standard Time", Tz::Pacific__Honolulu),
    ("IST", "India Standard Time", Tz::Asia__Kolkata),
    ("JST", "Japan Standard Time", Tz::Asia__Tokyo),
    ("KST", "Korean Standard Time", Tz::Asia__Seoul),
    ("MDT", "Mountain Daylight Time", Tz::America__Denver),
    ("MSK", "Moscow Standard Time", Tz::Europe__Moscow),
    ("MST", "Mountain Standard Time", Tz::America__Denver),
    ("NZDT", "New Zealand Daylight Time", Tz::Pacific__Auckland),
    ("NZST", "New Zealand Standard Time", Tz::Pacific__Auckland),
    ("PDT", "Pacific Daylight Time", Tz::America__Los_Angeles),
    ("PST", "Pacific Standard Time", Tz::America__Los_Angeles),
    ("UTC", "Coordinated Universal Time", Tz::UTC),
    ("WEST", "Western European Summer Time", Tz::Europe__Lisbon),
    ("WET", "Western European Standard Time", Tz::Europe__Lisbon),
];

/// The zone of one of Java's short ids.
pub(super) fn parse_short_id(name: &str) -> Option<Zone> {
    SHORT_IDS.iter().find(|(id, _)| *id == name).map(|(_, zone)| *zone)
}

/// The zone that an abbreviation or its long form in a text stands for, without regard to case.
pub(crate) fn parse_abbreviation(text: &str) -> Option<Zone> {
    let is_meant = |name: &str| name.eq_ignore_ascii_case(text);
    let (_, _, region) = ABBREVIATIONS.iter().find(|(short, long, _)| is_meant(short) || is_meant(long))?;
    Some(if *region == Tz::UTC { Zone::UTC } else { Zone::Region(*region) })
}

/// The long form of an abbreviation.
pub(crate) fn full_name(abbreviation: &str) -> Option<&'static str> {
    ABBREVIATIONS.iter().find(|(short, _, _)| *short == abbreviation).map(|(_, long, _)| *long)
}

use crate::zone::{Zone, ZoneClock};
use crate::{Pattern, TimestampFormat};

/// What `unix_micros(try_to_timestamp(text, pattern))` gives in Spark 4; a line that begins with `!` gives our own answer.
const PARSED: &str = include_str!("parsed.txt");
/// What `date_format(timestamp, pattern)` gives in Spark 4.
const FORMATTED: &str = include_str!("formatted.txt");
/// What `unix_micros(try_cast(text AS TIMESTAMP))` gives in Spark 4.
const CAST: &str = include_str!("cast.txt");

fn lines(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let is_case = |line: &&str| !line.is_empty() && !line.starts_with('#');
    table.lines().filter(is_case).map(|line| line.trim_start_matches('!').split('|').collect())
}

fn clock(zone: &str) -> ZoneClock {
    ZoneClock::new(Zone::parse(zone).unwrap())
}

fn iso(text: &str, zone: &str) -> Option<i64> {
    let format = TimestampFormat::iso8601();
    crate::timestamp::TimestampReader::new(&format, Zone::parse(zone).unwrap()).read(text)
}

fn told(micros: Option<i64>) -> String {
    micros.map_or("NULL".to_owned(), |micros| micros.to_string())
}

fn compare(wrong: &mut Vec<String>, case: &[&str], found: &str) {
    if case.last() != Some(&found) {
        wrong.push(format!("{}: {found}", case.join("|")));
    }
}

#[test]
fn texts_are_parsed_as_spark_parses_them() {
    let mut wrong = Vec::new();
    for case in lines(PARSED) {
        let pattern = Pattern::for_parsing(case[1]);
        let found =
            pattern.map_or("REFUSED".to_owned(), |p| told(p.parse_timestamp(case[2], &mut clock(case[0]))));
        compare(&mut wrong, &case, &found);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn instants_are_formatted_as_spark_formats_them() {
    let mut wrong = Vec::new();
    for case in lines(FORMATTED) {
        let mut text = String::new();
        let written = Pattern::for_formatting(case[1])
            .map(|pattern| pattern.format(iso(case[2], "UTC").unwrap(), &mut clock(case[0]), &mut text));
        let found = match written {
            Ok(Some(())) => text,
            Ok(None) => "NULL".to_owned(),
            Err(_) => "REFUSED".to_owned(),
        };
        compare(&mut wrong, &case, &found);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn iso_texts_are_read_as_spark_casts_them() {
    let mut wrong = Vec::new();
    for case in lines(CAST) {
        compare(&mut wrong, &case, &told(iso(case[1], case[0])));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_refused_pattern_names_letter_and_place() {
    let error = Pattern::for_parsing("yyyy-MM-dd YYYY").unwrap_err();
    assert_eq!((error.at, error.reason.contains("`Y`")), (12, true));
    assert_eq!(Pattern::for_parsing("yyyy-MM-ddd").unwrap_err().reason, "`d` cannot stand 3 times in a row");
    assert_eq!(Pattern::for_parsing("yyyy 'at").unwrap_err().at, 6);
    assert!(Pattern::for_parsing("E d").unwrap_err().reason.contains("only formats"));
    assert!(Pattern::for_formatting("E d").is_ok());
}

#[test]
fn hostile_texts_are_no_timestamps() {
    let pattern = Pattern::for_parsing("yyyy-MM-dd[ HH:mm:ss][.SSS][ VV][ z][ O][XXX]").unwrap();
    for text in [
        "",
        "é",
        "2013-01-é1",
        "2013-01-01 é",
        "99999999999999999999-01-01",
        "2013-01-01 \u{0}",
        "２０１３-01-01",
        "2013-01-01 GMT+",
        "-",
        "+",
    ] {
        assert_eq!(pattern.parse_timestamp(text, &mut clock("UTC")), None, "{text}");
    }
    for length in 0..60 {
        let zones = format!("2013-01-01 {}", "A".repeat(length * 50));
        assert_eq!(pattern.parse_timestamp(&zones, &mut clock("UTC")), None);
    }
}

/// A small generator (xorshift), so that a seed is all there is to repeat a case.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    fn pick(&mut self, choices: &[&'static str]) -> &'static str {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// A pattern that says an instant to the microsecond.
    fn pattern(&mut self) -> String {
        let date = self.pick(&[
            "yyyy-MM-dd",
            "d/M/yyyy",
            "dd MMM yyyy",
            "MMMM d, yyyy",
            "yyyyMMdd",
            "yyyy-DDD",
            "y.M.d",
            "yyyy-MM-dd G",
        ]);
        let time = self.pick(&["HH:mm:ss", "hh:mm:ss a", "H-m-s", "kk:mm:ss", "K:mm:ss a", "HHmmss"]);
        let fraction = self.pick(&[".SSSSSS", ".SSSSSSSSS", "[.SSSSSS]", "'f'SSSSSS"]);
        let zone = self.pick(&["XXXXX", " xxxxx", " VV", " ZZZZZ", "'x'XXXXX"]);
        let separator = self.pick(&[" ", "'T'", "' at '", "'' ", "[ ]"]);
        format!("{date}{separator}{time}{fraction}{zone}")
    }
}

#[test]
fn what_is_formatted_is_parsed_back() {
    let start = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    for seed in (0..3000).map(|case| start.wrapping_add(case * 7919) | 1) {
        let mut chance = Chance(seed);
        let zone = chance.pick(&[
            "UTC",
            "America/New_York",
            "Asia/Kolkata",
            "+05:45",
            "-11:30",
            "Australia/Lord_Howe",
            "Europe/Dublin",
        ]);
        let micros = chance.below(8_000 * 365 * 86_400) as i64 * 1_000_000 - 62_000_000_000_000_000
            + chance.below(1_000_000) as i64;
        let text_pattern = chance.pattern();
        let mut clock = clock(zone);
        let mut text = String::new();
        Pattern::for_formatting(&text_pattern).unwrap().format(micros, &mut clock, &mut text).unwrap();
        let offset = clock.offset_at(micros).unwrap();
        let parsed = Pattern::for_parsing(&text_pattern).unwrap().parse_timestamp(&text, &mut clock);
        let is_second_of_two =
            text_pattern.contains("VV") && parsed.is_some_and(|p| clock.offset_at(p) != Some(offset));
        let has_hour_lost = is_second_of_two && parsed.is_some_and(|p| micros - p <= 3_600_000_000);
        assert!(
            parsed == Some(micros) || has_hour_lost,
            "seed {seed}: {text_pattern} in {zone}: {text}: {parsed:?} not {micros}"
        );
    }
}

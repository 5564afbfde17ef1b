//! Random schemas and random records, whole and broken: each value must be where the reference has it.

use std::hash::{BuildHasher, RandomState};

use super::*;
use crate::format::json::reference;

const NAMES: [&str; 9] =
    ["a", "b", "A", "name", "Name", "a_name_longer_than_one_block", "größe", "q\"uote", ""];
const SCALARS: [&str; 70] = [
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "-1",
    "127",
    "128",
    "-128",
    "-129",
    "32768",
    "2147483648",
    "9007199254740992",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "123456789012345678901234567890",
    "0.1",
    "1.0",
    "-2.50",
    "12345678.25",
    "12.345",
    "1e3",
    "1E-2",
    "1e22",
    "1e23",
    "1e308",
    "1e400",
    "-1e400",
    "1e-400",
    "0e5",
    "16777217",
    "0.30000000000000004",
    "9007199254740993.0",
    "3.4028236e38",
    "1700000000123",
    "99999999.99",
    "100000000",
    "12300e-4",
    "1e39",
    "0.000",
    "-0.0",
    r#""""#,
    r#""text""#,
    r#""12""#,
    r#""true""#,
    r#""a somewhat longer text, of more than one block""#,
    r#""größe 語 🦀""#,
    r#""\u0000""#,
    r#""\ud83e\udd80 \"x\" \\ \/ \b\f\n\r\t \u00e4""#,
    r#""\ud800""#,
    r#""x\udc00y""#,
    r#""2024-02-29""#,
    r#""2023-02-29""#,
    r#""2024-02-29T12:34:56Z""#,
    r#""2024-02-29T12:34:56.123456+02:00""#,
    r#""2024-02-29T12:34:56.1234567Z""#,
    r#""2024-02-29T12:34:56""#,
    r#""2024-02-29T12:34:56.5""#,
    r#""2024-02-30T12:34:56Z""#,
    r#""1969-12-31T23:59:59.999999""#,
    r#""0001-01-01T00:00:00Z""#,
    r#""NaN""#,
    "{}",
    "[]",
    r#"[{"a":[1,{"b":"}"}]}]"#,
];

/// Writes schemas and records that follow from a seed alone.
struct Generator {
    state: u64,
}

impl Generator {
    /// The next number of the sequence called SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ self.state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn fields(&mut self, depth: usize) -> Fields {
        let len = 1 + self.below(5);
        let mut names: Vec<&str> = (0..len).map(|_| self.one_of(&NAMES)).collect();
        names.sort_unstable_by_key(|name| name.to_lowercase());
        names.dedup_by_key(|name| name.to_lowercase());
        names.into_iter().map(|name| Field::new(name, self.data_type(depth), true)).collect()
    }

    fn data_type(&mut self, depth: usize) -> DataType {
        let kinds = if depth == 0 { 1 } else { 6 };
        match self.below(kinds) {
            3 => DataType::Struct(self.fields(depth - 1)),
            4 => list(self.data_type(depth - 1)),
            5 => map(self.data_type(depth - 1)),
            _ => self.one_of(&every_scalar()),
        }
    }

    fn blank(&mut self) -> &'static str {
        if self.chance(90) { "" } else { self.one_of(&[" ", "  ", "\t", "\r", " \t "]) }
    }

    fn name(&mut self) -> String {
        let name = self.one_of(&NAMES);
        match self.below(20) {
            0 => name.chars().map(|c| format!("\\u{:04X}", c as u32)).collect(),
            1 => "unknown".to_owned(),
            2 => "\\ud800".to_owned(),
            _ => name.replace('"', "\\\""),
        }
    }

    /// An object whose fields mostly suit `fields`.
    fn object(&mut self, fields: &Fields, depth: usize) -> String {
        let mut members = Vec::new();
        for field in fields {
            if self.chance(85) {
                let name = field.name().replace('"', "\\\"");
                members.push((name, self.value(field.data_type(), depth)));
            }
        }
        for _ in 0..2 {
            if self.chance(10) {
                let (name, value) = (self.name(), self.value(&DataType::Null, depth));
                let at = self.below(members.len() + 1);
                members.insert(at, (name, value));
            }
        }
        if self.chance(10) {
            members.reverse();
        }
        let members: Vec<_> = members
            .into_iter()
            .map(|(name, value)| {
                let blanks: Vec<_> = (0..4).map(|_| self.blank()).collect();
                format!("{}\"{name}\"{}:{}{value}{}", blanks[0], blanks[1], blanks[2], blanks[3])
            })
            .collect();
        format!("{{{}{}}}", self.blank(), members.join(","))
    }

    fn value(&mut self, data_type: &DataType, depth: usize) -> String {
        if depth == 0 || self.chance(10) {
            return self.one_of(&SCALARS).to_owned();
        }
        match data_type {
            DataType::Struct(fields) => self.object(fields, depth - 1),
            DataType::List(element) => {
                let elements: Vec<_> =
                    (0..self.below(4)).map(|_| self.value(element.data_type(), depth - 1)).collect();
                format!("[{}{}]", self.blank(), elements.join(", "))
            }
            DataType::Map(entries, _) => {
                let DataType::Struct(entry) = entries.data_type() else { unreachable!() };
                let members: Vec<_> = (0..self.below(3))
                    .map(|_| format!("\"{}\":{}", self.name(), self.value(entry[1].data_type(), depth - 1)))
                    .collect();
                format!("{{{}}}", members.join(","))
            }
            DataType::Boolean => self.one_of(&["true", "false", "true", "1"]).to_owned(),
            DataType::Int64 | DataType::Int32 if self.chance(60) => {
                (self.below(200_000) as i64 - 100_000).to_string()
            }
            DataType::Float64 | DataType::Float32 if self.chance(60) => {
                let bits = f64::from_bits(self.next());
                if bits.is_finite() {
                    self.one_of(&[format!("{bits:e}"), format!("{bits}")])
                } else {
                    "1.5".to_owned()
                }
            }
            _ => self.one_of(&SCALARS).to_owned(),
        }
    }

    /// A record, or what is left of it after an accident.
    ///
    /// Accidents spare records with times, since the reference knows only some of the forms that these may have.
    fn line(&mut self, fields: &Fields) -> Vec<u8> {
        let line = self.object(fields, 4);
        let has_time = ["-01-", "-02-", "-12-"].iter().any(|month| line.contains(month));
        let mut line = line.into_bytes();
        while !has_time && self.chance(15) && !line.is_empty() {
            let at = self.below(line.len());
            match self.below(5) {
                0 => line.truncate(at),
                1 => drop(line.remove(at)),
                2 => line[at] = self.next() as u8,
                3 => line.insert(at, self.one_of(b"\"\\{}[],:0 x\xff\x01\xe4tn-e.")),
                _ => {
                    let other = self.below(line.len());
                    line.swap(at, other);
                }
            }
        }
        line.retain(|byte| *byte != b'\n');
        line
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "with the seed a failure can be repeated")]
fn every_value_is_where_the_reference_has_it() {
    let seed = std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| RandomState::new().hash_one(0));
    println!("SEED={seed}");
    let mut generator = Generator { state: seed };
    let (mut rows, mut rescues, mut rejects) = (0, 0, 0);
    for _ in 0..400 {
        let fields = generator.fields(3);
        let lines: Vec<_> = (0..60).map(|_| generator.line(&fields)).collect();
        let found = compare(&fields, &lines);
        rows += found.0;
        rescues += found.1;
        rejects += found.2;
    }
    assert!(
        rows > 10_000 && rescues > 3_000 && rejects > 1_000,
        "{rows} rows, {rescues} rescued, {rejects} rejected"
    );
}

/// Compares and counts rows, rows with rescued data, and rejects.
fn compare(fields: &Fields, lines: &[Vec<u8>]) -> (usize, usize, usize) {
    let schema = Arc::new(Schema::new(fields.clone()));
    let decoded = decode(&schema, lines.join(&b'\n'));
    let (mut rows, mut rescues, mut offset) = (0, 0, 0u64);
    let mut rejects = decoded.rejects.iter();
    for (index, line) in lines.iter().enumerate() {
        let shown = || format!("{fields:?}\n{}", String::from_utf8_lossy(line));
        let is_blank = line.iter().all(|byte| b" \t\r".contains(byte));
        match reference::decode(line, fields, FILE, 64) {
            _ if is_blank => {}
            Some((values, text)) => {
                assert_eq!(
                    (row(&decoded, rows), rescued(&decoded, rows)),
                    (values, text.clone()),
                    "{}",
                    shown()
                );
                if let Some(text) = text {
                    check_json(&text);
                    rescues += 1;
                }
                rows += 1;
            }
            None => {
                let reject = rejects.next().unwrap_or_else(|| panic!("taken: {}", shown()));
                assert_eq!(reject.line, Some(index as u64 + 1), "{reject:?} {}", shown());
                assert_eq!(reject.byte_offset, offset);
                assert_eq!(reject.raw, line.strip_suffix(b"\r").unwrap_or(line));
            }
        }
        offset += line.len() as u64 + 1;
    }
    assert_eq!((rejects.next(), rows), (None, decoded.batch.num_rows()));
    (rows, rescues, decoded.rejects.len())
}

/// What is rescued must be JSON for another parser, too; it does not take half of a surrogate pair in a name.
fn check_json(text: &str) {
    let parsed = serde_json::from_str::<serde::de::IgnoredAny>(text);
    assert!(parsed.is_ok() || text.contains("\\u"), "{text}: {parsed:?}");
}

#[test]
fn chunks_cut_anywhere_between_lines_give_the_same_rows() {
    let mut generator = Generator { state: 7 };
    let fields = generator.fields(3);
    let lines: Vec<_> = (0..50).map(|_| generator.line(&fields)).collect();
    let whole = lines.join(&b'\n');
    let schema = Arc::new(Schema::new(fields));
    let expected = decode(&schema, &whole);
    let mut decoder = JsonDecoder::new(schema.clone(), JsonOptions::default()).unwrap();
    let (mut batches, mut rejects, mut offset) = (Vec::new(), Vec::new(), 0);
    for (index, line) in whole.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let decoded = decoder.decode(&chunk(line, index as u64 + 1, offset)).unwrap();
        offset += line.len() as u64;
        batches.push(decoded.batch);
        rejects.extend(decoded.rejects);
    }
    let joined = arrow::compute::concat_batches(decoder.schema(), &batches).unwrap();
    assert_eq!(joined, expected.batch);
    assert_eq!(rejects, expected.rejects);
}

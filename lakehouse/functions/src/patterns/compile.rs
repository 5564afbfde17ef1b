//! Patterns into items.

use std::iter::Peekable;
use std::str::Chars;

use super::PatternError;
use super::fields::Field;
use super::item::Item;
use super::number::{Number, Sign};
use super::offset::OffsetStyle;
use super::text::TextStyle;

/// The most digits that Java reads of an open-ended number.
const MANY: usize = 19;

/// What a pattern is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Parsing,
    Formatting,
}

/// Compiles a pattern.
pub(super) fn compile(pattern: &str, purpose: Use) -> Result<Vec<Item>, PatternError> {
    let compiler = Compiler {
        pattern,
        rest: pattern.chars().peekable(),
        at: 0,
        purpose,
        has_era: has_era(pattern),
        sections: vec![Section::default()],
    };
    compiler.compile()
}

/// Whether an era is asked for outside of quotes: then `y` is the year of that era.
fn has_era(pattern: &str) -> bool {
    pattern.split('\'').step_by(2).any(|part| part.contains('G'))
}

/// The whole pattern, or what stands between brackets.
#[derive(Default)]
struct Section {
    items: Vec<Item>,
    /// The first of the numbers that end the section so far without a separator between them.
    run: Option<usize>,
}

impl Section {
    fn push(&mut self, item: Item) {
        match (&item, self.items.last_mut()) {
            (Item::Literal(more), Some(Item::Literal(literal))) => literal.push_str(more),
            _ => self.items.push(item),
        }
        self.run = None;
    }

    /// Digits of a fixed width are reserved from the number that begins the run; others begin a run of their own.
    fn push_number(&mut self, number: Number) {
        let is_fixed = number.is_fixed() && number.sign == Sign::Never;
        let run = self.run.filter(|_| is_fixed);
        self.reserve(run, number.max);
        self.items.push(Item::Number(number));
        self.run = Some(run.unwrap_or(self.items.len() - 1));
    }

    fn push_fraction(&mut self, min: usize, max: usize) {
        let run = self.run;
        self.reserve(run, max);
        self.items.push(Item::Fraction { min, max });
        self.run = run;
    }

    fn reserve(&mut self, run: Option<usize>, width: usize) {
        if let Some(Item::Number(first)) = run.and_then(|index| self.items.get_mut(index)) {
            first.reserved += if first.is_fixed() { 0 } else { width };
        }
    }
}

struct Compiler<'a> {
    pattern: &'a str,
    rest: Peekable<Chars<'a>>,
    /// Characters taken so far.
    at: usize,
    purpose: Use,
    has_era: bool,
    /// The open sections, the whole pattern first.
    sections: Vec<Section>,
}

impl Compiler<'_> {
    fn compile(mut self) -> Result<Vec<Item>, PatternError> {
        while let Some(c) = self.next() {
            match c {
                '\'' => self.quoted()?,
                '[' => self.sections.push(Section::default()),
                ']' if self.sections.len() > 1 => self.close(),
                ']' => return self.error("`]` closes what no `[` has opened"),
                '{' | '}' | '#' => return self.error(format!("`{c}` is reserved; put it in single quotes")),
                letter if letter.is_ascii_alphabetic() => self.letters(letter)?,
                other => self.push(Item::Literal(other.to_string())),
            }
        }
        while self.sections.len() > 1 {
            self.close();
        }
        Ok(self.sections.pop().map(|section| section.items).unwrap_or_default())
    }

    fn next(&mut self) -> Option<char> {
        self.at += 1;
        self.rest.next()
    }

    fn error<T>(&self, reason: impl Into<String>) -> Result<T, PatternError> {
        Err(PatternError { pattern: self.pattern.to_owned(), at: self.at, reason: reason.into() })
    }

    fn section(&mut self) -> &mut Section {
        let last = self.sections.len() - 1;
        &mut self.sections[last]
    }

    fn push(&mut self, item: Item) {
        self.section().push(item);
    }

    fn close(&mut self) {
        if let Some(section) = self.sections.pop() {
            self.push(Item::Optional(section.items));
        }
    }

    /// A text in single quotes; two of them stand for one, inside and outside.
    fn quoted(&mut self) -> Result<(), PatternError> {
        let start = self.at;
        let mut literal = String::new();
        while let Some(c) = self.next() {
            if c != '\'' {
                literal.push(c);
            } else if self.rest.peek() == Some(&'\'') {
                self.next();
                literal.push('\'');
            } else {
                let is_quote = literal.is_empty();
                self.push(Item::Literal(if is_quote { "'".to_owned() } else { literal }));
                return Ok(());
            }
        }
        self.at = start;
        self.error("the quote that opens here is never closed")
    }

    fn letters(&mut self, letter: char) -> Result<(), PatternError> {
        self.check_letter(letter)?;
        let mut count = 1;
        while self.rest.next_if_eq(&letter).is_some() {
            count += 1;
        }
        match self.item(letter, count) {
            Some(Item::Number(number)) => self.section().push_number(number),
            Some(Item::Fraction { min, max }) => self.section().push_fraction(min, max),
            Some(item) => self.push(item),
            None => return self.error(format!("`{letter}` cannot stand {count} times in a row")),
        }
        self.at += count - 1;
        Ok(())
    }

    fn check_letter(&self, letter: char) -> Result<(), PatternError> {
        match letter {
            'Y' | 'W' | 'w' | 'u' | 'e' | 'c' => self.error(format!(
                "`{letter}` is of the week-based calendar, which Spark does not support; use extract()"
            )),
            'E' | 'F' | 'q' | 'Q' if self.purpose == Use::Parsing => {
                self.error(format!("`{letter}` only formats; Spark does not parse by it"))
            }
            'G' | 'y' | 'M' | 'L' | 'd' | 'D' | 'E' | 'F' | 'a' | 'H' | 'h' | 'K' | 'k' | 'm' | 's' | 'S'
            | 'V' | 'z' | 'O' | 'X' | 'x' | 'Z' | 'Q' | 'q' => Ok(()),
            _ => self.error(format!(
                "`{letter}` is no letter of Spark's patterns; a text stands in single quotes"
            )),
        }
    }

    /// What so many of a letter mean; nothing if there are too many or too few.
    fn item(&self, letter: char, count: usize) -> Option<Item> {
        match letter {
            'y' => self.year(count),
            'S' if count <= 9 && self.purpose == Use::Parsing => Some(Item::Fraction { min: 1, max: count }),
            'S' if count <= 9 => Some(Item::Fraction { min: count, max: count }),
            'V' => (count == 2).then_some(Item::ZoneId),
            'z' => (count <= 4).then_some(Item::ZoneText { full: count == 4 }),
            'O' => matches!(count, 1 | 4).then_some(Item::LocalizedOffset { full: count == 4 }),
            'X' => OffsetStyle::of_letters(count, "Z").map(Item::Offset),
            'x' => OffsetStyle::of_letters(count, zero_of(count)).map(Item::Offset),
            'Z' => match count {
                1..=3 => OffsetStyle::of_letters(2, "+0000").map(Item::Offset),
                4 => Some(Item::LocalizedOffset { full: true }),
                5 => OffsetStyle::of_letters(5, "Z").map(Item::Offset),
                _ => None,
            },
            'M' | 'L' => number_or_text(Field::Month, count),
            'Q' | 'q' => number_or_text(Field::Quarter, count),
            'G' => text(Field::Era, count),
            'E' => text(Field::Weekday, count),
            'a' => (count == 1).then_some(Item::Text(Field::AmPm, TextStyle::Short)),
            'D' => (count <= 3).then(|| number(Field::DayOfYear, count, if count == 1 { MANY } else { 3 })),
            'F' => (count == 1).then(|| number(Field::WeekdayInMonth, 1, 1)),
            _ => plain_field(letter).and_then(|field| digits(field, count)),
        }
    }

    fn year(&self, count: usize) -> Option<Item> {
        let field = if self.has_era { Field::YearOfEra } else { Field::Year };
        match count {
            2 => Some(Item::Number(Number { reduced: true, ..plain_number(field, 2, 2) })),
            1 | 3 => Some(number(field, count, MANY)),
            4..=10 => {
                Some(Item::Number(Number { sign: Sign::ExceedingPad, ..plain_number(field, count, MANY) }))
            }
            _ => None,
        }
    }
}

fn plain_field(letter: char) -> Option<Field> {
    match letter {
        'd' => Some(Field::Day),
        'H' => Some(Field::Hour),
        'k' => Some(Field::ClockHour),
        'K' => Some(Field::HourOfAmPm),
        'h' => Some(Field::ClockHourOfAmPm),
        'm' => Some(Field::Minute),
        's' => Some(Field::Second),
        _ => None,
    }
}

fn plain_number(field: Field, min: usize, max: usize) -> Number {
    let sign = if max == MANY { Sign::Negative } else { Sign::Never };
    Number { field, min, max, sign, reserved: 0, reduced: false }
}

fn number(field: Field, min: usize, max: usize) -> Item {
    Item::Number(plain_number(field, min, max))
}

fn digits(field: Field, count: usize) -> Option<Item> {
    match count {
        1 => Some(number(field, 1, MANY)),
        2 => Some(number(field, 2, 2)),
        _ => None,
    }
}

fn text(field: Field, count: usize) -> Option<Item> {
    let style = if count == 4 { TextStyle::Full } else { TextStyle::Short };
    (count <= 4).then_some(Item::Text(field, style))
}

fn number_or_text(field: Field, count: usize) -> Option<Item> {
    if count <= 2 { digits(field, count) } else { text(field, count) }
}

fn zero_of(count: usize) -> &'static str {
    match count {
        1 => "+00",
        2 | 4 => "+0000",
        _ => "+00:00",
    }
}

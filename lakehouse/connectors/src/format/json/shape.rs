//! The names of the fields that an object may have, and a guess which one comes next.

use std::collections::HashMap;

use arrow::datatypes::{DataType, Fields};

/// What the decoder needs to know of a column beside the column itself.
#[derive(Debug)]
pub(super) enum Shape {
    /// A column without parts.
    Leaf,
    /// A struct.
    Object(ObjectShape),
    /// A list, with the shape of its elements.
    List(Box<Shape>),
    /// A map, with the shape of its values.
    Map(Box<Shape>),
}

impl Shape {
    fn new(data_type: &DataType) -> Self {
        match data_type {
            DataType::Struct(fields) => Self::Object(ObjectShape::new(fields)),
            DataType::List(element) => Self::List(Box::new(Self::new(element.data_type()))),
            DataType::Map(entries, _) => Self::Map(Box::new(Self::of_entries(entries.data_type()))),
            _ => Self::Leaf,
        }
    }

    fn of_entries(entries: &DataType) -> Self {
        match entries {
            DataType::Struct(fields) if fields.len() == 2 => Self::new(fields[1].data_type()),
            _ => Self::Leaf,
        }
    }
}

/// The fields of an object, numbered as in the schema.
///
/// Programs write the fields of their records in the same order each time. So each field remembers which one followed
/// it last time, and the next name is compared with that one's before it is looked up.
#[derive(Debug)]
pub(super) struct ObjectShape {
    names: Vec<Name>,
    parts: Vec<Shape>,
    index: HashMap<Vec<u8>, usize>,
    /// The field that followed this one last time; the last entry is the field that came first.
    followers: Vec<usize>,
    /// The object in which each field was last seen.
    seen_in: Vec<u64>,
    object: u64,
    seen: usize,
}

/// A position in an object: behind a field, or at the start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Behind(usize);

impl ObjectShape {
    pub(super) fn new(fields: &Fields) -> Self {
        let len = fields.len();
        Self {
            names: fields.iter().map(|field| Name::new(field.name())).collect(),
            parts: fields.iter().map(|field| Shape::new(field.data_type())).collect(),
            index: fields
                .iter()
                .enumerate()
                .map(|(at, field)| (field.name().as_bytes().to_vec(), at))
                .collect(),
            followers: (1..len).chain([0, 0]).take(len + 1).collect(),
            seen_in: vec![0; len],
            object: 0,
            seen: 0,
        }
    }

    /// A new object begins.
    #[inline]
    pub(super) fn begin(&mut self) -> Behind {
        self.object += 1;
        self.seen = 0;
        Behind(self.names.len())
    }

    /// The field whose name stands at the start of `text`, with its quotes and a colon right behind, if it is one of
    /// the two that are likely `behind` the last one; and the length of all that.
    #[inline]
    pub(super) fn guess(&self, behind: Behind, text: &[u8]) -> Option<(usize, usize)> {
        let first = *self.followers.get(behind.0)?;
        let name = self.names.get(first)?;
        if name.begins(text) {
            return Some((first, name.len));
        }
        let second = *self.followers.get(first)?;
        let name = self.names.get(second)?;
        name.begins(text).then_some((second, name.len))
    }

    /// The field with this name; remembers it for the next guess.
    pub(super) fn find(&mut self, behind: Behind, name: &[u8]) -> Option<usize> {
        let field = *self.index.get(name)?;
        if let Some(follower) = self.followers.get_mut(behind.0) {
            *follower = field;
        }
        Some(field)
    }

    /// Notes that a field has come; `None` if it had already.
    #[inline]
    pub(super) fn visit(&mut self, field: usize) -> Option<(Behind, &mut Shape)> {
        let seen_in = self.seen_in.get_mut(field)?;
        if *seen_in == self.object {
            return None;
        }
        *seen_in = self.object;
        self.seen += 1;
        Some((Behind(field), self.parts.get_mut(field)?))
    }

    /// The fields that have not come in this object.
    #[inline]
    pub(super) fn missing(&self) -> impl Iterator<Item = usize> {
        let candidates = if self.seen == self.names.len() { 0 } else { self.names.len() };
        (0..candidates).filter(|field| self.seen_in[*field] != self.object)
    }
}

/// A name as it mostly stands in the text: quoted, without escapes, a colon right behind.
#[derive(Debug)]
struct Name {
    /// Its first bytes as two numbers, the others zero.
    head: [u64; 2],
    /// Ones where `head` counts.
    mask: [u64; 2],
    /// Its bytes behind the head.
    tail: Box<[u8]>,
    len: usize,
}

const HEAD: usize = 16;

impl Name {
    fn new(name: &str) -> Self {
        let text = [b"\"", name.as_bytes(), b"\":"].concat();
        let (head, tail) = text.split_at(text.len().min(HEAD));
        let (mut bytes, mut mask) = ([0; HEAD], [0; HEAD]);
        bytes[..head.len()].copy_from_slice(head);
        mask[..head.len()].fill(0xff);
        if name.bytes().any(|byte| byte == b'"' || byte == b'\\' || byte < b' ') {
            // It cannot stand like this in a text, so it must not be found there.
            (bytes, mask) = ([0xff; HEAD], [0; HEAD]);
        }
        Self { head: words(&bytes), mask: words(&mask), tail: tail.into(), len: text.len() }
    }

    /// Whether `text` begins with the name. Near the very end of the text the answer may be a wrong `false`.
    #[inline]
    fn begins(&self, text: &[u8]) -> bool {
        let Some((head, rest)) = text.split_first_chunk::<HEAD>() else { return false };
        let [low, high] = words(head);
        // Two short comparisons, since this is where the decoder waits for the place of the next byte to be known.
        low & self.mask[0] == self.head[0]
            && high & self.mask[1] == self.head[1]
            && (self.tail.is_empty() || rest.starts_with(&self.tail))
    }
}

#[inline]
fn words(bytes: &[u8; HEAD]) -> [u64; 2] {
    let both = u128::from_le_bytes(*bytes);
    [both as u64, (both >> 64) as u64]
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::Field;

    use super::*;

    fn shape(names: &[&str]) -> ObjectShape {
        ObjectShape::new(&names.iter().map(|name| Field::new(*name, DataType::Int64, true)).collect())
    }

    #[test]
    fn the_order_is_learnt() {
        let mut shape = shape(&["a", "b", "c"]);
        let text = |name: &str| format!("\"{name}\":1                ");
        let start = shape.begin();
        assert_eq!(shape.guess(start, text("a").as_bytes()), Some((0, 4)));
        assert_eq!(shape.guess(start, text("c").as_bytes()), None);
        assert_eq!(shape.find(start, b"c"), Some(2));
        let (behind, _) = shape.visit(2).unwrap();
        assert_eq!(shape.find(behind, b"b"), Some(1));
        let start = shape.begin();
        assert_eq!(shape.guess(start, text("c").as_bytes()), Some((2, 4)));
        assert_eq!(shape.guess(start, text("b").as_bytes()), Some((1, 4)), "one field may be left out");
    }

    #[test]
    fn a_name_is_only_itself() {
        for length in [1, 5, 12, 13, 14, 15, 30] {
            let name = Name::new(&"n".repeat(length));
            let text = |length: usize| format!("\"{}\":true, and so on", "n".repeat(length));
            assert!(name.begins(text(length).as_bytes()));
            assert!(!name.begins(text(length + 1).as_bytes()));
            assert!(!name.begins(text(length - 1).as_bytes()));
        }
    }

    #[test]
    fn a_name_with_a_quote_is_never_guessed_wrongly() {
        let mut shape = shape(&["a\":1,\"b"]);
        let start = shape.begin();
        assert_eq!(shape.guess(start, b"\"a\":1,\"b\":2                  "), None);
        assert_eq!(shape.find(start, b"a\":1,\"b"), Some(0));
    }

    #[test]
    fn a_field_counts_once_and_the_others_are_missing() {
        let mut shape = shape(&["a", "b", "c"]);
        shape.begin();
        assert!(shape.visit(1).is_some());
        assert!(shape.visit(1).is_none());
        assert_eq!(shape.missing().collect::<Vec<_>>(), [0, 2]);
        shape.begin();
        assert_eq!(shape.missing().count(), 3);
    }
}

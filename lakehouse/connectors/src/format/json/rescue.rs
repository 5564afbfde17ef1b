//! What did not fit its column, as places in the text, and the `_rescued_data` that is made of it.

use std::ops::Range;

/// What one record has to rescue. Nothing is copied until the record is known to be whole.
#[derive(Debug, Default)]
pub(super) struct Rescue {
    steps: Vec<Step>,
}

/// The parts in the order in which they stand. All ranges are places in the text.
#[derive(Debug, Clone)]
enum Step {
    /// A nested object begins, of which parts are to be rescued. `key` includes its quotes.
    Open { key: Range<usize> },
    /// It ends.
    Close,
    /// A field to be rescued whole.
    Field { key: Range<usize>, value: Range<usize>, is_misfit: bool },
}

/// A state to come back to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark(usize);

impl Rescue {
    #[inline]
    pub(super) fn clear(&mut self) {
        self.steps.clear();
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    #[inline]
    pub(super) fn mark(&self) -> Mark {
        Mark(self.steps.len())
    }

    /// Rescues a field; `is_misfit` says that it has a column, which is NULL now.
    pub(super) fn field(&mut self, key: Range<usize>, value: Range<usize>, is_misfit: bool) {
        self.steps.push(Step::Field { key, value, is_misfit });
    }

    /// Begins a nested object.
    #[inline]
    pub(super) fn open(&mut self, key: Range<usize>) -> Mark {
        let mark = self.mark();
        self.steps.push(Step::Open { key });
        mark
    }

    /// Ends it; if nothing of it was rescued, it is as if it had not been.
    #[inline]
    pub(super) fn close(&mut self, opened: Mark) {
        if self.steps.len() == opened.0 + 1 {
            self.steps.truncate(opened.0);
        } else {
            self.steps.push(Step::Close);
        }
    }

    /// Forgets what has been rescued since `mark`: nothing, or something (`Some`), with or without misfits.
    #[inline]
    pub(super) fn forget(&mut self, mark: Mark) -> Option<Forgotten> {
        if self.steps.len() == mark.0 {
            return None;
        }
        let has_misfit =
            self.steps[mark.0..].iter().any(|step| matches!(step, Step::Field { is_misfit: true, .. }));
        self.steps.truncate(mark.0);
        Some(Forgotten { has_misfit })
    }

    /// Writes the object: at each level first the fields, then the nested objects, and at the very end `_file_path`.
    ///
    /// Names and values stand as they stood in the record; a name that came twice there may come twice here.
    pub(super) fn write(&self, text: &[u8], file_path: &str, out: &mut Vec<u8>) {
        out.push(b'{');
        write_level(&self.steps, text, out);
        if out.last() != Some(&b'{') {
            out.push(b',');
        }
        out.extend_from_slice(b"\"_file_path\":");
        out.extend_from_slice(file_path.as_bytes());
        out.push(b'}');
    }
}

/// What [`Rescue::forget`] threw away.
#[derive(Debug, Clone, Copy)]
pub(super) struct Forgotten {
    pub(super) has_misfit: bool,
}

fn write_level(steps: &[Step], text: &[u8], out: &mut Vec<u8>) {
    let mut nested = Vec::new();
    let mut index = 0;
    while let Some(step) = steps.get(index) {
        let len = match step {
            Step::Field { key, value, .. } => {
                write_name(text, key, out);
                out.extend_from_slice(&text[value.clone()]);
                1
            }
            Step::Open { key } => {
                let len = length_of_object(&steps[index..]);
                nested.push((key, &steps[index + 1..index + len - 1]));
                len
            }
            Step::Close => 1,
        };
        index += len;
    }
    for (key, steps) in nested {
        write_name(text, key, out);
        out.push(b'{');
        write_level(steps, text, out);
        out.push(b'}');
    }
}

fn write_name(text: &[u8], key: &Range<usize>, out: &mut Vec<u8>) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    out.extend_from_slice(&text[key.clone()]);
    out.push(b':');
}

/// The number of steps from the opening of an object, which is the first, to its end, both included.
fn length_of_object(steps: &[Step]) -> usize {
    let mut depth = 0usize;
    for (index, step) in steps.iter().enumerate() {
        match step {
            Step::Open { .. } => depth += 1,
            Step::Close => depth -= 1,
            Step::Field { .. } => {}
        }
        if depth == 0 {
            return index + 1;
        }
    }
    steps.len()
}

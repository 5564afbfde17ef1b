//! One record: from its text into the columns, in one pass.

use std::ops::Range;

use super::cursor::Cursor;
use super::fault::{Fault, What};
use super::rescue::Rescue;
use super::shape::{Behind, ObjectShape, Shape};
use super::string::Ending;
use crate::columns::{Column, Fit, ListColumn, MapColumn, TextColumn};

/// Reads values at a cursor into columns.
///
/// Each method that reads a value appends exactly one value to the column, or ends in a [`Fault`], after which the columns
/// have to be cut back. `depth` is the number of brackets that may still be opened.
pub(super) struct Reader<'a, 's> {
    pub(super) cursor: Cursor<'a>,
    pub(super) rescue: &'s mut Rescue,
    /// Room for a decoded name or value that no column wants as it is.
    pub(super) scratch: &'s mut Vec<u8>,
}

/// The name of a field, as it stands and as what it is known.
struct Name {
    /// Its place, with the quotes.
    range: Range<usize>,
    field: Option<usize>,
}

impl Reader<'_, '_> {
    /// Reads an object, of which the bracket is next, into one column for each field.
    pub(super) fn object(
        &mut self,
        columns: &mut [Column],
        shape: &mut ObjectShape,
        depth: usize,
    ) -> Result<(), Fault> {
        let mut is_open = self.cursor.enter(b'}', depth)?;
        let mut behind = shape.begin();
        while is_open {
            let name = self.name(shape, behind)?;
            match name.field.and_then(|field| Some((columns.get_mut(field)?, shape.visit(field)?))) {
                Some((column, (next, part))) => {
                    behind = next;
                    self.field(name.range, column, part, depth - 1)?;
                }
                None => self.surplus(name.range, depth - 1)?,
            }
            is_open = self.cursor.next_part(b'}')?;
        }
        for field in shape.missing() {
            columns[field].append_null();
        }
        Ok(())
    }

    /// Reads a name and the colon behind it.
    #[inline]
    fn name(&mut self, shape: &mut ObjectShape, behind: Behind) -> Result<Name, Fault> {
        let begin = self.cursor.at();
        if let Some((field, len)) = shape.guess(behind, self.cursor.rest()) {
            self.cursor.step(len);
            self.cursor.skip_blanks();
            return Ok(Name { range: begin..begin + len - 1, field: Some(field) });
        }
        self.any_name(shape, behind)
    }

    #[inline(never)]
    fn any_name(&mut self, shape: &mut ObjectShape, behind: Behind) -> Result<Name, Fault> {
        let begin = self.cursor.at();
        if self.cursor.peek() != Some(b'"') {
            return Err(self.cursor.fault(What::NoKey));
        }
        self.scratch.clear();
        let ending = self.cursor.string(self.scratch)?;
        let range = begin..self.cursor.at();
        self.cursor.colon()?;
        let field = match ending {
            Ending::Text => shape.find(behind, self.scratch),
            Ending::LoneSurrogate => None,
        };
        Ok(Name { range, field })
    }

    /// Reads the value of a field into its column and rescues it if it does not fit.
    #[inline]
    fn field(
        &mut self,
        name: Range<usize>,
        column: &mut Column,
        shape: &mut Shape,
        depth: usize,
    ) -> Result<(), Fault> {
        let begin = self.cursor.at();
        let object = matches!(column, Column::Struct(_)).then(|| self.rescue.open(name.clone()));
        let fit = self.value(column, shape, depth)?;
        if let Some(mark) = object {
            self.rescue.close(mark);
        }
        if fit != Fit::Whole {
            self.rescue.field(name, begin..self.cursor.at(), fit == Fit::Misfit);
        }
        Ok(())
    }

    /// Steps over the value of a field that has no column, or has had its value already, and rescues it.
    fn surplus(&mut self, name: Range<usize>, depth: usize) -> Result<(), Fault> {
        let begin = self.cursor.at();
        self.cursor.skip_value(depth)?;
        self.rescue.field(name, begin..self.cursor.at(), false);
        Ok(())
    }

    #[inline]
    fn value(&mut self, column: &mut Column, shape: &mut Shape, depth: usize) -> Result<Fit, Fault> {
        let next = self.cursor.peek();
        let is_number = matches!(next, Some(b'-' | b'0'..=b'9'));
        match (column, shape) {
            (Column::Text(column), _) => self.text(column, depth),
            (Column::Int64(column), _) if is_number => {
                Ok(column.append_integer(self.cursor.number()?.0.to_i64()))
            }
            (Column::Int32(column), _) if is_number => {
                Ok(column.append_integer(self.cursor.number()?.0.to_i64()))
            }
            (Column::Int16(column), _) if is_number => {
                Ok(column.append_integer(self.cursor.number()?.0.to_i64()))
            }
            (Column::Int8(column), _) if is_number => {
                Ok(column.append_integer(self.cursor.number()?.0.to_i64()))
            }
            (Column::Float64(column), _) if is_number => {
                let (number, text) = self.cursor.number()?;
                Ok(column.append_option(number.to_f64(text)))
            }
            (Column::Float32(column), _) if is_number => {
                let (number, text) = self.cursor.number()?;
                Ok(column.append_option(number.to_f32(text)))
            }
            (Column::Decimal(column), _) if is_number => {
                let (number, text) = self.cursor.number()?;
                Ok(column.append_number(number, text))
            }
            (Column::Boolean(column), _) if matches!(next, Some(b't' | b'f')) => {
                let value = next == Some(b't');
                self.cursor.literal(if value { b"true" } else { b"false" })?;
                column.append_value(value);
                Ok(Fit::Whole)
            }
            (Column::Struct(column), Shape::Object(shape)) if next == Some(b'{') => {
                self.object(column.fields(), shape, depth)?;
                column.close();
                Ok(Fit::Whole)
            }
            (Column::List(column), Shape::List(shape)) if next == Some(b'[') => {
                self.list(column, shape, depth)
            }
            (Column::Map(column), Shape::Map(shape)) if next == Some(b'{') => self.map(column, shape, depth),
            (column @ (Column::Date(_) | Column::Timestamp(_) | Column::Binary(_)), _)
                if next == Some(b'"') =>
            {
                self.written(column)
            }
            (column, _) => self.null_or_misfit(column, depth),
        }
    }

    /// Reads any value into a column of texts: a string as what it says, all else as it stands.
    #[inline]
    fn text(&mut self, column: &mut TextColumn, depth: usize) -> Result<Fit, Fault> {
        let begin = self.cursor.at();
        match self.cursor.peek() {
            Some(b'"') => match self.cursor.string(column.open())? {
                Ending::Text => column.close(),
                Ending::LoneSurrogate => {
                    column.append_null();
                    return Ok(Fit::Misfit);
                }
            },
            Some(b'n') => {
                self.cursor.literal(b"null")?;
                column.append_null();
            }
            _ => {
                self.cursor.skip_value(depth)?;
                column.open().extend_from_slice(self.cursor.slice(begin..self.cursor.at()));
                column.close();
            }
        }
        Ok(Fit::Whole)
    }

    /// Reads a string into a column whose values have a text form.
    fn written(&mut self, column: &mut Column) -> Result<Fit, Fault> {
        self.scratch.clear();
        let ending = self.cursor.string(self.scratch)?;
        match (ending, std::str::from_utf8(self.scratch)) {
            (Ending::Text, Ok(text)) => Ok(column.append_text(text)),
            _ => {
                column.append_null();
                Ok(Fit::Misfit)
            }
        }
    }

    /// Steps over a value that is NULL or else does not fit.
    #[inline(never)]
    fn null_or_misfit(&mut self, column: &mut Column, depth: usize) -> Result<Fit, Fault> {
        let fit = if self.cursor.peek() == Some(b'n') { Fit::Whole } else { Fit::Misfit };
        self.cursor.skip_value(depth)?;
        column.append_null();
        Ok(fit)
    }

    /// Reads a list. One element that does not fit makes the whole list a misfit.
    fn list(&mut self, column: &mut ListColumn, shape: &mut Shape, depth: usize) -> Result<Fit, Fault> {
        let mark = self.rescue.mark();
        let mut fit = Fit::Whole;
        let mut is_open = self.cursor.enter(b']', depth)?;
        while is_open {
            fit = worse(fit, self.value(column.elements(), shape, depth - 1)?);
            is_open = self.cursor.next_part(b']')?;
        }
        if let Some(forgotten) = self.rescue.forget(mark) {
            fit = worse(fit, if forgotten.has_misfit { Fit::Misfit } else { Fit::Partly });
        }
        match fit {
            Fit::Misfit => column.append_null(),
            Fit::Whole | Fit::Partly => column.close(),
        }
        Ok(fit)
    }

    /// Reads an object into a column of maps. One value that does not fit, or a name that comes twice, makes the whole
    /// map a misfit.
    fn map(&mut self, column: &mut MapColumn, shape: &mut Shape, depth: usize) -> Result<Fit, Fault> {
        let mark = self.rescue.mark();
        let mut fit = Fit::Whole;
        let mut is_open = self.cursor.enter(b'}', depth)?;
        while is_open {
            if self.cursor.peek() != Some(b'"') {
                return Err(self.cursor.fault(What::NoKey));
            }
            fit = worse(fit, self.text(column.keys(), depth)?);
            self.cursor.colon()?;
            fit = worse(fit, self.value(column.values(), shape, depth - 1)?);
            is_open = self.cursor.next_part(b'}')?;
        }
        if let Some(forgotten) = self.rescue.forget(mark) {
            fit = worse(fit, if forgotten.has_misfit { Fit::Misfit } else { Fit::Partly });
        }
        if column.has_duplicate() {
            fit = Fit::Misfit;
        }
        match fit {
            Fit::Misfit => column.append_null(),
            Fit::Whole | Fit::Partly => column.close(),
        }
        Ok(fit)
    }
}

#[inline]
fn worse(one: Fit, other: Fit) -> Fit {
    match (one, other) {
        (Fit::Misfit, _) | (_, Fit::Misfit) => Fit::Misfit,
        (Fit::Partly, _) | (_, Fit::Partly) => Fit::Partly,
        (Fit::Whole, Fit::Whole) => Fit::Whole,
    }
}

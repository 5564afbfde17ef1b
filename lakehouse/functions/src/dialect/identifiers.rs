//! Names without regard to case.
//!
//! The planner is told to take names as they are written. Before it sees a statement, each name in it that no table, column
//! or alias has exactly is replaced by the one that differs in case only. So results keep the names of the tables.

use std::collections::HashMap;
use std::ops::ControlFlow;

use arrow::datatypes::{DataType, FieldRef, Fields, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::sql::sqlparser::ast::{
    Cte, Expr, Ident, JoinConstraint, JoinOperator, ObjectName, ObjectNamePart, Query, Select, SelectItem,
    Statement, TableAlias, TableFactor, Visit, Visitor, VisitorMut,
};

/// The names that a statement may mean.
#[derive(Default)]
pub(super) struct Names {
    /// Tables, their aliases and common table expressions, by lower case.
    relations: HashMap<String, Vec<String>>,
    /// The columns of the tables and of their aliases, by lower case of the table.
    columns_of: HashMap<String, Fields>,
    /// Columns of the tables, then aliases, then fields of structs, by lower case; the first one is meant in doubt.
    columns: HashMap<String, Vec<Name>>,
}

struct Name {
    text: String,
    data_type: Option<DataType>,
}

impl Names {
    /// The names of tables and of their columns.
    pub(super) fn of_tables(tables: &[(String, SchemaRef)]) -> Self {
        let mut names = Self::default();
        for (table, schema) in tables {
            names.add_relation(table);
            names.columns_of.insert(table.to_lowercase(), schema.fields().clone());
            names.add_columns(schema.fields());
        }
        tables.iter().for_each(|(_, schema)| names.add_nested(schema.fields()));
        names
    }

    /// The names of the columns of one schema.
    pub(super) fn of_schema(schema: &DFSchema) -> Self {
        let mut names = Self::default();
        schema.iter().filter_map(|(table, _)| table).for_each(|table| names.add_relation(table.table()));
        names.add_columns(schema.fields());
        names.add_nested(schema.fields());
        names
    }

    /// These names and those that a statement gives itself.
    pub(super) fn with_aliases(mut self, statement: &Statement) -> Self {
        let _ = statement.visit(&mut Aliases(&mut self));
        self
    }

    fn add_relation(&mut self, name: &str) {
        let known = self.relations.entry(name.to_lowercase()).or_default();
        if !known.iter().any(|text| text == name) {
            known.push(name.to_owned());
        }
    }

    /// A table goes by another name, too.
    fn add_table_alias(&mut self, table: &ObjectName, alias: &str) {
        let table = table.0.last().and_then(ObjectNamePart::as_ident).map(|ident| ident.value.to_lowercase());
        if let Some(columns) = table.and_then(|table| self.columns_of.get(&table)).cloned() {
            self.columns_of.insert(alias.to_lowercase(), columns);
        }
    }

    fn add_columns(&mut self, fields: &[FieldRef]) {
        fields.iter().for_each(|field| self.add_column(field.name(), Some(field.data_type())));
    }

    fn add_column(&mut self, name: &str, data_type: Option<&DataType>) {
        let known = self.columns.entry(name.to_lowercase()).or_default();
        if !known.iter().any(|known| known.text == name) {
            known.push(Name { text: name.to_owned(), data_type: data_type.cloned() });
        }
    }

    /// Fields of structs come last, so that a part of a path is not mistaken for a misspelt column.
    fn add_nested(&mut self, fields: &[FieldRef]) {
        for field in fields.iter().map(|field| children(field.data_type())) {
            self.add_columns(field);
            self.add_nested(field);
        }
    }

    fn resolve_relation(&self, ident: &mut Ident) -> bool {
        let Some(known) = self.relations.get(&ident.value.to_lowercase()) else { return false };
        if !known.contains(&ident.value)
            && let Some(first) = known.first()
        {
            ident.value.clone_from(first);
        }
        true
    }

    fn correct_column(&self, ident: &mut Ident) {
        self.resolve_column(ident);
    }

    /// Puts the name right; its type where that is known.
    fn resolve_column(&self, ident: &mut Ident) -> Option<&DataType> {
        let known = self.columns.get(&ident.value.to_lowercase())?;
        let meant = known.iter().find(|name| name.text == ident.value).or(known.first())?;
        ident.value.clone_from(&meant.text);
        meant.data_type.as_ref()
    }

    /// `[table.]column[.field]*`
    fn resolve_path(&self, path: &mut [Ident]) {
        let has_relation = path.len() > 1 && self.resolve_relation(&mut path[0]);
        let (relation, path) = path.split_at_mut(usize::from(has_relation));
        let Some((column, fields)) = path.split_first_mut() else { return };
        let columns = relation.first().and_then(|ident| self.columns_of.get(&ident.value.to_lowercase()));
        let of_table = columns.and_then(|columns| resolve_field(columns, column));
        let mut data_type = of_table.or_else(|| self.resolve_column(column));
        for ident in fields {
            data_type = data_type.and_then(|parent| resolve_field(children(parent), ident));
        }
    }
}

fn children(data_type: &DataType) -> &[FieldRef] {
    match data_type {
        DataType::Struct(fields) => fields,
        DataType::List(element) | DataType::LargeList(element) => children(element.data_type()),
        _ => &[],
    }
}

fn resolve_field<'a>(fields: &'a [FieldRef], ident: &mut Ident) -> Option<&'a DataType> {
    let is_exact = |field: &&FieldRef| *field.name() == ident.value;
    let is_near = |field: &&FieldRef| field.name().to_lowercase() == ident.value.to_lowercase();
    let meant = fields.iter().find(is_exact).or_else(|| fields.iter().find(is_near))?;
    ident.value.clone_from(meant.name());
    Some(meant.data_type())
}

/// Collects the names that a statement gives.
struct Aliases<'a>(&'a mut Names);

impl Aliases<'_> {
    fn add(&mut self, alias: &TableAlias) {
        self.0.add_relation(&alias.name.value);
        alias.columns.iter().for_each(|column| self.0.add_column(&column.name.value, None));
    }
}

impl Visitor for Aliases<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let tables: &[Cte] = query.with.as_ref().map_or(&[], |with| &with.cte_tables);
        tables.iter().for_each(|table| self.add(&table.alias));
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        for item in &select.projection {
            match item {
                SelectItem::ExprWithAlias { alias, .. } => self.0.add_column(&alias.value, None),
                SelectItem::ExprWithAliases { aliases, .. } => {
                    aliases.iter().for_each(|a| self.0.add_column(&a.value, None))
                }
                _ => {}
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        match factor {
            TableFactor::Table { name, alias: Some(alias), .. } => {
                self.add(alias);
                self.0.add_table_alias(name, &alias.name.value);
            }
            TableFactor::Derived { alias: Some(alias), .. }
            | TableFactor::TableFunction { alias: Some(alias), .. }
            | TableFactor::Function { alias: Some(alias), .. }
            | TableFactor::UNNEST { alias: Some(alias), .. }
            | TableFactor::NestedJoin { alias: Some(alias), .. } => self.add(alias),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// Replaces names by those that are meant.
pub(super) struct Resolver<'a> {
    names: &'a Names,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(names: &'a Names) -> Self {
        Self { names }
    }

    fn resolve_using(&self, join: &mut JoinOperator) {
        use JoinOperator as Join;
        let constraint = match join {
            Join::Join(on) | Join::Inner(on) | Join::Left(on) | Join::LeftOuter(on) | Join::Right(on) => on,
            Join::RightOuter(on)
            | Join::FullOuter(on)
            | Join::CrossJoin(on)
            | Join::Semi(on)
            | Join::LeftSemi(on) => on,
            Join::RightSemi(on) | Join::Anti(on) | Join::LeftAnti(on) | Join::RightAnti(on) => on,
            _ => return,
        };
        if let JoinConstraint::Using(columns) = constraint {
            for part in columns.iter_mut().flat_map(|name| name.0.iter_mut()) {
                if let ObjectNamePart::Identifier(ident) = part {
                    self.names.correct_column(ident);
                }
            }
        }
    }
}

impl VisitorMut for Resolver<'_> {
    type Break = ();

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        select
            .from
            .iter_mut()
            .flat_map(|from| &mut from.joins)
            .for_each(|join| self.resolve_using(&mut join.join_operator));
        for item in &mut select.projection {
            if let SelectItem::Wildcard(options) | SelectItem::QualifiedWildcard(_, options) = item
                && let Some(except) = &mut options.opt_except
            {
                self.names.correct_column(&mut except.first_element);
                except.additional_elements.iter_mut().for_each(|ident| self.names.correct_column(ident));
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &mut ObjectName) -> ControlFlow<()> {
        if let [ObjectNamePart::Identifier(ident)] = relation.0.as_mut_slice() {
            self.names.resolve_relation(ident);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::Identifier(ident) => self.names.correct_column(ident),
            Expr::CompoundIdentifier(path) => self.names.resolve_path(path),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

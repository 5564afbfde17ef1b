//! Keeps a division from rows that a condition has settled.
//!
//! Spark looks at the right side of `units <> 0 AND sales / units > 2` only in rows where the left one is not false. The
//! engine looks at whole columns and reorders conditions. So, when all other rules have run, the dividend of a division that
//! depends on conditions becomes NULL in the rows where they do not hold, and such a row gives NULL whatever the divisor.
//! Conditions of one `WHERE` shield each other in either order: a row that is filtered out never fails a query.

use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::{conjunction, split_conjunction, split_conjunction_owned};
use datafusion::logical_expr::{BinaryExpr, Case, Expr, LogicalPlan, Operator};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use super::{DIV, DIVIDE};

/// The rule; it must run after all others.
#[derive(Debug)]
pub(crate) struct ShieldDivisions;

impl OptimizerRule for ShieldDivisions {
    fn name(&self) -> &str {
        "shield_divisions"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        match plan {
            LogicalPlan::Filter(mut filter) if may_fail(&filter.predicate) => {
                let conditions = shield_each_other(split_conjunction_owned(filter.predicate.clone()));
                let predicate = conjunction(conditions).unwrap_or_else(|| filter.predicate.clone());
                let is_changed = predicate != filter.predicate;
                filter.predicate = predicate;
                Ok(Transformed::new_transformed(LogicalPlan::Filter(filter), is_changed))
            }
            LogicalPlan::TableScan(mut scan) if scan.filters.iter().any(may_fail) => {
                let filters = shield_each_other(scan.filters.clone());
                let is_changed = filters != scan.filters;
                scan.filters = filters;
                Ok(Transformed::new_transformed(LogicalPlan::TableScan(scan), is_changed))
            }
            LogicalPlan::Filter(_) | LogicalPlan::TableScan(_) => Ok(Transformed::no(plan)),
            other => shield_expressions(other),
        }
    }
}

fn shield_expressions(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let names = NamePreserver::new(&plan);
    plan.map_expressions(|expr| {
        if !may_fail(&expr) {
            return Ok(Transformed::no(expr));
        }
        let name = names.save(&expr);
        let shielded = shield(expr.clone(), &[]);
        let is_changed = shielded != expr;
        Ok(Transformed::new_transformed(if is_changed { name.restore(shielded) } else { expr }, is_changed))
    })
}

fn is_division(expr: &Expr) -> bool {
    let names = [DIVIDE.name, DIV.name];
    matches!(expr, Expr::ScalarFunction(call) if names.contains(&call.func.name()) && call.args.len() == 2)
}

fn may_fail(expr: &Expr) -> bool {
    let mut found = false;
    let _ = expr.apply(|part| {
        found |= is_division(part);
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    found
}

/// Conditions that all must hold, each of those with a division under those without.
fn shield_each_other(conditions: Vec<Expr>) -> Vec<Expr> {
    let is_shield = |condition: &&Expr| !may_fail(condition) && !condition.is_volatile();
    let shields: Vec<Expr> = conditions.iter().filter(is_shield).cloned().collect();
    conditions.into_iter().map(|condition| shield(condition, &shields)).collect()
}

/// The expression with all its divisions done only where the conditions are true.
fn shield(expr: Expr, conditions: &[Expr]) -> Expr {
    if !may_fail(&expr) {
        return expr;
    }
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op: op @ (Operator::And | Operator::Or), right }) => {
            let open = if op == Operator::And {
                Expr::IsNotFalse(left.clone())
            } else {
                Expr::IsNotTrue(left.clone())
            };
            let right = shield(*right, &with(conditions, open));
            Expr::BinaryExpr(BinaryExpr::new(Box::new(shield(*left, conditions)), op, Box::new(right)))
        }
        Expr::Case(case) => shield_case(case, conditions),
        division if is_division(&division) => shield_division(division, conditions),
        other => shield_parts(other, conditions),
    }
}

/// A condition with a division of its own is no shield, nor is one that may turn out differently the next time.
fn with(conditions: &[Expr], condition: Expr) -> Vec<Expr> {
    let mut all = conditions.to_vec();
    if !may_fail(&condition) && !condition.is_volatile() && !all.contains(&condition) {
        all.push(condition);
    }
    all
}

fn shield_parts(expr: Expr, conditions: &[Expr]) -> Expr {
    let shielded = expr.clone().map_children(|part| Ok(Transformed::yes(shield(part, conditions))));
    shielded.map_or(expr, |shielded| shielded.data)
}

/// Each branch under its own condition and the failure of those before it.
fn shield_case(case: Case, conditions: &[Expr]) -> Expr {
    let mut open = conditions.to_vec();
    let mut branches = Vec::with_capacity(case.when_then_expr.len());
    for (when, then) in case.when_then_expr {
        let holds = match &case.expr {
            Some(operand) => operand.as_ref().clone().eq(when.as_ref().clone()),
            None => when.as_ref().clone(),
        };
        let then = shield(*then, &with(&open, holds.clone()));
        branches.push((Box::new(shield(*when, &open)), Box::new(then)));
        open = with(&open, Expr::IsNotTrue(Box::new(holds)));
    }
    let expr = case.expr.map(|operand| Box::new(shield(*operand, conditions)));
    let otherwise = case.else_expr.map(|otherwise| Box::new(shield(*otherwise, &open)));
    Expr::Case(Case::new(expr, branches, otherwise))
}

fn shield_division(division: Expr, conditions: &[Expr]) -> Expr {
    let Expr::ScalarFunction(mut call) = shield_parts(division.clone(), conditions) else { return division };
    let dividend = call.args.swap_remove(0);
    call.args.push(shield_dividend(dividend, conditions));
    call.args.swap(0, 1);
    Expr::ScalarFunction(call)
}

/// A dividend that these conditions shield already stays as it is.
fn shield_dividend(dividend: Expr, conditions: &[Expr]) -> Expr {
    let is_literal_null = |expr: &Expr| matches!(expr, Expr::Literal(value, _) if value.is_null());
    if let Expr::Case(case) = &dividend
        && let [(when, _)] = case.when_then_expr.as_slice()
        && case.else_expr.as_deref().is_none_or(is_literal_null)
        && conditions
            .iter()
            .flat_map(split_conjunction)
            .all(|wanted| split_conjunction(when).contains(&wanted))
    {
        return dividend;
    }
    match conjunction(conditions.iter().cloned()) {
        Some(open) => Expr::Case(Case::new(None, vec![(Box::new(open), Box::new(dividend))], None)),
        None => dividend,
    }
}

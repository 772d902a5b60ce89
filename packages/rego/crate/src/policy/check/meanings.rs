//! Statements in which a variable has another meaning in regorus than in OPA.

use std::collections::BTreeSet;

use regorus::unstable::{AssignOp, Expr, Literal, LiteralStmt, Query};

use super::{refuse, Checked, Checker};
use crate::policy::syntax::{literal_parts, parts, Part};
use crate::policy::variables::{free_in, in_pattern};

impl Checker<'_, '_> {
    /// Checks the variables of the statements of a body, whose own scope has been entered.
    pub(super) fn meanings(&self, query: &Query) -> Checked {
        for (at, stmt) in query.stmts.iter().enumerate() {
            match &stmt.literal {
                Literal::SomeIn { key, value, collection, .. } => {
                    let mut names = key.as_ref().map(|key| in_pattern(key)).unwrap_or_default();
                    if let Some(name) = in_pattern(value).intersection(&names).next() {
                        return refuse(value.span(), format!("the variable {name} is there twice: compare two of them in a statement behind it"));
                    }
                    names.extend(in_pattern(value));
                    if let Some(name) = free_in(collection).intersection(&names).next() {
                        return refuse(collection.span(), format!("the variable {name} is on both sides of in: give one of them another name"));
                    }
                }
                Literal::Expr { expr, .. } => match &**expr {
                    Expr::AssignExpr { op: AssignOp::Eq, lhs, rhs, .. } => {
                        for (side, other) in [(lhs, rhs), (rhs, lhs)] {
                            let indices = in_indices(side);
                            let taken: BTreeSet<_> = free_in(other).difference(&in_indices(other)).cloned().collect();
                            let unbound = indices.intersection(&taken).find(|name| !self.is_bound_elsewhere(name, query, at));
                            if let Some(name) = unbound {
                                return refuse(
                                    side.span(),
                                    format!("{name} has its value of an index on the other side of this =: write ==, or assign that side in a statement before"),
                                );
                            }
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        Ok(())
    }

    fn is_bound_around(&self, name: &str) -> bool {
        self.bound.split_last().is_some_and(|(_, around)| around.iter().any(|names| names.contains(name)))
    }

    /// Whether a variable has a value from around the body, or of another of its statements.
    fn is_bound_elsewhere(&self, name: &str, query: &Query, at: usize) -> bool {
        self.names.global(name).is_some()
            || self.is_bound_around(name)
            || query.stmts.iter().enumerate().any(|(index, stmt)| index != at && binds(stmt, name))
    }
}

fn binds(stmt: &LiteralStmt, name: &str) -> bool {
    let patterns = match &stmt.literal {
        Literal::SomeIn { key, value, .. } => key.iter().chain([value]).collect(),
        Literal::Expr { expr, .. } => match &**expr {
            Expr::AssignExpr { op: AssignOp::Eq, lhs, rhs, .. } => vec![lhs, rhs],
            Expr::AssignExpr { op: AssignOp::ColEq, lhs, .. } => vec![lhs],
            _ => vec![],
        },
        Literal::SomeVars { .. } | Literal::NotExpr { .. } => return false,
        Literal::Every { .. } => vec![],
    };
    patterns.iter().any(|pattern| in_pattern(pattern).contains(name))
        || literal_parts(&stmt.literal).iter().any(|part| matches!(part, Part::Expr(expr) if in_indices(expr).contains(name)))
}

/// The variables that are indices in an expression, outside of comprehensions.
fn in_indices(expr: &Expr) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if let Expr::RefBrack { index, .. } = expr {
        names.extend(in_pattern(index));
    }
    if !matches!(expr, Expr::ArrayCompr { .. } | Expr::SetCompr { .. } | Expr::ObjectCompr { .. }) {
        for part in parts(expr) {
            if let Part::Expr(part) = part {
                names.extend(in_indices(part));
            }
        }
    }
    names
}

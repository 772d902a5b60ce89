//! Statements in which a variable has another meaning in regorus than in OPA.

use std::collections::BTreeSet;

use regorus::unstable::{AssignOp, Expr, Literal, LiteralStmt, Query};

use super::{refuse, Checked, Checker};
use crate::policy::names::declared;
use crate::policy::syntax::{literal_parts, parts, pattern_vars, var, Part};

impl Checker<'_, '_> {
    /// Checks the variables of the statements of a body, whose own scope has been entered.
    pub(super) fn meanings(&self, query: &Query) -> Checked {
        for (at, stmt) in query.stmts.iter().enumerate() {
            match &stmt.literal {
                Literal::SomeVars { vars, .. } => {
                    for span in vars {
                        if self.set.exports(&self.names.package).any(|rule| rule == span.text()) {
                            return refuse(span, format!("the package has a rule {0} too: give the variable another name", span.text()));
                        }
                    }
                }
                Literal::SomeIn { key: Some(key), value, .. } => {
                    let names = in_pattern(key);
                    if let Some(name) = in_pattern(value).intersection(&names).next() {
                        return refuse(value.span(), format!("the variable {name} is there twice: compare two of them in a statement behind it"));
                    }
                }
                Literal::Expr { expr, .. } => match &**expr {
                    Expr::AssignExpr { op: AssignOp::ColEq, lhs, rhs, .. } => {
                        let names = in_pattern(lhs);
                        if let Some(name) = free_in(rhs).intersection(&names).next() {
                            return refuse(lhs.span(), format!("the variable {name} is assigned from another {name}: give it another name"));
                        }
                    }
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

    /// Whether a variable has a value from around the body, or of another of its statements.
    fn is_bound_elsewhere(&self, name: &str, query: &Query, at: usize) -> bool {
        let (_, around) = self.bound.split_last().unwrap_or((&BTreeSet::new(), &[]));
        self.names.global(name).is_some()
            || around.iter().any(|names| names.contains(name))
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

fn in_pattern(pattern: &Expr) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    pattern_vars(pattern, &mut |name, _| {
        names.insert(name.to_string());
    });
    names.remove("_");
    names
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

/// The variables of an expression that it does not declare itself.
fn free_in(expr: &Expr) -> BTreeSet<String> {
    let mut names: BTreeSet<_> = var(expr).map(String::from).into_iter().collect();
    let mut own = BTreeSet::new();
    // What is called is no variable.
    let callee = usize::from(matches!(expr, Expr::Call { .. }));
    for part in parts(expr).into_iter().skip(callee) {
        match part {
            Part::Expr(part) => names.extend(free_in(part)),
            Part::Query(query) => {
                names.extend(free_in_query(query));
                own = declared(query);
            }
        }
    }
    names.retain(|name| name != "_" && !own.contains(name));
    names
}

fn free_in_query(query: &Query) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for stmt in &query.stmts {
        let mut of_stmt = BTreeSet::new();
        for part in literal_parts(&stmt.literal) {
            match part {
                Part::Expr(part) => of_stmt.extend(free_in(part)),
                Part::Query(body) => of_stmt.extend(free_in_query(body)),
            }
        }
        if let Literal::Every { key, value, .. } = &stmt.literal {
            key.iter().chain([value]).for_each(|span| {
                of_stmt.remove(span.text());
            });
        }
        stmt.with_mods.iter().for_each(|with| of_stmt.extend(free_in(&with.r#as)));
        names.extend(of_stmt);
    }
    let own = declared(query);
    names.retain(|name| !own.contains(name));
    names
}

//! Statements that give a variable its value of an index, and need that value or another one as well: as OPA does, what
//! they consist of is evaluated in statements of its own, each of which waits for what it needs alone. regorus would
//! evaluate them from left to right.

use regorus::unstable::{AssignOp, Expr, Ref};

use super::Printer;
use crate::policy::names::Names;
use crate::policy::syntax::{parts, Part};
use crate::policy::variables::{free_in, in_indices, in_pattern};

/// Whether a statement may be one of these: with the names, it is known.
pub(super) fn may_wait(expr: &Expr) -> bool {
    in_indices(expr).iter().any(|name| name != "_")
}

fn is_operation(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Call { .. } | Expr::BinExpr { .. } | Expr::BoolExpr { .. } | Expr::ArithExpr { .. } | Expr::Membership { .. }
    )
}

/// Whether an index gives a variable its value in it, beside something else that names a variable.
fn waits(expr: &Expr, names: &Names<'_>) -> bool {
    let is_local = |name: &String| name != "_" && names.global(name).is_none();
    let indices = in_indices(expr);
    if indices.iter().all(|name| name == "_" || names.is_assigned(name)) {
        return false;
    }
    // What is called is no variable.
    let callee = usize::from(matches!(expr, Expr::Call { .. }));
    let parts = parts(expr).into_iter().skip(callee);
    let with_variables: Vec<_> = parts
        .filter_map(|part| match part {
            Part::Expr(part) => free_in(part).iter().any(is_local).then_some(part),
            Part::Query(_) => None,
        })
        .collect();
    if with_variables.iter().any(|part| holds_operation(part)) {
        return true;
    }
    // Those that indices alone give their values are looked for in any order.
    let needs_more = |name: &String| is_local(name) && (!indices.contains(name) || names.is_assigned(name));
    with_variables.len() > 1 && free_in(expr).iter().any(needs_more)
}

/// Whether something is computed in it from a variable.
fn holds_operation(expr: &Expr) -> bool {
    is_operation(expr) && !free_in(expr).is_empty()
        || parts(expr).iter().any(|part| matches!(part, Part::Expr(part) if holds_operation(part)))
}

/// Whether it is made of others.
fn is_composed(expr: &Expr) -> bool {
    matches!(expr, Expr::Array { .. } | Expr::Set { .. } | Expr::Object { .. })
}

impl Printer<'_, '_> {
    /// Whether an index in what a comprehension is made of gives a variable its value.
    pub(super) fn looks_for(&self, term: &Expr) -> bool {
        in_indices(term).iter().any(|name| !self.names.is_assigned(name))
    }

    /// Gives what a comprehension is made of a name, behind the statements that look for it.
    pub(super) fn found(&mut self, term: &Ref<Expr>, last: &mut Vec<String>) -> String {
        let value = if self.value_waits(term) { self.operation(term, last) } else { self.aside(|this| this.expr(term)) };
        self.assigned(value, last)
    }

    fn value_waits(&self, value: &Expr) -> bool {
        (is_operation(value) || is_composed(value)) && waits(value, self.names)
    }

    /// Whether a statement has to be written in several.
    pub(super) fn waits(&self, expr: &Expr) -> bool {
        match expr {
            Expr::AssignExpr { op: AssignOp::ColEq, rhs, .. } => self.value_waits(rhs),
            Expr::AssignExpr { lhs, rhs, .. } => {
                let is_computed = |side: &Expr| is_operation(side) || (is_composed(side) && holds_operation(side));
                [lhs, rhs].into_iter().any(|side| is_computed(side) && waits(side, self.names))
                    || (self.compares(lhs, rhs) && waits(expr, self.names))
            }
            _ => is_operation(expr) && waits(expr, self.names),
        }
    }

    /// A statement whose operands are evaluated in front of it.
    pub(super) fn in_statements(&mut self, expr: &Ref<Expr>, before: &mut Vec<String>) -> String {
        let Expr::AssignExpr { op, lhs, rhs, .. } = &**expr else { return self.operation(expr, before) };
        if *op == AssignOp::ColEq {
            let lhs = self.aside(|this| this.expr(lhs));
            return format!("{lhs} := {}", self.operation(rhs, before));
        }
        let sign = if self.compares(lhs, rhs) { "==" } else { "=" };
        let [lhs, rhs] = [lhs, rhs].map(|side| self.aside(|this| this.operand(side, before)));
        format!("{lhs} {sign} {rhs}")
    }

    /// Whether an equation gives no variable a value but by an index.
    fn compares(&self, lhs: &Expr, rhs: &Expr) -> bool {
        in_pattern(lhs).union(&in_pattern(rhs)).all(|name| self.names.is_assigned(name))
    }
}

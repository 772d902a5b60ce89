//! Objects as patterns: the interpreter takes one with more fields too, OPA does not.

use std::collections::BTreeSet;

use regorus::unstable::{AssignOp, Expr, Ref};

use super::Printer;
use crate::policy::syntax::{pattern_vars, var};
use crate::policy::variables::{free_in, in_pattern};

/// An assignment to a pattern with an object in it, if a statement is one: the pattern, how, and the value.
pub(super) fn pattern_of(expr: &Expr) -> Option<(&Ref<Expr>, &'static str, &Ref<Expr>)> {
    let Expr::AssignExpr { op, lhs, rhs, .. } = expr else { return None };
    match (op, binds_in_object(lhs), binds_in_object(rhs)) {
        (AssignOp::ColEq, true, _) => Some((lhs, ":=", rhs)),
        (AssignOp::Eq, true, false) => Some((lhs, "=", rhs)),
        (AssignOp::Eq, false, true) => Some((rhs, "=", lhs)),
        _ => None,
    }
}

/// Whether an object in what can be a pattern has a variable in it; without one it is a value.
fn binds_in_object(expr: &Expr) -> bool {
    match expr {
        Expr::Array { items, .. } => items.iter().any(|item| binds_in_object(item)),
        Expr::Object { .. } => {
            let mut binds = false;
            pattern_vars(expr, &mut |_, _| binds = true);
            binds
        }
        _ => false,
    }
}

impl Printer<'_, '_> {
    /// An object as a pattern matches one of the same keys, which regorus does not ask for: gives the statements that
    /// do, to go behind this one.
    pub(super) fn match_pattern(
        &mut self,
        pattern: &Ref<Expr>,
        op: &'static str,
        value: &Ref<Expr>,
        withs: &str,
        before: &mut Vec<String>,
    ) -> Vec<String> {
        let name = match var(value) {
            Some(name) if self.names.global(name).is_none() => name.to_string(),
            _ => {
                let written = self.aside(|this| this.expr(value));
                let name = self.assigned(written, before);
                if let Some(assignment) = before.last_mut() {
                    assignment.push_str(withs);
                }
                name
            }
        };
        let mut guards = vec![];
        // It may be that the object gives a variable its value.
        if var(value).is_some_and(|name| !self.names.has_value(name)) {
            self.expr(pattern);
        } else {
            self.pattern(pattern, &in_pattern(pattern), &mut BTreeSet::new(), &mut guards);
        }
        self.out.push_str(&format!(" {op} {name}"));
        for guard in &mut guards {
            guard.push_str(withs);
        }
        self.guard(pattern, &name, &mut guards);
        guards
    }

    /// A pattern in which each of its variables stands once. What has to be the same as one of them is compared in a
    /// statement behind: regorus would want it to have a value before.
    fn pattern(&mut self, pattern: &Ref<Expr>, variables: &BTreeSet<String>, seen: &mut BTreeSet<String>, behind: &mut Vec<String>) {
        self.reach(pattern.span().start as usize);
        match &**pattern {
            Expr::Array { span, items, .. } => {
                self.members("[", items, "]", span, |this, item| this.pattern(item, variables, seen, behind));
            }
            Expr::Object { span, fields, .. } => {
                self.members("{", fields, "}", span, |this, (_, key, field)| {
                    this.expr(key);
                    this.out.push_str(": ");
                    this.pattern(field, variables, seen, behind);
                });
            }
            _ => {
                let is_again = match var(pattern) {
                    Some("_") => false,
                    Some(name) => !seen.insert(name.into()),
                    None => !free_in(pattern).is_disjoint(variables),
                };
                if is_again {
                    let written = self.aside(|this| this.expr(pattern));
                    let name = self.new_name();
                    self.out.push_str(&name);
                    behind.push(format!("{name} == {written}"));
                } else {
                    self.expr(pattern);
                }
            }
        }
    }

    pub(super) fn guard(&mut self, pattern: &Expr, at: &str, guards: &mut Vec<String>) {
        match pattern {
            Expr::Array { items, .. } => {
                for (index, item) in items.iter().enumerate() {
                    self.guard(item, &format!("{at}[{index}]"), guards);
                }
            }
            Expr::Object { fields, .. } => {
                let keys: Vec<_> = fields.iter().map(|(_, key, _)| self.aside(|this| this.expr(key))).collect();
                let set = if keys.is_empty() { "set()".into() } else { format!("{{{}}}", keys.join(", ")) };
                guards.push(format!("object.keys({at}) == {set}"));
                for ((_, _, field), key) in fields.iter().zip(keys) {
                    self.guard(field, &format!("{at}[{key}]"), guards);
                }
            }
            _ => {}
        }
    }

    /// A function's argument that is a pattern with an object: the variable to stand in its place, and what every body
    /// has to begin with.
    pub fn argument(&mut self, pattern: &Ref<Expr>, before: &mut Vec<String>) -> String {
        let name = self.new_name();
        let written = self.aside(|this| this.expr(pattern));
        before.push(format!("{name} = {written}"));
        self.guard(pattern, &name, before);
        name
    }
}

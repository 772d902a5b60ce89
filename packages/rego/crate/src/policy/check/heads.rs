//! What stands in the head of a rule.

use std::collections::BTreeSet;

use regorus::unstable::{Expr, Ref, RuleBody, RuleHead};

use super::{refuse, Checked, Checker, Position};
use crate::policy::syntax::{head_ref, parts, path, Part, Step};
use crate::policy::variables::{bindable, in_indices};

/// The variables that a head has as indices: behind a body, they have their values of these.
pub(super) fn looked_for(head: &RuleHead, values: &[&Ref<Expr>]) -> BTreeSet<String> {
    let mut names: BTreeSet<_> = values.iter().flat_map(|value| in_indices(value)).collect();
    for step in path(head_ref(head)).steps {
        if let Step::Index(index) = step {
            names.extend(in_indices(index));
        }
    }
    names
}

impl Checker<'_, '_> {
    /// The variables that can have a value in a body: `looked_for` has those of the head, unless the body has its own.
    pub(super) fn bound_in(&self, body: &RuleBody, looked_for: &BTreeSet<String>) -> BTreeSet<String> {
        let mut bound = bindable(&body.query.stmts, self.names);
        if !body.query.stmts.is_empty() {
            match &body.assign {
                Some(assign) => bound.extend(in_indices(&assign.value)),
                None => bound.extend(looked_for.iter().cloned()),
            }
        }
        bound
    }

    /// A default value is there before anything is evaluated.
    pub(super) fn default(&mut self, value: &Ref<Expr>) -> Checked {
        match &**value {
            Expr::ArrayCompr { .. } | Expr::SetCompr { .. } | Expr::ObjectCompr { .. } => {
                self.expr(value, Position::Inside)
            }
            Expr::String { .. } | Expr::RawString { .. } | Expr::Number { .. } | Expr::Bool { .. } | Expr::Null { .. } => {
                Ok(())
            }
            Expr::UnaryExpr { expr, .. } if matches!(**expr, Expr::Number { .. }) => Ok(()),
            Expr::Array { .. } | Expr::Set { .. } | Expr::Object { .. } => {
                parts(value).iter().try_for_each(|part| match part {
                    Part::Expr(part) => self.default(part),
                    Part::Query(_) => Ok(()),
                })
            }
            _ => refuse(
                value.span(),
                "the value of a default is a constant; give the rule another definition for what is computed",
            ),
        }
    }
}

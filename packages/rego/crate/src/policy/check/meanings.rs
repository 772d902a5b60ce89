//! Statements in which a variable has another meaning in regorus than in OPA.

use std::collections::BTreeSet;

use regorus::unstable::{AssignOp, Expr, Literal, Query, Ref};

use super::{refuse, Checked, Checker};
use crate::policy::lines::Edit;
use crate::policy::names::declared;
use crate::policy::rewrite::extent;
use crate::policy::syntax::{declared_vars, pattern_vars, Part};
use crate::policy::variables::{bindable, collect_vars, free_in, in_indices, in_pattern};

/// The variables that a body declares, and those of them that are declared with a value.
struct Own {
    declared: BTreeSet<String>,
    given: BTreeSet<String>,
}

impl Own {
    fn new(query: &Query) -> Self {
        let mut given = BTreeSet::new();
        for stmt in &query.stmts {
            if !matches!(stmt.literal, Literal::SomeVars { .. }) {
                declared_vars(&stmt.literal, &mut |name, _| {
                    given.insert(name.to_string());
                });
            }
        }
        Self { declared: declared(query), given }
    }
}

impl Checker<'_, '_> {
    /// Checks the variables of the statements of a body, whose own scope has been entered.
    pub(super) fn meanings(&mut self, query: &Query) -> Checked {
        let own = Own::new(query);
        for (at, stmt) in query.stmts.iter().enumerate() {
            match &stmt.literal {
                Literal::SomeIn { key, value, collection, .. } => {
                    let mut names = key.as_ref().map(|key| in_pattern(key)).unwrap_or_default();
                    if let Some(name) = in_pattern(value).intersection(&names).next() {
                        return refuse(value.span(), format!("the variable {name} is there twice: compare two of them in a statement behind it"));
                    }
                    names.extend(in_pattern(value));
                    let free = free_in(collection);
                    let mut all = BTreeSet::new();
                    collect_vars(&Part::Expr(collection), &mut all);
                    // Within a comprehension it is another one, unless there is one around.
                    if let Some(name) = all.intersection(&names).find(|name| free.contains(*name) || self.is_bound_around(name)) {
                        return refuse(collection.span(), format!("the variable {name} is on both sides of in: give one of them another name"));
                    }
                }
                Literal::Expr { expr, .. } => {
                    if let Expr::AssignExpr { op: AssignOp::Eq, lhs, rhs, .. } = &**expr {
                        self.equation(&own, query, at, lhs, rhs)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What a body around declares and gives no value is a variable of this one alone, which looks for it.
    pub(super) fn own_variables<'n>(&mut self, query: &Query, looked_for: impl Iterator<Item = &'n String>) {
        let own = declared(query);
        let is_own = |name: &&String| !own.contains(*name) && !self.bound.iter().any(|names| names.contains(*name));
        let names: Vec<_> = looked_for.filter(is_own).map(String::as_str).collect();
        let Some(first) = query.stmts.first() else { return };
        let (start, _) = extent(&first.span);
        let contents = query.span.source.get_contents();
        // There may be another edit where the statement begins.
        let before = contents.get(..start).and_then(|text| text.chars().next_back());
        match before {
            Some(sign) if !names.is_empty() && (sign.is_ascii_whitespace() || matches!(sign, '|' | '{')) => {
                let text = format!("{sign}some {}; ", names.join(", "));
                self.edits.insert(start - 1, Edit::new(start - 1, start, text));
            }
            _ => {}
        }
    }

    /// An equation in which a side uses what the other has as an index compares the two for each index. regorus would
    /// compare before it has one.
    fn equation(&mut self, own: &Own, query: &Query, at: usize, lhs: &Ref<Expr>, rhs: &Ref<Expr>) -> Checked {
        let (left, right) = (in_indices(lhs), in_indices(rhs));
        let others = |name: &str| bindable(query.stmts.iter().enumerate().filter(|(index, _)| *index != at).map(|(_, stmt)| stmt), self.names).contains(name);
        for (side, other) in [(lhs, rhs), (rhs, lhs)] {
            let stuck = in_pattern(other).intersection(&computed(side)).find(|name| {
                !left.contains(*name) && !right.contains(*name) && !self.has_value(name, own) && !others(name)
            }).cloned();
            if let Some(name) = stuck {
                return refuse(side.span(), format!("{name} is needed here before the other side of this = gives it a value: assign a value to it in a statement before"));
            }
        }
        let is_free = |name: &&String| !self.has_value(name, own);
        let unbound = [(lhs, &left, rhs, &right), (rhs, &right, lhs, &left)].into_iter().find_map(|(side, indices, other, others)| {
            let used: BTreeSet<_> = free_in(other).difference(others).cloned().collect();
            let name = indices.intersection(&used).find(is_free).cloned();
            name.map(|name| (side, name))
        });
        let Some((side, name)) = unbound else { return Ok(()) };
        // What is computed on the left is computed first.
        let mut is_comparison = computed(lhs).intersection(&right).all(|name| self.has_value(name, own));
        for pattern in [lhs, rhs] {
            pattern_vars(pattern, &mut |name, _| {
                is_comparison &= left.contains(name) || right.contains(name) || (name != "_" && self.has_value(name, own));
            });
        }
        let (from, to) = (extent(lhs.span()).1, extent(rhs.span()).0);
        let between = lhs.span().source.get_contents().get(from..to).filter(|text| is_comparison && !text.contains('#'));
        match between.and_then(|text| text.find('=')) {
            Some(at) => {
                self.edits.insert(from + at, Edit::new(from + at, from + at + 1, "==".into()));
                Ok(())
            }
            // The sides are written as statements of their own.
            None if in_pattern(lhs).is_empty() && in_pattern(rhs).is_empty() => Ok(()),
            None => refuse(
                side.span(),
                format!("{name} has its value of an index on the other side of this =: assign that side in a statement before"),
            ),
        }
    }

    /// Whether a name has a value before an equation in the body is evaluated, wherever that stands.
    fn has_value(&self, name: &str, own: &Own) -> bool {
        if own.declared.contains(name) {
            own.given.contains(name)
        } else {
            self.names.global(name).is_some() || self.is_bound_around(name)
        }
    }

    pub(super) fn is_bound_around(&self, name: &str) -> bool {
        self.bound.split_last().is_some_and(|(_, around)| around.iter().any(|names| names.contains(name)))
    }
}

/// The variables that an expression needs a value of to be computed: what calls and operators are given, and what stands
/// in an index that is no variable itself.
fn computed(expr: &Expr) -> BTreeSet<String> {
    match expr {
        Expr::Var { .. } => BTreeSet::new(),
        Expr::Array { items, .. } => items.iter().flat_map(|item| computed(item)).collect(),
        Expr::Object { fields, .. } => {
            fields.iter().flat_map(|(_, key, value)| free_in(key).into_iter().chain(computed(value))).collect()
        }
        Expr::RefDot { refr, .. } => computed(refr),
        Expr::RefBrack { refr, index, .. } => computed(refr).into_iter().chain(computed(index)).collect(),
        _ => free_in(expr).difference(&in_indices(expr)).cloned().collect(),
    }
}

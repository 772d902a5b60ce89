//! Whether two things can be of one type, and which type variables have then.

use regorus::unstable::{Expr, Ref, Span};

use super::{key_of, refuse, Checked, Inference};
use crate::policy::syntax::{parts, Part};
use crate::policy::types::{Key, Type};

impl Inference<'_, '_> {
    pub(super) fn assert(&mut self, term: &Ref<Expr>, wanted: &Type) -> Checked {
        if self.unify(term, wanted, false) {
            return Ok(());
        }
        let found = self.type_of(term).map_or("this", |found| found.name());
        refuse(term.span(), format!("{found} is never {}", wanted.name()))
    }

    pub(super) fn equate(&mut self, span: &Span, lhs: &Ref<Expr>, rhs: &Ref<Expr>) -> Checked {
        let [left, right] = [self.type_of(lhs), self.type_of(rhs)];
        let matches = match (&left, &right) {
            (None, Some(right)) => self.unify(lhs, right, false),
            (Some(left), None) => self.unify(rhs, left, false),
            (Some(left), Some(right)) => left.unifies(right),
            (None, None) => self.equate_open(lhs, rhs),
        };
        if matches {
            return Ok(());
        }
        let [left, right] = [left, right].map(|side| side.map_or("this", |side| side.name()));
        refuse(span, format!("this never holds: {left} is never {right}, or not such a one"))
    }

    /// Two patterns with variables that are not known yet.
    pub(super) fn equate_open(&mut self, lhs: &Ref<Expr>, rhs: &Ref<Expr>) -> bool {
        if let (Expr::Array { items: one, .. }, Expr::Array { items: two, .. }) = (&**lhs, &**rhs) {
            if one.len() != two.len() {
                return false;
            }
            return one.iter().zip(two).all(|(one, two)| self.equate(one.span(), one, two).is_ok());
        }
        self.unify(lhs, &Type::Any, false);
        self.unify(rhs, &Type::Any, false);
        true
    }

    /// Whether a term can be of a type; variables without one are given it.
    pub(super) fn unify(&mut self, term: &Ref<Expr>, wanted: &Type, joins: bool) -> bool {
        match (&**term, wanted) {
            (Expr::Var { span, .. }, _) if self.names.global(span.text()).is_none() => {
                let name = span.text();
                match self.variable(name) {
                    Some(known) if !joins => known.unifies(wanted),
                    Some(known) => self.set_variable(name, known.or(wanted.clone())),
                    None => self.set_variable(name, wanted.clone()),
                }
            }
            (Expr::Array { items, .. }, Type::Array(known, others)) => {
                (items.len() == known.len() || others.is_some())
                    && items.iter().enumerate().all(|(index, item)| {
                        let wanted = wanted.select(&Key::Number(index.to_string()));
                        wanted.is_some_and(|wanted| self.unify(item, &wanted, joins))
                    })
            }
            (Expr::Object { fields, .. }, Type::Object(known, others)) => {
                (fields.len() == known.len() || others.is_some())
                    && fields.iter().all(|(_, key, value)| match key_of(key) {
                        Some(key) => wanted.select(&key).is_some_and(|wanted| self.unify(value, &wanted, joins)),
                        None => {
                            self.unify(value, &Type::Any, joins);
                            true
                        }
                    })
            }
            (Expr::Set { items, .. }, Type::Set(wanted)) => items.iter().all(|item| self.unify(item, wanted, joins)),
            (Expr::Array { .. } | Expr::Object { .. } | Expr::Set { .. }, Type::Any) => {
                for part in parts(term) {
                    if let Part::Expr(part) = part {
                        self.unify(part, &Type::Any, true);
                    }
                }
                true
            }
            (Expr::Array { .. } | Expr::Object { .. } | Expr::Set { .. }, Type::Union(options)) => {
                let mut is_any = false;
                for option in options {
                    is_any |= self.unify(term, option, true);
                }
                is_any
            }
            (Expr::Array { .. } | Expr::Object { .. } | Expr::Set { .. }, _) => false,
            // What is computed is a variable of its own in OPA, and inside of something that can be one of several
            // types it takes whichever is wanted.
            _ if joins && key_of(term).is_none() => true,
            _ => self.type_of(term).is_none_or(|found| found.unifies(wanted)),
        }
    }
}

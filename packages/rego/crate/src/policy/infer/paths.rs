//! The types of what is named: paths, and functions that are called.

use regorus::unstable::{Expr, Ref, Span};

use super::{key_of, refuse, Checked, Inference, Inferred};
use crate::policy::signatures::SIGNATURES;
use crate::policy::syntax::{path, var, Path, Step};
use crate::policy::types::{read_type, Key, Type};

impl Inference<'_, '_> {
    pub(super) fn type_of_path(&self, expr: &Ref<Expr>) -> Inferred {
        let whole = path(expr);
        let (mut found, rest) = self.base(&whole)?;
        for step in rest {
            let next = match step {
                Step::Name(name) => found.select(&Key::Text(name.to_string())),
                Step::Index(index) => match key_of(index) {
                    Some(key) => found.select(&key),
                    None => found.values(),
                },
            };
            found = next?;
        }
        Some(found)
    }

    /// The type of what a path begins with, and the steps that go on from there.
    pub(super) fn base<'p>(&self, whole: &Path<'p>) -> Option<(Type, Vec<Step<'p>>)> {
        let Some(name) = var(whole.head) else {
            // A call, or a composite: known where it was checked.
            return Some((Type::Any, vec![]));
        };
        let Some(global) = self.names.global(name) else {
            return self.variable(name).map(|found| (found, whole.steps.clone()));
        };
        if global.first().is_none_or(|root| root != "data") {
            return Some((Type::Any, vec![]));
        }
        let mut at = 0;
        for name in &global[1..] {
            match self.set.places[at].children.get(name) {
                Some(next) if !self.known.values.contains_key(&at) => at = *next,
                _ => return Some((Type::Any, vec![])),
            }
        }
        for index in 0..=whole.steps.len() {
            let place = &self.set.places[at];
            match self.known.values.get(&at) {
                Some(found) if place.children.is_empty() => return Some((found.clone(), whole.steps[index..].to_vec())),
                // Rules inside it add to it.
                Some(_) => break,
                None => {}
            }
            match whole.steps.get(index) {
                Some(Step::Name(name)) if place.children.contains_key(*name) => at = place.children[*name],
                _ => break,
            }
        }
        Some((Type::Any, vec![]))
    }

    pub(super) fn path(&mut self, expr: &Ref<Expr>) -> Checked<Inferred> {
        let whole = path(expr);
        let mut head = expr;
        while let Expr::RefDot { refr, .. } | Expr::RefBrack { refr, .. } = &**head {
            head = refr;
        }
        let start = if var(head).is_some() { None } else { self.expr(head)? };
        for step in &whole.steps {
            if let Step::Index(index) = step {
                self.expr(index)?;
            }
        }
        let found = match start {
            Some(start) => Some((start, whole.steps.clone())),
            None => self.base(&whole),
        };
        let Some((mut found, rest)) = found else { return Ok(None) };
        for step in rest {
            let Some(keys) = found.keys() else {
                return refuse(expr.span(), format!("there is nothing in {}, and it has no fields", found.name()));
            };
            let next = match step {
                Step::Name(name) => found.select(&Key::Text(name.to_string())),
                Step::Index(index) => match key_of(index) {
                    Some(key) => found.select(&key),
                    None if self.unify(index, &keys, false) => found.values(),
                    None => None,
                },
            };
            match next {
                Some(next) => found = next,
                None => return refuse(expr.span(), format!("this has never a value: there is no such key in {}", found.name())),
            }
        }
        Ok(Some(found))
    }

    /// What a function takes and gives.
    pub(super) fn signature(&self, fcn: &Ref<Expr>) -> Option<(Vec<Type>, Inferred)> {
        let names = path(fcn).constant()?;
        if let Some(target) = self.names.resolve(&names) {
            let (args, result) = self.known.functions.get(&self.set.find(&target)?)?;
            return Some((args.clone(), Some(result.clone())));
        }
        let name = names.join(".");
        let at = SIGNATURES.binary_search_by(|(other, ..)| (*other).cmp(&name)).ok()?;
        let (_, args, result) = SIGNATURES[at];
        let args = args.split(' ').filter(|arg| !arg.is_empty()).map(read_type).collect();
        Some((args, (!result.is_empty()).then(|| read_type(result))))
    }

    pub(super) fn call(&mut self, span: &Span, fcn: &Ref<Expr>, params: &[Ref<Expr>]) -> Checked<Inferred> {
        for param in params {
            self.expr(param)?;
        }
        let Some((args, result)) = self.signature(fcn) else { return Ok(Some(Type::Any)) };
        for (param, wanted) in params.iter().zip(args.iter().chain(&result)) {
            if !self.unify(param, wanted, false) {
                let found = self.type_of(param).map_or("this", |found| found.name());
                let name = path(fcn).constant().unwrap_or_default().join(".");
                return refuse(span, format!("{name} takes {} here, never {found}", wanted.name()));
            }
        }
        Ok(result)
    }
}

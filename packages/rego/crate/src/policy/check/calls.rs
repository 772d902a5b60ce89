//! What is called, and what is named in the place of a function.

use regorus::unstable::{Expr, Ref, Span, WithModifier};

use super::{refuse, Checked, Checker, Position};
use crate::policy::declarations::{builtin_arity, is_ours_alone, is_own_function};
use crate::policy::lines::Edit;
use crate::policy::names::PRINT;
use crate::policy::rewrite::extent;
use crate::policy::syntax::{path, text, Step};
use crate::policy::Refusal;
use crate::regexes::{self, Wrong};

impl Checker<'_, '_> {
    /// A replacement: of `input`, of `data`, or of a part of them, or of a function.
    pub(super) fn with(&mut self, with: &WithModifier) -> Checked {
        let Some(names) = path(&with.refr).constant() else {
            return refuse(with.refr.span(), "what is replaced has to be spelled out");
        };
        let target = self.names.resolve(&names);
        let shown = names.join(".");
        if let (None, Some(arity)) = (&target, builtin_arity(&shown)) {
            if is_ours_alone(&shown) || matches!(shown.as_str(), "print" | "walk") {
                return refuse(with.refr.span(), format!("the builtin function {shown} cannot be replaced here"));
            }
            return self.replacement(&with.r#as, arity);
        }
        let Some(target) = target else {
            return refuse(with.refr.span(), format!("there is no {shown} to replace: only input, data and functions can be"));
        };
        if let Some(at) = self.set.find(&target) {
            self.reached.entry(at).or_insert_with(|| with.refr.span().clone());
        }
        // A rule above the target would keep its value.
        for length in 2..target.len() {
            let Some(at) = self.set.find(&target[..length]) else { break };
            if !self.set.places[at].rules.is_empty() {
                return refuse(with.refr.span(), format!("a part of the rule {} cannot be replaced", target[..length].join(".")));
            }
        }
        if let Some(arity) = self.set.arity(&target) {
            return self.replacement(&with.r#as, arity);
        }
        self.expr(&with.r#as, Position::Inside)
    }

    /// What stands in the place of a function: a value, or a function with as many arguments.
    pub(super) fn replacement(&mut self, value: &Ref<Expr>, arity: usize) -> Checked {
        let Some(names) = path(value).constant() else { return self.expr(value, Position::Inside) };
        match self.names.resolve(&names) {
            Some(target) => match self.set.arity(&target) {
                Some(other) if other != arity => {
                    refuse(value.span(), format!("a function of {arity} arguments cannot be replaced by one of {other}"))
                }
                Some(_) => {
                    if let Some(at) = self.set.find(&target) {
                        self.reached.entry(at).or_insert_with(|| value.span().clone());
                    }
                    Ok(())
                }
                None => self.expr(value, Position::Inside),
            },
            None => match builtin_arity(&names.join(".")) {
                Some(_) if is_ours_alone(&names.join(".")) => {
                    refuse(value.span(), "this builtin function cannot stand in for another; call it in a function of your own")
                }
                Some(other) if other != arity => {
                    refuse(value.span(), format!("a function of {arity} arguments cannot be replaced by one of {other}"))
                }
                Some(_) => Ok(()),
                None => self.expr(value, Position::Inside),
            },
        }
    }

    /// A function has no value of its own.
    pub(super) fn function_without_call(&self, expr: &Ref<Expr>, base: &[String], steps: &[Step<'_>]) -> Checked {
        let mut target = base.to_vec();
        target.extend(steps.iter().map_while(|step| match step {
            Step::Name(name) => Some((*name).to_string()),
            Step::Index(_) => None,
        }));
        for length in 2..=target.len() {
            let Some(at) = self.set.find(&target[..length]) else { break };
            if self.set.places[at].rules.iter().any(|rule| rule.arity.is_some()) {
                return refuse(expr.span(), format!("{} is a function, and is not called here", target[..length].join(".")));
            }
        }
        Ok(())
    }

    /// A regular expression that is spelled out is valid: the call of another has no value, and its negation is true.
    pub(super) fn regular_expression(&self, fcn: &Ref<Expr>, params: &[Ref<Expr>]) -> Checked {
        let place = match path(fcn).constant().as_deref() {
            Some(["regex", "match" | "split" | "find_n" | "find_all_string_submatch_n"]) => 0,
            Some(["regex", "replace"]) => 1,
            _ => return Ok(()),
        };
        let Some(pattern) = params.get(place) else { return Ok(()) };
        match text(pattern).map(regexes::compile) {
            Some(Err(Wrong::Invalid)) => refuse(pattern.span(), "the regular expression is not valid"),
            Some(Err(Wrong::Unsupported(why))) => refuse(pattern.span(), why),
            _ => Ok(()),
        }
    }

    /// Whether the last argument takes the result.
    pub(super) fn call(&mut self, span: &Span, fcn: &Ref<Expr>, given: usize, position: Position) -> Result<bool, Refusal> {
        let Some(names) = path(fcn).constant() else {
            return refuse(span, "a function is called by its name");
        };
        let shown = names.join(".");
        if shown == PRINT && position != Position::Statement && self.names.global(PRINT).is_none() {
            return refuse(span, "print is a statement of its own: it has no value");
        }
        let (wanted, takes_result) = match self.names.resolve(&names) {
            Some(target) => {
                let Some(wanted) = self.set.arity(&target) else {
                    if given == 0 && self.set.find(&target).is_some() {
                        // The value of a rule.
                        let (from, to) = (extent(fcn.span()).1, span.end as usize);
                        self.edits.insert(from, Edit::new(from, to, String::new()));
                        self.expr(fcn, Position::Inside)?;
                        return Ok(false);
                    }
                    return refuse(span, format!("there is no function {shown} (it would be {})", target.join(".")));
                };
                if let Some(at) = self.set.find(&target) {
                    self.reached.entry(at).or_insert_with(|| span.clone());
                }
                // regorus knows by these two ways alone that there is an argument too many.
                let is_known = names[0] == "data" || target.len() == self.names.package.len() + names.len();
                (wanted, is_known)
            }
            None => {
                let Some(wanted) = builtin_arity(&shown) else {
                    return refuse(span, format!("there is no function {shown}"));
                };
                (wanted, !is_own_function(&shown))
            }
        };
        let is_result = given == wanted.saturating_add(1) && position != Position::Inside;
        if wanted == usize::MAX || given == wanted || (is_result && takes_result) {
            return Ok(is_result);
        }
        let hint = if is_result { ", and its result is assigned with :=" } else { "" };
        refuse(span, format!("{shown} has {wanted} arguments here, not {given}{hint}"))
    }
}

//! What is called by which name.

use regorus::unstable::{Expr, Ref};

use super::{spelled_out, walks, Printer, WALK};
use crate::policy::syntax::path;

impl Printer<'_, '_> {
    /// What is called, and what stands behind the arguments: `walk` with one is each of the values that it gives. A
    /// function of the policies with that name has to be called by its whole path.
    pub(super) fn call(&mut self, expr: &Expr, fcn: &Ref<Expr>) -> (String, &'static str) {
        if !walks(expr) {
            return (self.aside(|this| this.callee(fcn)), "");
        }
        match self.names.global("walk") {
            Some(_) => (self.aside(|this| this.whole_path(fcn)), ""),
            None => (WALK.into(), "[_]"),
        }
    }

    /// A function's name, spelled out if that is asked for.
    pub(super) fn callee(&mut self, fcn: &Ref<Expr>) {
        if self.spells_out_calls { self.whole_path(fcn) } else { self.expr(fcn) }
    }

    /// A path from `data` or `input` on, if it is one of those.
    pub(super) fn whole_path(&mut self, refr: &Ref<Expr>) {
        match path(refr).constant().and_then(|names| self.names.resolve(&names)) {
            Some(whole) => self.out.push_str(&spelled_out(&whole)),
            None => self.expr(refr),
        }
    }

    /// Moves a value to a statement: gives the name that it has there.
    pub fn lifted(&mut self, expr: &Ref<Expr>, before: &mut Vec<String>) -> String {
        let value = self.aside(|this| this.expr(expr));
        self.assigned(value, before)
    }
}

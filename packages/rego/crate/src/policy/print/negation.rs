//! Negated expressions: their operands are evaluated before them.

use regorus::unstable::{AssignOp, BoolOp, Expr, Ref};

use super::{function_of, operator, quoted, walks, Printer, MEMBER, MEMBER_AT};
use crate::policy::syntax::{is_path, path, var, Step};

impl Printer<'_, '_> {
    /// The operands of a negated expression have a value, or the whole has none; it alone is negated.
    pub(super) fn negated(&mut self, expr: &Ref<Expr>, before: &mut Vec<String>) {
        let is_equation = matches!(
            &**expr,
            Expr::BoolExpr { op: BoolOp::Eq, .. } | Expr::AssignExpr { op: AssignOp::Eq, .. }
        );
        match &**expr {
            Expr::BoolExpr { lhs, rhs, .. } | Expr::AssignExpr { lhs, rhs, .. } if is_equation => {
                let [lhs, rhs] = [lhs, rhs].map(|side| self.aside(|this| this.side(side, before)));
                self.out.push_str(&format!("{lhs} == {rhs}"));
            }
            _ if is_path(expr) => self.path(expr, before),
            _ if walks(expr) => self.operand(expr, before),
            _ => {
                let written = self.operation(expr, before);
                self.out.push_str(&written);
            }
        }
    }

    /// A side of an equation, which may have no value if it is a path.
    pub(super) fn side(&mut self, expr: &Ref<Expr>, before: &mut Vec<String>) {
        if is_path(expr) {
            self.path(expr, before);
        } else {
            self.operand(expr, before);
        }
    }

    /// A path whose computed steps are evaluated before.
    pub(super) fn path(&mut self, expr: &Ref<Expr>, before: &mut Vec<String>) {
        let whole = path(expr);
        match var(whole.head) {
            Some(name) => self.out.push_str(name),
            None => {
                let mut at = expr;
                while let Expr::RefDot { refr, .. } | Expr::RefBrack { refr, .. } = &**at {
                    at = refr;
                }
                let head = self.aside(|this| this.operand(at, before));
                let head = self.assigned(head, before);
                self.out.push_str(&head);
            }
        }
        for step in whole.steps {
            let index = match step {
                Step::Name(name) => quoted(name),
                Step::Index(index) => self.aside(|this| this.operand(index, before)),
            };
            self.out.push_str(&format!("[{index}]"));
        }
    }

    /// A value that has to be there: a variable, a constant, or what is made of these.
    pub(super) fn operand(&mut self, expr: &Ref<Expr>, before: &mut Vec<String>) {
        match &**expr {
            Expr::Var { span, .. } if self.names.global(span.text()).is_none() => self.out.push_str(span.text()),
            _ if is_path(expr) => {
                let written = self.aside(|this| this.path(expr, before));
                let name = self.assigned(written, before);
                self.out.push_str(&name);
            }
            Expr::Call { .. }
            | Expr::BinExpr { .. }
            | Expr::BoolExpr { .. }
            | Expr::ArithExpr { .. }
            | Expr::AssignExpr { .. }
            | Expr::Membership { .. } => {
                let written = self.operation(expr, before);
                let name = self.assigned(written, before);
                self.out.push_str(&name);
            }
            Expr::ArrayCompr { .. } | Expr::SetCompr { .. } | Expr::ObjectCompr { .. } => {
                let written = self.aside(|this| this.expr(expr));
                let name = self.assigned(written, before);
                self.out.push_str(&name);
            }
            _ => {
                let written = self.operation(expr, before);
                self.out.push_str(&written);
            }
        }
    }

    /// An expression whose operands are evaluated before.
    pub(super) fn operation(&mut self, expr: &Ref<Expr>, before: &mut Vec<String>) -> String {
        match &**expr {
            Expr::Array { items, .. } => format!("[{}]", self.operands(items, before)),
            Expr::Set { items, .. } if !items.is_empty() => format!("{{{}}}", self.operands(items, before)),
            Expr::Object { fields, .. } => {
                let mut written = vec![];
                for (_, key, value) in fields {
                    let [key, value] = [key, value].map(|part| self.aside(|this| this.operand(part, before)));
                    written.push(format!("{key}: {value}"));
                }
                format!("{{{}}}", written.join(", "))
            }
            Expr::Call { fcn, params, .. } => {
                let params = self.operands(params, before);
                let (callee, behind) = self.call(expr, fcn);
                format!("{callee}({params}){behind}")
            }
            Expr::Membership { key, value, collection, .. } => {
                let operands: Vec<_> = key.iter().chain([value, collection]).cloned().collect();
                format!("{}({})", if key.is_some() { MEMBER_AT } else { MEMBER }, self.operands(&operands, before))
            }
            Expr::BinExpr { lhs, rhs, .. } | Expr::ArithExpr { lhs, rhs, .. } => {
                format!("{}({})", function_of(expr), self.operands(&[lhs.clone(), rhs.clone()], before))
            }
            Expr::BoolExpr { lhs, rhs, .. }
            | Expr::AssignExpr { lhs, rhs, .. } => {
                let [lhs, rhs] = [lhs, rhs].map(|side| self.aside(|this| this.operand(side, before)));
                format!("({lhs} {} {rhs})", operator(expr))
            }
            _ => self.aside(|this| this.expr(expr)),
        }
    }

    pub(super) fn operands(&mut self, items: &[Ref<Expr>], before: &mut Vec<String>) -> String {
        let items = items.iter().map(|item| self.aside(|this| this.operand(item, before)));
        items.collect::<Vec<_>>().join(", ")
    }
}

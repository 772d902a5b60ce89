//! Writes expressions and statements again, as the interpreter has to read them so that it means what OPA means.
//!
//! OPA evaluates the operands of a negated expression before it, so that the body has no value when one of them has
//! none. regorus evaluates them inside, where a value that is missing makes the negation true. So they are assigned
//! to variables in front of it. What is written has as many lines as the text had, so that places stay what they are.

mod calls;
mod meaning;
mod negation;
mod patterns;
mod waiting;

use regorus::unstable::{ArithOp, AssignOp, BinOp, BoolOp, Expr, Literal, LiteralStmt, Query, Ref, Span};

use super::lines::Lines;
use super::names::Names;
use super::syntax::{is_path, object_pattern, path, pattern_vars, text};
use meaning::{is_collection, walks};
pub use meaning::{is_constant, is_meant_otherwise, is_stmt_meant_otherwise, iterates};
use patterns::pattern_of;

/// The functions that operators are; regorus has other answers than OPA for what is missing or of another kind.
pub const MEMBER: &str = "internal.member_2";
pub const MEMBER_AT: &str = "internal.member_3";
pub const UNION: &str = "internal.union";
pub const INTERSECTION: &str = "internal.intersection";
pub const ITEMS: &str = "internal.items";
/// All that `walk` gives, as an array.
pub const WALK: &str = "internal.walk";
pub const ARITHMETIC: [&str; 5] = ["internal.plus", "internal.minus", "internal.mul", "internal.div", "internal.rem"];

/// What names of variables that are written here begin with.
pub const OWN_PREFIX: &str = "__own";

/// No line: what is written stands elsewhere than it did.
const ASIDE: usize = usize::MAX;

pub struct Printer<'n, 'd> {
    names: &'n mut Names<'d>,
    /// Functions that a `with` anywhere replaces have to be called by their whole path everywhere.
    spells_out_calls: bool,
    lines: &'n Lines,
    out: String,
    /// The line of the text that has been reached.
    line: usize,
    variables: &'n mut usize,
}

impl<'n, 'd> Printer<'n, 'd> {
    /// Begins at an offset of the text; `variables` counts those that were made up.
    pub fn new(
        names: &'n mut Names<'d>,
        spells_out_calls: bool,
        lines: &'n Lines,
        start: usize,
        variables: &'n mut usize,
    ) -> Self {
        Self { names, spells_out_calls, lines, out: String::new(), line: lines.line(start), variables }
    }

    /// What was written, with as many lines as the text has until an offset.
    pub fn finish(mut self, end: usize) -> String {
        self.reach(end);
        self.out
    }

    /// A body of one statement without braces, with others in front of it and behind.
    pub fn body(&mut self, stmt: &LiteralStmt, first: &str, last: &str) {
        self.out.push_str("{ ");
        self.stmt(stmt, first);
        self.out.push_str(last);
        self.out.push_str(" }");
    }

    /// A statement, and those that go before it, others in front.
    pub fn stmt(&mut self, stmt: &LiteralStmt, first: &str) {
        self.out.push_str(first);
        let mut before = vec![];
        let withs = self.withs(stmt, &mut before);
        let start = self.out.len();
        let mut after = vec![];
        match &stmt.literal {
            Literal::NotExpr { expr, .. } => {
                let mut operands = vec![];
                let negated = self.aside(|this| this.negated(expr, &mut operands));
                before.extend(operands.into_iter().map(|operand| operand + &withs));
                self.out.push_str("not ");
                self.out.push_str(&negated);
            }
            // Nobody reads what is printed, and what has no value is printed as well.
            Literal::Expr { expr, .. } if self.names.is_print(expr) => {
                self.out.push_str("true");
                self.reach_end(expr.span());
            }
            Literal::Expr { expr, .. } => match pattern_of(expr) {
                Some((pattern, op, value)) => after = self.match_pattern(pattern, op, value, &withs, &mut before),
                None if self.waits(expr) => {
                    let mut operands = vec![];
                    let written = self.in_statements(expr, &mut operands);
                    before.extend(operands.into_iter().map(|operand| operand + &withs));
                    self.out.push_str(&written);
                }
                None => self.statement_expr(expr),
            },
            Literal::SomeVars { vars, .. } => {
                let names: Vec<_> = vars.iter().map(Span::text).collect();
                self.out.push_str(&format!("some {}", names.join(", ")));
            }
            Literal::SomeIn { key, value, collection, .. } => {
                self.out.push_str("some ");
                for (index, pattern) in key.iter().chain([value]).enumerate() {
                    self.out.push_str(if index > 0 { ", " } else { "" });
                    if object_pattern(pattern).is_none() {
                        self.expr(pattern);
                        continue;
                    }
                    let name = self.new_name();
                    self.out.push_str(&name);
                    // Declared, so that nothing else gives its variables a value.
                    let mut op = "=";
                    pattern_vars(pattern, &mut |_, _| op = ":=");
                    let written = self.aside(|this| this.expr(pattern));
                    after.push(format!("{written} {op} {name}"));
                    self.guard(pattern, &name, &mut after);
                }
                self.out.push_str(" in ");
                if is_collection(collection) {
                    self.expr(collection);
                } else {
                    self.list(&format!("{ITEMS}("), std::slice::from_ref(collection), ")", collection.span());
                }
            }
            Literal::Every { key, value, domain, query, .. } => {
                let key = key.as_ref().map_or(String::new(), |key| format!("{}, ", key.text()));
                self.out.push_str(&format!("every {key}{} in ", value.text()));
                self.expr(domain);
                let variables = key.trim_end_matches(", ").to_string();
                self.names.enter([variables, value.text().to_string()].into());
                self.out.push_str(" { ");
                self.query(query);
                self.out.push_str(" }");
                self.names.leave();
            }
        }
        self.out.push_str(&withs);
        for statement in after {
            self.out.push_str(&format!("; {statement}"));
        }
        for statement in before.iter().rev() {
            self.out.insert_str(start, &format!("{statement}; "));
        }
    }

    /// The statements of a query, without what is around them.
    pub fn query(&mut self, query: &Query) {
        self.names.enter_body(query);
        for (index, stmt) in query.stmts.iter().enumerate() {
            if index > 0 {
                self.out.push_str("; ");
            }
            self.reach(stmt.span.start as usize);
            self.stmt(stmt, "");
        }
        self.names.leave();
    }

    /// The replacements of a statement; what has to be evaluated for them goes before it.
    fn withs(&mut self, stmt: &LiteralStmt, before: &mut Vec<String>) -> String {
        let mut written = String::new();
        for with in &stmt.with_mods {
            let target = self.aside(|this| this.whole_path(&with.refr));
            let value = if self.names_function(&with.r#as) {
                self.aside(|this| this.callee(&with.r#as))
            } else {
                let value = self.aside(|this| this.expr(&with.r#as));
                if is_constant(&with.r#as) { value } else { self.assigned(value, before) }
            };
            written.push_str(&format!(" with {target} as {value}"));
        }
        written
    }

    /// An expression as it is.
    pub fn expr(&mut self, expr: &Ref<Expr>) {
        self.reach(expr.span().start as usize);
        match &**expr {
            Expr::String { .. } | Expr::RawString { .. } => {
                let text = text(expr).unwrap_or_default();
                self.out.push_str(&quoted(text));
            }
            Expr::Number { span, .. } | Expr::Bool { span, .. } | Expr::Null { span, .. } | Expr::Var { span, .. } => {
                self.out.push_str(span.text());
            }
            Expr::Array { span, items, .. } => self.list("[", items, "]", span),
            Expr::Set { span, items, .. } if items.is_empty() => {
                self.out.push_str("set()");
                self.reach_end(span);
            }
            Expr::Set { span, items, .. } => self.list("{", items, "}", span),
            Expr::Object { span, fields, .. } => {
                self.members("{", fields, "}", span, |this, (_, key, value)| {
                    this.expr(key);
                    this.out.push_str(": ");
                    this.expr(value);
                });
            }
            Expr::ArrayCompr { span, term, query, .. } => self.comprehension("[", &[term], query, "]", span),
            Expr::SetCompr { span, term, query, .. } => self.comprehension("{", &[term], query, "}", span),
            Expr::ObjectCompr { span, key, value, query, .. } => {
                self.comprehension("{", &[key, value], query, "}", span);
            }
            Expr::Call { span, fcn, params, .. } => {
                let (callee, behind) = self.call(expr, fcn);
                self.list(&format!("{callee}("), params, ")", span);
                self.out.push_str(behind);
            }
            Expr::UnaryExpr { expr, .. } => {
                self.out.push('-');
                self.expr(expr);
            }
            Expr::RefDot { refr, field, .. } => {
                self.expr(refr);
                self.out.push_str(&format!(".{}", field.0.text()));
            }
            Expr::RefBrack { span, refr, index, .. } => {
                self.expr(refr);
                self.out.push('[');
                self.expr(index);
                self.reach_end(span);
                self.out.push(']');
            }
            Expr::Membership { span, key, value, collection, .. } => {
                let operands: Vec<_> = key.iter().chain([value, collection]).cloned().collect();
                let name = if key.is_some() { MEMBER_AT } else { MEMBER };
                self.list(&format!("{name}("), &operands, ")", span);
            }
            Expr::BinExpr { span, lhs, rhs, .. } | Expr::ArithExpr { span, lhs, rhs, .. } => {
                self.list(&format!("{}(", function_of(expr)), &[lhs.clone(), rhs.clone()], ")", span);
            }
            Expr::BoolExpr { span, lhs, rhs, .. }
            | Expr::AssignExpr { span, lhs, rhs, .. } => {
                self.out.push('(');
                self.infix(expr, lhs, rhs);
                self.reach_end(span);
                self.out.push(')');
            }
        }
    }

    /// An expression that is a statement: only there it can be an assignment.
    fn statement_expr(&mut self, expr: &Ref<Expr>) {
        match &**expr {
            Expr::AssignExpr { lhs, rhs, .. } => {
                self.reach(expr.span().start as usize);
                self.infix(expr, lhs, rhs);
            }
            _ => self.expr(expr),
        }
    }

    fn infix(&mut self, expr: &Expr, lhs: &Ref<Expr>, rhs: &Ref<Expr>) {
        self.expr(lhs);
        self.out.push_str(&format!(" {} ", operator(expr)));
        self.expr(rhs);
    }

    fn list(&mut self, open: &str, items: &[Ref<Expr>], close: &str, span: &Span) {
        self.members(open, items, close, span, |this, item| this.expr(item));
    }

    fn members<T>(&mut self, open: &str, members: &[T], close: &str, span: &Span, mut write: impl FnMut(&mut Self, &T)) {
        self.out.push_str(open);
        for (index, member) in members.iter().enumerate() {
            self.out.push_str(if index > 0 { ", " } else { "" });
            write(self, member);
        }
        self.reach_end(span);
        self.out.push_str(close);
    }

    fn comprehension(&mut self, open: &str, terms: &[&Ref<Expr>], query: &Query, close: &str, span: &Span) {
        self.names.enter_body(query);
        self.out.push_str(open);
        let mut last = vec![];
        for (index, term) in terms.iter().enumerate() {
            self.out.push_str(if index > 0 { ": " } else { "" });
            if iterates(term) || self.looks_for(term) {
                let name = self.found(term, &mut last);
                self.out.push_str(&name);
            } else {
                self.expr(term);
            }
        }
        self.out.push_str(" | ");
        self.query(query);
        for statement in last {
            self.out.push_str(&format!("; {statement}"));
        }
        self.reach_end(span);
        self.out.push_str(close);
        self.names.leave();
    }

    /// Whether a value is a function's name, which has no value of its own.
    fn names_function(&self, value: &Expr) -> bool {
        is_path(value) && path(value).constant().is_some_and(|names| self.names.is_function(&names))
    }

    /// Gives a value a name, in a statement before.
    fn assigned(&mut self, value: String, before: &mut Vec<String>) -> String {
        let name = self.new_name();
        before.push(format!("{name} := {value}"));
        name
    }

    fn new_name(&mut self) -> String {
        *self.variables += 1;
        format!("{OWN_PREFIX}{}", self.variables)
    }

    pub fn name(&mut self, name: &str) {
        self.out.push_str(name);
    }

    /// Writes something that is not where it was in the text, and hence without its lines.
    fn aside(&mut self, write: impl FnOnce(&mut Self)) -> String {
        let outer = std::mem::take(&mut self.out);
        let line = std::mem::replace(&mut self.line, ASIDE);
        write(self);
        self.line = line;
        std::mem::replace(&mut self.out, outer)
    }

    fn reach_end(&mut self, span: &Span) {
        self.reach(span.end as usize);
    }

    /// Goes on to the line of an offset of the text.
    fn reach(&mut self, offset: usize) {
        if self.line == ASIDE {
            return;
        }
        let line = self.lines.line(offset);
        while self.line < line {
            self.out.push('\n');
            self.line += 1;
        }
    }
}

/// The function that an operator of numbers or sets is.
fn function_of(expr: &Expr) -> &'static str {
    match expr {
        Expr::BinExpr { op: BinOp::Intersection, .. } => INTERSECTION,
        Expr::ArithExpr { op, .. } => match op {
            ArithOp::Add => ARITHMETIC[0],
            ArithOp::Sub => ARITHMETIC[1],
            ArithOp::Mul => ARITHMETIC[2],
            ArithOp::Div => ARITHMETIC[3],
            ArithOp::Mod => ARITHMETIC[4],
        },
        _ => UNION,
    }
}

fn operator(expr: &Expr) -> &'static str {
    match expr {
        Expr::BoolExpr { op, .. } => match op {
            BoolOp::Lt => "<",
            BoolOp::Le => "<=",
            BoolOp::Eq => "==",
            BoolOp::Ge => ">=",
            BoolOp::Gt => ">",
            BoolOp::Ne => "!=",
        },
        Expr::AssignExpr { op: AssignOp::ColEq, .. } => ":=",
        _ => "=",
    }
}

/// A path as it is written in a policy.
pub fn spelled_out(names: &[impl AsRef<str>]) -> String {
    let (root, steps) = names.split_first().map_or(("", &[][..]), |(root, steps)| (root.as_ref(), steps));
    let steps: String = steps.iter().map(|step| format!("[{}]", quoted(step.as_ref()))).collect();
    format!("{root}{steps}")
}

/// A string as it is written in a policy.
pub fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

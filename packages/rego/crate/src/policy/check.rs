//! What OPA's compiler refuses in a rule, and what regorus would find out at an evaluation, or never.

mod calls;
mod heads;
mod meanings;

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{AssignOp, Expr, Literal, LiteralStmt, Query, Ref, Rule, RuleHead, Span};

use heads::looked_for;

use super::declarations::{Declarations, Declared};
use super::lines::Edit;
use super::names::{declared, Names};
use super::print::OWN_PREFIX;
use super::rewrite::arguments;
use super::syntax::{declared_vars, head_ref, object_pattern, parts, path, pattern_vars, text, var, Part, Step};
use super::variables::{bindable, collect_stmt, collect_vars, in_indices, in_pattern, used_above};
use super::Refusal;

type Checked = Result<(), Refusal>;

/// Where an expression stands.
#[derive(Clone, Copy, PartialEq)]
enum Position {
    /// It is a statement.
    Statement,
    /// It is what a statement negates.
    Negated,
    Inside,
}

pub struct Checker<'c, 'd> {
    set: &'d Declarations<'d>,
    names: &'c mut Names<'d>,
    /// The places that the rule can come to, and where it says so.
    reached: BTreeMap<usize, Span>,
    /// The variables that can have a value, of each body around.
    bound: Vec<BTreeSet<String>>,
    /// Whether `_` means nothing here: nothing can be bound in a negation.
    is_negated: bool,
    /// What has to be written otherwise, by where it begins.
    edits: &'c mut BTreeMap<usize, Edit>,
}

/// Checks a definition of a rule and says which places below `data` it can come to.
pub fn check_rule<'d>(
    rule: &Declared<'d>,
    set: &'d Declarations<'d>,
    names: &mut Names<'d>,
    edits: &mut BTreeMap<usize, Edit>,
) -> Result<BTreeMap<usize, Span>, Refusal> {
    let mut checker = Checker { set, names, reached: BTreeMap::new(), bound: vec![], is_negated: false, edits };
    checker.rule(rule)?;
    Ok(checker.reached)
}

fn refuse<T>(span: &Span, why: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new(span, why))
}

impl Checker<'_, '_> {
    fn rule(&mut self, rule: &Declared<'_>) -> Checked {
        let first = var(path(rule.refr).head).unwrap_or_default();
        if matches!(first, "input" | "data") {
            return refuse(rule.span(), format!("a rule cannot be named {first}"));
        }
        let (head, bodies) = match rule.rule {
            Rule::Default { value, .. } => return self.default(value),
            Rule::Spec { head, bodies, .. } => (head, bodies),
        };
        self.names.enter(arguments(head));
        self.bound = vec![arguments(head)];
        let mut in_head = vec![];
        match head {
            RuleHead::Compr { assign, .. } => in_head.extend(assign.as_ref().map(|assign| &assign.value)),
            RuleHead::Set { key, .. } => in_head.extend(key),
            RuleHead::Func { args, assign, .. } => {
                let mut twice = Ok(());
                let mut seen = BTreeSet::new();
                for arg in args {
                    pattern_vars(arg, &mut |name, span| {
                        if name != "_" && !seen.insert(name) {
                            twice = refuse(span, format!("the argument {name} is there twice; compare two of them in the body"));
                        }
                    });
                    self.expr(arg, Position::Inside)?;
                }
                twice?;
                in_head.extend(assign.as_ref().map(|assign| &assign.value));
            }
        }
        let looked_for = looked_for(head, &in_head);
        self.names.enter(bodies.first().map(|body| declared(&body.query)).unwrap_or_default());
        self.bound.push(bodies.first().map(|body| self.bound_in(body, &looked_for)).unwrap_or_default());
        for step in path(head_ref(head)).steps {
            if let Step::Index(index) = step {
                self.expr(index, Position::Inside)?;
            }
        }
        let mut used = BTreeSet::new();
        collect_vars(&Part::Expr(head_ref(head)), &mut used);
        for expr in &in_head {
            self.expr(expr, Position::Inside)?;
            collect_vars(&Part::Expr(expr), &mut used);
        }
        self.names.leave();
        self.bound.pop();
        for body in bodies {
            declares_none(&body.query, &arguments(head))?;
            self.names.enter(declared(&body.query));
            self.bound.push(self.bound_in(body, &looked_for));
            if let Some(assign) = &body.assign {
                self.expr(&assign.value, Position::Inside)?;
                collect_vars(&Part::Expr(&assign.value), &mut used);
            }
            self.statements(&body.query, &used)?;
            self.bound.pop();
            self.names.leave();
        }
        self.names.leave();
        Ok(())
    }

    fn query(&mut self, query: &Query, terms: &[&Ref<Expr>]) -> Checked {
        let around = self.names.declared_around();
        self.names.enter(declared(query));
        let mut bound = bindable(&query.stmts, self.names);
        let mut used = BTreeSet::new();
        for term in terms {
            // It is a statement behind the others.
            bound.extend(in_indices(term));
            collect_vars(&Part::Expr(term), &mut used);
        }
        self.own_variables(query, around.intersection(&bound));
        self.bound.push(bound);
        let was_negated = std::mem::replace(&mut self.is_negated, false);
        for term in terms {
            self.expr(term, Position::Inside)?;
        }
        self.statements(query, &used)?;
        self.is_negated = was_negated;
        self.bound.pop();
        self.names.leave();
        Ok(())
    }

    fn statements(&mut self, query: &Query, used: &BTreeSet<String>) -> Checked {
        for (name, span) in used_above(query) {
            if !self.is_bound_around(name) {
                return refuse(span, format!("the variable {name} is used above, before it is declared here"));
            }
        }
        self.meanings(query)?;
        // Within a comprehension or `every`, what is declared below is another variable.
        let all = self.bound.pop().unwrap_or_default();
        self.bound.push(all.difference(&declared(query)).cloned().collect());
        for stmt in &query.stmts {
            declared_vars(&stmt.literal, &mut |name, _| {
                if let (Some(bound), true) = (self.bound.last_mut(), all.contains(name)) {
                    bound.insert(name.to_string());
                }
            });
            self.stmt(stmt)?;
        }
        if query.stmts.iter().any(|stmt| matches!(stmt.literal, Literal::SomeVars { .. })) {
            let mut used = used.clone();
            for stmt in &query.stmts {
                collect_stmt(stmt, &mut used);
            }
            for stmt in &query.stmts {
                let Literal::SomeVars { vars, .. } = &stmt.literal else { continue };
                for span in vars {
                    if !used.contains(span.text()) {
                        return refuse(span, format!("the variable {} is declared and not used", span.text()));
                    }
                }
            }
        }
        Ok(())
    }

    fn stmt(&mut self, stmt: &LiteralStmt) -> Checked {
        for with in &stmt.with_mods {
            self.with(with)?;
        }
        match &stmt.literal {
            Literal::SomeVars { vars, .. } => vars.iter().try_for_each(own_name),
            Literal::SomeIn { key, value, collection, .. } => {
                for part in key.iter().chain([value, collection]) {
                    self.expr(part, Position::Inside)?;
                }
                Ok(())
            }
            Literal::Expr { expr, .. } => self.expr(expr, Position::Statement),
            Literal::NotExpr { expr, .. } => {
                if let Expr::AssignExpr { op: AssignOp::ColEq, span, .. } = &**expr {
                    return refuse(span, "nothing can be assigned in a negation");
                }
                self.is_negated = true;
                self.expr(expr, Position::Negated)?;
                self.is_negated = false;
                Ok(())
            }
            Literal::Every { key, value, domain, query, .. } => {
                self.expr(domain, Position::Inside)?;
                let mut used = BTreeSet::new();
                collect_vars(&Part::Query(query), &mut used);
                for span in key.iter().chain([value]) {
                    if span.text() != "_" && !used.contains(span.text()) {
                        return refuse(span, format!("the variable {} is declared and not used", span.text()));
                    }
                }
                let variables = key.iter().chain([value]).map(|span| span.text().to_string());
                let variables: BTreeSet<_> = variables.collect();
                declares_none(query, &variables)?;
                self.bound.push(variables.clone());
                self.names.enter(variables);
                self.query(query, &[])?;
                self.names.leave();
                self.bound.pop();
                Ok(())
            }
        }
    }

    fn expr(&mut self, expr: &Ref<Expr>, position: Position) -> Checked {
        match &**expr {
            Expr::Var { .. } | Expr::RefDot { .. } | Expr::RefBrack { .. } => self.path(expr),
            Expr::Call { span, fcn, params, .. } => {
                let is_walk = var(fcn) == Some("walk") && self.names.global("walk").is_none();
                if is_walk && params.len() == 2 && position == Position::Negated {
                    return refuse(span, "walk itself is not negated here: negate a rule that walks");
                }
                if self.call(span, fcn, params.len(), position)? {
                    params.last().map_or(Ok(()), |result| self.no_pattern(result))?;
                }
                self.regular_expression(fcn, params)?;
                params.iter().try_for_each(|param| self.expr(param, Position::Inside))
            }
            Expr::UnaryExpr { span, expr, .. } if !matches!(**expr, Expr::Number { .. }) => {
                refuse(span, "a minus in front stands before numbers alone; write 0 - and the rest")
            }
            Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => self.query(query, &[term]),
            Expr::ObjectCompr { key, value, query, .. } => self.query(query, &[key, value]),
            Expr::AssignExpr { op: AssignOp::ColEq, lhs, rhs, .. } if position == Position::Statement => {
                let mut is_pattern = Ok(());
                pattern_vars(lhs, &mut |name, span| {
                    if matches!(name, "input" | "data") {
                        is_pattern = refuse(span, format!("a variable cannot be named {name}"));
                    }
                });
                is_pattern?;
                self.expr(lhs, Position::Inside)?;
                self.assigned(lhs, rhs)
            }
            Expr::AssignExpr { op: AssignOp::Eq, lhs, rhs, .. } => {
                if object_pattern(lhs).is_some() && !have_same_keys(lhs, rhs) {
                    self.no_pattern(rhs)?;
                }
                parts(expr).iter().try_for_each(|part| self.part(part))
            }
            _ => parts(expr).iter().try_for_each(|part| self.part(part)),
        }
    }

    /// What is assigned has none of the variables that the assignment declares.
    fn assigned(&mut self, lhs: &Expr, rhs: &Ref<Expr>) -> Checked {
        let Some(mut around) = self.bound.pop() else { return self.expr(rhs, Position::Inside) };
        let declared: BTreeSet<_> = in_pattern(lhs).into_iter().filter_map(|name| around.take(&name)).collect();
        self.bound.push(around);
        self.expr(rhs, Position::Inside)?;
        if let Some(around) = self.bound.last_mut() {
            around.extend(declared);
        }
        Ok(())
    }

    /// Where an object would be a pattern, and regorus would take one with more fields.
    fn no_pattern(&self, expr: &Expr) -> Checked {
        match object_pattern(expr) {
            Some(span) => refuse(span, "an object is no pattern here: assign it, and then its fields"),
            None => Ok(()),
        }
    }

    fn part(&mut self, part: &Part<'_>) -> Checked {
        match part {
            Part::Expr(expr) => self.expr(expr, Position::Inside),
            Part::Query(query) => self.query(query, &[]),
        }
    }

    fn path(&mut self, expr: &Ref<Expr>) -> Checked {
        let whole = path(expr);
        for step in &whole.steps {
            if let Step::Index(index) = step {
                if matches!(***index, Expr::Number { .. }) && !index.span().text().bytes().all(|byte| byte.is_ascii_digit()) {
                    return refuse(index.span(), "an index is a whole number");
                }
                self.expr(index, Position::Inside)?;
            }
        }
        let Some(name) = var(whole.head) else {
            let mut head = expr;
            while let Expr::RefDot { refr, .. } | Expr::RefBrack { refr, .. } = &**head {
                head = refr;
            }
            return self.expr(head, Position::Inside);
        };
        own_name(whole.head.span())?;
        if name == "_" && self.is_negated {
            return refuse(expr.span(), "_ is unsafe in a negation: bind a variable in front of it, or negate a rule that looks for it");
        }
        let Some(base) = self.names.global(name) else {
            if name != "_" && !self.bound.iter().any(|names| names.contains(name)) {
                return refuse(whole.head.span(), format!("the variable {name} is unsafe: nothing gives it a value"));
            }
            return Ok(());
        };
        let is_open = match whole.steps.first() {
            Some(Step::Index(index)) => !matches!(***index, Expr::Number { .. }),
            Some(Step::Name(_)) => false,
            None => true,
        };
        if is_open && base == ["data"] {
            return refuse(expr.span(), "all of data holds this rule too: name the package or the document that is meant");
        }
        for at in self.set.reached(&base, &whole.steps) {
            self.reached.entry(at).or_insert_with(|| expr.span().clone());
        }
        self.function_without_call(expr, &base, &whole.steps)
    }
}

/// Whether two patterns are objects of the same keys, or of as many, wherever one of them is an object.
fn have_same_keys(one: &Expr, other: &Expr) -> bool {
    match (one, other) {
        (Expr::Object { fields: one, .. }, Expr::Object { fields: other, .. }) => {
            let is_flat = |fields: &[(Span, Ref<Expr>, Ref<Expr>)]| {
                fields.iter().all(|(_, _, value)| object_pattern(value).is_none())
            };
            let matches = |(_, key, value): &(Span, Ref<Expr>, Ref<Expr>)| {
                let same = other.iter().find(|(_, other, _)| text(key).is_some() && text(key) == text(other));
                same.is_some_and(|(_, _, other)| have_same_keys(value, other))
            };
            one.len() == other.len() && (one.iter().all(matches) || (is_flat(one) && is_flat(other)))
        }
        (Expr::Array { items: one, .. }, Expr::Array { items: other, .. }) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| have_same_keys(one, other))
        }
        _ => object_pattern(one).is_none() || object_pattern(other).is_none(),
    }
}

/// The variables of arguments, and of `every`, are those of its body.
fn declares_none(query: &Query, given: &BTreeSet<String>) -> Checked {
    let mut checked = Ok(());
    for stmt in &query.stmts {
        declared_vars(&stmt.literal, &mut |name, span| {
            if name != "_" && given.contains(name) {
                checked = refuse(span, format!("there is a variable {name} already: give this one another name"));
            }
        });
    }
    checked
}

/// Names that begin as those made up here do are taken.
fn own_name(span: &Span) -> Checked {
    if span.text().starts_with(OWN_PREFIX) {
        return refuse(span, format!("names that begin with {OWN_PREFIX} are the engine's own"));
    }
    Ok(())
}

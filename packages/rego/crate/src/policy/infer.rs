//! Infers types as OPA's compiler does, and refuses what can never have a value, such as a string that is compared
//! with a number. Where this knows less than OPA, it takes a value for anything.

mod paths;
mod unify;

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{ArithOp, AssignOp, BoolOp, Expr, Literal, LiteralStmt, Query, Ref, Rule, RuleHead, Span};

use super::declarations::{Declarations, Declared};
use super::names::{declared, Names};
use super::rewrite::arguments;
use super::syntax::{head_exprs, is_path, parts, path, pattern_vars, Part, Step};
use super::types::{Key, Type};
use super::variables::collect_stmt;
use super::Refusal;

/// What is known of the rules so far, by their places.
#[derive(Default)]
pub struct Known {
    values: BTreeMap<usize, Type>,
    functions: BTreeMap<usize, (Vec<Type>, Type)>,
}

/// A type; nothing where there is no knowing yet.
type Inferred = Option<Type>;
type Checked<T = ()> = Result<T, Refusal>;

pub struct Inference<'c, 'd> {
    set: &'d Declarations<'d>,
    names: &'c mut Names<'d>,
    known: &'c Known,
    /// The variables of the bodies around; one without a type hides an outer one.
    scopes: Vec<BTreeMap<String, Inferred>>,
}

/// Infers the types in all definitions of the rules at a place, and what they give together.
pub fn infer_place<'d>(
    at: usize,
    set: &'d Declarations<'d>,
    names: &mut [Names<'d>],
    known: &mut Known,
) -> Checked {
    for rule in &set.places[at].rules {
        for (args, value) in infer_rule(rule, set, &mut names[rule.module], known)? {
            match args {
                Some(args) => {
                    let merged = match known.functions.remove(&at) {
                        Some((others, result)) if others.len() == args.len() => {
                            (others.into_iter().zip(args).map(|(one, other)| one.or(other)).collect(), result.or(value))
                        }
                        _ => (args, value),
                    };
                    known.functions.insert(at, merged);
                }
                None => {
                    let merged = match known.values.remove(&at) {
                        Some(other) => merge(other, value),
                        None => value,
                    };
                    known.values.insert(at, merged);
                }
            }
        }
    }
    Ok(())
}

/// Definitions of a rule that together make a set or an object.
fn merge(one: Type, other: Type) -> Type {
    match (one, other) {
        (Type::Set(one), Type::Set(other)) => Type::set(one.or(*other)),
        (Type::Object(one, Some(others)), Type::Object(two, Some(more))) if one.is_empty() && two.is_empty() => {
            Type::object(one, Some((others.0.or(more.0), merge(others.1, more.1))))
        }
        (one, other) => one.or(other),
    }
}

/// The types of the arguments, for a function, and of the value that each body gives.
fn infer_rule<'d>(
    rule: &Declared<'d>,
    set: &'d Declarations<'d>,
    names: &mut Names<'d>,
    known: &Known,
) -> Checked<Vec<(Option<Vec<Type>>, Type)>> {
    let mut inference = Inference { set, names, known, scopes: vec![BTreeMap::new()] };
    let (head, bodies) = match rule.rule {
        Rule::Default { value, args, .. } => {
            let value = inference.expr(value)?.unwrap_or(Type::Any);
            let args = rule.arity.map(|_| args.iter().map(|_| Type::Any).collect());
            return Ok(vec![(args, value)]);
        }
        Rule::Spec { head, bodies, .. } => (head, bodies),
    };
    inference.names.enter(arguments(head));
    let mut found = vec![];
    let own_value = head_exprs(head);
    if bodies.is_empty() {
        let value = inference.value(head, own_value.first().copied())?;
        found.push((inference.args(head), value));
    }
    for (index, body) in bodies.iter().enumerate() {
        let variables = declared(&body.query);
        inference.enter(&variables);
        inference.statements(&body.query)?;
        let given = body.assign.as_ref().map(|assign| &assign.value);
        let value = if index == 0 { own_value.first().copied() } else { given };
        let value = inference.value(head, value)?;
        found.push((inference.args(head), value));
        inference.leave();
        inference.scopes.truncate(1);
    }
    inference.names.leave();
    Ok(found)
}

fn key_of(expr: &Expr) -> Option<Key> {
    Some(match expr {
        Expr::String { value, .. } | Expr::RawString { value, .. } => Key::Text(value.as_string().ok()?.to_string()),
        Expr::Number { span, .. } => Key::Number(span.text().into()),
        Expr::Bool { span, .. } => Key::Bool(span.text().into()),
        Expr::Null { .. } => Key::Null,
        _ => return None,
    })
}

fn refuse<T>(span: &Span, why: String) -> Checked<T> {
    Err(Refusal::new(span, why))
}

impl Inference<'_, '_> {
    fn enter(&mut self, variables: &BTreeSet<String>) {
        self.names.enter(variables.clone());
        self.scopes.push(variables.iter().map(|name| (name.clone(), None)).collect());
    }

    fn leave(&mut self) {
        self.scopes.pop();
        self.names.leave();
    }

    fn args(&mut self, head: &RuleHead) -> Option<Vec<Type>> {
        let RuleHead::Func { args, .. } = head else { return None };
        for arg in args {
            pattern_vars(arg, &mut |name, _| {
                if self.variable(name).is_none() {
                    self.set_variable(name, Type::Any);
                }
            });
        }
        if args.is_empty() {
            return None;
        }
        Some(args.iter().map(|arg| self.type_of(arg).unwrap_or(Type::Any)).collect())
    }

    /// What a rule's path leads to from its constant beginning on.
    fn value(&mut self, head: &RuleHead, value: Option<&Ref<Expr>>) -> Checked<Type> {
        let value = match value {
            Some(value) => self.expr(value)?.unwrap_or(Type::Any),
            None => Type::Bool,
        };
        let (refr, value) = match head {
            RuleHead::Func { .. } => return Ok(value),
            RuleHead::Set { refr, .. } => (refr, Type::set(value)),
            RuleHead::Compr { refr, .. } => (refr, value),
        };
        let whole = path(refr);
        let constant = whole.names().map_or(0, |names| names.len() - 1);
        let mut found = value;
        for step in whole.steps[constant..].iter().rev() {
            let key = match step {
                Step::Name(_) => Type::String,
                Step::Index(index) => self.expr(index)?.unwrap_or(Type::Any),
            };
            found = Type::object(BTreeMap::new(), Some((key, found)));
        }
        Ok(found)
    }

    fn query(&mut self, query: &Query, terms: &[&Ref<Expr>]) -> Checked<Vec<Type>> {
        self.enter(&declared(query));
        self.statements(query)?;
        let mut found = vec![];
        for term in terms {
            found.push(self.expr(term)?.unwrap_or(Type::Any));
        }
        self.leave();
        Ok(found)
    }

    /// In an order in which a variable is given its value before it is used.
    fn statements(&mut self, query: &Query) -> Checked {
        let mut givers: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, stmt) in query.stmts.iter().enumerate() {
            for name in given_by(stmt) {
                givers.entry(name).or_default().push(index);
            }
        }
        let mut is_begun = vec![false; query.stmts.len()];
        for first in 0..query.stmts.len() {
            let mut stack = vec![];
            let begin = |at: usize, is_begun: &mut Vec<bool>, stack: &mut Vec<(usize, Vec<usize>)>| {
                if std::mem::replace(&mut is_begun[at], true) {
                    return;
                }
                let mut used = BTreeSet::new();
                collect_stmt(&query.stmts[at], &mut used);
                stack.push((at, used.iter().filter_map(|name| givers.get(name)).flatten().copied().collect()));
            };
            begin(first, &mut is_begun, &mut stack);
            while let Some((at, waits_for)) = stack.last_mut() {
                match waits_for.pop() {
                    Some(other) => begin(other, &mut is_begun, &mut stack),
                    None => {
                        let at = *at;
                        stack.pop();
                        self.stmt(&query.stmts[at])?;
                    }
                }
            }
        }
        Ok(())
    }

    fn stmt(&mut self, stmt: &LiteralStmt) -> Checked {
        for with in &stmt.with_mods {
            // A function that stands in for another is named without a call.
            let names = path(&with.r#as).constant().filter(|_| is_path(&with.r#as));
            if !names.is_some_and(|names| self.names.is_function(&names)) {
                self.expr(&with.r#as)?;
            }
        }
        match &stmt.literal {
            Literal::SomeVars { .. } => Ok(()),
            Literal::SomeIn { key, value, collection, .. } => {
                let found = self.expr(collection)?;
                for pattern in key.iter().chain([value]) {
                    self.expr(pattern)?;
                }
                let Some(found) = found else { return Ok(()) };
                let (Some(keys), values) = (found.keys(), found.values()) else {
                    return refuse(collection.span(), format!("there is nothing in {}", found.name()));
                };
                if let Some(key) = key {
                    self.assert(key, &keys)?;
                }
                self.assert(value, &values.unwrap_or(Type::Any))
            }
            Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => self.statement(expr),
            Literal::Every { domain, .. } => self.expr(domain).map(|_| ()),
        }
    }

    fn statement(&mut self, expr: &Ref<Expr>) -> Checked {
        match &**expr {
            Expr::AssignExpr { span, op, lhs, rhs, .. } => {
                if *op == AssignOp::Eq {
                    self.expr(lhs)?;
                }
                self.expr(rhs)?;
                self.equate(span, lhs, rhs)
            }
            Expr::BoolExpr { span, op: BoolOp::Eq, lhs, rhs, .. } => {
                self.expr(lhs)?;
                self.expr(rhs)?;
                self.equate(span, lhs, rhs)
            }
            Expr::Call { span, fcn, params, .. } => {
                self.call(span, fcn, params)?;
                Ok(())
            }
            _ => self.expr(expr).map(|_| ()),
        }
    }

    fn variable(&self, name: &str) -> Inferred {
        self.scopes.iter().rev().find_map(|scope| scope.get(name)).cloned().flatten()
    }

    fn set_variable(&mut self, name: &str, found: Type) -> bool {
        if let (true, Some(scope)) = (name != "_", self.scopes.last_mut()) {
            scope.insert(name.into(), Some(found));
        }
        true
    }

    /// Infers the type of an expression, and checks all that is in it.
    fn expr(&mut self, expr: &Ref<Expr>) -> Checked<Inferred> {
        match &**expr {
            _ if is_path(expr) => return self.path(expr),
            Expr::Call { span, fcn, params, .. } => return self.call(span, fcn, params),
            Expr::ArrayCompr { term, query, .. } => {
                let found = self.query(query, &[term])?;
                return Ok(Some(Type::array(vec![], found.into_iter().next())));
            }
            Expr::SetCompr { term, query, .. } => {
                let found = self.query(query, &[term])?;
                return Ok(found.into_iter().next().map(Type::set));
            }
            Expr::ObjectCompr { key, value, query, .. } => {
                let mut found = self.query(query, &[key, value])?.into_iter();
                return Ok(Some(Type::object(BTreeMap::new(), found.next().zip(found.next()))));
            }
            _ => {}
        }
        for part in parts(expr) {
            if let Part::Expr(part) = part {
                self.expr(part)?;
            }
        }
        let set = Type::set(Type::Any);
        match &**expr {
            Expr::BinExpr { lhs, rhs, .. } => {
                self.assert(lhs, &set)?;
                self.assert(rhs, &set)?;
            }
            Expr::ArithExpr { op, lhs, rhs, .. } => {
                let wanted = if *op == ArithOp::Sub { Type::Number.or(set) } else { Type::Number };
                self.assert(lhs, &wanted)?;
                self.assert(rhs, &wanted)?;
            }
            _ => {}
        }
        Ok(self.type_of(expr))
    }

    /// The type of an expression that has been checked, as far as it shows.
    fn type_of(&self, expr: &Ref<Expr>) -> Inferred {
        Some(match &**expr {
            Expr::String { .. } | Expr::RawString { .. } => Type::String,
            Expr::Number { .. } | Expr::UnaryExpr { .. } => Type::Number,
            Expr::Bool { .. } | Expr::BoolExpr { .. } | Expr::Membership { .. } => Type::Bool,
            Expr::Null { .. } => Type::Null,
            Expr::Array { items, .. } => {
                let items: Option<Vec<_>> = items.iter().map(|item| self.type_of(item)).collect();
                let items = items?;
                let others = items.is_empty().then_some(Type::Any);
                Type::array(items, others)
            }
            Expr::Set { items, .. } => {
                let items: Option<Vec<_>> = items.iter().map(|item| self.type_of(item)).collect();
                Type::set(items?.into_iter().reduce(Type::or).unwrap_or(Type::Any))
            }
            Expr::Object { fields, .. } => {
                let mut known = BTreeMap::new();
                let mut others = fields.is_empty().then_some((Type::Any, Type::Any));
                for (_, key, value) in fields {
                    let value = self.type_of(value)?;
                    match key_of(key) {
                        Some(key) => {
                            known.insert(key.json(), value);
                        }
                        None => others = Some((self.type_of(key)?, value)),
                    }
                }
                Type::object(known, others)
            }
            Expr::BinExpr { .. } => Type::set(Type::Any),
            Expr::ArithExpr { op: ArithOp::Sub, .. } => Type::Number.or(Type::set(Type::Any)),
            Expr::ArithExpr { .. } => Type::Number,
            Expr::ArrayCompr { .. } => Type::array(vec![], Some(Type::Any)),
            Expr::SetCompr { .. } => Type::set(Type::Any),
            Expr::ObjectCompr { .. } => Type::object(BTreeMap::new(), Some((Type::Any, Type::Any))),
            Expr::Call { fcn, .. } => self.signature(fcn)?.1?,
            _ => return self.type_of_path(expr),
        })
    }
}

/// The variables that a statement gives their values, wherever it stands; what is assigned is there from then on.
fn given_by(stmt: &LiteralStmt) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if let Literal::Expr { expr, .. } = &stmt.literal {
        if let Expr::AssignExpr { op: AssignOp::Eq, lhs, .. } = &**expr {
            pattern_vars(lhs, &mut |name, _| {
                names.insert(name.to_string());
            });
        }
    }
    names.remove("_");
    names
}

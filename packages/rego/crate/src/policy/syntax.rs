//! Reading regorus' syntax trees.

use regorus::unstable::{AssignOp, Expr, Literal, Query, Ref, RuleHead, Span};

/// What an expression consists of.
pub enum Part<'t> {
    Expr(&'t Ref<Expr>),
    Query(&'t Ref<Query>),
}

/// The parts of an expression, in the order of the text.
pub fn parts(expr: &Expr) -> Vec<Part<'_>> {
    use Part::{Expr as E, Query as Q};
    match expr {
        Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Number { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. }
        | Expr::Var { .. } => vec![],
        Expr::Array { items, .. } | Expr::Set { items, .. } => items.iter().map(E).collect(),
        Expr::Object { fields, .. } => fields.iter().flat_map(|(_, key, value)| [E(key), E(value)]).collect(),
        Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => vec![E(term), Q(query)],
        Expr::ObjectCompr { key, value, query, .. } => vec![E(key), E(value), Q(query)],
        Expr::Call { fcn, params, .. } => std::iter::once(fcn).chain(params).map(E).collect(),
        Expr::UnaryExpr { expr, .. } => vec![E(expr)],
        Expr::RefDot { refr, .. } => vec![E(refr)],
        Expr::RefBrack { refr, index, .. } => vec![E(refr), E(index)],
        Expr::BinExpr { lhs, rhs, .. }
        | Expr::BoolExpr { lhs, rhs, .. }
        | Expr::ArithExpr { lhs, rhs, .. }
        | Expr::AssignExpr { lhs, rhs, .. } => vec![E(lhs), E(rhs)],
        Expr::Membership { key, value, collection, .. } => {
            key.iter().chain([value, collection]).map(E).collect()
        }
    }
}

/// The expressions and queries that a statement's literal consists of.
pub fn literal_parts(literal: &Literal) -> Vec<Part<'_>> {
    match literal {
        Literal::SomeVars { .. } => vec![],
        Literal::SomeIn { key, value, collection, .. } => {
            key.iter().chain([value, collection]).map(Part::Expr).collect()
        }
        Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => vec![Part::Expr(expr)],
        Literal::Every { domain, query, .. } => vec![Part::Expr(domain), Part::Query(query)],
    }
}

/// One step along a path.
#[derive(Clone, Copy)]
pub enum Step<'t> {
    /// `.name` or `["name"]`
    Name(&'t str),
    Index(&'t Ref<Expr>),
}

/// A path as it is written, such as `input.a[x]`.
pub struct Path<'t> {
    /// What it begins with; a variable, or an expression that has to be evaluated first.
    pub head: &'t Expr,
    pub steps: Vec<Step<'t>>,
}

impl<'t> Path<'t> {
    /// The names that it begins with, the variable first.
    pub fn names(&self) -> Option<Vec<&'t str>> {
        let mut names = vec![var(self.head)?];
        names.extend(self.steps.iter().map_while(|step| match step {
            Step::Name(name) => Some(*name),
            Step::Index(_) => None,
        }));
        Some(names)
    }

    /// All of its names, if it has no computed step.
    pub fn constant(&self) -> Option<Vec<&'t str>> {
        self.names().filter(|names| names.len() == self.steps.len() + 1)
    }
}

/// A variable is a path without steps; anything else that is no path has no steps either.
pub fn path(mut expr: &Expr) -> Path<'_> {
    let mut steps = vec![];
    loop {
        match expr {
            Expr::RefDot { refr, field, .. } => {
                steps.push(Step::Name(field.0.text()));
                expr = refr;
            }
            Expr::RefBrack { refr, index, .. } => {
                steps.push(text(index).map_or(Step::Index(index), Step::Name));
                expr = refr;
            }
            head => {
                steps.reverse();
                return Path { head, steps };
            }
        }
    }
}

/// The name of a variable.
pub fn var(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Var { span, .. } => Some(span.text()),
        _ => None,
    }
}

/// The value of a string.
pub fn text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::String { value, .. } | Expr::RawString { value, .. } => value.as_string().ok().map(|text| &**text),
        _ => None,
    }
}

/// Whether it is a path of at least one step, or a variable.
pub fn is_path(expr: &Expr) -> bool {
    matches!(expr, Expr::Var { .. } | Expr::RefDot { .. } | Expr::RefBrack { .. })
}

/// The path in a rule's head.
pub fn head_ref(head: &RuleHead) -> &Ref<Expr> {
    match head {
        RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. } | RuleHead::Func { refr, .. } => refr,
    }
}

/// The variables of a pattern, such as the left side of an assignment.
pub fn pattern_vars<'t>(expr: &'t Expr, add: &mut impl FnMut(&'t str, &'t Span)) {
    match expr {
        Expr::Var { span, .. } => add(span.text(), span),
        Expr::Array { items, .. } => items.iter().for_each(|item| pattern_vars(item, add)),
        Expr::Object { fields, .. } => fields.iter().for_each(|(_, _, value)| pattern_vars(value, add)),
        _ => {}
    }
}

/// The variables that a statement declares.
pub fn declared_vars<'t>(literal: &'t Literal, add: &mut impl FnMut(&'t str, &'t Span)) {
    match literal {
        Literal::SomeVars { vars, .. } => vars.iter().for_each(|span| add(span.text(), span)),
        Literal::SomeIn { key, value, .. } => {
            key.iter().chain([value]).for_each(|pattern| pattern_vars(pattern, add));
        }
        Literal::Expr { expr, .. } => {
            if let Expr::AssignExpr { op: AssignOp::ColEq, lhs, .. } = &**expr {
                pattern_vars(lhs, add);
            }
        }
        Literal::NotExpr { .. } | Literal::Every { .. } => {}
    }
}

/// The expressions in a rule's head, without its path.
pub fn head_exprs(head: &RuleHead) -> Vec<&Ref<Expr>> {
    match head {
        RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => {
            assign.iter().map(|assign| &assign.value).collect()
        }
        RuleHead::Set { key, .. } => key.iter().collect(),
    }
}

/// The place of an object in what can be a pattern.
pub fn object_pattern(expr: &Expr) -> Option<&Span> {
    match expr {
        Expr::Object { span, .. } => Some(span),
        Expr::Array { items, .. } => items.iter().find_map(|item| object_pattern(item)),
        _ => None,
    }
}

//! The variables that a rule names: which can have a value, which are used.

use std::collections::BTreeSet;

use regorus::unstable::{AssignOp, Expr, Literal, LiteralStmt, Query, Span};

use super::names::{declared, Names};
use super::syntax::{declared_vars, literal_parts, parts, pattern_vars, var, Part};

/// The variables that statements of a body can give a value: what else it names has to have one already.
pub fn bindable<'t>(stmts: impl IntoIterator<Item = &'t LiteralStmt>, meant: &Names<'_>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut open: Vec<&Expr> = vec![];
    for stmt in stmts {
        let mut add = |name: &str, _: &Span| {
            names.insert(name.to_string());
        };
        match &stmt.literal {
            Literal::SomeVars { .. } | Literal::NotExpr { .. } => continue,
            Literal::SomeIn { key, value, collection, .. } => {
                key.iter().chain([value]).for_each(|pattern| pattern_vars(pattern, &mut add));
                open.push(collection);
            }
            Literal::Every { domain, .. } => open.push(domain),
            Literal::Expr { expr, .. } if meant.is_print(expr) => continue,
            Literal::Expr { expr, .. } => {
                match &**expr {
                    Expr::AssignExpr { op, lhs, rhs, .. } => {
                        pattern_vars(lhs, &mut add);
                        if *op == AssignOp::Eq {
                            pattern_vars(rhs, &mut add);
                        }
                    }
                    Expr::Call { fcn, params, .. } if meant.takes_result(fcn, params.len()) => {
                        params.last().into_iter().for_each(|result| pattern_vars(result, &mut add));
                    }
                    _ => {}
                }
                open.push(expr);
            }
        }
    }
    open.iter().for_each(|expr| names.extend(in_indices(expr)));
    names
}

/// The variables that statements use in front of the one that declares them, with where that is: there they are others.
pub fn used_above(query: &Query) -> Vec<(&str, &Span)> {
    let mut used = BTreeSet::new();
    let mut above = vec![];
    for stmt in &query.stmts {
        declared_vars(&stmt.literal, &mut |name, span| {
            if name != "_" && used.contains(name) {
                above.push((name, span));
            }
        });
        let mut open: Vec<&Expr> = stmt.with_mods.iter().map(|with| &*with.r#as as &Expr).collect();
        open.extend(literal_parts(&stmt.literal).iter().filter_map(|part| match part {
            Part::Expr(expr) => Some(&***expr as &Expr),
            Part::Query(_) => None,
        }));
        while let Some(expr) = open.pop() {
            used.extend(var(expr));
            // The variables of a comprehension are its own.
            if matches!(expr, Expr::ArrayCompr { .. } | Expr::SetCompr { .. } | Expr::ObjectCompr { .. }) {
                continue;
            }
            open.extend(parts(expr).into_iter().filter_map(|part| match part {
                Part::Expr(expr) => Some(&**expr as &Expr),
                Part::Query(_) => None,
            }));
        }
    }
    above
}

/// All variables in a part, whatever they mean.
pub fn collect_vars(part: &Part<'_>, names: &mut BTreeSet<String>) {
    match part {
        Part::Expr(expr) => {
            names.extend(var(expr).map(String::from));
            parts(expr).iter().for_each(|part| collect_vars(part, names));
        }
        Part::Query(query) => query.stmts.iter().for_each(|stmt| collect_stmt(stmt, names)),
    }
}

/// The same for a statement.
pub fn collect_stmt(stmt: &LiteralStmt, names: &mut BTreeSet<String>) {
    for with in &stmt.with_mods {
        collect_vars(&Part::Expr(&with.r#as), names);
    }
    literal_parts(&stmt.literal).iter().for_each(|part| collect_vars(part, names));
}

/// The variables of a pattern.
pub fn in_pattern(pattern: &Expr) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    pattern_vars(pattern, &mut |name, _| {
        names.insert(name.to_string());
    });
    names.remove("_");
    names
}

/// The variables that are indices in an expression, outside of comprehensions.
pub fn in_indices(expr: &Expr) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if let Expr::RefBrack { index, .. } = expr {
        names.extend(in_pattern(index));
    }
    if !matches!(expr, Expr::ArrayCompr { .. } | Expr::SetCompr { .. } | Expr::ObjectCompr { .. }) {
        for part in parts(expr) {
            if let Part::Expr(part) = part {
                names.extend(in_indices(part));
            }
        }
    }
    names
}

/// The variables of an expression that it does not declare itself.
pub fn free_in(expr: &Expr) -> BTreeSet<String> {
    let mut names: BTreeSet<_> = var(expr).map(String::from).into_iter().collect();
    let mut own = BTreeSet::new();
    // What is called is no variable.
    let callee = usize::from(matches!(expr, Expr::Call { .. }));
    for part in parts(expr).into_iter().skip(callee) {
        match part {
            Part::Expr(part) => names.extend(free_in(part)),
            Part::Query(query) => {
                names.extend(free_in_query(query));
                own = declared(query);
            }
        }
    }
    names.retain(|name| name != "_" && !own.contains(name));
    names
}

fn free_in_query(query: &Query) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for stmt in &query.stmts {
        let mut of_stmt = BTreeSet::new();
        for part in literal_parts(&stmt.literal) {
            match part {
                Part::Expr(part) => of_stmt.extend(free_in(part)),
                Part::Query(body) => of_stmt.extend(free_in_query(body)),
            }
        }
        if let Literal::Every { key, value, .. } = &stmt.literal {
            key.iter().chain([value]).for_each(|span| {
                of_stmt.remove(span.text());
            });
        }
        stmt.with_mods.iter().for_each(|with| of_stmt.extend(free_in(&with.r#as)));
        names.extend(of_stmt);
    }
    let own = declared(query);
    names.retain(|name| !own.contains(name));
    names
}

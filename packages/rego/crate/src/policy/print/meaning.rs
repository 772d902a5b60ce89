//! What the interpreter would read otherwise than OPA.

use regorus::unstable::{Expr, Literal, LiteralStmt};

use super::patterns::pattern_of;
use super::waiting::may_wait;
use crate::policy::names::calls_print;
use crate::policy::syntax::{is_path, literal_parts, object_pattern, parts, path, var, Part};

/// Whether something has to be written again at all.
pub fn is_meant_otherwise(part: &Part<'_>, spells_out_calls: bool) -> bool {
    match part {
        Part::Query(query) => query.stmts.iter().any(|stmt| is_stmt_meant_otherwise(stmt, spells_out_calls)),
        Part::Expr(expr) => {
            matches!(&***expr, Expr::Membership { .. } | Expr::BinExpr { .. } | Expr::ArithExpr { .. })
                || (spells_out_calls && matches!(&***expr, Expr::Call { .. }))
                || walks(expr)
                || comprehends_members(expr)
                || parts(expr).iter().any(|part| is_meant_otherwise(part, spells_out_calls))
        }
    }
}

/// Whether it is a call of `walk` that stands for its values.
pub(super) fn walks(expr: &Expr) -> bool {
    matches!(expr, Expr::Call { fcn, params, .. } if params.len() == 1 && var(fcn) == Some("walk"))
}

/// Whether it has a value for each member of something, outside of comprehensions.
pub fn iterates(expr: &Expr) -> bool {
    match expr {
        Expr::ArrayCompr { .. } | Expr::SetCompr { .. } | Expr::ObjectCompr { .. } => false,
        Expr::RefBrack { index, .. } if var(index) == Some("_") => true,
        _ => walks(expr) || parts(expr).iter().any(|part| matches!(part, Part::Expr(part) if iterates(part))),
    }
}

/// The same for a statement: a negation with operands, or a replacement that is more than a constant, or of what is
/// named by the rules around.
pub fn is_stmt_meant_otherwise(stmt: &LiteralStmt, spells_out_calls: bool) -> bool {
    let negates = match &stmt.literal {
        Literal::NotExpr { expr, .. } => path(expr).constant().is_none(),
        Literal::SomeIn { key, value, collection, .. } => {
            !is_collection(collection)
                || key.iter().chain([value]).any(|pattern| object_pattern(pattern).is_some())
        }
        Literal::Expr { expr, .. } => pattern_of(expr).is_some() || may_wait(expr) || calls_print(expr),
        _ => false,
    };
    let replaces = stmt.with_mods.iter().any(|with| {
        !is_constant(&with.r#as)
            || is_meant_otherwise(&Part::Expr(&with.r#as), spells_out_calls)
            || !matches!(var(path(&with.refr).head), Some("data" | "input"))
    });
    negates
        || replaces
        || literal_parts(&stmt.literal).iter().any(|part| is_meant_otherwise(part, spells_out_calls))
}

pub(super) fn is_collection(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Array { .. }
            | Expr::Set { .. }
            | Expr::Object { .. }
            | Expr::ArrayCompr { .. }
            | Expr::SetCompr { .. }
            | Expr::ObjectCompr { .. }
    )
}

/// Whether it is a comprehension with a value for each member of something in each of its rounds, or one that gives a
/// variable its value.
fn comprehends_members(expr: &Expr) -> bool {
    let looks_for = |term: &Expr| iterates(term) || may_wait(term);
    match expr {
        Expr::ArrayCompr { term, .. } | Expr::SetCompr { term, .. } => looks_for(term),
        Expr::ObjectCompr { key, value, .. } => looks_for(key) || looks_for(value),
        _ => false,
    }
}

pub fn is_constant(expr: &Expr) -> bool {
    !is_path(expr)
        && !matches!(expr, Expr::Call { .. })
        && parts(expr).iter().all(|part| match part {
            Part::Expr(expr) => is_constant(expr),
            Part::Query(_) => false,
        })
}

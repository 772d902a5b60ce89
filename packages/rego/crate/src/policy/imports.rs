//! Puts the whole path in the place of each imported name, and drops the imports. regorus would evaluate what is
//! imported as one value: with all rules of a package of which one is meant, and as no part of `data`.

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{Expr, Literal, Module, Query, Ref, Rule};

use super::lines::{Edit, Edited};
use super::names::{declared, import_target, Names};
use super::print::spelled_out;
use super::rewrite::{arguments, variables};
use super::syntax::{head_exprs, head_ref, literal_parts, parts, path, var, Part, Step};

struct Expander<'n, 'd> {
    names: &'n mut Names<'d>,
    /// What stands in the places of the imported names.
    paths: BTreeMap<&'n str, String>,
    /// By where they begin.
    edits: BTreeMap<usize, Edit>,
}

/// A module's text without the imports from `data` and `input`, if it has any.
pub fn expand(module: &Module, names: &mut Names<'_>) -> Option<Edited> {
    let mut expander = Expander { names, paths: BTreeMap::new(), edits: BTreeMap::new() };
    let contents = module.package.span.source.get_contents();
    for import in &module.imports {
        let Some((name, target)) = import_target(import) else { continue };
        // `input` and `data` are what they are under their own names.
        if matches!(name, "data" | "input") || !matches!(target[0], "data" | "input") {
            continue;
        }
        expander.paths.insert(name, spelled_out(&target));
        let (start, end) = (import.span.start as usize, import.span.end as usize);
        let lines = contents[start..end].matches('\n').collect();
        expander.edits.insert(start, Edit::new(start, end, lines));
    }
    if expander.paths.is_empty() {
        return None;
    }
    for rule in &module.policy {
        expander.rule(rule);
    }
    Some(Edited::new(contents, expander.edits.into_values().collect()))
}

impl Expander<'_, '_> {
    fn rule(&mut self, rule: &Rule) {
        let (head, bodies) = match rule {
            Rule::Default { value, args, .. } => return self.within(variables(args), |this| this.expr(value)),
            Rule::Spec { head, bodies, .. } => (head, bodies),
        };
        self.within(arguments(head), |this| {
            let first = bodies.first().map(|body| declared(&body.query)).unwrap_or_default();
            this.within(first, |this| {
                // The path itself names the rule; what is computed in it does not.
                for step in path(head_ref(head)).steps {
                    if let Step::Index(index) = step {
                        this.expr(index);
                    }
                }
                head_exprs(head).into_iter().for_each(|expr| this.expr(expr));
            });
            for body in bodies {
                this.within(declared(&body.query), |this| {
                    body.assign.iter().for_each(|assign| this.expr(&assign.value));
                    this.statements(&body.query);
                });
            }
        });
    }

    fn within(&mut self, variables: BTreeSet<String>, walk: impl FnOnce(&mut Self)) {
        self.names.enter(variables);
        walk(self);
        self.names.leave();
    }

    fn query(&mut self, query: &Query, terms: &[&Ref<Expr>]) {
        self.within(declared(query), |this| {
            terms.iter().for_each(|term| this.expr(term));
            this.statements(query);
        });
    }

    fn statements(&mut self, query: &Query) {
        for stmt in &query.stmts {
            for with in &stmt.with_mods {
                self.expr(&with.refr);
                self.expr(&with.r#as);
            }
            let variables = match &stmt.literal {
                Literal::Every { key, value, .. } => key.iter().chain([value]).map(|span| span.text().into()).collect(),
                _ => BTreeSet::new(),
            };
            for part in literal_parts(&stmt.literal) {
                match part {
                    Part::Expr(expr) => self.expr(expr),
                    Part::Query(query) => self.within(variables.clone(), |this| this.query(query, &[])),
                }
            }
        }
    }

    fn expr(&mut self, expr: &Ref<Expr>) {
        match &**expr {
            Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => self.query(query, &[term]),
            Expr::ObjectCompr { key, value, query, .. } => self.query(query, &[key, value]),
            _ => {
                if let Some(name) = var(expr).filter(|name| self.names.global(name).is_some()) {
                    if let Some(whole) = self.paths.get(name) {
                        let (start, end) = (expr.span().start as usize, expr.span().end as usize);
                        self.edits.insert(start, Edit::new(start, end, whole.clone()));
                    }
                }
                for part in parts(expr) {
                    if let Part::Expr(part) = part {
                        self.expr(part);
                    }
                }
            }
        }
    }
}

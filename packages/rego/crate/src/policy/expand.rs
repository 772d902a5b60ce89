//! Gives each name in a module one meaning: the whole path stands in the place of an imported name, and a variable with
//! the name of a rule, or of what a body around it names, gets a name of its own. regorus would evaluate what is imported
//! as one value: with all rules of a package of which one is meant, and as no part of `data`; and it would take the one
//! variable for the other.

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{AssignOp, Expr, Literal, LiteralStmt, Module, Query, Ref, Rule, RuleHead, Span};

use super::declarations::Declarations;
use super::lines::{Edit, Edited};
use super::names::{declared, import_target, Names};
use super::print::{spelled_out, OWN_PREFIX};
use super::rewrite::{arguments, variables};
use super::syntax::{declared_vars, head_exprs, head_ref, literal_parts, parts, path, var, Part, Step};
use super::variables::{free_in, in_pattern};

/// The variables of an argument list, a body or `every`.
struct Scope {
    declared: BTreeSet<String>,
    /// The new names of those that have one.
    renamed: BTreeMap<String, String>,
    /// All that is named here, without what is within comprehensions and `every`.
    named: BTreeSet<String>,
}

struct Expander<'n, 'd> {
    set: &'n Declarations<'d>,
    names: &'n mut Names<'d>,
    /// What stands in the places of the imported names.
    paths: BTreeMap<&'n str, String>,
    scopes: Vec<Scope>,
    /// How many variables have a new name.
    count: usize,
    /// By where they begin.
    edits: BTreeMap<usize, Edit>,
}

/// A module's text without the imports from `data` and `input`, and with variables that have names of their own, if it
/// is another one then; other edits are done as well.
pub fn expand<'d>(
    module: &Module,
    names: &mut Names<'d>,
    set: &Declarations<'d>,
    edits: BTreeMap<usize, Edit>,
) -> Option<Edited> {
    let mut expander = Expander { set, names, paths: BTreeMap::new(), scopes: vec![], count: 0, edits };
    let contents = module.package.span.source.get_contents();
    for import in &module.imports {
        let Some((name, target)) = import_target(import) else { continue };
        // `input` and `data` are what they are under their own names.
        if matches!(name, "data" | "input") {
            continue;
        }
        // Of the language's own, of which regorus would take a variable's name, nothing is needed.
        if matches!(target[0], "data" | "input") {
            expander.paths.insert(name, spelled_out(&target));
        }
        let (start, end) = (import.span.start as usize, import.span.end as usize);
        let lines = contents[start..end].matches('\n').collect();
        expander.edits.insert(start, Edit::new(start, end, lines));
    }
    for rule in &module.policy {
        expander.rule(rule);
    }
    (!expander.edits.is_empty()).then(|| Edited::new(contents, expander.edits.into_values().collect()))
}

/// A message with the names that the variables have in the text that was given.
pub fn with_given_names(message: &str) -> String {
    let mut pieces = message.split(OWN_PREFIX);
    let mut text: String = pieces.next().unwrap_or_default().into();
    for piece in pieces {
        let name = piece.trim_start_matches(|digit: char| digit.is_ascii_digit());
        match name.strip_prefix('_').filter(|_| name.len() < piece.len()) {
            Some(name) => text.push_str(name),
            None => text.extend([OWN_PREFIX, piece]),
        }
    }
    text
}

impl Expander<'_, '_> {
    fn rule(&mut self, rule: &Rule) {
        let (head, bodies) = match rule {
            Rule::Default { value, args, .. } => {
                let given = variables(args);
                return self.within(given.clone(), given, &BTreeSet::new(), |this| args.iter().chain([value]).for_each(|expr| this.expr(expr)));
            }
            Rule::Spec { head, bodies, .. } => (head, bodies),
        };
        let given = arguments(head);
        self.within(given.clone(), given, &BTreeSet::new(), |this| {
            if let RuleHead::Func { args, .. } = head {
                args.iter().for_each(|arg| this.expr(arg));
            }
            // The path itself names the rule; what is computed in it does not.
            let steps = path(head_ref(head)).steps;
            let indices = steps.into_iter().filter_map(|step| match step {
                Step::Index(index) => Some(index),
                Step::Name(_) => None,
            });
            let in_head: Vec<_> = indices.chain(head_exprs(head)).collect();
            match bodies.split_first() {
                None => in_head.into_iter().for_each(|expr| this.expr(expr)),
                Some((first, others)) => {
                    this.query(&first.query, &in_head);
                    for body in others {
                        let value: Vec<_> = body.assign.iter().map(|assign| &assign.value).collect();
                        this.query(&body.query, &value);
                    }
                }
            }
        });
    }

    /// Walks in a scope; `other` has the names that mean another variable somewhere in it.
    fn within(&mut self, declared: BTreeSet<String>, named: BTreeSet<String>, other: &BTreeSet<String>, walk: impl FnOnce(&mut Self)) {
        let mut renamed = BTreeMap::new();
        for name in &declared {
            let is_rule = self.set.exports(&self.names.package).any(|rule| rule == name);
            if name != "_" && (is_rule || other.contains(name) || self.scopes.iter().any(|scope| scope.named.contains(name))) {
                self.count += 1;
                renamed.insert(name.clone(), format!("{OWN_PREFIX}{}_{name}", self.count));
            }
        }
        self.names.enter(declared.clone());
        self.scopes.push(Scope { declared, renamed, named });
        walk(self);
        self.scopes.pop();
        self.names.leave();
    }

    /// A body and the expressions that have its variables.
    fn query(&mut self, query: &Query, terms: &[&Ref<Expr>]) {
        let declared = declared(query);
        let mut named = declared.clone();
        terms.iter().for_each(|term| directly_named(term, &mut named));
        let mut other = BTreeSet::new();
        for stmt in &query.stmts {
            named_in_stmt(stmt, &mut named);
            if let Some((lhs, rhs)) = assignment(&stmt.literal) {
                other.extend(in_pattern(lhs).intersection(&free_in(rhs)).cloned());
            }
        }
        self.within(declared, named, &other, |this| {
            terms.iter().for_each(|term| this.expr(term));
            // Above its declaration, a name means the variable around, if there is one.
            let mut hidden = this.hide_those_around();
            for stmt in &query.stmts {
                declared_vars(&stmt.literal, &mut |name, _| {
                    if let (Some(name), Some(scope)) = (hidden.take(name), this.scopes.last_mut()) {
                        scope.declared.insert(name);
                    }
                });
                this.stmt(stmt);
            }
        });
    }

    fn stmt(&mut self, stmt: &LiteralStmt) {
        for with in &stmt.with_mods {
            self.expr(&with.refr);
            self.expr(&with.r#as);
        }
        match &stmt.literal {
            Literal::SomeVars { vars, .. } => vars.iter().for_each(|span| self.variable(span)),
            Literal::Every { key, value, domain, query, .. } => {
                self.expr(domain);
                let variables: BTreeSet<_> = key.iter().chain([value]).map(|span| span.text().to_string()).collect();
                self.within(variables.clone(), variables, &BTreeSet::new(), |this| {
                    key.iter().chain([value]).for_each(|span| this.variable(span));
                    this.query(query, &[]);
                });
            }
            literal => match assignment(literal) {
                Some((lhs, rhs)) => {
                    self.expr(lhs);
                    self.assigned(lhs, rhs);
                }
                None => literal_parts(literal).iter().for_each(|part| self.part(part)),
            },
        }
    }

    /// What is assigned has the variables around in place of those that the assignment declares; where there are none,
    /// variables of its own.
    fn assigned(&mut self, lhs: &Expr, rhs: &Ref<Expr>) {
        let Some(mut scope) = self.scopes.pop() else { return };
        let hidden: BTreeSet<_> = in_pattern(lhs).iter().filter_map(|name| scope.declared.take(name)).collect();
        let free = free_in(rhs);
        let own = hidden.iter().filter(|name| free.contains(*name) && !self.is_around(name)).cloned().collect();
        self.scopes.push(scope);
        self.within(own, BTreeSet::new(), &hidden, |this| this.expr(rhs));
        if let Some(scope) = self.scopes.last_mut() {
            scope.declared.extend(hidden);
        }
    }

    /// Takes from the innermost scope the variables that have a meaning around it.
    fn hide_those_around(&mut self) -> BTreeSet<String> {
        let Some(mut scope) = self.scopes.pop() else { return BTreeSet::new() };
        let (hidden, own) = std::mem::take(&mut scope.declared).into_iter().partition(|name| self.is_around(name));
        scope.declared = own;
        self.scopes.push(scope);
        hidden
    }

    /// Whether a variable has a meaning in the scopes so far.
    fn is_around(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope.declared.contains(name) || scope.named.contains(name))
    }

    fn part(&mut self, part: &Part<'_>) {
        match part {
            Part::Expr(expr) => self.expr(expr),
            Part::Query(query) => self.query(query, &[]),
        }
    }

    fn expr(&mut self, expr: &Ref<Expr>) {
        match &**expr {
            Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => self.query(query, &[term]),
            Expr::ObjectCompr { key, value, query, .. } => self.query(query, &[key, value]),
            Expr::Var { span, .. } => self.variable(span),
            // What is called is no variable.
            Expr::Call { fcn, params, .. } => {
                if !var(fcn).is_some_and(|name| self.scopes.iter().any(|scope| scope.declared.contains(name))) {
                    self.expr(fcn);
                }
                params.iter().for_each(|param| self.expr(param));
            }
            _ => parts(expr).iter().for_each(|part| self.part(part)),
        }
    }

    fn variable(&mut self, span: &Span) {
        let name = span.text();
        let scope = self.scopes.iter().rev().find(|scope| scope.declared.contains(name));
        let text = match scope {
            Some(scope) => scope.renamed.get(name),
            None => self.names.global(name).and_then(|_| self.paths.get(name)),
        };
        if let Some(text) = text {
            let (start, end) = (span.start as usize, span.end as usize);
            self.edits.insert(start, Edit::new(start, end, text.clone()));
        }
    }
}

/// The two sides of a statement that assigns.
fn assignment(literal: &Literal) -> Option<(&Ref<Expr>, &Ref<Expr>)> {
    let Literal::Expr { expr, .. } = literal else { return None };
    match &**expr {
        Expr::AssignExpr { op: AssignOp::ColEq, lhs, rhs, .. } => Some((lhs, rhs)),
        _ => None,
    }
}

/// The variables of an expression that are in no comprehension.
fn directly_named(expr: &Expr, named: &mut BTreeSet<String>) {
    named.extend(var(expr).map(String::from));
    if !matches!(expr, Expr::ArrayCompr { .. } | Expr::SetCompr { .. } | Expr::ObjectCompr { .. }) {
        for part in parts(expr) {
            if let Part::Expr(part) = part {
                directly_named(part, named);
            }
        }
    }
}

fn named_in_stmt(stmt: &LiteralStmt, named: &mut BTreeSet<String>) {
    stmt.with_mods.iter().for_each(|with| directly_named(&with.r#as, named));
    for part in literal_parts(&stmt.literal) {
        if let Part::Expr(part) = part {
            directly_named(part, named);
        }
    }
}

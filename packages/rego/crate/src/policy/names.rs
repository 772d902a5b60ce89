//! What the names in a module mean.

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{AssignOp, Expr, Import, Literal, Module, Query};

use super::declarations::{builtin_arity, Declarations};
use super::syntax::{declared_vars, path, var};
use super::variables::in_pattern;

/// The names that have a meaning throughout a module, and the names that rules and bodies give another.
pub struct Names<'d> {
    set: &'d Declarations<'d>,
    /// The package's path, from `data` on.
    pub package: Vec<String>,
    /// A rule of the package or an import, and the path that it stands for, from `data` or `input` on.
    globals: BTreeMap<String, Vec<String>>,
    /// The bodies around.
    scopes: Vec<Scope>,
}

struct Scope {
    /// Its own variables.
    declared: BTreeSet<String>,
    /// Those that are declared with a value.
    assigned: BTreeSet<String>,
    /// Those that have a value whatever other statements do.
    given: BTreeSet<String>,
}

impl<'d> Names<'d> {
    pub fn new(module: &Module, package: Vec<String>, set: &'d Declarations<'d>) -> Self {
        let mut globals = BTreeMap::new();
        for rule in set.exports(&package) {
            let target = package.iter().chain([rule]).cloned().collect();
            globals.insert(rule.clone(), target);
        }
        for import in &module.imports {
            let Some((name, target)) = import_target(import) else { continue };
            if !matches!(target[0], "data" | "input") {
                continue;
            }
            globals.insert(name.into(), target.into_iter().map(String::from).collect());
        }
        Self { set, package, globals, scopes: vec![] }
    }

    /// Enters a scope with variables of its own.
    pub fn enter(&mut self, variables: BTreeSet<String>) {
        self.scopes.push(Scope { declared: variables.clone(), assigned: variables.clone(), given: variables });
    }

    /// Enters a body.
    pub fn enter_body(&mut self, query: &Query) {
        let mut assigned = BTreeSet::new();
        let mut given = BTreeSet::new();
        for stmt in &query.stmts {
            if matches!(stmt.literal, Literal::SomeVars { .. }) {
                continue;
            }
            declared_vars(&stmt.literal, &mut |name, _| {
                assigned.insert(name.to_string());
            });
            let Literal::Expr { expr, .. } = &stmt.literal else { continue };
            if let Expr::AssignExpr { op: AssignOp::Eq, lhs, rhs, .. } = &**expr {
                let sides = [(lhs, rhs), (rhs, lhs)].into_iter();
                given.extend(sides.filter(|(_, other)| in_pattern(other).is_empty()).flat_map(|(side, _)| in_pattern(side)));
            }
        }
        given.extend(assigned.iter().cloned());
        self.scopes.push(Scope { declared: declared(query), assigned, given });
    }

    pub fn leave(&mut self) {
        self.scopes.pop();
    }

    /// The path that a name stands for, unless it is a local variable or means nothing.
    pub fn global(&self, name: &str) -> Option<Vec<String>> {
        if self.scopes.iter().any(|scope| scope.declared.contains(name)) {
            return None;
        }
        let root = || matches!(name, "data" | "input").then(|| vec![name.to_string()]);
        self.globals.get(name).cloned().or_else(root)
    }

    /// The variables that the bodies around declare.
    pub fn declared_around(&self) -> BTreeSet<String> {
        self.scopes.iter().flat_map(|scope| scope.declared.iter().cloned()).collect()
    }

    /// Whether the innermost body declares a variable with a value, or it is no variable. Of those around, it may be that
    /// they are declared below.
    pub fn is_assigned(&self, name: &str) -> bool {
        self.scopes.last().is_some_and(|scope| scope.assigned.contains(name)) || self.global(name).is_some()
    }

    /// Whether a name has a value whatever statements do with it.
    pub fn has_value(&self, name: &str) -> bool {
        let own = self.scopes.iter().rev().find(|scope| scope.declared.contains(name) || scope.given.contains(name));
        own.map_or_else(|| self.global(name).is_some(), |scope| scope.given.contains(name))
    }

    /// The path that names stand for, the first of which is a variable.
    pub fn resolve(&self, names: &[&str]) -> Option<Vec<String>> {
        let (first, rest) = names.split_first()?;
        let mut target = self.global(first)?;
        target.extend(rest.iter().map(|name| (*name).to_string()));
        Some(target)
    }

    /// Whether rules of the package are for any name behind these.
    pub fn is_open(&self, names: &[&str]) -> bool {
        let names = names.iter().map(|name| (*name).to_string());
        self.set.is_open(&self.package.iter().cloned().chain(names).collect::<Vec<_>>())
    }

    /// Whether the last of so many arguments takes the result of what is called; of what there is not, it may.
    pub fn takes_result(&self, fcn: &Expr, given: usize) -> bool {
        let Some(names) = path(fcn).constant() else { return true };
        let arity = match self.resolve(&names) {
            Some(target) => self.set.arity(&target),
            None => builtin_arity(&names.join(".")),
        };
        arity.is_none_or(|arity| arity.checked_add(1) == Some(given))
    }

    /// Whether it is a call of the builtin function `print`.
    pub fn is_print(&self, expr: &Expr) -> bool {
        calls_print(expr) && self.global(PRINT).is_none()
    }

    /// Whether names are those of a function of the set or of a builtin.
    pub fn is_function(&self, names: &[&str]) -> bool {
        match self.resolve(names) {
            Some(target) => self.set.arity(&target).is_some(),
            None => builtin_arity(&names.join(".")).is_some(),
        }
    }
}

pub const PRINT: &str = "print";

/// Whether it is a call of what is named `print`.
pub fn calls_print(expr: &Expr) -> bool {
    matches!(expr, Expr::Call { fcn, .. } if var(fcn) == Some(PRINT))
}

/// The variables that a body declares, which have no other meaning anywhere in it.
pub fn declared(query: &Query) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for stmt in &query.stmts {
        declared_vars(&stmt.literal, &mut |name, _| {
            names.insert(name.to_string());
        });
    }
    names.remove("_");
    names
}

/// The name that an import gives, and the path that it stands for.
pub fn import_target(import: &Import) -> Option<(&str, Vec<&str>)> {
    let target = path(&import.refr).constant()?;
    let name = import.r#as.as_ref().map_or(target[target.len() - 1], |name| name.text());
    Some((name, target))
}

/// The path of a module's package, from `data` on.
pub fn package_path(module: &Module) -> Vec<String> {
    let names = path(&module.package.refr).constant().unwrap_or_default();
    std::iter::once("data").chain(names).map(String::from).collect()
}

/// The first name of a rule's path.
pub fn first_name(refr: &Expr) -> Option<&str> {
    var(path(refr).head)
}

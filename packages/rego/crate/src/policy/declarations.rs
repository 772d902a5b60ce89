//! The rules of a policy set, by their paths.

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{Expr, Module, Ref, Rule, RuleHead, Span, BUILTINS};

use super::names::{first_name, package_path};
use super::syntax::{head_ref, path, Step};

/// Our own functions, which regorus calls with exactly so many arguments and cannot give a result to the last of more.
pub const OWN_FUNCTIONS: [(&str, u8); 6] = [
    ("time.now_ns", 0),
    ("opa.runtime", 0),
    ("net.cidr_contains", 2),
    ("net.cidr_intersects", 2),
    ("net.cidr_is_valid", 1),
    ("net.cidr_expand", 1),
];

/// A rule, or one of its definitions.
pub struct Declared<'t> {
    pub module: usize,
    pub rule: &'t Rule,
    /// What the path in its head is written as.
    pub refr: &'t Ref<Expr>,
    /// The arguments of a function; a rule without is none.
    pub arity: Option<usize>,
    pub is_default: bool,
    /// `contains`
    pub is_set: bool,
    /// Whether its whole path is spelled out.
    pub is_constant: bool,
}

impl Declared<'_> {
    pub fn span(&self) -> &Span {
        self.refr.span()
    }
}

/// All that stands at a path below `data`.
#[derive(Default)]
pub struct Place<'t> {
    /// From `data` on.
    pub path: Vec<String>,
    pub children: BTreeMap<String, usize>,
    pub rules: Vec<Declared<'t>>,
    /// The modules whose package this is.
    pub packages: Vec<usize>,
}

pub struct Declarations<'t> {
    /// The first is `data`.
    pub places: Vec<Place<'t>>,
    /// The first names of the rules of each package.
    exports: BTreeMap<Vec<String>, BTreeSet<String>>,
}

impl<'t> Declarations<'t> {
    pub fn new(modules: &'t [Ref<Module>]) -> Self {
        let mut all = Self { places: vec![Place::default()], exports: BTreeMap::new() };
        all.places[0].path.push("data".into());
        for (index, module) in modules.iter().enumerate() {
            let package = package_path(module);
            let place = all.make(&package);
            all.places[place].packages.push(index);
            for rule in &module.policy {
                all.add(index, &package, rule);
            }
        }
        all
    }

    fn add(&mut self, module: usize, package: &[String], rule: &'t Rule) {
        let (refr, arity, is_default, is_set) = match rule {
            Rule::Spec { head, .. } => match head {
                RuleHead::Func { args, .. } => (head_ref(head), Some(args.len()), false, false),
                RuleHead::Set { .. } => (head_ref(head), None, false, true),
                RuleHead::Compr { .. } => (head_ref(head), None, false, false),
            },
            Rule::Default { refr, args, .. } => (refr, (!args.is_empty()).then_some(args.len()), true, false),
        };
        let whole = path(refr);
        let Some(names) = whole.names() else { return };
        let is_constant = names.len() == whole.steps.len() + 1;
        let target: Vec<String> = package.iter().cloned().chain(names.iter().map(|name| (*name).into())).collect();
        let place = self.make(&target);
        self.places[place].rules.push(Declared { module, rule, refr, arity, is_default, is_set, is_constant });
        if let Some(first) = first_name(refr) {
            self.exports.entry(package.to_vec()).or_default().insert(first.into());
        }
    }

    fn make(&mut self, target: &[String]) -> usize {
        let mut at = 0;
        for name in &target[1..] {
            at = match self.places[at].children.get(name) {
                Some(next) => *next,
                None => {
                    let path = self.places[at].path.iter().chain([name]).cloned().collect();
                    self.places.push(Place { path, ..Place::default() });
                    let next = self.places.len() - 1;
                    self.places[at].children.insert(name.clone(), next);
                    next
                }
            };
        }
        at
    }

    /// The first names of the rules of a package.
    pub fn exports(&self, package: &[String]) -> impl Iterator<Item = &String> {
        self.exports.get(package).into_iter().flatten()
    }

    /// What stands at a path from `data` on.
    pub fn find(&self, target: &[String]) -> Option<usize> {
        let (root, names) = target.split_first()?;
        let mut at = (root == "data").then_some(0)?;
        for name in names {
            at = *self.places[at].children.get(name)?;
        }
        Some(at)
    }

    /// Whether rules are for any name behind a path.
    pub fn is_open(&self, target: &[String]) -> bool {
        self.find(target).is_some_and(|at| self.places[at].rules.iter().any(|rule| !rule.is_constant))
    }

    /// How many arguments a function of the set has.
    pub fn arity(&self, target: &[String]) -> Option<usize> {
        self.places[self.find(target)?].rules.iter().find_map(|rule| rule.arity)
    }

    /// The places whose rules a path can come to: on it, and below its end. A computed step can be any name.
    pub fn reached(&self, names: &[String], steps: &[Step<'_>]) -> Vec<usize> {
        let mut found = vec![];
        if names.first().is_none_or(|root| root != "data") {
            return found;
        }
        let mut open = vec![0];
        let names = names[1..].iter().map(|name| Some(name.as_str()));
        let computed = steps.iter().map(|step| match step {
            Step::Name(name) => Some(*name),
            // A number is taken for the name that it is written as.
            Step::Index(index) => matches!(***index, Expr::Number { .. }).then(|| index.span().text()),
        });
        for step in names.chain(computed) {
            let mut next = vec![];
            for at in open {
                let place = &self.places[at];
                if !place.rules.is_empty() {
                    found.push(at);
                }
                match step {
                    Some(name) => next.extend(place.children.get(name)),
                    None => next.extend(place.children.values()),
                }
            }
            open = next;
        }
        while let Some(at) = open.pop() {
            if !self.places[at].rules.is_empty() {
                found.push(at);
            }
            open.extend(self.places[at].children.values());
        }
        found
    }
}

/// How many arguments a builtin function has; `usize::MAX` for any number.
pub fn builtin_arity(name: &str) -> Option<usize> {
    if name == "print" {
        return Some(usize::MAX);
    }
    let own = OWN_FUNCTIONS.iter().find(|(own, _)| *own == name).map(|(_, arity)| *arity);
    own.or_else(|| BUILTINS.get(name).map(|(_, arity)| *arity)).map(usize::from)
}

/// Whether it is one of ours alone, which regorus does not let another stand in for.
pub fn is_ours_alone(name: &str) -> bool {
    is_own_function(name) && !BUILTINS.contains_key(name)
}

/// Whether it is one of ours, in the place of one of regorus' or not.
pub fn is_own_function(name: &str) -> bool {
    OWN_FUNCTIONS.iter().any(|(own, _)| *own == name)
}

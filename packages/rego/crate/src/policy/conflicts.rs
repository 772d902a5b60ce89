//! Rules and packages that cannot stand beside each other, and rules that come back to themselves.

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{Module, Ref, Span};

use super::declarations::{Declarations, Place};
use super::names::{import_target, package_path};
use super::Refusal;

/// As many imports as a module may have: reading them takes time that grows with the square of their number.
const MOST_IMPORTS: usize = 200;

/// Imports of a module that are too many, or of which two give one name.
pub fn check_imports(module: &Module) -> Result<(), Refusal> {
    if let Some(import) = module.imports.get(MOST_IMPORTS) {
        return Err(Refusal::new(&import.span, format!("there are more than {MOST_IMPORTS} imports in one module")));
    }
    let mut names = BTreeSet::new();
    for import in &module.imports {
        let Some((name, target)) = import_target(import) else { continue };
        if target == ["data"] {
            let why = "the whole of data cannot be imported; import the package that is meant";
            return Err(Refusal::new(&import.span, why));
        }
        if matches!(name, "input" | "data") && target != ["input"] {
            return Err(Refusal::new(&import.span, format!("an import cannot be named {name}")));
        }
        if !names.insert(name) {
            return Err(Refusal::new(&import.span, format!("there is another import with the name {name}")));
        }
    }
    Ok(())
}

/// Rules of which one would hide or contradict another.
pub fn check_places(set: &Declarations<'_>, modules: &[Ref<Module>]) -> Result<(), Refusal> {
    let packages = packages_within(set);
    for place in &set.places {
        let found = conflict(set, place, modules)
            .or_else(|| conflict_with_package(set, place, modules, &packages))
            .or_else(|| default_in_open(set, place, modules));
        if let Some((span, why)) = found {
            return Err(Refusal::new(&span, format!("the rule {} {why}", place.path.join("."))));
        }
    }
    Ok(())
}

fn conflict(set: &Declarations<'_>, place: &Place<'_>, modules: &[Ref<Module>]) -> Option<(Span, String)> {
    let rules = &place.rules;
    let [first, others @ ..] = rules.as_slice() else { return None };
    if let Some(rule) = rules.iter().find(|rule| rule.is_constant) {
        if let Some(module) = place.packages.first() {
            return Some((rule.span().clone(), format!("is also a package, in {}", file(modules, *module))));
        }
        let inside = place.children.values().find_map(|child| any_rule(set, *child));
        if let Some((module, line)) = inside {
            let other = file(modules, module);
            return Some((rule.span().clone(), format!("has other rules inside it, as in {other}:{line}")));
        }
    }
    let whole = |rule: &&super::declarations::Declared<'_>| !rule.is_set && rule.is_constant;
    for other in others {
        let where_first = format!("{}:{}", file(modules, first.module), first.span().line);
        if other.arity != first.arity {
            return Some((other.span().clone(), match (first.arity, other.arity) {
                (Some(one), Some(two)) => format!("has {two} arguments here and {one} in {where_first}"),
                _ => format!("is a function and a rule without arguments: see {where_first}"),
            }));
        }
        if other.is_set != first.is_set || whole(&other) != whole(&first) {
            return Some((other.span().clone(), format!("is defined in another way in {where_first}")));
        }
        if other.arity.is_some() && !other.is_default && !first.is_default && other.module != first.module {
            let why = format!("is a function and has definitions in other files, as {where_first}; put them into one file");
            return Some((other.span().clone(), why));
        }
    }
    let mut defaults = rules.iter().filter(|rule| rule.is_default);
    if let (Some(one), Some(other)) = (defaults.next(), defaults.next()) {
        let one = format!("{}:{}", file(modules, one.module), one.span().line);
        return Some((other.span().clone(), format!("has another default in {one}")));
    }
    None
}

/// A package within an object that a rule fills: regorus leaves out what it holds.
fn conflict_with_package(
    set: &Declarations<'_>,
    place: &Place<'_>,
    modules: &[Ref<Module>],
    packages: &[Option<usize>],
) -> Option<(Span, String)> {
    place.rules.iter().find_map(|rule| {
        let package = package_path(modules.get(rule.module)?).len();
        let objects = package + 1..place.path.len() + usize::from(!rule.is_constant);
        let module = objects.filter_map(|end| set.find(&place.path[..end])).find_map(|at| packages[at])?;
        let file = file(modules, module);
        Some((rule.span().clone(), format!("shares the beginning of its name with the package in {file}: name one otherwise")))
    })
}

/// A default within an object that a rule fills under computed names: OPA takes no notice of it.
fn default_in_open(set: &Declarations<'_>, place: &Place<'_>, modules: &[Ref<Module>]) -> Option<(Span, String)> {
    let default = place.rules.iter().find(|rule| rule.is_default)?;
    let package = package_path(modules.get(default.module)?).len();
    let objects = (package + 1..place.path.len()).filter_map(|end| set.find(&place.path[..end]));
    let open = objects.filter_map(|at| set.places[at].rules.iter().find(|rule| !rule.is_constant)).next()?;
    let open = format!("{}:{}", file(modules, open.module), open.span().line);
    let why = format!("is a default of an object that the rule in {open} fills, and has no effect there: put a rule in its place");
    Some((default.span().clone(), why))
}

/// For each place a module whose package is there or below.
fn packages_within(set: &Declarations<'_>) -> Vec<Option<usize>> {
    let mut packages = vec![None; set.places.len()];
    // A place comes behind the one that it is in.
    for (at, place) in set.places.iter().enumerate().rev() {
        let below = || place.children.values().find_map(|child| packages[*child]);
        packages[at] = place.packages.first().copied().or_else(below);
    }
    packages
}

fn any_rule(set: &Declarations<'_>, at: usize) -> Option<(usize, u32)> {
    let place = &set.places[at];
    let rule = place.rules.first().map(|rule| (rule.module, rule.span().line));
    rule.or_else(|| place.children.values().find_map(|child| any_rule(set, *child)))
}

fn file(modules: &[Ref<Module>], index: usize) -> &str {
    modules.get(index).map_or("", |module| module.package.span.source.get_path())
}

/// Refuses a rule that depends on itself; gives the places of all rules, each after those that it depends on.
pub fn check_recursion(
    set: &Declarations<'_>,
    reached: &BTreeMap<usize, BTreeMap<usize, Span>>,
) -> Result<Vec<usize>, Refusal> {
    /// Under way, or known to come back to nothing.
    enum Mark {
        Open,
        Done,
    }
    let mut marks = BTreeMap::new();
    let mut order = vec![];
    for start in reached.keys() {
        if marks.contains_key(start) {
            continue;
        }
        marks.insert(*start, Mark::Open);
        let mut stack = vec![(*start, reached[start].iter())];
        while let Some((at, next)) = stack.last_mut() {
            let Some((to, span)) = next.next() else {
                marks.insert(*at, Mark::Done);
                order.push(*at);
                stack.pop();
                continue;
            };
            match marks.get(to) {
                Some(Mark::Done) => {}
                Some(Mark::Open) => {
                    let from = stack.iter().position(|(place, _)| place == to).unwrap_or_default();
                    let names = stack[from..].iter().map(|(place, _)| *place).chain([*to]);
                    let names: Vec<_> = names.map(|place| set.places[place].path.join(".")).collect();
                    return Err(Refusal::new(span, format!("the rule depends on itself: {}", names.join(" -> "))));
                }
                None => {
                    if let Some(edges) = reached.get(to) {
                        marks.insert(*to, Mark::Open);
                        stack.push((*to, edges.iter()));
                    }
                }
            }
        }
    }
    Ok(order)
}

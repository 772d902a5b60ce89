//! Reads the policies before regorus does: refuses what OPA's compiler would refuse and regorus would not, and writes
//! again what it would read otherwise.

mod bodies;
mod check;
mod conflicts;
mod declarations;
mod expand;
mod infer;
mod lines;
mod names;
mod print;
mod rewrite;
mod signatures;
mod syntax;
mod types;
mod variables;

use std::collections::BTreeMap;

use regorus::unstable::{Module, Ref, Rule, Span};

use declarations::Declarations;
use lines::Edit;
pub use expand::with_given_names;
pub use lines::{Edited, Lines};
use names::{package_path, Names};
pub use print::{ARITHMETIC, INTERSECTION, ITEMS, MEMBER, MEMBER_AT, UNION, WALK};
use syntax::{literal_parts, parts, path, Part};

/// Why policies are not taken, with the place.
pub struct Refusal(String);

impl Refusal {
    fn new(span: &Span, why: impl Into<String>) -> Self {
        Self(span.error(&why.into()).to_string())
    }

    pub fn into_message(self) -> String {
        self.0
    }
}

/// What is to be loaded in the place of each module, where it is another text.
pub type Written = Vec<Option<Edited>>;

/// Modules that have been parsed, with the bodies written out that regorus would read otherwise.
pub fn write_out_bodies(modules: &[Ref<Module>]) -> Result<Written, Refusal> {
    modules.iter().map(|module| bodies::write_out(module)).collect()
}

/// Checks modules; gives those of them anew in which a name has to be written otherwise, and the places of the rules,
/// those that others need first.
pub fn check(modules: &[Ref<Module>]) -> Result<(Written, Vec<usize>), Refusal> {
    modules.iter().try_for_each(|module| conflicts::check_imports(module))?;
    let set = Declarations::new(modules);
    conflicts::check_places(&set, modules)?;
    let mut names: Vec<_> = modules.iter().map(|module| Names::new(module, package_path(module), &set)).collect();
    let mut reached: BTreeMap<usize, BTreeMap<usize, Span>> = BTreeMap::new();
    let mut edits: Vec<_> = modules.iter().map(|_| BTreeMap::new()).collect();
    for (at, place) in set.places.iter().enumerate() {
        for rule in &place.rules {
            let more = check::check_rule(rule, &set, &mut names[rule.module], &mut edits[rule.module])?;
            let known = reached.entry(at).or_default();
            for (to, span) in more {
                known.entry(to).or_insert(span);
            }
        }
    }
    let order = conflicts::check_recursion(&set, &reached)?;
    let texts = modules.iter().zip(&mut names).zip(edits);
    let written = texts.map(|((module, names), edits)| expand::expand(module, names, &set, edits)).collect();
    Ok((written, order))
}

/// Infers the types in modules whose names have one meaning each.
pub fn infer(modules: &[Ref<Module>], order: &[usize]) -> Result<(), Refusal> {
    let set = Declarations::new(modules);
    let mut names: Vec<_> = modules.iter().map(|module| Names::new(module, package_path(module), &set)).collect();
    let mut known = infer::Known::default();
    order.iter().try_for_each(|at| infer::infer_place(*at, &set, &mut names, &mut known))
}

/// Writes modules again that have been checked, and have no imports: gives what is to be loaded in their places.
pub fn rewrite(modules: &[Ref<Module>]) -> Vec<Edited> {
    let set = Declarations::new(modules);
    let mut names: Vec<_> = modules.iter().map(|module| Names::new(module, package_path(module), &set)).collect();
    let spells_out_calls = modules.iter().zip(&names).any(|(module, names)| replaces_functions(module, names, &set));
    let mut holders = rewrite::holders(&set, modules.len());
    let rewritten = modules.iter().zip(&mut names).enumerate().map(|(index, (module, names))| {
        let source = module.package.span.source.get_contents();
        let mut edits = rewrite::rewrite(module, names, &Lines::new(source), spells_out_calls);
        edits.extend(holders[index].take().map(|text| Edit::new(source.len(), source.len(), text)));
        Edited::new(source, edits)
    });
    rewritten.collect()
}

/// Whether a `with` anywhere in a module replaces a function.
fn replaces_functions(module: &Module, names: &Names<'_>, set: &Declarations<'_>) -> bool {
    let mut open: Vec<Part<'_>> = vec![];
    for rule in &module.policy {
        if let Rule::Spec { head, bodies, .. } = &**rule {
            open.extend(syntax::head_exprs(head).into_iter().map(Part::Expr));
            for body in bodies {
                open.extend(body.assign.as_ref().map(|assign| Part::Expr(&assign.value)));
                open.push(Part::Query(&body.query));
            }
        }
    }
    while let Some(part) = open.pop() {
        match part {
            Part::Expr(expr) => open.extend(parts(expr)),
            Part::Query(query) => {
                for stmt in &query.stmts {
                    for with in &stmt.with_mods {
                        let target = path(&with.refr).constant().and_then(|target| names.resolve(&target));
                        if target.is_some_and(|target| set.arity(&target).is_some()) {
                            return true;
                        }
                        open.push(Part::Expr(&with.r#as));
                    }
                    open.extend(literal_parts(&stmt.literal));
                }
            }
        }
    }
    false
}

//! Finds what regorus would read otherwise than OPA, and writes it again.

use std::collections::BTreeSet;

use regorus::unstable::{Expr, Module, Query, Ref, Rule, RuleBody, RuleHead, Span};

use super::declarations::{Declarations, Declared, Place};
use super::lines::{Edit, Lines};
use super::names::{declared, Names};
use super::print::{is_constant, is_meant_otherwise, is_stmt_meant_otherwise, iterates, quoted, Printer, OWN_PREFIX};
use super::syntax::{head_ref, object_pattern, parts, path, pattern_vars, text, Part};

/// What the values of a rule's head were written as, to stand at the end of its body.
#[derive(Clone, Default)]
struct Last {
    statements: Vec<String>,
    /// Where the first of them was.
    origin: Option<usize>,
}

struct Rewriter<'n, 'd> {
    names: &'n mut Names<'d>,
    spells_out_calls: bool,
    lines: &'n Lines,
    variables: usize,
    edits: Vec<Edit>,
}

/// The edits that a module needs.
pub fn rewrite(module: &Module, names: &mut Names<'_>, lines: &Lines, spells_out_calls: bool) -> Vec<Edit> {
    let mut rewriter = Rewriter { names, spells_out_calls, lines, variables: 0, edits: vec![] };
    for rule in &module.policy {
        rewriter.rule(rule);
    }
    rewriter.edits
}

/// The variables of a function's arguments.
pub fn arguments(head: &RuleHead) -> BTreeSet<String> {
    match head {
        RuleHead::Func { args, .. } => variables(args),
        _ => BTreeSet::new(),
    }
}

/// The variables of patterns.
pub fn variables(patterns: &[Ref<Expr>]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for pattern in patterns {
        pattern_vars(pattern, &mut |name, _| {
            names.insert(name.to_string());
        });
    }
    names
}

impl Rewriter<'_, '_> {
    fn rule(&mut self, rule: &Rule) {
        let Rule::Spec { head, bodies, .. } = rule else { return };
        self.names.enter(arguments(head));
        let in_head: Vec<&Ref<Expr>> = match head {
            RuleHead::Compr { refr, assign, .. } => {
                [refr].into_iter().chain(assign.as_ref().map(|assign| &assign.value)).collect()
            }
            RuleHead::Set { refr, key, .. } => [refr].into_iter().chain(key).collect(),
            RuleHead::Func { assign, .. } => assign.as_ref().map(|assign| &assign.value).into_iter().collect(),
        };
        self.names.enter(bodies.first().map(|body| declared(&body.query)).unwrap_or_default());
        let mut steps = Last::default();
        // The path itself names the rule; what is computed in it does not.
        let (paths, values): (Vec<_>, Vec<_>) = in_head.into_iter().partition(|expr| std::ptr::eq(*expr, head_ref(head)));
        for expr in paths {
            self.inside_path(expr, !bodies.is_empty(), &mut steps);
        }
        let mut last = steps.clone();
        for expr in values {
            self.head_value(expr, !bodies.is_empty(), &mut last);
        }
        self.names.leave();
        let first = self.arguments(head);
        if bodies.is_empty() {
            self.add_body(head_span(head), &[first.as_slice(), &last.statements].concat());
        }
        for body in bodies {
            self.body(body, &first, if body.is_else { &steps } else { &last });
        }
        self.names.leave();
    }

    /// Puts variables in the place of patterns with objects, and gives what every body has to begin with for it.
    fn arguments(&mut self, head: &RuleHead) -> Vec<String> {
        let RuleHead::Func { args, .. } = head else { return vec![] };
        let mut before = vec![];
        for arg in args.iter().filter(|arg| object_pattern(arg).is_some()) {
            self.write(arg.span(), |printer| {
                let name = printer.argument(arg, &mut before);
                printer.name(&name);
            });
        }
        before
    }

    /// What is computed in a rule's path. A name beside rules for any name is taken for one of these: regorus has an
    /// empty object or set at a name that is spelled out.
    fn inside_path(&mut self, expr: &Expr, has_body: bool, last: &mut Last) {
        let is_open = |this: &Self, refr: &Expr| {
            has_body && path(refr).constant().is_some_and(|names| this.names.is_open(&names))
        };
        match expr {
            Expr::RefDot { refr, field, .. } => {
                self.inside_path(refr, has_body, last);
                if is_open(self, refr) {
                    let (start, end) = (field.0.start as usize, field.0.end as usize);
                    let name = self.lift(quoted(field.0.text()), start, last);
                    self.edits.push(Edit::new(start - 1, end, format!("[{name}]")));
                }
            }
            Expr::RefBrack { refr, index, .. } => {
                self.inside_path(refr, has_body, last);
                match text(index) {
                    Some(step) if is_open(self, refr) => {
                        let (start, end) = extent(index.span());
                        let name = self.lift(quoted(step), start, last);
                        self.edits.push(Edit::new(start, end, name));
                    }
                    // regorus takes no array, object or set for a step in front of `contains`.
                    _ if matches!(**index, Expr::Array { .. } | Expr::Object { .. } | Expr::Set { .. }) => {
                        self.lift_value(index, last);
                    }
                    _ => self.head_value(index, true, last),
                }
            }
            _ => {}
        }
    }

    /// Gives a value a name at the end of the body.
    fn lift(&mut self, value: String, origin: usize, last: &mut Last) -> String {
        last.origin.get_or_insert(origin);
        self.variables += 1;
        let name = format!("{OWN_PREFIX}{}", self.variables);
        last.statements.push(format!("{name} := {value}"));
        name
    }

    /// What a rule's head holds that may have no value has to be a statement at the end of its body: regorus forgets the
    /// values before it, or has a member that OPA has not. Without a body it is so only with several values.
    fn head_value(&mut self, expr: &Ref<Expr>, has_body: bool, last: &mut Last) {
        let stays = if has_body { self.is_there(expr) } else { !iterates(expr) };
        if stays {
            self.expr(expr);
        } else {
            self.lift_value(expr, last);
        }
    }

    fn lift_value(&mut self, expr: &Ref<Expr>, last: &mut Last) {
        last.origin.get_or_insert(expr.span().start as usize);
        self.write(expr.span(), |printer| {
            let name = printer.lifted(expr, &mut last.statements);
            printer.name(&name);
        });
    }

    /// Whether something is a constant or a variable of the body, or made of these.
    fn is_there(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Var { span, .. } => self.names.global(span.text()).is_none(),
            Expr::Array { .. } | Expr::Set { .. } | Expr::Object { .. } => {
                parts(expr).iter().all(|part| matches!(part, Part::Expr(part) if self.is_there(part)))
            }
            _ => is_constant(expr),
        }
    }

    fn body(&mut self, body: &RuleBody, first: &[String], last: &Last) {
        self.names.enter_body(&body.query);
        let mut last = last.clone();
        if let Some(assign) = &body.assign {
            let has_body = !body.query.stmts.is_empty();
            self.head_value(&assign.value, has_body, &mut last);
            if !has_body {
                self.add_body(assign.value.span(), &[first, &last.statements].concat());
            }
        }
        self.statements(&body.query, first, &last);
        self.names.leave();
    }

    /// Gives a body to what has none, and ends there.
    fn add_body(&mut self, span: &Span, statements: &[String]) {
        if !statements.is_empty() {
            let (_, end) = extent(span);
            self.edits.push(Edit::new(end, end, format!(" if {{ {} }}", statements.join("; "))));
        }
    }

    fn statements(&mut self, query: &Query, first: &[String], last: &Last) {
        let Some(first_stmt) = query.stmts.first() else { return };
        let first: String = first.iter().map(|statement| format!("{statement}; ")).collect();
        let behind: String = last.statements.iter().map(|statement| format!("; {statement}")).collect();
        if first_stmt.span.start == query.span.start {
            // Without braces it is one statement.
            let is_more = !first.is_empty() || !behind.is_empty();
            if is_more || is_stmt_meant_otherwise(first_stmt, self.spells_out_calls) {
                self.write(&first_stmt.span, |printer| printer.body(first_stmt, &first, &behind));
            }
            return;
        }
        for (index, stmt) in query.stmts.iter().enumerate() {
            let first = if index == 0 { first.as_str() } else { "" };
            if is_stmt_meant_otherwise(stmt, self.spells_out_calls) {
                self.write(&stmt.span, |printer| printer.stmt(stmt, first));
            } else if !first.is_empty() {
                let (start, _) = extent(&stmt.span);
                self.edits.push(Edit::new(start, start, first.into()));
            }
        }
        let contents = query.span.source.get_contents();
        let brace = contents.get(..query.span.end as usize).and_then(|body| body.rfind('}'));
        if let (false, Some(end)) = (behind.is_empty(), brace) {
            // A comment may stand in front of the brace, with the end of its line.
            let origin = last.origin.unwrap_or(end);
            self.edits.push(Edit { start: end, end, text: format!("{behind} "), origin });
        }
    }

    fn write(&mut self, span: &Span, print: impl FnOnce(&mut Printer<'_, '_>)) {
        let (mut start, end) = extent(span);
        // The span of an object begins with its last field, but for its line and column.
        let contents = span.source.get_contents();
        if let Some(open) = self.lines.offset(contents, span.line as usize, span.col as usize) {
            if open < start && contents.as_bytes()[open] == b'{' {
                start = open;
            }
        }
        let mut printer =
            Printer::new(self.names, self.spells_out_calls, self.lines, start, &mut self.variables);
        print(&mut printer);
        let text = printer.finish(end);
        self.edits.push(Edit::new(start, end, text));
    }

    fn expr(&mut self, expr: &Ref<Expr>) {
        if !is_meant_otherwise(&Part::Expr(expr), self.spells_out_calls) {
            return;
        }
        // A part alone is written again where that is enough: the text around it stays.
        if let Expr::Array { .. } | Expr::Object { .. } = &**expr {
            for part in parts(expr) {
                if let Part::Expr(part) = part {
                    self.expr(part);
                }
            }
            return;
        }
        self.write(expr.span(), |printer| printer.expr(expr));
    }
}

fn head_span(head: &RuleHead) -> &Span {
    match head {
        RuleHead::Compr { span, .. } | RuleHead::Set { span, .. } | RuleHead::Func { span, .. } => span,
    }
}

/// Where a span begins and ends in the text: those of regorus leave out the quotes of a string at their ends.
pub fn extent(span: &Span) -> (usize, usize) {
    let text = span.source.get_contents().as_bytes();
    let (start, end) = (span.start as usize, span.end as usize);
    let is_quote = |at: usize| matches!(text.get(at), Some(b'"' | b'`'));
    (start - usize::from(start > 0 && is_quote(start - 1)), end + usize::from(is_quote(end)))
}

/// For each module what has to stand at its end: an object that rules fill by their paths is there though none of them
/// has a value, which regorus knows of an object that is a rule itself, or is filled one step deep.
pub fn holders(set: &Declarations<'_>, modules: usize) -> Vec<Option<String>> {
    let mut texts = vec![None; modules];
    for place in &set.places {
        let Some((rule, names)) = filled(set, place) else { continue };
        let [first, more @ ..] = names.as_slice() else { continue };
        let steps: String = more.iter().map(|name| format!("[{}]", quoted(name))).collect();
        let text: &mut String = texts[rule.module].get_or_insert_default();
        text.push_str(&format!(
            "\n{first}{steps}[{OWN_PREFIX}] := true if {{ {OWN_PREFIX} := \"\"; false }}\n"
        ));
    }
    texts
}

/// One of the rules that fill the object at a place, and the names by which its module has the object.
fn filled<'d, 't>(set: &'d Declarations<'t>, place: &'d Place<'t>) -> Option<(&'d Declared<'t>, Vec<&'t str>)> {
    let names = |rule: &Declared<'t>| path(rule.refr).names().unwrap_or_default();
    // Beside rules for any name, only those names are there that have a value.
    if (1..place.path.len()).any(|end| set.is_open(&place.path[..end])) {
        return None;
    }
    if place.rules.is_empty() {
        let rule = place.children.values().find_map(|child| set.places[*child].rules.first())?;
        let mut names = names(rule);
        names.pop();
        return Some((rule, names));
    }
    let is_object = place.rules.iter().all(|rule| !rule.is_constant);
    let deep = place.rules.iter().find(|rule| rule.is_set || path(rule.refr).steps.len() > names(rule).len())?;
    is_object.then(|| (deep, names(deep)))
}

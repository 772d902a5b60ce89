//! Finds what regorus would read otherwise than OPA, and writes it again.

use std::collections::BTreeSet;

use regorus::unstable::{Expr, Module, Query, Ref, Rule, RuleBody, RuleHead, Span};

use super::declarations::{Declarations, Declared, Place};
use super::lines::{Edit, Lines};
use super::names::{declared, Names};
use super::print::{is_meant_otherwise, is_stmt_meant_otherwise, iterates, quoted, Printer, OWN_PREFIX};
use super::syntax::{head_ref, object_pattern, parts, path, pattern_vars, Part};

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
    let mut names = BTreeSet::new();
    if let RuleHead::Func { args, .. } = head {
        for arg in args {
            pattern_vars(arg, &mut |name, _| {
                names.insert(name.to_string());
            });
        }
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
        let mut lifted = vec![];
        for expr in in_head {
            // The path itself names the rule; what is computed in it does not.
            if std::ptr::eq(expr, head_ref(head)) {
                self.inside_path(expr, &mut lifted);
            } else {
                self.head_value(expr, &mut lifted);
            }
        }
        self.names.leave();
        let patterns = self.arguments(head);
        let first = patterns.clone() + &statements_of(&lifted);
        if let (true, false) = (bodies.is_empty(), first.is_empty()) {
            let (_, end) = extent(head_span(head));
            self.edits.push(Edit { start: end, end, text: format!(" if {{ {} }}", first.trim_end_matches("; ")) });
        }
        for (index, body) in bodies.iter().enumerate() {
            self.body(body, if index == 0 { &first } else { &patterns });
        }
        self.names.leave();
    }

    /// Puts variables in the place of patterns with objects, and gives what every body has to begin with for it.
    fn arguments(&mut self, head: &RuleHead) -> String {
        let RuleHead::Func { args, .. } = head else { return String::new() };
        let mut before = vec![];
        for arg in args.iter().filter(|arg| object_pattern(arg).is_some()) {
            self.write(arg.span(), |printer| {
                let name = printer.argument(arg, &mut before);
                printer.name(&name);
            });
        }
        statements_of(&before)
    }

    fn inside_path(&mut self, expr: &Expr, lifted: &mut Vec<String>) {
        match expr {
            Expr::RefDot { refr, .. } => self.inside_path(refr, lifted),
            Expr::RefBrack { refr, index, .. } => {
                self.inside_path(refr, lifted);
                self.head_value(index, lifted);
            }
            _ => {}
        }
    }

    /// A value of a rule: regorus goes through the members of something only in a body.
    fn head_value(&mut self, expr: &Ref<Expr>, lifted: &mut Vec<String>) {
        if iterates(expr) {
            self.write(expr.span(), |printer| {
                let name = printer.lifted(expr, lifted);
                printer.name(&name);
            });
        } else {
            self.expr(expr);
        }
    }

    fn body(&mut self, body: &RuleBody, first: &str) {
        let variables = declared(&body.query);
        self.names.enter(variables);
        let mut lifted = vec![];
        if let Some(assign) = &body.assign {
            self.head_value(&assign.value, &mut lifted);
        }
        self.statements(&body.query, &(first.to_string() + &statements_of(&lifted)));
        self.names.leave();
    }

    fn statements(&mut self, query: &Query, first: &str) {
        let is_bare = query.stmts.first().is_some_and(|stmt| stmt.span.start == query.span.start);
        if let (false, false, Some(stmt)) = (is_bare, first.is_empty(), query.stmts.first()) {
            let (start, _) = extent(&stmt.span);
            let is_written = is_stmt_meant_otherwise(stmt, self.spells_out_calls);
            // In front of the first statement, unless that is written again anyway.
            if !is_written {
                self.edits.push(Edit { start, end: start, text: first.into() });
            }
        }
        for (index, stmt) in query.stmts.iter().enumerate() {
            let first = if index == 0 { first } else { "" };
            let is_written = is_stmt_meant_otherwise(stmt, self.spells_out_calls);
            if is_written || (is_bare && !first.is_empty()) {
                self.write(&stmt.span, |printer| printer.stmt_after(stmt, is_bare, first));
            }
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
        self.edits.push(Edit { start, end, text });
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

/// Statements, to go in front of others.
fn statements_of(written: &[String]) -> String {
    written.iter().map(|statement| format!("{statement}; ")).collect()
}

fn head_span(head: &RuleHead) -> &Span {
    match head {
        RuleHead::Compr { span, .. } | RuleHead::Set { span, .. } | RuleHead::Func { span, .. } => span,
    }
}

/// Where a span begins and ends in the text: those of regorus leave out the quotes of a string at their ends.
fn extent(span: &Span) -> (usize, usize) {
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

//! The builtin functions `regex.*`. Their expressions are Go's, which are written again for Rust.

mod names;
mod syntax;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use anyhow::{anyhow, bail, Result};
use regex::{Captures, Regex, RegexBuilder};
use regorus::Value;

use crate::{memory, stop};
use syntax::{translate, Failure};

/// Bounds the time that it takes to compile an expression and to match with it.
const MOST_BYTES: usize = 100 * 1024;

/// As many compiled expressions are kept while they and all else take no more than a quarter of the memory.
const MOST_KEPT: usize = 1024;

/// As many are kept in any case.
const LEAST_KEPT: usize = 256;

thread_local! {
    static COMPILED: RefCell<Compiled> = const { RefCell::new(Compiled { kept: BTreeMap::new(), chance: 0 }) };
}

/// Expressions that need not be compiled again.
struct Compiled {
    kept: BTreeMap<String, Rc<Regex>>,
    chance: u64,
}

impl Compiled {
    /// When there is no room, any one makes room: of a list that is gone through in order, the one that was not used
    /// for the longest time is the one that comes next, and expressions made of inputs must not stay for ever.
    fn keep(&mut self, pattern: &str, regex: &Rc<Regex>) {
        let most = if memory::left() / 3 > memory::used() { MOST_KEPT } else { LEAST_KEPT };
        while self.kept.len() >= most {
            self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let place = (self.chance >> 33) as usize % self.kept.len();
            let Some(gone) = self.kept.keys().nth(place).cloned() else { break };
            self.kept.remove(&gone);
        }
        self.kept.insert(pattern.into(), regex.clone());
    }
}

/// Why an expression cannot be used.
pub enum Wrong {
    /// OPA refuses it too.
    Invalid,
    Unsupported(String),
}

/// Compiles an expression of Go.
pub fn compile(pattern: &str) -> Result<Rc<Regex>, Wrong> {
    if let Some(known) = COMPILED.with_borrow(|compiled| compiled.kept.get(pattern).cloned()) {
        return Ok(known);
    }
    let written = translate(pattern).map_err(|failure| match failure {
        Failure::Invalid => Wrong::Invalid,
        Failure::Unsupported(what) => Wrong::Unsupported(format!("a regular expression has {what}")),
    })?;
    let built = RegexBuilder::new(&written).size_limit(MOST_BYTES).build();
    let regex = Rc::new(built.map_err(|error| {
        Wrong::Unsupported(match error {
            regex::Error::CompiledTooBig(_) => "a regular expression is too large".into(),
            _ => "a regular expression cannot be used here".into(),
        })
    })?);
    COMPILED.with_borrow_mut(|compiled| compiled.keep(pattern, &regex));
    Ok(regex)
}

fn usable(pattern: &str) -> Result<Rc<Regex>> {
    compile(pattern).map_err(|wrong| match wrong {
        Wrong::Invalid => anyhow!("the regular expression is not valid"),
        Wrong::Unsupported(why) => stop::unsupported(why),
    })
}

/// The answer of a function `regex.*`, if it is one of these and its arguments are of the kinds that it takes.
pub fn call(name: &str, values: &[Value]) -> Option<Result<Value>> {
    Some(match (name, values) {
        ("regex.match", [Value::String(pattern), Value::String(text)]) => {
            usable(pattern).map(|regex| Value::from(regex.is_match(text)))
        }
        ("regex.is_valid", [Value::String(pattern)]) => match compile(pattern) {
            Ok(_) => Ok(Value::from(true)),
            Err(Wrong::Invalid) => Ok(Value::from(false)),
            Err(Wrong::Unsupported(why)) => Err(stop::unsupported(why)),
        },
        ("regex.find_n", [Value::String(pattern), Value::String(text), most]) => usable(pattern).and_then(|regex| {
            let found = regex.find_iter(text).take(at_most(most)?).map(|found| Value::from(found.as_str()));
            Ok(Value::from(found.collect::<Vec<_>>()))
        }),
        ("regex.find_all_string_submatch_n", [Value::String(pattern), Value::String(text), most]) => {
            usable(pattern).and_then(|regex| {
                let found = regex.captures_iter(text).take(at_most(most)?).map(|groups| {
                    let texts = groups.iter().map(|group| Value::from(group.map_or("", |group| group.as_str())));
                    Value::from(texts.collect::<Vec<_>>())
                });
                Ok(Value::from(found.collect::<Vec<_>>()))
            })
        }
        ("regex.split", [Value::String(pattern), Value::String(text)]) => {
            if text.is_empty() && !pattern.is_empty() {
                return Some(usable(pattern).map(|_| Value::from(vec![Value::from("")])));
            }
            usable(pattern).map(|regex| split(&regex, text))
        }
        ("regex.replace", [Value::String(text), Value::String(pattern), Value::String(template)]) => {
            usable(pattern).map(|regex| {
                let replaced = regex.replace_all(text, |groups: &Captures<'_>| expand(template, groups));
                Value::from(replaced.as_ref())
            })
        }
        (
            "regex.template_match",
            [Value::String(template), Value::String(text), Value::String(start), Value::String(end)],
        ) => matches_template(template, text, start, end),
        _ => return None,
    })
}

/// A number of matches; below zero, all.
fn at_most(number: &Value) -> Result<usize> {
    let Ok(number) = number.as_i64() else { bail!("the number of matches is no whole number") };
    Ok(usize::try_from(number).unwrap_or(usize::MAX))
}

/// What stands between matches, but not in front of an empty one at the beginning, and behind one at the end.
fn split(regex: &Regex, text: &str) -> Value {
    let mut parts = vec![];
    let (mut begin, mut end) = (0, 0);
    for found in regex.find_iter(text) {
        end = found.start();
        if found.end() != 0 {
            parts.push(Value::from(&text[begin..end]));
        }
        begin = found.end();
    }
    if end != text.len() {
        parts.push(Value::from(&text[begin..]));
    }
    Value::from(parts)
}

/// A replacement with its groups: `$1`, `$name`, `${name}`, and `$$` for the sign itself.
fn expand(template: &str, groups: &Captures<'_>) -> String {
    let mut expanded = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('$') {
        expanded.push_str(before);
        if let Some(behind) = behind.strip_prefix('$') {
            expanded.push('$');
            rest = behind;
            continue;
        }
        let inside = behind.strip_prefix('{');
        let from = inside.unwrap_or(behind);
        let length = from.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(from.len());
        let (name, after) = from.split_at(length);
        let after = if inside.is_some() { after.strip_prefix('}') } else { Some(after) };
        let Some(after) = after.filter(|_| !name.is_empty()) else {
            expanded.push('$');
            rest = behind;
            continue;
        };
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit()) && (name == "0" || !name.starts_with('0'));
        let group = if is_number { name.parse().ok().and_then(|place| groups.get(place)) } else { groups.name(name) };
        expanded.push_str(group.map_or("", |group| group.as_str()));
        rest = after;
    }
    expanded + rest
}

/// A text with regular expressions between delimiters.
fn matches_template(template: &str, text: &str, start: &str, end: &str) -> Result<Value> {
    let ([start], [end]) = (start.as_bytes(), end.as_bytes()) else { bail!("a delimiter is one character") };
    let mut pattern = String::from("^");
    let (mut level, mut begin, mut copied) = (0, 0, 0);
    for (at, byte) in template.bytes().enumerate() {
        if byte == *start {
            level += 1;
            if level == 1 {
                begin = at;
            }
        } else if byte == *end {
            level -= 1;
            if level < 0 {
                bail!("a delimiter is closed that was not opened");
            }
            if level == 0 {
                let inside = &template[begin + 1..at];
                usable(&format!("^{inside}$"))?;
                pattern.push_str(&format!("{}({inside})", quoted(&template[copied..begin])));
                copied = at + 1;
            }
        }
    }
    if level != 0 {
        bail!("a delimiter is not closed");
    }
    pattern.push_str(&format!("{}$", quoted(&template[copied..])));
    Ok(Value::from(usable(&pattern)?.is_match(text)))
}

/// A text that matches itself, as Go reads it.
fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for letter in text.chars() {
        if "\\.+*?()|[]{}^$".contains(letter) {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted
}

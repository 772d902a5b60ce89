//! What a call does: regorus, with the limits around it.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};

use anyhow::Result;
use regorus::utils::limits::PolicyLengthConfig;
use regorus::unstable::{ArithOp, Module};
use regorus::{Source, Value};

use crate::policy::{self, Edited, Lines, Refusal, Written, ARITHMETIC, INTERSECTION, ITEMS, MEMBER, MEMBER_AT, UNION, WALK};
use crate::stop::{self, Stop};
use crate::{clock, fuel, net, operators};

pub enum Outcome {
    Value(String),
    Undefined,
    Error(String),
    OutOfFuel,
    OutOfMemory,
    NoClock,
    Unreadable(String),
}

/// The host limits sizes before a text comes here; these only have to be no narrower.
const LENGTHS: PolicyLengthConfig = PolicyLengthConfig {
    max_col: NonZeroU32::new(1 << 20).unwrap(),
    max_file_bytes: NonZeroUsize::new(1 << 24).unwrap(),
    max_lines: NonZeroUsize::new(1 << 20).unwrap(),
};

pub struct Engine {
    /// The modules as they were given, until the first evaluation.
    read: regorus::Engine,
    /// What evaluates: the modules as they have to be written for it.
    running: regorus::Engine,
    /// The same before the first evaluation.
    prepared: Option<regorus::Engine>,
    /// The text of each module that had to be written again, as it was and as it is, by the name of its file.
    edited: BTreeMap<String, (String, Edited)>,
}

impl Default for Engine {
    fn default() -> Self {
        Self { read: engine(), running: engine(), prepared: None, edited: BTreeMap::new() }
    }
}

/// regorus with our own functions.
fn engine() -> regorus::Engine {
    let mut engine = regorus::Engine::new();
    engine.set_policy_length_config(LENGTHS);
    let mut add = |name: &str, arguments: u8, function: fn(Vec<Value>) -> Result<Value>| {
        // Fails for a name that is taken, and these are all different.
        let _ = engine.add_extension(name.into(), arguments, Box::new(function));
    };
    add("time.now_ns", 0, clock::now_ns);
    add("opa.runtime", 0, |_| Ok(Value::new_object()));
    add("net.cidr_contains", 2, |arguments| operators::settled(net::cidr_contains(&arguments)));
    add("net.cidr_intersects", 2, |arguments| operators::settled(net::cidr_intersects(&arguments)));
    add("net.cidr_is_valid", 1, |arguments| Ok(net::cidr_is_valid(&arguments)));
    add("net.cidr_expand", 1, |arguments| operators::settled(net::cidr_expand(&arguments)));
    add(MEMBER, 2, operators::holds);
    add(MEMBER_AT, 3, operators::holds_at);
    add(UNION, 2, operators::union);
    add(INTERSECTION, 2, operators::intersection);
    add(ITEMS, 1, operators::items);
    let operators = [ArithOp::Add, ArithOp::Sub, ArithOp::Mul, ArithOp::Div, ArithOp::Mod];
    for (name, op) in ARITHMETIC.iter().zip(operators) {
        let _ = engine.add_extension((*name).into(), 2, Box::new(operators::arithmetic(op)));
    }
    for (name, arguments, function) in operators::builtins() {
        let name = if name == "walk" { WALK } else { name };
        let _ = engine.add_extension(name.into(), arguments, Box::new(function));
    }
    // Not of builtin functions: these are our own, and settle it themselves.
    engine.set_strict_builtin_errors(true);
    engine
}

impl Engine {
    pub fn set_strict(&mut self, strict: bool) {
        operators::set_strict(strict);
    }

    pub fn add_module(&mut self, file: &str, text: &str) -> Outcome {
        nothing(self.read.add_policy(file.into(), text.into()))
    }

    pub fn add_data(&mut self, path: &str, text: &str) -> Outcome {
        let read = || -> Result<Value> {
            let path: Vec<String> = serde_json::from_str(path).map_err(anyhow::Error::msg)?;
            let document = Value::from_json_str(text)?;
            Ok(path.into_iter().rev().fold(document, |inner, name| {
                Value::from(BTreeMap::from([(Value::from(name), inner)]))
            }))
        };
        match read() {
            Ok(document) => nothing(self.running.add_data(document)),
            Err(error) => Outcome::Unreadable(error.to_string()),
        }
    }

    /// Checks the modules and compiles them: first as they are but for what names and bodies mean, so that what is unsafe
    /// in them is said, and then as they are to be evaluated.
    pub fn prepare(&mut self) -> Outcome {
        if let Err(why) = self.check() {
            return self.at_origin(Outcome::Error(why));
        }
        if let Err(error) = self.read.eval_query("true".into(), false) {
            return self.at_origin(failed(error));
        }
        let modules = self.read.get_modules().clone();
        for (module, written) in modules.iter().zip(policy::rewrite(&modules)) {
            let (file, text) = (module.package.span.source.get_path().clone(), written.text.clone());
            self.remember(module, written);
            if let Err(error) = self.running.add_policy(file, text) {
                return self.at_origin(failed(error));
            }
        }
        let outcome = self.limited("", |engine| engine.eval_query("true".into(), false).map(|_| Outcome::Undefined));
        self.prepared = Some(self.running.clone());
        outcome
    }

    fn check(&mut self) -> Result<(), String> {
        let written = policy::write_out_bodies(self.read.get_modules()).map_err(Refusal::into_message)?;
        self.read_again(written).map_err(|error| error.to_string())?;
        let (written, order) = policy::check(self.read.get_modules()).map_err(Refusal::into_message)?;
        self.read_again(written).map_err(|error| error.to_string())?;
        policy::infer(self.read.get_modules(), &order).map_err(Refusal::into_message)
    }

    /// Reads the modules again that are written otherwise now.
    fn read_again(&mut self, written: Written) -> Result<()> {
        if written.iter().all(Option::is_none) {
            return Ok(());
        }
        let modules = std::mem::replace(&mut self.read, engine()).get_modules().clone();
        for (module, written) in modules.iter().zip(written) {
            let source = &module.package.span.source;
            let (file, mut text) = (source.get_path().clone(), source.get_contents().clone());
            if let Some(written) = written {
                text.clone_from(&written.text);
                self.remember(module, written);
            }
            self.read.add_policy(file, text)?;
        }
        Ok(())
    }

    /// Keeps what became of a module.
    fn remember(&mut self, module: &Module, written: Edited) {
        let source = &module.package.span.source;
        if let Some((_, edited)) = self.edited.get_mut(source.get_path()) {
            edited.edit(written);
        } else if written.is_changed() {
            self.edited.insert(source.get_path().clone(), (source.get_contents().clone(), written));
        }
    }

    pub fn evaluate(&mut self, rule: &str, input: &str) -> Outcome {
        self.forget();
        self.limited(input, |engine| {
            let value = match engine.eval_rule(rule.into()) {
                // Packages and base documents are no rules, and neither is what is not there.
                Err(error) if error.to_string() == "not a valid rule path" => {
                    let results = engine.eval_query(rule.into(), false)?.result;
                    let result = results.into_iter().next();
                    let expression = result.and_then(|result| result.expressions.into_iter().next());
                    expression.map_or(Value::Undefined, |expression| expression.value)
                }
                result => result?,
            };
            Ok(if value == Value::Undefined { Outcome::Undefined } else { json(&value) })
        })
    }

    pub fn query(&mut self, query: &str, input: &str) -> Outcome {
        self.forget();
        self.limited(input, |engine| Ok(json(&engine.eval_query(query.into(), false)?)))
    }

    pub fn syntax_tree(&mut self, index: usize) -> Outcome {
        self.read.get_modules().get(index).map_or(Outcome::Undefined, |module| json(&**module))
    }

    /// Evaluates over an input, within the steps that are allowed.
    fn limited(
        &mut self,
        input: &str,
        run: impl FnOnce(&mut regorus::Engine) -> Result<Outcome>,
    ) -> Outcome {
        let input = if input.is_empty() { Ok(Value::Undefined) } else { Value::from_json_str(input) };
        match input {
            Ok(input) => self.running.set_input(input),
            Err(error) => return Outcome::Unreadable(error.to_string()),
        }
        clock::restart();
        stop::restart();
        fuel::restart();
        self.running.set_execution_timer_config(fuel::timer());
        let result = run(&mut self.running);
        // An error leaves the member behind that a loop was at, and the next evaluation would begin with it.
        if let (Err(_), Some(prepared)) = (&result, &self.prepared) {
            self.running = prepared.clone();
        }
        let outcome = result.unwrap_or_else(failed);
        if clock::missed() {
            Outcome::NoClock
        } else if fuel::spent() {
            Outcome::OutOfFuel
        } else {
            match stop::taken() {
                Some(Stop::Memory) => Outcome::OutOfMemory,
                // With its place, where it is known.
                Some(Stop::Unsupported(why)) if !matches!(outcome, Outcome::Error(_)) => Outcome::Error(why),
                _ => self.at_origin(outcome),
            }
        }
    }

    /// Syntax trees are large, and nobody asks for them any more.
    fn forget(&mut self) {
        if !self.read.get_modules().is_empty() {
            self.read = regorus::Engine::new();
        }
    }

    /// An error names a place in the text that was given, not in the one that was written.
    fn at_origin(&self, outcome: Outcome) -> Outcome {
        let Outcome::Error(message) = outcome else { return outcome };
        let message = policy::with_given_names(&self.place_at_origin(&message).unwrap_or(message));
        Outcome::Error(message)
    }

    fn place_at_origin(&self, message: &str) -> Option<String> {
        let (place, rest) = message.split_once("--> ")?.1.split_once('\n')?;
        let mut parts = place.rsplitn(3, ':');
        let (column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
        let (text, edited) = self.edited.get(file)?;
        let written = Lines::new(&edited.text);
        let offset = written.offset(&edited.text, line.parse().ok()?, column.parse().ok()?)?;
        let (line, column) = Lines::new(text).place(text, edited.origin(offset));
        let source = Source::from_contents(file.into(), text.clone()).ok()?;
        let said = rest.split_once("error: ").map_or(rest, |(_, said)| said);
        Some(source.message(u32::try_from(line).ok()?, u32::try_from(column).ok()?, "error", said))
    }
}

fn json(value: &impl serde::Serialize) -> Outcome {
    serde_json::to_string(value).map_or_else(|error| Outcome::Error(error.to_string()), Outcome::Value)
}

fn nothing<T>(result: Result<T>) -> Outcome {
    result.map_or_else(failed, |_| Outcome::Value(String::new()))
}

fn failed(error: anyhow::Error) -> Outcome {
    Outcome::Error(without_values(error.to_string()))
}

/// Where values begin in what regorus says, and what stands there without them.
const VALUES: [(&str, &str); 7] = [
    (" is unsafe (path [", " is unsafe"),
    (". Got `", ""),
    (" produced multiple outputs ", " produced multiple outputs"),
    ("value for key `", "two values for one key of an object"),
    ("found value: ", "found a value"),
    ("invalid duration: ", "invalid duration"),
    ("neighbors for node `", "the neighbors of a node must be array/set"),
];

/// A message without the values of what is evaluated, which are nobody's but the policy's.
fn without_values(message: String) -> String {
    let from = message.find("\nerror: ").unwrap_or(0);
    let begins = |(marker, instead): &(&str, &'static str)| message[from..].find(marker).map(|at| (from + at, *instead));
    match VALUES.iter().filter_map(begins).min() {
        Some((at, instead)) => format!("{}{instead}", &message[..at]),
        None => message,
    }
}

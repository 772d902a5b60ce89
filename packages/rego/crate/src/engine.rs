//! What a call does: regorus, with the limits around it.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};

use anyhow::Result;
use regorus::utils::limits::PolicyLengthConfig;
use regorus::Value;

use crate::{clock, fuel, net};

pub enum Outcome {
    Value(String),
    Undefined,
    Error(String),
    OutOfFuel,
    NoClock,
    Unreadable(String),
}

/// The host limits sizes before a text comes here; these only have to be no narrower.
const LENGTHS: PolicyLengthConfig = PolicyLengthConfig {
    max_col: NonZeroU32::new(1 << 20).unwrap(),
    max_file_bytes: NonZeroUsize::new(1 << 24).unwrap(),
    max_lines: NonZeroUsize::new(1 << 20).unwrap(),
};

pub struct Engine(regorus::Engine);

impl Default for Engine {
    fn default() -> Self {
        let mut engine = regorus::Engine::new();
        engine.set_policy_length_config(LENGTHS);
        let mut add = |name: &str, arguments: u8, function: fn(Vec<Value>) -> Result<Value>| {
            // Fails for a name that is taken, and these are all different.
            let _ = engine.add_extension(name.into(), arguments, Box::new(function));
        };
        add("time.now_ns", 0, clock::now_ns);
        add("opa.runtime", 0, |_| Ok(Value::new_object()));
        add("net.cidr_contains", 2, net::cidr_contains);
        add("net.cidr_intersects", 2, net::cidr_intersects);
        add("net.cidr_is_valid", 1, net::cidr_is_valid);
        add("net.cidr_expand", 1, net::cidr_expand);
        Self(engine)
    }
}

/// The names that `opa.runtime` of an engine without our own functions lists, and ours.
pub fn builtins() -> Outcome {
    let mut names = vec!["net.cidr_contains", "net.cidr_intersects", "net.cidr_is_valid", "net.cidr_expand", "print"]
        .into_iter()
        .map(String::from)
        .collect::<Vec<_>>();
    match regorus::Engine::new().eval_query("opa.runtime().builtins".into(), false) {
        Ok(results) => {
            let listed = results.result.first().and_then(|result| result.expressions.first());
            let listed = listed.and_then(|expression| expression.value.as_array().ok());
            for name in listed.into_iter().flat_map(|names| names.iter()) {
                names.extend(name.as_string().ok().map(|name| name.to_string()));
            }
            json(&names)
        }
        Err(error) => Outcome::Error(error.to_string()),
    }
}

impl Engine {
    pub fn set_strict(&mut self, strict: bool) {
        self.0.set_strict_builtin_errors(strict);
    }

    pub fn add_module(&mut self, file: &str, text: &str) -> Outcome {
        nothing(self.0.add_policy(file.into(), text.into()))
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
            Ok(document) => nothing(self.0.add_data(document)),
            Err(error) => Outcome::Unreadable(error.to_string()),
        }
    }

    pub fn prepare(&mut self) -> Outcome {
        self.limited("", |engine| engine.eval_query("true".into(), false).map(|_| Outcome::Undefined))
    }

    pub fn evaluate(&mut self, rule: &str, input: &str) -> Outcome {
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
        self.limited(input, |engine| Ok(json(&engine.eval_query(query.into(), false)?)))
    }

    pub fn syntax_tree(&mut self, index: usize) -> Outcome {
        self.0.get_modules().get(index).map_or(Outcome::Undefined, |module| json(&**module))
    }

    /// Evaluates over an input, within the steps that are allowed.
    fn limited(
        &mut self,
        input: &str,
        run: impl FnOnce(&mut regorus::Engine) -> Result<Outcome>,
    ) -> Outcome {
        let input = if input.is_empty() { Ok(Value::Undefined) } else { Value::from_json_str(input) };
        match input {
            Ok(input) => self.0.set_input(input),
            Err(error) => return Outcome::Unreadable(error.to_string()),
        }
        clock::restart();
        fuel::restart();
        self.0.set_execution_timer_config(fuel::timer());
        let outcome = run(&mut self.0).unwrap_or_else(failed);
        if clock::missed() {
            Outcome::NoClock
        } else if fuel::spent() {
            Outcome::OutOfFuel
        } else {
            outcome
        }
    }
}

fn json(value: &impl serde::Serialize) -> Outcome {
    serde_json::to_string(value).map_or_else(|error| Outcome::Error(error.to_string()), Outcome::Value)
}

fn nothing<T>(result: Result<T>) -> Outcome {
    result.map_or_else(failed, |_| Outcome::Value(String::new()))
}

fn failed(error: anyhow::Error) -> Outcome {
    Outcome::Error(error.to_string())
}

//! Operators and builtin functions as functions of our own, so that what is missing or of another kind has no value, as
//! in OPA. regorus has two other ways: it fails, and with that the whole evaluation, or it goes on where one definition
//! of a function failed as long as another has a value. The first is how errors have to be taken that OPA takes so,
//! such as two values for one rule; so none may come from a builtin function.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use anyhow::{anyhow, Result};
use regorus::unstable::{numbers, sets, ArithOp, Expr, Ref, Span, BUILTINS};
use regorus::{Source, Value};

use crate::{decimals, glob, json_paths, memory, queries, regexes, sprintf, stop, texts, time};

/// `value in collection`
pub fn holds(arguments: Vec<Value>) -> Result<Value> {
    let [value, collection] = &arguments[..] else {
        return Ok(Value::Undefined);
    };
    Ok(Value::from(match collection {
        Value::Array(items) => items.iter().any(|item| item == value),
        Value::Set(items) => items.contains(value),
        Value::Object(fields) => fields.values().any(|field| field == value),
        _ => false,
    }))
}

/// `key, value in collection`
pub fn holds_at(arguments: Vec<Value>) -> Result<Value> {
    let [key, value, collection] = &arguments[..] else {
        return Ok(Value::Undefined);
    };
    Ok(Value::from(match collection {
        // A large index is not cut to the width of a pointer.
        Value::Array(items) => {
            let index = key.as_number().ok().and_then(|index| index.as_u64()).and_then(|index| usize::try_from(index).ok());
            index.and_then(|index| items.get(index)) == Some(value)
        }
        Value::Object(_) => collection[key] == *value,
        _ => false,
    }))
}

/// `one | other`
pub fn union(arguments: Vec<Value>) -> Result<Value> {
    Ok(match &arguments[..] {
        [Value::Set(one), Value::Set(other)] => Value::from(one.iter().chain(other.iter()).cloned().collect::<BTreeSet<_>>()),
        _ => Value::Undefined,
    })
}

/// `one & other`
pub fn intersection(arguments: Vec<Value>) -> Result<Value> {
    Ok(match &arguments[..] {
        [Value::Set(one), Value::Set(other)] => Value::from(one.iter().filter(|item| other.contains(item)).cloned().collect::<BTreeSet<_>>()),
        _ => Value::Undefined,
    })
}

/// The collection that `some ... in` and `every` go through; anything else is an empty one.
pub fn items(arguments: Vec<Value>) -> Result<Value> {
    Ok(match arguments.into_iter().next() {
        Some(collection @ (Value::Array(_) | Value::Set(_) | Value::Object(_))) => collection,
        _ => Value::new_array(),
    })
}

/// Whether an error in a builtin function ends the evaluation.
static IS_STRICT: AtomicBool = AtomicBool::new(false);

pub fn set_strict(strict: bool) {
    IS_STRICT.store(strict, Relaxed);
}

/// What an error of a builtin function comes to.
pub fn settled(result: Result<Value>) -> Result<Value> {
    match result {
        Err(error) if error.downcast_ref::<regorus::LimitError>().is_some() => Err(error),
        Err(error) if IS_STRICT.load(Relaxed) => Err(without_place(error)),
        Err(_) => Ok(Value::Undefined),
        result => result,
    }
}

/// An error that does not show the text that `nowhere` made up.
fn without_place(error: anyhow::Error) -> anyhow::Error {
    let message = error.to_string();
    let Some((before, said)) = message.split_once("error: ") else { return error };
    if before.trim_start().starts_with("--> :1:1\n") { anyhow!("{said}") } else { error }
}

/// Stands for the place of an argument: who calls knows it.
fn nowhere() -> Span {
    let source = Source::from_contents(String::new(), String::from("_"));
    let source = source.unwrap_or_else(|_| unreachable!("a text of one letter has a place for it"));
    Span { source, line: 1, col: 1, start: 0, end: 1 }
}

fn arguments(span: &Span, count: u8) -> Vec<Ref<Expr>> {
    (0..count).map(|_| Ref::new(Expr::Null { span: span.clone(), value: Value::Null, eidx: 0 })).collect()
}

/// An operator of numbers; `-` is one of sets too.
pub fn arithmetic(op: ArithOp) -> impl Fn(Vec<Value>) -> Result<Value> + Clone + Send + Sync {
    let span = nowhere();
    let params = arguments(&span, 2);
    move |values: Vec<Value>| {
        let [one, other] = <[Value; 2]>::try_from(values).unwrap_or([Value::Undefined, Value::Undefined]);
        if let Some(result) = decimals::calculate(&op, &one, &other) {
            return Ok(result);
        }
        settled(match (&op, &one, &other) {
            (ArithOp::Sub, Value::Set(_), Value::Set(_)) => sets::difference(&params[0], &params[1], one, other),
            _ => numbers::arithmetic_operation(&span, &op, &params[0], &params[1], one, other, true),
        })
    }
}

/// The sum or the product of numbers.
fn folded<'v>(op: ArithOp, mut values: impl Iterator<Item = &'v Value>) -> Result<Value> {
    let start = Value::from(u64::from(matches!(op, ArithOp::Mul)));
    let operator = arithmetic(op);
    values.try_fold(start, |result, value| operator(vec![result, value.clone()]))
}

/// regorus' builtin functions, but for those that have no result of their own. It gives what `walk` does one by one
/// where it knows the name.
pub fn builtins() -> impl Iterator<Item = (&'static str, u8, impl Fn(Vec<Value>) -> Result<Value> + Clone + Send + Sync)> {
    let wrapped = BUILTINS.iter().filter(|(name, _)| !matches!(**name, "trace" | "opa.runtime"));
    wrapped.map(|(name, &(function, count))| (*name, count, builtin(name, function, count)))
}

fn builtin(
    name: &'static str,
    function: BuiltinFcnPointer,
    count: u8,
) -> impl Fn(Vec<Value>) -> Result<Value> + Clone + Send + Sync {
    let span = nowhere();
    let params = arguments(&span, count);
    move |values: Vec<Value>| {
        let values = match (name, &values[..]) {
            ("base64.decode" | "base64.is_valid", [Value::String(text)]) => vec![texts::strict_base64(text, false)],
            ("base64url.decode", [Value::String(text)]) => vec![texts::strict_base64(text, true)],
            ("array.slice", [array, start, stop]) => vec![array.clone(), within(start), within(stop)],
            _ => values,
        };
        let ours = instead(name, &values);
        let theirs = || function(&span, &params, &values, IS_STRICT.load(Relaxed));
        settled(ours.unwrap_or_else(|| match name {
            "json.marshal_with_options" => texts::escaped_with_options(theirs()?, &values),
            "json.unmarshal" | "json.is_valid" => texts::unless_too_deep(theirs(), &values),
            _ => theirs(),
        }))
    }
}

/// A whole number no larger than a pointer can be: regorus cuts off what is beyond.
fn within(number: &Value) -> Value {
    const MOST: i64 = i32::MAX as i64;
    match number.as_i64() {
        Ok(value) if value > MOST => Value::from(MOST),
        _ => number.clone(),
    }
}

/// `object.subset`: fields by name, members of sets, and of an array what stands side by side in it.
fn has_part(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(name, part)| whole.get(name).is_some_and(|whole| has_part(whole, part)))
        }
        (Value::Set(whole), Value::Set(part)) => part.is_subset(whole),
        (Value::Array(_), Value::Array(part)) if part.is_empty() => true,
        (Value::Array(whole), Value::Array(part)) => {
            whole.as_slice().windows(part.len()).any(|window| window == part.as_slice())
        }
        _ => whole == part,
    }
}

/// The answer where regorus has another than OPA.
fn instead(name: &str, values: &[Value]) -> Option<Result<Value>> {
    Some(match (name, values) {
        ("glob.match", _) => glob::matches(values),
        ("glob.quote_meta", [Value::String(text)]) => Ok(Value::from(glob::quote(text))),
        // Letters one by one, and characters rather than units of UTF-16.
        ("upper", [Value::String(text)]) => Ok(texts::upper(text)),
        ("lower", [Value::String(text)]) => Ok(texts::lower(text)),
        ("count", [Value::String(text)]) => Ok(Value::from(text.chars().count())),
        ("substring", [Value::String(text), offset @ Value::Number(_), length @ Value::Number(_)]) => {
            texts::substring(text, offset, length)
        }
        ("indexof" | "indexof_n", [Value::String(_), Value::String(wanted)]) if wanted.is_empty() => {
            Err(anyhow!("an empty text is everywhere"))
        }
        ("strings.count", [Value::String(text), Value::String(wanted)]) => {
            Ok(Value::from(text.matches(wanted.as_ref()).count()))
        }
        ("numbers.range_step", [_, _, step]) if !step.as_i64().is_ok_and(|step| step > 0) => {
            Err(anyhow!("the step is no whole number above zero"))
        }
        ("numbers.range" | "numbers.range_step", [Value::Number(first), Value::Number(last), step @ ..]) => {
            let step = step.first().and_then(|step| step.as_f64().ok()).unwrap_or(1.0);
            let length = last.as_f64().zip(first.as_f64()).map_or(f64::INFINITY, |(last, first)| (last - first).abs());
            if length / step * size_of::<Value>() as f64 > memory::left() as f64 {
                return Some(Err(stop::for_memory()));
            }
            return None;
        }
        ("sum", [Value::Array(items)]) => folded(ArithOp::Add, items.iter()),
        ("sum", [Value::Set(items)]) => folded(ArithOp::Add, items.iter()),
        ("product", [Value::Array(items)]) => folded(ArithOp::Mul, items.iter()),
        ("product", [Value::Set(items)]) => folded(ArithOp::Mul, items.iter()),
        ("json.marshal", [value]) => texts::marshal(value),
        ("sprintf", [Value::String(format), values]) => sprintf::sprintf(format, values),
        ("to_number", [Value::String(text)]) => return texts::check_number(text).err().map(Err),
        ("time.parse_ns", [Value::String(layout), Value::String(text)]) => time::parse(layout, text),
        ("time.parse_rfc3339_ns", [Value::String(text)]) => time::parse_rfc_3339(text),
        ("time.format", [time]) => time::format(time),
        ("time.add_date", [time, years, months, days]) => time::add_date(time, [years, months, days]),
        ("strings.replace_n", [pairs @ Value::Object(_), Value::String(text)]) => texts::replace_n(pairs, text),
        ("urlquery.encode", [Value::String(text)]) => Ok(Value::from(queries::encode(text))),
        ("urlquery.encode_object", [object @ Value::Object(_)]) => queries::encode_object(object),
        ("urlquery.decode", [Value::String(text)]) => queries::decode(text).map(Value::from),
        ("urlquery.decode_object", [Value::String(text)]) => queries::decode_object(text),
        ("json.filter", [object @ Value::Object(_), paths]) => json_paths::filter(object, paths),
        ("json.remove", [object @ Value::Object(_), paths]) => json_paths::remove(object, paths),
        ("object.subset", [Value::Array(whole), Value::Set(part)]) => {
            Ok(Value::from(!whole.is_empty() && part.iter().all(|item| whole.contains(item))))
        }
        (
            "object.subset",
            [whole @ Value::Object(_), part @ Value::Object(_)]
            | [whole @ Value::Array(_), part @ Value::Array(_)]
            | [whole @ Value::Set(_), part @ Value::Set(_)],
        ) => Ok(Value::from(has_part(whole, part))),
        ("object.subset", _) => Err(anyhow!("object.subset takes two objects, two sets, or an array and either")),
        ("units.parse" | "units.parse_bytes", [Value::String(text)]) if text.contains('_') => {
            Err(anyhow!("the text is no number"))
        }
        ("json.is_valid" | "base64.is_valid", [value]) if !matches!(value, Value::String(_)) => {
            Ok(Value::from(false))
        }
        _ => return regexes::call(name, values),
    })
}

type BuiltinFcnPointer = fn(&Span, &[Ref<Expr>], &[Value], bool) -> Result<Value>;

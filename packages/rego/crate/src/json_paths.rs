//! `json.filter` and `json.remove` as OPA has them. regorus takes a slash in front of a path for a name, knows no `~1`,
//! and drops a value that ends before its path does.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{bail, Result};
use regorus::Value;

type Names = BTreeMap<Value, Paths>;

/// Paths by their first names.
enum Paths {
    End,
    Below(Names),
}

/// `json.filter(object, paths)`
pub fn filter(object: &Value, paths: &Value) -> Result<Value> {
    object.as_object()?;
    Ok(kept(object, &Paths::Below(read(paths)?)))
}

/// `json.remove(object, paths)`
pub fn remove(object: &Value, paths: &Value) -> Result<Value> {
    object.as_object()?;
    Ok(left(object, Some(&Paths::Below(read(paths)?))).unwrap_or(Value::Undefined))
}

fn read(paths: &Value) -> Result<Names> {
    let mut names = BTreeMap::new();
    let items: Vec<&Value> = match paths {
        Value::Array(items) => items.iter().collect(),
        Value::Set(items) => items.iter().collect(),
        _ => bail!("paths are an array or a set"),
    };
    for path in items {
        let steps: Vec<Value> = match path {
            Value::String(text) if text.is_empty() => vec![],
            Value::String(text) => {
                let steps = text.trim_start_matches('/').split('/');
                steps.map(|step| Value::from(step.replace("~1", "/").replace("~0", "~"))).collect()
            }
            Value::Array(steps) => steps.iter().cloned().collect(),
            _ => bail!("a path is a string or an array"),
        };
        insert(&mut names, &steps);
    }
    Ok(names)
}

/// Of two paths one of which goes on from the other, the shorter one counts.
fn insert(mut names: &mut Names, path: &[Value]) {
    let Some((last, steps)) = path.split_last() else { return };
    for step in steps {
        match names.entry(step.clone()).or_insert_with(|| Paths::Below(BTreeMap::new())) {
            Paths::End => return,
            Paths::Below(next) => names = next,
        }
    }
    names.insert(last.clone(), Paths::End);
}

/// An index is a name too.
fn index(at: usize) -> Value {
    Value::from(at.to_string())
}

fn kept(value: &Value, paths: &Paths) -> Value {
    let Paths::Below(names) = paths else { return value.clone() };
    match value {
        Value::Array(items) => {
            let items = items.iter().enumerate();
            let kept = items.filter_map(|(at, item)| names.get(&index(at)).map(|paths| kept(item, paths)));
            Value::from(kept.collect::<Vec<_>>())
        }
        Value::Set(items) => {
            let kept = items.iter().filter_map(|item| names.get(item).map(|paths| kept(item, paths)));
            Value::from(kept.collect::<BTreeSet<_>>())
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let kept = fields.filter_map(|(name, field)| Some((name.clone(), kept(field, names.get(name)?))));
            Value::from(kept.collect::<BTreeMap<_, _>>())
        }
        _ => value.clone(),
    }
}

fn left(value: &Value, paths: Option<&Paths>) -> Option<Value> {
    let names = match paths {
        None => return Some(value.clone()),
        Some(Paths::End) => return None,
        Some(Paths::Below(names)) => names,
    };
    Some(match value {
        Value::Array(items) => {
            let items = items.iter().enumerate();
            Value::from(items.filter_map(|(at, item)| left(item, names.get(&index(at)))).collect::<Vec<_>>())
        }
        Value::Set(items) => {
            let left = items.iter().filter_map(|item| left(item, names.get(item)));
            Value::from(left.collect::<BTreeSet<_>>())
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let left = fields.filter_map(|(name, field)| Some((name.clone(), left(field, names.get(name))?)));
            Value::from(left.collect::<BTreeMap<_, _>>())
        }
        _ => value.clone(),
    })
}

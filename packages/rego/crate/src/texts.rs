//! Builtin functions of texts as OPA has them, where regorus has other answers.

use std::collections::BTreeMap;

use anyhow::{anyhow, bail, Result};
use regorus::Value;

use crate::stop;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// `substring(text, offset, length)`: numbers with a fraction are an error, and large ones are not cut.
pub fn substring(text: &str, offset: &Value, length: &Value) -> Result<Value> {
    let (Ok(offset), Ok(length)) = (offset.as_i64(), length.as_i64()) else {
        bail!("substring takes whole numbers");
    };
    if offset < 0 {
        bail!("substring takes no negative offset");
    }
    let rest = text.chars().skip(usize::try_from(offset).unwrap_or(usize::MAX));
    let found: String = match usize::try_from(length) {
        Ok(length) => rest.take(length).collect(),
        Err(_) => rest.collect(),
    };
    Ok(Value::from(found))
}

/// `strings.replace_n(pairs, text)`: in one pass, so that what was put in is not replaced again. Where several keys
/// match, the first in their order is taken.
pub fn replace_n(pairs: &Value, text: &str) -> Result<Value> {
    let mut wanted = BTreeMap::new();
    for (old, new) in pairs.as_object()?.iter() {
        let (Value::String(old), Value::String(new)) = (old, new) else {
            bail!("strings.replace_n takes an object of strings");
        };
        wanted.insert(old.as_ref(), new.as_ref());
    }
    let mut replaced = String::new();
    let mut rest = text;
    let mut was_empty = false;
    loop {
        let found = wanted.iter().find(|(old, _)| rest.starts_with(**old) && !(was_empty && old.is_empty()));
        was_empty = found.is_some_and(|(old, _)| old.is_empty());
        if let Some((old, new)) = found {
            replaced.push_str(new);
            rest = &rest[old.len()..];
            continue;
        }
        let Some(letter) = rest.chars().next() else { return Ok(Value::from(replaced)) };
        replaced.push(letter);
        rest = &rest[letter.len_utf8()..];
    }
}

/// A text in base64 as regorus reads it and Go means it: without line breaks, and with no bits set that are left over.
pub fn strict_base64(text: &str, is_url: bool) -> Value {
    // OPA adds the padding that is missing by the length, and line breaks count there.
    let breaks = text.bytes().filter(|byte| matches!(byte, b'\r' | b'\n')).count();
    if is_url && breaks % 4 != 0 && !text.ends_with('=') {
        return Value::from(text);
    }
    let alphabet = if is_url { BASE64_URL } else { BASE64 };
    let mut strict: Vec<char> = text.chars().filter(|letter| !matches!(letter, '\r' | '\n')).collect();
    let length = strict.iter().rposition(|letter| *letter != '=').map_or(0, |at| at + 1);
    let left_over = match length % 4 {
        2 => 0b1111,
        3 => 0b11,
        _ => 0,
    };
    if let Some(last) = strict[..length].last_mut() {
        if let Some(value) = alphabet.iter().position(|letter| char::from(*letter) == *last) {
            *last = char::from(alphabet[value & !left_over]);
        }
    }
    Value::from(strict.into_iter().collect::<String>())
}

/// `json.marshal(value)`, which spells out what means something in HTML or ends a line in JavaScript: in JSON, it stands
/// in strings alone.
pub fn marshal(value: &Value) -> Result<Value> {
    Ok(escaped(&serde_json::to_string(value).map_err(anyhow::Error::msg)?))
}

/// What `json.marshal_with_options(value, options)` has written, the same way. What stands in front of lines is nobody's
/// string, and not spelled out.
pub fn escaped_with_options(written: Value, given: &[Value]) -> Result<Value> {
    let [_, Value::Object(options)] = given else { return Ok(written) };
    let is_odd = |option: &Value| option.as_string().is_ok_and(|text| text.contains(is_spelled_out));
    if options.values().any(is_odd) {
        return Err(stop::unsupported("json.marshal_with_options with such a prefix or indent is not supported"));
    }
    Ok(written.as_string().map(|text| escaped(text)).unwrap_or(written))
}

/// What has become of a text of JSON, unless it was not read for its depth: that says nothing about the text.
pub fn unless_too_deep(read: Result<Value>, given: &[Value]) -> Result<Value> {
    let ([Value::String(text)], Err(_) | Ok(Value::Bool(false))) = (given, &read) else { return read };
    match serde_json::from_str::<serde_json::Value>(text) {
        Err(error) if error.to_string().starts_with("recursion limit") => {
            Err(stop::unsupported("a text of JSON that is nested more than 127 deep is not supported"))
        }
        _ => read,
    }
}

fn escaped(json: &str) -> Value {
    let mut written = String::new();
    for letter in json.chars() {
        if is_spelled_out(letter) {
            written.push_str(&format!("\\u{:04x}", u32::from(letter)));
        } else {
            written.push(letter);
        }
    }
    Value::from(written)
}

fn is_spelled_out(letter: char) -> bool {
    matches!(letter, '<' | '>' | '&' | '\u{2028}' | '\u{2029}')
}

pub fn upper(text: &str) -> Value {
    Value::from(text.chars().map(|letter| single(letter.to_uppercase(), letter)).collect::<String>())
}

pub fn lower(text: &str) -> Value {
    // The one letter whose small form Go knows alone is two in Unicode.
    let lower = |letter: char| if letter == '\u{130}' { 'i' } else { single(letter.to_lowercase(), letter) };
    Value::from(text.chars().map(lower).collect::<String>())
}

/// The other form of a letter, where that is one letter too.
fn single(mut forms: impl Iterator<Item = char>, letter: char) -> char {
    match (forms.next(), forms.next()) {
        (Some(form), None) => form,
        _ => letter,
    }
}

/// A number as `to_number` reads it: with nothing around it, and within the range of binary ones.
pub fn check_number(text: &str) -> Result<()> {
    if text.parse::<f64>().is_ok_and(f64::is_finite) {
        return Ok(());
    }
    Err(anyhow!("the text is no number"))
}

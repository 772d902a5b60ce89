//! `urlquery.*` as Go reads and writes the query of an address. regorus takes a text for a part of an address: there,
//! tabs, line breaks, what stands behind `#`, and the signs between pairs are left out.

use std::collections::BTreeMap;

use anyhow::{anyhow, bail, Result};
use regorus::Value;

use crate::stop;

/// `urlquery.encode(text)`, which leaves other characters as they are than a form does.
pub fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            b' ' => encoded.push('+'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// `urlquery.encode_object(object)`: texts, and lists of texts.
pub fn encode_object(object: &Value) -> Result<Value> {
    let mut pairs = vec![];
    for (name, value) in object.as_object()?.iter() {
        let name = encode(name.as_string()?);
        let mut add = |value: &Value| -> Result<()> {
            pairs.push(format!("{name}={}", encode(value.as_string()?)));
            Ok(())
        };
        match value {
            Value::Array(values) => values.iter().try_for_each(add)?,
            Value::Set(values) => values.iter().try_for_each(add)?,
            value => add(value)?,
        }
    }
    Ok(Value::from(pairs.join("&")))
}

/// `urlquery.decode(text)`: a plus sign is a space, a percent sign stands before two hexadecimal digits everywhere, and
/// everything else is what it is.
pub fn decode(text: &str) -> Result<String> {
    let mut decoded = vec![];
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            [] => break,
            [b'%', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                decoded.push(digit(*high) << 4 | digit(*low));
                rest
            }
            [b'%', ..] => bail!("a percent sign stands before no two hexadecimal digits"),
            [b'+', rest @ ..] => {
                decoded.push(b' ');
                rest
            }
            [byte, rest @ ..] => {
                decoded.push(*byte);
                rest
            }
        }
    }
    // A text in Go is any bytes; here, two that differ could become the same.
    String::from_utf8(decoded).map_err(|_| stop::unsupported("urlquery.decode of bytes that are no UTF-8 is not supported"))
}

/// `urlquery.decode_object(text)`: the values of each name, in their order.
pub fn decode_object(text: &str) -> Result<Value> {
    let mut found: BTreeMap<Value, Vec<Value>> = BTreeMap::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        if pair.contains(';') {
            return Err(anyhow!("a query has a semicolon"));
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name)?, decode(value)?);
        found.entry(Value::from(name)).or_default().push(Value::from(value));
    }
    Ok(Value::from(found.into_iter().map(|(name, values)| (name, Value::from(values))).collect::<BTreeMap<_, _>>()))
}

fn digit(hex: u8) -> u8 {
    match hex {
        b'0'..=b'9' => hex - b'0',
        _ => (hex | 0x20) - b'a' + 10,
    }
}

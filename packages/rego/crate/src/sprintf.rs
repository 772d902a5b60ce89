//! `sprintf` as Go prints. What is seldom used and not the same here ends the evaluation.

use anyhow::{bail, Result};
use regorus::Value;

use crate::stop;

/// What Go is given to print.
enum Argument {
    /// A number.
    Whole(Value),
    Fraction(f64),
    Text(String),
}

/// What stands between the percent sign and the verb.
#[derive(Default)]
struct Form {
    is_left: bool,
    is_zero: bool,
    /// What stands in front of a number that is not below zero.
    plus: &'static str,
    is_sharp: bool,
    width: usize,
    precision: Option<usize>,
}

/// The widest that a number or text is made.
const MOST_WIDE: usize = 100_000;

/// `sprintf(format, values)`
pub fn sprintf(format: &str, values: &Value) -> Result<Value> {
    let Value::Array(values) = values else { bail!("the values are an array") };
    let arguments: Vec<Argument> = values.iter().map(argument).collect::<Result<_>>()?;
    let mut open = arguments.iter();
    let mut printed = String::new();
    let mut rest = format;
    while let Some((before, behind)) = rest.split_once('%') {
        printed.push_str(before);
        let (mut form, behind) = read(behind)?;
        let mut letters = behind.chars();
        let Some(verb) = letters.next() else {
            printed.push_str("%!(NOVERB)");
            rest = "";
            break;
        };
        rest = letters.as_str();
        if (verb, form.plus) == ('v', "+") {
            // There it asks for the names of fields.
            form.plus = "";
        }
        match verb {
            '%' => printed.push('%'),
            _ if !verb.is_ascii_alphabetic() => bail!(unknown(verb)),
            _ => match open.next() {
                Some(argument) => printed.push_str(&print(verb, &form, argument)?),
                None => printed.push_str(&format!("%!{verb}(MISSING)")),
            },
        }
    }
    printed.push_str(rest);
    let extra: Vec<_> = open.map(|argument| extra(argument)).collect::<Result<_>>()?;
    if !extra.is_empty() {
        printed.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    Ok(Value::from(printed))
}

fn unknown(what: impl std::fmt::Display) -> anyhow::Error {
    stop::unsupported(format!("sprintf is given {what}, which is not supported here"))
}

fn argument(value: &Value) -> Result<Argument> {
    Ok(match value {
        Value::String(text) => Argument::Text(text.to_string()),
        Value::Number(number) if number.is_integer() => Argument::Whole(value.clone()),
        Value::Number(number) => match number.as_f64() {
            Some(number) => Argument::Fraction(number),
            None => bail!(unknown("a number beyond the range of a binary one")),
        },
        _ => {
            let mut text = String::new();
            write(value, &mut text);
            Argument::Text(text)
        }
    })
}

/// Writes a value as it is written in a policy.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => out.push_str(&quoted('"', text)),
        Value::Array(items) => write_all("[", items.iter(), "]", out),
        Value::Set(items) if items.is_empty() => out.push_str("set()"),
        Value::Set(items) => write_all("{", items.iter(), "}", out),
        Value::Object(fields) => {
            for (place, (name, field)) in fields.iter().enumerate() {
                out.push_str(if place == 0 { "{" } else { ", " });
                write(name, out);
                out.push_str(": ");
                write(field, out);
            }
            out.push_str(if fields.is_empty() { "{}" } else { "}" });
        }
        other => out.push_str(&other.to_string()),
    }
}

fn write_all<'v>(open: &str, items: impl Iterator<Item = &'v Value>, close: &str, out: &mut String) {
    out.push_str(open);
    for (place, item) in items.enumerate() {
        out.push_str(if place == 0 { "" } else { ", " });
        write(item, out);
    }
    out.push_str(close);
}

/// A text in quotes of a kind, as Go writes it.
fn quoted(quote: char, text: &str) -> String {
    let mut quoted = String::from(quote);
    for letter in text.chars() {
        match letter {
            '\\' => quoted.push_str("\\\\"),
            letter if letter == quote => quoted.extend(['\\', letter]),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            _ if is_printable(letter) => quoted.push(letter),
            '\0'..='\u{7f}' => quoted.push_str(&format!("\\x{:02x}", u32::from(letter))),
            '\u{80}'..='\u{ffff}' => quoted.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ => quoted.push_str(&format!("\\U{:08x}", u32::from(letter))),
        }
    }
    quoted.push(quote);
    quoted
}

/// Whether a letter, mark, number, sign or symbol of Unicode, or the space of ASCII.
fn is_printable(letter: char) -> bool {
    let mut bytes = [b'a', 0, 0, 0, 0];
    let length = 1 + letter.encode_utf8(&mut bytes[1..]).len();
    // Behind another letter, where a mark is not escaped since it stands alone.
    let is_plain = |text: &str| text.escape_debug().eq(text.chars());
    letter == '\'' || std::str::from_utf8(&bytes[..length]).is_ok_and(is_plain)
}

/// Reads flags, width and precision.
fn read(text: &str) -> Result<(Form, &str)> {
    let mut form = Form::default();
    let mut rest = text;
    loop {
        match rest.bytes().next() {
            Some(b'-') => form.is_left = true,
            Some(b'0') => form.is_zero = true,
            Some(b'+') => form.plus = "+",
            Some(b' ') if form.plus.is_empty() => form.plus = " ",
            Some(b' ') => {}
            Some(b'#') => form.is_sharp = true,
            _ => break,
        }
        rest = &rest[1..];
    }
    (form.width, rest) = count(rest)?;
    if let Some(behind) = rest.strip_prefix('.') {
        let (precision, behind) = count(behind)?;
        (form.precision, rest) = (Some(precision), behind);
    }
    if rest.starts_with(['*', '[']) {
        bail!(unknown("a width or place that is an argument itself"));
    }
    Ok((form, rest))
}

fn count(text: &str) -> Result<(usize, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(length);
    let count = if digits.is_empty() { 0 } else { digits.parse().unwrap_or(usize::MAX) };
    if count > MOST_WIDE {
        bail!(unknown("a width beyond 100000"));
    }
    Ok((count, rest))
}

fn print(verb: char, form: &Form, argument: &Argument) -> Result<String> {
    if form.is_sharp {
        bail!(unknown("the flag #"));
    }
    match (argument, verb) {
        (Argument::Whole(number), 'v' | 'd' | 'b' | 'o' | 'O' | 'x' | 'X') => print_whole(verb, form, number),
        (Argument::Whole(number), 'c' | 'q') if number.as_i64().is_ok() && (verb == 'c' || form.plus.is_empty()) => {
            let letter = number.as_u64().ok().and_then(|code| u32::try_from(code).ok()).and_then(char::from_u32);
            let letter = letter.unwrap_or('\u{fffd}').to_string();
            Ok(padded(form, "", &if verb == 'q' { quoted('\'', &letter) } else { letter }, true))
        }
        (Argument::Whole(number), 's') if number.as_i64().is_err() => print_whole('d', form, number),
        (Argument::Fraction(number), 'v' | 'g' | 'e' | 'E' | 'f' | 'F') => print_fraction(verb, form, *number),
        (Argument::Text(text), 'v' | 's') => print_text(form, text),
        (Argument::Text(text), 'x' | 'X') if form.precision.is_none() && form.plus.is_empty() => {
            let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
            print_text(form, &if verb == 'X' { digits.to_uppercase() } else { digits })
        }
        (Argument::Text(text), 'q') if form.precision.is_none() && form.plus.is_empty() => print_text(form, &quoted('"', text)),
        // As if it had been written with a fraction of zero.
        (Argument::Whole(number), 'e' | 'E' | 'f' | 'F' | 'g') if number.as_f64().is_ok() => {
            print_fraction(verb, form, number.as_f64()?)
        }
        (Argument::Text(_), 'q' | 'x' | 'X') | (Argument::Whole(_), 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'U' | 'q') | (Argument::Fraction(_), 'G' | 'b' | 'x' | 'X') => {
            Err(unknown(format!("the verb {verb} with such a value")))
        }
        (_, 'T' | 'p' | 'w') => Err(unknown(format!("the verb {verb}"))),
        // As Go says that a verb is not for such a value.
        _ => Ok(format!("%!{verb}({})", bare(argument, form)?)),
    }
}

/// A value with its type in front.
fn bare(argument: &Argument, form: &Form) -> Result<String> {
    let name = match argument {
        Argument::Whole(number) if number.as_i64().is_ok() => "int",
        Argument::Whole(_) => "big.Int",
        Argument::Fraction(_) => "float64",
        Argument::Text(_) => "string",
    };
    Ok(format!("{name}={}", print('v', form, argument)?))
}

/// A value that no verb takes.
fn extra(argument: &Argument) -> Result<String> {
    let shown = bare(argument, &Form::default())?;
    Ok(if shown.starts_with("big.") { format!("*{shown}") } else { shown })
}

/// Fills up to the width.
fn padded(form: &Form, sign: &str, text: &str, is_number: bool) -> String {
    let missing = form.width.saturating_sub(sign.chars().count() + text.chars().count());
    if form.is_left {
        format!("{sign}{text}{}", " ".repeat(missing))
    } else if form.is_zero && is_number {
        format!("{sign}{}{text}", "0".repeat(missing))
    } else {
        format!("{}{sign}{text}", " ".repeat(missing))
    }
}

fn print_text(form: &Form, text: &str) -> Result<String> {
    if form.is_zero && !form.is_left {
        return Err(unknown("a text to fill up with zeros"));
    }
    let cut: String = form.precision.map_or_else(|| text.into(), |most| text.chars().take(most).collect());
    Ok(padded(form, "", &cut, false))
}

fn print_whole(verb: char, form: &Form, number: &Value) -> Result<String> {
    let number = number.as_number()?;
    let shown = match verb {
        'b' => number.format_bin(),
        'o' | 'O' => number.format_octal(),
        'x' => number.format_hex(),
        'X' => number.format_big_hex(),
        _ => number.format_decimal(),
    };
    let (sign, digits) = shown.strip_prefix('-').map_or((form.plus, &*shown), |digits| ("-", digits));
    let digits = match form.precision {
        Some(0) if digits == "0" => return Ok(" ".repeat(form.width)),
        Some(least) => format!("{digits:0>least$}"),
        None => digits.into(),
    };
    let digits = if verb == 'O' { format!("0o{digits}") } else { digits };
    // With a precision, there are no more zeros in front.
    Ok(padded(form, sign, &digits, form.precision.is_none()))
}

fn print_fraction(verb: char, form: &Form, number: f64) -> Result<String> {
    let positive = number.abs();
    let shown = match (verb, form.precision) {
        ('f' | 'F', precision) => format!("{positive:.0$}", precision.unwrap_or(6)),
        ('e' | 'E', precision) => with_exponent(&format!("{positive:.0$e}", precision.unwrap_or(6))),
        (_, Some(_)) => return Err(unknown("the verb g with a precision")),
        _ => {
            let shortest = format!("{positive:e}");
            let exponent: i32 = shortest.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
            if (-4..6).contains(&exponent) { positive.to_string() } else { with_exponent(&shortest) }
        }
    };
    let sign = if number < 0.0 { "-" } else { form.plus };
    Ok(padded(form, sign, &if verb == 'E' { shown.to_uppercase() } else { shown }, true))
}

/// An exponent has a sign and two digits at least.
fn with_exponent(text: &str) -> String {
    let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    format!("{digits}e{sign}{exponent:0>2}")
}

//! `glob.*` as OPA has it. regorus does not take a colon for a delimiter, and `**` for all text only where it stands
//! alone between delimiters.

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::str::Chars;

use anyhow::{bail, Result};
use regorus::Value;

enum Node {
    Char(char),
    /// `?`: one that is no delimiter.
    One,
    /// `*`: any number that are none.
    Some,
    /// `**`
    All,
    /// `[abc]`, `[a-c]`, and with `!` in front all others.
    Class { is_negated: bool, from: Vec<(char, char)> },
    /// `{a,b}`
    Either(Vec<Vec<Node>>),
}

/// `glob.match(pattern, delimiters, text)`
pub fn matches(arguments: &[Value]) -> Result<Value> {
    let [Value::String(pattern), delimiters, Value::String(text)] = arguments else {
        bail!("glob.match takes a string, an array of strings or null, and a string");
    };
    let delimiters: Vec<char> = match delimiters {
        Value::Null => vec![],
        Value::Array(given) if given.is_empty() => vec!['.'],
        Value::Array(given) => {
            let found: Option<Vec<_>> = given.iter().map(single).collect();
            let Some(found) = found else { bail!("a delimiter is a character") };
            found
        }
        _ => bail!("delimiters are an array of strings, or null"),
    };
    let mut rest = pattern.chars().peekable();
    let nodes = parse(&mut rest, false)?;
    if rest.next().is_some() {
        bail!("a bracket is closed that was not opened");
    }
    let text: Vec<char> = text.chars().collect();
    let ends = follow(&nodes, BTreeSet::from([0]), &text, &delimiters);
    Ok(Value::from(ends.contains(&text.len())))
}

/// `glob.quote_meta(text)`: a pattern that only the text matches.
pub fn quote(text: &str) -> String {
    let mut quoted = String::new();
    for letter in text.chars() {
        if "*?\\[]{}".contains(letter) {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted
}

/// The character that a text is.
fn single(item: &Value) -> Option<char> {
    let mut letters = item.as_string().ok()?.chars();
    letters.next().filter(|_| letters.next().is_none())
}

/// Reads until the end, or in braces until a comma or the brace that closes them.
fn parse(rest: &mut Peekable<Chars<'_>>, is_inside: bool) -> Result<Vec<Node>> {
    let mut nodes = vec![];
    while let Some(&next) = rest.peek() {
        if is_inside && matches!(next, ',' | '}') {
            break;
        }
        rest.next();
        nodes.push(match next {
            '\\' => match rest.next() {
                Some(escaped) => Node::Char(escaped),
                None => bail!("there is nothing behind the backslash"),
            },
            '?' => Node::One,
            '*' if rest.next_if_eq(&'*').is_some() => Node::All,
            '*' => Node::Some,
            '[' => parse_class(rest)?,
            '{' => {
                let mut either = vec![];
                loop {
                    either.push(parse(rest, true)?);
                    match rest.next() {
                        Some(',') => {}
                        Some(_) => break,
                        None => bail!("a brace is not closed"),
                    }
                }
                Node::Either(either)
            }
            other => Node::Char(other),
        });
    }
    Ok(nodes)
}

fn parse_class(rest: &mut Peekable<Chars<'_>>) -> Result<Node> {
    let is_negated = rest.next_if_eq(&'!').is_some();
    let mut listed = vec![];
    loop {
        match rest.next() {
            Some(']') => break,
            Some('\\') => listed.extend(rest.next()),
            Some(other) => listed.push(other),
            None => bail!("a bracket is not closed"),
        }
    }
    let from = match listed[..] {
        [] => bail!("there is nothing in the brackets"),
        [low, '-', high] => vec![(low, high)],
        _ => listed.into_iter().map(|one| (one, one)).collect(),
    };
    Ok(Node::Class { is_negated, from })
}

/// Where in the text the nodes can end that begin at one of some places.
fn follow(nodes: &[Node], mut places: BTreeSet<usize>, text: &[char], delimiters: &[char]) -> BTreeSet<usize> {
    let is_delimiter = |at: usize| text.get(at).is_some_and(|found| delimiters.contains(found));
    for node in nodes {
        let one = |fits: &dyn Fn(char) -> bool| {
            places.iter().filter(|at| text.get(**at).is_some_and(|found| fits(*found))).map(|at| at + 1).collect()
        };
        places = match node {
            Node::Char(wanted) => one(&|found| found == *wanted),
            Node::One => one(&|found| !delimiters.contains(&found)),
            Node::Class { is_negated, from } => {
                one(&|found| from.iter().any(|(low, high)| (*low..=*high).contains(&found)) != *is_negated)
            }
            Node::All => places.first().map_or(BTreeSet::new(), |first| (*first..=text.len()).collect()),
            Node::Some => {
                let mut reached = BTreeSet::new();
                for start in places {
                    let mut at = start;
                    while reached.insert(at) && at < text.len() && !is_delimiter(at) {
                        at += 1;
                    }
                }
                reached
            }
            Node::Either(either) => {
                either.iter().flat_map(|nodes| follow(nodes, places.clone(), text, delimiters)).collect()
            }
        };
    }
    places
}

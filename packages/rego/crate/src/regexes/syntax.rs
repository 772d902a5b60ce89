//! Go's regular expressions, written as Rust reads them: what Go refuses is refused, and what it takes means the same.

use super::names::{is_newer, is_posix, unicode_class};

/// Why there is no expression of Rust for one.
pub enum Failure {
    /// Go refuses it too.
    Invalid,
    /// Go takes it.
    Unsupported(&'static str),
}

type Written<T = ()> = Result<T, Failure>;

/// The most that repetitions with counts, one inside the other, come to.
const MOST_REPEATED: u32 = 1000;

/// What a repetition would stand behind.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    /// The beginning of a group or of an alternative.
    Nothing,
    Item,
    Repetition,
    /// What matches nothing itself, behind an item: Go repeats that.
    Aside,
}

struct Group {
    last: Last,
    /// How often the last item is repeated at most, by counts in it and behind it.
    repeated: u32,
    /// The same of all items before.
    most: u32,
}

struct Writer<'t> {
    rest: &'t str,
    out: String,
    groups: Vec<Group>,
    group: Group,
}

/// Writes an expression of Go for Rust.
pub fn translate(pattern: &str) -> Written<String> {
    let mut writer = Writer { rest: pattern, out: String::new(), groups: vec![], group: Group::new() };
    while let Some(next) = writer.next() {
        writer.item(next)?;
    }
    if writer.groups.is_empty() { Ok(writer.out) } else { Err(Failure::Invalid) }
}

impl Group {
    fn new() -> Self {
        Self { last: Last::Nothing, repeated: 0, most: 0 }
    }

    fn add(&mut self, repeated: u32) {
        self.most = self.most.max(self.repeated);
        self.repeated = repeated;
        self.last = Last::Item;
    }

    /// Something that is no item.
    fn pass(&mut self) {
        if self.last != Last::Nothing {
            self.last = Last::Aside;
        }
    }
}

/// A digit, letter, space and so on, by the letter behind the backslash.
fn perl_class(letter: char) -> Option<&'static str> {
    Some(match letter {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        's' => "[\\t\\n\\x0C\\r ]",
        'S' => "[^\\t\\n\\x0C\\r ]",
        'w' => "[0-9A-Za-z_]",
        'W' => "[^0-9A-Za-z_]",
        _ => return None,
    })
}

impl<'t> Writer<'t> {
    fn next(&mut self) -> Option<char> {
        let mut rest = self.rest.chars();
        let next = rest.next();
        self.rest = rest.as_str();
        next
    }

    fn eat(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// What stands in front of a text, behind which it goes on.
    fn until(&mut self, end: &str) -> Option<&'t str> {
        let (found, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(found)
    }

    fn item(&mut self, next: char) -> Written {
        match next {
            '(' if self.eat("?") => return self.flags(),
            '(' => self.open("("),
            ')' => {
                let inner = std::mem::replace(&mut self.group, self.groups.pop().ok_or(Failure::Invalid)?);
                self.out.push(')');
                self.group.add(inner.most.max(inner.repeated));
            }
            '|' => {
                self.out.push('|');
                self.group.last = Last::Nothing;
            }
            '^' | '$' | '.' => self.add(next.to_string()),
            '[' => {
                let class = self.class()?;
                self.add(class);
            }
            '*' | '+' | '?' => {
                self.repeat()?;
                self.out.push(next);
                self.lazy();
            }
            '{' => match self.counts() {
                Some((least, most)) => self.repeat_counted(least, most)?,
                None => self.literal('{'),
            },
            '\\' => return self.escape(),
            _ => self.literal(next),
        }
        Ok(())
    }

    fn add(&mut self, written: impl AsRef<str>) {
        self.out.push_str(written.as_ref());
        self.group.add(1);
    }

    fn literal(&mut self, letter: char) {
        self.add(regex::escape(letter.encode_utf8(&mut [0; 4])));
    }

    fn open(&mut self, written: &str) {
        self.out.push_str(written);
        self.groups.push(std::mem::replace(&mut self.group, Group::new()));
    }

    fn repeat(&mut self) -> Written {
        match self.group.last {
            Last::Item => {
                self.group.last = Last::Repetition;
                Ok(())
            }
            Last::Nothing | Last::Repetition => Err(Failure::Invalid),
            Last::Aside => Err(Failure::Unsupported("a repetition behind what matches nothing")),
        }
    }

    fn lazy(&mut self) {
        if self.eat("?") {
            self.out.push('?');
        }
    }

    fn repeat_counted(&mut self, least: u32, most: Option<u32>) -> Written {
        if least > MOST_REPEATED || most.is_some_and(|most| most > MOST_REPEATED || most < least) {
            return Err(Failure::Invalid);
        }
        self.repeat()?;
        let times = most.unwrap_or(least);
        self.group.repeated = times.saturating_mul(self.group.repeated.max(1));
        if times >= 2 && self.group.repeated > MOST_REPEATED {
            return Err(Failure::Invalid);
        }
        let most = most.map_or(String::new(), |most| most.to_string());
        self.out.push_str(&format!("{{{least},{most}}}"));
        self.lazy();
        Ok(())
    }

    /// The counts behind a brace, if that is what it is.
    fn counts(&mut self) -> Option<(u32, Option<u32>)> {
        let (inside, rest) = self.rest.split_once('}')?;
        let number = |text: &str| {
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            (is_number && (text == "0" || !text.starts_with('0'))).then(|| text.parse().unwrap_or(u32::MAX))
        };
        let counts = match inside.split_once(',') {
            None => number(inside).map(|count| (count, Some(count))),
            Some((least, "")) => number(least).map(|least| (least, None)),
            Some((least, most)) => number(least).zip(number(most).map(Some)),
        }?;
        self.rest = rest;
        Some(counts)
    }

    /// What stands behind `(?`.
    fn flags(&mut self) -> Written {
        if self.eat("P<") || self.eat("<") {
            let name = self.until(">").ok_or(Failure::Invalid)?;
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                return Err(Failure::Invalid);
            }
            if name.starts_with(|first: char| first.is_ascii_digit()) {
                return Err(Failure::Unsupported("a group whose name begins with a digit"));
            }
            let open = format!("(?P<{name}>");
            self.open(&open);
            return Ok(());
        }
        let mut flags: [Option<bool>; 4] = [None; 4];
        let mut is_set = true;
        // A minus stands in front of a flag.
        let mut is_open = false;
        loop {
            let next = self.next().ok_or(Failure::Invalid)?;
            match (next, "imsU".find(next)) {
                (_, Some(place)) => {
                    flags[place] = Some(is_set);
                    is_open = false;
                }
                ('-', _) if is_set => (is_set, is_open) = (false, true),
                (':' | ')', _) if !is_open => {
                    let named = |wanted: bool| -> String {
                        "imsU".chars().zip(flags).filter(|(_, flag)| *flag == Some(wanted)).map(|(name, _)| name).collect()
                    };
                    let (set, cleared) = (named(true), named(false));
                    let minus = if cleared.is_empty() { "" } else { "-" };
                    let open = format!("(?{set}{minus}{cleared}{next}");
                    if next == ':' {
                        self.open(&open);
                    } else {
                        self.out.push_str(if open == "(?)" { "" } else { &open });
                        self.group.pass();
                    }
                    return Ok(());
                }
                _ => return Err(Failure::Invalid),
            }
        }
    }

    fn escape(&mut self) -> Written {
        match self.rest.chars().next() {
            Some('Q') => {
                let quoted = self.rest[1..].split_once("\\E");
                let (quoted, rest) = quoted.unwrap_or((&self.rest[1..], ""));
                if quoted.is_empty() {
                    self.group.pass();
                }
                quoted.chars().for_each(|letter| self.literal(letter));
                self.rest = rest;
            }
            Some(letter @ ('A' | 'z' | 'b' | 'B')) => {
                self.next();
                // Of ASCII alone.
                self.add(if matches!(letter, 'b' | 'B') { format!("(?-u:\\{letter})") } else { format!("\\{letter}") });
            }
            _ => match self.named_class()? {
                Some(class) => self.add(class),
                None => {
                    let letter = self.escaped()?;
                    self.literal(letter);
                }
            },
        }
        Ok(())
    }

    /// A class behind a backslash.
    fn named_class(&mut self) -> Written<Option<String>> {
        let Some(letter) = self.rest.chars().next() else { return Ok(None) };
        if let Some(class) = perl_class(letter) {
            self.next();
            return Ok(Some(class.into()));
        }
        if !matches!(letter, 'p' | 'P') {
            return Ok(None);
        }
        self.next();
        let mut single = [0; 4];
        let name = match self.next() {
            None => return Err(Failure::Invalid),
            Some('{') => self.until("}").ok_or(Failure::Invalid)?,
            Some(name) => &*name.encode_utf8(&mut single),
        };
        let (name, is_turned) = name.strip_prefix('^').map_or((name, false), |name| (name, true));
        match unicode_class(name, (letter == 'P') != is_turned) {
            None if is_newer(name) => Err(Failure::Unsupported("another name of a class")),
            None => Err(Failure::Invalid),
            class => Ok(class),
        }
    }

    /// The one character that is meant behind a backslash.
    fn escaped(&mut self) -> Written<char> {
        let next = self.next().ok_or(Failure::Invalid)?;
        let is_octal = |rest: &str| rest.starts_with(|digit: char| digit.is_digit(8));
        let code = match next {
            'a' => 0x07,
            'f' => 0x0c,
            'n' => 0x0a,
            'r' => 0x0d,
            't' => 0x09,
            'v' => 0x0b,
            'x' => self.hexadecimal().ok_or(Failure::Invalid)?,
            '0'..='7' if next == '0' || is_octal(self.rest) => {
                let mut code = u32::from(next) - u32::from('0');
                for _ in 0..2 {
                    if is_octal(self.rest) {
                        code = code * 8 + self.next().and_then(|digit| digit.to_digit(8)).unwrap_or(0);
                    }
                }
                code
            }
            _ if next.is_ascii() && !next.is_ascii_alphanumeric() => u32::from(next),
            _ => return Err(Failure::Invalid),
        };
        char::from_u32(code).ok_or(Failure::Unsupported("half a surrogate pair"))
    }

    fn hexadecimal(&mut self) -> Option<u32> {
        let digits = if self.eat("{") {
            self.until("}")?
        } else {
            let (digits, rest) = self.rest.split_at_checked(2)?;
            self.rest = rest;
            digits
        };
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let significant = digits.trim_start_matches('0');
        let code = if significant.is_empty() { Some(0) } else { u32::from_str_radix(significant, 16).ok() };
        code.filter(|code| is_number && *code <= u32::from(char::MAX))
    }

    /// What stands behind a bracket.
    fn class(&mut self) -> Written<String> {
        let mut written = String::from(if self.eat("^") { "[^" } else { "[" });
        let mut is_first = true;
        loop {
            if !is_first && self.eat("]") {
                written.push(']');
                return Ok(written);
            }
            is_first = false;
            if let Some((name, rest)) = self.rest.strip_prefix("[:").and_then(|rest| rest.split_once(":]")) {
                if !is_posix(name) {
                    return Err(Failure::Invalid);
                }
                written.push_str(&format!("[:{name}:]"));
                self.rest = rest;
                continue;
            }
            let is_escaped = self.eat("\\");
            if is_escaped {
                if let Some(class) = self.named_class()? {
                    written.push_str(&class);
                    continue;
                }
            }
            let low = if is_escaped { self.escaped()? } else { self.next().ok_or(Failure::Invalid)? };
            let mut high = low;
            if self.rest.len() >= 2 && !self.rest.starts_with("-]") && self.eat("-") {
                high = if self.eat("\\") { self.escaped()? } else { self.next().ok_or(Failure::Invalid)? };
            }
            if high < low {
                return Err(Failure::Invalid);
            }
            written.push_str(&format!("\\x{{{:X}}}-\\x{{{:X}}}", u32::from(low), u32::from(high)));
        }
    }
}

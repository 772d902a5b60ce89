//! Layouts of times as Go reads them: an example, of a certain moment, whose parts stand for what is to be there.

#[derive(Clone, Copy, PartialEq)]
pub enum Part {
    LongMonth,
    Month,
    NumberedMonth,
    ZeroMonth,
    LongWeekday,
    Weekday,
    Day,
    SpaceDay,
    ZeroDay,
    SpaceYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperHalf,
    LowerHalf,
    /// The name of a time zone.
    Zone,
    Offset(Offset),
    /// Of a second, with what stands in front of it; `9` in a layout leaves zeros out at the end.
    Fraction { point: u8, digits: usize, is_short: bool },
}

/// A time zone's distance from UTC.
#[derive(Clone, Copy, PartialEq)]
pub struct Offset {
    /// `Z` for none.
    pub has_z: bool,
    pub has_colons: bool,
    /// Hours, minutes, seconds: how many of these.
    pub numbers: usize,
}

const fn offset(has_z: bool, has_colons: bool, numbers: usize) -> Part {
    Part::Offset(Offset { has_z, has_colons, numbers })
}

/// The first that fits is meant.
const PARTS: &[(&str, Part)] = &[
    ("January", Part::LongMonth),
    ("Jan", Part::Month),
    ("Monday", Part::LongWeekday),
    ("Mon", Part::Weekday),
    ("MST", Part::Zone),
    ("01", Part::ZeroMonth),
    ("02", Part::ZeroDay),
    ("03", Part::ZeroHour12),
    ("04", Part::ZeroMinute),
    ("05", Part::ZeroSecond),
    ("06", Part::Year),
    ("002", Part::ZeroYearDay),
    ("15", Part::Hour),
    ("1", Part::NumberedMonth),
    ("2006", Part::LongYear),
    ("2", Part::Day),
    ("_2", Part::SpaceDay),
    ("__2", Part::SpaceYearDay),
    ("3", Part::Hour12),
    ("4", Part::Minute),
    ("5", Part::Second),
    ("PM", Part::UpperHalf),
    ("pm", Part::LowerHalf),
    ("-070000", offset(false, false, 3)),
    ("-07:00:00", offset(false, true, 3)),
    ("-0700", offset(false, false, 2)),
    ("-07:00", offset(false, true, 2)),
    ("-07", offset(false, false, 1)),
    ("Z070000", offset(true, false, 3)),
    ("Z07:00:00", offset(true, true, 3)),
    ("Z0700", offset(true, false, 2)),
    ("Z07:00", offset(true, true, 2)),
    ("Z07", offset(true, false, 1)),
];

/// The next part of a layout: what stands before it, itself, and what is behind it.
pub fn next_part(layout: &[u8]) -> Option<(&[u8], Part, &[u8])> {
    (0..layout.len()).find_map(|at| {
        let (part, length) = part_at(&layout[at..])?;
        Some((&layout[..at], part, &layout[at + length..]))
    })
}

/// The part that a layout begins with, and how long it is there.
fn part_at(layout: &[u8]) -> Option<(Part, usize)> {
    let found = PARTS.iter().find(|(text, part)| {
        let Some(behind) = layout.strip_prefix(text.as_bytes()) else { return false };
        match part {
            // A word that begins so is none.
            Part::Month | Part::Weekday => !behind.first().is_some_and(u8::is_ascii_lowercase),
            // A year behind the underscore.
            Part::SpaceDay => !behind.starts_with(b"006"),
            _ => true,
        }
    });
    if let Some((text, part)) = found {
        return Some((*part, text.len()));
    }
    let [point @ (b'.' | b','), first @ (b'0' | b'9'), ..] = layout else { return None };
    let digits = layout[1..].iter().take_while(|digit| *digit == first).count();
    if layout.get(1 + digits).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    Some((Part::Fraction { point: *point, digits, is_short: *first == b'9' }, 1 + digits))
}

/// What a layout's name stands for.
pub fn layout_of(named: &str) -> &str {
    match named {
        "ANSIC" => "Mon Jan _2 15:04:05 2006",
        "UnixDate" => "Mon Jan _2 15:04:05 MST 2006",
        "RubyDate" => "Mon Jan 02 15:04:05 -0700 2006",
        "RFC822" => "02 Jan 06 15:04 MST",
        "RFC822Z" => "02 Jan 06 15:04 -0700",
        "RFC850" => "Monday, 02-Jan-06 15:04:05 MST",
        "RFC1123" => "Mon, 02 Jan 2006 15:04:05 MST",
        "RFC1123Z" => "Mon, 02 Jan 2006 15:04:05 -0700",
        "RFC3339" => RFC_3339,
        "RFC3339Nano" => RFC_3339_NANO,
        other => other,
    }
}

pub const RFC_3339: &str = "2006-01-02T15:04:05Z07:00";
pub const RFC_3339_NANO: &str = "2006-01-02T15:04:05.999999999Z07:00";

pub const MONTHS: [&str; 12] = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
];
pub const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

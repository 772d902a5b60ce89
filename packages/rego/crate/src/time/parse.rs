//! Reading a time by a layout, as Go does.

use anyhow::{anyhow, Result};
use chrono::NaiveDate;

use super::layout::{next_part, Offset, Part, MONTHS, WEEKDAYS};

/// Reads on in a text that is left.
struct Reader<'t> {
    rest: &'t [u8],
}

#[derive(Default)]
struct Found {
    year: i32,
    month: Option<u32>,
    day: Option<u32>,
    year_day: Option<u32>,
    hour: u32,
    minute: u32,
    second: u32,
    nanosecond: u32,
    is_afternoon: Option<bool>,
    /// Seconds.
    offset: i64,
    is_utc: bool,
}

/// The nanoseconds since 1970 that a text says by a layout.
pub fn parse(layout: &str, text: &str) -> Result<i64> {
    read(layout.as_bytes(), text.as_bytes()).ok_or_else(|| anyhow!("the text is no time of this layout"))
}

fn read(mut layout: &[u8], text: &[u8]) -> Option<i64> {
    let mut reader = Reader { rest: text };
    let mut found = Found::default();
    while let Some((before, part, behind)) = next_part(layout) {
        reader.skip(before)?;
        reader.part(part, behind, &mut found)?;
        layout = behind;
    }
    reader.skip(layout)?;
    if reader.rest.is_empty() { found.nanoseconds() } else { None }
}

impl<'t> Reader<'t> {
    /// Text of the layout; any number of spaces stands for any number.
    fn skip(&mut self, mut text: &[u8]) -> Option<()> {
        while let [first, rest @ ..] = text {
            if *first == b' ' {
                if self.rest.first().is_some_and(|next| *next != b' ') {
                    return None;
                }
                text = text.trim_ascii_start_of_spaces();
                self.rest = self.rest.trim_ascii_start_of_spaces();
            } else {
                self.rest = self.rest.strip_prefix(&[*first])?;
                text = rest;
            }
        }
        Some(())
    }

    fn take(&mut self, length: usize) -> Option<&'t [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    /// How many digits are next, of so many.
    fn digits(&self, most: usize) -> usize {
        self.rest.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// A number of so many digits at least and at most.
    fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let length = self.digits(most);
        if length < least { None } else { number(self.take(length)?) }
    }

    fn within(&mut self, least: usize, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        self.number(least, 2).filter(|number| range.contains(number))
    }

    fn space(&mut self) {
        self.rest = self.rest.strip_prefix(b" ").unwrap_or(self.rest);
    }

    /// A name, or as many of its letters as are written, in capitals or not.
    fn name(&mut self, names: &[&str], length: usize) -> Option<u32> {
        for (place, name) in names.iter().enumerate() {
            let name = name.get(..length).unwrap_or(name);
            if self.rest.get(..name.len()).is_some_and(|next| next.eq_ignore_ascii_case(name.as_bytes())) {
                self.rest = &self.rest[name.len()..];
                return u32::try_from(place).ok();
            }
        }
        None
    }

    fn part(&mut self, part: Part, behind: &[u8], found: &mut Found) -> Option<()> {
        match part {
            Part::Year => {
                let year = signed(self.take(2)?)?;
                found.year = year + if year >= 69 { 1900 } else { 2000 };
            }
            Part::LongYear => found.year = i32::try_from(number(self.take(4)?)?).ok()?,
            Part::Month => found.month = Some(self.name(&MONTHS, 3)? + 1),
            Part::LongMonth => found.month = Some(self.name(&MONTHS, usize::MAX)? + 1),
            Part::NumberedMonth => found.month = Some(self.within(1, 1..=12)?),
            Part::ZeroMonth => found.month = Some(self.within(2, 1..=12)?),
            Part::Weekday => drop(self.name(&WEEKDAYS, 3)?),
            Part::LongWeekday => drop(self.name(&WEEKDAYS, usize::MAX)?),
            Part::Day => found.day = Some(self.number(1, 2)?),
            Part::SpaceDay => {
                self.space();
                found.day = Some(self.number(1, 2)?);
            }
            Part::ZeroDay => found.day = Some(self.number(2, 2)?),
            Part::SpaceYearDay => {
                self.space();
                self.space();
                found.year_day = Some(self.number(1, 3)?);
            }
            Part::ZeroYearDay => found.year_day = Some(self.number(3, 3)?),
            Part::Hour => found.hour = self.within(1, 0..=23)?,
            Part::Hour12 => found.hour = self.within(1, 0..=12)?,
            Part::ZeroHour12 => found.hour = self.within(2, 0..=12)?,
            Part::Minute => found.minute = self.within(1, 0..=59)?,
            Part::ZeroMinute => found.minute = self.within(2, 0..=59)?,
            Part::Second | Part::ZeroSecond => {
                found.second = self.within(if part == Part::Second { 1 } else { 2 }, 0..=59)?;
                // A fraction may be there that the layout does not have.
                let is_named = matches!(next_part(behind), Some((_, Part::Fraction { .. }, _)));
                if !is_named && matches!(self.rest, [b'.' | b',', b'0'..=b'9', ..]) {
                    found.nanosecond = self.fraction(usize::MAX)?;
                }
            }
            Part::UpperHalf => found.is_afternoon = Some(half(self.take(2)?, b"AM", b"PM")?),
            Part::LowerHalf => found.is_afternoon = Some(half(self.take(2)?, b"am", b"pm")?),
            Part::Zone => self.zone(found)?,
            Part::Offset(offset) if offset.has_z && self.rest.starts_with(b"Z") => {
                self.take(1)?;
                found.is_utc = true;
            }
            Part::Offset(offset) => found.offset = self.offset(offset)?,
            Part::Fraction { digits, is_short: false, .. } => found.nanosecond = self.fraction(digits)?,
            Part::Fraction { .. } => {
                if matches!(self.rest, [b'.' | b',', b'0'..=b'9', ..]) {
                    found.nanosecond = self.fraction(usize::MAX)?;
                }
            }
        }
        Some(())
    }

    /// A point and so many digits, or as many as there are; those beyond nanoseconds do not count.
    fn fraction(&mut self, digits: usize) -> Option<u32> {
        if !matches!(self.take(1)?, b"." | b",") {
            return None;
        }
        let length = if digits == usize::MAX { self.digits(usize::MAX) } else { digits };
        let text = self.take(length)?;
        let text = &text[..length.min(9)];
        Some(number(text)? * 10u32.pow(9 - u32::try_from(text.len()).ok()?))
    }

    /// Seconds.
    fn offset(&mut self, form: Offset) -> Option<i64> {
        let sign = match self.take(1)? {
            b"+" => 1,
            b"-" => -1,
            _ => return None,
        };
        let mut numbers = [0; 3];
        for (place, number) in numbers.iter_mut().enumerate().take(form.numbers) {
            if place > 0 && form.has_colons && self.take(1)? != b":" {
                return None;
            }
            *number = self.within(2, 0..=if place == 0 { 24 } else { 60 })?;
        }
        let [hours, minutes, seconds] = numbers.map(i64::from);
        Some(sign * ((hours * 60 + minutes) * 60 + seconds))
    }

    /// A zone's name, which says nothing of its distance from UTC.
    fn zone(&mut self, found: &mut Found) -> Option<()> {
        if self.rest.starts_with(b"UTC") {
            self.take(3)?;
            found.is_utc = true;
            return Some(());
        }
        if self.rest.len() < 3 {
            return None;
        }
        let capitals = self.rest.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count();
        let length = match self.rest {
            [b'C', b'h', b'S', b'T', ..] | [b'M', b'e', b'S', b'T', ..] => 4,
            [b'G', b'M', b'T', rest @ ..] => 3 + signed_hours(rest),
            [b'+' | b'-', ..] => signed_hours(self.rest),
            [_, _, _, _, b'T', ..] if capitals == 5 => 5,
            [_, _, _, b'T', ..] | [b'W', b'I', b'T', b'A', ..] if capitals == 4 => 4,
            _ if capitals == 3 => 3,
            _ => 0,
        };
        if length == 0 {
            return None;
        }
        self.take(length).map(drop)
    }
}

trait Spaces {
    fn trim_ascii_start_of_spaces(&self) -> &Self;
}

impl Spaces for [u8] {
    fn trim_ascii_start_of_spaces(&self) -> &Self {
        &self[self.iter().take_while(|byte| **byte == b' ').count()..]
    }
}

/// How long a sign with hours is, if that is what a text begins with.
fn signed_hours(text: &[u8]) -> usize {
    let [b'+' | b'-', rest @ ..] = text else { return 0 };
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let significant = &rest[..length][rest[..length].iter().take_while(|digit| **digit == b'0').count()..];
    let is_small = significant.len() <= 2 && number(significant).is_none_or(|hours| hours <= 23);
    if length > 0 && is_small { 1 + length } else { 0 }
}

fn half(text: &[u8], before: &[u8], after: &[u8]) -> Option<bool> {
    (text == before || text == after).then_some(text == after)
}

fn number(digits: &[u8]) -> Option<u32> {
    let is_number = digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok().filter(|_| is_number)?.parse().ok()
}

fn signed(text: &[u8]) -> Option<i32> {
    let (sign, digits) = match text {
        [b'-', digits @ ..] => (-1, digits),
        [b'+', digits @ ..] => (1, digits),
        digits => (1, digits),
    };
    Some(sign * i32::try_from(number(digits)?).ok()?)
}

impl Found {
    fn nanoseconds(&self) -> Option<i64> {
        let hour = match self.is_afternoon {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        let date = match self.year_day {
            None => NaiveDate::from_ymd_opt(self.year, self.month.unwrap_or(1), self.day.unwrap_or(1))?,
            Some(day) => {
                use chrono::Datelike;
                let date = NaiveDate::from_yo_opt(self.year, day)?;
                let is_same = self.month.is_none_or(|month| month == date.month());
                if !is_same || self.day.is_some_and(|day| day != date.day()) {
                    return None;
                }
                date
            }
        };
        let time = date.and_hms_nano_opt(hour, self.minute, self.second, self.nanosecond)?.and_utc();
        let offset = if self.is_utc { 0 } else { self.offset };
        time.checked_sub_signed(chrono::TimeDelta::seconds(offset))?.timestamp_nanos_opt()
    }
}

//! Writing a time by a layout, as Go does.

use chrono::{DateTime, Datelike, Offset as _, TimeZone, Timelike, Utc};
use chrono_tz::{OffsetName, Tz};

use super::layout::{next_part, Offset, Part, MONTHS, WEEKDAYS};

/// A moment where the clocks of a time zone say what time it is.
pub struct Local {
    time: chrono::NaiveDateTime,
    /// Seconds.
    offset: i32,
    zone: String,
}

impl Local {
    pub fn new(nanoseconds: i64, zone: Tz) -> Self {
        let utc: DateTime<Utc> = DateTime::from_timestamp_nanos(nanoseconds);
        let found = zone.offset_from_utc_datetime(&utc.naive_utc());
        let time = utc.with_timezone(&zone).naive_local();
        let offset = found.fix().local_minus_utc();
        // A zone without a name of letters is named after its distance.
        let zone = found.abbreviation().map_or_else(
            || {
                let sign = if offset < 0 { '-' } else { '+' };
                let minutes = offset.unsigned_abs() / 60;
                let rest = if minutes % 60 == 0 { String::new() } else { format!("{:02}", minutes % 60) };
                format!("{sign}{:02}{rest}", minutes / 60)
            },
            String::from,
        );
        Self { time, offset, zone }
    }

    pub fn format(&self, layout: &str) -> String {
        let mut written = vec![];
        let mut rest = layout.as_bytes();
        while let Some((before, part, behind)) = next_part(rest) {
            written.extend_from_slice(before);
            self.write(part, &mut written);
            rest = behind;
        }
        written.extend_from_slice(rest);
        String::from_utf8_lossy(&written).into_owned()
    }

    fn write(&self, part: Part, written: &mut Vec<u8>) {
        let time = &self.time;
        let (is_afternoon, hour) = time.hour12();
        let month = MONTHS[time.month0() as usize];
        let weekday = WEEKDAYS[time.weekday().num_days_from_sunday() as usize];
        let text = match part {
            Part::Year => format!("{:02}", time.year().rem_euclid(100)),
            Part::LongYear => format!("{:04}", time.year()),
            Part::Month => month[..3].into(),
            Part::LongMonth => month.into(),
            Part::NumberedMonth => time.month().to_string(),
            Part::ZeroMonth => format!("{:02}", time.month()),
            Part::Weekday => weekday[..3].into(),
            Part::LongWeekday => weekday.into(),
            Part::Day => time.day().to_string(),
            Part::SpaceDay => format!("{:2}", time.day()),
            Part::ZeroDay => format!("{:02}", time.day()),
            Part::SpaceYearDay => format!("{:3}", time.ordinal()),
            Part::ZeroYearDay => format!("{:03}", time.ordinal()),
            Part::Hour => format!("{:02}", time.hour()),
            Part::Hour12 => hour.to_string(),
            Part::ZeroHour12 => format!("{hour:02}"),
            Part::Minute => time.minute().to_string(),
            Part::ZeroMinute => format!("{:02}", time.minute()),
            Part::Second => time.second().to_string(),
            Part::ZeroSecond => format!("{:02}", time.second()),
            Part::UpperHalf => if is_afternoon { "PM" } else { "AM" }.into(),
            Part::LowerHalf => if is_afternoon { "pm" } else { "am" }.into(),
            Part::Zone => self.zone.clone(),
            Part::Offset(form) => self.offset(form),
            Part::Fraction { point, digits, is_short } => self.fraction(point, digits, is_short),
        };
        written.extend_from_slice(text.as_bytes());
    }

    fn offset(&self, form: Offset) -> String {
        if self.offset == 0 && form.has_z {
            return "Z".into();
        }
        let seconds = self.offset.unsigned_abs();
        // Less than a minute has no sign.
        let sign = if self.offset / 60 < 0 { "-" } else { "+" };
        let numbers = [seconds / 3600, seconds / 60 % 60, seconds % 60];
        let numbers = numbers[..form.numbers].iter().map(|number| format!("{number:02}"));
        format!("{sign}{}", numbers.collect::<Vec<_>>().join(if form.has_colons { ":" } else { "" }))
    }

    fn fraction(&self, point: u8, digits: usize, is_short: bool) -> String {
        let all = format!("{:09}", self.time.nanosecond());
        let cut = &all[..digits.min(9)];
        let kept = if is_short { cut.trim_end_matches('0') } else { cut };
        if kept.is_empty() { String::new() } else { format!("{}{kept}", char::from(point)) }
    }
}

//! The builtin functions of `time.*` that read or write a time by a layout, and that move one by a date.

mod format;
mod layout;
mod parse;

use anyhow::{anyhow, bail, Result};
use chrono::{DateTime, Datelike, LocalResult, NaiveDate, TimeDelta};
use chrono_tz::Tz;
use regorus::Value;

use crate::stop;
use format::Local;
use layout::{layout_of, RFC_3339, RFC_3339_NANO};

/// `time.parse_ns(layout, text)`
pub fn parse(layout: &str, text: &str) -> Result<Value> {
    parse::parse(layout_of(layout), text).map(Value::from)
}

/// `time.parse_rfc3339_ns(text)`
pub fn parse_rfc_3339(text: &str) -> Result<Value> {
    parse(RFC_3339, text)
}

/// A moment as it is given: nanoseconds, or an array of these with a time zone and more.
struct Moment<'v> {
    nanoseconds: i64,
    zone: Tz,
    layout: &'v str,
}

fn read(time: &Value) -> Result<Moment<'_>> {
    let parts = match time {
        Value::Array(parts) => parts.as_slice(),
        alone => std::slice::from_ref(alone),
    };
    let Some(nanoseconds) = parts.first().and_then(|first| first.as_i64().ok()) else {
        bail!("a time is a whole number of nanoseconds");
    };
    let text = |place: usize| match parts.get(place) {
        None => Ok(""),
        Some(Value::String(text)) => Ok(&**text),
        Some(_) => Err(anyhow!("a time zone and a layout are strings")),
    };
    let zone = match text(1)? {
        "" | "UTC" | "Local" => Tz::UTC,
        name => name.parse().map_err(|_| anyhow!("there is no such time zone"))?,
    };
    Ok(Moment { nanoseconds, zone, layout: text(2)? })
}

/// `time.format(time)`
pub fn format(time: &Value) -> Result<Value> {
    let Moment { nanoseconds, zone, layout } = read(time)?;
    let layout = if layout.is_empty() { RFC_3339_NANO } else { layout_of(layout) };
    Ok(Value::from(Local::new(nanoseconds, zone).format(layout)))
}

/// `time.add_date(time, years, months, days)`: a day that its month does not have is one of the next month.
pub fn add_date(time: &Value, numbers: [&Value; 3]) -> Result<Value> {
    let Moment { nanoseconds, zone, .. } = read(time)?;
    let [years, months, days] = numbers.map(|number| number.as_i64().ok().and_then(|number| i32::try_from(number).ok()));
    let (Some(years), Some(months), Some(days)) = (years, months, days) else { bail!("a date takes whole numbers") };
    let local = DateTime::from_timestamp_nanos(nanoseconds).with_timezone(&zone).naive_local();
    let moved = || {
        let months = i64::from(local.year()) * 12 + i64::from(local.month0()) + i64::from(years) * 12 + i64::from(months);
        let year = i32::try_from(months.div_euclid(12)).ok()?;
        let month = u32::try_from(months.rem_euclid(12)).ok()? + 1;
        let first = NaiveDate::from_ymd_opt(year, month, 1)?;
        let date = first.checked_add_signed(TimeDelta::days(i64::from(local.day0()) + i64::from(days)))?;
        Some(date.and_time(local.time()))
    };
    let moved = moved().ok_or_else(|| anyhow!("the time is out of its range"))?;
    match moved.and_local_timezone(zone) {
        LocalResult::Single(moved) => {
            moved.timestamp_nanos_opt().map(Value::from).ok_or_else(|| anyhow!("the time is out of its range"))
        }
        _ => Err(stop::unsupported("time.add_date comes to an hour that the clocks show twice or leave out")),
    }
}

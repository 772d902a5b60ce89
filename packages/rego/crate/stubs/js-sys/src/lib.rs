//! What chrono asks of JavaScript's `Date`, answered without a host: the local time zone is UTC, and there is no
//! current time. `time.now_ns` never comes here, it is answered from the clock that the host passed in.

use wasm_bindgen::JsValue;

pub struct Date {
    milliseconds: f64,
}

impl Date {
    pub fn new(milliseconds: &JsValue) -> Self {
        Self {
            milliseconds: milliseconds.as_f64().unwrap_or_default(),
        }
    }

    pub fn new_0() -> Self {
        panic!("the engine has no clock of its own")
    }

    /// Only its offset from UTC is ever asked for, and that is always 0.
    pub fn new_with_year_month_day_hr_min_sec(_: u32, _: i32, _: i32, _: i32, _: i32, _: i32) -> Self {
        Self { milliseconds: 0.0 }
    }

    pub fn get_time(&self) -> f64 {
        self.milliseconds
    }

    pub fn get_timezone_offset(&self) -> f64 {
        0.0
    }
}

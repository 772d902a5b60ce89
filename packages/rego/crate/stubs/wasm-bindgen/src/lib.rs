/// A JavaScript value; the only kind that is ever made is a number.
pub struct JsValue(f64);

impl JsValue {
    pub fn from_f64(number: f64) -> Self {
        Self(number)
    }

    pub fn as_f64(&self) -> Option<f64> {
        Some(self.0)
    }
}

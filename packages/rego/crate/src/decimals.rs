//! Sums, differences, products and quotients of decimal numbers. OPA has more digits for them than a binary number of 64
//! bits, so that `100 * 1.1` is 110 there and not a little more; here they are exact, and rounded once.

use regorus::unstable::ArithOp;
use regorus::Value;

/// A number as it is written: digits, and a power of ten.
#[derive(Clone, Copy)]
struct Decimal {
    digits: i128,
    exponent: i32,
}

/// As many digits as two whole numbers may have whose product has to have a place.
const MOST_DIGITS: i128 = 10_i128.pow(19);
/// Whole numbers up to here are exact as binary numbers.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

/// The value of an operation, unless both numbers are whole or one is so large or small that nothing is gained.
pub fn calculate(op: &ArithOp, one: &Value, other: &Value) -> Option<Value> {
    if one.as_number().ok()?.is_integer() && other.as_number().ok()?.is_integer() {
        return None;
    }
    let (one, other) = (decimal(one)?, decimal(other)?);
    let result = match op {
        ArithOp::Add => sum(one, other)?,
        ArithOp::Sub => sum(one, Decimal { digits: -other.digits, ..other })?,
        ArithOp::Mul => {
            Decimal { digits: one.digits.checked_mul(other.digits)?, exponent: one.exponent + other.exponent }
        }
        ArithOp::Div => quotient(one, other)?,
        ArithOp::Mod => return None,
    };
    let rounded: f64 = format!("{}e{}", result.digits, result.exponent).parse().ok()?;
    if rounded.fract() == 0.0 && rounded.abs() < MOST_EXACT {
        Some(Value::from(rounded as i64))
    } else {
        rounded.is_finite().then(|| Value::from(rounded))
    }
}

/// The fewest digits that mean a number.
fn decimal(number: &Value) -> Option<Decimal> {
    let number = number.as_number().ok()?;
    if number.is_integer() {
        let digits = number.as_i128()?;
        return (digits.abs() <= MOST_DIGITS).then_some(Decimal { digits, exponent: 0 });
    }
    let text = format!("{:e}", number.as_f64()?);
    let (digits, exponent) = text.split_once('e')?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let exponent: i32 = exponent.parse().ok()?;
    let behind = i32::try_from(fraction.len()).ok()?;
    Some(Decimal { digits: format!("{whole}{fraction}").parse().ok()?, exponent: exponent - behind })
}

fn sum(one: Decimal, other: Decimal) -> Option<Decimal> {
    let exponent = one.exponent.min(other.exponent);
    let scaled = |number: Decimal| {
        let more = u32::try_from(number.exponent - exponent).ok()?;
        number.digits.checked_mul(10_i128.checked_pow(more)?)
    };
    Some(Decimal { digits: scaled(one)?.checked_add(scaled(other)?)?, exponent })
}

/// With as many digits as there is room for; a last one says that there are more.
fn quotient(one: Decimal, other: Decimal) -> Option<Decimal> {
    if other.digits == 0 {
        return None;
    }
    let (mut digits, mut exponent) = (one.digits, one.exponent - other.exponent);
    // The last digit of the quotient needs a place too.
    while digits != 0 && digits.checked_mul(100).is_some() {
        digits *= 10;
        exponent -= 1;
    }
    let more = i128::from(digits % other.digits != 0) * (digits.signum() * other.digits.signum());
    Some(Decimal { digits: digits / other.digits * 10 + more, exponent: exponent - 1 })
}

//! Whole numbers of decimal text, exactly.

/// The most digits that a whole number of 64 bits has.
const MOST_DIGITS: i64 = 20;

/// The whole number that a text such as `7`, `7.0`, `-1.5e3` or `900E-2` stands for, if it does so and has no more digits than 64 bits
/// have. It is gone through once, however large its exponent.
pub fn whole(text: &str) -> Option<i128> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text),
    };
    let (decimal, exponent) = match text.split_once(['e', 'E']) {
        Some((decimal, exponent)) => (decimal, self::exponent(exponent)?),
        None => (text, 0),
    };
    let (integer, fraction) = match decimal.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (decimal, ""),
    };
    if integer.is_empty() || !is_digits(integer) || !is_digits(fraction) {
        return None;
    }
    // The number is its digits with some zeros behind them. A fraction makes that count of zeros negative.
    let digits = [integer, fraction].concat();
    let significant = digits.trim_end_matches('0');
    let noughts = length(&digits) - length(significant) - length(fraction);
    let noughts = exponent.saturating_add(noughts);
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    if noughts < 0 || length(significant).saturating_add(noughts) > MOST_DIGITS {
        return None;
    }
    let value = significant.parse::<i128>().ok()? * 10_i128.pow(u32::try_from(noughts).ok()?);
    Some(if negative { -value } else { value })
}

/// An exponent; one that is too large for a number stays too large.
fn exponent(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || !is_digits(digits) {
        return None;
    }
    let value =
        digits.bytes().fold(0_i64, |value, digit| value.saturating_mul(10).saturating_add((digit - b'0').into()));
    Some(if negative { -value } else { value })
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

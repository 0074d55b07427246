//! Times and lengths of time as text.

use prost_types::{Duration, Timestamp};

/// The seconds of the years 1 to 9999.
const TIMES: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
/// Seconds of some 10,000 years, as much as a length of time may have.
const LENGTHS: std::ops::RangeInclusive<i64> = -315_576_000_000..=315_576_000_000;
const NANOS_OF_SECOND: i32 = 1_000_000_000;
const SECONDS_OF_DAY: i64 = 86_400;

/// Appends a time as RFC 3339 has it, in UTC; returns whether it is one.
pub fn write_timestamp(out: &mut Vec<u8>, seconds: i64, nanos: i32) -> bool {
    if !TIMES.contains(&seconds) || !(0..NANOS_OF_SECOND).contains(&nanos) {
        return false;
    }
    let (year, month, day) = date(seconds.div_euclid(SECONDS_OF_DAY));
    let second = seconds.rem_euclid(SECONDS_OF_DAY);
    let mut text = *b"0000-00-00T00:00:00";
    put_digits(&mut text[0..4], year);
    put_digits(&mut text[5..7], month);
    put_digits(&mut text[8..10], day);
    put_digits(&mut text[11..13], second / 3600);
    put_digits(&mut text[14..16], second / 60 % 60);
    put_digits(&mut text[17..19], second % 60);
    out.extend_from_slice(&text);
    write_fraction(out, nanos);
    out.push(b'Z');
    true
}

/// Appends a length of time as a number of seconds; returns whether it is one.
pub fn write_duration(out: &mut Vec<u8>, seconds: i64, nanos: i32) -> bool {
    let one_sign = seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0);
    if !LENGTHS.contains(&seconds) || nanos.abs() >= NANOS_OF_SECOND || !one_sign {
        return false;
    }
    if seconds < 0 || nanos < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(seconds.abs().to_string().as_bytes());
    write_fraction(out, nanos.abs());
    out.push(b's');
    true
}

/// A time as RFC 3339 has it, from the year 1 to 9999.
pub fn read_timestamp(text: &str) -> Option<Timestamp> {
    is_rfc_3339(text).then(|| text.parse::<Timestamp>().ok())?.filter(|time| TIMES.contains(&time.seconds))
}

/// A length of time as a number of seconds, such as `1.5s`.
pub fn read_duration(text: &str) -> Option<Duration> {
    let digits = text.strip_prefix('-').unwrap_or(text).strip_suffix('s')?;
    let (seconds, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number =
        |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(seconds, 12) || !is_number(fraction, 9) {
        return None;
    }
    text.parse::<Duration>().ok().filter(|length| LENGTHS.contains(&length.seconds))
}

/// Whether a text has the very form; what reads the numbers takes others too.
fn is_rfc_3339(text: &str) -> bool {
    let has_form = |text: &[u8], form: &[u8]| {
        text.len() == form.len()
            && text
                .iter()
                .zip(form)
                .all(|(byte, form)| if *form == b'0' { byte.is_ascii_digit() } else { byte == form })
    };
    let Some((moment, rest)) = text.as_bytes().split_at_checked(19) else { return false };
    let digits = rest.strip_prefix(b".").map_or(0, |rest| rest.iter().take_while(|byte| byte.is_ascii_digit()).count());
    let offset = if digits == 0 { rest } else { &rest[digits + 1..] };
    has_form(moment, b"0000-00-00T00:00:00")
        && digits <= 9
        && (offset == b"Z" || has_form(offset, b"+00:00") || has_form(offset, b"-00:00"))
}

/// Year, month and day of a day counted from the first of 1970. Years begin in March here, so that a leap day ends one.
fn date(day: i64) -> (i64, i64, i64) {
    const DAYS_OF_ERA: i64 = 146_097;
    // Days from the first of March of the year 0 to the first of January 1970.
    let day = day + 719_468;
    let (era, day_of_era) = (day.div_euclid(DAYS_OF_ERA), day.rem_euclid(DAYS_OF_ERA));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day_of_month)
}

/// Appends none, three, six or nine digits after a point.
fn write_fraction(out: &mut Vec<u8>, nanos: i32) {
    let (fraction, digits) = match nanos {
        0 => return,
        nanos if nanos % 1_000_000 == 0 => (nanos / 1_000_000, 3),
        nanos if nanos % 1_000 == 0 => (nanos / 1_000, 6),
        nanos => (nanos, 9),
    };
    let mut text = *b".000000000";
    put_digits(&mut text[1..=digits], i64::from(fraction));
    out.extend_from_slice(&text[..=digits]);
}

/// Puts a number where there are noughts, from the right.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // One digit at a time.
fn put_digits(places: &mut [u8], number: i64) {
    let mut rest = number as u64;
    for place in places.iter_mut().rev() {
        *place = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
}

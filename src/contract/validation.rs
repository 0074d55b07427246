//! The contract's validation rules: every message that a request can carry checks itself, and all violations are
//! reported at once.
//!
//! An empty text counts as not given, since proto3 cannot tell the two apart; only `required` speaks of it (our choice).
//! Patterns match the whole value, as the contract's own examples expect. Numbers that an enum does not have are refused
//! (our choice). `build/waivers.rs` lists the rules that are not enforced because an official client breaks them.

use std::collections::BTreeSet;
use std::fmt::{Display, Write};
use std::sync::OnceLock;

use regex_lite::Regex;

use super::excerpt::shortened;
use super::proto::google::r#type::TimeOfDay;
pub use super::violations::{Violation, Violations};

/// A message whose fields have rules.
pub trait Validate {
    /// Reports each rule that the message breaks.
    fn validate(&self, check: &mut Check);
}

impl Validate for () {
    fn validate(&self, _: &mut Check) {}
}

/// The ranges are documented.
impl Validate for TimeOfDay {
    fn validate(&self, check: &mut Check) {
        let parts = [
            ("hours", self.hours, 23),
            ("minutes", self.minutes, 59),
            ("seconds", self.seconds, 59),
            ("nanos", self.nanos, 999_999_999),
        ];
        for (field, value, most) in parts {
            check.value(field, i64::from(value), Bounds { least: Some(0), most: Some(most) });
        }
    }
}

/// The rules that a request breaks, in the order of its fields.
pub fn violations(request: &impl Validate) -> Violations {
    let mut check = Check::default();
    request.validate(&mut check);
    check.violations
}

/// An inclusive range.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The least that is allowed, if there is one.
    pub least: Option<i64>,
    /// The most that is allowed, if there is one.
    pub most: Option<i64>,
}

impl Bounds {
    fn contains(self, value: i64) -> bool {
        self.least.is_none_or(|least| value >= least) && self.most.is_none_or(|most| value <= most)
    }

    fn words(self) -> String {
        match (self.least, self.most) {
            (Some(least), Some(most)) if least == most => format!("exactly {least}"),
            (Some(least), Some(most)) => format!("from {least} to {most}"),
            (Some(least), None) => format!("at least {least}"),
            (None, Some(most)) => format!("at most {most}"),
            (None, None) => "anything".into(),
        }
    }
}

/// A number that can have a range.
pub trait Number: Display + Copy {
    /// Whether the range has it.
    fn is_within(self, bounds: Bounds) -> bool;
}

impl Number for i64 {
    fn is_within(self, bounds: Bounds) -> bool {
        bounds.contains(self)
    }
}

impl Number for f64 {
    /// The contract's ranges are of small whole numbers, which a double holds exactly.
    #[allow(clippy::cast_precision_loss)]
    fn is_within(self, bounds: Bounds) -> bool {
        bounds.least.is_none_or(|least| self >= least as f64) && bounds.most.is_none_or(|most| self <= most as f64)
    }
}

/// A regular expression that a whole value must match, compiled on first use.
pub struct Pattern {
    text: &'static str,
    compiled: OnceLock<Regex>,
}

impl Pattern {
    /// A pattern as the contract writes it.
    pub const fn new(text: &'static str) -> Self {
        Self { text, compiled: OnceLock::new() }
    }

    fn matches(&self, value: &str) -> bool {
        let whole = || Regex::new(&format!("^(?:{})$", self.text)).expect("build.rs compiled the same pattern");
        self.compiled.get_or_init(whole).is_match(value)
    }
}

/// The most bytes of a map's key that a path shows (the longest that the contract allows has 63 characters).
const LONGEST_KEY: usize = 128;

/// A walk through a message: where it is, and what it has found.
#[derive(Default)]
pub struct Check {
    path: Vec<Step>,
    violations: Violations,
}

enum Step {
    Field(&'static str),
    Index(usize),
    Key(String),
    /// What is looked at is the key, not its value.
    KeyItself,
}

impl Check {
    /// `required`: the field must be given.
    pub fn required(&mut self, field: &'static str, given: bool) {
        if !given {
            self.broken(field, "is required");
        }
    }

    /// `pattern`: the value must match, whole.
    pub fn pattern(&mut self, field: &'static str, value: &str, pattern: &Pattern) {
        if !pattern.matches(value) {
            self.broken(field, format_args!("must match the pattern {}", pattern.text));
        }
    }

    /// `length`: how many characters the value may have.
    pub fn length(&mut self, field: &'static str, value: &str, bounds: Bounds) {
        let length = value.chars().count();
        if !bounds.contains(count(length)) {
            self.broken(field, format_args!("must have {} characters, but has {length}", bounds.words()));
        }
    }

    /// `value`: the range of a number.
    pub fn value<N: Number>(&mut self, field: &'static str, value: N, bounds: Bounds) {
        if !value.is_within(bounds) {
            self.broken(field, format_args!("must be {}, but is {value}", bounds.words()));
        }
    }

    /// The number must be one of an enum's.
    pub fn known_value(&mut self, field: &'static str, name: &str, number: &i32, is_known: impl Fn(i32) -> bool) {
        if !is_known(*number) {
            self.broken(field, format_args!("must be a value of {name}, but is {number}"));
        }
    }

    /// Each number must be one of an enum's.
    pub fn known_values(&mut self, field: &'static str, name: &str, numbers: &[i32], is_known: impl Fn(i32) -> bool) {
        for (index, number) in numbers.iter().enumerate() {
            self.at_index(field, index, |check| check.known_value("", name, number, &is_known));
        }
    }

    /// `size`: how many items a list or map may have.
    pub fn size(&mut self, field: &'static str, size: usize, bounds: Bounds) {
        if !bounds.contains(count(size)) {
            self.broken(field, format_args!("must have {} items, but has {size}", bounds.words()));
        }
    }

    /// `unique`: no two items may be equal.
    pub fn unique<T: Ord>(&mut self, field: &'static str, items: &[T]) {
        if items.iter().collect::<BTreeSet<_>>().len() < items.len() {
            self.broken(field, "must have no two equal items");
        }
    }

    /// `exactly_one`: one member of the oneof must be given.
    pub fn exactly_one(&mut self, oneof: &'static str, given: bool) {
        if !given {
            self.broken(oneof, "exactly one of its members must be given");
        }
    }

    /// A timestamp must be one: years 1 to 9999, and whole nanoseconds of a second; and within a range of seconds since 1970, if it
    /// has one.
    pub fn timestamp(&mut self, field: &'static str, value: &prost_types::Timestamp, range: Option<(i64, i64)>) {
        const YEARS_1_TO_9999: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
        if !YEARS_1_TO_9999.contains(&value.seconds) || !(0..1_000_000_000).contains(&value.nanos) {
            self.broken(field, "must be a time from the year 1 to 9999, with nanos from 0 to 999999999");
        } else if let Some((from, to)) = range.filter(|(from, to)| !(*from..=*to).contains(&value.seconds)) {
            let at = |seconds| prost_types::Timestamp { seconds, nanos: 0 };
            self.broken(field, format_args!("must be from {} to {}", at(from), at(to)));
        }
    }

    /// A duration must be one: 10,000 years at most, whole nanoseconds of a second, and one sign.
    pub fn duration(&mut self, field: &'static str, value: &prost_types::Duration) {
        const TEN_THOUSAND_YEARS: i64 = 315_576_000_000;
        let is_long = !(-TEN_THOUSAND_YEARS..=TEN_THOUSAND_YEARS).contains(&value.seconds);
        let has_odd_nanos = !(-999_999_999..=999_999_999).contains(&value.nanos);
        if is_long || has_odd_nanos || value.seconds.signum() * i64::from(value.nanos.signum()) < 0 {
            self.broken(
                field,
                "must be a duration of at most 10,000 years, with nanos below a second and of the same sign",
            );
        }
    }

    /// A rule of ours rather than of an annotation, broken at a field.
    pub fn broken(&mut self, field: &'static str, rule: impl Display) {
        let Self { path, violations } = self;
        violations.add(|| {
            let mut place = String::new();
            for step in path.iter() {
                step.append(&mut place);
            }
            if !field.is_empty() {
                Step::Field(field).append(&mut place);
            }
            let of_key = matches!(path.last(), Some(Step::KeyItself));
            let rule = if of_key { format!("the key {rule}") } else { rule.to_string() };
            Violation { field: place, rule }
        });
    }

    /// Goes into a field's message.
    pub fn within(&mut self, field: &'static str, message: &impl Validate) {
        self.step(Step::Field(field), |check| message.validate(check));
    }

    /// Goes into each message of a list.
    pub fn each(&mut self, field: &'static str, messages: &[impl Validate]) {
        for (index, message) in messages.iter().enumerate() {
            self.at_index(field, index, |check| message.validate(check));
        }
    }

    /// Looks at one item of a list.
    pub fn at_index(&mut self, field: &'static str, index: usize, look: impl FnOnce(&mut Self)) {
        self.step(Step::Field(field), |check| check.step(Step::Index(index), look));
    }

    /// Looks at one entry of a map: at its key, then at its value.
    pub fn at_entry(
        &mut self,
        field: &'static str,
        key: &str,
        look_at_key: impl FnOnce(&mut Self),
        look_at_value: impl FnOnce(&mut Self),
    ) {
        self.step(Step::Field(field), |check| {
            check.step(Step::Key(key.to_owned()), |check| {
                check.step(Step::KeyItself, look_at_key);
                look_at_value(check);
            });
        });
    }

    fn step(&mut self, step: Step, look: impl FnOnce(&mut Self)) {
        self.path.push(step);
        look(self);
        self.path.pop();
    }
}

impl Step {
    fn append(&self, path: &mut String) {
        match self {
            Step::Field(name) if path.is_empty() => path.push_str(name),
            Step::Field(name) => {
                path.push('.');
                path.push_str(name);
            }
            // Writing to a string cannot fail.
            Step::Index(index) => _ = write!(path, "[{index}]"),
            Step::Key(key) => _ = write!(path, "[{:?}]", shortened(key, LONGEST_KEY)),
            Step::KeyItself => {}
        }
    }
}

fn count(items: usize) -> i64 {
    i64::try_from(items).unwrap_or(i64::MAX)
}

#[allow(clippy::all, clippy::pedantic)]
mod generated {
    use super::{Bounds, Check, Pattern, Validate};

    include!(concat!(env!("OUT_DIR"), "/validators.rs"));
}

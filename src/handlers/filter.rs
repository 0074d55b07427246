//! The filters of lists.

use crate::contract::filter::{EQUAL, Filter, Operator};
use crate::refusal::{self, Refusal};

/// The filter of a list that compares by `=` alone, as most do (documented).
///
/// # Errors
///
/// INVALID_ARGUMENT for what is no such filter.
pub fn by_name(text: &str) -> Result<Filter<'_>, Refusal> {
    by(EQUAL, text)
}

/// The filter of a list that has these operators.
///
/// # Errors
///
/// INVALID_ARGUMENT for what is no such filter.
pub fn by<'a>(operators: &[Operator], text: &'a str) -> Result<Filter<'a>, Refusal> {
    Filter::read(text, operators).map_err(|problem| refusal::request::filter(problem, operators))
}

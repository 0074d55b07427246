//! Refusals about universes and their clocks.

use std::fmt::Display;

use tonic::Code;

use super::{Refusal, request};
use crate::contract::excerpt::excerpt;

/// No universe has this id.
pub fn not_found(id: &str) -> Refusal {
    let id = &excerpt(id);
    Refusal::of_resource(Code::NotFound, format!("Universe \"{id}\" not found"), "universe", id)
}

/// A universe has this id.
pub fn already_exists(id: &str) -> Refusal {
    let id = &excerpt(id);
    Refusal::of_resource(Code::AlreadyExists, format!("Universe \"{id}\" already exists"), "universe", id)
}

/// Delete of the default universe.
pub fn default_stays(id: &str) -> Refusal {
    Refusal::precondition("The default universe can be reset, but not deleted".to_owned(), "DEFAULT", id)
}

/// A time that no clock can show.
pub fn out_of_time(field: &'static str) -> Refusal {
    request::field(field, "must be from the year 1678 to 2261")
}

/// A clock does not go back.
pub fn not_back(wanted: impl Display, now: impl Display) -> Refusal {
    request::field("now", format!("must not be earlier than the clock, which shows {now}, but is {wanted}"))
}

/// A length of time that is none.
pub fn no_duration(field: &'static str) -> Refusal {
    request::field(field, "must have nanos from -999999999 to 999999999, of the same sign as its seconds")
}

/// A move of the clock past the last instant that there is.
pub fn past_the_end(field: &'static str, end: impl Display) -> Refusal {
    request::field(field, format!("must not move the clock past {end}, where time ends"))
}

/// A rate at which no clock goes.
pub fn bad_rate(slowest: f64, fastest: f64) -> Refusal {
    request::field("rate", format!("must be from {slowest} to {fastest} seconds a second"))
}

/// A move of the clock that is too long, or goes back.
pub fn bad_step(field: &'static str) -> Refusal {
    request::field(field, "must move the clock forward, by ten years at most")
}

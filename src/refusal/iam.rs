//! Refusals about tokens, and what is traded for them. Nothing here may show one.

use tonic::Code;

use super::{Refusal, request};

/// What the id of a service account is made of.
pub const ACCOUNT_ID: &str = "of at most 50 ASCII letters, digits, - and _";

/// A call without a token where one is needed.
pub fn no_token() -> Refusal {
    unauthenticated("A token is required, in the header authorization: Bearer <IAM token>")
}

/// A token that the universe has not issued, or that has expired (the wording is documented).
pub fn bad_token() -> Refusal {
    unauthenticated("Token is invalid or has expired.")
}

/// A call of the emulator's own API without the token that it takes.
pub fn no_control_token() -> Refusal {
    unauthenticated(
        "With --auth token the control API takes the process's control token, in the header authorization: Bearer <token>. It \
         stands in the file of --ready-file as control_token, and in MDB_EMULATOR_CONTROL_TOKEN under exec; --control-token chooses it",
    )
}

/// Revoke of what is no live token.
pub fn not_to_revoke() -> Refusal {
    request::field("iam_token", "must be a live token of this universe")
}

/// An OAuth token that can be none (the wording is observed).
pub fn bad_oauth_token() -> Refusal {
    unauthenticated("OAuth token is invalid or expired")
}

/// A JWT that is not of a service account, or not of now.
pub fn bad_jwt(problem: &str) -> Refusal {
    unauthenticated(format!("The JWT is not accepted: {problem}"))
}

/// A token for a service account that is suspended.
pub fn suspended(id: &str) -> Refusal {
    unauthenticated(format!("Service account {id} is suspended"))
}

/// An id that no service account can have.
pub fn bad_account_id() -> Refusal {
    request::field("service_account_id", format!("must be the id of a service account, {ACCOUNT_ID}"))
}

fn unauthenticated(message: impl Into<String>) -> Refusal {
    Refusal::new(Code::Unauthenticated, message, Vec::new())
}

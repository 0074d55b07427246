//! Who calls: the room of keys, signatures and tokens.
//!
//! - [`auth`]: whose token a call carries, and whether it needs one;
//! - [`jwt`]: what a service account signs to get a token, and [`keys`] by which that is checked.
//!
//! What a universe itself holds of it, its rules of access and its revoked tokens, is a store like others:
//! [`universe::tokens`](crate::universe::tokens).

pub mod auth;
pub mod jwt;
pub mod keys;

pub use auth::ControlToken;

/// The longest id of a service account (documented).
const LONGEST_ID: usize = 50;

/// Whether a text can be the id of a service account: of what ids are made of, and such as tests make up (our choice).
pub fn is_account_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(fits)
}

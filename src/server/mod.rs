//! The server: how calls get in, which universe they reach, and how answers get out.
//!
//! A call travels: [`services`] (route) → [`grpc`] (frame) → [`dispatch`] (universe, decode, validate, settle, handler, publish,
//! encode) → out, with the headers of [`headers`]. [`reflection`] and health are beside it; [`listener`] owns the socket.

mod codec;
mod dispatch;
mod grpc;
mod headers;
mod listener;
mod reflection;
mod services;

pub use dispatch::Dispatcher;
pub use listener::{Server, ServerError};

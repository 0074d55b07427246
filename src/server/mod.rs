//! The server: how calls get in, which universe they reach, and how answers get out.
//!
//! [`listener`] owns the socket. On each [`connection`] of it, in plaintext or in TLS ([`tls`], [`authority`], [`wire`], [`request_line`]),
//! HTTP/2 or HTTP/1.1 is spoken, and the [`front`] takes requests to their [`door`]. How much of anything is taken stands in [`limits`]; what a connection owes
//! its client is counted in [`budget`], how long a client waits says its [`deadline`], and what it sends on is [`unread`].
//!
//! A call travels: [`services`] (route) → [`grpc`] (frame), or [`rest`] (route, JSON), → [`dispatch`] (universe, [`auth`], decode,
//! validate, settle, handler, publish, encode) → out, with the headers of [`headers`]; by which name it came is in [`host`].
//! [`reflection`] and health are beside it.

mod auth;
mod authority;
mod budget;
mod connection;
mod deadline;
mod dispatch;
mod door;
mod front;
mod grpc;
mod headers;
mod host;
mod limits;
mod listener;
mod reflection;
mod request_line;
mod rest;
mod services;
mod tls;
mod unread;
mod wire;

pub use authority::{CertificateError, pem};
pub use dispatch::Dispatcher;
pub use listener::{Server, ServerError};
pub use rest::Rest;
pub use tls::{OwnCertificate, TlsError, TlsMode, TlsOptions};

//! The server: how calls get in, which universe they reach, and how answers get out.
//!
//! [`listener`] owns the socket. On each [`connection`] of it, in plaintext or in TLS ([`tls`], [`certificates`], [`wire`],
//! [`request_line`]), HTTP/2 or HTTP/1.1 is spoken. The [`front`] takes requests to their [`door`], unless [`admission`] keeps them out
//! because of the page's [`origin`] or the server's name; [`cors`] lets pages of the allowed origins read answers. How much of anything
//! is taken stands in [`limits`]; what a connection owes its client is counted in [`budget`], how long a client waits says its
//! [`deadline`], and what it sends on is [`unread`]. What is no HTTP is [`unparsed`]. In HTTP/2, calls are answered by [`prompt`].
//! How long a call waits for what is in its way says its [`patience`].
//!
//! A call travels: [`services`] (route) → [`grpc`] (frame), or [`rest`] (route, JSON), → [`dispatch`] (universe, [`auth`](crate::identity::auth), decode,
//! validate, settle, handler, publish, encode) → out, with the headers of [`headers`]; by which name it came is in [`host_header`].
//! [`reflection`] and health are beside it.

mod admission;
mod budget;
mod certificates;
mod connection;
mod cors;
mod deadline;
mod dispatch;
mod door;
mod front;
mod grpc;
mod headers;
mod host_header;
mod limits;
mod listener;
mod origin;
mod patience;
mod prompt;
mod reflection;
mod request_line;
mod rest;
mod services;
mod tls;
mod unparsed;
mod unread;
mod wire;

pub use certificates::{CertificateError, pem};
pub use dispatch::Dispatcher;
pub use listener::{Server, ServerError};
pub use origin::{AllowedOrigin, Origin};
pub use rest::Rest;
pub use tls::{OwnCertificate, TlsError, TlsMode, TlsOptions};

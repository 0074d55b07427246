//! Which requests are let in. This keeps out web pages that the user never meant to call the emulator.
//!
//! There are two ways in for a page. It may send some requests to any server that the browser reaches, also to one on 127.0.0.1,
//! although it cannot read the answers: so a request from a page of another origin is refused, unless the user allows that origin. And
//! the owner of a domain can make its name lead to 127.0.0.1 after a page has been loaded from there (DNS rebinding): the page and
//! the emulator then have the same origin. So the server answers only to names that nobody else can own, and to those that the user gives it.

use std::net::Ipv4Addr;
use std::sync::Arc;

use tonic::codegen::http::HeaderMap;
use tonic::codegen::http::header::ORIGIN;
use tonic::codegen::http::request::Parts;

use super::host_header;
use super::origin::{self, AllowedOrigin, Origin};
use crate::refusal::{self, Refusal};

/// The end of the names that browsers and systems let lead to this machine alone.
const LOCAL: &str = ".localhost";

/// Where browsers say how the page that calls is related to the server.
const FETCH_SITE: &str = "sec-fetch-site";

/// Who is let in.
#[derive(Clone, Debug, Default)]
pub struct Admission {
    names: Arc<[String]>,
    allowed: Arc<[AllowedOrigin]>,
}

impl Admission {
    /// Lets in callers that use one of these names (a star may stand for the first label) or a name that nobody else can own, and
    /// pages of the server's own origin and of the allowed ones.
    pub fn new(names: &[String], allowed: &[AllowedOrigin]) -> Self {
        Self { names: names.iter().map(|name| name.to_ascii_lowercase()).collect(), allowed: allowed.into() }
    }

    /// Checks whether a request may come in. `secure` says whether it came by TLS.
    ///
    /// # Errors
    ///
    /// PERMISSION_DENIED if it may not.
    pub fn check(&self, head: &Parts, secure: bool) -> Result<(), Refusal> {
        // A request without a host is from a program. A host that cannot be one is refused elsewhere, in other words.
        let called = host_header::parts(host_header::named(head));
        if let Some((host, _)) = called.filter(|(host, _)| !self.goes_by(host)) {
            return Err(refusal::request::foreign_host(host));
        }
        self.check_origin(&head.headers, called.map(|(host, port)| Origin::of_server(secure, host, port)).as_ref())
    }

    /// Whether a request is of a page whose origin the user allows.
    pub fn allows(&self, headers: &HeaderMap) -> bool {
        headers.get(ORIGIN).is_some_and(|origin| origin::allows(&self.allowed, origin))
    }

    /// Whether a host is an address, or a name of this server. A name without a dot is nobody's to own on the open internet.
    fn goes_by(&self, host: &str) -> bool {
        if host.starts_with('[') || !host.contains('.') || host.parse::<Ipv4Addr>().is_ok() {
            return true;
        }
        // With or without the dot of the root at its end.
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        host == LOCAL[1..] || host.ends_with(LOCAL) || self.names.iter().any(|name| is_under(&host, name))
    }

    fn check_origin(&self, headers: &HeaderMap, own: Option<&Origin>) -> Result<(), Refusal> {
        for header in headers.get_all(ORIGIN).iter().filter(|header| !origin::allows(&self.allowed, header)) {
            let origin = origin::named(header).ok_or_else(refusal::request::hidden_origin)?;
            if Some(&origin) != own {
                return Err(refusal::request::foreign_origin(&origin.to_string()));
            }
        }
        // A browser sends no origin when a page shows a picture, for example, or when its user follows a link.
        let is_foreign = |site| site != "none" && site != "same-origin";
        let hidden = !headers.contains_key(ORIGIN) && headers.get(FETCH_SITE).is_some_and(is_foreign);
        if hidden && !self.allowed.contains(&AllowedOrigin::Any) {
            return Err(refusal::request::hidden_origin());
        }
        Ok(())
    }
}

/// Whether a host is the one of this name, or one of those that the star at the beginning of the name stands for.
fn is_under(host: &str, name: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest == parent),
        None => host == name,
    }
}

//! Which requests are let in at all. What this keeps out are pages in a browser that the user never meant to call the emulator.
//!
//! Any page may send some requests to any server that the browser reaches, also to one on 127.0.0.1, though it cannot read the
//! answers: so what a page of another origin sends is refused, unless the user allows that origin. And who owns a name may let it
//! lead to 127.0.0.1 once a page has come from there, so that the page and the emulator are of one origin (DNS rebinding): so the
//! server answers only to names that nobody can have let lead to it, and to those that the user gives it.

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
    /// Lets in who calls the server by one of these names, with a star in place of the first label perhaps, or by one that nobody
    /// else can have given it; and pages of the server's own origin and of the allowed ones.
    pub fn new(names: &[String], allowed: &[AllowedOrigin]) -> Self {
        Self { names: names.iter().map(|name| name.to_ascii_lowercase()).collect(), allowed: allowed.into() }
    }

    /// Nothing, if a request may come in that came by TLS or not.
    ///
    /// # Errors
    ///
    /// PERMISSION_DENIED if it may not.
    pub fn check(&self, head: &Parts, secure: bool) -> Result<(), Refusal> {
        // Only programs name no host; and what cannot be one is refused with its own words.
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
        // Browsers name no origin where a page only shows a picture, say, or its user follows a link.
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

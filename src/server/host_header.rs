//! The host, with a port perhaps, by which a client says that it reached the server.

use std::net::Ipv6Addr;

use tonic::codegen::http::header::HOST;
use tonic::codegen::http::request::Parts;
use tonic::codegen::http::uri::Authority;
use tonic::codegen::http::{HeaderValue, Version};

use crate::refusal::{self, Refusal};

/// Checks that a request names its host as it must.
///
/// # Errors
///
/// INVALID_ARGUMENT if there are several headers for it or, in HTTP/1.1, none; and if what names the host cannot be one.
pub fn check(head: &Parts) -> Result<(), Refusal> {
    let mut hosts = head.headers.get_all(HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() || (host.is_none() && head.version == Version::HTTP_11) {
        return Err(refusal::request::not_one_host());
    }
    // A client that has no name for the server sends an empty header.
    let header_names = |host: &HeaderValue| host.is_empty() || host.to_str().is_ok_and(|host| parts(host).is_some());
    let uri_names = |authority: &Authority| apart(authority, without_user(authority.as_str())).is_some();
    if host.is_none_or(header_names) && head.uri.authority().is_none_or(uri_names) {
        Ok(())
    } else {
        Err(refusal::request::no_host())
    }
}

/// The host, or host and port, that a request names; empty if it names none.
pub fn named(head: &Parts) -> &str {
    // `:authority` in HTTP/2.
    let of_uri = head.uri.authority().map(|authority| without_user(authority.as_str()));
    let header = || head.headers.get(HOST).and_then(|host| host.to_str().ok());
    of_uri.or_else(header).unwrap_or_default()
}

/// The user and password that may be before a host are nobody's business.
fn without_user(authority: &str) -> &str {
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// The host in a text, and the port behind it if there is one, by the grammar of URIs. None if the text is something else, or has
/// a user before the host.
pub fn parts(text: &str) -> Option<(&str, Option<u16>)> {
    apart(&text.parse().ok()?, text)
}

/// The same of a text that is, or ends, an authority.
fn apart<'a>(authority: &Authority, text: &'a str) -> Option<(&'a str, Option<u16>)> {
    let (host, port) = text.split_at_checked(authority.host().len())?;
    let is_name = !host.is_empty() && !host.starts_with('[');
    if host != authority.host() || !(is_name || is_address(host)) {
        return None;
    }
    let port = match port {
        // The grammar lets the number be left out behind the colon.
        "" | ":" => None,
        _ => Some(port.strip_prefix(':').filter(|port| !port.starts_with('+'))?.parse().ok()?),
    };
    Some((host, port))
}

/// Whether a host in brackets is an address of IPv6, with a zone perhaps: the library takes anything there.
fn is_address(host: &str) -> bool {
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    inside.and_then(|inside| inside.split('%').next()).is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

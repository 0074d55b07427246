//! Origins: the scheme, host and port that a page in a browser was loaded from, which browsers name in the header `Origin`.

use std::fmt;
use std::str::FromStr;

use tonic::codegen::http::HeaderValue;
use tonic::codegen::http::uri::Scheme;

use super::host_header;

/// Where a page comes from. Two are the same if they are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    host: String,
    /// None if it is the scheme's own, which browsers leave out.
    port: Option<u16>,
}

impl Origin {
    /// The origin of pages from a server that is called by this host and port.
    pub fn of_server(secure: bool, host: &str, port: Option<u16>) -> Self {
        Self::new(if secure { "https" } else { "http" }, host, port)
    }

    fn new(scheme: &str, host: &str, port: Option<u16>) -> Self {
        let scheme = scheme.to_ascii_lowercase();
        let usual = match scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        };
        Self { host: host.to_ascii_lowercase(), port: port.filter(|_| port != usual), scheme }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}", self.scheme, self.host)?;
        self.port.map_or(Ok(()), |port| write!(formatter, ":{port}"))
    }
}

impl FromStr for Origin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let origin = text.split_once("://").and_then(|(scheme, authority)| {
            Scheme::try_from(scheme).ok()?;
            let (host, port) = host_header::parts(authority)?;
            Some(Self::new(scheme, host, port))
        });
        origin.ok_or("must be SCHEME://HOST or SCHEME://HOST:PORT without a path, as browsers send it, or * for all")
    }
}

/// Pages that may call the server, beside those that it might have served itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedOrigin {
    /// All pages.
    Any,
    /// The pages of one origin.
    One(Origin),
}

impl FromStr for AllowedOrigin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "*" { Ok(Self::Any) } else { text.parse().map(Self::One) }
    }
}

/// The origin that a header names; none for pages that hide theirs, which send `null`.
pub fn named(header: &HeaderValue) -> Option<Origin> {
    header.to_str().ok()?.parse().ok()
}

/// Whether pages of an origin may call the server.
pub fn allows(allowed: &[AllowedOrigin], header: &HeaderValue) -> bool {
    let origin = named(header);
    allowed.iter().any(|allowed| match allowed {
        AllowedOrigin::Any => true,
        AllowedOrigin::One(one) => origin.as_ref() == Some(one),
    })
}

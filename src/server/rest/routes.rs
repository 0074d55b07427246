//! The table of http rules: which RPC a verb and path are of, and what the path says.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use matchit::Router;
use tonic::codegen::http::Method;

use crate::contract::HttpRule;
use crate::contract::schema::{self, Field, Message};
use crate::server::dispatch::Row;
use crate::server::services::ROWS;

/// A verb and path of an RPC.
pub struct Route {
    verb: Method,
    /// The RPC.
    pub row: &'static Row,
    /// The type of its request.
    pub request: &'static Message,
    /// The type of its reply.
    pub response: &'static Message,
    /// Whether its request may come as a body.
    pub takes_body: bool,
    /// The fields that the path gives, in its order.
    variables: Vec<&'static Field>,
}

/// A route, and the values that a path has for its fields.
pub struct Found {
    pub route: &'static Route,
    pub values: Vec<(&'static Field, String)>,
}

/// Why there is no route.
pub enum Lost {
    /// No RPC has the path.
    Path(String),
    /// Others have it, by these verbs.
    Verb { verb: Method, path: String, allowed: String },
    /// The path is no text.
    Escape(String),
}

/// The routes of each path.
static TABLE: LazyLock<Router<Vec<Route>>> = LazyLock::new(|| {
    let mut paths: BTreeMap<String, Vec<Route>> = BTreeMap::new();
    for row in &ROWS {
        for rule in row.method.http {
            let (path, route) = route(row, rule);
            paths.entry(path).or_default().push(route);
        }
    }
    let mut table = Router::new();
    for (path, mut routes) in paths {
        routes.sort_by(|a, b| a.verb.as_str().cmp(b.verb.as_str()));
        table.insert(path, routes).expect("the rules of the contract do not contradict each other");
    }
    table
});

/// A rule's route. In the path, the fields have numbers for names: one path may name them differently for each verb.
fn route(row: &'static Row, rule: &HttpRule) -> (String, Route) {
    let message = |name| schema::message(name).expect("build.rs knows the messages of every RPC");
    let (request, response) = (message(row.method.request), message(row.method.response));
    let mut path = String::new();
    let mut variables = Vec::new();
    let mut rest = rule.path;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').expect("a rule's braces come in pairs");
        path = format!("{path}{before}{{{}}}", variables.len());
        variables.push(request.field_called(name).expect("a rule names fields of the request"));
        rest = after;
    }
    path.push_str(rest);
    let verb = rule.verb.parse().expect("a rule has a verb of HTTP");
    (path, Route { verb, row, request, response, takes_body: rule.body == "*", variables })
}

/// The route of a request. HEAD asks for what GET would answer.
pub fn find(verb: &Method, path: &str) -> Result<Found, Lost> {
    let matched = TABLE.at(path).map_err(|_| Lost::Path(path.to_owned()))?;
    let routes = matched.value;
    let wanted = if verb == Method::HEAD { &Method::GET } else { verb };
    let Some(route) = routes.iter().find(|route| route.verb == wanted) else {
        return Err(Lost::Verb { verb: verb.clone(), path: path.to_owned(), allowed: verbs(routes) });
    };
    let mut values = Vec::with_capacity(route.variables.len());
    for (field, (_, value)) in route.variables.iter().zip(matched.params.iter()) {
        let value = unescaped(value).ok_or_else(|| Lost::Escape(field.name.to_owned()))?;
        values.push((*field, value.into_owned()));
    }
    Ok(Found { route, values })
}

/// The verbs of a path, as the header `allow` lists them, if any RPC has the path.
pub fn allowed(path: &str) -> Option<String> {
    TABLE.at(path).ok().map(|matched| verbs(matched.value))
}

fn verbs(routes: &[Route]) -> String {
    let mut verbs: Vec<&str> = routes.iter().map(|route| route.verb.as_str()).collect();
    if verbs.contains(&"GET") {
        verbs.push("HEAD");
    }
    verbs.push("OPTIONS");
    verbs.sort_unstable();
    verbs.join(", ")
}

/// A part of a URI with its escapes resolved, if they are right and what comes out is text.
pub fn unescaped(part: &str) -> Option<Cow<'_, str>> {
    if !part.contains('%') {
        return Some(part.into());
    }
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        bytes.push(if byte == b'%' { digit(rest.next())? << 4 | digit(rest.next())? } else { byte });
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

//! A row for every RPC, with the handler of its name: `ClusterService.Backup` of any engine is `handlers::cluster::backup`, and
//! `NetworkService.Create` is `handlers::resource::create` for networks. The server does not compile until every RPC has a handler, or a
//! row in `build/methods.rs` that says `Unimplemented`.

use std::collections::BTreeMap;
use std::fmt::Write;

use prost_reflect::{DescriptorPool, MethodDescriptor, ServiceDescriptor, Value};

use crate::methods::{Fact, Facts};
use crate::{kinds, names};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// The service for which tonic makes a server too: the benchmarks compare ours with it.
const BENCHMARKED: (&str, &str) = ("yandex.cloud.mdb.redis.v1", "ClusterService");

/// The RPCs that every kind of plain resource has, so that one handler serves all: `handlers::resource`.
const SHARED: [&str; 14] = [
    "Get",
    "List",
    "Create",
    "Update",
    "Delete",
    "Move",
    "ListOperations",
    "ListAccessBindings",
    "SetAccessBindings",
    "UpdateAccessBindings",
    "ListAccessPolicyBindings",
    "BindAccessPolicy",
    "UnbindAccessPolicy",
    "UpdateAccessPolicyBindingParameters",
];

/// Makes the typed clients, and the server for the benchmarks.
pub fn stubs() -> Box<dyn prost_build::ServiceGenerator> {
    let clients = || tonic_prost_build::configure().build_server(false).build_client(true);
    Box::new(Stubs {
        clients: clients().service_generator(),
        both: clients().build_server(true).generate_default_stubs(true).service_generator(),
    })
}

struct Stubs {
    clients: Box<dyn prost_build::ServiceGenerator>,
    both: Box<dyn prost_build::ServiceGenerator>,
}

impl prost_build::ServiceGenerator for Stubs {
    fn generate(&mut self, service: prost_build::Service, buf: &mut String) {
        let both = (service.package.as_str(), service.proto_name.as_str()) == BENCHMARKED;
        let generator = if both { &mut self.both } else { &mut self.clients };
        generator.generate(service, buf);
        generator.finalize(buf);
    }
}

/// The rows of `contract::METHODS`, and the rows of their handlers with an index by path.
pub fn generate(pool: &DescriptorPool) -> Outcome<(String, String)> {
    let mut methods = String::new();
    let mut rows = String::new();
    let mut by_path = BTreeMap::new();
    let mut facts = Facts::new()?;
    let mut index = 0;
    let mut sorted: Vec<ServiceDescriptor> = pool.services().collect();
    sorted.sort_by(|a, b| a.full_name().cmp(b.full_name()));
    for service in &sorted {
        for method in service.methods() {
            let facts = facts.of(&method);
            meaningful(pool, &method, facts)?;
            writeln!(methods, "    {},", row(pool, &method, facts)?)?;
            writeln!(rows, "    Row {{ method: &METHODS[{index}], answer: {} }},", answer(&method, facts))?;
            by_path.insert(format!("/{}/{}", service.full_name(), method.name()), index);
            index += 1;
        }
    }
    facts.all_used()?;
    let methods = format!(
        "/// Every RPC that is served, by service and in the contract's order.\npub static METHODS: [Method; {index}] = [\n{methods}];\n"
    );
    let mut services = format!(
        "/// A row for each of `METHODS`, in the same order.\npub static ROWS: [Row; {index}] = [\n{rows}];\n\n"
    );
    writeln!(services, "static BY_PATH: [(&str, &Row); {index}] = [")?;
    for (path, index) in by_path {
        writeln!(services, "    ({path:?}, &ROWS[{index}]),")?;
    }
    services.push_str("];\n");
    Ok((methods, services))
}

/// How a method is answered: by the handler of its name, or by UNIMPLEMENTED.
fn answer(method: &MethodDescriptor, facts: &[Fact]) -> String {
    if facts.contains(&Fact::Unimplemented) {
        return "Answer::Unimplemented".into();
    }
    let service = method.parent_service();
    let kind_of_resource = kinds::of(method).filter(|_| SHARED.contains(&method.name()) && !facts.contains(&Fact::Own));
    let engine = names::ENGINES.iter().find(|(engine, _)| service.package_name() == names::engine_package(engine));
    let generic = engine.map(|(_, name)| format!("::<{name}>")).unwrap_or_default();
    let module = names::ident(service.name().strip_suffix("Service").unwrap_or(service.name()));
    let naming = if facts.contains(&Fact::Changes) { "_naming" } else { "" };
    let handler = match kind_of_resource {
        Some(kind) => format!(
            "handlers::resource::{}::<kinds::{}>",
            names::ident(&format!("{}{naming}", method.name())),
            kind.name
        ),
        None => format!("handlers::{module}::{}{generic}", names::ident(method.name())),
    };
    let kind = kind(method, facts);
    let glue = if kind == "Write" && !is_operation(method) { "change".into() } else { kind.to_lowercase() };
    let given = if kind == "Control" { "exchange, universes, caller, body" } else { "exchange, world, body" };
    format!("Answer::{kind}(|{given}| {glue}({given}, {handler}))")
}

/// What a call of a method may touch: a `Kind` of `contract`.
fn kind(method: &MethodDescriptor, facts: &[Fact]) -> &'static str {
    if method.parent_service().package_name().starts_with("mdb.emulator") {
        "Control"
    } else if is_operation(method) && method.name() != "Get" || facts.contains(&Fact::Changes) {
        "Write"
    } else {
        "Read"
    }
}

/// Fails if a fact would have no effect on this method.
fn meaningful(pool: &DescriptorPool, method: &MethodDescriptor, facts: &[Fact]) -> Outcome<()> {
    let has_http = option(pool, method, "google.api.http")?.is_some();
    let is_control = kind(method, &[]) == "Control";
    for fact in facts {
        let has_effect = match fact {
            Fact::Changes => kind(method, &[]) == "Read",
            Fact::Looks => is_control,
            Fact::Open => !is_control,
            Fact::AlsoVerb(_) => has_http,
            Fact::Own => kinds::of(method).is_some() && SHARED.contains(&method.name()),
            Fact::Unimplemented => true,
        };
        if !has_effect {
            return Err(
                format!("build/methods.rs says {fact:?} of {}, where it has no effect", method.full_name()).into()
            );
        }
    }
    Ok(())
}

/// Whether a call of a method changes anything.
fn changes(method: &MethodDescriptor, facts: &[Fact]) -> bool {
    kind(method, facts) != "Read" && !facts.contains(&Fact::Looks)
}

fn is_operation(method: &MethodDescriptor) -> bool {
    method.output().full_name() == "yandex.cloud.operation.Operation"
}

fn row(pool: &DescriptorPool, method: &MethodDescriptor, facts: &[Fact]) -> Outcome<String> {
    let service = method.parent_service();
    Ok(format!(
        "Method {{ path: \"/{0}/{1}\", service: {0:?}, name: {1:?}, kind: Kind::{2}, changes: {3}, open: {4}, request: {5:?}, \
         response: {6:?}, server_streaming: {7}, http: {8}, operation: {9} }}",
        service.full_name(),
        method.name(),
        kind(method, facts),
        changes(method, facts),
        facts.contains(&Fact::Open),
        method.input().full_name(),
        method.output().full_name(),
        method.is_server_streaming(),
        http(pool, method, facts)?,
        operation(pool, method)?,
    ))
}

fn option(
    pool: &DescriptorPool,
    method: &MethodDescriptor,
    name: &str,
) -> Outcome<Option<prost_reflect::DynamicMessage>> {
    let extension = pool.get_extension_by_name(name).ok_or_else(|| format!("no option {name}"))?;
    let options = method.options();
    if !options.has_extension(&extension) {
        return Ok(None);
    }
    match options.get_extension(&extension).into_owned() {
        Value::Message(message) => Ok(Some(message)),
        _ => Err(format!("{name} is not a message").into()),
    }
}

fn text(message: &prost_reflect::DynamicMessage, field: &str) -> String {
    message.get_field_by_name(field).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The http rules of a method: the annotated one, its additional bindings, and those by the verbs of its facts.
fn http(pool: &DescriptorPool, method: &MethodDescriptor, facts: &[Fact]) -> Outcome<String> {
    let Some(rule) = option(pool, method, "google.api.http")? else { return Ok("&[]".into()) };
    let more = rule.get_field_by_name("additional_bindings");
    let more = more.iter().filter_map(|rules| rules.as_list()).flatten().filter_map(Value::as_message);
    let mut rules = Vec::new();
    for rule in std::iter::once(&rule).chain(more) {
        let known = ["get", "put", "post", "delete", "patch"].into_iter().find(|verb| !text(rule, verb).is_empty());
        let verb = known.ok_or_else(|| format!("{} has an http rule of no known verb", method.full_name()))?;
        if !["", "*"].contains(&text(rule, "body").as_str()) || !text(rule, "response_body").is_empty() {
            return Err(format!("{} has an http rule for a part of a message", method.full_name()).into());
        }
        rules.push((verb.to_uppercase(), text(rule, verb), text(rule, "body")));
    }
    let path = rules[0].1.clone();
    let also = facts.iter().filter_map(|fact| if let Fact::AlsoVerb(verb) = fact { Some(*verb) } else { None });
    rules.extend(also.map(|verb| (verb.to_owned(), path.clone(), String::new())));
    let rules: Vec<String> = rules
        .iter()
        .map(|(verb, path, body)| format!("HttpRule {{ verb: {verb:?}, path: {path:?}, body: {body:?} }}"))
        .collect();
    Ok(format!("&[{}]", rules.join(", ")))
}

/// The annotated types of an operation by their full names. The annotation may leave out the package, as a name in proto may.
fn operation(pool: &DescriptorPool, method: &MethodDescriptor) -> Outcome<String> {
    let Some(types) = option(pool, method, "yandex.cloud.api.operation")? else { return Ok("None".into()) };
    let full = |name: String| -> Outcome<String> {
        let mut scope = method.parent_service().package_name().to_owned();
        loop {
            let candidate = format!("{scope}.{name}");
            if pool.get_message_by_name(&candidate).is_some() {
                return Ok(candidate);
            }
            match scope.rfind('.') {
                Some(dot) => scope.truncate(dot),
                None if pool.get_message_by_name(&name).is_some() => return Ok(name),
                None => return Err(format!("{} names a type {name} that does not exist", method.full_name()).into()),
            }
        }
    };
    let (metadata, response) = (full(text(&types, "metadata"))?, full(text(&types, "response"))?);
    Ok(format!("Some(OperationTypes {{ metadata: {metadata:?}, response: {response:?} }})"))
}

//! The contract as it is served: every RPC, reflection, health and endpoints.

// A test may panic.
#![allow(clippy::unwrap_used)]

#[macro_use]
mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::*;
use mdb_emulator::contract::proto::yandex::cloud::endpoint::api_endpoint_service_client::ApiEndpointServiceClient;
use mdb_emulator::contract::proto::yandex::cloud::endpoint::{GetApiEndpointRequest, ListApiEndpointsRequest};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, Value};
use prost_types::FileDescriptorProto;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_reflection::pb::{v1, v1alpha};

/// How many RPCs answer UNIMPLEMENTED today. The number may only shrink.
const UNIMPLEMENTED: usize = 44;

#[test]
fn every_rpc_of_the_contract_is_served_or_says_that_it_is_not_implemented() {
    let cloud = Cloud::start();
    let mut unimplemented = Vec::new();
    for method in &METHODS {
        let Err(status) = cloud.call_raw(method.path, Vec::new()) else { continue };
        match status.code() {
            Code::Unimplemented => {
                let message = format!("{}.{} is not implemented by the emulator", method.service, method.name);
                assert_eq!(status.message(), message, "it names itself, so it is served");
                unimplemented.push(method.path);
            }
            // What an empty request deserves.
            Code::InvalidArgument | Code::NotFound | Code::FailedPrecondition => {}
            other => panic!("{} answers an empty request with {other:?}: {}", method.path, status.message()),
        }
    }
    println!("not implemented:\n{}", unimplemented.join("\n"));
    assert!(unimplemented.len() <= UNIMPLEMENTED, "{} are more than before", unimplemented.len());
}

#[test]
fn the_contract_is_that_of_four_engines() {
    let of = |package: &str| METHODS.iter().filter(|method| method.service.starts_with(package)).count();
    let engines = ["redis", "mysql", "sqlserver", "spqr"].map(|engine| of(&format!("yandex.cloud.mdb.{engine}.v1.")));
    assert_eq!(engines.iter().sum::<usize>(), 191, "{engines:?}");
    let paths: BTreeSet<&str> = METHODS.iter().map(|method| method.path).collect();
    assert_eq!(paths.len(), METHODS.len());
    for method in &METHODS {
        assert_eq!(method.path, format!("/{}/{}", method.service, method.name));
    }
}

/// Asks reflection v1 one thing.
fn ask(cloud: &Cloud, question: v1::server_reflection_request::MessageRequest) -> v1::ServerReflectionResponse {
    let request = v1::ServerReflectionRequest { host: String::new(), message_request: Some(question) };
    let mut client = v1::server_reflection_client::ServerReflectionClient::new(cloud.channel());
    cloud.run(async {
        let mut answers = client.server_reflection_info(tokio_stream::iter([request])).await.unwrap().into_inner();
        answers.message().await.unwrap().unwrap()
    })
}

/// Asks reflection v1alpha one thing.
fn ask_alpha(
    cloud: &Cloud,
    question: v1alpha::server_reflection_request::MessageRequest,
) -> v1alpha::ServerReflectionResponse {
    let request = v1alpha::ServerReflectionRequest { host: String::new(), message_request: Some(question) };
    let mut client = v1alpha::server_reflection_client::ServerReflectionClient::new(cloud.channel());
    cloud.run(async {
        let mut answers = client.server_reflection_info(tokio_stream::iter([request])).await.unwrap().into_inner();
        answers.message().await.unwrap().unwrap()
    })
}

/// The file with a symbol, as its bytes.
fn file_of(cloud: &Cloud, question: v1::server_reflection_request::MessageRequest) -> Vec<u8> {
    use v1::server_reflection_response::MessageResponse::FileDescriptorResponse;
    match ask(cloud, question.clone()).message_response {
        Some(FileDescriptorResponse(mut files)) => files.file_descriptor_proto.swap_remove(0),
        other => panic!("{question:?} was answered by {other:?}"),
    }
}

/// Every file that reflection has of some services, by name.
fn files_of<'a>(cloud: &Cloud, services: impl Iterator<Item = &'a str>) -> BTreeMap<String, Vec<u8>> {
    use v1::server_reflection_request::MessageRequest::{FileByFilename, FileContainingSymbol};
    let mut files = BTreeMap::new();
    let mut wanted: Vec<_> = services.map(|service| FileContainingSymbol(service.to_owned())).collect();
    while let Some(question) = wanted.pop() {
        if matches!(&question, FileByFilename(name) if files.contains_key(name)) {
            continue;
        }
        let bytes = file_of(cloud, question);
        let file = FileDescriptorProto::decode(bytes.as_slice()).unwrap();
        wanted.extend(file.dependency.iter().cloned().map(FileByFilename));
        files.insert(file.name().to_owned(), bytes);
    }
    files
}

fn services() -> BTreeSet<&'static str> {
    METHODS.iter().map(|method| method.service).collect()
}

#[test]
fn reflection_lists_every_service_in_both_versions() {
    use v1::server_reflection_request::MessageRequest::ListServices;
    use v1::server_reflection_response::MessageResponse::ListServicesResponse;
    use v1alpha::server_reflection_request::MessageRequest::ListServices as ListAlpha;
    use v1alpha::server_reflection_response::MessageResponse::ListServicesResponse as AlphaResponse;
    let cloud = Cloud::start();
    let Some(ListServicesResponse(listed)) = ask(&cloud, ListServices(String::new())).message_response else {
        panic!("no list of services")
    };
    let listed: BTreeSet<String> = listed.service.into_iter().map(|service| service.name).collect();
    for service in services() {
        assert!(listed.contains(service), "{service}");
    }
    assert!(listed.contains("grpc.health.v1.Health"));
    let Some(AlphaResponse(alpha)) = ask_alpha(&cloud, ListAlpha(String::new())).message_response else {
        panic!("no list of services")
    };
    let alpha: BTreeSet<String> = alpha.service.into_iter().map(|service| service.name).collect();
    let own = |services: BTreeSet<String>| {
        services.into_iter().filter(|name| !name.starts_with("grpc.reflection.")).collect::<Vec<_>>()
    };
    assert_eq!(own(alpha), own(listed));
}

#[test]
fn both_versions_of_reflection_show_the_same_files() {
    use v1alpha::server_reflection_request::MessageRequest::FileContainingSymbol;
    use v1alpha::server_reflection_response::MessageResponse::FileDescriptorResponse;
    let cloud = Cloud::start();
    let symbol = "yandex.cloud.mdb.redis.v1.ClusterService".to_owned();
    let file = file_of(&cloud, v1::server_reflection_request::MessageRequest::FileContainingSymbol(symbol.clone()));
    let Some(FileDescriptorResponse(alpha)) = ask_alpha(&cloud, FileContainingSymbol(symbol)).message_response else {
        panic!("no file")
    };
    assert_eq!(alpha.file_descriptor_proto, [file]);
}

/// Where services, methods and messages stand in a file, by the numbers of their fields.
const SERVICE: i32 = 6;
const METHOD: i32 = 2;
const MESSAGE: i32 = 4;

#[test]
fn reflection_comments_every_service_rpc_and_message() {
    let cloud = Cloud::start();
    let (mut commented, mut bare) = (0, Vec::new());
    for bytes in files_of(&cloud, services().into_iter()).values() {
        let file = FileDescriptorProto::decode(bytes.as_slice()).unwrap();
        if file.package().starts_with("google.") {
            continue;
        }
        let mut places: Vec<(String, Vec<i32>)> = Vec::new();
        for (number, service) in (0..).zip(&file.service) {
            places.push((service.name().to_owned(), vec![SERVICE, number]));
            for (place, method) in (0..).zip(&service.method) {
                let name = format!("{}.{}", service.name(), method.name());
                places.push((name, vec![SERVICE, number, METHOD, place]));
            }
        }
        for (number, message) in (0..).zip(&file.message_type) {
            places.push((message.name().to_owned(), vec![MESSAGE, number]));
        }
        let comments: BTreeMap<&[i32], &str> = file
            .source_code_info
            .as_ref()
            .map(|info| info.location.iter().map(|place| (place.path.as_slice(), place.leading_comments())).collect())
            .unwrap_or_default();
        for (name, path) in places {
            match comments.get(path.as_slice()) {
                Some(comment) if !comment.trim().is_empty() => commented += 1,
                _ => bare.push(format!("{}: {name}", file.name())),
            }
        }
    }
    assert!(bare.is_empty(), "{} have no comment:\n{}", bare.len(), bare.join("\n"));
    assert!(commented > METHODS.len(), "{commented}");
}

/// A custom option of a method, if it has it.
fn option(method: &MethodDescriptor, name: &str) -> Option<DynamicMessage> {
    let options = method.options();
    let (_, value) = options.extensions().find(|(extension, _)| extension.full_name() == name)?;
    value.as_message().cloned()
}

fn text(message: &DynamicMessage, field: &str) -> String {
    message.get_field_by_name(field).as_deref().and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[test]
fn reflection_carries_the_custom_options_of_every_rpc() {
    let cloud = Cloud::start();
    let mut set = Vec::new();
    for bytes in files_of(&cloud, services().into_iter()).values() {
        // Field 1 of a FileDescriptorSet, as bytes, since prost's own types lose custom options.
        prost::encoding::bytes::encode(1, bytes, &mut set);
    }
    let pool = DescriptorPool::decode(set.as_slice()).unwrap();
    for method in &METHODS {
        let service = pool.get_service_by_name(method.service).expect(method.service);
        let described = service.methods().find(|described| described.name() == method.name).expect(method.path);
        assert_eq!((described.input().full_name(), described.output().full_name()), (method.request, method.response));
        assert_eq!(described.is_server_streaming(), method.server_streaming);
        let http = option(&described, "google.api.http");
        assert_eq!(http.is_some(), !method.http.is_empty(), "{}", method.path);
        if let (Some(http), Some(rule)) = (http, method.http.first()) {
            assert_eq!(text(&http, &rule.verb.to_lowercase()), rule.path, "{}", method.path);
            assert_eq!(text(&http, "body"), rule.body, "{}", method.path);
        }
        let operation = option(&described, "yandex.cloud.api.operation");
        assert_eq!(operation.is_some(), method.operation.is_some(), "{}", method.path);
        if let (Some(operation), Some(types)) = (operation, &method.operation) {
            assert!(types.metadata.ends_with(&text(&operation, "metadata")), "{}", method.path);
            assert!(types.response.ends_with(&text(&operation, "response")), "{}", method.path);
        }
    }
    let name = pool.get_message_by_name("yandex.cloud.mdb.mysql.v1.CreateClusterRequest").unwrap();
    let rules = name.get_field_by_name("name").unwrap().options();
    let rules: BTreeSet<String> = rules.extensions().map(|(rule, _)| rule.full_name().to_owned()).collect();
    let expected = ["yandex.cloud.length", "yandex.cloud.pattern", "yandex.cloud.required"];
    assert_eq!(rules.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn what_reflection_does_not_have_is_not_found() {
    use v1::server_reflection_request::MessageRequest::FileContainingSymbol;
    let cloud = Cloud::start();
    let mut client = v1::server_reflection_client::ServerReflectionClient::new(cloud.channel());
    let question = FileContainingSymbol("yandex.cloud.mdb.moon.v1.ClusterService".into());
    let request = v1::ServerReflectionRequest { host: String::new(), message_request: Some(question) };
    let outcome = cloud.run(async {
        let mut answers = client.server_reflection_info(tokio_stream::iter([request])).await?.into_inner();
        answers.message().await
    });
    assert_eq!(outcome.unwrap_err().code(), Code::NotFound);
}

#[test]
fn the_server_and_every_service_of_it_is_healthy() {
    let cloud = Cloud::start();
    let check = |service: &str| {
        let request = HealthCheckRequest { service: service.into() };
        cloud.run(HealthClient::new(cloud.channel()).check(request)).map(tonic::Response::into_inner)
    };
    let serving = HealthCheckResponse { status: ServingStatus::Serving as i32 };
    assert_eq!(check("").unwrap(), serving);
    for service in services() {
        assert_eq!(check(service).unwrap(), serving, "{service}");
    }
    assert_eq!(check("moon").unwrap_err().code(), Code::NotFound);
}

#[test]
fn every_endpoint_is_where_the_client_reached_the_server() {
    let cloud = Cloud::start();
    let address = cloud.emulator().address().to_string();
    let mut client = ApiEndpointServiceClient::new(cloud.channel());
    let endpoints = cloud.run(client.list(ListApiEndpointsRequest::default())).unwrap().into_inner().endpoints;
    let ids: Vec<&str> = endpoints.iter().map(|endpoint| endpoint.id.as_str()).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    for id in ["iam", "operation", "managed-redis", "managed-mysql", "managed-sqlserver", "managed-spqr", "mdb-mysql"] {
        assert!(ids.contains(&id), "{id}");
    }
    for endpoint in endpoints {
        assert_eq!(endpoint.address, address);
        let request = GetApiEndpointRequest { api_endpoint_id: endpoint.id.clone() };
        assert_eq!(cloud.run(client.get(request)).unwrap().into_inner(), endpoint);
    }
}

//! Endpoints: every id that a client looks for, at the address by which the client came.

use crate::common::*;
use mdb_emulator::contract::proto::yandex::cloud::endpoint::api_endpoint_service_client::ApiEndpointServiceClient;
use mdb_emulator::contract::proto::yandex::cloud::endpoint::{
    ApiEndpoint, GetApiEndpointRequest, ListApiEndpointsRequest,
};
use tonic::transport::{Channel, Endpoint};

/// What the SDKs for Python, Go and Java look for: all their names for managed databases, and of the services beside them.
const SOUGHT: &str = "compute connection-manager dns endpoint iam kms kms-crypto lockbox lockbox-payload logging \
     managed-clickhouse managed-elasticsearch managed-greenplum managed-kafka managed-mongodb managed-mysql \
     managed-opensearch managed-postgresql managed-redis managed-spqr managed-sqlserver mdb-clickhouse mdb-mongodb \
     mdb-mysql mdb-opensearch mdb-postgresql mdb-redis mdb-spqr mdbproxy monitoring operation organization-manager \
     organizationmanager quota-manager quotamanager resource-manager resourcemanager serialssh storage storage-api vpc \
     ycvc";

#[test]
fn every_id_that_a_client_looks_for_is_there_once() {
    let cloud = Cloud::start();
    let listed = list(&cloud, cloud.channel(), ListApiEndpointsRequest::default());
    let ids: Vec<&str> = listed.0.iter().map(|endpoint| endpoint.id.as_str()).collect();
    for id in SOUGHT.split(' ') {
        assert_eq!(ids.iter().filter(|listed| **listed == id).count(), 1, "{id}");
    }
    assert_eq!(listed.1, "", "who does not ask for pages gets all");
    let request = GetApiEndpointRequest { api_endpoint_id: "managed-redis".into() };
    let one = cloud.run(ApiEndpointServiceClient::new(cloud.channel()).get(request)).unwrap().into_inner();
    assert!(listed.0.contains(&one));
}

#[test]
fn an_address_is_the_one_that_the_client_dialled() {
    let cloud = Cloud::start();
    let port = cloud.emulator().address().port();
    for (authority, address) in [
        (format!("127.0.0.1:{port}"), format!("127.0.0.1:{port}")),
        (format!("cloud.localhost:{port}"), format!("cloud.localhost:{port}")),
        ("emulator.test:8443".into(), "emulator.test:8443".into()),
        ("emulator.test".into(), "emulator.test:80".into()),
    ] {
        for endpoint in list(&cloud, dialling(&cloud, &authority), ListApiEndpointsRequest::default()).0 {
            assert_eq!(endpoint.address, address);
        }
    }
}

#[test]
fn a_client_that_dials_what_is_no_address_is_refused() {
    let cloud = Cloud::start();
    for authority in ["emulator.test:port", "emulator.test:65536"] {
        let mut client = ApiEndpointServiceClient::new(dialling(&cloud, authority));
        let refusal = refused(cloud.run(client.list(ListApiEndpointsRequest::default())));
        assert_eq!(refusal.code, Code::InvalidArgument);
        assert_eq!(refusal.message, "The header Host, or :authority, must be a host, with a port or without one");
    }
}

/// A client of the server that believes to have reached it by another name.
fn dialling(cloud: &Cloud, authority: &str) -> Channel {
    let own = Endpoint::from_shared(format!("http://{}", cloud.emulator().address())).unwrap();
    cloud.run(own.origin(format!("http://{authority}").parse().unwrap()).connect()).unwrap()
}

#[test]
fn pages_come_to_the_whole() {
    let cloud = Cloud::start();
    let (all, _) = list(&cloud, cloud.channel(), ListApiEndpointsRequest::default());
    let (mut paged, mut token) = (Vec::new(), String::new());
    loop {
        let request = ListApiEndpointsRequest { page_size: 10, page_token: token };
        let (page, next) = list(&cloud, cloud.channel(), request);
        assert!(page.len() <= 10);
        paged.extend(page);
        token = next;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(paged, all);
}

fn list(cloud: &Cloud, channel: Channel, request: ListApiEndpointsRequest) -> (Vec<ApiEndpoint>, String) {
    let reply = cloud.run(ApiEndpointServiceClient::new(channel).list(request)).unwrap().into_inner();
    (reply.endpoints, reply.next_page_token)
}

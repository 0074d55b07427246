//! `ApiEndpointService`: every service is at the address that the client itself used, whatever port it is mapped to.

use std::net::SocketAddr;

use super::{Call, Circumstances, Connection};
use crate::contract::proto::yandex::cloud::endpoint::{
    ApiEndpoint, GetApiEndpointRequest, ListApiEndpointsRequest, ListApiEndpointsResponse,
};
use crate::refusal::{self, Refusal};
use crate::universe::Universe;

/// The ids that the official clients look for, each once, in alphabetical order. Some are of services that the emulator has
/// none of: a client that misses an id says that there is no such service, or does not start.
const IDS: [&str; 43] = [
    "compute",
    "connection-manager",
    "dns",
    "endpoint",
    "iam",
    "kms",
    "kms-crypto",
    "lockbox",
    "lockbox-payload",
    "logging",
    "managed-clickhouse",
    "managed-elasticsearch",
    "managed-greenplum",
    "managed-kafka",
    "managed-mongodb",
    "managed-mysql",
    "managed-opensearch",
    "managed-postgresql",
    "managed-redis",
    "managed-spqr",
    "managed-sqlserver",
    "mdb-clickhouse",
    "mdb-mongodb",
    "mdb-mysql",
    "mdb-opensearch",
    "mdb-postgresql",
    "mdb-redis",
    "mdb-spqr",
    "mdb-sqlserver",
    "mdbproxy",
    "monitoring",
    "operation",
    "organization-manager",
    "organizationmanager",
    "quota-manager",
    "quotamanager",
    "resource-manager",
    "resourcemanager",
    "serialssh",
    "storage",
    "storage-api",
    "vpc",
    "ycvc",
];

/// `ApiEndpointService.Get`.
pub fn get(call: &Call, _: &Universe, request: GetApiEndpointRequest) -> Result<ApiEndpoint, Refusal> {
    let id = request.api_endpoint_id;
    if IDS.contains(&id.as_str()) {
        Ok(ApiEndpoint { id, address: address(call) })
    } else {
        Err(refusal::endpoint::not_found(&id))
    }
}

/// `ApiEndpointService.List`: by id.
pub fn list(
    call: &Call,
    universe: &Universe,
    request: ListApiEndpointsRequest,
) -> Result<ListApiEndpointsResponse, Refusal> {
    let page = call.page(universe, &[], request.page_size, &request.page_token)?;
    let after: String = page.after()?.unwrap_or_default();
    let ids = IDS.iter().filter(|id| ***id > *after);
    let (ids, next_page_token) = page.fill(ids, |id| (**id).to_owned());
    let address = address(call);
    let endpoints = ids.into_iter().map(|id| ApiEndpoint { id: (*id).to_owned(), address: address.clone() }).collect();
    Ok(ListApiEndpointsResponse { endpoints, next_page_token })
}

/// Host and port, always both: clients dial what they find here as it is.
fn address(call: &Call) -> String {
    let Circumstances { host_header, connection: Connection { secure, address }, .. } = *call.circumstances();
    let named = host_header.trim_end_matches(':');
    let has_port = |named: &str| named.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    match named {
        "" => SocketAddr::new(address.ip().to_canonical(), address.port()).to_string(),
        named if has_port(named) => named.to_owned(),
        // Clients leave out the port that is usual.
        named if secure => format!("{named}:443"),
        named => format!("{named}:80"),
    }
}

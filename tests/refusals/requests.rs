//! Refusals about requests themselves, operations, endpoints and universes.

use crate::common::*;
use crate::{PRECONDITION, RESOURCE, Table, UNKNOWN};
use mdb_emulator::contract::proto::mdb::emulator::v1::{
    AdvanceClockRequest, CreateUniverseRequest, DeleteUniverseRequest, ForkUniverseRequest, GetUniverseRequest,
    SetClockRequest,
};
use mdb_emulator::contract::proto::yandex::cloud::endpoint::GetApiEndpointRequest;
use mdb_emulator::contract::proto::yandex::cloud::endpoint::api_endpoint_service_client::ApiEndpointServiceClient;

#[test]
fn requests_that_cannot_be_understood_are_refused() {
    let cloud = Cloud::start();
    let mut table = Table::default();
    let outcome = cloud.call_raw("/yandex.cloud.mdb.redis.v1.ClusterService/Fly", b"".as_slice());
    let message = "There is no RPC /yandex.cloud.mdb.redis.v1.ClusterService/Fly";
    table.row("no such RPC", outcome, Code::Unimplemented, message, ("", &[]));
    let outcome = cloud.call_raw("/yandex.cloud.mdb.redis.v1.ClusterService/ListLogs", b"".as_slice());
    let message = "yandex.cloud.mdb.redis.v1.ClusterService.ListLogs is not implemented by the emulator";
    table.row("no handler", outcome, Code::Unimplemented, message, ("", &[]));
    table.holds();

    // Field 1 says that it has two bytes, and has one.
    let outcome = cloud.call_raw("/yandex.cloud.mdb.redis.v1.ClusterService/Get", [0x0a, 2, b'x'].as_slice());
    let refusal = refused(outcome);
    assert_eq!((refusal.code, refusal.details.as_str()), (Code::InvalidArgument, ""));
    let beginning = "The request is not a valid yandex.cloud.mdb.redis.v1.GetClusterRequest: ";
    assert!(refusal.message.starts_with(beginning), "{}", refusal.message);
}

#[test]
fn operations_and_endpoints_must_exist() {
    let cloud = Cloud::start();
    let mut table = Table::default();
    for id in [UNKNOWN, "nonsense"] {
        let about = (RESOURCE, ["operation", id]);
        let message = format!("Operation {id} not found");
        table.row("Get", cloud.operation(id), Code::NotFound, message.clone(), (about.0, &about.1));
        table.row("Cancel", cloud.cancel(id), Code::NotFound, message, (about.0, &about.1));
    }
    let request = cloud.request(GetApiEndpointRequest { api_endpoint_id: "moon".into() });
    let outcome = cloud.run(ApiEndpointServiceClient::new(cloud.channel()).get(request));
    table.row("Get", outcome, Code::NotFound, "Endpoint moon not found", (RESOURCE, &["endpoint", "moon"]));
    table.holds();
}

#[test]
fn universes_and_clocks_are_guarded() {
    let cloud = Cloud::start();
    let mut table = Table::default();
    let universes = || cloud.universes();
    let create = |id: &str| CreateUniverseRequest { universe_id: id.into(), ..CreateUniverseRequest::default() };
    let about = (RESOURCE, ["universe", "gone"]);
    let not_found = "Universe \"gone\" not found";
    let outcome = cloud.run(universes().get(GetUniverseRequest { universe_id: "gone".into() }));
    table.row("Get", outcome, Code::NotFound, not_found, (about.0, &about.1));
    let outcome = cloud.run(universes().delete(DeleteUniverseRequest { universe_id: "gone".into() }));
    table.row("Delete", outcome, Code::NotFound, not_found, (about.0, &about.1));
    let fork = ForkUniverseRequest { source_universe_id: "gone".into(), universe_id: "new".into() };
    table.row("Fork", cloud.run(universes().fork(fork)), Code::NotFound, not_found, (about.0, &about.1));
    let outcome = cloud.in_universe("gone").operation(UNKNOWN);
    table.row("a header", outcome, Code::NotFound, not_found, (about.0, &about.1));

    let message = "Universe \"default\" already exists";
    let outcome = cloud.run(universes().create(create("default")));
    table.row("Create", outcome, Code::AlreadyExists, message, (RESOURCE, &["universe", "default"]));
    let outcome = cloud.run(universes().create(create("Big")));
    table.bad("Create", outcome, "universe_id", "must match the pattern [a-z0-9][-_.a-z0-9]*");
    let message = "The default universe can be reset, but not deleted";
    let outcome = cloud.run(universes().delete(DeleteUniverseRequest { universe_id: "default".into() }));
    table.row("Delete", outcome, Code::FailedPrecondition, message, (PRECONDITION, &["DEFAULT"]));

    let set = |now| SetClockRequest { now, ..SetClockRequest::default() };
    let rule = "must not be earlier than the clock, which shows 2026-01-31T12:00:00Z, but is 2026-01-31T11:59:59Z";
    let now = cloud.now();
    table.bad("Set", cloud.run(cloud.clocks().set(set(Some(after(&now, -1))))), "now", rule);
    let rule = "must move the clock forward, by ten years at most";
    table.bad("Set", cloud.run(cloud.clocks().set(set(Some(after(&now, 3654 * DAY))))), "now", rule);
    table.bad("Set", cloud.run(cloud.clocks().set(set(None))), "now", "is required");
    let advance = |by| AdvanceClockRequest { by, ..AdvanceClockRequest::default() };
    let by = |seconds| Some(prost_types::Duration { seconds, nanos: 0 });
    table.bad("Advance", cloud.run(cloud.clocks().advance(advance(by(-1)))), "by", rule);
    table.bad("Advance", cloud.run(cloud.clocks().advance(advance(by(3654 * DAY)))), "by", rule);
    table.bad("Advance", cloud.run(cloud.clocks().advance(advance(None))), "by", "is required");
    assert_eq!(cloud.now(), now);
    table.holds();
}

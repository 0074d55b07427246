//! A caller that goes before its move is made, and a server that stops.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use mdb_emulator::contract::proto::mdb::emulator::v1::clock_service_client::ClockServiceClient;
use tonic::transport::Endpoint;

use crate::*;

const KEY: &str = "idempotency-key";

/// Lets the first move go after the caller of a second one, which would have been by an hour, has gone.
#[track_caller]
fn only_the_first_is_made(cloud: &Cloud, held: Held) {
    let before = cloud.now();
    cloud.until_callers(0);
    held.arrives();
    // Comes behind the call that was given up, since it has its key; and is not carried out if that was.
    advance(&cloud.with_header(KEY, "given up"), MINUTE, 0).unwrap();
    assert_eq!(cloud.now(), after(&before, DAY + MINUTE));
}

#[test]
fn a_call_that_is_cancelled_while_it_waits_is_not_carried_out() {
    let cloud = Cloud::start();
    let held = Held::by(&cloud.world(), DAY * NANOS);
    let waiting = begin_to_advance(&cloud.with_header(KEY, "given up"), HOUR);
    cloud.until_callers(1);
    waiting.abort();
    only_the_first_is_made(&cloud, held);
}

#[test]
fn a_call_whose_deadline_passes_while_it_waits_is_not_carried_out() {
    let cloud = Cloud::start();
    let held = Held::by(&cloud.world(), DAY * NANOS);
    let mut request = cloud.with_header(KEY, "given up").request(advance_request(HOUR, 0));
    request.set_timeout(Duration::from_millis(100));
    // In the words of the client, which does not wait for those of the server.
    let given_up = cloud.run(cloud.clocks().advance(request)).unwrap_err();
    assert!(given_up.message().contains("Timeout expired"), "{given_up:?}");
    only_the_first_is_made(&cloud, held);
}

#[test]
fn a_call_whose_connection_is_closed_while_it_waits_is_not_carried_out() {
    let cloud = Cloud::start();
    let held = Held::by(&cloud.world(), DAY * NANOS);
    let address = cloud.emulator().address();
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
    let channel = cloud.run(endpoint.connect()).unwrap();
    let request = cloud.with_header(KEY, "given up").request(advance_request(HOUR, 0));
    let mut clocks = ClockServiceClient::new(channel);
    let waiting = cloud.begin(async move { clocks.advance(request).await });
    cloud.until_callers(1);
    // The client with it, and so its connection.
    waiting.abort();
    only_the_first_is_made(&cloud, held);
}

#[test]
fn a_call_by_rest_whose_connection_is_closed_while_it_waits_is_not_carried_out() {
    let cloud = Cloud::start();
    let held = Held::by(&cloud.world(), DAY * NANOS);
    let address = cloud.emulator().address();
    let mut stream = TcpStream::connect(address).unwrap();
    let body = r#"{"by": "3600s"}"#;
    let head = format!("POST /mdb-emulator/v1/clock:advance HTTP/1.1\r\nhost: {address}\r\n{KEY}: given up\r\n");
    write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    cloud.until_callers(1);
    drop(stream);
    only_the_first_is_made(&cloud, held);
}

#[test]
fn a_server_that_stops_gives_up_its_moves() {
    let cloud = Cloud::start();
    cloud.created::<Redis>("main");
    let (world, universes) = (cloud.world(), cloud.emulator().universes().clone());
    let before = cloud.value();
    let (caller, _presence) = universes.caller();
    let held = Held::asking(&world, 3650 * DAY * NANOS, move || caller.waits());
    let waiting = begin_to_advance(&cloud, HOUR);
    cloud.until_callers(2);
    universes.stop();
    let refusal = held.let_go().unwrap_err();
    let message = "The emulator is stopping: the call was given up, and has changed nothing";
    assert_eq!((refusal.code, refusal.message.as_str()), (Code::Unavailable, message));
    let refusal = refused(cloud.run(waiting).unwrap());
    assert_eq!((refusal.code, refusal.message.as_str()), (Code::Unavailable, message));
    assert!(cloud.value() == before);
}

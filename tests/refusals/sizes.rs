//! How large a refusal is: gRPC has all of it in headers, of which common clients take 8 KiB.

use std::collections::BTreeMap;

use allocation_counter::measure;
use mdb_emulator::contract::proto::google::rpc;
use mdb_emulator::contract::proto::google::rpc::{BadRequest, RequestInfo, ResourceInfo};
use mdb_emulator::contract::validation::{Violation, Violations, violations};
use mdb_emulator::refusal::{self, Refusal};
use proptest::prelude::*;
use prost::Message;

use crate::common::*;

const LARGEST: usize = 6 * 1024;

/// The bytes of a refusal's two headers.
fn size(refusal: &Refusal) -> usize {
    let status =
        rpc::Status { code: refusal.code as i32, message: refusal.message.clone(), details: refusal.details.clone() };
    let status = Status::with_details(refusal.code, &refusal.message, status.encode_to_vec().into());
    let response = status.into_http::<()>();
    let of = |name: &str| response.headers().get(name).map_or(0, |value| name.len() + value.len());
    of("grpc-message") + of("grpc-status-details-bin")
}

/// Text of any length, some of it longer than any refusal may be, of letters, of signs that take three bytes in a header, and of
/// characters of several bytes.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z ]{0,20}",
        "[ -~]{0,600}",
        ("[a-z%]|\\PC|\n|ы|\u{1f600}|\u{0}", 0..3_000_usize).prop_map(|(part, count)| part.repeat(count)),
    ]
}

/// Refusals with each shape of details, of any texts.
fn refusals() -> impl Strategy<Value = Refusal> {
    let violation = (text(), text()).prop_map(|(field, rule)| Violation { field, rule });
    prop_oneof![
        prop::collection::vec(violation, 0..200).prop_map(|all| refusal::request::invalid(Violations::from(all))),
        text().prop_map(|text| refusal::request::internal(&text)),
        text().prop_map(|text| refusal::iam::bad_jwt(&text)),
        text().prop_map(|id| refusal::cluster::not_found(&id)),
        text().prop_map(|id| refusal::backup::automatic(&id)),
        (text(), text(), text())
            .prop_map(|(name, folder, holder)| refusal::cluster::name_taken(&name, &folder, &holder)),
        (text(), text(), text()).prop_map(|(noun, name, id)| refusal::contents::not_found(&noun, &name, &id)),
        (text(), text(), text()).prop_map(|(verb, path, verbs)| refusal::rest::wrong_verb(&verb, &path, &verbs)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn every_refusal_fits_into_headers_with_the_id_of_its_request(refusal in refusals()) {
        let (details, longest) = (refusal.details.len(), "r".repeat(128));
        let refusal = refusal.of_request(&longest);
        prop_assert!(size(&refusal) <= LARGEST, "{} bytes: {refusal:?}", size(&refusal));
        prop_assert_eq!(refusal.details.len(), details + 1);
        let info: RequestInfo = refusal.details[details].to_msg().unwrap();
        prop_assert_eq!(info.request_id, longest);
    }

    #[test]
    fn every_violation_is_told_or_counted(fields in prop::collection::vec(text(), 1..300)) {
        let all: Vec<Violation> = fields.iter().map(|field| Violation { field: field.clone(), rule: "is bad".into() }).collect();
        let refusal = refusal::request::invalid(all);
        let told: BadRequest = refusal.details[0].to_msg().unwrap();
        let told = told.field_violations;
        prop_assert!(!told.is_empty());
        for (told, field) in told.iter().zip(&fields) {
            prop_assert!(told.field == *field || field.starts_with(told.field.strip_suffix('…').unwrap()), "{told:?}");
            let line = format!("\n- {}: is bad", told.field);
            prop_assert!(refusal.message.contains(&line));
        }
        let more = format!("\n- and {} more", fields.len() - told.len());
        prop_assert_eq!(refusal.message.ends_with(&more), fields.len() > told.len());
    }
}

/// The fields that a refusal tells of, and how many more it says that there are.
#[track_caller]
fn told<T>(outcome: Result<T, Status>) -> (Vec<String>, usize) {
    let refusal = refused(outcome);
    assert_eq!((refusal.code, refusal.details.as_str()), (Code::InvalidArgument, "BadRequest"), "{}", refusal.message);
    let last = refusal.message.lines().last().unwrap();
    let more = last.strip_prefix("- and ").and_then(|last| last.strip_suffix(" more"));
    (refusal.about, more.map_or(0, |more| more.parse().unwrap()))
}

#[test]
fn of_many_broken_rules_the_first_are_told_and_the_rest_counted() {
    let mut request = Mysql::new_cluster("main");
    let host = mysql::v1::HostSpec { zone_id: "mars-a".into(), ..request.host_specs[0].clone() };
    request.host_specs = vec![host; 30];
    let (fields, more) = told(Mysql::create(&Cloud::start(), request));
    assert!(fields.len() > 5, "{fields:?}");
    for (place, field) in fields.iter().enumerate() {
        assert_eq!(*field, format!("host_specs[{place}].zone_id"));
    }
    // The number of hosts is a rule too.
    assert_eq!(fields.len() + more, 31);
}

#[test]
fn a_refusal_of_a_hundred_thousand_broken_rules_takes_little() {
    let mut request = Redis::new_cluster("main");
    request.labels = (0..100_000).map(|number| (format!("Label{number}"), "NOT THIS".to_owned())).collect();
    let mut refusal = None;
    let taken = measure(|| refusal = Some(refusal::request::invalid(violations(&request))));
    assert!(taken.bytes_max < 100_000, "{taken:?}");
    let refusal = refusal.unwrap();
    assert!(size(&refusal) > LARGEST / 2, "there is room for more");
    let (fields, more) = told(Redis::create(&Cloud::start(), request));
    // Key and value of each, and how many there are.
    assert_eq!(fields.len() + more, 200_001);
    assert!(refusal.message.ends_with(&format!("\n- and {more} more")));
}

#[test]
fn long_texts_are_repeated_in_part() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let update = |path: String| {
        let update_mask = Some(FieldMask { paths: vec![path] });
        Redis::update(
            &cloud,
            redis::v1::UpdateClusterRequest { cluster_id: cluster.clone(), update_mask, ..Default::default() },
        )
    };
    let refusal = refused(update("ы".repeat(3000)));
    let rule = format!("{}… is no field that can be updated", "ы".repeat(126));
    assert_eq!(refusal.message, format!("Request validation error:\n- update_mask: {rule}"));

    let mut request = Redis::new_cluster("main");
    request.labels = BTreeMap::from([(format!("a{}", "й".repeat(3000)), String::new())]);
    let (fields, more) = told(Redis::create(&cloud, request));
    assert_eq!(more, 0);
    assert!(fields.iter().all(|field| *field == format!("labels[\"a{}…\"]", "й".repeat(62))), "{fields:?}");

    let path: &'static str = Box::leak(format!("/none/{}", "a".repeat(6000)).into_boxed_str());
    let refusal = refused(cloud.call_raw(path, Vec::new()));
    assert_eq!(refusal.message, format!("There is no RPC /none/{}…", "a".repeat(247)));

    let info: ResourceInfo = refusal::operation::not_found(&"o".repeat(9000)).details[0].to_msg().unwrap();
    assert_eq!(info.resource_name, format!("{}…", "o".repeat(253)));
    assert_eq!(info.description, format!("Operation {} not found", info.resource_name));
}

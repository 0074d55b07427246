//! What a mask may cost: no more than reading it once, and the messages once. What is copied is counted, in allocated bytes.

use allocation_counter::measure;
use mdb_emulator::contract::mask::{MOST_PATHS, MaskError, merge};

use crate::common::*;
use crate::{update, updated};
use redis::v1::config::RedisConfig;
use redis::v1::{ConfigSpec, UpdateClusterRequest};

const MEBIBYTE: u64 = 1 << 20;

/// Bytes that a path of a mask may take beside what it leads to.
const A_PATH: u64 = 1 << 10;

/// An update of Redis with some mebibytes in it, by a mask.
fn large<S: Into<String>>(paths: impl Iterator<Item = S>) -> UpdateClusterRequest {
    let redis = RedisConfig { notify_keyspace_events: "x".repeat(1 << 20), ..RedisConfig::default() };
    UpdateClusterRequest {
        security_group_ids: vec!["x".repeat(1 << 10); 1 << 10],
        config_spec: Some(ConfigSpec { redis: Some(redis), ..ConfigSpec::default() }),
        update_mask: Some(FieldMask { paths: paths.map(Into::into).collect() }),
        ..UpdateClusterRequest::default()
    }
}

/// The bytes that are allocated when the request is merged into one like it.
fn bytes_of_merging(request: &UpdateClusterRequest) -> u64 {
    let current = UpdateClusterRequest { update_mask: None, ..request.clone() };
    let merging = || drop(merge(&current, request, request.update_mask.as_ref(), &["cluster_id"], &["name"]).unwrap());
    merging();
    measure(merging).bytes_total
}

#[track_caller]
fn costs_as_much_as_one(one: &str, paths: Vec<String>) {
    let count = u64::try_from(paths.len()).unwrap();
    let one = bytes_of_merging(&large(std::iter::once(one)));
    assert!(one > MEBIBYTE, "it is not large: {one}");
    let all = bytes_of_merging(&large(paths.into_iter()));
    assert!(all < one + count * A_PATH + MEBIBYTE, "{count} paths cost {all}, and one {one}");
}

#[test]
fn a_path_that_is_repeated_is_followed_once() {
    costs_as_much_as_one("security_group_ids", vec!["security_group_ids".into(); 5000]);
}

#[test]
fn paths_into_one_large_message_do_not_copy_it() {
    let nowhere = (0..MOST_PATHS).map(|number| format!("config_spec.redis.nothing{number}"));
    costs_as_much_as_one("config_spec.redis.nothing", nowhere.collect());
    let fields =
        mdb_emulator::contract::schema::message("yandex.cloud.mdb.redis.v1.config.RedisConfig").unwrap().fields;
    let parts = fields.iter().map(|field| format!("config_spec.redis.{}", field.name));
    costs_as_much_as_one("config_spec.redis", parts.collect());
}

#[test]
fn a_path_under_another_one_adds_nothing() {
    let deep = (0..MOST_PATHS - 1).map(|number| format!("config_spec.redis.{}timeout", "config.".repeat(number % 2)));
    costs_as_much_as_one("config_spec", std::iter::once("config_spec".to_owned()).chain(deep).collect());
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    for paths in [
        ["config_spec.redis", "config_spec.redis.timeout", "config_spec.redis"],
        ["config_spec.redis.timeout", "config_spec.redis.config.timeout", "config_spec.redis"],
    ] {
        let settings = RedisConfig { timeout: Some(100), databases: Some(20), ..RedisConfig::default() };
        let config_spec = Some(ConfigSpec { redis: Some(settings.clone()), ..ConfigSpec::default() });
        let request = UpdateClusterRequest { config_spec, ..update::<Redis>(&cluster, &paths) };
        let after = updated::<Redis>(&cloud, request);
        assert_eq!(after.config.unwrap().redis.unwrap().user_config, Some(settings));
        updated::<Redis>(&cloud, update::<Redis>(&cluster, &["config_spec.redis"]));
    }
}

#[test]
fn a_mask_has_a_thousand_different_paths_at_most() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let paths = |count: usize| (0..count).map(|number| format!("config_spec.redis.nothing{number}"));
    let many = |paths: Vec<String>| {
        let update_mask = Some(FieldMask { paths });
        UpdateClusterRequest { description: "new".into(), update_mask, ..update::<Redis>(&cluster, &[]) }
    };
    let refusal = refused(Redis::update(&cloud, many(paths(1001).collect())));
    assert_eq!(
        (refusal.code, refusal.message.as_str(), refusal.about),
        (
            Code::InvalidArgument,
            "Request validation error:\n- update_mask: must have at most 1000 different paths, but has 1001",
            vec!["update_mask".to_owned()]
        )
    );
    let twice = paths(999).chain(paths(999)).chain(["description".to_owned()]);
    assert_eq!(updated::<Redis>(&cloud, many(twice.collect())).description, "new");
    let paths = paths(1001).collect();
    let request = UpdateClusterRequest { update_mask: Some(FieldMask { paths }), ..Default::default() };
    let refused = merge(&UpdateClusterRequest::default(), &request, request.update_mask.as_ref(), &["cluster_id"], &[]);
    assert_eq!(refused.unwrap_err(), MaskError::TooManyPaths(1001));
}

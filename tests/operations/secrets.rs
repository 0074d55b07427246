//! Passwords go in and never come out.

use crate::common::*;
use mdb_emulator::universe::operation::{Outcome, Response};
use mdb_emulator::universe::{Contents, Item, Operation as UniverseOperation, Target};
use prost::Message;

for_every_engine! {
    no_answer_has_a_password
    nothing_keeps_a_password
}

fn holds_secret(bytes: &[u8]) -> bool {
    bytes.windows(SECRET.len()).any(|part| part == SECRET.as_bytes())
}

#[track_caller]
fn without_secret(answer: &impl Message) {
    let bytes = answer.encode_to_vec();
    assert!(!bytes.is_empty());
    assert!(!holds_secret(&bytes), "{}", String::from_utf8_lossy(&bytes));
}

fn no_answer_has_a_password<E: Sample>() {
    let cloud = Cloud::start();
    let request = E::new_cluster("main");
    assert!(holds_secret(&request.encode_to_vec()), "the request has it");
    let started = E::create(&cloud, request).unwrap();
    without_secret(&started);
    without_secret(&cloud.operation(&started.id).unwrap());
    let cluster = response::<E::Cluster>(&cloud.operation(&started.id).unwrap()).id().to_owned();

    let mut request = E::CreateUserRequest::default();
    request.set_cluster_id(cluster.clone());
    request.set_user_spec(Some(E::new_user("another")));
    let started = E::create_user(&cloud, request).unwrap();
    without_secret(&started);
    without_secret(&cloud.operation(&started.id).unwrap());
    let started = E::update_user(&cloud, E::new_password(&cluster, "another")).unwrap();
    without_secret(&started);
    without_secret(&cloud.operation(&started.id).unwrap());

    let mut request = E::GetUserRequest::default();
    request.set_cluster_id(cluster.clone());
    request.set_user_name("another".into());
    without_secret(&E::get_user(&cloud, request).unwrap());
    let mut request = E::ListUsersRequest::default();
    request.set_cluster_id(cluster.clone());
    without_secret(&E::list_users(&cloud, request).unwrap());
    without_secret(&cloud.cluster::<E>(&cluster));
    let mut request = E::ListClustersRequest::default();
    request.set_folder_id(FOLDER.into());
    without_secret(&E::list(&cloud, request).unwrap());
    let mut request = E::ListClusterOperationsRequest::default();
    request.set_cluster_id(cluster);
    without_secret(&E::list_operations(&cloud, request).unwrap());
}

fn nothing_keeps_a_password<E: Sample>() {
    let cloud = Cloud::slow(100);
    let keyed = cloud.with_header("idempotency-key", "one");
    let begun = |started: Result<Operation, Status>| {
        let started = started.unwrap();
        nothing_kept(&cloud);
        cloud.advance(50);
        nothing_kept(&cloud);
        cloud.advance(50);
        nothing_kept(&cloud);
        cloud.operation(&started.id).unwrap()
    };
    let created = begun(E::create(&keyed, E::new_cluster("main")));
    let cluster = response::<E::Cluster>(&created).id().to_owned();

    let mut request = E::CreateUserRequest::default();
    request.set_cluster_id(cluster.clone());
    request.set_user_spec(Some(E::new_user("another")));
    begun(E::create_user(&keyed, request));
    begun(E::update_user(&keyed, E::new_password(&cluster, "another")));
    let mut request = E::UpdateClusterRequest::default();
    request.set_cluster_id(cluster.clone());
    request.set_update_mask(mask(&["description"]));
    request.set_description("changed".into());
    begun(E::update(&keyed, request));

    let mut request = E::BackupClusterRequest::default();
    request.set_cluster_id(cluster.clone());
    begun(E::backup(&keyed, request));
    let backup = cloud.backups::<E>(&cluster).swap_remove(0);
    // What a user was before it went is remembered for points in time.
    let mut request = E::DeleteUserRequest::default();
    request.set_cluster_id(cluster.clone());
    request.set_user_name("another".into());
    begun(E::delete_user(&keyed, request));

    begun(E::restore(&keyed, E::restore_of(&backup, "restored")));
    let mut request = E::DeleteClusterRequest::default();
    request.set_cluster_id(cluster);
    begun(E::delete(&keyed, request));
}

/// Looks into the server, rather than at its answers.
fn nothing_kept(cloud: &Cloud) {
    let universe = cloud.value();
    let of_contents = |contents: &Contents, of: &str| {
        for item in [Item::User, Item::Database, Item::Shard] {
            for (name, spec) in contents.all(item) {
                assert!(!holds_secret(&spec.encode()), "the {} {name} of {of}", item.noun());
            }
        }
    };
    assert!(universe.clusters().count() > 0);
    for cluster in universe.clusters() {
        assert!(!holds_secret(&cluster.spec.request.encode()), "the request of {}", cluster.spec.name);
        assert!(cluster.hosts.iter().all(|host| !holds_secret(&host.spec.encode())), "a host of {}", cluster.spec.name);
        of_contents(&cluster.contents, "a cluster");
    }
    for record in universe.records() {
        for entry in record.backups_before(u64::MAX) {
            assert!(!holds_secret(&entry.backup.source.spec.request.encode()), "the request in a backup");
            of_contents(&entry.backup.source.contents, "a backup");
        }
        let mut time = universe.now();
        while let Some(contents) = record.contents_at(time, true) {
            of_contents(contents, "a past moment");
            time = time.plus(-50_000_000_000);
        }
    }
    let operations: Vec<&UniverseOperation> = universe
        .clusters()
        .flat_map(|cluster| universe.operations_of(Target::Cluster(cluster.id), u64::MAX))
        .map(|one| &**one)
        .collect();
    assert!(!operations.is_empty());
    for operation in operations {
        assert!(!holds_secret(&operation.about.metadata.value), "the metadata of {}", operation.about.description);
        match &operation.outcome {
            Outcome::Done(Response::Cluster(cluster)) => assert!(!holds_secret(&cluster.spec.request.encode())),
            Outcome::Done(Response::Item { name, spec, .. }) => assert!(!holds_secret(&spec.encode()), "{name}"),
            _ => {}
        }
    }
    // All the rest, the keys of calls among it.
    assert!(!format!("{universe:?}").contains(SECRET));
    assert!(!format!("{:?}", cloud.emulator().universes()).contains(SECRET));
}

#[test]
fn the_password_of_the_console_of_spqr_is_not_kept() {
    let cloud = Cloud::start();
    let mut request = Spqr::new_cluster("main");
    request.config_spec.as_mut().unwrap().spqr_spec.as_mut().unwrap().console_password = SECRET.into();
    let cluster = cloud.created_by::<Spqr>(request);
    without_secret(&cloud.cluster::<Spqr>(&cluster));
    nothing_kept(&cloud);
}

#[test]
#[allow(deprecated)]
fn the_password_of_a_redis_cluster_comes_out_neither_after_create_nor_after_update() {
    use redis::v1::config::{RedisConfig, RedisConfig50};
    use redis::v1::{ConfigSpec, UpdateClusterRequest, config_spec::RedisSpec};
    let cloud = Cloud::start();
    let with_password = || Some(RedisConfig { password: SECRET.into(), ..RedisConfig::default() });
    let mut request = Redis::new_cluster("main");
    request.config_spec.as_mut().unwrap().redis = with_password();
    let cluster = cloud.created_by::<Redis>(request);
    without_secret(&cloud.cluster::<Redis>(&cluster));
    let request = UpdateClusterRequest {
        cluster_id: cluster.clone(),
        update_mask: mask(&["config_spec.redis.password"]),
        config_spec: Some(ConfigSpec { redis: with_password(), ..ConfigSpec::default() }),
        ..UpdateClusterRequest::default()
    };
    without_secret(&cloud.done(Redis::update(&cloud, request)));
    without_secret(&cloud.cluster::<Redis>(&cluster));

    // Older clients put it into the field of their version.
    let mut request = Redis::new_cluster("old");
    let config = request.config_spec.as_mut().unwrap();
    config.version = "5.0".into();
    config.redis_spec =
        Some(RedisSpec::RedisConfig50(RedisConfig50 { password: SECRET.into(), ..RedisConfig50::default() }));
    let cluster = cloud.created_by::<Redis>(request);
    without_secret(&cloud.cluster::<Redis>(&cluster));
    nothing_kept(&cloud);
}

#[test]
fn a_refusal_does_not_repeat_a_password() {
    let cloud = Cloud::start();
    let mut request = Redis::new_cluster("main");
    let secret = format!("{SECRET} with spaces");
    request.user_specs[0].passwords = vec![secret];
    let refusal = refused(Redis::create(&cloud, request));
    assert_eq!(refusal.about, ["user_specs[0].passwords[0]"]);
    assert!(!refusal.message.contains(SECRET), "{}", refusal.message);
}

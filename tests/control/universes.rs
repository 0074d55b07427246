//! Universes beside each other: made, chosen, forked, emptied and deleted.

use mdb_emulator::contract::proto::mdb::emulator::v1::{GetClockRequest, ListUniversesRequest};
use mdb_emulator::universe::Seed;

use crate::*;

for_every_engine! {
    a_header_chooses_the_universe_of_a_call
    a_fork_begins_as_a_copy_and_never_shows_in_its_parent
    a_reset_universe_is_empty_and_goes_the_same_way_again
}

fn names<E: Sample>(cloud: &Cloud) -> Vec<String> {
    let mut request = E::ListClustersRequest::default();
    request.set_folder_id(FOLDER.into());
    E::list(cloud, request).unwrap().clusters().iter().map(|cluster| cluster.name().to_owned()).collect()
}

fn a_header_chooses_the_universe_of_a_call<E: Sample>() {
    let cloud = Cloud::start();
    let created = create(&cloud, "other", 5, Some(cloud.now()));
    assert_eq!((created.id.as_str(), created.seed, created.cluster_count), ("other", 5, 0));
    let other = cloud.in_universe("other");
    let cluster = cloud.created::<E>("main");
    assert!(names::<E>(&other).is_empty());
    assert_ne!(other.created::<E>("main"), cluster, "another seed");
    other.created::<E>("second");
    assert_eq!(names::<E>(&cloud), ["main"]);
    assert_eq!(names::<E>(&cloud.in_universe("default")), ["main"]);
    assert_eq!(names::<E>(&other), ["main", "second"]);
    assert_eq!((get(&cloud, "default").cluster_count, get(&cloud, "other").cluster_count), (1, 2));

    delete(&cloud, "other");
    let mut request = E::ListClustersRequest::default();
    request.set_folder_id(FOLDER.into());
    let refusal = refused(E::list(&other, request));
    assert_eq!((refusal.code, refusal.message.as_str()), (Code::NotFound, "Universe \"other\" not found"));
    assert_eq!(names::<E>(&cloud), ["main"]);
}

fn a_fork_begins_as_a_copy_and_never_shows_in_its_parent<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let backup = cloud.backed_up::<E>(&cluster);
    let before = get(&cloud, "default");
    let copy = fork(&cloud, "default", "copy");
    assert_eq!(Universe { id: "default".into(), ..copy }, before, "all the same but for its name");

    let copied = cloud.in_universe("copy");
    assert_eq!(copied.cluster::<E>(&cluster), cloud.cluster::<E>(&cluster));
    assert_eq!(copied.backups::<E>(&cluster), std::slice::from_ref(&backup));
    copied.delete_user::<E>(&cluster, "shop");
    copied.advance(3 * DAY);
    copied.delete::<E>(&cluster);
    assert_eq!(get(&cloud, "default"), before);
    assert!(cloud.users::<E>(&cluster).contains(&"shop".to_owned()));
    assert_eq!(cloud.backups::<E>(&cluster), [backup]);

    // Nor does the parent show in a fork.
    let second = fork(&cloud, "default", "second");
    cloud.created::<E>("late");
    assert_eq!(get(&cloud, "second"), second);
}

fn a_reset_universe_is_empty_and_goes_the_same_way_again<E: Sample>() {
    let cloud = Cloud::start();
    let began = cloud.now();
    let cluster = cloud.created::<E>("main");
    cloud.advance(3 * DAY);
    let backups = cloud.backups::<E>(&cluster);
    let emptied = reset(&cloud, "default", None, Some(began));
    assert_eq!((emptied.cluster_count, emptied.backup_count, emptied.operation_count), (0, 0, 0));
    assert_eq!(cloud.now(), began, "a reset may bring the clock back");
    assert!(names::<E>(&cloud).is_empty());
    assert_eq!(cloud.created::<E>("main"), cluster);
    cloud.advance(3 * DAY);
    assert_eq!(cloud.backups::<E>(&cluster), backups);

    let emptied = reset(&cloud, "default", Some(9), None);
    assert_eq!((emptied.seed, emptied.clock.unwrap().now), (9, Some(after(&began, 3 * DAY))));
    assert_ne!(cloud.created::<E>("main"), cluster);
}

#[test]
fn universes_are_created_listed_and_deleted() {
    let cloud = Cloud::start();
    create(&cloud, "b.2", 0, None);
    create(&cloud, "a_1", 0, None);
    let list = || {
        let reply = cloud.run(cloud.universes().list(ListUniversesRequest::default())).unwrap().into_inner();
        reply.universes.into_iter().map(|universe| universe.id).collect::<Vec<_>>()
    };
    assert_eq!(list(), ["a_1", "b.2", "default"]);
    delete(&cloud, "a_1");
    assert_eq!(list(), ["b.2", "default"]);
    create(&cloud, "a_1", 0, None);
    assert_eq!(list(), ["a_1", "b.2", "default"]);
}

#[test]
fn new_universes_take_the_length_of_operations_from_the_server() {
    let cloud = Cloud::slow(10);
    create(&cloud, "other", 0, Some(cloud.now()));
    let other = cloud.in_universe("other");
    let started = Redis::create(&other, Redis::new_cluster("main")).unwrap();
    other.advance(9);
    assert!(!other.operation(&started.id).unwrap().done);
    other.advance(1);
    assert!(other.operation(&started.id).unwrap().done);
    assert_eq!(refused(cloud.operation(&started.id)).code, Code::NotFound);
}

#[test]
fn a_server_can_be_given_a_seed_and_tells_it() {
    let cloud = Cloud::start_with(|options| options.seed = Seed(77));
    assert_eq!(get(&cloud, "default").seed, 77);
    let cluster = cloud.created::<Redis>("main");
    create(&cloud, "same", 77, Some(cloud.now()));
    assert_eq!(cloud.in_universe("same").created::<Redis>("main"), cluster);
}

#[test]
fn a_server_that_is_dropped_gives_its_port_back() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let address = cloud.emulator().address();
    drop(cloud);
    let again = Cloud::start_with(|options| options.listen = address.to_string());
    assert_eq!(again.emulator().address(), address);
    let request = redis::v1::GetClusterRequest { cluster_id: cluster };
    assert_eq!(refused(Redis::get(&again, request)).code, Code::NotFound, "it begins empty");
}

#[test]
fn servers_beside_each_other_share_nothing() {
    let (one, other) = (Cloud::start(), Cloud::start());
    one.created::<Redis>("main");
    assert_eq!(names::<Redis>(&one), ["main"]);
    assert!(names::<Redis>(&other).is_empty());
}

#[test]
fn a_client_that_always_names_its_universe_can_create_it() {
    let cloud = Cloud::start();
    let mine = cloud.in_universe("mine");
    assert_eq!(refused(Redis::create(&mine, Redis::new_cluster("main"))).code, Code::NotFound);
    create(&mine, "mine", 0, Some(cloud.now()));
    assert_eq!(mine.clock().now, Some(cloud.now()));
    mine.created::<Redis>("main");
    delete(&mine, "mine");
    let refusal = refused(cloud.run(cloud.clocks().get(mine.request(GetClockRequest::default()))));
    assert_eq!(refusal.code, Code::NotFound);
}

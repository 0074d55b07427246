//! What shows of an operation while it is in flight: the cluster's status, and the conflict with any other.

use crate::common::*;

for_every_engine! {
    the_first_reply_is_never_done_and_the_next_look_finds_it_finished
    the_status_of_the_cluster_goes_with_the_operation
    a_second_operation_on_the_cluster_is_refused_by_the_name_of_the_first
    operations_on_other_clusters_do_not_conflict
    operations_are_listed_newest_first
    names_are_taken_from_the_first_moment
    a_daily_backup_conflicts_with_nothing
    of_calls_at_the_same_time_one_comes_through
}

fn the_first_reply_is_never_done_and_the_next_look_finds_it_finished<E: Sample>() {
    let cloud = Cloud::start();
    let started = E::create(&cloud, E::new_cluster("main")).unwrap();
    assert!(!started.done && started.result.is_none());
    let ended = cloud.operation(&started.id).unwrap();
    assert!(ended.done);
    assert_eq!(ended.id, started.id);
    assert!(started.id.starts_with("c9q") && started.id.len() == 20, "{}", started.id);
    assert_eq!(cloud.operation(&started.id).unwrap(), ended, "a finished operation stays as it is");
}

macro_rules! of {
    ($request:ident, $cluster:expr) => {{
        let mut request = E::$request::default();
        request.set_cluster_id($cluster.into());
        request
    }};
}

fn the_status_of_the_cluster_goes_with_the_operation<E: Sample>() {
    let cloud = Cloud::slow(10);
    let status_during = |started: Result<Operation, Status>, cluster: &str| {
        let started = started.unwrap();
        let during = cloud.cluster::<E>(cluster).status();
        cloud.advance(9);
        assert_eq!(cloud.cluster::<E>(cluster).status(), during);
        cloud.advance(1);
        assert!(cloud.operation(&started.id).unwrap().done);
        during
    };
    let started = E::create(&cloud, E::new_cluster("main")).unwrap();
    let mut request = E::ListClustersRequest::default();
    request.set_folder_id(FOLDER.into());
    let cluster = E::list(&cloud, request).unwrap().clusters()[0].id().to_owned();
    assert_eq!(status_during(Ok(started), &cluster), CREATING);
    assert_eq!(status_during(E::backup(&cloud, of!(BackupClusterRequest, &cluster)), &cluster), UPDATING);
    let mut request = of!(UpdateClusterRequest, &cluster);
    request.set_description("changed".into());
    request.set_update_mask(mask(&["description"]));
    assert_eq!(status_during(E::update(&cloud, request), &cluster), UPDATING);
    assert_eq!(status_during(E::stop(&cloud, of!(StopClusterRequest, &cluster)), &cluster), STOPPING);
    let mut request = of!(MoveClusterRequest, &cluster);
    request.set_destination_folder_id("b1gother".into());
    assert_eq!(status_during(E::r#move(&cloud, request), &cluster), STOPPED, "it goes on standing still");
    assert_eq!(status_during(E::start(&cloud, of!(StartClusterRequest, &cluster)), &cluster), STARTING);
    assert_eq!(cloud.cluster::<E>(&cluster).status(), RUNNING);
    E::delete(&cloud, of!(DeleteClusterRequest, &cluster)).unwrap();
    assert_eq!(cloud.cluster::<E>(&cluster).status(), UPDATING, "there is no status of deletion");
    cloud.advance(10);
    assert_eq!(refused(E::get(&cloud, of!(GetClusterRequest, &cluster))).code, Code::NotFound);
}

fn a_second_operation_on_the_cluster_is_refused_by_the_name_of_the_first<E: Sample>() {
    let cloud = Cloud::slow(10);
    E::create(&cloud, E::new_cluster("main")).unwrap();
    cloud.advance(10);
    let mut request = E::ListClustersRequest::default();
    request.set_folder_id(FOLDER.into());
    let cluster = E::list(&cloud, request).unwrap().clusters()[0].id().to_owned();
    let first = E::backup(&cloud, of!(BackupClusterRequest, &cluster)).unwrap();
    let mut renamed = of!(UpdateClusterRequest, &cluster);
    renamed.set_name("renamed".into());
    renamed.set_update_mask(mask(&["name"]));
    let mut moved = of!(MoveClusterRequest, &cluster);
    moved.set_destination_folder_id("b1gother".into());
    let mut user = of!(CreateUserRequest, &cluster);
    user.set_user_spec(Some(E::new_user("another")));
    let mut no_user = of!(DeleteUserRequest, &cluster);
    no_user.set_user_name("shop".into());
    for second in [
        E::backup(&cloud, of!(BackupClusterRequest, &cluster)),
        E::update(&cloud, renamed.clone()),
        E::stop(&cloud, of!(StopClusterRequest, &cluster)),
        E::start(&cloud, of!(StartClusterRequest, &cluster)),
        E::r#move(&cloud, moved),
        E::create_user(&cloud, user),
        E::delete_user(&cloud, no_user),
        E::delete(&cloud, of!(DeleteClusterRequest, &cluster)),
    ] {
        let refusal = refused(second);
        assert_eq!(refusal.code, Code::FailedPrecondition);
        assert_eq!(refusal.message, format!("conflicting operation \"{}\" detected", first.id));
        assert_eq!(
            (refusal.details.as_str(), refusal.about),
            ("PreconditionFailure", vec!["CONFLICTING_OPERATION".to_owned()])
        );
    }
    cloud.advance(10);
    assert!(E::update(&cloud, renamed).is_ok(), "what waits for the first comes through");
    assert_eq!(cloud.operations::<E>(&cluster).len(), 3, "refused calls are no operations");
}

fn operations_on_other_clusters_do_not_conflict<E: Sample>() {
    let cloud = Cloud::slow(10);
    let started = ["a", "b", "c"].map(|name| E::create(&cloud, E::new_cluster(name)).unwrap());
    cloud.advance(10);
    for operation in started {
        assert!(cloud.operation(&operation.id).unwrap().done);
    }
}

fn operations_are_listed_newest_first<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    cloud.backed_up::<E>(&cluster);
    cloud.advance(HOUR);
    cloud.stop::<E>(&cluster);
    let operations = cloud.operations::<E>(&cluster);
    let beginnings: Vec<&str> =
        operations.iter().map(|operation| operation.description.split(' ').next().unwrap()).collect();
    assert_eq!(beginnings, ["Stop", "Create", "Create"]);
    assert!(operations[1].description.starts_with("Create backup of "), "{}", operations[1].description);
    for operation in &operations {
        assert_eq!(cloud.operation(&operation.id).unwrap(), *operation);
    }
}

fn names_are_taken_from_the_first_moment<E: Sample>() {
    let cloud = Cloud::slow(10);
    E::create(&cloud, E::new_cluster("main")).unwrap();
    assert_eq!(refused(E::create(&cloud, E::new_cluster("main"))).code, Code::AlreadyExists);
    let mut elsewhere = E::new_cluster("main");
    elsewhere.set_folder_id("b1gother".into());
    assert!(E::create(&cloud, elsewhere).is_ok());
}

fn a_daily_backup_conflicts_with_nothing<E: Sample>() {
    let cloud = Cloud::slow(HOUR);
    E::create(&cloud, E::new_cluster("main")).unwrap();
    cloud.advance(HOUR);
    let mut request = E::ListClustersRequest::default();
    request.set_folder_id(FOLDER.into());
    let cluster = E::list(&cloud, request).unwrap().clusters()[0].id().to_owned();
    // From 13:00 to 22:30: the daily backup has begun, and takes an hour.
    cloud.advance(9 * HOUR + 30 * MINUTE);
    assert!(cloud.backups::<E>(&cluster).is_empty(), "it is not finished");
    let manual = E::backup(&cloud, of!(BackupClusterRequest, &cluster)).unwrap();
    cloud.advance(HOUR);
    assert!(cloud.operation(&manual.id).unwrap().done);
    assert_eq!(cloud.backups::<E>(&cluster).len(), 2);
    assert_eq!(cloud.operations::<E>(&cluster).len(), 2, "a daily backup is no operation");
}

fn of_calls_at_the_same_time_one_comes_through<E: Sample>() {
    let cloud = Cloud::slow(10);
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let call = || E::create(&cloud, E::new_cluster("main")).map_err(|status| status.code());
        let calls: Vec<_> = (0..16).map(|_| scope.spawn(call)).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Err(Code::AlreadyExists))).count(), 15);
}

//! Cancel: what an operation has begun is undone, and what it was to do is not done.

use crate::common::*;

for_every_engine! {
    a_cancelled_creation_leaves_no_cluster_and_its_name_is_free
    a_cancelled_operation_leaves_the_cluster_as_it_was
    an_operation_that_has_ended_stays_as_it_is
}

/// A server where operations take ten seconds, with a cluster that runs.
fn with_cluster<E: Sample>() -> (Cloud, String) {
    let cloud = Cloud::slow(10);
    let started = E::create(&cloud, E::new_cluster("main")).unwrap();
    cloud.advance(10);
    let ended = cloud.operation(&started.id).unwrap();
    (cloud, response::<E::Cluster>(&ended).id().to_owned())
}

/// Cancels an operation on its way; it ends with CANCELLED at once.
#[track_caller]
fn cancelled(cloud: &Cloud, started: Result<Operation, Status>) -> Operation {
    let started = started.unwrap();
    cloud.advance(3);
    let ended = cloud.cancel(&started.id).unwrap();
    assert!(ended.done);
    assert_eq!(error_of(&ended), (Code::Cancelled as i32, "The operation was cancelled"));
    assert_eq!((&ended.metadata, ended.modified_at), (&started.metadata, Some(cloud.now())));
    cloud.advance(60);
    assert_eq!(cloud.operation(&started.id).unwrap(), ended, "it never comes to its end");
    ended
}

fn a_cancelled_creation_leaves_no_cluster_and_its_name_is_free<E: Sample>() {
    let (cloud, cluster) = with_cluster::<E>();
    cancelled(&cloud, E::create(&cloud, E::new_cluster("second")));
    assert_eq!(names::<E>(&cloud), ["main"]);
    let started = E::create(&cloud, E::new_cluster("second")).unwrap();
    cloud.cancel(&started.id).unwrap();

    let mut request = E::BackupClusterRequest::default();
    request.set_cluster_id(cluster.clone());
    E::backup(&cloud, request).unwrap();
    cloud.advance(MINUTE);
    let backup = cloud.backups::<E>(&cluster).swap_remove(0);
    cancelled(&cloud, E::restore(&cloud, E::restore_of(&backup, "restored")));
    assert_eq!(names::<E>(&cloud), ["main"]);
    assert!(E::restore(&cloud, E::restore_of(&backup, "restored")).is_ok());
}

fn names<E: Sample>(cloud: &Cloud) -> Vec<String> {
    let mut request = E::ListClustersRequest::default();
    request.set_folder_id(FOLDER.into());
    E::list(cloud, request).unwrap().clusters().iter().map(|cluster| cluster.name().to_owned()).collect()
}

fn a_cancelled_operation_leaves_the_cluster_as_it_was<E: Sample>() {
    let (cloud, cluster) = with_cluster::<E>();
    let before = cloud.cluster::<E>(&cluster);
    assert_eq!(before.status(), RUNNING);
    macro_rules! of {
        ($request:ident) => {{
            let mut request = E::$request::default();
            request.set_cluster_id(cluster.clone());
            request
        }};
    }
    let mut renamed = of!(UpdateClusterRequest);
    renamed.set_name("renamed".into());
    renamed.set_update_mask(mask(&["name"]));
    let mut moved = of!(MoveClusterRequest);
    moved.set_destination_folder_id("b1gother".into());
    let mut user = of!(CreateUserRequest);
    user.set_user_spec(Some(E::new_user("another")));
    let rpcs: [&dyn Fn() -> Result<Operation, Status>; 6] = [
        &|| E::update(&cloud, renamed.clone()),
        &|| E::r#move(&cloud, moved.clone()),
        &|| E::create_user(&cloud, user.clone()),
        &|| E::backup(&cloud, of!(BackupClusterRequest)),
        &|| E::stop(&cloud, of!(StopClusterRequest)),
        &|| E::delete(&cloud, of!(DeleteClusterRequest)),
    ];
    for rpc in rpcs {
        cancelled(&cloud, rpc());
        assert_eq!(cloud.cluster::<E>(&cluster), before);
    }
    assert!(cloud.backups::<E>(&cluster).is_empty());
    assert!(!cloud.users::<E>(&cluster).contains(&"another".to_owned()));
    let mut other = E::new_cluster("renamed");
    assert!(E::create(&cloud, other.clone()).is_ok(), "the new name was given back");
    other.set_folder_id("b1gother".into());
    other.set_name("main".into());
    assert!(E::create(&cloud, other).is_ok(), "and so was that in the other folder");
    assert_eq!(refused(E::create(&cloud, E::new_cluster("main"))).code, Code::AlreadyExists);
}

fn an_operation_that_has_ended_stays_as_it_is<E: Sample>() {
    let (cloud, cluster) = with_cluster::<E>();
    let creation = cloud.operations::<E>(&cluster).swap_remove(0);
    assert!(creation.done);
    assert_eq!(cloud.cancel(&creation.id).unwrap(), creation);
    assert_eq!(cloud.cluster::<E>(&cluster).status(), RUNNING);
}

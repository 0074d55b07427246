//! Restores to a moment between backups.

use crate::common::*;

for_every_engine_with_databases! {
    a_cluster_is_restored_as_it_was_at_a_moment
    a_moment_outside_the_window_is_refused_with_the_window
    the_window_of_a_deleted_cluster_ends_with_it
}

/// A cluster with a backup at noon, to which `b` was added at 13:00 and from which `orders` was dropped at 14:00. It is 15:00.
struct Afternoon<E: Sample> {
    cloud: Cloud,
    cluster: String,
    backup: E::Backup,
    noon: Timestamp,
}

fn afternoon<E: SampleDatabases>() -> Afternoon<E> {
    let cloud = Cloud::start();
    let noon = cloud.now();
    let cluster = cloud.created::<E>("main");
    let backup = cloud.backed_up::<E>(&cluster);
    cloud.advance(HOUR);
    cloud.create_database::<E>(&cluster, "b");
    cloud.advance(HOUR);
    cloud.drop_database::<E>(&cluster, "orders");
    cloud.advance(HOUR);
    Afternoon { cloud, cluster, backup, noon }
}

impl<E: SampleDatabases> Afternoon<E> {
    fn request(&self, seconds: i64, name: &str) -> E::RestoreClusterRequest {
        let mut request = E::restore_of(&self.backup, name);
        request.set_time(Some(after(&self.noon, seconds)));
        request
    }

    /// What is in the cluster as it was so many seconds after noon.
    fn databases_at(&self, seconds: i64) -> Vec<String> {
        let restored = self.cloud.restored::<E>(self.request(seconds, &format!("restored-{seconds}")));
        self.cloud.databases::<E>(&restored)
    }
}

fn a_cluster_is_restored_as_it_was_at_a_moment<E: SampleDatabases>() {
    let afternoon = afternoon::<E>();
    assert_eq!(afternoon.databases_at(1), ["orders"]);
    assert_eq!(afternoon.databases_at(HOUR - 1), ["orders"]);
    assert_eq!(afternoon.databases_at(HOUR + 1), ["b", "orders"]);
    assert_eq!(afternoon.databases_at(2 * HOUR - 1), ["b", "orders"]);
    assert_eq!(afternoon.databases_at(2 * HOUR + 1), ["b"]);
    assert_eq!(afternoon.databases_at(3 * HOUR), ["b"], "now is the end of the window");
    assert_eq!(afternoon.cloud.databases::<E>(&afternoon.cluster), ["b"]);
}

fn a_moment_outside_the_window_is_refused_with_the_window<E: SampleDatabases>() {
    let afternoon = afternoon::<E>();
    for seconds in [-1, 0, 3 * HOUR + 1] {
        let refusal = refused(E::restore(&afternoon.cloud, afternoon.request(seconds, "restored")));
        assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["time".to_owned()]));
        let window = "which is from 2026-01-31T12:00:01Z to 2026-01-31T15:00:00Z";
        assert!(refusal.message.contains(window), "{}", refusal.message);
    }
}

fn the_window_of_a_deleted_cluster_ends_with_it<E: SampleDatabases>() {
    let afternoon = afternoon::<E>();
    afternoon.cloud.delete::<E>(&afternoon.cluster);
    afternoon.cloud.advance(HOUR);
    assert_eq!(afternoon.databases_at(3 * HOUR), ["b"]);
    let refusal = refused(E::restore(&afternoon.cloud, afternoon.request(3 * HOUR + 1, "restored")));
    assert!(refusal.message.contains("to 2026-01-31T15:00:00Z"), "{}", refusal.message);
}

#[test]
fn spqr_stops_before_the_moment_unless_it_is_to_be_included() {
    let afternoon = afternoon::<Spqr>();
    assert_eq!(afternoon.databases_at(HOUR), ["orders"], "before `b` was added");
    let mut request = afternoon.request(HOUR, "including");
    request.time_inclusive = true;
    let restored = afternoon.cloud.restored::<Spqr>(request);
    assert_eq!(afternoon.cloud.databases::<Spqr>(&restored), ["b", "orders"]);
}

#[test]
fn mysql_finds_the_backup_of_a_cluster_that_reaches_the_moment() {
    let afternoon = afternoon::<Mysql>();
    // A later backup, which cannot reach back.
    afternoon.cloud.backed_up::<Mysql>(&afternoon.cluster);
    let mut request = afternoon.request(HOUR + 1, "restored");
    request.backup_id = String::new();
    request.source_cluster_id.clone_from(&afternoon.cluster);
    let operation = afternoon.cloud.done(Mysql::restore(&afternoon.cloud, request.clone()));
    let metadata: mysql::v1::RestoreClusterMetadata = operation.metadata.as_ref().unwrap().to_msg().unwrap();
    assert_eq!(metadata.backup_id, afternoon.backup.id, "the operation says which one was found");
    assert_eq!(afternoon.cloud.databases::<Mysql>(&metadata.cluster_id), ["b", "orders"]);

    request.name = "too-early".into();
    request.time = Some(afternoon.noon);
    let refusal = refused(Mysql::restore(&afternoon.cloud, request));
    assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["time".to_owned()]));
}

#[test]
fn without_a_moment_the_backup_itself_is_restored() {
    let afternoon = afternoon::<Mysql>();
    let restored = afternoon.cloud.restored::<Mysql>(Mysql::restore_of(&afternoon.backup, "restored"));
    assert_eq!(afternoon.cloud.databases::<Mysql>(&restored), ["orders"]);
}

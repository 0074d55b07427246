//! Manual backups, and restoring them.

use std::slice::from_ref;

use crate::common::*;

for_every_engine! {
    a_backup_is_listed_by_its_cluster_and_by_its_folder
    a_backup_is_not_there_before_its_operation_is_done
    a_restored_cluster_has_the_users_of_its_backup
    a_cluster_can_be_restored_into_another_folder
    a_restored_cluster_goes_its_own_way
    the_backups_of_a_deleted_cluster_can_be_restored_for_seven_days
}

for_every_engine_with_databases! {
    a_database_that_was_dropped_after_a_backup_is_back_in_the_restored_cluster
}

for_every_managed_engine! {
    a_manual_backup_can_be_deleted
    a_manual_backup_of_a_deleted_cluster_can_be_deleted
}

fn a_backup_is_listed_by_its_cluster_and_by_its_folder<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    cloud.advance(HOUR);
    let backup = cloud.backed_up::<E>(&cluster);
    let own = backup.id().strip_prefix(&format!("{cluster}:")).expect("its id begins with that of the cluster");
    assert!(own.starts_with("mdb") && own.len() == 20, "{own}");
    assert_eq!((backup.source_cluster_id(), backup.folder_id()), (cluster.as_str(), FOLDER));
    assert_eq!((backup.started_at(), backup.created_at()), (Some(&cloud.now()), Some(&cloud.now())));

    let mut request = E::GetBackupRequest::default();
    request.set_backup_id(backup.id().into());
    assert_eq!(E::get_backup(&cloud, request).unwrap(), backup);
    assert_eq!(cloud.backups::<E>(&cluster), from_ref(&backup));
    assert_eq!(cloud.backups_in::<E>(FOLDER), [backup]);
    assert!(cloud.backups_in::<E>("b1gelsewhere").is_empty());
}

fn a_backup_is_not_there_before_its_operation_is_done<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    cloud
        .emulator()
        .universes()
        .get(None)
        .unwrap()
        .change(|universe| {
            universe.set_operation_time("60s".parse().unwrap());
        })
        .unwrap();
    let mut request = E::BackupClusterRequest::default();
    request.set_cluster_id(cluster.clone());
    let began = cloud.now();
    let operation = E::backup(&cloud, request).unwrap();
    cloud.advance(59);
    assert!(cloud.backups::<E>(&cluster).is_empty());
    assert_eq!(cloud.cluster::<E>(&cluster).status(), UPDATING);
    cloud.advance(1);
    cloud.done(Ok(operation));
    let backups = cloud.backups::<E>(&cluster);
    assert_eq!(backups.len(), 1);
    assert_eq!(backups[0].started_at(), Some(&began));
    assert_eq!(backups[0].created_at(), Some(&after(&began, 60)));
    assert_eq!(cloud.cluster::<E>(&cluster).status(), RUNNING);
}

fn a_restored_cluster_has_the_users_of_its_backup<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let backup = cloud.backed_up::<E>(&cluster);
    cloud.advance(HOUR);
    cloud.create_user::<E>(&cluster, "late");
    cloud.delete_user::<E>(&cluster, "shop");
    let restored = cloud.restored::<E>(E::restore_of(&backup, "restored"));
    assert_ne!(restored, cluster);
    let users = cloud.users::<E>(&restored);
    assert!(users.contains(&"shop".to_owned()), "{users:?}");
    assert!(!users.contains(&"late".to_owned()), "{users:?}");
    assert!(!cloud.users::<E>(&cluster).contains(&"shop".to_owned()), "the source stays as it is");
    assert_eq!(cloud.cluster::<E>(&restored).status(), RUNNING);
    assert_eq!(cloud.cluster::<E>(&restored).folder_id(), FOLDER, "that of the backup, if none is asked for");
}

fn a_database_that_was_dropped_after_a_backup_is_back_in_the_restored_cluster<E: SampleDatabases>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    cloud.create_database::<E>(&cluster, "invoices");
    let backup = cloud.backed_up::<E>(&cluster);
    cloud.advance(HOUR);
    cloud.drop_database::<E>(&cluster, "orders");
    cloud.create_database::<E>(&cluster, "late");
    let restored = cloud.restored::<E>(E::restore_of(&backup, "restored"));
    assert_eq!(cloud.databases::<E>(&restored), ["invoices", "orders"]);
    assert_eq!(cloud.databases::<E>(&cluster), ["invoices", "late"]);
}

fn a_cluster_can_be_restored_into_another_folder<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let backup = cloud.backed_up::<E>(&cluster);
    cloud.advance(HOUR);
    // Names are unique in a folder, so the other one has room for the same.
    let mut request = E::restore_of(&backup, "main");
    request.set_folder_id("b1gother".into());
    let restored = cloud.restored::<E>(request);
    assert_eq!(cloud.cluster::<E>(&restored).folder_id(), "b1gother");
    assert_eq!(cloud.cluster::<E>(&restored).name(), "main");
}

fn a_restored_cluster_goes_its_own_way<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let backup = cloud.backed_up::<E>(&cluster);
    cloud.advance(HOUR);
    let restored = cloud.restored::<E>(E::restore_of(&backup, "restored"));
    cloud.delete_user::<E>(&restored, "shop");
    assert!(cloud.users::<E>(&cluster).contains(&"shop".to_owned()));
    assert!(cloud.backups::<E>(&restored).is_empty(), "it begins without backups");
    cloud.backed_up::<E>(&restored);
    assert_eq!(cloud.backups::<E>(&cluster), [backup]);
}

fn the_backups_of_a_deleted_cluster_can_be_restored_for_seven_days<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let first = cloud.backed_up::<E>(&cluster);
    cloud.advance(HOUR);
    let second = cloud.backed_up::<E>(&cluster);
    // Long enough for the window of the second to open.
    cloud.advance(MINUTE);
    cloud.delete::<E>(&cluster);

    cloud.advance(7 * DAY - 1);
    assert_eq!(cloud.backups::<E>(&cluster), [second.clone(), first.clone()], "by the id of the cluster that is gone");
    assert_eq!(cloud.backups_in::<E>(FOLDER).len(), 2, "deletion ends the rules of before");
    assert_eq!(cloud.backups_in::<E>(FOLDER)[0], second);
    let restored = cloud.restored::<E>(E::restore_of(&second, "restored"));
    assert!(cloud.users::<E>(&restored).contains(&"shop".to_owned()));
    cloud.delete::<E>(&restored);

    cloud.advance(1);
    assert!(cloud.backups_in::<E>(FOLDER).is_empty());
    let mut request = E::ListClusterBackupsRequest::default();
    request.set_cluster_id(cluster);
    assert_eq!(refused(E::list_cluster_backups(&cloud, request)).code, Code::NotFound);
    for gone in [first, second] {
        let mut request = E::GetBackupRequest::default();
        request.set_backup_id(gone.id().into());
        assert_eq!(refused(E::get_backup(&cloud, request)).code, Code::NotFound);
        assert_eq!(refused(E::restore(&cloud, E::restore_of(&gone, "late"))).code, Code::NotFound);
    }
}

fn a_manual_backup_can_be_deleted<E: Sample + ManagedRpcs>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let first = cloud.backed_up::<E>(&cluster);
    let second = cloud.backed_up::<E>(&cluster);
    let mut request = E::DeleteBackupRequest::default();
    request.set_backup_id(first.id().into());
    let ended = cloud.done(E::delete_backup(&cloud, request));
    response::<()>(&ended);
    assert_eq!(cloud.backups::<E>(&cluster), from_ref(&second));
    assert_eq!(cloud.backups_in::<E>(FOLDER), [second]);
    let mut request = E::GetBackupRequest::default();
    request.set_backup_id(first.id().into());
    assert_eq!(refused(E::get_backup(&cloud, request)).code, Code::NotFound);
}

fn a_manual_backup_of_a_deleted_cluster_can_be_deleted<E: Sample + ManagedRpcs>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let backup = cloud.backed_up::<E>(&cluster);
    cloud.delete::<E>(&cluster);
    let mut request = E::DeleteBackupRequest::default();
    request.set_backup_id(backup.id().into());
    let operation = cloud.done(E::delete_backup(&cloud, request));
    assert!(cloud.backups_in::<E>(FOLDER).is_empty());
    assert_eq!(cloud.operation(&operation.id).unwrap(), operation, "the operation outlives all that it was about");
}

#[test]
fn a_restored_cluster_has_the_shards_of_its_own_hosts() {
    let cloud = Cloud::start();
    let mut request = Redis::new_cluster("main");
    for host in &mut request.host_specs {
        host.shard_name = "old".into();
    }
    let cluster = cloud.created_by::<Redis>(request);
    let backup = cloud.backed_up::<Redis>(&cluster);
    assert_eq!(backup.source_shard_names, ["old"]);
    let restored = cloud.restored::<Redis>(Redis::restore_of(&backup, "restored"));
    assert_eq!(cloud.backed_up::<Redis>(&restored).source_shard_names, ["shard1"]);

    // The shards of SPQR are clusters elsewhere, and are to be added again.
    let cluster = cloud.created::<Spqr>("main");
    let backup = cloud.backed_up::<Spqr>(&cluster);
    assert_eq!(backup.source_shard_names, ["first"]);
    let restored = cloud.restored::<Spqr>(Spqr::restore_of(&backup, "restored"));
    assert!(cloud.backed_up::<Spqr>(&restored).source_shard_names.is_empty());
}

#[test]
fn the_collation_of_sqlserver_comes_with_the_backup() {
    let cloud = Cloud::start();
    let mut request = SqlServer::new_cluster("main");
    request.sqlcollation = "Cyrillic_General_CI_AS".into();
    let cluster = cloud.created_by::<SqlServer>(request);
    let backup = cloud.backed_up::<SqlServer>(&cluster);
    cloud.advance(HOUR);
    let restored = cloud.restored::<SqlServer>(SqlServer::restore_of(&backup, "restored"));
    assert_eq!(cloud.cluster::<SqlServer>(&restored).sqlcollation, "Cyrillic_General_CI_AS");
}

#[test]
fn a_restored_cluster_has_the_key_of_its_source_unless_it_is_told_otherwise() {
    let cloud = Cloud::start();
    let mut request = Mysql::new_cluster("main");
    request.disk_encryption_key_id = Some("abjkey".into());
    let cluster = cloud.created_by::<Mysql>(request);
    let backup = cloud.backed_up::<Mysql>(&cluster);
    cloud.advance(HOUR);
    for (name, asked, had) in [
        ("same", None, Some("abjkey".to_owned())),
        ("another", Some("abjother".to_owned()), Some("abjother".to_owned())),
        ("open", Some(String::new()), None),
    ] {
        let request =
            mysql::v1::RestoreClusterRequest { disk_encryption_key_id: asked, ..Mysql::restore_of(&backup, name) };
        let restored = cloud.restored::<Mysql>(request);
        assert_eq!(cloud.cluster::<Mysql>(&restored).disk_encryption_key_id, had, "{name}");
    }
}

#[test]
fn a_restored_redis_has_the_hosts_of_its_source_if_none_are_asked_for() {
    let cloud = Cloud::start();
    let mut request = Redis::new_cluster("main");
    request.sharded = true;
    let hosts = |shard: &str| redis::v1::HostSpec {
        shard_name: shard.into(),
        replica_priority: None,
        ..Redis::new_cluster("hosts").host_specs[0].clone()
    };
    request.host_specs = ["one", "two", "three"].map(hosts).to_vec();
    let cluster = cloud.created_by::<Redis>(request);
    let backup = cloud.backed_up::<Redis>(&cluster);
    let request = redis::v1::RestoreClusterRequest { host_specs: Vec::new(), ..Redis::restore_of(&backup, "restored") };
    let restored = cloud.restored::<Redis>(request);
    assert!(cloud.cluster::<Redis>(&restored).sharded);
    let again = cloud.backed_up::<Redis>(&restored);
    assert_eq!(again.source_shard_names, backup.source_shard_names);
}

#[test]
fn a_backup_is_not_restored_into_an_older_version() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let backup = cloud.backed_up::<Redis>(&cluster);
    let mut request = Redis::restore_of(&backup, "restored");
    request.config_spec.as_mut().unwrap().version = "7.0".into();
    let refusal = refused(Redis::restore(&cloud, request.clone()));
    assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["config_spec.version".to_owned()]));
    request.config_spec.as_mut().unwrap().version = "9.1-valkey".into();
    let restored = cloud.restored::<Redis>(request);
    assert_eq!(cloud.cluster::<Redis>(&restored).config.unwrap().version, "9.1-valkey");
}

#[test]
fn a_cluster_is_in_production_unless_it_is_told_otherwise() {
    let cloud = Cloud::start();
    let cluster =
        cloud.created_by::<Mysql>(mysql::v1::CreateClusterRequest { environment: 0, ..Mysql::new_cluster("main") });
    assert_eq!(cloud.cluster::<Mysql>(&cluster).environment(), mysql::v1::cluster::Environment::Production);
}

//! Refusals about clusters and what is in them.

use crate::common::*;
use crate::{PRECONDITION, RESOURCE, Table, UNKNOWN, everything};

for_every_engine! {
    unknown_clusters_are_refused_by_every_call
    what_a_cluster_is_in_no_state_for_is_refused
    names_and_folders_must_be_free
    users_and_backups_must_exist
    a_refused_call_leaves_no_operation
}

fn unknown_clusters_are_refused_by_every_call<E: Sample>() {
    let cloud = Cloud::start();
    let mut table = Table::default();
    for id in [UNKNOWN, "nonsense"] {
        let mut row = |call: &str, outcome: Result<(), Status>| {
            let message = format!("Cluster {id} not found");
            table.row(call, outcome, Code::NotFound, message, (RESOURCE, &["mdb.cluster", id]));
        };
        row("Get", E::get(&cloud, of!(GetClusterRequest, id)).map(drop));
        row("ListHosts", E::list_hosts(&cloud, of!(ListClusterHostsRequest, id)).map(drop));
        row("ListBackups", E::list_cluster_backups(&cloud, of!(ListClusterBackupsRequest, id)).map(drop));
        row("ListOperations", E::list_operations(&cloud, of!(ListClusterOperationsRequest, id)).map(drop));
        row("Update", E::update(&cloud, of!(UpdateClusterRequest, id)).map(drop));
        row("Delete", E::delete(&cloud, of!(DeleteClusterRequest, id)).map(drop));
        row("Start", E::start(&cloud, of!(StartClusterRequest, id)).map(drop));
        row("Stop", E::stop(&cloud, of!(StopClusterRequest, id)).map(drop));
        row("Backup", E::backup(&cloud, of!(BackupClusterRequest, id)).map(drop));
        let mut request = of!(MoveClusterRequest, id);
        request.set_destination_folder_id("b1gother".into());
        row("Move", E::r#move(&cloud, request).map(drop));
        row("UserService.List", E::list_users(&cloud, of!(ListUsersRequest, id)).map(drop));
        let mut request = of!(GetUserRequest, id);
        request.set_user_name("shop".into());
        row("UserService.Get", E::get_user(&cloud, request).map(drop));
        let mut request = of!(CreateUserRequest, id);
        request.set_user_spec(Some(E::new_user("another")));
        row("UserService.Create", E::create_user(&cloud, request).map(drop));
        let mut request = of!(DeleteUserRequest, id);
        request.set_user_name("shop".into());
        row("UserService.Delete", E::delete_user(&cloud, request).map(drop));
    }
    table.holds();
}

#[test]
fn a_cluster_of_one_engine_is_unknown_to_the_others() {
    let cloud = Cloud::start();
    let redis = cloud.created::<Redis>("main");
    let backup = cloud.backed_up::<Redis>(&redis);
    let get = mysql::v1::GetClusterRequest { cluster_id: redis };
    assert_eq!(refused(Mysql::get(&cloud, get)).code, Code::NotFound);
    let get = mysql::v1::GetBackupRequest { backup_id: backup.id };
    assert_eq!(refused(Mysql::get_backup(&cloud, get)).code, Code::NotFound);
}

fn what_a_cluster_is_in_no_state_for_is_refused<E: Sample>() {
    let cloud = Cloud::start();
    let running = cloud.created::<E>("running");
    let stopped = cloud.created::<E>("stopped");
    cloud.stop::<E>(&stopped);
    let mut request = E::new_cluster("protected");
    request.set_deletion_protection(true);
    let protected = cloud.created_by::<E>(request);

    let mut table = Table::default();
    let mut state = |call: &str, outcome: Result<_, _>, message: String| {
        table.row(call, outcome, Code::FailedPrecondition, message, (PRECONDITION, &["STATUS"]));
    };
    let must_run = format!("Cluster {stopped} is STOPPED, but must be RUNNING");
    state("Stop", E::stop(&cloud, of!(StopClusterRequest, &stopped)), must_run.clone());
    state("Backup", E::backup(&cloud, of!(BackupClusterRequest, &stopped)), must_run.clone());
    let mut request = of!(CreateUserRequest, &stopped);
    request.set_user_spec(Some(E::new_user("another")));
    state("UserService.Create", E::create_user(&cloud, request), must_run.clone());
    let mut request = of!(DeleteUserRequest, &stopped);
    request.set_user_name("shop".into());
    state("UserService.Delete", E::delete_user(&cloud, request), must_run);
    let must_stand = format!("Cluster {running} is RUNNING, but must be STOPPED");
    state("Start", E::start(&cloud, of!(StartClusterRequest, &running)), must_stand);

    let message = "The operation was rejected because cluster has 'deletion_protection' = ON";
    let outcome = E::delete(&cloud, of!(DeleteClusterRequest, &protected));
    table.row("Delete", outcome, Code::FailedPrecondition, message, (PRECONDITION, &["DELETION_PROTECTION"]));
    let mut request = of!(UpdateClusterRequest, &running);
    request.set_update_mask(mask(&["description"]));
    let outcome = E::update(&cloud, request);
    table.row("Update", outcome, Code::FailedPrecondition, "no changes detected", (PRECONDITION, &["NO_CHANGES"]));
    let mut request = of!(UpdateClusterRequest, &running);
    request.set_update_mask(mask(&["colour"]));
    table.bad("Update", E::update(&cloud, request), "update_mask", "colour is no field that can be updated");
    let mut request = of!(UpdateClusterRequest, &running);
    request.set_update_mask(mask(&["cluster_id"]));
    table.bad("Update", E::update(&cloud, request), "update_mask", "cluster_id is no field that can be updated");
    table.holds();
}

fn names_and_folders_must_be_free<E: Sample>() {
    let cloud = Cloud::start();
    let first = cloud.created::<E>("first");
    let second = cloud.created::<E>("second");
    let backup = cloud.backed_up::<E>(&first);
    cloud.advance(HOUR);
    let mut elsewhere = E::new_cluster("first");
    elsewhere.set_folder_id("b1gother".into());
    let elsewhere = cloud.created_by::<E>(elsewhere);

    let mut table = Table::default();
    let mut taken = |call: &str, outcome: Result<_, _>, folder: &str, holder: &str| {
        let message = format!("Cluster with name \"first\" already exists in folder {folder}: {holder}");
        table.row(call, outcome, Code::AlreadyExists, message, (RESOURCE, &["mdb.cluster", holder]));
    };
    taken("Create", E::create(&cloud, E::new_cluster("first")), FOLDER, &first);
    taken("Restore", E::restore(&cloud, E::restore_of(&backup, "first")), FOLDER, &first);
    let mut request = of!(UpdateClusterRequest, &second);
    request.set_name("first".into());
    request.set_update_mask(mask(&["name"]));
    taken("Update", E::update(&cloud, request), FOLDER, &first);
    let mut request = of!(MoveClusterRequest, &first);
    request.set_destination_folder_id("b1gother".into());
    taken("Move", E::r#move(&cloud, request), "b1gother", &elsewhere);
    let mut request = of!(MoveClusterRequest, &first);
    request.set_destination_folder_id(FOLDER.into());
    let rule = format!("the cluster is in folder {FOLDER} already");
    table.bad("Move", E::r#move(&cloud, request), "destination_folder_id", &rule);
    table.holds();
}

fn users_and_backups_must_exist<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let backup = cloud.backed_up::<E>(&cluster);
    cloud.advance(HOUR);
    let mut table = Table::default();

    let message = format!("User \"nobody\" not found in cluster {cluster}");
    let mut request = of!(GetUserRequest, &cluster);
    request.set_user_name("nobody".into());
    let outcome = E::get_user(&cloud, request);
    table.row("UserService.Get", outcome, Code::NotFound, message.clone(), (RESOURCE, &["mdb.user", "nobody"]));
    let mut request = of!(DeleteUserRequest, &cluster);
    request.set_user_name("nobody".into());
    let outcome = E::delete_user(&cloud, request);
    table.row("UserService.Delete", outcome, Code::NotFound, message, (RESOURCE, &["mdb.user", "nobody"]));
    let mut request = of!(CreateUserRequest, &cluster);
    request.set_user_spec(Some(E::new_user("shop")));
    let message = format!("User \"shop\" already exists in cluster {cluster}");
    let outcome = E::create_user(&cloud, request);
    table.row("UserService.Create", outcome, Code::AlreadyExists, message, (RESOURCE, &["mdb.user", "shop"]));

    // Of the right form, but of no backup; of a backup, but with another end; nonsense.
    let made_up = [format!("{cluster}:mdb00000000000000000"), format!("{}0", backup.id()), "nonsense".to_owned()];
    for id in &made_up {
        let message = format!("Backup {id} not found");
        let mut request = E::GetBackupRequest::default();
        request.set_backup_id(id.clone());
        let outcome = E::get_backup(&cloud, request);
        table.row("BackupService.Get", outcome, Code::NotFound, message.clone(), (RESOURCE, &["mdb.backup", id]));
        let mut request = E::restore_of(&backup, "restored");
        request.set_backup_id(id.clone());
        let outcome = E::restore(&cloud, request);
        table.row("Restore", outcome, Code::NotFound, message, (RESOURCE, &["mdb.backup", id]));
    }
    table.holds();
}

fn a_refused_call_leaves_no_operation<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let (before, counts) = (cloud.cluster::<E>(&cluster), everything(&cloud));
    refused(E::create(&cloud, E::new_cluster("main")));
    refused(E::create(&cloud, E::CreateClusterRequest::default()));
    refused(E::start(&cloud, of!(StartClusterRequest, &cluster)));
    let mut request = of!(UpdateClusterRequest, &cluster);
    request.set_name("has spaces".into());
    refused(E::update(&cloud, request));
    assert_eq!(everything(&cloud), counts);
    assert_eq!(cloud.operations::<E>(&cluster).len(), 1, "only that of Create");
    assert_eq!(cloud.cluster::<E>(&cluster), before);
}

for_every_engine_with_databases! {
    databases_must_be_there_or_not
}

fn databases_must_be_there_or_not<E: SampleDatabases>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let mut table = Table::default();
    let message = format!("Database \"none\" not found in cluster {cluster}");
    let mut request = of!(GetDatabaseRequest, &cluster);
    request.set_database_name("none".into());
    let outcome = E::get_database(&cloud, request);
    table.row("Get", outcome, Code::NotFound, message.clone(), (RESOURCE, &["mdb.database", "none"]));
    let mut request = of!(DeleteDatabaseRequest, &cluster);
    request.set_database_name("none".into());
    let outcome = E::delete_database(&cloud, request);
    table.row("Delete", outcome, Code::NotFound, message, (RESOURCE, &["mdb.database", "none"]));
    let mut request = of!(CreateDatabaseRequest, &cluster);
    request.set_database_spec(Some(E::new_database("orders")));
    let message = format!("Database \"orders\" already exists in cluster {cluster}");
    let outcome = E::create_database(&cloud, request);
    table.row("Create", outcome, Code::AlreadyExists, message, (RESOURCE, &["mdb.database", "orders"]));
    table.holds();
}

#[test]
fn what_is_protected_is_not_deleted() {
    let cloud = Cloud::start();
    let mut request = Mysql::new_cluster("main");
    request.database_specs[0].deletion_protection_mode = mysql::v1::DeletionProtectionMode::Enabled as i32;
    request.user_specs[0].deletion_protection_mode = mysql::v1::DeletionProtectionMode::Inherited as i32;
    request.deletion_protection = true;
    let cluster_id = cloud.created_by::<Mysql>(request);
    let mut table = Table::default();
    let about = (PRECONDITION, ["DELETION_PROTECTION"].as_slice());
    let delete = mysql::v1::DeleteDatabaseRequest { cluster_id: cluster_id.clone(), database_name: "orders".into() };
    let message = "The operation was rejected because database \"orders\" has deletion protection";
    let outcome = Mysql::delete_database(&cloud, delete);
    table.row("MySQL's database", outcome, Code::FailedPrecondition, message, about);
    let delete = mysql::v1::DeleteUserRequest { cluster_id, user_name: "shop".into() };
    let message = "The operation was rejected because user \"shop\" has deletion protection";
    let outcome = Mysql::delete_user(&cloud, delete);
    table.row("MySQL's user, as its cluster", outcome, Code::FailedPrecondition, message, about);

    let mut request = Spqr::new_cluster("main");
    request.deletion_protection = true;
    request.user_specs[0].deletion_protection = Some(false);
    let cluster_id = cloud.created_by::<Spqr>(request);
    let delete = spqr::v1::DeleteDatabaseRequest { cluster_id: cluster_id.clone(), database_name: "orders".into() };
    let message = "The operation was rejected because database \"orders\" has deletion protection";
    let outcome = Spqr::delete_database(&cloud, delete);
    table.row("SPQR's database, as its cluster", outcome, Code::FailedPrecondition, message, about);
    cloud.delete_user::<Spqr>(&cluster_id, "shop");
    table.holds();
}

#[test]
fn a_module_of_valkey_stays_on() {
    use redis::v1::{ConfigSpec, UpdateClusterRequest, ValkeyJson, ValkeyModules};
    let cloud = Cloud::start();
    let mut request = Redis::new_cluster("main");
    let modules = |enabled| {
        Some(ValkeyModules {
            valkey_json: Some(ValkeyJson { enabled, ..ValkeyJson::default() }),
            ..ValkeyModules::default()
        })
    };
    request.config_spec.as_mut().unwrap().modules = modules(true);
    let cluster_id = cloud.created_by::<Redis>(request);
    let request = UpdateClusterRequest {
        cluster_id,
        update_mask: mask(&["config_spec.modules"]),
        config_spec: Some(ConfigSpec { modules: modules(false), ..ConfigSpec::default() }),
        ..UpdateClusterRequest::default()
    };
    let mut table = Table::default();
    let outcome = Redis::update(&cloud, request);
    let message = "valkey_json module can not be disabled";
    table.row("Update", outcome, Code::FailedPrecondition, message, (PRECONDITION, &["MODULE"]));
    table.holds();
}

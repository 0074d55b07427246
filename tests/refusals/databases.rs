//! Refusals about databases that are changed, restored, imported and exported.

use crate::common::*;
use crate::{PRECONDITION, RESOURCE, Table, UNKNOWN};
use sqlserver::v1::{Backup, CreateClusterRequest, RestoreDatabaseRequest};

#[test]
fn a_database_is_updated_only_where_it_is() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Mysql>("main");
    let update = |cluster: &str, name: &str, paths: &[&str]| {
        let request = mysql::v1::UpdateDatabaseRequest {
            cluster_id: cluster.into(),
            database_name: name.into(),
            update_mask: mask(paths),
            ..Default::default()
        };
        Mysql::update_database(&cloud, request)
    };
    let mut table = Table::default();
    let message = format!("Cluster {UNKNOWN} not found");
    let outcome = update(UNKNOWN, "orders", &[]);
    table.row("no cluster", outcome, Code::NotFound, message, (RESOURCE, &["mdb.cluster", UNKNOWN]));
    let message = format!("Database \"moon\" not found in cluster {cluster}");
    let outcome = update(&cluster, "moon", &[]);
    table.row("no database", outcome, Code::NotFound, message, (RESOURCE, &["mdb.database", "moon"]));
    let rule = "database_name is no field that can be updated";
    table.bad("its name", update(&cluster, "orders", &["database_name"]), "update_mask", rule);
    let outcome = update(&cluster, "orders", &["deletion_protection_mode"]);
    table.row("no change", outcome, Code::FailedPrecondition, "no changes detected", (PRECONDITION, &["NO_CHANGES"]));
    cloud.stop::<Mysql>(&cluster);
    let message = format!("Cluster {cluster} is STOPPED, but must be RUNNING");
    let outcome = update(&cluster, "orders", &[]);
    table.row("a stopped cluster", outcome, Code::FailedPrecondition, message, (PRECONDITION, &["STATUS"]));
    table.holds();
}

#[test]
fn a_database_is_restored_from_what_its_cluster_had() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<SqlServer>("main");
    let backup = cloud.backed_up::<SqlServer>(&cluster);
    let other = cloud.created::<SqlServer>("other");
    let of_other = cloud.backed_up::<SqlServer>(&other);
    cloud.advance(HOUR);
    let restore = |backup: &Backup, change: &dyn Fn(&mut RestoreDatabaseRequest)| {
        let mut request = SqlServer::restore_into(&cluster, backup, "restored");
        change(&mut request);
        SqlServer::restore_database(&cloud, request)
    };
    let mut table = Table::default();
    let message = format!("Cluster {UNKNOWN} not found");
    let outcome = restore(&backup, &|request| request.cluster_id = UNKNOWN.into());
    table.row("no cluster", outcome, Code::NotFound, message, (RESOURCE, &["mdb.cluster", UNKNOWN]));
    let message = format!("Database \"orders\" already exists in cluster {cluster}");
    let outcome = restore(&backup, &|request| request.database_name = "orders".into());
    table.row("a name that is taken", outcome, Code::AlreadyExists, message, (RESOURCE, &["mdb.database", "orders"]));
    let outcome = restore(&backup, &|request| request.backup_id = "nonsense".into());
    table.row(
        "no backup",
        outcome,
        Code::NotFound,
        "Backup nonsense not found",
        (RESOURCE, &["mdb.backup", "nonsense"]),
    );
    let rule = format!("{} is no backup of cluster {cluster}", of_other.id);
    table.bad("a backup of another", restore(&of_other, &|_| ()), "backup_id", &rule);
    table.bad("no time", restore(&backup, &|request| request.time = None), "time", "is required");
    let window = "is outside the window of this backup, which is from 2026-01-31T12:00:01Z to 2026-01-31T13:00:00Z";
    for (seconds, told) in [(0, "2026-01-31T12:00:00Z"), (HOUR + 1, "2026-01-31T13:00:01Z")] {
        let time = after(backup.created_at.as_ref().unwrap(), seconds);
        let outcome = restore(&backup, &|request| request.time = Some(time));
        table.bad("outside the window", outcome, "time", &format!("{told} {window}"));
    }
    let rule = "there was no database \"moon\" at 2026-01-31T12:00:01Z";
    let outcome = restore(&backup, &|request| request.from_database = "moon".into());
    table.bad("no database", outcome, "from_database", rule);
    cloud.create_database::<SqlServer>(&cluster, "late");
    let rule = "there was no database \"late\" at 2026-01-31T12:00:01Z";
    let outcome = restore(&backup, &|request| request.from_database = "late".into());
    table.bad("not yet", outcome, "from_database", rule);
    let pattern = "must match the pattern [a-zA-Z0-9_-]*";
    let outcome = restore(&backup, &|request| request.database_name = "a.b".into());
    table.bad("a name that is none", outcome, "database_name", pattern);
    let outcome = restore(&backup, &|request| request.from_database = "n".repeat(64));
    table.bad("a long name", outcome, "from_database", "must have at most 63 characters, but has 64");
    let outcome = restore(&backup, &|request| request.database_name = String::new());
    table.bad("an empty name", outcome, "database_name", "is required");
    cloud.stop::<SqlServer>(&cluster);
    let message = format!("Cluster {cluster} is STOPPED, but must be RUNNING");
    table.row("stopped", restore(&backup, &|_| ()), Code::FailedPrecondition, message, (PRECONDITION, &["STATUS"]));
    table.holds();
    assert_eq!(cloud.databases::<SqlServer>(&cluster), ["late", "orders"]);
}

#[test]
fn databases_go_by_buckets_only_with_a_service_account() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<SqlServer>("main");
    cloud.backed_up::<SqlServer>(&cluster);
    let mut table = Table::default();
    let message = format!("Cluster {cluster} has no service account, which it needs to use buckets");
    let about = (PRECONDITION, ["SERVICE_ACCOUNT"].as_slice());
    let outcome = SqlServer::import_backup(&cloud, SqlServer::import_of(&cluster, "imported"));
    table.row("import", outcome, Code::FailedPrecondition, message.clone(), about);
    let outcome = SqlServer::export_backup(&cloud, SqlServer::export_of(&cluster, "orders"));
    table.row("export", outcome, Code::FailedPrecondition, message, about);
    table.holds();
}

#[test]
fn what_is_imported_is_new_and_what_is_exported_is_backed_up() {
    let cloud = Cloud::start();
    let request =
        CreateClusterRequest { service_account_id: "ajerobot000000000001".into(), ..SqlServer::new_cluster("main") };
    let cluster = cloud.created_by::<SqlServer>(request);
    let mut table = Table::default();
    let message = format!("Database \"orders\" already exists in cluster {cluster}");
    let outcome = SqlServer::import_backup(&cloud, SqlServer::import_of(&cluster, "orders"));
    table.row("import", outcome, Code::AlreadyExists, message, (RESOURCE, &["mdb.database", "orders"]));
    let mut request = SqlServer::import_of(&cluster, "imported");
    request.files = Vec::new();
    table.bad("import", SqlServer::import_backup(&cloud, request), "files", "is required");
    let pattern = "must match the pattern [a-zA-Z0-9_-]*";
    let outcome = SqlServer::import_backup(&cloud, SqlServer::import_of(&cluster, "a.b"));
    table.bad("import", outcome, "database_name", pattern);

    let export = |name: &str| SqlServer::export_backup(&cloud, SqlServer::export_of(&cluster, name));
    table.bad("export", export("a.b"), "database_name", pattern);
    let message = format!("Database \"moon\" not found in cluster {cluster}");
    table.row("export", export("moon"), Code::NotFound, message, (RESOURCE, &["mdb.database", "moon"]));
    let message =
        |name: &str| format!("Cluster {cluster} has no backup, or database \"{name}\" is not in the latest one");
    let about = (PRECONDITION, ["BACKUP"].as_slice());
    table.row("no backup", export("orders"), Code::FailedPrecondition, message("orders"), about);
    cloud.backed_up::<SqlServer>(&cluster);
    cloud.create_database::<SqlServer>(&cluster, "late");
    table.row("not in it", export("late"), Code::FailedPrecondition, message("late"), about);
    table.holds();
}

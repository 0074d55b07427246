//! Databases that are brought back by themselves, or go by files in buckets.

use crate::common::*;
use sqlserver::v1::{
    Database, ExportDatabaseBackupMetadata, ImportDatabaseBackupMetadata, RestoreDatabaseMetadata,
    RestoreDatabaseRequest,
};

/// A cluster that may use buckets.
fn with_buckets(cloud: &Cloud) -> String {
    let request = sqlserver::v1::CreateClusterRequest {
        service_account_id: "ajerobot000000000001".into(),
        ..SqlServer::new_cluster("main")
    };
    cloud.created_by::<SqlServer>(request)
}

fn metadata<T: prost::Message + prost::Name + Default>(operation: &Operation) -> T {
    operation.metadata.as_ref().unwrap().to_msg().unwrap()
}

#[test]
fn a_database_comes_back_beside_itself_and_after_it_has_gone() {
    let cloud = Cloud::start();
    let noon = cloud.now();
    let cluster = cloud.created::<SqlServer>("main");
    let backup = cloud.backed_up::<SqlServer>(&cluster);
    cloud.advance(HOUR);
    let restored = SqlServer::restore_database(&cloud, SqlServer::restore_into(&cluster, &backup, "beside"));
    let restored = cloud.done(restored);
    assert_eq!(response::<Database>(&restored), Database { name: "beside".into(), cluster_id: cluster.clone() });
    let told = RestoreDatabaseMetadata {
        cluster_id: cluster.clone(),
        database_name: "beside".into(),
        from_database: "orders".into(),
        backup_id: backup.id.clone(),
    };
    assert_eq!(metadata::<RestoreDatabaseMetadata>(&restored), told);
    assert_eq!(restored.description, "Restore database in SQL Server cluster");
    assert_eq!(cloud.databases::<SqlServer>(&cluster), ["beside", "orders"]);

    cloud.advance(HOUR);
    cloud.drop_database::<SqlServer>(&cluster, "orders");
    cloud.advance(HOUR);
    // Under its own name, which is free again.
    let request = RestoreDatabaseRequest {
        time: Some(after(&noon, 2 * HOUR - 1)),
        ..SqlServer::restore_into(&cluster, &backup, "orders")
    };
    cloud.done(SqlServer::restore_database(&cloud, request));
    assert_eq!(cloud.databases::<SqlServer>(&cluster), ["beside", "orders"]);
    // What came after the backup, but before the time.
    let request = RestoreDatabaseRequest {
        time: Some(after(&noon, HOUR)),
        from_database: "beside".into(),
        ..SqlServer::restore_into(&cluster, &backup, "once-more")
    };
    cloud.done(SqlServer::restore_database(&cloud, request));
    assert_eq!(cloud.databases::<SqlServer>(&cluster), ["beside", "once-more", "orders"]);
}

#[test]
fn a_database_is_made_of_files_in_a_bucket() {
    let cloud = Cloud::start();
    let cluster = with_buckets(&cloud);
    let imported = cloud.done(SqlServer::import_backup(&cloud, SqlServer::import_of(&cluster, "imported")));
    assert_eq!(response::<Database>(&imported), Database { name: "imported".into(), cluster_id: cluster.clone() });
    let told = ImportDatabaseBackupMetadata {
        cluster_id: cluster.clone(),
        database_name: "imported".into(),
        s3_bucket: "files".into(),
        s3_path: "of/today".into(),
    };
    assert_eq!(metadata::<ImportDatabaseBackupMetadata>(&imported), told);
    assert_eq!(imported.description, "Import backup of database in SQL Server cluster");
    assert_eq!(cloud.databases::<SqlServer>(&cluster), ["imported", "orders"]);
}

#[test]
fn a_database_that_has_been_backed_up_is_exported() {
    let cloud = Cloud::start();
    let cluster = with_buckets(&cloud);
    let backup = cloud.backed_up::<SqlServer>(&cluster);
    let exported = cloud.done(SqlServer::export_backup(&cloud, SqlServer::export_of(&cluster, "orders")));
    assert_eq!(response::<Database>(&exported), Database { name: "orders".into(), cluster_id: cluster.clone() });
    let told = ExportDatabaseBackupMetadata {
        cluster_id: cluster.clone(),
        database_name: "orders".into(),
        s3_bucket: "files".into(),
        s3_path: "of/today".into(),
    };
    assert_eq!(metadata::<ExportDatabaseBackupMetadata>(&exported), told);
    assert_eq!(exported.description, "Export backup of database in SQL Server cluster");
    assert_eq!(cloud.databases::<SqlServer>(&cluster), ["orders"]);
    assert_eq!(cloud.backups::<SqlServer>(&cluster), [backup], "it makes no backup of its own");
    // One that is made meanwhile can be exported once the next backup has it.
    cloud.create_database::<SqlServer>(&cluster, "bills");
    let export = || SqlServer::export_backup(&cloud, SqlServer::export_of(&cluster, "bills"));
    assert_eq!(refused(export()).about, ["BACKUP"]);
    cloud.backed_up::<SqlServer>(&cluster);
    cloud.done(export());
}

#[test]
fn a_cluster_shows_that_it_is_changed_and_takes_no_other_call_meanwhile() {
    let cloud = Cloud::slow(10);
    let created = SqlServer::create(&cloud, SqlServer::new_cluster("main")).unwrap();
    let cluster = metadata::<sqlserver::v1::CreateClusterMetadata>(&created).cluster_id;
    cloud.advance(10);
    SqlServer::backup(&cloud, sqlserver::v1::BackupClusterRequest { cluster_id: cluster.clone() }).unwrap();
    cloud.advance(MINUTE);
    let backup = cloud.backups::<SqlServer>(&cluster).swap_remove(0);
    let restore = |name: &str| SqlServer::restore_database(&cloud, SqlServer::restore_into(&cluster, &backup, name));
    let first = restore("first").unwrap();
    assert_eq!(cloud.cluster::<SqlServer>(&cluster).status, UPDATING);
    assert_eq!(cloud.databases::<SqlServer>(&cluster), ["orders"]);
    let conflict = refused(restore("second"));
    assert!(conflict.message.contains(&first.id), "{}", conflict.message);
    cloud.cancel(&first.id).unwrap();
    assert_eq!(cloud.databases::<SqlServer>(&cluster), ["orders"]);
    restore("second").unwrap();
    cloud.advance(10);
    assert_eq!(cloud.databases::<SqlServer>(&cluster), ["orders", "second"]);
}

/// The documentation has it that a database which is made anew while it is being deleted revives the old one. One operation on a cluster at
/// a time leaves no room for that.
#[test]
fn a_mysql_database_that_is_being_deleted_is_not_revived() {
    let cloud = Cloud::slow(10);
    let created = Mysql::create(&cloud, Mysql::new_cluster("main")).unwrap();
    let cluster_id = metadata::<mysql::v1::CreateClusterMetadata>(&created).cluster_id;
    cloud.advance(10);
    let delete = mysql::v1::DeleteDatabaseRequest { cluster_id: cluster_id.clone(), database_name: "orders".into() };
    Mysql::delete_database(&cloud, delete).unwrap();
    let create = || {
        let database_spec = Some(Mysql::new_database("orders"));
        Mysql::create_database(
            &cloud,
            mysql::v1::CreateDatabaseRequest { cluster_id: cluster_id.clone(), database_spec },
        )
    };
    assert_eq!(refused(create()).code, Code::FailedPrecondition);
    cloud.advance(10);
    create().unwrap();
    cloud.advance(10);
    assert_eq!(cloud.databases::<Mysql>(&cluster_id), ["orders"]);
}

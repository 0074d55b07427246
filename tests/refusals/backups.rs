//! Refusals about backups and restoring them.

use crate::common::*;
use crate::{PRECONDITION, RESOURCE, Table, UNKNOWN};

#[test]
fn automatic_backups_are_not_deleted() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    cloud.advance(DAY);
    let backup_id = cloud.backups::<Redis>(&cluster)[0].id.clone();
    let message = format!("Backup {backup_id} is automatic: only manual backups can be deleted");
    let outcome = Redis::delete_backup(&cloud, redis::v1::DeleteBackupRequest { backup_id });
    let mut table = Table::default();
    table.row("Delete", outcome, Code::FailedPrecondition, message, (PRECONDITION, &["BACKUP_TYPE"]));
    let request = redis::v1::DeleteBackupRequest { backup_id: "nonsense".into() };
    let outcome = Redis::delete_backup(&cloud, request);
    let about = (RESOURCE, ["mdb.backup", "nonsense"].as_slice());
    table.row("Delete", outcome, Code::NotFound, "Backup nonsense not found", about);
    table.holds();
}

#[test]
fn a_restore_names_one_source_and_a_time_that_it_reaches() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Mysql>("main");
    let backup = cloud.backed_up::<Mysql>(&cluster);
    let restore = |backup_id: &str, source: &str, time: Option<Timestamp>| {
        let mut request = Mysql::restore_of(&backup, "restored");
        request.backup_id = backup_id.into();
        request.source_cluster_id = source.into();
        request.time = time;
        Mysql::restore(&cloud, request)
    };
    let mut table = Table::default();
    table.bad("neither", restore("", "", None), "backup_id", "either backup_id or source_cluster_id is required");
    let rule = "must not be given with backup_id";
    table.bad("both", restore(&backup.id, &cluster, Some(cloud.now())), "source_cluster_id", rule);
    table.bad("no time", restore("", &cluster, None), "time", "is required with source_cluster_id");
    let rule = format!(
        "2026-01-31T12:00:00Z is outside the window of cluster {cluster}, which is not open before 2026-01-31T12:00:01Z"
    );
    table.bad("too early", restore("", &cluster, Some(cloud.now())), "time", &rule);
    let rule =
        "2026-01-31T12:00:00Z is outside the window of this backup, which is not open before 2026-01-31T12:00:01Z";
    table.bad("not open", restore(&backup.id, "", Some(cloud.now())), "time", rule);
    cloud.advance(HOUR);
    let rule = "2026-01-31T13:00:01Z is outside the window of this backup, \
                which is from 2026-01-31T12:00:01Z to 2026-01-31T13:00:00Z";
    let tomorrow = Some(after(&cloud.now(), 1));
    table.bad("the future", restore(&backup.id, "", tomorrow), "time", rule);
    let rule = format!(
        "2026-01-31T13:00:01Z is outside the window of cluster {cluster}, \
         which is from 2026-01-31T12:00:01Z to 2026-01-31T13:00:00Z"
    );
    table.bad("the future of a cluster", restore("", &cluster, tomorrow), "time", &rule);
    let message = format!("Cluster {UNKNOWN} not found");
    let outcome = restore("", UNKNOWN, Some(cloud.now()));
    table.row("no cluster", outcome, Code::NotFound, message, (RESOURCE, &["mdb.cluster", UNKNOWN]));
    let mut request = SqlServer::restore_of(&sqlserver::v1::Backup::default(), "restored");
    request.backup_id = "any".into();
    request.time = None;
    table.bad("SQL Server without a time", SqlServer::restore(&cloud, request), "time", "is required");
    table.holds();
}

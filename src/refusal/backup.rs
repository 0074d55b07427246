//! Refusals about backups and restoring them.

use std::fmt::Display;

use tonic::Code;

use super::{Refusal, request};
use crate::contract::excerpt::excerpt;

const TYPE: &str = "mdb.backup";

/// No backup has this id, or it has expired.
pub fn not_found(id: &str) -> Refusal {
    let id = &excerpt(id);
    Refusal::of_resource(Code::NotFound, format!("Backup {id} not found"), TYPE, id)
}

/// Delete of an automatic backup (that it is refused is documented; the wording is ours).
pub fn automatic(id: &str) -> Refusal {
    let id = &excerpt(id);
    Refusal::precondition(format!("Backup {id} is automatic: only manual backups can be deleted"), "BACKUP_TYPE", id)
}

/// A point in time that cannot be reached.
pub fn outside_window<T: Display + PartialOrd>(time: T, from: T, to: T) -> Refusal {
    request::field("time", format!("{time} is outside the window of this backup, which is {}", window(&from, &to)))
}

/// A point in time that no backup of the cluster reaches.
pub fn outside_all_windows<T: Display + PartialOrd>(cluster: &str, time: &T, window: Option<(T, T)>) -> Refusal {
    let rule = match window {
        Some((from, to)) => {
            format!("{time} is outside the window of cluster {cluster}, which is {}", self::window(&from, &to))
        }
        None => format!("cluster {cluster} has no backup to begin from"),
    };
    request::field("time", rule)
}

/// A database is to be restored from a backup of another cluster.
pub fn of_another_cluster(id: &str, cluster: &str) -> Refusal {
    request::field("backup_id", format!("{} is no backup of cluster {cluster}", excerpt(id)))
}

/// A database is to be restored as it was when there was none.
pub fn no_database_then<T: Display>(database: &str, time: T) -> Refusal {
    request::field("from_database", format!("there was no database {:?} at {time}", excerpt(database)))
}

/// Neither a backup nor a cluster is named.
pub fn no_source() -> Refusal {
    request::field("backup_id", "either backup_id or source_cluster_id is required")
}

/// A cluster is named, but not the point in time.
pub fn time_required() -> Refusal {
    request::field("time", "is required with source_cluster_id")
}

/// Both are.
pub fn two_sources() -> Refusal {
    request::field("source_cluster_id", "must not be given with backup_id")
}

fn window<T: Display + PartialOrd>(from: &T, to: &T) -> String {
    if from > to { format!("not open before {from}") } else { format!("from {from} to {to}") }
}

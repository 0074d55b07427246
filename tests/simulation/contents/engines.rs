//! What an engine of the model has that others lack.

use mdb_emulator::contract::proto::yandex::cloud::mdb::mysql::v1 as mysql;
use mdb_emulator::contract::proto::yandex::cloud::mdb::sqlserver::v1 as sqlserver;
use mdb_emulator::engines::{DatabaseEngine, GrantMessages, Mysql, SqlServer};
use mdb_emulator::handlers::{Call, database};
use mdb_emulator::refusal::Refusal;
use mdb_emulator::universe::{Plan, Universe};
use prost_types::FieldMask;

use crate::driven::Driven;

/// An engine of this model, with what the others lack.
pub trait Contained: Driven + DatabaseEngine + GrantMessages {
    fn protected(_database: &Self::DatabaseSpec) -> bool {
        false
    }

    fn protect(
        _: &Call,
        _: &Universe,
        _cluster: &str,
        _database: &str,
        _protected: bool,
    ) -> Option<Result<Plan, Refusal>> {
        None
    }

    fn restore(_: &Call, _: &Universe, _request: sqlserver::RestoreDatabaseRequest) -> Option<Result<Plan, Refusal>> {
        None
    }

    fn import(
        _: &Call,
        _: &Universe,
        _request: sqlserver::ImportDatabaseBackupRequest,
    ) -> Option<Result<Plan, Refusal>> {
        None
    }

    fn export(
        _: &Call,
        _: &Universe,
        _request: sqlserver::ExportDatabaseBackupRequest,
    ) -> Option<Result<Plan, Refusal>> {
        None
    }
}

impl Contained for Mysql {
    fn protected(database: &mysql::DatabaseSpec) -> bool {
        database.deletion_protection_mode() == mysql::DeletionProtectionMode::Enabled
    }

    fn protect(
        call: &Call,
        of: &Universe,
        cluster: &str,
        name: &str,
        protected: bool,
    ) -> Option<Result<Plan, Refusal>> {
        use mysql::DeletionProtectionMode::{Disabled, Enabled};
        let request = mysql::UpdateDatabaseRequest {
            cluster_id: cluster.into(),
            database_name: name.into(),
            update_mask: Some(FieldMask { paths: vec!["deletion_protection_mode".into()] }),
            deletion_protection_mode: if protected { Enabled } else { Disabled } as i32,
        };
        Some(database::update::<Self>(call, of, request))
    }
}

impl Contained for SqlServer {
    fn restore(
        call: &Call,
        of: &Universe,
        request: sqlserver::RestoreDatabaseRequest,
    ) -> Option<Result<Plan, Refusal>> {
        Some(database::restore::<Self>(call, of, request))
    }

    fn import(
        call: &Call,
        of: &Universe,
        request: sqlserver::ImportDatabaseBackupRequest,
    ) -> Option<Result<Plan, Refusal>> {
        Some(database::import_backup::<Self>(call, of, request))
    }

    fn export(
        call: &Call,
        of: &Universe,
        request: sqlserver::ExportDatabaseBackupRequest,
    ) -> Option<Result<Plan, Refusal>> {
        Some(database::export_backup::<Self>(call, of, request))
    }
}

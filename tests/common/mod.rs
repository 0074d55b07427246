//! What the tests share: a server of their own with clients that wait for replies ([`Cloud`]), every RPC of every engine by one
//! name ([`rpcs`]), valid requests to begin with ([`samples`]), what a refusal says ([`refused`]), a machine's clock that is moved by
//! hand ([`machine`]), one of each kind of resource beside clusters ([`neighbours`]), and moves of a universe's clock that are held on their way ([`held`]).

// Each test uses a part of it.
#![allow(dead_code, unused_imports, unused_macros)]

mod cloud;
mod held;
mod machine;
pub mod neighbours;
mod raw;
mod refused;
mod rpcs;
mod samples;

pub use mdb_emulator::contract::engine::fields::methods::*;
pub use mdb_emulator::contract::engine::{
    DatabaseMessages, GrantMessages, ManagedMessages, Messages, Mysql, ProtectionMessages, Redis, Spqr, SqlServer,
    TransferMessages,
};
pub use mdb_emulator::contract::proto::google::r#type::TimeOfDay;
pub use mdb_emulator::contract::proto::yandex::cloud::mdb::{mysql, redis, spqr, sqlserver};
pub use mdb_emulator::contract::proto::yandex::cloud::operation::{Operation, operation};
pub use mdb_emulator::contract::{METHODS, Method};
pub use prost_types::{FieldMask, Timestamp};
pub use tonic::{Code, Status};

pub use cloud::{Cloud, after, error_of, response};
pub use held::Held;
pub use machine::Machine;
pub use neighbours::Neighbours;
pub use raw::RawCodec;
pub use refused::{Refused, refused};
pub use rpcs::{
    DatabaseRpcs, FailoverRpcs, GrantRpcs, ManagedRpcs, ProtectionRpcs, Rpcs, ShardRpcs, SlotRpcs, SubclusterRpcs,
    TransferRpcs, VersionRpcs,
};
pub use samples::{FOLDER, SECRET, Sample, SampleDatabases, SampleGrants, SampleTransfers, mask};

/// Seconds of a minute, an hour and a day.
pub const MINUTE: i64 = 60;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// Statuses of clusters, the same for every engine.
pub const CREATING: i32 = 1;
pub const RUNNING: i32 = 2;
pub const UPDATING: i32 = 4;
pub const STOPPING: i32 = 5;
pub const STOPPED: i32 = 6;
pub const STARTING: i32 = 7;

/// Makes a test of each generic function, for each of the engines that are named.
macro_rules! for_engines {
    ([$($module:ident $engine:ident),*] $tests:tt) => {
        $(mod $module { for_engines!(@tests $engine $tests); })*
    };
    (@tests $engine:ident { $($test:ident)* }) => {
        $(#[test] fn $test() { super::$test::<$crate::common::$engine>(); })*
    };
}

/// The same, for all engines.
macro_rules! for_every_engine {
    ($($test:ident)*) => {
        for_engines!([of_redis Redis, of_mysql Mysql, of_sqlserver SqlServer, of_spqr Spqr] { $($test)* });
    };
}

/// The same, for the engines that have databases and restore to a point in time.
macro_rules! for_every_engine_with_databases {
    ($($test:ident)*) => {
        for_engines!([of_mysql_databases Mysql, of_sqlserver_databases SqlServer, of_spqr_databases Spqr] { $($test)* });
    };
}

/// The same, for the engines that grant permissions one at a time.
macro_rules! for_every_engine_with_grants {
    ($($test:ident)*) => {
        for_engines!([of_mysql_grants Mysql, of_sqlserver_grants SqlServer] { $($test)* });
    };
}

/// The same, for the engines that delete backups and let their retention be changed.
macro_rules! for_every_managed_engine {
    ($($test:ident)*) => {
        for_engines!([of_redis_managed Redis, of_mysql_managed Mysql, of_spqr_managed Spqr] { $($test)* });
    };
}

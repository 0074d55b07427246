//! The engines: what differs between them stands in one file each, and nothing else knows an engine by name.
//!
//! An engine keeps a cluster as the request that asks for it, [`Messages::CreateClusterRequest`], with defaults filled in and
//! passwords left out. What the API shows is derived from that ([`view`]).

pub mod mysql;
pub mod redis;
pub mod rules;
pub mod spec;
pub mod spqr;
pub mod sqlserver;
pub mod view;

use prost_types::Any;

use crate::contract::engine::fields::methods::*;
pub use crate::contract::engine::{DatabaseMessages, ManagedMessages, Messages, Mysql, Redis, Spqr, SqlServer};
use crate::contract::projection::{CopyInto, Secrets};
use crate::contract::validation::Validate;
use crate::refusal::Refusal;
use crate::universe::operation::Response;
use crate::universe::{Contents, EngineName};

use rules::Rules;

/// What one engine does its own way.
pub trait Engine:
    Messages<
        CreateClusterRequest: CopyInto<Self::Cluster> + CopyInto<Self::UpdateClusterRequest> + Secrets,
        UpdateClusterRequest: CopyInto<Self::CreateClusterRequest> + Secrets + Validate,
        RestoreClusterRequest: CopyInto<Self::CreateClusterRequest>,
        HostSpec: CopyInto<Self::Host>,
        UserSpec: CopyInto<Self::User> + Secrets,
    >
{
    /// Its name in packages and paths.
    const NAME: EngineName;

    /// What people call it; operations' descriptions do.
    const TITLE: &'static str;

    /// The versions that exist, oldest first; none where clusters have no version.
    const VERSIONS: &'static [&'static str];

    /// How long manual backups are kept, in nanoseconds; forever if unset.
    const MANUAL_RETENTION: Option<i64>;

    /// Whether what happened at the very `time` of a Restore is part of what comes back.
    const RESTORES_THE_TIME_ITSELF: bool = true;

    /// Paths of an update whose fields have no default, so that they keep their value if they are not given.
    const KEPT: &'static [&'static str];

    /// Fills in what a request leaves to the service.
    fn complete(request: &mut Self::CreateClusterRequest);

    /// Puts what an older client says in a field of old into the field of today.
    fn modernize(_request: &mut Self::UpdateClusterRequest) {}

    /// Takes the settings along to another version, when a change of the version has left them behind.
    fn upgrade(_before: &Self::CreateClusterRequest, _after: &mut Self::CreateClusterRequest) {}

    /// The databases that a user has permissions on.
    fn granted(_user: &Self::UserSpec) -> Vec<&str> {
        Vec::new()
    }

    /// Takes a user's permissions on a database away.
    fn revoke(_user: &mut Self::UserSpec, _database: &str) {}

    /// Takes over what comes with the data of a restored cluster, and cannot be asked for.
    fn inherit(_request: &mut Self::CreateClusterRequest, _source: &Self::CreateClusterRequest) {}

    /// Fills in what a user's spec leaves to the service.
    fn complete_user(_user: &mut Self::UserSpec) {}

    /// Whether Delete of this user is refused.
    fn is_user_protected(_user: &Self::UserSpec, _request: &Self::CreateClusterRequest) -> bool {
        false
    }

    /// The rules of a cluster that no annotation says.
    fn check(request: &Self::CreateClusterRequest, rules: &mut Rules);

    /// The rules of a change from one request to another.
    ///
    /// # Errors
    ///
    /// FAILED_PRECONDITION or INVALID_ARGUMENT, by the rule that is broken.
    fn check_change(_before: &Self::CreateClusterRequest, _after: &Self::CreateClusterRequest) -> Result<(), Refusal> {
        Ok(())
    }

    /// The hosts to be made, each with its role: zones are there, subnets may be missing.
    fn hosts(request: &Self::CreateClusterRequest) -> Vec<(Self::HostSpec, i32)>;

    /// The contents to begin with.
    fn contents(request: &Self::CreateClusterRequest) -> Contents;

    /// The configuration as the API shows it.
    fn config(request: &Self::CreateClusterRequest) -> Self::ClusterConfig;

    /// The resources of a host.
    fn resources<'a>(request: &'a Self::CreateClusterRequest, _host: &Self::HostSpec) -> Option<&'a Self::Resources> {
        request.config_spec()?.resources()
    }

    /// The services on a host, by their numbers in the engine's enum.
    fn services(request: &Self::CreateClusterRequest, host: &Self::HostSpec) -> Vec<i32>;
}

/// An engine with databases.
pub trait DatabaseEngine: Engine + DatabaseMessages<DatabaseSpec: CopyInto<Self::Database>> {
    /// Fills in what a database's spec leaves to the service.
    fn complete_database(_database: &mut Self::DatabaseSpec) {}

    /// Whether Delete of this database is refused.
    fn is_protected(database: &Self::DatabaseSpec, request: &Self::CreateClusterRequest) -> bool;
}

/// An engine behind a pointer, for what an operation shows whichever engine it is of.
pub trait AnyEngine: Sync {
    /// The engine's name.
    fn name(&self) -> EngineName;

    /// What a finished operation shows.
    fn response(&self, response: &Response) -> Any;
}

/// The engine of a name.
///
/// # Panics
///
/// Never for a name that a universe holds: only engines put it there.
pub fn by_name(name: EngineName) -> &'static dyn AnyEngine {
    const ALL: [&dyn AnyEngine; 4] = [
        &view::Viewed::<Redis>::NEW,
        &view::WithDatabases::<Mysql>::NEW,
        &view::WithDatabases::<SqlServer>::NEW,
        &view::WithDatabases::<Spqr>::NEW,
    ];
    ALL.into_iter().find(|engine| engine.name() == name).expect("a universe holds only engines' resources")
}

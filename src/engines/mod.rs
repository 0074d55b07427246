//! The engines. Each has a folder of its own, which lists how it differs from the others; no other code knows an engine by name.
//!
//! An [`Engine`] is the sum of six small traits: [`Named`], [`Topology`], [`Hardware`], [`Settings`], [`ClusterContents`] and [`Backups`]. What most
//! engines have in common is the default of a trait's method, or stands in [`shared`].
//!
//! A cluster is kept as the request that asks for it, [`Messages::CreateClusterRequest`], with defaults filled in and passwords
//! left out. What the API shows is derived from that request ([`shared::view`]).

pub mod mysql;
pub mod operation;
pub mod redis;
pub mod shared;
pub mod spqr;
pub mod sqlserver;

use crate::contract::engine::fields::methods::*;
pub use crate::contract::engine::{DatabaseMessages, ManagedMessages, Messages, Mysql, Redis, Spqr, SqlServer};
use crate::contract::projection::{CopyInto, Secrets};
use crate::contract::validation::Validate;
use crate::refusal::Refusal;
use crate::universe::{Contents, EngineName};

use shared::defaults;
use shared::disks::{self, Disk};
use shared::hosts;
use shared::presets::Preset;
use shared::rules::Rules;
use shared::versions::{Upgrades, Version};

/// Everything that an engine is. Whatever has the parts is one.
pub trait Engine: Topology + Hardware + Settings + ClusterContents + Backups {}

impl<E: Topology + Hardware + Settings + ClusterContents + Backups> Engine for E {}

/// The names of an engine, and its messages with the copies between them.
pub trait Named:
    Messages<
        CreateClusterRequest: CopyInto<Self::Cluster> + CopyInto<Self::UpdateClusterRequest> + Secrets,
        UpdateClusterRequest: CopyInto<Self::CreateClusterRequest> + Secrets + Validate,
        RestoreClusterRequest: CopyInto<Self::CreateClusterRequest>,
        HostSpec: CopyInto<Self::Host> + CopyInto<Self::UpdateHostSpec>,
        UpdateHostSpec: CopyInto<Self::HostSpec> + Validate,
        UserSpec: CopyInto<Self::User> + CopyInto<Self::UpdateUserRequest> + Secrets,
        UpdateUserRequest: CopyInto<Self::UserSpec> + Secrets + Validate,
    >
{
    /// The engine's name in packages and paths.
    const NAME: EngineName;

    /// The engine's name in the descriptions of operations.
    const TITLE: &'static str;
}

/// The hosts of a cluster, with their roles, resources and services.
pub trait Topology: Named {
    /// The role of a host that takes writes.
    const LEADER: i32;

    /// The role of a host that replicates another.
    const FOLLOWER: i32;

    /// Fills in what the request leaves open about hosts, except zones and subnets.
    fn complete_hosts(_request: &mut Self::CreateClusterRequest) {}

    /// Checks the rules of hosts and their resources that the contract does not annotate.
    fn check_hosts(request: &Self::CreateClusterRequest, rules: &mut Rules);

    /// The hosts of a cluster, each with its role. A host's zone is set; its subnet may be empty.
    fn hosts(request: &Self::CreateClusterRequest) -> Vec<(Self::HostSpec, i32)> {
        hosts::first_leads(request.host_specs(), Self::LEADER, Self::FOLLOWER)
    }

    /// The resources of a host.
    fn resources<'a>(request: &'a Self::CreateClusterRequest, _host: &Self::HostSpec) -> Option<&'a Self::Resources> {
        request.config_spec()?.resources()
    }

    /// The services on a host, as numbers of the engine's enum `Service.Type`.
    fn services(request: &Self::CreateClusterRequest, host: &Self::HostSpec) -> Vec<i32>;
}

/// The classes of hosts, and the disks that they can have.
pub trait Hardware: Named {
    /// The disk types.
    const DISK_TYPES: &'static [&'static str];

    /// The classes that exist, in the order of the documentation.
    fn presets() -> &'static [Preset];

    /// The disks that hosts of a preset can have.
    fn disks(request: &Self::CreateClusterRequest, preset: &Preset) -> Vec<Disk>;

    /// How many hosts there must be together at least. Disks that nothing keeps a copy of need three (documented).
    fn fewest_hosts(_request: &Self::CreateClusterRequest, disk_type: &str) -> usize {
        if [disks::LOCAL_SSD, disks::NONREPLICATED].contains(&disk_type) { 3 } else { 1 }
    }

    /// Whether a host of a preset must be the only one together.
    fn is_alone(_preset: &Preset) -> bool {
        false
    }

    /// How many hosts there are together, which hold the same data, and where that is, if it is not the whole cluster.
    fn together(request: &Self::CreateClusterRequest) -> Vec<(String, usize)> {
        vec![(String::new(), request.host_specs().len())]
    }
}

/// The versions and settings of a cluster.
pub trait Settings: Named {
    /// The versions that exist, oldest first; empty if clusters have no version.
    const VERSIONS: &'static [Version];

    /// Where upgrades lead from each of them.
    const UPGRADES: Upgrades;

    /// The fields that Update leaves as they are when the mask names them and the request does not set them: they have no default.
    const KEPT: &'static [&'static str] = defaults::KEPT;

    /// What a version has in common with others that are of the same age.
    fn release(version: &str) -> &str {
        version
    }

    /// Fills in the settings that the request leaves open, beside those that [`defaults::complete`] fills in for every engine.
    fn complete_settings(request: &mut Self::CreateClusterRequest);

    /// Moves settings from deprecated fields to the fields that replace them.
    fn modernize(_request: &mut Self::UpdateClusterRequest) {}

    /// Converts the settings to those of the new version, after an update that changes only the version.
    fn upgrade(_before: &Self::CreateClusterRequest, _after: &mut Self::CreateClusterRequest) {}

    /// Checks the rules of settings that the contract does not annotate.
    fn check_settings(_request: &Self::CreateClusterRequest, _rules: &mut Rules) {}

    /// Checks whether a cluster can be changed from one request to another.
    ///
    /// # Errors
    ///
    /// FAILED_PRECONDITION or INVALID_ARGUMENT, by the rule that is broken.
    fn check_change(_before: &Self::CreateClusterRequest, _after: &Self::CreateClusterRequest) -> Result<(), Refusal> {
        Ok(())
    }

    /// The configuration as the API shows it.
    fn config(request: &Self::CreateClusterRequest) -> Self::ClusterConfig;
}

/// The users of a cluster and what they may use. Databases are in [`DatabaseEngine`].
pub trait ClusterContents: Named {
    /// The contents of a new cluster.
    fn contents(request: &Self::CreateClusterRequest) -> Contents;

    /// Checks the rules of contents that the contract does not annotate.
    fn check_contents(_request: &Self::CreateClusterRequest, _rules: &mut Rules) {}

    /// Fills in what a user's spec leaves open.
    fn complete_user(_user: &mut Self::UserSpec) {}

    /// Whether Delete of this user is refused.
    fn is_user_protected(_user: &Self::UserSpec, _request: &Self::CreateClusterRequest) -> bool {
        false
    }

    /// The databases that a user has permissions on.
    fn granted(_user: &Self::UserSpec) -> Vec<&str> {
        Vec::new()
    }

    /// Takes a user's permissions on a database away.
    fn revoke(_user: &mut Self::UserSpec, _database: &str) {}
}

/// How backups are kept, and what Restore makes of them.
pub trait Backups: Named {
    /// How long manual backups are kept, in nanoseconds; forever if `None`.
    const MANUAL_RETENTION: Option<i64> = None;

    /// Whether a Restore to a `time` includes what happened at exactly that time.
    const RESTORES_THE_TIME_ITSELF: bool = true;

    /// Checks the rules of keeping backups that the contract does not annotate.
    fn check_retention(_request: &Self::CreateClusterRequest, _rules: &mut Rules) {}

    /// Copies what a restored cluster takes over from its source, beside what [`defaults::inherit`] copies for every engine.
    fn inherit(_request: &mut Self::CreateClusterRequest, _source: &Self::CreateClusterRequest) {}
}

/// An engine whose clusters have databases.
pub trait DatabaseEngine: Engine + DatabaseMessages<DatabaseSpec: CopyInto<Self::Database>> {
    /// Fills in what a database's spec leaves open.
    fn complete_database(_database: &mut Self::DatabaseSpec) {}

    /// Whether Delete of this database is refused.
    fn is_database_protected(_database: &Self::DatabaseSpec, _request: &Self::CreateClusterRequest) -> bool {
        false
    }
}

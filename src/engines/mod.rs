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
pub use crate::contract::engine::{
    DatabaseMessages, FailoverMessages, GrantMessages, ManagedMessages, Messages, Mysql, ProtectionMessages, Redis,
    ShardMessages, SlotMessages, Spqr, SqlServer, SubclusterMessages, TransferMessages,
};
use crate::contract::filter::{self, Operator};
use crate::contract::projection::{CopyInto, Secrets};
use crate::contract::validation::Validate;
use crate::refusal::Refusal;
use crate::universe::{Cluster, ClusterChange, Contents, EngineName, Id, Opaque};

use shared::defaults;
use shared::disks::{self, Disk};
use shared::hosts::Switch;
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

    /// Checks the rules of one host that a call names, by its field in that call.
    fn check_host(_field: &str, _host: &Self::HostSpec, _request: &Self::CreateClusterRequest, _rules: &mut Rules) {}

    /// Checks hosts that AddHosts adds to those that are there.
    fn check_added(_present: &[Self::HostSpec], _added: &[Self::HostSpec], _rules: &mut Rules) {}

    /// The name of the hosts that replicate one another, which is empty where all do: one of them leads, and one of them always stays.
    fn group(host: &Self::HostSpec) -> &str {
        host.shard_name()
    }

    /// What the hosts of a group are called in refusals.
    fn group_title(_host: &Self::HostSpec) -> String {
        "the cluster".to_owned()
    }

    /// Whether the host leads beside others of its group.
    fn leads_beside_others(_host: &Self::HostSpec) -> bool {
        false
    }

    /// How much the host is preferred as the next leader of its group; never by itself if `None`.
    fn standing(_host: &Self::HostSpec) -> Option<i64> {
        Some(0)
    }

    /// The host that this one replicates, if the request binds it to one: then it never leads (documented).
    fn source(host: &Self::HostSpec) -> &str {
        host.replication_source()
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

    /// The operators that a filter of the list of clusters may have (documented).
    const FILTER_OPERATORS: &'static [Operator] = filter::EQUAL;

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
    /// The user that every cluster has, and that is never deleted.
    const DEFAULT_USER: Option<&'static str> = None;

    /// The contents of a new cluster.
    fn contents(request: &Self::CreateClusterRequest) -> Contents;

    /// Checks the rules of contents that the contract does not annotate.
    fn check_contents(_request: &Self::CreateClusterRequest, _rules: &mut Rules) {}

    /// Fills in what a user's spec leaves open.
    fn complete_user(_user: &mut Self::UserSpec) {}

    /// Checks the rules of a user that the contract does not annotate. The cluster has these contents, and the paths of the user's fields
    /// begin with `at`: nothing, or the path of its message and a dot.
    fn check_user(_at: &str, _user: &Self::UserSpec, _contents: &Contents, _rules: &mut Rules) {}

    /// Fills in what is shown of a user beside the fields that its spec has too.
    fn show_user(_cluster: Id, _user: &Self::UserSpec, _shown: &mut Self::User) {}

    /// Whether Delete of this user is refused.
    fn is_user_protected(_user: &Self::UserSpec, _request: &Self::CreateClusterRequest) -> bool {
        false
    }
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

/// An engine whose leaders are replaced on demand.
pub trait FailoverEngine: Engine + FailoverMessages {
    /// Who shall lead, or shall not.
    fn switch(request: &Self::StartClusterFailoverRequest) -> Switch<'_> {
        match request.host_name() {
            "" => Switch::FromAll,
            host => Switch::To(vec![host]),
        }
    }

    /// Checks whether a switch is one that such a cluster takes.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT, by the rule that is broken.
    fn check_switch(_switch: &Switch<'_>, _request: &Self::CreateClusterRequest) -> Result<(), Refusal> {
        Ok(())
    }
}

/// An engine whose clusters have shards.
pub trait ShardEngine: Engine + ShardMessages {
    /// The shard that a request asks for. `request` is what the cluster is kept as.
    ///
    /// # Errors
    ///
    /// FAILED_PRECONDITION or INVALID_ARGUMENT if the cluster takes no such shard.
    fn new_shard(
        asked: &Self::AddClusterShardRequest,
        request: &Self::CreateClusterRequest,
    ) -> Result<NewShard<Self>, Refusal>;

    /// What deleting a shard does to the other contents of its cluster.
    ///
    /// # Errors
    ///
    /// FAILED_PRECONDITION if the shard has to stay.
    fn without_shard(_cluster: &Cluster, _name: &str) -> Result<Vec<ClusterChange>, Refusal> {
        Ok(Vec::new())
    }

    /// The cluster that is shown as the shard's: the one that the shard is in, unless it is a cluster of its own.
    fn cluster_of_shard(cluster: Id, _shard: &Opaque) -> String {
        cluster.to_string()
    }
}

/// A shard to be made.
pub struct NewShard<E: Messages> {
    /// Its name.
    pub name: String,
    /// The hosts that it brings.
    pub hosts: Vec<E::HostSpec>,
    /// What the cluster keeps of it.
    pub spec: Opaque,
}

/// An engine that spreads its keys over the slots of shards.
pub trait SlotEngine: ShardEngine + SlotMessages {
    /// Refuses a cluster that is not sharded.
    ///
    /// # Errors
    ///
    /// FAILED_PRECONDITION if it is not.
    fn is_sharded(cluster: &Cluster) -> Result<(), Refusal>;

    /// What spreads the slots evenly.
    fn rebalanced(cluster: &Cluster) -> Vec<ClusterChange>;

    /// The request that a cluster is kept as once it is sharded.
    ///
    /// # Errors
    ///
    /// FAILED_PRECONDITION if it is sharded already.
    fn sharded(request: &Self::CreateClusterRequest) -> Result<Self::CreateClusterRequest, Refusal>;
}

/// An engine whose hosts are of several types, each with resources of its own.
pub trait SubclusterEngine: Engine + SubclusterMessages {
    /// The request that a cluster is kept as, with the first host of a type.
    ///
    /// # Errors
    ///
    /// FAILED_PRECONDITION if it has hosts of the type already.
    fn with_subcluster(
        request: &Self::CreateClusterRequest,
        host: &Self::HostSpec,
        resources: &Self::Resources,
    ) -> Result<Self::CreateClusterRequest, Refusal>;
}

/// An engine whose clusters have databases.
pub trait DatabaseEngine: Engine + DatabaseMessages<DatabaseSpec: CopyInto<Self::Database>> {
    /// What a user may do with databases.
    fn permissions(user: &Self::UserSpec) -> &[Self::Permission];

    /// The same, to be changed.
    fn permissions_mut(user: &mut Self::UserSpec) -> &mut Vec<Self::Permission>;

    /// Fills in what a database's spec leaves open.
    fn complete_database(_database: &mut Self::DatabaseSpec) {}

    /// Whether Delete of this database is refused.
    fn is_database_protected(_database: &Self::DatabaseSpec, _request: &Self::CreateClusterRequest) -> bool {
        false
    }
}

/// An engine whose databases can be changed. Whatever has the messages for it is one.
pub trait DatabaseUpdates:
    DatabaseEngine
    + DatabaseMessages<DatabaseSpec: CopyInto<Self::UpdateDatabaseRequest>>
    + ProtectionMessages<UpdateDatabaseRequest: CopyInto<Self::DatabaseSpec> + Validate>
{
}

impl<E> DatabaseUpdates for E where
    E: DatabaseEngine
        + DatabaseMessages<DatabaseSpec: CopyInto<Self::UpdateDatabaseRequest>>
        + ProtectionMessages<UpdateDatabaseRequest: CopyInto<Self::DatabaseSpec> + Validate>
{
}

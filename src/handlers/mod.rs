//! One function for each shape of an RPC, found by its name: `ClusterService.Backup` is [`cluster::backup`], for every engine.
//!
//! A handler is given the call, the universe and the request, decoded and valid by the contract's rules. It reads the
//! universe, or changes it and returns the operation that it began; a refusal leaves no trace, since the changed universe is
//! then dropped. It never waits.

pub mod api_endpoint;
pub mod backup;
pub mod clock;
pub mod cloud;
pub mod cluster;
pub mod database;
pub mod folder;
pub mod iam_token;
pub mod network;
pub mod operation;
pub mod security_group;
pub mod subnet;
pub mod universe;
pub mod user;

mod contents;
mod filter;
mod places;
mod stages;
mod warning;

use std::cell::{Cell, RefCell};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use prost_types::Any;

use crate::contract::Method;
use crate::engines::Engine;
use crate::refusal::{self, Refusal};
use crate::universe::operation::{Change, Plan, ResultOf, Stage};
use crate::universe::{Cluster, History, Id, Instant, Page, Status, Universe};
use crate::universes::Universes;

/// What a client is connected by.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    /// Whether that is TLS.
    pub secure: bool,
    /// The server's own address of it.
    pub address: SocketAddr,
}

impl Connection {
    /// Of calls that come from the same program: none that can be dialled.
    pub const INSIDE: Self = Self { secure: false, address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0) };
}

/// What a handler knows of the call, beside the request.
#[derive(Debug)]
pub struct Call<'a> {
    /// The RPC.
    pub method: &'static Method,
    /// The universe's instant.
    pub now: Instant,
    /// Who calls.
    pub subject: &'a str,
    /// The host, with a port or without one, by which the client says that it reached the server; it may say nothing.
    pub authority: &'a str,
    /// What the client is connected by.
    pub connection: Connection,
    /// Seconds to the end of the operation that is the reply, if it is one: 0 if it is due or done.
    pub seconds_left: Cell<Option<i64>>,
    /// What the caller shall be warned of, if the call succeeds.
    pub warning: RefCell<Option<String>>,
}

/// What a handler of the control API knows of the call, beside the request.
#[derive(Debug)]
pub struct Control<'a> {
    /// The RPC.
    pub method: &'static Method,
    /// The universes of the process.
    pub universes: &'a Universes,
    /// The universe that the call chose, if it chose one.
    pub chosen: Option<&'a str>,
}

impl Call<'_> {
    /// An operation of this caller.
    fn plan(&self, description: String, metadata: Any, stages: &'static [Stage]) -> Plan {
        Plan {
            description,
            created_by: self.subject.to_owned(),
            metadata,
            stages,
            status: None,
            changes: Vec::new(),
            result: ResultOf::Cluster,
        }
    }

    /// The page that a request for a list asks for. `selection` is all that selects the list.
    fn page(&self, universe: &Universe, selection: &[&str], size: i64, token: &str) -> Result<Page, Refusal> {
        let list = std::iter::once(self.method.path).chain(selection.iter().copied()).collect::<Vec<_>>().join("\n");
        Page::read(universe.seed(), list, size, token)
    }
}

/// How a plan goes on.
trait PlanExt: Sized {
    fn while_status(self, status: Status) -> Self;
    fn then(self, changes: Vec<Change>) -> Self;
    fn showing(self, result: ResultOf) -> Self;
}

impl PlanExt for Plan {
    fn while_status(self, status: Status) -> Self {
        Self { status: Some(status), ..self }
    }

    fn then(self, changes: Vec<Change>) -> Self {
        Self { changes, ..self }
    }

    fn showing(self, result: ResultOf) -> Self {
        Self { result, ..self }
    }
}

/// The cluster of an id, if it is one of this engine.
fn cluster_of<'a, E: Engine>(universe: &'a Universe, id: &str) -> Result<&'a Cluster, Refusal> {
    let cluster = Id::parse(id).and_then(|id| universe.cluster(id)).filter(|cluster| cluster.engine == E::NAME);
    cluster.map(|cluster| &**cluster).ok_or_else(|| refusal::cluster::not_found(id))
}

/// The history of a cluster of this engine, which outlives the cluster.
fn history_of<'a, E: Engine>(universe: &'a Universe, id: &str) -> Result<&'a History, Refusal> {
    let history = Id::parse(id).and_then(|id| universe.history_of(id)).filter(|history| history.engine == E::NAME);
    history.map(|history| &**history).ok_or_else(|| refusal::cluster::not_found(id))
}

/// The cluster of an id, if nothing is changing it and it is in one of these statuses.
fn idle_cluster_of<E: Engine>(universe: &Universe, id: &str, statuses: &[Status]) -> Result<Cluster, Refusal> {
    let cluster = cluster_of::<E>(universe, id)?;
    universe.idle(cluster.id)?;
    if statuses.contains(&cluster.status) {
        Ok(cluster.clone())
    } else {
        let wanted: Vec<&str> = statuses.iter().map(|status| status.name()).collect();
        Err(refusal::cluster::wrong_status(id, cluster.status.name(), &wanted))
    }
}

/// What the cluster shows while an operation changes it: a cluster that stands still goes on standing still.
fn while_changing(cluster: &Cluster) -> Status {
    if cluster.status == Status::Running { Status::Updating } else { cluster.status }
}

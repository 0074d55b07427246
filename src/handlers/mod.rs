//! One function for each shape of an RPC, found by its name: `ClusterService.Backup` is [`cluster::backup`], for every engine, and
//! `NetworkService.Create` is [`resource::create`], for every kind of plain resource.
//!
//! A handler is given the call, the universe and the request, decoded and valid by the contract's rules. It only reads the
//! universe: it answers, or refuses, or returns the [`Plan`] of what shall be done, which the universe then carries out. So a refusal
//! leaves no trace. A handler never waits.

pub mod access_key;
pub mod address;
pub mod api_endpoint;
pub mod backup;
pub mod clock;
pub mod cloud;
pub mod cluster;
pub mod database;
pub mod folder;
pub mod iam_token;
pub mod key;
pub mod network;
pub mod operation;
pub mod resource;
pub mod resource_preset;
pub mod role;
pub mod security_group;
pub mod service_account;
pub mod subnet;
pub mod symmetric_key;
pub mod universe;
pub mod user;
pub mod versions;

mod access;
mod contents;
mod filter;
mod stages;
mod update;
mod warning;

use std::cell::{Cell, RefCell};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, LazyLock};

use prost_types::Any;

use crate::contract::Method;
use crate::engines::Engine;
use crate::refusal::{self, Refusal};
use crate::universe::plan::{About, Plan, Target};
use crate::universe::{Change, Cluster, ClusterRecord, Id, Instant, Left, Page, Stage, Status, Universe};
use crate::worlds::{Caller, MachineClock, Universes};

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

/// What is around a call: the same request may be answered otherwise under others.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The universe's instant.
    pub now: Instant,
    /// The machine's clock.
    pub machine: &'a MachineClock,
    /// Who calls.
    pub subject: &'a str,
    /// The host, with a port or without one, by which the client says that it reached the server; it may say nothing.
    pub host_header: &'a str,
    /// What the client is connected by.
    pub connection: Connection,
}

/// What a handler knows of the call, beside the request.
pub struct Call<'a> {
    /// The RPC.
    pub method: &'static Method,
    circumstances: Circumstances<'a>,
    /// Whether the handler has looked at them.
    looked_around: Cell<bool>,
    /// Seconds to the end of the operation that is the reply, if it is one: 0 if it is due or done.
    pub seconds_left: Cell<Option<i64>>,
    /// What the caller shall be warned of, if the call succeeds.
    pub warning: RefCell<Option<String>>,
    /// What the same call left under its idempotency key before, if that is not an operation: then it changes nothing, and is answered
    /// as it was.
    pub left: Cell<Option<Left>>,
    /// What takes so long that it is done before the call is answered: then the handler is called again, and finds it done.
    pub work: Cell<Option<Work>>,
}

/// Something that takes long.
pub type Work = Box<dyn FnOnce() + Send>;

/// What a handler of the control API knows of the call, beside the request.
#[derive(Debug)]
pub struct Control<'a> {
    /// The RPC.
    pub method: &'static Method,
    /// The universes of the process.
    pub universes: &'a Universes,
    /// The universe that the call chose, if it chose one.
    pub chosen: Option<&'a str>,
    /// Who waits for the answer.
    pub caller: &'a Caller,
}

/// What a handler returns that changes something without an operation: the changes, and its reply.
pub type Changing<P> = (Arc<[Change]>, P);

impl<'a> Call<'a> {
    /// A call of an RPC, under these circumstances.
    pub fn new(method: &'static Method, circumstances: Circumstances<'a>) -> Self {
        Self {
            method,
            circumstances,
            looked_around: Cell::new(false),
            seconds_left: Cell::new(None),
            warning: RefCell::new(None),
            left: Cell::new(None),
            work: Cell::new(None),
        }
    }

    /// A call that comes from the same program, at an instant of the universe.
    pub fn inside(method: &'static Method, now: Instant, subject: &'a str) -> Self {
        static MACHINE: LazyLock<MachineClock> = LazyLock::new(MachineClock::of_the_machine);
        let connection = Connection::INSIDE;
        Self::new(method, Circumstances { now, machine: &MACHINE, subject, host_header: "", connection })
    }

    /// What is around the call. A reply that is made by looking at it is for this call alone.
    pub fn circumstances(&self) -> &Circumstances<'a> {
        self.looked_around.set(true);
        &self.circumstances
    }

    /// Whether the same request would be answered the same, whoever asks and whenever, for as long as the universe does not change.
    pub fn is_answered_for_all(&self) -> bool {
        !self.looked_around.get()
    }

    /// An operation of this caller on a cluster, which need not exist yet.
    fn plan(&self, cluster: Id, description: String, metadata: Any, stages: &'static [Stage]) -> Plan {
        self.plan_on(Target::Cluster(cluster), description, metadata, stages)
    }

    /// An operation of this caller on anything, which need not exist yet.
    fn plan_on(&self, target: Target, description: String, metadata: Any, stages: &'static [Stage]) -> Plan {
        let about = About {
            method: self.method,
            description: description.into(),
            created_by: self.circumstances().subject.into(),
            metadata,
            stages,
        };
        Plan::new(target, about)
    }

    /// The page that a request for a list asks for. `selection` is all that selects the list.
    fn page(&self, universe: &Universe, selection: &[&str], size: i64, token: &str) -> Result<Page, Refusal> {
        let list = std::iter::once(self.method.path).chain(selection.iter().copied()).collect::<Vec<_>>().join("\n");
        Page::read(universe.seed(), list, size, token)
    }
}

/// The cluster of an id, if it is one of this engine.
fn cluster_of<'a, E: Engine>(universe: &'a Universe, id: &str) -> Result<&'a Cluster, Refusal> {
    let cluster = Id::parse(id).and_then(|id| universe.cluster(id)).filter(|cluster| cluster.engine == E::NAME);
    cluster.map(|cluster| &**cluster).ok_or_else(|| refusal::cluster::not_found(id))
}

/// The record of a cluster of this engine, which outlives the cluster.
fn record_of<'a, E: Engine>(universe: &'a Universe, id: &str) -> Result<&'a ClusterRecord, Refusal> {
    let record = Id::parse(id).and_then(|id| universe.record_of(id)).filter(|record| record.engine == E::NAME);
    record.map(|record| &**record).ok_or_else(|| refusal::cluster::not_found(id))
}

/// The cluster of an id, if nothing is changing it and it is in one of these statuses.
fn idle_cluster_of<E: Engine>(universe: &Universe, id: &str, statuses: &[Status]) -> Result<Cluster, Refusal> {
    let cluster = cluster_of::<E>(universe, id)?;
    universe.idle(Target::Cluster(cluster.id))?;
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

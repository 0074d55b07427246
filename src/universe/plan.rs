//! What a handler decides: a plan, which the universe then carries out. Handlers only read; a plan is refused before anything
//! changes, or carried out whole, so a refusal leaves no trace.

use std::sync::Arc;

use prost_types::Any;

use super::cluster::{NewCluster, Spec, Status, Text};
use super::contents::Item;
use super::resource::{KindName, UniqueKey, Used};
use super::{Change, ClusterChange, EngineName, Id, Instant, Stage};
use crate::contract::Method;

/// What a call comes to that changes a universe.
#[derive(Clone, Debug)]
pub enum Decision {
    /// An operation begins, and is the reply.
    Begin(Plan),
    /// An operation in flight is undone, and is the reply. It may get other metadata.
    Cancel(Id, Option<Any>),
    /// Something changes at once, without an operation.
    Change(Arc<[Change]>),
}

impl From<Plan> for Decision {
    fn from(plan: Plan) -> Self {
        Self::Begin(plan)
    }
}

/// What an operation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A cluster, which need not exist any more.
    Cluster(Id),
    /// A resource of another kind.
    Resource(KindName, Id),
}

impl Target {
    /// The identifier of what the operation is about.
    pub fn id(&self) -> &Id {
        match self {
            Self::Cluster(id) | Self::Resource(_, id) => id,
        }
    }

    /// What the ids of operations on it begin with.
    pub fn operation_prefix(&self) -> &'static [u8; 3] {
        match self {
            Self::Cluster(_) => b"c9q",
            Self::Resource(kind, _) => kind.operation_prefix(),
        }
    }
}

/// What a call has left, which its reply is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// An operation.
    Operation(Id),
    /// A resource that was made at once.
    Resource(Id),
}

/// An operation to be.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it is about.
    pub target: Target,
    /// What it tells of itself.
    pub about: Arc<About>,
    /// What it does.
    pub effects: Arc<Effects>,
}

/// What an operation tells of itself, from the first reply on.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// The RPC that began it.
    pub method: &'static Method,
    /// For people.
    pub description: Text,
    /// Who asked for it.
    pub created_by: Text,
    /// The annotated metadata.
    pub metadata: Any,
    /// Its steps, in order; at least one.
    pub stages: &'static [Stage],
}

/// What an operation does.
#[derive(Clone, Debug, PartialEq)]
pub struct Effects {
    /// What happens when it is accepted.
    pub beginning: Beginning,
    /// Whether it is the only one on its target, as long as it is in flight.
    pub alone: bool,
    /// Its first stage ends no earlier.
    pub not_before: Option<Instant>,
    /// What it takes when it is accepted.
    pub claims: Vec<Claim>,
    /// What finishing does, in order.
    pub changes: Vec<Change>,
    /// What the finished operation shows.
    pub result: ResultOf,
}

/// What happens when an operation is accepted, and is undone if it fails.
#[derive(Clone, Debug, PartialEq)]
pub enum Beginning {
    /// Nothing.
    Nothing,
    /// A cluster comes into being.
    Create(Arc<NewCluster>),
    /// The cluster shows another status meanwhile.
    Show(Status),
    /// These clusters, which run, stand still from now on.
    Halt(Arc<[Id]>),
}

/// What an operation takes when it is accepted.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// A name in a folder, for its cluster. It is refused if another has it, and given back if the operation fails.
    Name(NameKey),
    /// The next numbers of backups of its cluster, and as many places in the universe's order. They are never given again.
    BackupNumbers(u64),
    /// The next numbers of hosts of its cluster. They are never given again.
    HostNumbers(u64),
    /// What only one resource may have, for the resource of an id. It is refused if another has it, and given back if the operation fails.
    Unique(UniqueKey, Id),
    /// What the operation will let something refer to: until it ends, that cannot be deleted. It is refused if it is just being deleted.
    Use(Arc<[Used]>),
    /// What the operation changes beside its target: no other operation may change it meanwhile.
    Also(Target),
}

/// A name of a cluster: unique among an engine's clusters in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NameKey {
    /// The engine.
    pub engine: EngineName,
    /// The folder.
    pub folder: Text,
    /// The name.
    pub name: Text,
}

impl NameKey {
    /// The name that a cluster has by its spec.
    pub fn of(engine: EngineName, spec: &Spec) -> Self {
        Self { engine, folder: spec.folder.clone(), name: spec.name.clone() }
    }
}

/// Which resource a finished operation shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResultOf {
    /// The cluster as the operation left it.
    Cluster,
    /// Something in the cluster.
    Item(Item, String),
    /// The resource as the operation left it.
    Resource,
    /// What the operation has changed about access bindings.
    Deltas,
    /// This message, whatever happens meanwhile.
    Message(Arc<Any>),
    /// Nothing.
    Nothing,
}

impl Plan {
    /// An operation that does nothing yet, and shows its cluster when it is done.
    pub fn new(target: Target, about: About) -> Self {
        let effects = Effects {
            beginning: Beginning::Nothing,
            alone: true,
            not_before: None,
            claims: Vec::new(),
            changes: Vec::new(),
            result: ResultOf::Cluster,
        };
        Self { target, about: about.into(), effects: effects.into() }
    }

    /// The operation makes a cluster, which runs when it is done.
    #[must_use]
    pub fn creating(self, new: NewCluster) -> Self {
        let name = Claim::Name(NameKey::of(new.engine, &new.spec));
        let mut plan = self.claiming(name).then(ClusterChange::Status(Status::Running));
        plan.effects_mut().beginning = Beginning::Create(new.into());
        plan
    }

    /// The cluster shows a status meanwhile.
    #[must_use]
    pub fn while_status(mut self, status: Status) -> Self {
        self.effects_mut().beginning = Beginning::Show(status);
        self
    }

    /// These clusters stand still from the beginning on.
    #[must_use]
    pub fn halting(mut self, clusters: Vec<Id>) -> Self {
        self.effects_mut().beginning = Beginning::Halt(clusters.into());
        self
    }

    /// Others may be in flight on the same target meanwhile.
    #[must_use]
    pub fn beside_others(mut self) -> Self {
        self.effects_mut().alone = false;
        self
    }

    /// The first stage ends no earlier than at an instant.
    #[must_use]
    pub fn not_before(mut self, instant: Instant) -> Self {
        self.effects_mut().not_before = Some(instant);
        self
    }

    /// The operation takes something when it is accepted.
    #[must_use]
    pub fn claiming(mut self, claim: Claim) -> Self {
        self.effects_mut().claims.push(claim);
        self
    }

    /// Finishing does this too.
    #[must_use]
    pub fn then(mut self, change: impl Into<Change>) -> Self {
        self.effects_mut().changes.push(change.into());
        self
    }

    /// The finished operation shows this.
    #[must_use]
    pub fn showing(mut self, result: ResultOf) -> Self {
        self.effects_mut().result = result;
        self
    }

    /// Nobody else has the effects of a plan that is being made.
    fn effects_mut(&mut self) -> &mut Effects {
        Arc::make_mut(&mut self.effects)
    }
}

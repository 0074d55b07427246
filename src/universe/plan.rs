//! What a handler decides: a plan, which the universe then carries out. Handlers only read; a plan is refused before anything
//! changes, or carried out whole, so a refusal leaves no trace.

use std::sync::Arc;

use prost_types::Any;

use super::cluster::{NewCluster, Spec, Status, Text};
use super::contents::Item;
use super::{Change, ClusterChange, EngineName, Id, Stage};
use crate::contract::Method;

/// What a call comes to that changes a universe.
#[derive(Clone, Debug)]
pub enum Decision {
    /// An operation begins, and is the reply.
    Begin(Plan),
    /// An operation in flight is undone, and is the reply.
    Cancel(Id),
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
    Resource(Kind, Id),
}

impl Target {
    /// The identifier of what the operation is about.
    pub fn id(&self) -> &Id {
        match self {
            Self::Cluster(id) | Self::Resource(_, id) => id,
        }
    }
}

/// The kinds of resources beside clusters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A network.
    Network,
    /// A subnet of a network.
    Subnet,
    /// A security group of a network.
    SecurityGroup,
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
    /// Nothing.
    Nothing,
}

impl Plan {
    /// An operation that does nothing yet, and shows its cluster when it is done.
    pub fn new(target: Target, about: About) -> Self {
        let effects = Effects {
            beginning: Beginning::Nothing,
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

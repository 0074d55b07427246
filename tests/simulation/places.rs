//! Networks and what is in them, compared with a simple model: who may have which name, what can be deleted, and what operations in
//! flight hold.

use std::collections::BTreeSet;

use mdb_emulator::contract::kinds::{Network, SecurityGroup, Subnet};
use mdb_emulator::contract::proto::yandex::cloud::mdb::redis::v1 as redis;
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::*;
use mdb_emulator::contract::{METHODS, Method};
use mdb_emulator::engines::Redis;
use mdb_emulator::handlers::{Call, cluster, resource};
use mdb_emulator::refusal::Refusal;
use mdb_emulator::universe::instant::SECOND;
use mdb_emulator::universe::network::{self, name_in};
use mdb_emulator::universe::{Clock, EngineName, Id, KindName, OperationTime, Plan, Seed, Target, Universe};
use proptest::prelude::*;
use tonic::Code;

use crate::messages::create_request;
use crate::request::Settings;
use crate::world::BEGINNING;

/// Few, so that names collide.
const FOLDERS: [&str; 2] = ["folder-a", "folder-b"];
const NAMES: [&str; 3] = ["", "cat", "dog"];
/// Some of them overlap.
const BLOCKS: [&str; 4] = ["10.1.0.0/16", "10.1.7.0/24", "10.2.0.0/24", "10.2.0.0/23"];
const OVERLAPS: [(usize, usize); 2] = [(0, 1), (2, 3)];

/// One call, or one move of the clock. Things are named by small numbers.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Network { folder: usize, name: usize },
    Subnet { network: usize, block: usize },
    Group { network: usize },
    Cluster { network: usize, group: usize },
    Rename { network: usize, name: usize },
    Move { network: usize, folder: usize },
    Delete { kind: Kind, thing: usize },
    Cancel { operation: usize },
    Advance { seconds: i64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Network,
    Subnet,
    Group,
    Cluster,
}

pub fn steps(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Step>> {
    let network = || 0..4_usize;
    let folder = || 0..FOLDERS.len();
    let name = || 0..NAMES.len();
    let kind = prop::sample::select(vec![Kind::Network, Kind::Subnet, Kind::Group, Kind::Cluster]);
    let step = prop_oneof![
        4 => (folder(), name()).prop_map(|(folder, name)| Step::Network { folder, name }),
        5 => (network(), 0..BLOCKS.len()).prop_map(|(network, block)| Step::Subnet { network, block }),
        2 => network().prop_map(|network| Step::Group { network }),
        4 => (network(), 0..3_usize).prop_map(|(network, group)| Step::Cluster { network, group }),
        3 => (network(), name()).prop_map(|(network, name)| Step::Rename { network, name }),
        2 => (network(), folder()).prop_map(|(network, folder)| Step::Move { network, folder }),
        7 => (kind, 0..4_usize).prop_map(|(kind, thing)| Step::Delete { kind, thing }),
        2 => (0..4_usize).prop_map(|operation| Step::Cancel { operation }),
        5 => (1..30_i64).prop_map(|seconds| Step::Advance { seconds }),
    ];
    prop::collection::vec(step, count)
}

/// Something that the model knows of.
#[derive(Clone, Debug)]
struct Thing {
    kind: Kind,
    id: String,
    folder: usize,
    name: String,
    /// The ids of what it refers to: its network, and of a cluster its subnet and group.
    uses: Vec<String>,
    block: Option<usize>,
}

/// Names of networks, each in a folder.
type Names = Vec<(usize, String)>;

/// An operation in flight.
#[derive(Clone, Debug)]
struct Flight {
    id: Id,
    due: i64,
    /// The ids of what no other operation may change meanwhile.
    holds: Vec<String>,
    /// What its network and names are, if it is to make something.
    makes: Option<Thing>,
    /// The id of what it is to delete.
    deletes: Option<String>,
    /// Things that get another name or folder.
    changes: Vec<(String, Option<String>, Option<usize>)>,
    /// The names that it has taken, which it gives back if it fails, and those that it gives back when it is done.
    names: (Names, Names),
}

/// The rules, said once more.
pub struct Model {
    universe: Universe,
    length: i64,
    things: Vec<Thing>,
    flights: Vec<Flight>,
    /// Names of networks that are taken, by folder.
    names: BTreeSet<(usize, String)>,
    clusters: usize,
}

impl Model {
    pub fn new(length: i64) -> Self {
        let time = if length == 0 { OperationTime::None } else { OperationTime::Fixed(length * SECOND) };
        let universe = Universe::new(Seed(1), Clock::Frozen, BEGINNING, time);
        let (things, flights, names) = Default::default();
        Self { universe, length, things, flights, names, clusters: 0 }
    }

    fn now(&self) -> i64 {
        self.universe.now().since(BEGINNING) / SECOND
    }

    fn nth(&self, kind: Kind, number: usize) -> Option<&Thing> {
        let of_kind: Vec<&Thing> = self.things.iter().filter(|thing| thing.kind == kind).collect();
        (!of_kind.is_empty()).then(|| of_kind[number % of_kind.len()])
    }

    fn is_leaving(&self, id: &str) -> bool {
        self.flights.iter().any(|flight| flight.deletes.as_deref() == Some(id))
    }

    fn is_held(&self, id: &str) -> bool {
        self.flights.iter().any(|flight| flight.holds.iter().any(|held| held == id))
    }

    fn coming(&self) -> impl Iterator<Item = &Thing> {
        self.flights.iter().filter_map(|flight| flight.makes.as_ref())
    }

    /// Whether something that is there, or is on its way, refers to a thing.
    fn is_used(&self, id: &str) -> bool {
        self.things.iter().chain(self.coming()).any(|thing| thing.uses.iter().any(|used| used == id))
    }

    /// Takes a step with the universe and with the model, and compares what comes of it.
    pub fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        let before = self.universe.clone();
        let expected = self.expected(step);
        let Some((expected, plan)) = expected else { return self.other(step) };
        let accepted = plan.and_then(|plan| self.universe.accept(&plan));
        match (expected, accepted) {
            (Ok(mut flight), Ok(id)) => {
                let now = self.universe.now();
                self.universe.settle(now);
                self.clusters += 1;
                self.names.extend(flight.names.0.iter().cloned());
                flight.id = id;
                flight.due = self.now() + self.length;
                if let Some(thing) = flight.makes.take_if(|thing| thing.kind == Kind::Cluster) {
                    // A cluster is there from the beginning.
                    self.things.push(thing);
                }
                self.flights.push(flight);
                self.settle();
            }
            (Err(code), Err(refusal)) => {
                prop_assert_eq!(refusal.code, code, "{:?}: {}", step, refusal.message);
                prop_assert!(self.universe == before, "{:?} was refused, and left a trace", step);
            }
            (expected, accepted) => prop_assert!(false, "{step:?}: {expected:?}, but {accepted:?}"),
        }
        self.compare()
    }

    /// What shall come of a call, and the plan that the handler makes; nothing if there is nothing to call about.
    #[allow(clippy::type_complexity)]
    fn expected(&self, step: Step) -> Option<(Result<Flight, Code>, Result<Plan, Refusal>)> {
        Some(match step {
            Step::Network { folder, name } => self.network(folder, NAMES[name]),
            Step::Subnet { network, block } => self.subnet(self.nth(Kind::Network, network)?, block),
            Step::Group { network } => self.group(self.nth(Kind::Network, network)?),
            Step::Cluster { network, group } => {
                self.cluster(self.nth(Kind::Network, network)?, self.nth(Kind::Group, group).filter(|_| group > 0))
            }
            Step::Rename { network, name } => self.rename(self.nth(Kind::Network, network)?, NAMES[name]),
            Step::Move { network, folder } => self.move_to(self.nth(Kind::Network, network)?, folder),
            Step::Delete { kind, thing } => self.delete(self.nth(kind, thing)?),
            Step::Cancel { .. } | Step::Advance { .. } => return None,
        })
    }

    fn network(&self, folder: usize, name: &str) -> (Result<Flight, Code>, Result<Plan, Refusal>) {
        let request =
            CreateNetworkRequest { folder_id: FOLDERS[folder].into(), name: name.into(), ..Default::default() };
        let plan = resource::create::<Network>(&self.call("vpc.v1.NetworkService/Create"), &self.universe, request);
        let expected = self.free(folder, name).map(|names| {
            let thing = thing(Kind::Network, &plan, folder, name);
            Flight { names: (names, Vec::new()), ..making(thing) }
        });
        (expected, plan)
    }

    fn subnet(&self, network: &Thing, block: usize) -> (Result<Flight, Code>, Result<Plan, Refusal>) {
        let request = CreateSubnetRequest {
            folder_id: FOLDERS[network.folder].into(),
            network_id: network.id.clone(),
            zone_id: "ru-central1-a".into(),
            v4_cidr_blocks: vec![BLOCKS[block].into()],
            ..Default::default()
        };
        let plan = resource::create::<Subnet>(&self.call("vpc.v1.SubnetService/Create"), &self.universe, request);
        let overlaps =
            |other: usize| other == block || OVERLAPS.contains(&(other, block)) || OVERLAPS.contains(&(block, other));
        let mut here = self.things.iter().chain(self.coming()).filter(|thing| thing.uses.first() == Some(&network.id));
        let expected = if here.any(|thing| thing.block.is_some_and(overlaps)) {
            Err(Code::InvalidArgument)
        } else if self.is_leaving(&network.id) {
            Err(Code::FailedPrecondition)
        } else {
            let made = thing(Kind::Subnet, &plan, network.folder, "");
            Ok(making(Thing { uses: vec![network.id.clone()], block: Some(block), ..made }))
        };
        (expected, plan)
    }

    fn group(&self, network: &Thing) -> (Result<Flight, Code>, Result<Plan, Refusal>) {
        let request = CreateSecurityGroupRequest {
            folder_id: FOLDERS[network.folder].into(),
            network_id: network.id.clone(),
            ..Default::default()
        };
        let call = self.call("vpc.v1.SecurityGroupService/Create");
        let plan = resource::create::<SecurityGroup>(&call, &self.universe, request);
        let expected = if self.is_leaving(&network.id) {
            Err(Code::FailedPrecondition)
        } else {
            let made = thing(Kind::Group, &plan, network.folder, "");
            Ok(making(Thing { uses: vec![network.id.clone()], ..made }))
        };
        (expected, plan)
    }

    fn cluster(&self, network: &Thing, group: Option<&Thing>) -> (Result<Flight, Code>, Result<Plan, Refusal>) {
        let settings =
            Settings { folder: FOLDERS[0].into(), name: format!("cluster-{}", self.clusters), ..Settings::default() };
        let mut request = create_request::<Redis>(&settings);
        request.network_id.clone_from(&network.id);
        request.security_group_ids = group.iter().map(|group| group.id.clone()).collect();
        request.host_specs.truncate(1);
        request.host_specs[0].zone_id = "ru-central1-a".into();
        let call = self.call("mdb.redis.v1.ClusterService/Create");
        let plan = cluster::create::<Redis>(&call, &self.universe, request);
        let of_network = |thing: &&Thing| thing.kind == Kind::Subnet && thing.uses[0] == network.id;
        let expected = match self.things.iter().find(of_network) {
            None => Err(Code::InvalidArgument),
            Some(subnet) => {
                let uses: Vec<String> =
                    [Some(network), Some(subnet), group].into_iter().flatten().map(|thing| thing.id.clone()).collect();
                if uses.iter().any(|id| self.is_leaving(id)) {
                    Err(Code::FailedPrecondition)
                } else {
                    Ok(making(Thing { uses, ..thing(Kind::Cluster, &plan, 0, "") }))
                }
            }
        };
        (expected, plan)
    }

    fn rename(&self, network: &Thing, name: &str) -> (Result<Flight, Code>, Result<Plan, Refusal>) {
        let request = UpdateNetworkRequest { network_id: network.id.clone(), name: name.into(), ..Default::default() };
        let plan = resource::update::<Network>(&self.call("vpc.v1.NetworkService/Update"), &self.universe, request);
        let expected = if self.is_held(&network.id) {
            Err(Code::FailedPrecondition)
        } else if name == network.name {
            Ok(changing(network, None, None, Default::default()))
        } else {
            let given_back = vec![(network.folder, network.name.clone())];
            self.free(network.folder, name)
                .map(|names| changing(network, Some(name.to_owned()), None, (names, given_back)))
        };
        (expected, plan)
    }

    fn move_to(&self, network: &Thing, folder: usize) -> (Result<Flight, Code>, Result<Plan, Refusal>) {
        let request =
            MoveNetworkRequest { network_id: network.id.clone(), destination_folder_id: FOLDERS[folder].into() };
        let plan = resource::r#move::<Network>(&self.call("vpc.v1.NetworkService/Move"), &self.universe, request);
        let along = |thing: &&Thing| thing.kind == Kind::Subnet && thing.uses[0] == network.id;
        let along: Vec<&Thing> = self.things.iter().filter(along).collect();
        let expected = if folder == network.folder {
            Err(Code::InvalidArgument)
        } else if self.coming().any(|thing| thing.uses.first() == Some(&network.id)) || self.is_held(&network.id) {
            Err(Code::FailedPrecondition)
        } else {
            let free = self.free(folder, &network.name);
            free.and_then(|names| {
                if along.iter().any(|subnet| self.is_held(&subnet.id)) {
                    return Err(Code::FailedPrecondition);
                }
                let given_back = vec![(network.folder, network.name.clone())];
                let mut flight = changing(network, None, Some(folder), (names, given_back));
                for subnet in &along {
                    flight.holds.push(subnet.id.clone());
                    flight.changes.push((subnet.id.clone(), None, Some(folder)));
                }
                Ok(flight)
            })
        };
        (expected, plan)
    }

    fn delete(&self, thing: &Thing) -> (Result<Flight, Code>, Result<Plan, Refusal>) {
        let id = thing.id.clone();
        let plan = match thing.kind {
            Kind::Network => {
                let call = self.call("vpc.v1.NetworkService/Delete");
                resource::delete::<Network>(&call, &self.universe, DeleteNetworkRequest { network_id: id })
            }
            Kind::Subnet => {
                let call = self.call("vpc.v1.SubnetService/Delete");
                resource::delete::<Subnet>(&call, &self.universe, DeleteSubnetRequest { subnet_id: id })
            }
            Kind::Group => {
                let call = self.call("vpc.v1.SecurityGroupService/Delete");
                let request = DeleteSecurityGroupRequest { security_group_id: id };
                resource::delete::<SecurityGroup>(&call, &self.universe, request)
            }
            Kind::Cluster => {
                let call = self.call("mdb.redis.v1.ClusterService/Delete");
                let request = redis::DeleteClusterRequest { cluster_id: id };
                cluster::delete::<Redis>(&call, &self.universe, request)
            }
        };
        let expected = if self.is_held(&thing.id) || self.is_used(&thing.id) {
            Err(Code::FailedPrecondition)
        } else {
            let given_back = vec![(thing.folder, thing.name.clone())];
            let flight = changing(thing, None, None, (Vec::new(), given_back));
            Ok(Flight { deletes: Some(thing.id.clone()), ..flight })
        };
        (expected, plan)
    }

    /// The name as one that is taken; refused if it is already.
    fn free(&self, folder: usize, name: &str) -> Result<Vec<(usize, String)>, Code> {
        match name {
            "" => Ok(Vec::new()),
            name if self.names.contains(&(folder, name.to_owned())) => Err(Code::AlreadyExists),
            name => Ok(vec![(folder, name.to_owned())]),
        }
    }

    fn call(&self, rpc: &str) -> Call<'static> {
        let path = format!("/yandex.cloud.{rpc}");
        let method: &'static Method =
            METHODS.iter().find(|method| method.path == path).expect("a path of the contract");
        Call::inside(method, self.universe.now(), "somebody")
    }

    /// Takes a step that is no call for a plan.
    fn other(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Cancel { operation } if !self.flights.is_empty() => {
                let flight = self.flights.remove(operation % self.flights.len());
                self.universe.cancel(flight.id);
                flight.names.0.iter().for_each(|name| _ = self.names.remove(name));
                // A cluster that was being made is gone.
                let made = self.universe.operation(flight.id).map(|operation| operation.target);
                if flight.makes.is_none() && flight.deletes.is_none() && flight.changes.is_empty() {
                    let Some(Target::Cluster(id)) = made else { return Ok(()) };
                    self.things.retain(|thing| thing.id != id.as_str());
                }
            }
            Step::Advance { seconds } => {
                self.universe.advance(seconds * SECOND);
                self.settle();
            }
            _ => {}
        }
        self.compare()
    }

    /// Lets operations end that are due.
    fn settle(&mut self) {
        let now = self.now();
        let (due, flights) = std::mem::take(&mut self.flights).into_iter().partition(|flight| flight.due <= now);
        self.flights = flights;
        for flight in due {
            let flight: Flight = flight;
            flight.names.1.iter().for_each(|name| _ = self.names.remove(name));
            self.things.extend(flight.makes);
            self.things.retain(|thing| Some(&thing.id) != flight.deletes.as_ref());
            for (id, name, folder) in flight.changes {
                let Some(thing) = self.things.iter_mut().find(|thing| thing.id == id) else { continue };
                thing.name = name.unwrap_or(std::mem::take(&mut thing.name));
                thing.folder = folder.unwrap_or(thing.folder);
            }
        }
    }

    /// Compares what is in each folder.
    fn compare(&self) -> Result<(), TestCaseError> {
        for (number, folder) in FOLDERS.iter().enumerate() {
            for (kind, name) in [
                (Kind::Network, KindName::Network),
                (Kind::Subnet, KindName::Subnet),
                (Kind::Group, KindName::SecurityGroup),
            ] {
                let expected = self.things.iter().filter(|thing| thing.kind == kind && thing.folder == number);
                let expected: BTreeSet<&str> = expected.map(|thing| thing.id.as_str()).collect();
                let own = network::network_id(self.universe.seed(), folder);
                let is_ours = |id: &str| self.things.iter().any(|thing| thing.id == id) || !id.starts_with("enp");
                let listed = self.universe.resources_of(name, folder, 0).map(|(_, resource)| resource.id.to_string());
                let listed: BTreeSet<String> = listed
                    .filter(|id| {
                        let furnished = *id == own.as_str() || self.is_furnished(id, own);
                        !furnished && (kind != Kind::Group || is_ours(id))
                    })
                    .collect();
                prop_assert_eq!(&listed.iter().map(String::as_str).collect::<BTreeSet<_>>(), &expected, "{:?}", kind);
            }
            for thing in self.things.iter().filter(|thing| thing.kind == Kind::Network && thing.folder == number) {
                let found = self.universe.resource_with(&name_in(KindName::Network, folder, &thing.name));
                let is_found = thing.name.is_empty() || found.is_some_and(|found| found.id.as_str() == thing.id);
                prop_assert!(is_found, "{} is not found by its name", thing.id);
            }
        }
        let clusters = self.universe.clusters_in(EngineName("redis"), FOLDERS[0], 0).count();
        prop_assert_eq!(clusters, self.things.iter().filter(|thing| thing.kind == Kind::Cluster).count());
        Ok(())
    }

    /// Whether something is of the network that a folder has from the beginning, or a default group.
    fn is_furnished(&self, id: &str, own: Id) -> bool {
        let id = Id::parse(id).expect("an id");
        let used = network::in_network(own);
        [KindName::Subnet, KindName::SecurityGroup]
            .iter()
            .any(|kind| self.universe.resources_using(used, *kind, 0).any(|(_, resource)| resource.id == id))
    }
}

/// What a plan makes.
fn thing(kind: Kind, plan: &Result<Plan, Refusal>, folder: usize, name: &str) -> Thing {
    let id = plan.as_ref().map(|plan| plan.target.id().to_string()).unwrap_or_default();
    Thing { kind, id, folder, name: name.into(), uses: Vec::new(), block: None }
}

fn making(thing: Thing) -> Flight {
    let holds = vec![thing.id.clone()];
    Flight {
        id: Id::parse("enp00000000000000000").expect("an id"),
        due: 0,
        holds,
        makes: Some(thing),
        deletes: None,
        changes: Vec::new(),
        names: Default::default(),
    }
}

fn changing(thing: &Thing, name: Option<String>, folder: Option<usize>, names: (Names, Names)) -> Flight {
    let change = (thing.id.clone(), name, folder);
    Flight { makes: None, changes: vec![change], names, ..making(thing.clone()) }
}

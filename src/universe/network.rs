//! Zones, and what a folder has that was only named: a network with a subnet in each zone and a security group, as resources like any
//! others.

use std::sync::Arc;

use prost_types::Timestamp;

use super::cluster::Text;
use super::resource::{KindName, Resource, UniqueKey, Used, What};
use super::{Id, Instant, Opaque, Seed};
use crate::contract::proto::yandex::cloud::resourcemanager::v1::{Cloud, Folder, folder};
use crate::contract::proto::yandex::cloud::vpc::v1::security_group_rule::{Direction, Target};
use crate::contract::proto::yandex::cloud::vpc::v1::{
    CidrBlocks, DhcpOptions, Network, SecurityGroup, SecurityGroupRule, Subnet, security_group,
};

/// The cloud that is there from the beginning, which holds every folder that was only named (our choice).
pub const CLOUD: &str = "b1gcloud000000000000";
/// The folder that is there from the beginning.
pub const DEFAULT_FOLDER: &str = "b1gdefault0000000000";
/// The name of the network that clusters get whose requests name none.
pub const DEFAULT_NETWORK: &str = "default";

/// A zone of the service.
#[derive(Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its id.
    pub id: &'static str,
    /// What the names of its hosts begin with.
    pub code: &'static str,
    /// What the ids of its subnets and addresses begin with (observed).
    pub prefix: &'static [u8; 3],
    /// The addresses of its subnet in the network of a folder that was only named.
    pub v4_cidr_block: &'static str,
}

/// Where hosts can be. Old samples have `ru-central1-c`.
pub const ZONES: [Zone; 5] = [
    Zone { id: "ru-central1-a", code: "rc1a", prefix: b"e9b", v4_cidr_block: "10.128.0.0/24" },
    Zone { id: "ru-central1-b", code: "rc1b", prefix: b"e2l", v4_cidr_block: "10.129.0.0/24" },
    Zone { id: "ru-central1-c", code: "rc1c", prefix: b"b0c", v4_cidr_block: "10.130.0.0/24" },
    Zone { id: "ru-central1-d", code: "rc1d", prefix: b"fl8", v4_cidr_block: "10.131.0.0/24" },
    Zone { id: "kz1-a", code: "kz1a", prefix: b"e9b", v4_cidr_block: "10.132.0.0/24" },
];

impl Zone {
    /// The region that it is in: the first part of its id.
    pub fn region(&self) -> &'static str {
        self.id.rsplit_once('-').map_or(self.id, |(region, _)| region)
    }
}

/// The zone of an id.
pub fn zone(id: &str) -> Option<&'static Zone> {
    ZONES.iter().find(|zone| zone.id == id)
}

/// The id of the network of a folder that is only named.
pub fn network_id(seed: Seed, folder: &str) -> Id {
    seed.id(b"enp", "network", &[folder], 0)
}

/// The id of the subnet in a zone of a network that nobody made.
pub fn subnet_id(seed: Seed, network: &str, zone: &Zone) -> Id {
    seed.id(zone.prefix, "subnet", &[network, zone.id], 0)
}

/// The id of a network's default security group.
pub fn security_group_id(seed: Seed, network: &str) -> Id {
    seed.id(b"enp", "security group", &[network], 0)
}

/// The cloud that is there from the beginning.
pub(super) fn cloud(seed: Seed, now: Instant) -> Resource {
    let organization_id = seed.id(b"bpf", "organization", &[], 0).to_string();
    let name = "default".to_owned();
    let cloud = Cloud { id: CLOUD.into(), created_at: Some(now.into()), name, organization_id, ..Cloud::default() };
    resource(KindName::Cloud, CLOUD, "", vec![], &[], Opaque::new(cloud))
}

/// A folder that is named, with its network, subnets and security group.
pub(super) fn furnished(seed: Seed, id: &str, name: &str, now: Instant) -> Vec<Arc<Resource>> {
    let created_at = Some(Timestamp::from(now));
    let network = network_id(seed, id);
    let group = security_group_id(seed, network.as_str());
    let mut resources = vec![
        folder(id, name, now),
        resource(
            KindName::Network,
            network.as_str(),
            id,
            vec![name_in(KindName::Network, id, DEFAULT_NETWORK)],
            &[],
            Opaque::new(Network {
                id: network.to_string(),
                folder_id: id.into(),
                created_at,
                name: DEFAULT_NETWORK.into(),
                default_security_group_id: group.to_string(),
                ..Network::default()
            }),
        ),
        default_security_group(seed, id, network, now),
    ];
    resources.extend(ZONES.iter().map(|zone| {
        let subnet = Subnet {
            id: subnet_id(seed, network.as_str(), zone).to_string(),
            folder_id: id.into(),
            created_at,
            name: format!("default-{}", zone.id),
            network_id: network.to_string(),
            zone_id: zone.id.into(),
            v4_cidr_blocks: vec![zone.v4_cidr_block.into()],
            dhcp_options: Some(DhcpOptions::default()),
            ..Subnet::default()
        };
        let unique = vec![name_in(KindName::Subnet, id, &subnet.name)];
        let subnet_id = subnet.id.clone();
        resource(KindName::Subnet, &subnet_id, id, unique, &[in_network(network)], Opaque::new(subnet))
    }));
    resources.into_iter().map(Arc::new).collect()
}

/// A folder that is named. The emulator names it by its id.
fn folder(id: &str, name: &str, now: Instant) -> Resource {
    let folder = Folder {
        id: id.into(),
        cloud_id: CLOUD.into(),
        created_at: Some(now.into()),
        name: name.into(),
        status: folder::Status::Active as i32,
        ..Folder::default()
    };
    resource(KindName::Folder, id, CLOUD, vec![name_in(KindName::Folder, CLOUD, name)], &[], Opaque::new(folder))
}

/// The folder of an id as it would be if it were named now.
pub fn unnamed_folder(id: &str, now: Instant) -> Resource {
    folder(id, id, now)
}

/// The security group that a network has from the beginning: everything may pass (documented).
pub fn default_security_group(seed: Seed, folder: &str, network: Id, now: Instant) -> Resource {
    let id = security_group_id(seed, network.as_str());
    let rule = |number: u64, direction: Direction| SecurityGroupRule {
        id: seed.id(b"enp", "rule", &[id.as_str()], number).to_string(),
        direction: direction as i32,
        protocol_name: "ANY".into(),
        protocol_number: -1,
        target: Some(Target::CidrBlocks(CidrBlocks {
            v4_cidr_blocks: vec!["0.0.0.0/0".into()],
            v6_cidr_blocks: Vec::new(),
        })),
        ..SecurityGroupRule::default()
    };
    let group = SecurityGroup {
        id: id.to_string(),
        folder_id: folder.into(),
        created_at: Some(now.into()),
        name: format!("default-sg-{network}"),
        description: "Default security group for network".into(),
        network_id: network.to_string(),
        status: security_group::Status::Active as i32,
        rules: vec![rule(0, Direction::Ingress), rule(1, Direction::Egress)],
        default_for_network: true,
        ..SecurityGroup::default()
    };
    let unique = vec![name_in(KindName::SecurityGroup, folder, &group.name)];
    resource(KindName::SecurityGroup, id.as_str(), folder, unique, &[in_network(network)], Opaque::new(group))
}

/// The key of a name that is unique in a folder or cloud.
pub fn name_in(kind: KindName, scope: &str, name: &str) -> UniqueKey {
    UniqueKey { kind, what: What::Name, scope: scope.into(), text: name.into() }
}

/// A reference to a network.
pub fn in_network(id: Id) -> Used {
    Used { kind: KindName::Network, id }
}

fn resource(
    kind: KindName,
    id: &str,
    parent: &str,
    unique: Vec<UniqueKey>,
    uses: &[Used],
    message: Opaque,
) -> Resource {
    let id = kind.id(id).expect("the ids of what is made here are such as the service makes");
    Resource { kind, id, parent: Text::from(parent), unique: unique.into(), uses: uses.into(), message }
}

//! Folders, networks, subnets and security groups as the API shows them, and lists of them.

use std::sync::Arc;

use crate::contract::proto::yandex::cloud::resourcemanager::v1::{self as resource_manager, folder};
use crate::contract::proto::yandex::cloud::vpc::v1::{
    CidrBlocks, Network, SecurityGroup, SecurityGroupRule, Subnet, security_group, security_group_rule,
};
use crate::refusal::{self, Refusal};
use crate::universe::network::{self, CLOUD, Folder};
use crate::universe::{Change, FolderChange, Id, Universe};

use super::{Call, filter};

/// The longest id of a folder (documented).
const LONGEST_ID: usize = 50;

/// The folder that a request names, as it is or as it would be if it came into being now. Naming alone does not keep it: there is no
/// end of ids.
pub fn named(call: &Call, universe: &Universe, id: &str) -> Result<Arc<Folder>, Refusal> {
    let rule = match id.chars().count() {
        0 => "is required".to_owned(),
        1..=LONGEST_ID => return Ok(universe.named_folder(id, call.circumstances().now)),
        _ => format!("must have at most {LONGEST_ID} characters"),
    };
    Err(refusal::request::field("folder_id", rule))
}

/// A reply that shows something of a folder, which comes into being by that: what is shown must be found again.
pub fn naming<P>(folder: Arc<Folder>, reply: P) -> (Arc<[Change]>, P) {
    (Arc::new([FolderChange::Add(folder).into()]), reply)
}

/// The folder that a network is of.
pub fn folder_of_network<'a>(universe: &'a Universe, id: &str) -> Result<&'a Folder, Refusal> {
    let folder = Id::parse(id).and_then(|id| universe.folder_of(id)).filter(|folder| folder.network.as_str() == id);
    folder.map(|folder| &**folder).ok_or_else(|| refusal::neighbour::no_such_network(id))
}

/// Which part of a list a request asks for.
pub struct Part<'a> {
    /// All that selects the list, but for the filter.
    pub of: &'a str,
    /// `filter`; empty where there is none.
    pub filter: &'a str,
    /// `page_size`.
    pub size: i64,
    /// `page_token`.
    pub token: &'a str,
}

/// A page of a list that is short enough to be made whole, with the token of the next.
pub fn page<T>(
    call: &Call,
    universe: &Universe,
    part: &Part<'_>,
    all: Vec<T>,
    name: fn(&T) -> &str,
) -> Result<(Vec<T>, String), Refusal> {
    let wanted = filter::name(part.filter)?;
    let page = call.page(universe, &[part.of, part.filter], part.size, part.token)?;
    let after: u64 = page.after()?.unwrap_or(0);
    let rest = (1_u64..)
        .zip(all)
        .filter(|(position, item)| *position > after && wanted.is_none_or(|wanted| name(item) == wanted));
    let (items, token) = page.fill(rest, |(position, _)| *position);
    Ok((items.into_iter().map(|(_, item)| item).collect(), token))
}

/// A folder.
pub fn folder(folder: &Folder) -> resource_manager::Folder {
    resource_manager::Folder {
        id: folder.id.to_string(),
        cloud_id: CLOUD.into(),
        created_at: Some(folder.created_at.into()),
        name: folder.name.to_string(),
        status: folder::Status::Active as i32,
        ..resource_manager::Folder::default()
    }
}

/// The network of a folder.
pub fn network(folder: &Folder) -> Network {
    Network {
        id: folder.network.to_string(),
        folder_id: folder.id.to_string(),
        created_at: Some(folder.created_at.into()),
        name: "default".into(),
        default_security_group_id: folder.security_group.to_string(),
        ..Network::default()
    }
}

/// The subnets of a folder's network.
pub fn subnets(folder: &Folder) -> Vec<Subnet> {
    folder.subnets.iter().map(|one| subnet(folder, one)).collect()
}

/// A subnet of a folder's network.
pub fn subnet(folder: &Folder, subnet: &network::Subnet) -> Subnet {
    Subnet {
        id: subnet.id.to_string(),
        folder_id: folder.id.to_string(),
        created_at: Some(folder.created_at.into()),
        name: format!("default-{}", subnet.zone.id),
        network_id: folder.network.to_string(),
        zone_id: subnet.zone.id.into(),
        v4_cidr_blocks: vec![subnet.zone.v4_cidr_block.into()],
        ..Subnet::default()
    }
}

/// The security group of a folder's network: hosts may reach one another, and everything outside (our choice).
pub fn security_group(folder: &Folder) -> SecurityGroup {
    use security_group_rule::{Direction, Target};
    let everywhere = CidrBlocks { v4_cidr_blocks: vec!["0.0.0.0/0".into()], v6_cidr_blocks: Vec::new() };
    let rule = |name: &str, direction: Direction, target| SecurityGroupRule {
        id: format!("{}-{name}", folder.security_group),
        direction: direction as i32,
        protocol_name: "ANY".into(),
        protocol_number: -1,
        target: Some(target),
        ..SecurityGroupRule::default()
    };
    SecurityGroup {
        id: folder.security_group.to_string(),
        folder_id: folder.id.to_string(),
        created_at: Some(folder.created_at.into()),
        name: format!("default-sg-{}", folder.network),
        network_id: folder.network.to_string(),
        status: security_group::Status::Active as i32,
        rules: vec![
            rule("in", Direction::Ingress, Target::PredefinedTarget("self_security_group".into())),
            rule("out", Direction::Egress, Target::CidrBlocks(everywhere)),
        ],
        default_for_network: true,
        ..SecurityGroup::default()
    }
}

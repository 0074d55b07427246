//! Networks.

use super::{Kind, Made, Making, Way, is_unused};
use crate::contract::kinds::Network;
use crate::contract::proto::yandex::cloud::vpc::v1 as vpc;
use crate::contract::proto::yandex::cloud::vpc::v1::CreateNetworkRequest;
use crate::refusal::{self, Refusal};
use crate::universe::resource::{KindName, Used};
use crate::universe::{Change, Id, ResourceChange, Universe, network};

impl Kind for Network {
    const NAME: KindName = KindName::Network;
    const NOUN: &'static str = "network";

    fn id_prefix(_: &Universe, _: &CreateNetworkRequest) -> &'static [u8; 3] {
        b"enp"
    }

    fn complete(making: &Making<'_>, _: &CreateNetworkRequest, message: &mut vpc::Network) -> Result<(), Refusal> {
        let group = network::security_group_id(making.universe.seed(), &message.id);
        message.default_security_group_id = group.to_string();
        Ok(())
    }

    /// The default security group is made with its network (documented).
    fn made_with(making: &Making<'_>, message: &vpc::Network) -> Vec<Change> {
        let Some(id) = Id::parse(&message.id) else { return Vec::new() };
        let seed = making.universe.seed();
        let group = network::default_security_group(seed, &message.folder_id, id, making.now);
        vec![ResourceChange::Make(group.into()).into()]
    }

    /// A network is not empty if anything is in it but its default security group (documented), a cluster too (our choice).
    fn may_delete(universe: &Universe, message: &vpc::Network) -> Result<(), Refusal> {
        let Some(id) = Id::parse(&message.id) else { return Ok(()) };
        let used = network::in_network(id);
        let own = Id::parse(&message.default_security_group_id);
        let mut groups = universe.resources_using(used, KindName::SecurityGroup, 0);
        let has_others = groups.any(|(_, group)| Some(group.id) != own);
        if has_others || !is_unused(universe, used, &[KindName::Subnet, KindName::RouteTable]) {
            return Err(refusal::neighbour::network_not_empty(&message.id));
        }
        match own.map(|id| Used { kind: KindName::SecurityGroup, id }) {
            Some(group) if !is_unused(universe, group, &[KindName::SecurityGroup]) => {
                Err(refusal::neighbour::security_group_in_use(&message.default_security_group_id))
            }
            _ => Ok(()),
        }
    }

    /// What is just being made in a network would stay behind, so the network waits for it (our choice).
    fn may_move(universe: &Universe, message: &vpc::Network) -> Result<(), Refusal> {
        let used = Id::parse(&message.id).map(network::in_network);
        let mut coming = used.into_iter().flat_map(|used| universe.resources_about_to_use(used));
        if coming.any(|coming| universe.resource(coming.kind, coming.id).is_none()) {
            return Err(refusal::neighbour::in_use(KindName::Network, &message.id, "an operation in flight"));
        }
        Ok(())
    }

    /// The default security group goes with its network (documented). A network that is moved takes its subnets along (documented), and
    /// nothing else but that group (our choice).
    fn goes_with(universe: &Universe, message: &vpc::Network, way: Way) -> Vec<Used> {
        let group = Id::parse(&message.default_security_group_id);
        let group = group.map(|id| Used { kind: KindName::SecurityGroup, id });
        let group = group.filter(|group| universe.resource(group.kind, group.id).is_some());
        let network = Id::parse(&message.id).filter(|_| way == Way::ToFolder).map(network::in_network);
        let subnets = network.into_iter().flat_map(|network| universe.resources_using(network, KindName::Subnet, 0));
        group.into_iter().chain(subnets.map(|(_, subnet)| Used { kind: subnet.kind, id: subnet.id })).collect()
    }
}

impl Made for Network {}

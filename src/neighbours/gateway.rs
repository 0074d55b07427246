//! Gateways: there is one sort of them.

use super::{Kind, Made, Making};
use crate::contract::kinds::Gateway;
use crate::contract::proto::yandex::cloud::vpc::v1 as vpc;
use crate::contract::proto::yandex::cloud::vpc::v1::{CreateGatewayRequest, SharedEgressGateway, gateway};
use crate::refusal::Refusal;
use crate::universe::resource::{KindName, Used};
use crate::universe::{Id, Universe};

impl Kind for Gateway {
    const NAME: KindName = KindName::Gateway;
    const NOUN: &'static str = "gateway";

    fn id_prefix(_: &Universe, _: &CreateGatewayRequest) -> &'static [u8; 3] {
        b"enp"
    }

    /// A gateway of which the request says nothing is of that sort too (our choice).
    fn complete(_: &Making<'_>, _: &CreateGatewayRequest, gateway: &mut vpc::Gateway) -> Result<(), Refusal> {
        gateway.gateway = Some(gateway::Gateway::SharedEgressGateway(SharedEgressGateway {}));
        Ok(())
    }

    /// A gateway must be unlinked from its route tables first (documented).
    fn may_delete(universe: &Universe, gateway: &vpc::Gateway) -> Result<(), Refusal> {
        let used = Id::parse(&gateway.id).map(|id| Used { kind: KindName::Gateway, id });
        super::unused(universe, used, &[KindName::RouteTable])
    }
}

impl Made for Gateway {}

//! What stands beside clusters: calls of any RPC by its name, and one resource of each kind.

use mdb_emulator::contract::METHODS;
use mdb_emulator::contract::proto::yandex::cloud::access::{AccessBinding, Subject};
use mdb_emulator::contract::proto::yandex::cloud::iam::v1::awscompatibility::{
    CreateAccessKeyRequest, CreateAccessKeyResponse,
};
use mdb_emulator::contract::proto::yandex::cloud::iam::v1::{
    CreateKeyRequest, CreateKeyResponse, CreateServiceAccountRequest, ServiceAccount,
};
use mdb_emulator::contract::proto::yandex::cloud::kms::v1::{
    CreateSymmetricKeyRequest, SymmetricAlgorithm, SymmetricKey,
};
use mdb_emulator::contract::proto::yandex::cloud::operation::Operation;
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::create_address_request::AddressSpec;
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::security_group_rule::Direction;
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::security_group_rule_spec::{Protocol, Target};
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::static_route::{Destination, NextHop};
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::{
    Address, CidrBlocks, CreateAddressRequest, CreateGatewayRequest, CreateNetworkRequest, CreateRouteTableRequest,
    CreateSecurityGroupRequest, CreateSubnetRequest, ExternalIpv4AddressSpec, Gateway, Network, PortRange, RouteTable,
    SecurityGroup, SecurityGroupRuleSpec, StaticRoute, Subnet,
};
use prost::{Message, Name};
use tonic::Status;

use super::{Cloud, response};

impl Cloud {
    /// Calls an RPC, such as `vpc.v1.NetworkService/Get`.
    #[track_caller]
    pub fn ask<P: Message + Default>(&self, rpc: &str, request: &impl Message) -> Result<P, Status> {
        let path = format!("/yandex.cloud.{rpc}");
        let method = METHODS.iter().find(|method| method.path == path).unwrap_or_else(|| panic!("no {path}"));
        let reply = self.call_raw(method.path, request.encode_to_vec())?;
        Ok(P::decode(reply.into_inner()).unwrap())
    }

    /// Begins an operation.
    #[track_caller]
    pub fn order(&self, rpc: &str, request: &impl Message) -> Result<Operation, Status> {
        self.ask(rpc, request)
    }

    /// What an operation has made of it, once it is done.
    #[track_caller]
    pub fn make<P: Message + Name + Default>(&self, rpc: &str, request: &impl Message) -> P {
        response(&self.done(self.order(rpc, request)))
    }
}

/// One resource of each kind, and the requests that made them.
#[derive(Clone, Debug, Default)]
pub struct Neighbours {
    pub folder: String,
    pub network: Network,
    pub subnet: Subnet,
    pub group: SecurityGroup,
    pub gateway: Gateway,
    pub table: RouteTable,
    pub address: Address,
    pub key: SymmetricKey,
    pub account: ServiceAccount,
    pub account_key: CreateKeyResponse,
    pub access_key: CreateAccessKeyResponse,
}

impl Neighbours {
    /// One of each, in a folder.
    pub fn made(cloud: &Cloud, folder: &str) -> Self {
        let network: Network = cloud.make("vpc.v1.NetworkService/Create", &new_network(folder, "main"));
        let gateway: Gateway = cloud.make("vpc.v1.GatewayService/Create", &new_gateway(folder, "main"));
        let account: ServiceAccount = cloud.make("iam.v1.ServiceAccountService/Create", &new_account(folder, "robot"));
        let service_account_id = account.id.clone();
        Self {
            folder: folder.into(),
            subnet: cloud.make("vpc.v1.SubnetService/Create", &new_subnet(&network, "main", "10.1.0.0/24")),
            group: cloud.make("vpc.v1.SecurityGroupService/Create", &new_group(&network, "main")),
            table: cloud.make("vpc.v1.RouteTableService/Create", &new_table(&network, "main", &gateway.id)),
            address: cloud.make("vpc.v1.AddressService/Create", &new_address(folder, "main")),
            key: cloud.make("kms.v1.SymmetricKeyService/Create", &new_key(folder, "main")),
            account_key: cloud
                .ask(
                    "iam.v1.KeyService/Create",
                    &CreateKeyRequest { service_account_id: service_account_id.clone(), ..Default::default() },
                )
                .unwrap(),
            access_key: cloud
                .ask(
                    "iam.v1.awscompatibility.AccessKeyService/Create",
                    &CreateAccessKeyRequest { service_account_id, ..Default::default() },
                )
                .unwrap(),
            network,
            gateway,
            account,
        }
    }
}

pub fn new_network(folder: &str, name: &str) -> CreateNetworkRequest {
    CreateNetworkRequest { folder_id: folder.into(), name: name.into(), ..Default::default() }
}

pub fn new_subnet(network: &Network, name: &str, block: &str) -> CreateSubnetRequest {
    CreateSubnetRequest {
        folder_id: network.folder_id.clone(),
        name: name.into(),
        network_id: network.id.clone(),
        zone_id: "ru-central1-a".into(),
        v4_cidr_blocks: vec![block.into()],
        ..Default::default()
    }
}

pub fn new_gateway(folder: &str, name: &str) -> CreateGatewayRequest {
    CreateGatewayRequest { folder_id: folder.into(), name: name.into(), ..Default::default() }
}

pub fn new_table(network: &Network, name: &str, gateway: &str) -> CreateRouteTableRequest {
    let route = StaticRoute {
        destination: Some(Destination::DestinationPrefix("0.0.0.0/0".into())),
        next_hop: Some(NextHop::GatewayId(gateway.into())),
        ..Default::default()
    };
    CreateRouteTableRequest {
        folder_id: network.folder_id.clone(),
        name: name.into(),
        network_id: network.id.clone(),
        static_routes: vec![route],
        ..Default::default()
    }
}

pub fn new_group(network: &Network, name: &str) -> CreateSecurityGroupRequest {
    CreateSecurityGroupRequest {
        folder_id: network.folder_id.clone(),
        name: name.into(),
        network_id: network.id.clone(),
        rule_specs: vec![new_rule("tcp", 3306)],
        ..Default::default()
    }
}

/// A rule that lets traffic of a protocol in, to one port.
pub fn new_rule(protocol: &str, port: i64) -> SecurityGroupRuleSpec {
    SecurityGroupRuleSpec {
        direction: Direction::Ingress as i32,
        ports: Some(PortRange { from_port: port, to_port: port }),
        protocol: Some(Protocol::ProtocolName(protocol.into())),
        target: Some(Target::CidrBlocks(CidrBlocks {
            v4_cidr_blocks: vec!["10.0.0.0/8".into()],
            v6_cidr_blocks: Vec::new(),
        })),
        ..Default::default()
    }
}

pub fn new_address(folder: &str, name: &str) -> CreateAddressRequest {
    let spec = ExternalIpv4AddressSpec { zone_id: "ru-central1-b".into(), ..Default::default() };
    CreateAddressRequest {
        folder_id: folder.into(),
        name: name.into(),
        address_spec: Some(AddressSpec::ExternalIpv4AddressSpec(spec)),
        ..Default::default()
    }
}

pub fn new_key(folder: &str, name: &str) -> CreateSymmetricKeyRequest {
    CreateSymmetricKeyRequest {
        folder_id: folder.into(),
        name: name.into(),
        default_algorithm: SymmetricAlgorithm::Aes256 as i32,
        ..Default::default()
    }
}

pub fn new_account(folder: &str, name: &str) -> CreateServiceAccountRequest {
    CreateServiceAccountRequest { folder_id: folder.into(), name: name.into(), ..Default::default() }
}

/// A role of a user.
pub fn binding(role: &str, user: &str) -> AccessBinding {
    let subject = Some(Subject { id: user.into(), r#type: "userAccount".into() });
    AccessBinding { role_id: role.into(), subject }
}

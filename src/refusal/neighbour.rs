//! Refusals about folders, clouds and networks.

use tonic::Code;

use super::Refusal;
use crate::contract::excerpt::excerpt;

/// There is no other cloud than the one.
pub fn no_such_cloud(id: &str, cloud: &str) -> Refusal {
    let id = &excerpt(id);
    let message = format!("Cloud {id} not found: the emulator has one, {cloud}");
    Refusal::of_resource(Code::NotFound, message, "resource-manager.cloud", id)
}

/// No network of a folder has this id.
pub fn no_such_network(id: &str) -> Refusal {
    let id = &excerpt(id);
    Refusal::of_resource(Code::NotFound, format!("Network {id} not found"), "vpc.network", id)
}

/// No subnet of a folder's network has this id.
pub fn no_such_subnet(id: &str) -> Refusal {
    let id = &excerpt(id);
    Refusal::of_resource(Code::NotFound, format!("Subnet {id} not found"), "vpc.subnet", id)
}

/// No security group of a folder's network has this id.
pub fn no_such_security_group(id: &str) -> Refusal {
    let id = &excerpt(id);
    Refusal::of_resource(Code::NotFound, format!("Security group {id} not found"), "vpc.securityGroup", id)
}

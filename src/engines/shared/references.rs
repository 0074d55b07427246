//! The networks, security groups, keys and accounts that a request for a cluster refers to.

use std::sync::Arc;

use crate::contract::engine::fields::methods::*;
use crate::engines::Engine;
use crate::universe::resource::{KindName, Reference, Used};

/// What a request refers to, beside the subnets of its hosts.
pub fn references<E: Engine>(request: &E::CreateClusterRequest) -> Vec<Reference<'_>> {
    let key = request.disk_encryption_key_id().map_or("", |key| key);
    let mut references = kept::<E>(request);
    references.push(Reference::to(KindName::SymmetricKey, key));
    references
}

/// What cannot be deleted as long as the cluster refers to it. The deletion of a key is refused by its own protection alone.
pub fn used<E: Engine>(request: &E::CreateClusterRequest) -> Arc<[Used]> {
    kept::<E>(request).iter().filter_map(Reference::used).collect()
}

fn kept<E: Engine>(request: &E::CreateClusterRequest) -> Vec<Reference<'_>> {
    let groups = request.security_group_ids().iter().map(|id| Reference::to(KindName::SecurityGroup, id));
    [
        Reference::to(KindName::Network, request.network_id()),
        Reference::to(KindName::ServiceAccount, request.service_account_id()),
    ]
    .into_iter()
    .chain(groups)
    .collect()
}

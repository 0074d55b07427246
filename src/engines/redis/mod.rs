//! Redis, which today is Valkey.

mod contents;
mod presets;
mod settings;
mod shards;
mod topology;

use super::{Backups, Named, Redis};
use crate::contract::proto::yandex::cloud::mdb::redis::v1::CreateClusterRequest;
use crate::universe::EngineName;
use crate::universe::instant::DAY;

impl Named for Redis {
    const NAME: EngineName = EngineName("redis");
    const TITLE: &'static str = "Valkey";
}

impl Backups for Redis {
    const MANUAL_RETENTION: Option<i64> = Some(7 * DAY);

    /// Takes the hosts of the source, if the request names none (our choice: the contract lets a request leave them out).
    fn inherit(request: &mut CreateClusterRequest, source: &CreateClusterRequest) {
        if request.host_specs.is_empty() {
            request.host_specs.clone_from(&source.host_specs);
            request.sharded = source.sharded;
            if request.network_id != source.network_id {
                // The subnets of the source belong to its network: in another network, hosts go to the subnets of their zones.
                request.host_specs.iter_mut().for_each(|host| host.subnet_id.clear());
            }
        }
    }
}

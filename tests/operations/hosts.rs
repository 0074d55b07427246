//! The walk through the RPCs that change the hosts and shards of clusters.

use crate::annotations::Walk;
use crate::common::*;

impl Walk {
    /// UpdateHosts, of every engine.
    pub fn update_hosts<E: Sample>(&mut self) {
        let cloud = self.cloud.clone();
        let mut request = E::new_cluster("hosts");
        request.set_tls_enabled(Some(true));
        let created = self.follow::<E>("ClusterService/Create", E::create(&cloud, request));
        let cluster = response::<E::Cluster>(&created).id().to_owned();
        let mut spec = E::UpdateHostSpec::default();
        spec.set_host_name(cloud.hosts::<E>(&cluster)[0].name().into());
        spec.set_assign_public_ip(true);
        spec.set_update_mask(mask(&["assign_public_ip"]));
        let mut request = E::UpdateClusterHostsRequest::default();
        request.set_cluster_id(cluster);
        request.set_update_host_specs(vec![spec]);
        self.follow::<E>("ClusterService/UpdateHosts", E::update_hosts(&cloud, request));
    }

    pub fn delete_hosts<E: Sample + ManagedRpcs>(&mut self) {
        let cloud = self.cloud.clone();
        let cluster = self.new_cluster::<E>("fewer");
        let mut request = E::DeleteClusterHostsRequest::default();
        request.set_host_names(vec![cloud.hosts::<E>(&cluster)[0].name().into()]);
        request.set_cluster_id(cluster);
        self.follow::<E>("ClusterService/DeleteHosts", E::delete_hosts(&cloud, request));
    }

    pub fn failover<E: Sample + FailoverRpcs>(&mut self) {
        let cloud = self.cloud.clone();
        let mut request = E::new_cluster("led");
        if E::PACKAGE == "sqlserver" {
            let mut config = request.config_spec().unwrap().clone();
            config.set_version("2019ent".into());
            request.set_config_spec(Some(config));
        }
        request.set_host_specs(vec![request.host_specs()[0].clone(); 3]);
        let created = self.follow::<E>("ClusterService/Create", E::create(&cloud, request));
        let mut request = E::StartClusterFailoverRequest::default();
        request.set_cluster_id(response::<E::Cluster>(&created).id().into());
        self.follow::<E>("ClusterService/StartFailover", E::start_failover(&cloud, request));
    }

    /// The shards of Redis.
    pub fn slots(&mut self) {
        let cloud = self.cloud.clone();
        let cluster_id = self.new_cluster::<Redis>("slots");
        let enable = redis::v1::EnableShardingClusterRequest { cluster_id: cluster_id.clone() };
        self.follow::<Redis>("ClusterService/EnableSharding", Redis::enable_sharding(&cloud, enable));
        let add = redis::v1::AddClusterShardRequest {
            cluster_id: cluster_id.clone(),
            shard_name: "two".into(),
            host_specs: Redis::new_cluster("any").host_specs,
        };
        self.follow::<Redis>("ClusterService/AddShard", Redis::add_shard(&cloud, add));
        let rebalance = redis::v1::RebalanceClusterRequest { cluster_id: cluster_id.clone() };
        self.follow::<Redis>("ClusterService/Rebalance", Redis::rebalance(&cloud, rebalance));
        let delete = redis::v1::DeleteClusterShardRequest { cluster_id, shard_name: "two".into() };
        self.follow::<Redis>("ClusterService/DeleteShard", Redis::delete_shard(&cloud, delete));
    }

    /// The shards and types of hosts of SPQR.
    pub fn routers(&mut self) {
        let cloud = self.cloud.clone();
        let mut request = Spqr::new_cluster("routed");
        let shard_spec = request.shard_specs.pop().unwrap();
        let infra = request.config_spec.as_ref().unwrap().spqr_spec.as_ref().unwrap().infra.clone().unwrap();
        let router = spqr::v1::spqr_spec::Router { resources: infra.resources.clone(), ..Default::default() };
        request.config_spec.as_mut().unwrap().spqr_spec =
            Some(spqr::v1::SpqrSpec { router: Some(router), ..Default::default() });
        for host in &mut request.host_specs {
            host.r#type = spqr::v1::host::Type::Router as i32;
        }
        let mut coordinator = request.host_specs[0].clone();
        coordinator.r#type = spqr::v1::host::Type::Coordinator as i32;
        let created = self.follow::<Spqr>("ClusterService/Create", Spqr::create(&cloud, request));
        let cluster_id = response::<spqr::v1::Cluster>(&created).id;
        let subcluster = spqr::v1::AddSubclusterRequest {
            cluster_id: cluster_id.clone(),
            host_specs: vec![coordinator],
            resources: infra.resources,
        };
        self.follow::<Spqr>("ClusterService/AddSubcluster", Spqr::add_subcluster(&cloud, subcluster));
        let host_names = vec![cloud.hosts::<Spqr>(&cluster_id)[0].name.clone()];
        let resetup = spqr::v1::ResetupHostsRequest { cluster_id: cluster_id.clone(), host_names };
        self.follow::<Spqr>("ClusterService/ResetupHosts", Spqr::resetup_hosts(&cloud, resetup));
        let shard_name = shard_spec.shard_name.clone();
        let add = spqr::v1::AddClusterShardRequest { cluster_id: cluster_id.clone(), shard_spec: Some(shard_spec) };
        self.follow::<Spqr>("ClusterService/AddShard", Spqr::add_shard(&cloud, add));
        let delete = spqr::v1::DeleteClusterShardRequest { cluster_id, shard_name };
        self.follow::<Spqr>("ClusterService/DeleteShard", Spqr::delete_shard(&cloud, delete));
    }
}

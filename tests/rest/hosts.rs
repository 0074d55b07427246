//! Requests about the hosts and shards of clusters, for [`Things`].

use crate::common::*;
use crate::things::Things;

impl Things {
    /// Clusters whose hosts and shards can be changed, and requests that change them.
    pub fn fill_hosts(&mut self, cloud: &Cloud) {
        self.fill_updates_of_hosts::<Redis>(cloud);
        self.fill_updates_of_hosts::<Mysql>(cloud);
        self.fill_updates_of_hosts::<SqlServer>(cloud);
        self.fill_updates_of_hosts::<Spqr>(cloud);
        self.fill_deletions_of_hosts::<Redis>(cloud);
        self.fill_deletions_of_hosts::<Mysql>(cloud);
        self.fill_deletions_of_hosts::<Spqr>(cloud);
        self.fill_failovers::<Redis>(cloud);
        self.fill_failovers::<Mysql>(cloud);
        self.fill_failovers::<SqlServer>(cloud);
        self.fill_slots(cloud);
        self.fill_routers(cloud);
    }

    fn fill_updates_of_hosts<E: Sample>(&mut self, cloud: &Cloud) {
        let mut request = E::new_cluster(&format!("public-{}", E::PACKAGE));
        request.set_tls_enabled(Some(true));
        let cluster = cloud.created_by::<E>(request);
        let mut spec = E::UpdateHostSpec::default();
        spec.set_host_name(cloud.hosts::<E>(&cluster)[0].name().into());
        spec.set_assign_public_ip(true);
        spec.set_update_mask(mask(&["assign_public_ip"]));
        let mut request = E::UpdateClusterHostsRequest::default();
        request.set_cluster_id(cluster);
        request.set_update_host_specs(vec![spec]);
        self.sample(&request);
    }

    fn fill_deletions_of_hosts<E: Sample + ManagedRpcs>(&mut self, cloud: &Cloud) {
        let cluster = cloud.created::<E>(&format!("fewer-{}", E::PACKAGE));
        let mut request = E::DeleteClusterHostsRequest::default();
        request.set_host_names(vec![cloud.hosts::<E>(&cluster)[0].name().into()]);
        request.set_cluster_id(cluster);
        self.sample(&request);
    }

    fn fill_failovers<E: Sample + FailoverRpcs>(&mut self, cloud: &Cloud) {
        let mut request = E::new_cluster(&format!("led-{}", E::PACKAGE));
        if E::PACKAGE == "sqlserver" {
            let mut config = request.config_spec().unwrap().clone();
            config.set_version("2019ent".into());
            request.set_config_spec(Some(config));
        }
        request.set_host_specs(vec![request.host_specs()[0].clone(); 3]);
        let mut request = (cloud.created_by::<E>(request), E::StartClusterFailoverRequest::default());
        request.1.set_cluster_id(request.0);
        self.sample(&request.1);
    }

    fn fill_slots(&mut self, cloud: &Cloud) {
        let hosts = Redis::new_cluster("any").host_specs;
        self.sample(&redis::v1::EnableShardingClusterRequest { cluster_id: cloud.created::<Redis>("slots") });
        let sharded = cloud.created::<Redis>("sharded");
        cloud.done(Redis::enable_sharding(
            cloud,
            redis::v1::EnableShardingClusterRequest { cluster_id: sharded.clone() },
        ));
        let add = |name: &str| redis::v1::AddClusterShardRequest {
            cluster_id: sharded.clone(),
            shard_name: name.into(),
            host_specs: hosts.clone(),
        };
        cloud.done(Redis::add_shard(cloud, add("second")));
        self.sample(&add("third"));
        self.sample(&redis::v1::RebalanceClusterRequest { cluster_id: sharded.clone() });
        self.sample(&redis::v1::DeleteClusterShardRequest { cluster_id: sharded, shard_name: "second".into() });
    }

    fn fill_routers(&mut self, cloud: &Cloud) {
        let mut request = Spqr::new_cluster("routed");
        let infra = request.config_spec.as_ref().unwrap().spqr_spec.as_ref().unwrap().infra.clone().unwrap();
        let router = spqr::v1::spqr_spec::Router { resources: infra.resources.clone(), ..Default::default() };
        request.config_spec.as_mut().unwrap().spqr_spec =
            Some(spqr::v1::SpqrSpec { router: Some(router), ..Default::default() });
        for host in &mut request.host_specs {
            host.r#type = spqr::v1::host::Type::Router as i32;
        }
        let mut coordinator = request.host_specs[0].clone();
        coordinator.r#type = spqr::v1::host::Type::Coordinator as i32;
        let shard = request.shard_specs[0].clone();
        let cluster_id = cloud.created_by::<Spqr>(request);
        self.sample(&spqr::v1::AddSubclusterRequest {
            cluster_id: cluster_id.clone(),
            host_specs: vec![coordinator],
            resources: infra.resources,
        });
        let host_names = vec![cloud.hosts::<Spqr>(&cluster_id)[0].name.clone()];
        self.sample(&spqr::v1::ResetupHostsRequest { cluster_id: cluster_id.clone(), host_names });
        let second = spqr::v1::ShardSpec { shard_name: "second".into(), ..shard };
        self.sample(&spqr::v1::AddClusterShardRequest { cluster_id, shard_spec: Some(second) });
    }
}

//! Numbers of hosts, which no host ever gets twice.

use mdb_emulator::handlers::{Call, cluster, operation};
use mdb_emulator::universe::cluster::Spec;
use mdb_emulator::universe::plan::{About, Plan, ResultOf, Target};
use mdb_emulator::universe::{ClusterChange, Id, Opaque, Stage, Universe};

use crate::*;

fn names(universe: &Universe, id: Id) -> Vec<String> {
    universe.cluster(id).unwrap().hosts.iter().map(|host| host.name.to_string()).collect()
}

fn add_host(universe: &mut Universe, id: Id) {
    let method = METHODS.iter().find(|method| method.path == "/yandex.cloud.mdb.redis.v1.ClusterService/AddHosts");
    let call = Call::inside(method.unwrap(), universe.now(), "tester");
    let host_specs = vec![Redis::new_cluster("any").host_specs.swap_remove(0)];
    let request = redis::v1::AddClusterHostsRequest { cluster_id: id.to_string(), host_specs };
    let plan = cluster::add_hosts::<Redis>(&call, universe, request).unwrap();
    operation::carried_out(&call, universe, plan).unwrap();
    universe.advance(0);
}

#[test]
fn a_host_that_is_added_after_others_were_removed_gets_no_name_of_theirs() {
    let cloud = Cloud::start();
    let id = Id::parse(&cloud.created::<Redis>("main")).unwrap();
    let mut universe = cloud.value();
    add_host(&mut universe, id);
    let before = names(&universe, id);
    let last = universe.cluster(id).unwrap().hosts.last().unwrap().number;

    let about = About {
        method: &METHODS[0],
        description: "Remove a host".into(),
        created_by: "tester".into(),
        metadata: prost_types::Any::default(),
        stages: &[Stage { name: "remove", seconds: 1 }],
    };
    // What is asked for of the cluster has a host less too.
    let spec = &universe.cluster(id).unwrap().spec;
    let mut request: redis::v1::CreateClusterRequest = spec.request.open::<redis::v1::CreateClusterRequest>().clone();
    request.host_specs.pop();
    let spec = Spec { request: Opaque::new(request), ..(**spec).clone() };
    let plan = Plan::new(Target::Cluster(id), about)
        .then(ClusterChange::Spec(spec.into()))
        .then(ClusterChange::RemoveHosts([last].into()))
        .showing(ResultOf::Nothing);
    universe.accept(&plan).unwrap();
    universe.advance(0);
    assert_eq!(names(&universe, id), before[..before.len() - 1]);

    add_host(&mut universe, id);
    let after = names(&universe, id);
    assert_eq!((after.len(), &after[..after.len() - 1]), (before.len(), &before[..before.len() - 1]));
    assert_ne!(after.last(), before.last(), "the name of the host that has gone");
    assert!(universe.cluster(id).unwrap().hosts.last().unwrap().number > last, "it comes later in pages too");
}

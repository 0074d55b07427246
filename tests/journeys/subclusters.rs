//! What SPQR alone does with its hosts: the first of a type comes with AddSubcluster, and ResetupHosts makes hosts anew.

use crate::common::*;
use mdb_emulator::contract::proto::yandex::cloud::mdb::spqr::v1::host::{Role, Type};
use tonic::Status;

const PRIMARY: i32 = Role::Primary as i32;
const SECONDARY: i32 = Role::Secondary as i32;

fn host(of: Type) -> spqr::v1::HostSpec {
    spqr::v1::HostSpec { zone_id: "ru-central1-a".into(), r#type: of as i32, ..Default::default() }
}

fn resources(preset: &str) -> spqr::v1::Resources {
    spqr::v1::Resources { resource_preset_id: preset.into(), disk_size: 10 << 30, disk_type_id: "network-ssd".into() }
}

/// A cluster of one router.
fn routed(cloud: &Cloud) -> String {
    let mut request = Spqr::new_cluster("main");
    let router = spqr::v1::spqr_spec::Router { resources: Some(resources("s3-c4-m16")), ..Default::default() };
    request.config_spec.as_mut().unwrap().spqr_spec =
        Some(spqr::v1::SpqrSpec { router: Some(router), ..Default::default() });
    request.host_specs = vec![host(Type::Router)];
    cloud.created_by::<Spqr>(request)
}

fn add(cloud: &Cloud, cluster: &str, of: Type, preset: &str) -> Result<Operation, Status> {
    let request = spqr::v1::AddSubclusterRequest {
        cluster_id: cluster.into(),
        host_specs: vec![host(of)],
        resources: Some(resources(preset)),
    };
    Spqr::add_subcluster(cloud, request)
}

fn resetup(cloud: &Cloud, cluster: &str, names: &[String]) -> Result<Operation, Status> {
    let request = spqr::v1::ResetupHostsRequest { cluster_id: cluster.into(), host_names: names.to_vec() };
    Spqr::resetup_hosts(cloud, request)
}

#[test]
fn the_first_host_of_a_type_comes_with_its_resources() {
    let cloud = Cloud::start();
    let cluster = routed(&cloud);
    let ended = cloud.done(add(&cloud, &cluster, Type::Coordinator, "s3-c2-m8"));
    assert_eq!(ended.description, "Add subcluster to SPQR cluster");
    response::<()>(&ended);
    let hosts = cloud.hosts::<Spqr>(&cluster);
    let metadata: spqr::v1::AddClusterHostsMetadata = ended.metadata.as_ref().unwrap().to_msg().unwrap();
    assert_eq!(metadata.host_names, [hosts[1].name.clone()]);
    assert_eq!((hosts[1].r#type, hosts[1].role), (Type::Coordinator as i32, PRIMARY));
    assert_eq!(hosts[1].resources, Some(resources("s3-c2-m8")));
    assert_eq!(hosts[0].resources, Some(resources("s3-c4-m16")), "the routers keep theirs");
    let config = cloud.cluster::<Spqr>(&cluster).config.unwrap().spqr_config.unwrap();
    assert_eq!(config.coordinator.unwrap().resources, Some(resources("s3-c2-m8")));

    let refusal = refused(add(&cloud, &cluster, Type::Coordinator, "s3-c2-m8"));
    assert_eq!((refusal.code, refusal.about), (Code::FailedPrecondition, vec!["HOST_TYPE".to_owned()]));
    let mut request = spqr::v1::AddClusterHostsRequest { cluster_id: cluster.clone(), ..Default::default() };
    request.host_specs = vec![host(Type::Coordinator)];
    cloud.done(Spqr::add_hosts(&cloud, request));
    assert_eq!(cloud.hosts::<Spqr>(&cluster)[2].role, SECONDARY);
}

#[test]
fn infra_hosts_do_not_come_beside_routers() {
    let cloud = Cloud::start();
    let cluster = routed(&cloud);
    let refusal = refused(add(&cloud, &cluster, Type::Infra, "s3-c2-m8"));
    assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["host_specs".to_owned()]));
    let refusal = refused(add(&cloud, &cluster, Type::Postgresql, "s3-c2-m8"));
    assert_eq!(refusal.about, ["host_specs[0].type"]);
}

#[test]
fn settings_are_shown_as_they_were_sent() {
    let cloud = Cloud::start();
    let cluster = routed(&cloud);
    let config = cloud.cluster::<Spqr>(&cluster).config.unwrap().spqr_config.unwrap();
    assert_eq!(config.router.unwrap().config, None, "no defaults are filled in");
}

#[test]
fn a_host_that_is_made_anew_hands_its_lead_over() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Spqr>("main");
    let before = cloud.hosts::<Spqr>(&cluster);
    let roles = || cloud.hosts::<Spqr>(&cluster).iter().map(|host| host.role).collect::<Vec<_>>();
    assert_eq!(roles(), [PRIMARY, SECONDARY]);
    let ended = cloud.done(resetup(&cloud, &cluster, &[before[0].name.clone()]));
    assert_eq!(ended.description, "Resetup hosts in SPQR cluster");
    response::<()>(&ended);
    assert_eq!(roles(), [SECONDARY, PRIMARY]);
    let names: Vec<String> = before.iter().map(|host| host.name.clone()).collect();
    cloud.done(resetup(&cloud, &cluster, &names));
    assert_eq!(roles(), [PRIMARY, SECONDARY], "somebody leads in any case");
    assert_eq!(refused(resetup(&cloud, &cluster, &["nobody".into()])).code, Code::NotFound);
}

//! A cluster from Create to Delete.

use crate::common::*;

for_every_engine! {
    a_cluster_runs_with_what_its_request_asked_for_once_it_is_created
    a_cluster_is_listed_in_its_folder_alone
    the_hosts_have_names_zones_subnets_resources_and_services
    a_stopped_cluster_stands_still_until_it_is_started
    a_moved_cluster_is_in_the_other_folder_and_its_backups_stay_where_they_were_made
    a_deleted_cluster_is_gone_and_its_name_is_free
    users_come_and_go
}

for_every_engine_with_databases! {
    databases_come_and_go
}

fn a_cluster_runs_with_what_its_request_asked_for_once_it_is_created<E: Sample>() {
    let cloud = Cloud::start();
    let mut request = E::new_cluster("main");
    request.set_description("the first".into());
    request.set_labels([("team".to_owned(), "blue".to_owned())].into());
    request.set_security_group_ids(vec!["enpgroup".into()]);
    let created: E::Cluster = response(&cloud.done(E::create(&cloud, request)));
    let cluster = cloud.cluster::<E>(created.id());

    assert_eq!(cluster, created, "the operation shows the cluster as it is");
    assert_eq!((cluster.name(), cluster.folder_id(), cluster.environment()), ("main", FOLDER, 1));
    assert_eq!((cluster.description(), cluster.labels()["team"].as_str()), ("the first", "blue"));
    assert_eq!(cluster.security_group_ids(), ["enpgroup"]);
    assert_eq!(cluster.created_at(), Some(&cloud.now()));
    assert_eq!((cluster.status(), cluster.health()), (RUNNING, 1));
    assert!(!cluster.network_id().is_empty());
    assert!(cluster.id().starts_with("c9q") && cluster.id().len() == 20, "{}", cluster.id());
    assert!(cloud.users::<E>(cluster.id()).contains(&"shop".to_owned()));
    assert!(cloud.backups::<E>(cluster.id()).is_empty(), "a new cluster has no backup yet");
    leads_to_its_charts::<E>(&cluster, FOLDER);
}

#[track_caller]
fn leads_to_its_charts<E: Sample>(cluster: &E::Cluster, folder: &str) {
    let [charts] = cluster.monitoring() else { panic!("{cluster:?}") };
    assert_eq!((charts.name(), charts.description()), ("Console", "Console charts"));
    let of_engine = format!("https://console.yandex.cloud/folders/{folder}/managed-{}", E::PACKAGE);
    assert_eq!(charts.link(), format!("{of_engine}/cluster/{}/monitoring", cluster.id()));
}

fn a_cluster_is_listed_in_its_folder_alone<E: Sample>() {
    let cloud = Cloud::start();
    let first = cloud.created::<E>("first");
    let second = cloud.created::<E>("second");
    let mut elsewhere = E::new_cluster("first");
    elsewhere.set_folder_id("b1gelsewhere".into());
    let elsewhere = cloud.created_by::<E>(elsewhere);
    assert_eq!(listed::<E>(&cloud, FOLDER), [first, second]);
    assert_eq!(listed::<E>(&cloud, "b1gelsewhere"), [elsewhere]);
    assert!(listed::<E>(&cloud, "b1gempty").is_empty());
}

fn the_hosts_have_names_zones_subnets_resources_and_services<E: Sample>() {
    let cloud = Cloud::start();
    let request = E::new_cluster("main");
    let wanted: Vec<String> = request.host_specs().iter().map(|host| host.zone_id().to_owned()).collect();
    let cluster = cloud.created_by::<E>(request);
    let mut request = E::ListClusterHostsRequest::default();
    request.set_cluster_id(cluster.clone());
    let reply = E::list_hosts(&cloud, request).unwrap();
    let zones: Vec<&str> = reply.hosts().iter().map(|host| host.zone_id()).collect();
    assert_eq!(zones, wanted);
    let mut names = std::collections::BTreeSet::new();
    for host in reply.hosts() {
        let letter = host.zone_id().rsplit('-').next().unwrap();
        let own = host.name().strip_prefix(&format!("rc1{letter}-")).unwrap();
        assert_eq!(own.strip_suffix(".mdb.yandexcloud.net").map(str::len), Some(16), "{}", host.name());
        assert!(names.insert(host.name().to_owned()), "names are unique");
        assert_eq!(host.cluster_id(), cluster);
        assert!(!host.subnet_id().is_empty());
        assert!(!host.resources().unwrap().resource_preset_id().is_empty());
        assert!(host.role() > 0, "every host has a role");
        assert_eq!(host.health(), 1, "ALIVE");
        assert!(!host.services().is_empty());
        assert!(host.services().iter().all(|service| service.health() == 1 && service.r#type() > 0));
    }
}

fn a_stopped_cluster_stands_still_until_it_is_started<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    cloud.stop::<E>(&cluster);
    assert_eq!(cloud.cluster::<E>(&cluster).status(), STOPPED);
    assert_ne!(cloud.cluster::<E>(&cluster).health(), 1, "nothing is alive that stands still");
    cloud.start_again::<E>(&cluster);
    assert_eq!(cloud.cluster::<E>(&cluster).status(), RUNNING);
    assert_eq!(cloud.cluster::<E>(&cluster).health(), 1);
}

fn a_moved_cluster_is_in_the_other_folder_and_its_backups_stay_where_they_were_made<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let before = cloud.backed_up::<E>(&cluster);
    let mut request = E::MoveClusterRequest::default();
    request.set_cluster_id(cluster.clone());
    request.set_destination_folder_id("b1gother".into());
    let moved: E::Cluster = response(&cloud.done(E::r#move(&cloud, request)));
    assert_eq!((moved.id(), moved.folder_id()), (cluster.as_str(), "b1gother"));
    leads_to_its_charts::<E>(&moved, "b1gother");
    assert!(listed::<E>(&cloud, FOLDER).is_empty());
    assert_eq!(listed::<E>(&cloud, "b1gother"), [cluster.as_str()]);

    let later = cloud.backed_up::<E>(&cluster);
    assert_eq!(cloud.backups_in::<E>(FOLDER), std::slice::from_ref(&before));
    assert_eq!(cloud.backups_in::<E>("b1gother"), std::slice::from_ref(&later));
    assert_eq!(cloud.backups::<E>(&cluster), [later, before]);
}

fn a_deleted_cluster_is_gone_and_its_name_is_free<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    cloud.delete::<E>(&cluster);
    let mut request = E::GetClusterRequest::default();
    request.set_cluster_id(cluster.clone());
    assert_eq!(refused(E::get(&cloud, request)).code, Code::NotFound);
    assert!(listed::<E>(&cloud, FOLDER).is_empty());
    assert_ne!(cloud.created::<E>("main"), cluster, "its successor is another cluster");
}

fn users_come_and_go<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let before = cloud.users::<E>(&cluster);
    cloud.create_user::<E>(&cluster, "another");
    let mut request = E::GetUserRequest::default();
    request.set_cluster_id(cluster.clone());
    request.set_user_name("another".into());
    let user = E::get_user(&cloud, request).unwrap();
    assert_eq!((user.name(), user.cluster_id()), ("another", cluster.as_str()));
    assert_eq!(cloud.users::<E>(&cluster).len(), before.len() + 1);
    cloud.delete_user::<E>(&cluster, "another");
    assert_eq!(cloud.users::<E>(&cluster), before);
}

fn databases_come_and_go<E: SampleDatabases>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    assert_eq!(cloud.databases::<E>(&cluster), ["orders"]);
    cloud.create_database::<E>(&cluster, "invoices");
    let mut request = E::GetDatabaseRequest::default();
    request.set_cluster_id(cluster.clone());
    request.set_database_name("invoices".into());
    let database = E::get_database(&cloud, request).unwrap();
    assert_eq!((database.name(), database.cluster_id()), ("invoices", cluster.as_str()));
    assert_eq!(cloud.databases::<E>(&cluster), ["invoices", "orders"]);
    cloud.drop_database::<E>(&cluster, "orders");
    assert_eq!(cloud.databases::<E>(&cluster), ["invoices"]);
}

fn listed<E: Sample>(cloud: &Cloud, folder: &str) -> Vec<String> {
    let mut request = E::ListClustersRequest::default();
    request.set_folder_id(folder.into());
    E::list(cloud, request).unwrap().clusters().iter().map(|cluster| cluster.id().to_owned()).collect()
}

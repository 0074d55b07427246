//! The versions of Redis and MySQL: what the list says of them, and how clusters go from one to the next.

use crate::common::*;
use mdb_emulator::contract::proto::yandex::cloud::mdb::v1::Version;
use mdb_emulator::contract::proto::yandex::cloud::mdb::v1::version::Status as Support;

fn version(id: &str, name: &str, status: Support, updatable_to: &[&str], deprecated_at: Option<&str>) -> Version {
    Version {
        id: id.into(),
        name: name.into(),
        status: status as i32,
        updatable_to: updatable_to.iter().map(|id| (*id).to_owned()).collect(),
        deprecated_at: deprecated_at.map(|at| at.parse().unwrap()),
        eol_at: None,
    }
}

#[test]
fn the_versions_of_redis_are_those_of_valkey() {
    let listed = Redis::list_versions(&Cloud::start(), redis::v1::ListVersionsRequest::default()).unwrap();
    assert_eq!(listed.next_page_token, "");
    let later = ["8.0-valkey", "8.1-valkey", "9.0-valkey", "9.1-valkey"];
    let (until, longer) = (Some("2028-03-31T00:00:00Z"), Some("2028-10-21T00:00:00Z"));
    let wanted = [
        version("7.2-valkey", "Valkey 7.2", Support::Supported, &later, until),
        version("8.0-valkey", "Valkey 8.0", Support::Supported, &later[1..], until),
        version("8.1-valkey", "Valkey 8.1", Support::Supported, &later[2..], until),
        version("9.0-valkey", "Valkey 9.0", Support::Supported, &later[3..], longer),
        version("9.1-valkey", "Valkey 9.1", Support::New, &[], None),
    ];
    assert_eq!(listed.version, wanted);
}

#[test]
fn the_versions_of_mysql_are_listed_with_what_an_upgrade_leads_to() {
    let listed = Mysql::list_versions(&Cloud::start(), mysql::v1::ListVersionsRequest::default()).unwrap();
    assert_eq!(listed.next_page_token, "");
    let wanted = [
        version("5.7", "MySQL 5.7", Support::Deprecated, &["8.0"], None),
        version("8.0", "MySQL 8.0", Support::Supported, &["8.4"], None),
        version("8.4", "MySQL 8.4", Support::Actual, &[], None),
    ];
    assert_eq!(listed.version, wanted);
}

/// A cluster of a version.
fn cluster_of<E: Sample>(cloud: &Cloud, version: &str) -> String {
    let mut request = E::new_cluster(&version.replace('.', "-"));
    let mut config = request.config_spec().cloned().unwrap();
    config.set_version(version.into());
    request.set_config_spec(Some(config));
    cloud.created_by::<E>(request)
}

fn upgrade<E: Sample>(cloud: &Cloud, cluster: &str, version: &str) -> Result<Operation, Status> {
    let mut config = E::ConfigSpec::default();
    config.set_version(version.into());
    let mut request = E::UpdateClusterRequest::default();
    request.set_cluster_id(cluster.into());
    request.set_config_spec(Some(config));
    request.set_update_mask(mask(&["config_spec.version"]));
    E::update(cloud, request)
}

/// Whether each upgrade is taken or refused as it should be, and the version that comes of it.
fn goes<E: Sample>(from: &str, to: &str) -> bool {
    let cloud = Cloud::start();
    let cluster = cluster_of::<E>(&cloud, from);
    let outcome = upgrade::<E>(&cloud, &cluster, to);
    let (is_taken, version) = (outcome.is_ok(), if outcome.is_ok() { to } else { from });
    if is_taken {
        cloud.done(outcome);
    } else {
        assert_eq!(refused(outcome).about, ["config_spec.version"], "from {from} to {to}");
    }
    assert_eq!(cloud.cluster::<E>(&cluster).config().unwrap().version(), version);
    is_taken
}

#[test]
fn mysql_is_upgraded_one_version_after_the_other() {
    for (from, to) in [("5.7", "8.0"), ("8.0", "8.4")] {
        assert!(goes::<Mysql>(from, to), "from {from} to {to}");
    }
    for (from, to) in [("5.7", "8.4"), ("8.0", "5.7"), ("8.4", "8.0"), ("8.4", "5.7"), ("8.0", "9.0")] {
        assert!(!goes::<Mysql>(from, to), "from {from} to {to}");
    }
    let cloud = Cloud::start();
    let cluster = cluster_of::<Mysql>(&cloud, "5.7");
    for version in ["8.0", "8.4"] {
        cloud.done(upgrade::<Mysql>(&cloud, &cluster, version));
    }
    assert_eq!(cloud.cluster::<Mysql>(&cluster).config.unwrap().version, "8.4");
}

#[test]
fn redis_is_upgraded_to_any_later_version() {
    for (from, to) in [
        ("7.2-valkey", "8.0-valkey"),
        ("7.2-valkey", "9.0-valkey"),
        ("9.0-valkey", "9.1-valkey"),
        ("5.0", "7.2"),
        ("5.0", "9.0-valkey"),
        ("7.2", "7.2-valkey"),
    ] {
        assert!(goes::<Redis>(from, to), "from {from} to {to}");
    }
    for (from, to) in
        [("8.1-valkey", "8.0-valkey"), ("7.2-valkey", "7.2"), ("6.2", "6.0"), ("9.1-valkey", "9.0-valkey")]
    {
        assert!(!goes::<Redis>(from, to), "from {from} to {to}");
    }
}

#[test]
fn a_backup_of_one_edition_of_sqlserver_is_restored_into_the_other() {
    for (from, to, is_taken) in [
        ("2019ent", "2019std", true),
        ("2019std", "2019ent", true),
        ("2016sp2ent", "2016sp2std", true),
        ("2016sp2ent", "2019std", true),
        ("2019std", "2017ent", false),
    ] {
        let cloud = Cloud::start();
        let cluster = cluster_of::<SqlServer>(&cloud, from);
        let backup = cloud.backed_up::<SqlServer>(&cluster);
        cloud.advance(MINUTE);
        let mut request = SqlServer::restore_of(&backup, "restored");
        request.config_spec.as_mut().unwrap().version = to.into();
        let outcome = SqlServer::restore(&cloud, request);
        if is_taken {
            let restored: sqlserver::v1::Cluster = response(&cloud.done(outcome));
            assert_eq!(restored.config.unwrap().version, to);
        } else {
            assert_eq!(refused(outcome).about, ["config_spec.version"], "from {from} to {to}");
        }
    }
}

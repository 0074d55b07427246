//! Versions that a cluster cannot have, or cannot go to.

use crate::Table;
use crate::common::*;

const VERSION: &str = "config_spec.version";

fn of_version<E: Sample>(version: &str) -> E::CreateClusterRequest {
    let mut request = E::new_cluster("main");
    let mut config = request.config_spec().cloned().unwrap();
    config.set_version(version.into());
    request.set_config_spec(Some(config));
    request
}

fn upgrade<E: Sample>(from: &str, to: &str) -> Result<Operation, Status> {
    let cloud = Cloud::start();
    let mut request = E::UpdateClusterRequest::default();
    request.set_cluster_id(cloud.created_by::<E>(of_version::<E>(from)));
    let mut config = E::ConfigSpec::default();
    config.set_version(to.into());
    request.set_config_spec(Some(config));
    request.set_update_mask(mask(&[VERSION]));
    E::update(&cloud, request)
}

#[test]
fn a_version_that_does_not_exist_is_told_which_do() {
    let mut table = Table::default();
    let create = |version: &str| Redis::create(&Cloud::start(), of_version::<Redis>(version));
    let rule = "must be one of 5.0, 6.0, 6.2, 7.0, 7.2, 7.2-valkey, 8.0-valkey, 8.1-valkey, 9.0-valkey, 9.1-valkey, \
                but is \"8.0\"";
    table.bad("Redis", create("8.0"), VERSION, rule);
    for version in ["5.0", "6.0", "6.2", "7.0", "7.2", "7.2-valkey", "9.1-valkey"] {
        assert!(create(version).is_ok(), "{version}");
    }
    let create = |version: &str| Mysql::create(&Cloud::start(), of_version::<Mysql>(version));
    for version in ["5.7", "8.0", "8.4"] {
        assert!(create(version).is_ok(), "{version}");
    }
    table.holds();
}

#[test]
fn an_upgrade_that_leads_nowhere_is_told_where_they_lead() {
    let mut table = Table::default();
    table.bad("two steps", upgrade::<Mysql>("5.7", "8.4"), VERSION, "can be changed from 5.7 to 8.0 only");
    table.bad("back", upgrade::<Mysql>("8.4", "8.0"), VERSION, "cannot be changed from 8.4");
    let later = "can be changed from 8.0-valkey to 8.1-valkey or 9.0-valkey or 9.1-valkey only";
    table.bad("back", upgrade::<Redis>("8.0-valkey", "7.2-valkey"), VERSION, later);
    table.bad("nonsense", upgrade::<Redis>("8.0-valkey", "10"), VERSION, later);
    table.bad(
        "SQL Server",
        upgrade::<SqlServer>("2016sp2std", "2019std"),
        VERSION,
        "cannot be changed from 2016sp2std",
    );
    table.holds();
}

#[test]
fn a_backup_is_not_restored_into_an_older_version() {
    let cloud = Cloud::start();
    let cluster = cloud.created_by::<Mysql>(of_version::<Mysql>("8.0"));
    let backup = cloud.backed_up::<Mysql>(&cluster);
    let restore = |version: &str| {
        let mut request = Mysql::restore_of(&backup, &format!("restored-{}", version.replace('.', "-")));
        request.config_spec.as_mut().unwrap().version = version.into();
        Mysql::restore(&cloud, request)
    };
    let mut table = Table::default();
    let rule = "must not be older than 8.0: an upgrade cannot be taken back";
    table.bad("older", restore("5.7"), VERSION, rule);
    table.holds();
    for version in ["8.0", "8.4"] {
        cloud.done(restore(version));
    }
}

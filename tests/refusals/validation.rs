//! The rules that the contract annotates: a table of what breaks each kind of rule, and what is said of it.

use crate::Table;
use crate::common::*;
use mysql::v1::config::MysqlConfig80;
use mysql::v1::config_spec::MysqlConfig;

/// What a request is told that breaks rules.
struct Broken {
    rules: Vec<(&'static str, &'static str)>,
}

impl Broken {
    fn message(&self) -> String {
        let lines: Vec<String> = self.rules.iter().map(|(field, rule)| format!("- {field}: {rule}")).collect();
        format!("Request validation error:\n{}", lines.join("\n"))
    }
}

/// A row whose request breaks these rules.
fn broken<T>(table: &mut Table, call: &str, outcome: Result<T, Status>, rules: &[(&'static str, &'static str)]) {
    let broken = Broken { rules: rules.to_vec() };
    let fields: Vec<&str> = rules.iter().map(|(field, _)| *field).collect();
    table.row(call, outcome, Code::InvalidArgument, broken.message(), ("BadRequest", &fields));
}

fn create_mysql(change: impl FnOnce(&mut mysql::v1::CreateClusterRequest)) -> Result<Operation, Status> {
    let mut request = Mysql::new_cluster("main");
    change(&mut request);
    Mysql::create(&Cloud::start(), request)
}

fn create_redis(change: impl FnOnce(&mut redis::v1::CreateClusterRequest)) -> Result<Operation, Status> {
    let mut request = Redis::new_cluster("main");
    change(&mut request);
    Redis::create(&Cloud::start(), request)
}

fn create_spqr(change: impl FnOnce(&mut spqr::v1::CreateClusterRequest)) -> Result<Operation, Status> {
    let mut request = Spqr::new_cluster("main");
    change(&mut request);
    Spqr::create(&Cloud::start(), request)
}

fn create_sqlserver(change: impl FnOnce(&mut sqlserver::v1::CreateClusterRequest)) -> Result<Operation, Status> {
    let mut request = SqlServer::new_cluster("main");
    change(&mut request);
    SqlServer::create(&Cloud::start(), request)
}

#[test]
fn every_rule_that_a_request_breaks_is_told_at_once() {
    let mut table = Table::default();
    let outcome = Spqr::create(&Cloud::start(), spqr::v1::CreateClusterRequest::default());
    broken(
        &mut table,
        "an empty request",
        outcome,
        &[
            ("folder_id", "is required"),
            ("name", "is required"),
            ("environment", "is required"),
            ("config_spec", "is required"),
            ("host_specs", "must have at least 1 items, but has 0"),
            ("network_id", "is required"),
        ],
    );
    let outcome = create_mysql(|request| {
        request.name = "not a name".into();
        request.description = "x".repeat(257);
        request.host_specs[1].priority = 101;
    });
    broken(
        &mut table,
        "three fields",
        outcome,
        &[
            ("name", "must match the pattern [a-zA-Z0-9_-]*"),
            ("description", "must have at most 256 characters, but has 257"),
            ("host_specs[1].priority", "must be from 0 to 100, but is 101"),
        ],
    );
    table.holds();
}

#[test]
fn texts_have_their_patterns_and_lengths() {
    let mut table = Table::default();
    let outcome = create_mysql(|request| request.name = "n".repeat(64));
    broken(&mut table, "length", outcome, &[("name", "must have at most 63 characters, but has 64")]);
    let outcome = create_mysql(|request| request.name = "n".repeat(63));
    assert!(outcome.is_ok(), "{outcome:?}");
    let outcome = create_mysql(|request| request.description = "ж".repeat(256));
    assert!(outcome.is_ok(), "characters are counted, not bytes: {outcome:?}");
    let outcome = create_sqlserver(|request| request.user_specs[0].password = "seven77".into());
    let rule = "must have from 8 to 128 characters, but has 7";
    broken(&mut table, "a range of lengths", outcome, &[("user_specs[0].password", rule)]);
    let outcome = create_spqr(|request| request.shard_specs[0].shard_name = "under_score".into());
    let rule = "must match the pattern ^[a-zA-Z0-9][a-zA-Z0-9-]*$";
    broken(&mut table, "a pattern with anchors", outcome, &[("shard_specs[0].shard_name", rule)]);
    let outcome = create_mysql(|request| request.disk_encryption_key_id = Some("k".repeat(51)));
    let rule = "must match the pattern [a-zA-Z0-9_.-]{0,50}";
    broken(&mut table, "a pattern of a wrapper", outcome, &[("disk_encryption_key_id", rule)]);
    table.holds();
}

#[test]
fn numbers_have_their_ranges() {
    let mut table = Table::default();
    let retention =
        |days| create_mysql(|request| request.config_spec.as_mut().unwrap().backup_retain_period_days = Some(days));
    let field = "config_spec.backup_retain_period_days";
    broken(&mut table, "too few", retention(6), &[(field, "must be from 7 to 60, but is 6")]);
    broken(&mut table, "too many", retention(61), &[(field, "must be from 7 to 60, but is 61")]);
    for days in [7, 60] {
        assert!(retention(days).is_ok(), "{days}");
    }
    let timeout = |seconds| {
        create_mysql(|request| {
            let settings = MysqlConfig80 { innodb_lock_wait_timeout: Some(seconds), ..MysqlConfig80::default() };
            request.config_spec.as_mut().unwrap().mysql_config = Some(MysqlConfig::MysqlConfig80(settings));
        })
    };
    let field = "config_spec.mysql_config_8_0.innodb_lock_wait_timeout";
    broken(&mut table, "in a oneof", timeout(28801), &[(field, "must be from 1 to 28800, but is 28801")]);
    assert!(timeout(28800).is_ok());
    table.holds();
}

#[test]
fn times_of_the_day_have_their_ranges() {
    let mut table = Table::default();
    let window = |hours, minutes, seconds, nanos| {
        create_redis(|request| {
            let window = TimeOfDay { hours, minutes, seconds, nanos };
            request.config_spec.as_mut().unwrap().backup_window_start = Some(window);
        })
    };
    broken(
        &mut table,
        "all too much",
        window(24, 60, 60, 1_000_000_000),
        &[
            ("config_spec.backup_window_start.hours", "must be from 0 to 23, but is 24"),
            ("config_spec.backup_window_start.minutes", "must be from 0 to 59, but is 60"),
            ("config_spec.backup_window_start.seconds", "must be from 0 to 59, but is 60"),
            ("config_spec.backup_window_start.nanos", "must be from 0 to 999999999, but is 1000000000"),
        ],
    );
    let rule = "must be from 0 to 23, but is -1";
    broken(&mut table, "negative", window(-1, 0, 0, 0), &[("config_spec.backup_window_start.hours", rule)]);
    assert!(window(23, 59, 59, 999_999_999).is_ok());
    table.holds();
}

#[test]
fn timestamps_are_checked() {
    let mut table = Table::default();
    let mut request = Mysql::restore_of(&mysql::v1::Backup::default(), "restored");
    request.backup_id = "any".into();
    request.time = Some(Timestamp { seconds: 0, nanos: -1 });
    let rule = "must be a time from the year 1 to 9999, with nanos from 0 to 999999999";
    broken(&mut table, "nanos", Mysql::restore(&Cloud::start(), request), &[("time", rule)]);
    table.holds();
}

#[test]
fn lists_and_maps_have_their_sizes_and_keys() {
    let mut table = Table::default();
    let label = |key: &str, value: &str| {
        create_mysql(|request| {
            request.labels.insert(key.into(), value.into());
        })
    };
    let rule = "the key must match the pattern [a-z][-_./\\@0-9a-z]*";
    broken(&mut table, "a key", label("Team", "blue"), &[("labels[\"Team\"]", rule)]);
    let rule = "must match the pattern [-_./\\@0-9a-z]*";
    broken(&mut table, "a value", label("team", "Blue"), &[("labels[\"team\"]", rule)]);
    assert!(label("team", "").is_ok());
    let outcome = create_mysql(|request| {
        request.labels = (0..65).map(|number| (format!("label{number}"), String::new())).collect();
    });
    broken(&mut table, "a map", outcome, &[("labels", "must have at most 64 items, but has 65")]);
    let outcome = create_redis(|request| request.user_specs[0].passwords = vec![SECRET.into(); 2]);
    broken(
        &mut table,
        "a list",
        outcome,
        &[
            ("user_specs[0].passwords", "must have at most 1 items, but has 2"),
            ("user_specs[0].passwords", "must have no two equal items"),
        ],
    );
    table.holds();
}

#[test]
fn one_member_of_a_oneof_must_be_given() {
    let mut table = Table::default();
    let outcome = create_spqr(|request| request.shard_specs[0].spec = None);
    let rule = "exactly one of its members must be given";
    broken(&mut table, "a shard", outcome, &[("shard_specs[0].Spec", rule)]);
    table.holds();
}

#[test]
fn the_rules_that_no_annotation_says_are_told_in_the_same_form() {
    let mut table = Table::default();
    let outcome = create_mysql(|request| {
        let config = request.config_spec.as_mut().unwrap();
        config.version = "9.9".into();
        config.resources.as_mut().unwrap().disk_size = 0;
        request.host_specs[0].zone_id = "moon-1".into();
        request.database_specs.push(Mysql::new_database("orders"));
        request.user_specs.push(Mysql::new_user("shop"));
    });
    let zones = "must be one of ru-central1-a, ru-central1-b, ru-central1-c, ru-central1-d, kz1-a, but is \"moon-1\"";
    broken(
        &mut table,
        "MySQL",
        outcome,
        &[
            ("host_specs[0].zone_id", zones),
            ("user_specs[1].name", "must be unique, but \"shop\" comes twice"),
            ("config_spec.version", "must be one of 5.7, 8.0, 8.4, but is \"9.9\""),
            ("database_specs[1].name", "must be unique, but \"orders\" comes twice"),
            ("config_spec.resources.disk_size", "must be a positive number of bytes"),
        ],
    );
    let outcome = create_mysql(|request| request.host_specs = vec![request.host_specs[0].clone(); 8]);
    broken(&mut table, "hosts", outcome, &[("host_specs", "must have from 1 to 7 hosts, but has 8")]);
    let outcome = create_redis(|request| request.host_specs[0].assign_public_ip = true);
    broken(&mut table, "an address", outcome, &[("host_specs[0].assign_public_ip", "needs tls_enabled")]);
    let outcome = create_redis(|request| {
        request.host_specs[0].shard_name = "one".into();
        request.host_specs[1].shard_name = "another".into();
    });
    let rule = "all hosts of a cluster that is not sharded are in one shard";
    broken(&mut table, "shards", outcome, &[("host_specs", rule)]);
    let outcome = create_redis(|request| {
        request.sharded = true;
        request.host_specs[0].shard_name = "another".into();
    });
    let required = "is required where other hosts name theirs";
    broken(&mut table, "no shard", outcome, &[("host_specs[1].shard_name", required)]);
    let outcome = create_redis(|request| request.host_specs[1].zone_id = "kz1-a".into());
    let abroad = "must be in ru-central1, where the other hosts are, but is in kz1";
    broken(&mut table, "two regions", outcome, &[("host_specs[1].zone_id", abroad)]);
    let outcome = create_redis(|request| {
        request.sharded = true;
        request.host_specs[0].shard_name = "one".into();
        request.host_specs[1].shard_name = "another".into();
    });
    let rule = "a sharded cluster begins with 1 or from 3 to 10 shards, but has 2";
    broken(&mut table, "two shards", outcome, &[("host_specs", rule)]);
    let outcome = create_spqr(|request| request.host_specs[0].r#type = spqr::v1::host::Type::Router as i32);
    let rule = "a cluster has either INFRA hosts, or ROUTER and COORDINATOR hosts";
    broken(
        &mut table,
        "SPQR",
        outcome,
        &[("host_specs", rule), ("config_spec.spqr_spec.router.resources", "is required")],
    );
    table.holds();
}

#[test]
fn enums_have_their_values_and_ranges_have_no_zero_but_where_it_means_the_default() {
    let mut table = Table::default();
    let outcome = create_mysql(|request| request.environment = 77);
    broken(&mut table, "an enum", outcome, &[("environment", "must be a value of Environment, but is 77")]);
    let outcome = create_mysql(|request| {
        use mysql::v1::{MaintenanceWindow, WeeklyMaintenanceWindow, maintenance_window::Policy};
        let policy = Some(Policy::WeeklyMaintenanceWindow(WeeklyMaintenanceWindow::default()));
        // Clients go on sending it.
        #[allow(deprecated)]
        request.maintenance_window.replace(MaintenanceWindow { policy });
    });
    let rule = "must be from 1 to 24, but is 0";
    broken(&mut table, "an hour", outcome, &[("maintenance_window.weekly_maintenance_window.hour", rule)]);
    table.holds();
    let outcome = create_mysql(|request| {
        let diagnostics = mysql::v1::PerformanceDiagnostics { enabled: true, ..Default::default() };
        request.config_spec.as_mut().unwrap().performance_diagnostics = Some(diagnostics);
    });
    assert!(outcome.is_ok(), "{outcome:?}");
}

#[test]
fn permissions_are_on_databases_that_exist_and_one_on_each() {
    let permission = |database: &str| mysql::v1::Permission { database_name: database.into(), roles: vec![2] };
    let mut table = Table::default();
    let outcome = create_mysql(|request| {
        request.user_specs[0].permissions = vec![permission("orders"), permission("orders"), permission("stock")];
    });
    let twice = "must be unique, but \"orders\" comes twice";
    let field = |index: usize| format!("user_specs[0].permissions[{index}].database_name");
    let (second, third) = (field(1), field(2));
    let about = [second.as_str(), third.as_str()];
    let message = format!("Request validation error:\n- {second}: {twice}\n- {third}: there is no database \"stock\"");
    table.row("new cluster", outcome, Code::InvalidArgument, message, (crate::BAD, &about));
    let cloud = Cloud::start();
    let cluster = cloud.created::<Mysql>("main");
    let create = |database: &str| {
        let user = mysql::v1::UserSpec { permissions: vec![permission(database)], ..Mysql::new_user("reader") };
        mysql::v1::CreateUserRequest { cluster_id: cluster.clone(), user_spec: Some(user) }
    };
    let outcome = Mysql::create_user(&cloud, create("stock"));
    table.bad("new user", outcome, "user_spec.permissions[0].database_name", "there is no database \"stock\"");
    table.holds();
    cloud.done(Mysql::create_user(&cloud, create("orders")));
    let reader = || {
        let request = mysql::v1::GetUserRequest { cluster_id: cluster.clone(), user_name: "reader".into() };
        Mysql::get_user(&cloud, request).unwrap().permissions
    };
    assert_eq!(reader(), [permission("orders")]);
    cloud.drop_database::<Mysql>(&cluster, "orders");
    assert_eq!(reader(), [], "nobody keeps permissions on a database that is gone");
}

#[test]
fn the_waived_rule_is_not_enforced() {
    let outcome = create_mysql(|request| {
        let permission = mysql::v1::Permission { database_name: "orders".into(), roles: Vec::new() };
        request.user_specs[0].permissions = vec![permission];
    });
    assert!(outcome.is_ok(), "{outcome:?}");
}

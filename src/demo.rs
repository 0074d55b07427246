//! The demonstration: a folder with a cluster of each engine and a week of backups, always under the same ids.

use crate::contract::METHODS;
use crate::contract::proto::google::r#type::TimeOfDay;
use crate::contract::proto::yandex::cloud::mdb::{mysql, redis, spqr, sqlserver};
use crate::engines::{Messages, Mysql, Redis, Spqr, SqlServer};
use crate::handlers::{Call, cluster};
use crate::refusal::Refusal;
use crate::universe::instant::DAY;
use crate::universe::{Clock, Id, Instant, OperationTime, Plan, Seed, Universe};

/// The folder of the demonstration.
pub const FOLDER: &str = "b1gdemo0000000000000";

/// How long before now its clusters were made.
const AGE: i64 = 8 * DAY;

const GIB: i64 = 1 << 30;
const PRODUCTION: i32 = 1;

/// A universe with the demonstration's folder, at an instant.
///
/// # Panics
///
/// Never: its own requests are valid, which a test sees to.
pub fn universe(clock: Clock, now: Instant) -> Universe {
    let mut universe = Universe::new(Seed(0), Clock::Frozen, now.plus(-AGE), OperationTime::None);
    universe.add_folder(FOLDER, "demo");
    let network = universe.default_network(FOLDER).expect("the folder has a network from the beginning");
    let made = (|| {
        make(&mut universe, redis_request(), cluster::create::<Redis>)?;
        make(&mut universe, mysql_request(), cluster::create::<Mysql>)?;
        make(&mut universe, sqlserver_request(), cluster::create::<SqlServer>)?;
        make(&mut universe, spqr_request(network), cluster::create::<Spqr>)
    })();
    made.expect("the demonstration's requests are valid");
    universe.settle(now);
    universe.set_clock(clock);
    universe
}

fn make<Q>(
    universe: &mut Universe,
    request: Q,
    create: fn(&Call, &Universe, Q) -> Result<Plan, Refusal>,
) -> Result<(), Refusal> {
    let call = Call::inside(&METHODS[0], universe.now(), "mdb-emulator");
    let plan = create(&call, universe, request)?;
    universe.accept(&plan).map(|_| ())
}

fn redis_request() -> <Redis as Messages>::CreateClusterRequest {
    use redis::v1::{ConfigSpec, CreateClusterRequest, HostSpec, Resources};
    let host = |zone: &str| HostSpec { zone_id: zone.into(), ..HostSpec::default() };
    CreateClusterRequest {
        folder_id: FOLDER.into(),
        name: "cache".into(),
        environment: PRODUCTION,
        config_spec: Some(ConfigSpec {
            version: "8.1-valkey".into(),
            resources: Some(Resources {
                resource_preset_id: "hm3-c2-m8".into(),
                disk_size: 16 * GIB,
                ..Resources::default()
            }),
            ..ConfigSpec::default()
        }),
        host_specs: vec![host("ru-central1-a"), host("ru-central1-b"), host("ru-central1-d")],
        ..CreateClusterRequest::default()
    }
}

fn mysql_request() -> <Mysql as Messages>::CreateClusterRequest {
    use mysql::v1::{
        ConfigSpec, CreateClusterRequest, DatabaseSpec, HostSpec, Permission, Resources, UserSpec, permission,
    };
    let host = |zone: &str| HostSpec { zone_id: zone.into(), ..HostSpec::default() };
    CreateClusterRequest {
        folder_id: FOLDER.into(),
        name: "orders".into(),
        environment: PRODUCTION,
        config_spec: Some(ConfigSpec {
            version: "8.0".into(),
            resources: Some(Resources {
                resource_preset_id: "s3-c2-m8".into(),
                disk_size: 20 * GIB,
                ..Resources::default()
            }),
            backup_window_start: Some(TimeOfDay { hours: 1, ..TimeOfDay::default() }),
            ..ConfigSpec::default()
        }),
        database_specs: vec![DatabaseSpec { name: "orders".into(), ..DatabaseSpec::default() }],
        user_specs: vec![UserSpec {
            name: "shop".into(),
            permissions: vec![Permission {
                database_name: "orders".into(),
                roles: vec![permission::Privilege::AllPrivileges as i32],
            }],
            ..UserSpec::default()
        }],
        host_specs: vec![host("ru-central1-a"), host("ru-central1-b")],
        ..CreateClusterRequest::default()
    }
}

fn sqlserver_request() -> <SqlServer as Messages>::CreateClusterRequest {
    use sqlserver::v1::{ConfigSpec, CreateClusterRequest, DatabaseSpec, HostSpec, Resources};
    CreateClusterRequest {
        folder_id: FOLDER.into(),
        name: "billing".into(),
        environment: PRODUCTION,
        config_spec: Some(ConfigSpec {
            version: "2019std".into(),
            resources: Some(Resources {
                resource_preset_id: "s2.small".into(),
                disk_size: 20 * GIB,
                ..Resources::default()
            }),
            ..ConfigSpec::default()
        }),
        database_specs: vec![DatabaseSpec { name: "invoices".into() }],
        host_specs: vec![HostSpec { zone_id: "ru-central1-a".into(), ..HostSpec::default() }],
        ..CreateClusterRequest::default()
    }
}

fn spqr_request(network: Id) -> <Spqr as Messages>::CreateClusterRequest {
    use spqr::v1::{ConfigSpec, CreateClusterRequest, HostSpec, Resources, SpqrSpec, host, spqr_spec};
    let resources = Resources { resource_preset_id: "s3-c2-m8".into(), disk_size: 10 * GIB, ..Resources::default() };
    let host = |zone: &str| HostSpec { zone_id: zone.into(), r#type: host::Type::Infra as i32, ..HostSpec::default() };
    CreateClusterRequest {
        folder_id: FOLDER.into(),
        name: "users".into(),
        environment: PRODUCTION,
        config_spec: Some(ConfigSpec {
            spqr_spec: Some(SpqrSpec {
                infra: Some(spqr_spec::Infra { resources: Some(resources), ..spqr_spec::Infra::default() }),
                ..SpqrSpec::default()
            }),
            ..ConfigSpec::default()
        }),
        host_specs: vec![host("ru-central1-a"), host("ru-central1-b")],
        network_id: network.to_string(),
        ..CreateClusterRequest::default()
    }
}

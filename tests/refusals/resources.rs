//! Presets and disks that hosts cannot have.

use crate::common::*;
use crate::{BAD, RESOURCE, Table};

for_every_engine! {
    unknown_presets_are_not_found
}

const GIB: i64 = 1 << 30;
const PRESET: &str = "config_spec.resources.resource_preset_id";
const DISK_TYPE: &str = "config_spec.resources.disk_type_id";
const SIZE: &str = "config_spec.resources.disk_size";

/// A request for a cluster whose hosts, in these zones, all have the same resources.
fn cluster<E: Sample>(preset: &str, disk_type: &str, size: i64, zones: &[&str]) -> E::CreateClusterRequest {
    let mut request = E::new_cluster("main");
    let hosts = zones.iter().map(|zone| {
        let mut host = request.host_specs()[0].clone();
        host.set_zone_id(format!("ru-central1-{zone}"));
        host
    });
    request.set_host_specs(hosts.collect());
    let mut config = request.config_spec().cloned().unwrap();
    let mut resources = E::Resources::default();
    resources.set_resource_preset_id(preset.into());
    resources.set_disk_type_id(disk_type.into());
    resources.set_disk_size(size);
    config.set_resources(Some(resources));
    request.set_config_spec(Some(config));
    request
}

fn create<E: Sample>(preset: &str, disk_type: &str, size: i64, zones: &[&str]) -> Result<Operation, Status> {
    E::create(&Cloud::start(), cluster::<E>(preset, disk_type, size, zones))
}

#[track_caller]
fn is_taken<E: Sample>(preset: &str, disk_type: &str, gib: i64, zones: &[&str]) {
    if let Err(status) = create::<E>(preset, disk_type, gib * GIB, zones) {
        panic!("{preset} {disk_type} {gib}: {}", status.message());
    }
}

fn unknown_presets_are_not_found<E: Sample>() {
    let mut table = Table::default();
    let mut request = E::GetResourcePresetRequest::default();
    request.set_resource_preset_id("s1.nano".into());
    let outcome = E::get_preset(&Cloud::start(), request);
    let about = (RESOURCE, ["mdb.resourcePreset", "s1.nano"].as_slice());
    table.row("Get", outcome, Code::NotFound, "Resource preset s1.nano not found", about);
    table.bad(
        "Get",
        E::get_preset(&Cloud::start(), E::GetResourcePresetRequest::default()),
        "resource_preset_id",
        "is required",
    );
    table.holds();
}

#[test]
fn a_preset_must_exist_and_the_nearest_are_named() {
    let mut table = Table::default();
    let outcome = create::<Redis>("hm3-c2-m9", "network-ssd", 16 * GIB, &["a"]);
    let family = "must be one of hm3-c2-m8, hm3-c2-m12, hm3-c4-m16, hm3-c4-m24, hm3-c4-m32, hm3-c4-m48, hm3-c6-m60, \
                  hm3-c6-m78, hm3-c6-m96, hm3-c8-m128, hm3-c12-m192, hm3-c14-m224, hm3-c16-m256, hm3-c20-m320, \
                  but is \"hm3-c2-m9\"";
    table.bad("of a family", outcome, PRESET, family);
    let outcome = create::<Mysql>("b1.nano", "network-ssd", 10 * GIB, &["a"]);
    table.bad("one that is gone", outcome, PRESET, "must be one of b1.medium, but is \"b1.nano\"");
    let outcome = create::<SqlServer>("s3-c2-m8", "network-ssd", 10 * GIB, &["a"]);
    let all = "must be one of s2.small, s2.medium, s2.large, s2.xlarge, s2.2xlarge, s2.3xlarge, s2.4xlarge, s2.5xlarge, \
               s2.6xlarge, m2.small, m2.medium, m2.large, m2.xlarge, m2.2xlarge, m2.3xlarge, m2.4xlarge and 4 more, \
               but is \"s3-c2-m8\"";
    table.bad("of no family", outcome, PRESET, all);
    let outcome = create::<Mysql>("", "network-ssd", 10 * GIB, &["a"]);
    table.bad("none", outcome, PRESET, "is required");
    table.holds();
}

#[test]
fn a_disk_type_must_exist_and_go_with_the_preset() {
    let mut table = Table::default();
    let outcome = create::<Redis>("hm3-c2-m8", "network-hdd", 16 * GIB, &["a"]);
    let types = "must be one of network-ssd, network-ssd-nonreplicated, network-ssd-io-m3, local-ssd";
    table.bad("Redis has no hard disks", outcome, DISK_TYPE, &format!("{types}, but is \"network-hdd\""));
    let pair = |preset: &str, disk_type: &str, types: &str| {
        let pair = format!("resource preset \"{preset}\" and disk type \"{disk_type}\" are not available");
        format!("{pair}: must be one of {types}")
    };
    for (preset, disk_type, types) in [
        ("hm1.nano", "network-ssd-nonreplicated", "network-ssd, local-ssd"),
        ("hm1.nano", "network-ssd-io-m3", "network-ssd, local-ssd"),
        ("b2.medium", "local-ssd", "network-ssd"),
        ("b3-c1-m4", "network-ssd-io-m3", "network-ssd"),
        ("m4a-c224-m1792", "local-ssd", "network-ssd, network-ssd-nonreplicated, network-ssd-io-m3"),
    ] {
        let outcome = create::<Redis>(preset, disk_type, 0, &["a"]);
        let rules = [(SIZE, "must be a positive number of bytes"), (DISK_TYPE, &pair(preset, disk_type, types))];
        told(&mut table, outcome, &rules);
    }
    let network = "network-ssd, network-hdd";
    for (preset, disk_type, types) in [
        ("b1.medium", "local-ssd", network),
        ("b2.medium", "network-ssd-io-m3", network),
        ("s1.micro", "network-ssd-nonreplicated", "network-ssd, network-hdd, network-ssd-io-m3, local-ssd"),
    ] {
        let outcome = create::<Mysql>(preset, disk_type, 93 * GIB, &["a"; 3]);
        table.bad(preset, outcome, DISK_TYPE, &pair(preset, disk_type, types));
    }
    let outcome = create::<SqlServer>("s2.small", "local-ssd", 100 * GIB, &["a"]);
    table.bad("the standard edition", outcome, DISK_TYPE, &pair("s2.small", "local-ssd", network));
    let outcome = create::<SqlServer>("s2.small", "network-ssd-io-m3", 93 * GIB, &["a"]);
    let types = "network-ssd, network-hdd, network-ssd-nonreplicated, local-ssd";
    let rule = format!("must be one of {types}, but is \"network-ssd-io-m3\"");
    table.bad("SQL Server", outcome, DISK_TYPE, &rule);
    table.holds();
}

/// A row whose request breaks these rules, each of a field.
fn told<T>(table: &mut Table, outcome: Result<T, Status>, rules: &[(&str, &str)]) {
    let lines: Vec<String> = rules.iter().map(|(field, rule)| format!("- {field}: {rule}")).collect();
    let fields: Vec<&str> = rules.iter().map(|(field, _)| *field).collect();
    let message = format!("Request validation error:\n{}", lines.join("\n"));
    table.row(&message, outcome, Code::InvalidArgument, message.clone(), (BAD, &fields));
}

/// The rule of a disk whose size must be from one number of GiB to another, and of what step.
fn size_rule((least, most, step): (i64, i64, Option<i64>), size: i64, nearest: &[i64]) -> String {
    let step = step.map(|step| format!(" and a multiple of {}", step * GIB)).unwrap_or_default();
    let range = format!("[{},{})", least * GIB, most * GIB + 1);
    let nearest: Vec<String> = nearest.iter().map(|size| (size * GIB).to_string()).collect();
    format!("invalid disk size, must be inside {range} range{step}, but is {size}: use one of [{}]", nearest.join(", "))
}

#[test]
fn a_disk_is_as_large_as_its_host_can_have() {
    let mut table = Table::default();
    let mut refuses = |preset: &str, disk_type: &str, of: (i64, i64, Option<i64>), size: i64, nearest: &[i64]| {
        let outcome = create::<Redis>(preset, disk_type, size, &["a"; 3]);
        table.bad(preset, outcome, SIZE, &size_rule(of, size, nearest));
    };
    refuses("hm3-c2-m8", "network-ssd", (16, 8184, None), 16 * GIB - 1, &[16]);
    refuses("hm3-c2-m8", "network-ssd", (16, 8184, None), 8184 * GIB + 1, &[8184]);
    refuses("hm1.nano", "network-ssd", (16, 4096, None), 4097 * GIB, &[4096]);
    refuses("hm1.nano", "local-ssd", (100, 1500, Some(100)), 150 * GIB, &[100, 200]);
    refuses("hm2.nano", "local-ssd", (100, 1500, Some(100)), i64::MAX, &[1500]);
    refuses("hm3-c2-m8", "local-ssd", (368, 2944, Some(368)), 400 * GIB, &[368, 736]);
    refuses("hm3-c20-m320", "local-ssd", (736, 2944, Some(368)), 368 * GIB, &[736]);
    refuses("m4a-c2-m16", "local-ssd", (368, 2944, Some(368)), 2945 * GIB, &[2944]);
    refuses("hm3-c4-m48", "network-ssd-nonreplicated", (186, 8184, Some(93)), 93 * GIB, &[186]);
    refuses("hm3-c4-m48", "network-ssd-io-m3", (186, 8184, Some(93)), 187 * GIB, &[186, 279]);
    refuses("hm4af-c4-m48", "network-ssd-nonreplicated", (93, 8184, Some(93)), 1, &[93]);
    refuses("m4a-c224-m1792", "network-ssd", (3534, 8184, None), 3533 * GIB, &[3534]);
    let mut refuses = |preset: &str, disk_type: &str, of: (i64, i64, Option<i64>), size: i64, nearest: &[i64]| {
        let outcome = create::<Mysql>(preset, disk_type, size, &["a"; 3]);
        table.bad(preset, outcome, SIZE, &size_rule(of, size, nearest));
    };
    refuses("s3-c2-m8", "network-ssd", (10, 8184, None), 9 * GIB, &[10]);
    refuses("s3-c2-m8", "network-hdd", (10, 8184, None), 8185 * GIB, &[8184]);
    refuses("b2.medium", "network-hdd", (10, 512, None), 513 * GIB, &[512]);
    refuses("s2.7xlarge", "network-ssd", (100, 1500, None), 99 * GIB, &[100]);
    refuses("s2.micro", "network-ssd-nonreplicated", (93, 8184, Some(93)), 100 * GIB, &[93, 186]);
    refuses("s1.micro", "local-ssd", (100, 1500, Some(100)), 1600 * GIB, &[1500]);
    refuses("s3-c2-m8", "local-ssd", (368, 2944, Some(368)), 100 * GIB, &[368]);
    refuses("c4a-c2-m4", "network-ssd", (10, 20_460, None), 20_461 * GIB, &[20_460]);
    let mut refuses = |disk_type: &str, of: (i64, i64, Option<i64>), size: i64, nearest: &[i64]| {
        let mut request = cluster::<SqlServer>("s2.small", disk_type, size, &["a"; 3]);
        request.config_spec.as_mut().unwrap().version = "2019ent".into();
        let outcome = SqlServer::create(&Cloud::start(), request);
        table.bad(disk_type, outcome, SIZE, &size_rule(of, size, nearest));
    };
    refuses("network-hdd", (10, 2048, None), 2049 * GIB, &[2048]);
    refuses("local-ssd", (100, 1400, Some(100)), 1500 * GIB, &[1400]);
    refuses("network-ssd-nonreplicated", (93, 8184, Some(93)), 8192 * GIB, &[8184]);
    table.holds();
}

#[test]
fn hosts_are_where_there_is_such_hardware() {
    let mut table = Table::default();
    let rule = |preset: &str, disk_type: &str| {
        let pair = format!("resource preset \"{preset}\" and disk type \"{disk_type}\" are not available");
        format!("{pair} in ru-central1-d: must be one of ru-central1-a, ru-central1-b")
    };
    let outcome = create::<Redis>("hm1.nano", "network-ssd", 16 * GIB, &["a", "d"]);
    table.bad("Broadwell", outcome, "host_specs[1].zone_id", &rule("hm1.nano", "network-ssd"));
    let outcome = create::<Mysql>("s1.micro", "network-ssd", 16 * GIB, &["d"]);
    table.bad("Broadwell", outcome, "host_specs[0].zone_id", &rule("s1.micro", "network-ssd"));
    let outcome = create::<Mysql>("s2.micro", "local-ssd", 100 * GIB, &["a", "b", "d"]);
    table.bad("Cascade Lake", outcome, "host_specs[2].zone_id", &rule("s2.micro", "local-ssd"));

    let cloud = Cloud::start();
    let cluster_id = cloud.created_by::<Mysql>(cluster::<Mysql>("s1.micro", "network-ssd", 16 * GIB, &["a"]));
    let host = |zone: &str| mysql::v1::HostSpec { zone_id: zone.into(), ..Default::default() };
    let add =
        |zone: &str| mysql::v1::AddClusterHostsRequest { cluster_id: cluster_id.clone(), host_specs: vec![host(zone)] };
    let outcome = Mysql::add_hosts(&cloud, add("ru-central1-d"));
    table.bad("AddHosts", outcome, "host_specs[0].zone_id", &rule("s1.micro", "network-ssd"));
    cloud.done(Mysql::add_hosts(&cloud, add("ru-central1-b")));

    let elsewhere = cloud.created_by::<Mysql>(mysql::v1::CreateClusterRequest {
        name: "elsewhere".into(),
        ..cluster::<Mysql>("s2.micro", "network-ssd", 16 * GIB, &["d"])
    });
    let rule = "resource preset \"s1.micro\" and disk type \"network-ssd\" are not available in ru-central1-d, \
                where the cluster has a host";
    table.bad("Update", update_preset::<Mysql>(&cloud, &elsewhere, "s1.micro"), PRESET, rule);
    table.holds();
    // Zones of which no source says what they have are taken.
    is_taken::<Mysql>("s1.micro", "network-ssd", 10, &["c"]);
    is_taken::<Mysql>("s2.micro", "local-ssd", 100, &["a", "b", "c"]);
    is_taken::<Mysql>("s3-c2-m8", "local-ssd", 368, &["a", "b", "d"]);
}

fn update_preset<E: Sample>(cloud: &Cloud, cluster: &str, preset: &str) -> Result<Operation, Status> {
    let mut resources = E::Resources::default();
    resources.set_resource_preset_id(preset.into());
    let mut config = E::ConfigSpec::default();
    config.set_resources(Some(resources));
    let mut request = E::UpdateClusterRequest::default();
    request.set_cluster_id(cluster.into());
    request.set_config_spec(Some(config));
    request.set_update_mask(mask(&[PRESET]));
    E::update(cloud, request)
}

#[test]
fn disks_without_copies_need_several_hosts() {
    let mut table = Table::default();
    let rule = |disk_type: &str, least: usize, place: &str, count: usize| {
        format!("disk type \"{disk_type}\" needs at least {least} hosts{place}, but has {count}")
    };
    for disk_type in ["local-ssd", "network-ssd-nonreplicated"] {
        let size = if disk_type == "local-ssd" { 368 } else { 93 };
        for count in [1, 2] {
            let zones = &["a", "b"][..count];
            let rule = rule(disk_type, 3, "", count);
            table.bad("Redis", create::<Redis>("hm3-c2-m8", disk_type, size * GIB, zones), "host_specs", &rule);
            table.bad("MySQL", create::<Mysql>("s3-c2-m8", disk_type, size * GIB, zones), "host_specs", &rule);
        }
        is_taken::<Redis>("hm3-c2-m8", disk_type, size, &["a", "b", "d"]);
        is_taken::<Mysql>("s3-c2-m8", disk_type, size, &["a", "b", "d"]);
    }
    is_taken::<Mysql>("s3-c2-m8", "network-ssd-io-m3", 93, &["a"]);
    is_taken::<Redis>("hm3-c2-m8", "network-ssd-io-m3", 93, &["a"]);

    let sharded = |disk_type: &str, size: i64, count: usize| {
        let request = cluster::<Redis>("hm3-c2-m8", disk_type, size * GIB, &["a", "b", "d"][..count]);
        let host_specs =
            request.host_specs.into_iter().map(|host| redis::v1::HostSpec { shard_name: "one".into(), ..host });
        let request = redis::v1::CreateClusterRequest { sharded: true, host_specs: host_specs.collect(), ..request };
        Redis::create(&Cloud::start(), request)
    };
    let place = " in shard \"one\"";
    table.bad("a shard", sharded("local-ssd", 368, 1), "host_specs", &rule("local-ssd", 2, place, 1));
    let nonreplicated = "network-ssd-nonreplicated";
    table.bad("a shard", sharded(nonreplicated, 93, 2), "host_specs", &rule(nonreplicated, 3, place, 2));
    assert!(sharded("local-ssd", 368, 2).is_ok() && sharded(nonreplicated, 93, 3).is_ok());

    let mut request = cluster::<SqlServer>("s2.small", "local-ssd", 100 * GIB, &["a"]);
    request.config_spec.as_mut().unwrap().version = "2019ent".into();
    let outcome = SqlServer::create(&Cloud::start(), request.clone());
    table.bad("SQL Server", outcome, "host_specs", &rule("local-ssd", 3, "", 1));
    request.host_specs = vec![request.host_specs[0].clone(); 3];
    assert!(SqlServer::create(&Cloud::start(), request).is_ok());

    // An update names no hosts, so it is told what it names.
    let cloud = Cloud::start();
    let cluster_id = cloud.created::<Redis>("main");
    let resources =
        redis::v1::Resources { disk_type_id: "local-ssd".into(), disk_size: 368 * GIB, ..Default::default() };
    let request = redis::v1::UpdateClusterRequest {
        cluster_id,
        config_spec: Some(redis::v1::ConfigSpec { resources: Some(resources), ..Default::default() }),
        update_mask: mask(&[DISK_TYPE, SIZE]),
        ..Default::default()
    };
    table.bad("Update", Redis::update(&cloud, request), DISK_TYPE, &rule("local-ssd", 3, "", 2));
    table.holds();
}

#[test]
fn a_burstable_host_of_redis_is_alone() {
    let mut table = Table::default();
    let rule = |preset: &str, count: usize| {
        format!("Maximum number of hosts reached: resource preset \"{preset}\" permits one host, but has {count}")
    };
    for preset in ["b2.medium", "b3-c1-m4"] {
        is_taken::<Redis>(preset, "network-ssd", 8, &["a"]);
        let outcome = create::<Redis>(preset, "network-ssd", 8 * GIB, &["a", "b"]);
        table.bad(preset, outcome, "host_specs", &rule(preset, 2));
    }
    let cloud = Cloud::start();
    let cluster_id = cloud.created_by::<Redis>(cluster::<Redis>("b3-c1-m4", "network-ssd", 8 * GIB, &["a"]));
    let host = redis::v1::HostSpec { zone_id: "ru-central1-b".into(), ..Default::default() };
    let add = redis::v1::AddClusterHostsRequest { cluster_id, host_specs: vec![host] };
    table.bad("AddHosts", Redis::add_hosts(&cloud, add), "host_specs", &rule("b3-c1-m4", 2));
    let two = cloud.created_by::<Redis>(redis::v1::CreateClusterRequest {
        name: "two".into(),
        ..cluster::<Redis>("hm3-c2-m8", "network-ssd", 16 * GIB, &["a", "b"])
    });
    table.bad("Update", update_preset::<Redis>(&cloud, &two, "b3-c1-m4"), PRESET, &rule("b3-c1-m4", 2));
    table.holds();
    is_taken::<Mysql>("b2.medium", "network-hdd", 10, &["a", "b"]);
}

#[test]
fn each_type_of_spqr_hosts_has_resources_of_its_own() {
    use spqr::v1::{Resources, SpqrSpec, host::Type, spqr_spec};
    let mut table = Table::default();
    let resources = |preset: &str, disk_type: &str, disk_size: i64| Resources {
        resource_preset_id: preset.into(),
        disk_type_id: disk_type.into(),
        disk_size,
    };
    let mut request = Spqr::new_cluster("main");
    request.host_specs[0].r#type = Type::Router as i32;
    request.host_specs[1].r#type = Type::Coordinator as i32;
    request.host_specs[1].zone_id = "ru-central1-d".into();
    let router = resources("s4a-c32-128", "network-ssd-io-m3", 93 * GIB);
    let coordinator = resources("s1.micro", "network-hdd", 513 * GIB);
    request.config_spec.as_mut().unwrap().spqr_spec = Some(SpqrSpec {
        router: Some(spqr_spec::Router { resources: Some(router), ..Default::default() }),
        coordinator: Some(spqr_spec::Coordinator { resources: Some(coordinator), ..Default::default() }),
        ..Default::default()
    });
    let outcome = Spqr::create(&Cloud::start(), request);
    let s4a = "must be one of s4a-c2-m8, s4a-c4-m16, s4a-c8-m32, s4a-c12-m48, s4a-c16-m64, s4a-c24-m96, s4a-c32-m128, \
               s4a-c40-m160, s4a-c48-m192, s4a-c64-m256, s4a-c80-m320, s4a-c96-m576, but is \"s4a-c32-128\"";
    let zone = "resource preset \"s1.micro\" and disk type \"network-hdd\" are not available in ru-central1-d: \
                must be one of ru-central1-a, ru-central1-b";
    let size = size_rule((10, 512, None), 513 * GIB, &[512]);
    let part = |part: &str, field: &str| format!("config_spec.spqr_spec.{part}.resources.{field}");
    told(
        &mut table,
        outcome,
        &[
            (&part("router", "resource_preset_id"), s4a),
            (&part("router", "disk_type_id"), "must be one of network-ssd, network-hdd, but is \"network-ssd-io-m3\""),
            ("host_specs[1].zone_id", zone),
            (&part("coordinator", "disk_size"), &size),
        ],
    );
    let mut request = Spqr::new_cluster("main");
    let infra =
        spqr_spec::Infra { resources: Some(resources("b3-c1-m4", "network-hdd", 10 * GIB)), ..Default::default() };
    request.config_spec.as_mut().unwrap().spqr_spec = Some(SpqrSpec { infra: Some(infra), ..Default::default() });
    assert!(Spqr::create(&Cloud::start(), request).is_ok());
    table.holds();
}

#[test]
fn all_that_is_wrong_with_resources_is_told_at_once_by_restore_too() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Mysql>("main");
    let backup = cloud.backed_up::<Mysql>(&cluster);
    let mut request = Mysql::restore_of(&backup, "restored");
    let resources = request.config_spec.as_mut().unwrap().resources.as_mut().unwrap();
    *resources = mysql::v1::Resources {
        resource_preset_id: "s1.micro".into(),
        disk_type_id: "local-ssd".into(),
        disk_size: 10 * GIB,
    };
    request.host_specs[1].zone_id = "ru-central1-d".into();
    let refusal = refused(Mysql::restore(&cloud, request));
    assert_eq!(refusal.about, ["host_specs[1].zone_id", SIZE, "host_specs"]);
}

#[test]
fn what_the_terraform_provider_and_the_published_samples_send_is_taken() {
    is_taken::<Redis>("hm1.nano", "", 16, &["b", "b"]);
    is_taken::<Redis>("hm3-c2-m8", "network-ssd", 16, &["a", "b", "d"]);
    is_taken::<Redis>("hm3-c2-m12", "network-ssd", 24, &["a", "b", "d"]);
    is_taken::<Redis>("hm3-c2-m8", "local-ssd", 368, &["a", "b", "d"]);
    is_taken::<Mysql>("s2.micro", "network-ssd", 10, &["b", "b"]);
    is_taken::<Mysql>("s2.micro", "network-ssd", 24, &["a", "b", "d"]);
    is_taken::<Mysql>("s2.micro", "network-hdd", 12, &["a", "b", "d"]);
}

#[test]
fn what_no_source_rules_out_is_taken() {
    // Disk types and steps of MySQL's AMD presets, and the larger of two limits.
    is_taken::<Mysql>("s4a-c2-m8", "local-ssd", 11, &["a", "b", "d"]);
    is_taken::<Mysql>("m4af-c2-m16", "network-ssd-nonreplicated", 20_460, &["a", "b", "d"]);
    is_taken::<Mysql>("s3-c2-m8", "network-hdd", 8184, &["a"]);
    is_taken::<Mysql>("s1.micro", "network-ssd-io-m3", 93, &["a"]);
    is_taken::<Redis>("hm3-c2-m8", "network-ssd", 8184, &["a"]);
    is_taken::<Redis>("hm4af-c80-m960", "network-ssd-nonreplicated", 1860, &["a", "b", "d"]);
    is_taken::<Redis>("m4a-c64-m512", "network-ssd-io-m3", 930, &["a"]);
    let abroad = redis::v1::HostSpec { zone_id: "kz1-a".into(), ..Default::default() };
    let request = redis::v1::CreateClusterRequest {
        host_specs: vec![abroad],
        ..cluster::<Redis>("hm1.nano", "network-ssd", 16 * GIB, &[])
    };
    assert!(Redis::create(&Cloud::start(), request).is_ok());
}

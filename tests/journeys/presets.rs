//! The classes of hosts: those of the documentation, each as it says.

use crate::common::*;

for_every_engine! {
    each_preset_of_the_list_is_found_by_its_id
    an_id_tells_cores_and_memory
    a_preset_is_in_every_zone_but_where_its_hardware_is_not
    a_cluster_of_the_sample_is_of_a_preset_of_the_list
}

const GIB: i64 = 1 << 30;

fn presets<E: Sample>(cloud: &Cloud) -> Vec<E::ResourcePreset> {
    let mut request = E::ListResourcePresetsRequest::default();
    request.set_page_size(1000);
    E::list_presets(cloud, request).unwrap().resource_presets().to_vec()
}

fn preset<E: Sample>(cloud: &Cloud, id: &str) -> Result<E::ResourcePreset, Status> {
    let mut request = E::GetResourcePresetRequest::default();
    request.set_resource_preset_id(id.into());
    E::get_preset(cloud, request)
}

/// Cores and GiB of a preset.
#[track_caller]
fn size<E: Sample>(cloud: &Cloud, id: &str) -> (i64, i64) {
    let preset = preset::<E>(cloud, id).unwrap();
    (preset.cores(), preset.memory() / GIB)
}

fn each_preset_of_the_list_is_found_by_its_id<E: Sample>() {
    let cloud = Cloud::start();
    let presets = presets::<E>(&cloud);
    for listed in &presets {
        let found = preset::<E>(&cloud, listed.id()).unwrap();
        assert_eq!(
            (found.id(), found.cores(), found.memory(), found.zone_ids()),
            (listed.id(), listed.cores(), listed.memory(), listed.zone_ids())
        );
    }
    let mut ids: Vec<&str> = presets.iter().map(|preset| preset.id()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), presets.len());
    // What the documentation says is gone.
    for gone in ["b1.nano", "b1.micro", "b1.small", "b2.nano", "b2.micro", "b2.small", "s1.nano", "m1.micro"] {
        assert_eq!(refused(preset::<E>(&cloud, gone)).code, Code::NotFound, "{gone}");
    }
}

fn an_id_tells_cores_and_memory<E: Sample>() {
    for preset in presets::<E>(&Cloud::start()) {
        let Some((cores, memory)) = preset.id().split_once("-c").and_then(|(_, sizes)| sizes.split_once("-m")) else {
            assert!(preset.id().contains('.'), "{}", preset.id());
            continue;
        };
        // It has half of two cores.
        let cores = if preset.id() == "b3-c1-m4" { "2" } else { cores };
        let told = (cores.parse().unwrap(), memory.parse::<i64>().unwrap() * GIB);
        assert_eq!((preset.cores(), preset.memory()), told, "{}", preset.id());
    }
}

fn a_preset_is_in_every_zone_but_where_its_hardware_is_not<E: Sample>() {
    for preset in presets::<E>(&Cloud::start()) {
        let is_broadwell = ["b1.", "s1.", "hm1."].iter().any(|family| preset.id().starts_with(family));
        let zones: &[&str] = if is_broadwell {
            &["ru-central1-a", "ru-central1-b"]
        } else {
            &["ru-central1-a", "ru-central1-b", "ru-central1-d"]
        };
        assert_eq!(preset.zone_ids(), zones, "{}", preset.id());
    }
}

fn a_cluster_of_the_sample_is_of_a_preset_of_the_list<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let mut request = E::ListClusterHostsRequest::default();
    request.set_cluster_id(cluster);
    for host in E::list_hosts(&cloud, request).unwrap().hosts() {
        preset::<E>(&cloud, host.resources().unwrap().resource_preset_id()).unwrap();
    }
}

/// How many presets each family has, in the order of the list.
fn families<E: Sample>() -> Vec<(String, usize)> {
    let mut families: Vec<(String, usize)> = Vec::new();
    for preset in presets::<E>(&Cloud::start()) {
        let family = preset.id().split(['.', '-']).next().unwrap();
        match families.last_mut() {
            Some((last, count)) if last == family => *count += 1,
            _ => families.push((family.to_owned(), 1)),
        }
    }
    families
}

fn counted(families: &[(&str, usize)]) -> Vec<(String, usize)> {
    families.iter().map(|(family, count)| ((*family).to_owned(), *count)).collect()
}

#[test]
fn redis_has_the_documented_presets() {
    let wanted = [("hm1", 14), ("b2", 1), ("hm2", 16), ("b3", 1), ("hm3", 14), ("m4a", 9), ("m4af", 7), ("hm4af", 14)];
    assert_eq!(families::<Redis>(), counted(&wanted));
    let cloud = Cloud::start();
    let sizes = ["hm1.nano", "hm1.9xlarge", "b2.medium", "hm2.512xlarge", "b3-c1-m4", "hm3-c6-m78", "m4a-c224-m1792"];
    let sizes = sizes.map(|id| size::<Redis>(&cloud, id));
    assert_eq!(sizes, [(2, 8), (8, 256), (2, 4), (32, 512), (2, 4), (6, 78), (224, 1792)]);
    let sizes = ["hm2.96xlarge", "hm2.160xlarge", "hm3-c20-m320", "m4af-c48-m384", "hm4af-c2-m20", "hm4af-c80-m960"];
    let sizes = sizes.map(|id| size::<Redis>(&cloud, id));
    assert_eq!(sizes, [(6, 96), (10, 160), (20, 320), (48, 384), (2, 20), (80, 960)]);
}

#[test]
fn mysql_has_the_documented_presets() {
    let intel = [("b1", 1), ("b2", 1), ("s1", 5), ("s2", 11), ("m2", 13), ("s3", 12), ("m3", 13), ("c3", 12)];
    let amd = [("s4a", 10), ("c4a", 10), ("m4a", 9), ("s4af", 7), ("c4af", 7), ("m4af", 7)];
    assert_eq!(families::<Mysql>(), counted(&[&intel[..], &amd[..]].concat()));
    let cloud = Cloud::start();
    let sizes = ["b1.medium", "s1.xlarge", "s2.7xlarge", "m2.9xlarge", "s3-c96-m576", "c3-c96-m192", "m3-c56-m448"];
    let sizes = sizes.map(|id| size::<Mysql>(&cloud, id));
    assert_eq!(sizes, [(2, 4), (32, 128), (80, 320), (80, 640), (96, 576), (96, 192), (56, 448)]);
    let sizes = ["s4a-c256-m1024", "c4a-c256-m512", "m4a-c224-m1792", "s4af-c2-m8", "c4af-c48-m96", "m4af-c80-m640"];
    let sizes = sizes.map(|id| size::<Mysql>(&cloud, id));
    assert_eq!(sizes, [(256, 1024), (256, 512), (224, 1792), (2, 8), (48, 96), (80, 640)]);
}

#[test]
fn sqlserver_has_the_documented_presets() {
    assert_eq!(families::<SqlServer>(), counted(&[("s2", 9), ("m2", 11)]));
    let cloud = Cloud::start();
    let sizes = ["s2.small", "s2.6xlarge", "m2.small", "m2.8xlarge"].map(|id| size::<SqlServer>(&cloud, id));
    assert_eq!(sizes, [(4, 16), (64, 256), (4, 32), (64, 512)]);
    for none in ["s2.micro", "s2.7xlarge", "m2.micro", "m2.9xlarge", "b1.nano"] {
        assert_eq!(refused(preset::<SqlServer>(&cloud, none)).code, Code::NotFound, "{none}");
    }
}

#[test]
fn spqr_has_the_documented_presets() {
    let older = [("b1", 1), ("s1", 5), ("b2", 1), ("m2", 12), ("s2", 10)];
    let newer = [("b3", 1), ("s3", 11), ("m3", 9), ("c3", 12), ("s4a", 12), ("m4a", 13), ("c4a", 12)];
    assert_eq!(families::<Spqr>(), counted(&[&older[..], &newer[..]].concat()));
    let cloud = Cloud::start();
    let sizes = ["b3-c1-m4", "m2.micro", "s2.6xlarge", "s3-c80-m320", "m3-c40-m320", "s4a-c96-m576", "c4a-c96-m192"];
    let sizes = sizes.map(|id| size::<Spqr>(&cloud, id));
    assert_eq!(sizes, [(2, 4), (2, 16), (64, 256), (80, 320), (40, 320), (96, 576), (96, 192)]);
}

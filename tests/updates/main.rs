//! Update: what a mask takes, what it leaves, and what happens without one.

// A test may panic.
#![allow(clippy::unwrap_used)]

#[macro_use]
#[path = "../common/mod.rs"]
mod common;

mod cost;
mod paths;
mod rules;
mod users;
mod warnings;

use common::*;

for_every_engine! {
    only_what_the_mask_names_is_changed
    a_window_of_midnight_is_not_a_window_that_is_unset
    one_part_of_a_window_can_be_changed
    labels_are_replaced_whole
    without_a_mask_fields_go_to_their_defaults_but_for_those_that_have_none
    an_update_that_changes_nothing_is_refused
    a_renamed_cluster_gives_its_old_name_back
    a_stopped_cluster_can_be_updated_and_goes_on_standing_still
    protection_can_be_put_on_and_off
}

/// An update with a mask.
fn update<E: Sample>(cluster: &str, paths: &[&str]) -> E::UpdateClusterRequest {
    let mut request = E::UpdateClusterRequest::default();
    request.set_cluster_id(cluster.into());
    request.set_update_mask(mask(paths));
    request
}

/// Carries an update out; the cluster after it.
#[track_caller]
fn updated<E: Sample>(cloud: &Cloud, request: E::UpdateClusterRequest) -> E::Cluster {
    let cluster = request.cluster_id().to_owned();
    let shown: E::Cluster = response(&cloud.done(E::update(cloud, request)));
    assert_eq!(shown, cloud.cluster::<E>(&cluster));
    shown
}

fn with_window<E: Sample>(window: Option<TimeOfDay>) -> E::ConfigSpec {
    let mut config = E::ConfigSpec::default();
    config.set_backup_window_start(window);
    config
}

fn window<E: Sample>(cluster: &E::Cluster) -> TimeOfDay {
    cluster.config().unwrap().backup_window_start().copied().expect("a window is always shown")
}

const fn time(hours: i32, minutes: i32) -> TimeOfDay {
    TimeOfDay { hours, minutes, seconds: 0, nanos: 0 }
}

fn only_what_the_mask_names_is_changed<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let before = cloud.cluster::<E>(&cluster);
    let mut request = update::<E>(&cluster, &["description", "config_spec.backup_window_start"]);
    request.set_description("changed".into());
    request.set_config_spec(Some(with_window::<E>(Some(time(4, 30)))));
    // Given, but not named.
    request.set_name("not-this".into());
    request.set_deletion_protection(true);
    let after = updated::<E>(&cloud, request);
    assert_eq!((after.description(), window::<E>(&after)), ("changed", time(4, 30)));
    let mut restored = after;
    restored.set_description(before.description().to_owned());
    let mut config = restored.config().cloned().unwrap();
    config.set_backup_window_start(before.config().unwrap().backup_window_start().copied());
    restored.set_config(Some(config));
    assert_eq!(restored, before, "all else stays");
}

fn a_window_of_midnight_is_not_a_window_that_is_unset<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    assert_eq!(window::<E>(&cloud.cluster::<E>(&cluster)), time(22, 0), "the default");
    let set = |window| {
        let mut request = update::<E>(&cluster, &["config_spec.backup_window_start"]);
        request.set_config_spec(Some(with_window::<E>(window)));
        request
    };
    assert_eq!(window::<E>(&updated::<E>(&cloud, set(Some(time(0, 0))))), time(0, 0));
    assert_eq!(window::<E>(&updated::<E>(&cloud, set(None))), time(22, 0));
    let mut request = E::new_cluster("midnight");
    let mut config = request.config_spec().cloned().unwrap();
    config.set_backup_window_start(Some(time(0, 0)));
    request.set_config_spec(Some(config));
    let midnight = cloud.created_by::<E>(request);
    assert_eq!(window::<E>(&cloud.cluster::<E>(&midnight)), time(0, 0));
}

fn one_part_of_a_window_can_be_changed<E: Sample>() {
    let cloud = Cloud::start();
    let mut request = E::new_cluster("main");
    let mut config = request.config_spec().cloned().unwrap();
    config.set_backup_window_start(Some(TimeOfDay { hours: 3, minutes: 15, seconds: 30, nanos: 7 }));
    request.set_config_spec(Some(config));
    let cluster = cloud.created_by::<E>(request);
    let mut request = update::<E>(&cluster, &["config_spec.backup_window_start.hours"]);
    request.set_config_spec(Some(with_window::<E>(Some(time(5, 59)))));
    let after = updated::<E>(&cloud, request);
    assert_eq!(window::<E>(&after), TimeOfDay { hours: 5, minutes: 15, seconds: 30, nanos: 7 });
}

fn labels_are_replaced_whole<E: Sample>() {
    let labels = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect::<std::collections::BTreeMap<_, _>>()
    };
    let cloud = Cloud::start();
    let mut request = E::new_cluster("main");
    request.set_labels(labels(&[("team", "blue"), ("tier", "gold")]));
    request.set_security_group_ids(vec!["a".into(), "b".into()]);
    let cluster = cloud.created_by::<E>(request);
    let mut request = update::<E>(&cluster, &["labels", "security_group_ids"]);
    request.set_labels(labels(&[("team", "red")]));
    request.set_security_group_ids(vec!["c".into()]);
    let after = updated::<E>(&cloud, request);
    assert_eq!(after.labels(), &labels(&[("team", "red")]));
    assert_eq!(after.security_group_ids(), ["c"]);
    let after = updated::<E>(&cloud, update::<E>(&cluster, &["labels"]));
    assert!(after.labels().is_empty());
    assert_eq!(after.security_group_ids(), ["c"]);
}

fn without_a_mask_fields_go_to_their_defaults_but_for_those_that_have_none<E: Sample>() {
    let cloud = Cloud::start();
    let plain = cloud.created::<E>("plain");
    let mut request = E::new_cluster("main");
    request.set_description("a word".into());
    request.set_labels([("team".to_owned(), "blue".to_owned())].into());
    request.set_deletion_protection(true);
    let mut config = request.config_spec().cloned().unwrap();
    config.set_backup_window_start(Some(time(3, 0)));
    config.set_backup_retain_period_days(Some(30));
    request.set_config_spec(Some(config));
    let cluster = cloud.created_by::<E>(request);
    let before = cloud.cluster::<E>(&cluster);

    let mut request = E::UpdateClusterRequest::default();
    request.set_cluster_id(cluster.clone());
    request.set_labels([("team".to_owned(), "red".to_owned())].into());
    let after = updated::<E>(&cloud, request);
    assert_eq!(after.labels()["team"], "red", "what is sent is taken");
    assert_eq!((after.description(), after.deletion_protection()), ("", false));
    assert_eq!(after.name(), "main");
    assert_eq!((after.network_id(), after.environment()), (before.network_id(), before.environment()));
    // The configuration is that of a cluster that never asked for anything: version and resources are those of Create.
    assert!(after.config() == cloud.cluster::<E>(&plain).config());
    assert_eq!(window::<E>(&after), time(22, 0));

    // An empty mask is none.
    let mut request = update::<E>(&cluster, &[]);
    request.set_description("again".into());
    let after = updated::<E>(&cloud, request);
    assert_eq!((after.description(), after.labels().len()), ("again", 0));
}

fn an_update_that_changes_nothing_is_refused<E: Sample>() {
    let cloud = Cloud::start();
    let mut request = E::new_cluster("main");
    request.set_description("a word".into());
    let cluster = cloud.created_by::<E>(request);
    let mut same = update::<E>(&cluster, &["description", "name"]);
    same.set_description("a word".into());
    same.set_name("main".into());
    let mut default = update::<E>(&cluster, &["config_spec.backup_window_start"]);
    default.set_config_spec(Some(with_window::<E>(Some(time(22, 0)))));
    for request in [same, default, update::<E>(&cluster, &["labels"])] {
        let refusal = refused(E::update(&cloud, request));
        assert_eq!((refusal.code, refusal.message.as_str()), (Code::FailedPrecondition, "no changes detected"));
    }
    assert_eq!(cloud.operations::<E>(&cluster).len(), 1);
}

fn a_renamed_cluster_gives_its_old_name_back<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let mut request = update::<E>(&cluster, &["name"]);
    request.set_name("renamed".into());
    assert_eq!(updated::<E>(&cloud, request).name(), "renamed");
    assert_ne!(cloud.created::<E>("main"), cluster);
    assert_eq!(refused(E::create(&cloud, E::new_cluster("renamed"))).code, Code::AlreadyExists);
}

fn a_stopped_cluster_can_be_updated_and_goes_on_standing_still<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    cloud.stop::<E>(&cluster);
    let mut request = update::<E>(&cluster, &["description"]);
    request.set_description("changed".into());
    let after = updated::<E>(&cloud, request);
    assert_eq!((after.status(), after.description()), (STOPPED, "changed"));
}

fn protection_can_be_put_on_and_off<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let mut request = update::<E>(&cluster, &["deletion_protection"]);
    request.set_deletion_protection(true);
    updated::<E>(&cloud, request);
    let mut deletion = E::DeleteClusterRequest::default();
    deletion.set_cluster_id(cluster.clone());
    assert_eq!(refused(E::delete(&cloud, deletion)).about, ["DELETION_PROTECTION"]);
    updated::<E>(&cloud, update::<E>(&cluster, &["deletion_protection"]));
    cloud.delete::<E>(&cluster);
}

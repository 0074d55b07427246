//! What an update warns of: paths that lead nowhere, in the header x-mdb-warning.

use crate::common::*;
use crate::update;
use redis::v1::cluster_service_client::ClusterServiceClient;

/// The warning that comes with an update of the description by these paths.
fn warning(cloud: &Cloud, paths: &[&str]) -> Option<String> {
    let cluster = cloud.created::<Redis>("main");
    let mut request = update::<Redis>(&cluster, paths);
    request.description = "new".into();
    let reply = cloud.run(ClusterServiceClient::new(cloud.channel()).update(cloud.request(request))).unwrap();
    let warning = reply.metadata().get("x-mdb-warning").map(|warning| warning.to_str().unwrap().to_owned());
    cloud.delete::<Redis>(&cluster);
    warning
}

#[test]
fn a_path_that_leads_nowhere_is_told() {
    let cloud = Cloud::start();
    assert_eq!(warning(&cloud, &["description"]), None);
    assert_eq!(
        warning(&cloud, &["config_spec.nonsense", "description"]).as_deref(),
        Some("update_mask: config_spec.nonsense leads to no field and was ignored")
    );
    let two = ["config_spec.nonsense", "description", "config_spec.access.nonsense"];
    assert_eq!(
        warning(&cloud, &two).as_deref(),
        Some("update_mask: config_spec.nonsense, config_spec.access.nonsense lead to no field and were ignored")
    );
    assert_eq!(
        warning(&cloud, &["config_spec.redis.\u{44b}\n\"", "description"]).as_deref(),
        Some("update_mask: config_spec.redis.\\u{44b}\\n\\\" leads to no field and was ignored")
    );
}

#[test]
fn a_refusal_has_no_warning() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let request = cloud.request(update::<Redis>(&cluster, &["config_spec.nonsense"]));
    let status = cloud.run(ClusterServiceClient::new(cloud.channel()).update(request)).unwrap_err();
    assert_eq!(status.message(), "no changes detected");
    assert!(status.metadata().get("x-mdb-warning").is_none());
}

#[test]
fn a_warning_is_short_and_counts_what_it_does_not_tell() {
    let cloud = Cloud::start();
    let long = format!("config_spec.{}", "\u{1f600}".repeat(5000));
    let mut paths: Vec<String> = (0..500).map(|number| format!("config_spec.nothing{number}")).collect();
    paths.push("description".into());
    let many: Vec<&str> = paths.iter().map(String::as_str).collect();
    let text = warning(&cloud, &many).unwrap();
    assert!(text.len() <= 1024 && text.len() > 900, "{} bytes: {text}", text.len());
    let told = text.matches("config_spec.nothing").count();
    assert!(text.ends_with(&format!(" and {} more lead to no field and were ignored", 500 - told)), "{text}");
    let text = warning(&cloud, &[&long, "description"]).unwrap();
    assert!(text.len() < 350 && text.is_ascii(), "{text}");
    assert!(text.ends_with("... leads to no field and was ignored"), "{text}");
}

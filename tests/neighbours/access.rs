//! Access bindings of resources and of clusters.

use mdb_emulator::contract::proto::yandex::cloud::access::*;
use mdb_emulator::contract::proto::yandex::cloud::kms::v1::DeleteSymmetricKeyRequest;

use super::*;

/// Everything that has access bindings: its service and its id.
fn holders(cloud: &Cloud) -> Vec<(&'static str, String)> {
    let made = Neighbours::made(cloud, FOLDER);
    vec![
        ("resourcemanager.v1.FolderService", FOLDER.to_owned()),
        ("resourcemanager.v1.FolderService", "b1gonlynamed".to_owned()),
        ("resourcemanager.v1.CloudService", mdb_emulator::universe::network::CLOUD.to_owned()),
        ("kms.v1.SymmetricKeyService", made.key.id),
        ("iam.v1.ServiceAccountService", made.account.id),
        ("mdb.redis.v1.ClusterService", cloud.created::<Redis>("main")),
        ("mdb.mysql.v1.ClusterService", cloud.created::<Mysql>("main")),
        ("mdb.spqr.v1.ClusterService", cloud.created::<Spqr>("main")),
    ]
}

fn list(cloud: &Cloud, service: &str, id: &str) -> Vec<AccessBinding> {
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListAccessBindingsRequest { resource_id: id.into(), page_size: 2, page_token };
        let page: ListAccessBindingsResponse = cloud.ask(&format!("{service}/ListAccessBindings"), &request).unwrap();
        assert!(page.access_bindings.len() <= 2);
        all.extend(page.access_bindings);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}

fn set(cloud: &Cloud, service: &str, id: &str, access_bindings: Vec<AccessBinding>) -> Result<Operation, Status> {
    let request = SetAccessBindingsRequest { resource_id: id.into(), access_bindings };
    cloud.order(&format!("{service}/SetAccessBindings"), &request)
}

fn update(
    cloud: &Cloud,
    service: &str,
    id: &str,
    deltas: &[(AccessBindingAction, &AccessBinding)],
) -> Result<Operation, Status> {
    let delta = |(action, binding): &(AccessBindingAction, &AccessBinding)| AccessBindingDelta {
        action: *action as i32,
        access_binding: Some((*binding).clone()),
    };
    let access_binding_deltas = deltas.iter().map(delta).collect();
    let request = UpdateAccessBindingsRequest { resource_id: id.into(), access_binding_deltas };
    cloud.order(&format!("{service}/UpdateAccessBindings"), &request)
}

fn of_system(role: &str, id: &str) -> AccessBinding {
    let subject = Some(Subject { id: id.into(), r#type: "system".into() });
    AccessBinding { role_id: role.into(), subject }
}

#[test]
fn bindings_are_set_changed_and_cleared() {
    use AccessBindingAction::{Add, Remove};
    let cloud = Cloud::start();
    for (service, id) in holders(&cloud) {
        assert_eq!(list(&cloud, service, &id), []);
        let (first, second) = (binding("viewer", "user-1"), binding("editor", "user-1"));
        let third = of_system("auditor", "allAuthenticatedUsers");
        let done = cloud.done(set(&cloud, service, &id, vec![first.clone(), second.clone(), first.clone()]));
        let metadata: SetAccessBindingsMetadata = done.metadata.as_ref().unwrap().to_msg().unwrap();
        assert_eq!(metadata.resource_id, id);
        assert_eq!(list(&cloud, service, &id), [second.clone(), first.clone()]);
        let changed = cloud.done(update(&cloud, service, &id, &[(Add, &third), (Add, &first), (Remove, &second)]));
        assert_eq!(list(&cloud, service, &id), [third.clone(), first.clone()]);
        let Some(operation::Result::Response(shown)) = &changed.result else { panic!("{changed:?}") };
        if service.starts_with("kms") {
            assert_eq!(shown.type_url, "type.googleapis.com/google.protobuf.Empty");
        } else {
            let result: AccessBindingsOperationResult = shown.to_msg().unwrap();
            let deltas: Vec<_> =
                result.effective_deltas.iter().map(|delta| (delta.action(), delta.access_binding.as_ref())).collect();
            assert_eq!(deltas, [(Remove, Some(&second)), (Add, Some(&third))], "what was there already is no change");
        }
        cloud.done(update(&cloud, service, &id, &[(Remove, &second)]));
        assert_eq!(list(&cloud, service, &id).len(), 2);
        cloud.done(set(&cloud, service, &id, Vec::new()));
        assert_eq!(list(&cloud, service, &id), []);
    }
}

#[test]
fn a_binding_has_a_role_and_a_subject_that_can_be() {
    let cloud = Cloud::start();
    let service = "resourcemanager.v1.FolderService";
    let try_one = |binding| set(&cloud, service, FOLDER, vec![binding]);
    // A role of a service that is not here may be one.
    for role in ["storage.editor", "mdb.admin", "managed-redis.maintenanceTask.viewer", "viewer"] {
        cloud.done(try_one(binding(role, "user-1")));
    }
    for role in ["mdb.editor", "superadmin", "storage.", "vpc.editor"] {
        breaks(try_one(binding(role, "user-1")), "access_bindings[0].role_id");
    }
    for id in ["allUsers", "group:organization:bpf1:users", "group:federation:bpf1:users"] {
        cloud.done(try_one(of_system("viewer", id)));
    }
    for id in ["everybody", "group:organization::users", "group:bpf1:users"] {
        breaks(try_one(of_system("viewer", id)), "access_bindings[0].subject.id");
    }
    let mut strange = binding("viewer", "user-1");
    strange.subject.as_mut().unwrap().r#type = "robot".into();
    breaks(try_one(strange.clone()), "access_bindings[0].subject.type");
    let outcome = update(&cloud, service, FOLDER, &[(AccessBindingAction::Add, &strange)]);
    breaks(outcome, "access_binding_deltas[0].access_binding.subject.type");
    breaks(update(&cloud, service, FOLDER, &[]), "access_binding_deltas");
    let mut nobody = binding("", "");
    nobody.subject = None;
    let refusal = refused(try_one(nobody));
    assert_eq!(refusal.about, ["access_bindings[0].role_id", "access_bindings[0].subject"]);
}

#[test]
fn operations_on_bindings_take_no_slot() {
    let cloud = Cloud::slow(600);
    let cluster = {
        let created = Redis::create(&cloud, Redis::new_cluster("main")).unwrap();
        cloud.advance(600);
        response::<redis::v1::Cluster>(&cloud.operation(&created.id).unwrap()).id
    };
    let service = "mdb.redis.v1.ClusterService";
    let first = set(&cloud, service, &cluster, vec![binding("viewer", "user-1")]).unwrap();
    let request = redis::v1::BackupClusterRequest { cluster_id: cluster.clone() };
    let backup = Redis::backup(&cloud, request).unwrap();
    let added = binding("editor", "user-1");
    let second = update(&cloud, service, &cluster, &[(AccessBindingAction::Add, &added)]).unwrap();
    assert_eq!(list(&cloud, service, &cluster), []);
    cloud.advance(600);
    for operation in [&first, &backup, &second] {
        assert!(cloud.operation(&operation.id).unwrap().done);
    }
    assert_eq!(list(&cloud, service, &cluster).len(), 2);
    // Each is forgotten thirty days after it has ended.
    cloud.advance(30 * DAY);
    for operation in [&first, &backup, &second] {
        assert_eq!(refused(cloud.operation(&operation.id)).code, Code::NotFound);
    }
    let cancelled = set(&cloud, service, &cluster, Vec::new()).unwrap();
    cloud.cancel(&cancelled.id).unwrap();
    assert_eq!(list(&cloud, service, &cluster).len(), 2);
}

#[test]
fn bindings_go_with_what_they_are_of() {
    use mdb_emulator::universe::{Id, KindName, Target};
    let cloud = Cloud::start();
    let made = Neighbours::made(&cloud, FOLDER);
    let cluster = cloud.created::<Redis>("main");
    let key = Target::Resource(KindName::SymmetricKey, Id::parse(&made.key.id).unwrap());
    let of_cluster = Target::Cluster(Id::parse(&cluster).unwrap());
    let holders =
        [("kms.v1.SymmetricKeyService", &made.key.id, key), ("mdb.redis.v1.ClusterService", &cluster, of_cluster)];
    for (service, id, target) in holders {
        cloud.done(set(&cloud, service, id, vec![binding("viewer", "user-1")]));
        assert_eq!(cloud.value().bindings(target).0.len(), 1);
    }
    cloud.delete::<Redis>(&cluster);
    let delete = DeleteSymmetricKeyRequest { key_id: made.key.id.clone() };
    cloud.done(cloud.order("kms.v1.SymmetricKeyService/Delete", &delete));
    for (_, _, target) in holders {
        assert_eq!(cloud.value().bindings(target).0, []);
    }
}

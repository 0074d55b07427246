//! Symmetric keys of KMS: their versions, states and rotation.

use mdb_emulator::contract::proto::yandex::cloud::kms::v1::symmetric_key_version::Status as State;
use mdb_emulator::contract::proto::yandex::cloud::kms::v1::*;

use super::*;

const SERVICE: &str = "kms.v1.SymmetricKeyService";

fn rpc(name: &str) -> String {
    format!("{SERVICE}/{name}")
}

fn created(cloud: &Cloud, change: impl FnOnce(&mut CreateSymmetricKeyRequest)) -> SymmetricKey {
    let mut request = new_key(FOLDER, "main");
    change(&mut request);
    cloud.make(&rpc("Create"), &request)
}

fn get(cloud: &Cloud, id: &str) -> Result<SymmetricKey, Status> {
    cloud.ask(&rpc("Get"), &GetSymmetricKeyRequest { key_id: id.into() })
}

fn versions(cloud: &Cloud, id: &str) -> Vec<SymmetricKeyVersion> {
    let request = ListSymmetricKeyVersionsRequest { key_id: id.into(), page_size: 1000, ..Default::default() };
    cloud.ask::<ListSymmetricKeyVersionsResponse>(&rpc("ListVersions"), &request).unwrap().key_versions
}

fn days(days: i64) -> prost_types::Duration {
    prost_types::Duration { seconds: days * DAY, nanos: 0 }
}

#[test]
fn a_key_has_a_primary_version_from_the_beginning() {
    let cloud = Cloud::start();
    let done = cloud.done(cloud.order(&rpc("Create"), &new_key(FOLDER, "main")));
    let key: SymmetricKey = response(&done);
    assert_eq!(done.description, "create symmetric key");
    assert!(key.id.starts_with("abj") && done.id.starts_with("abj"));
    let version = SymmetricKeyVersion {
        id: key.primary_version.as_ref().unwrap().id.clone(),
        key_id: key.id.clone(),
        status: State::Active as i32,
        algorithm: SymmetricAlgorithm::Aes256 as i32,
        created_at: Some(cloud.now()),
        primary: true,
        ..Default::default()
    };
    assert_eq!((key.status(), key.primary_version.as_ref()), (symmetric_key::Status::Active, Some(&version)));
    assert_eq!((key.rotated_at, key.rotation_period), (None, None));
    let metadata: CreateSymmetricKeyMetadata = done.metadata.as_ref().unwrap().to_msg().unwrap();
    assert_eq!(
        (metadata.key_id.as_str(), metadata.primary_version_id.as_str()),
        (key.id.as_str(), version.id.as_str())
    );
    assert_eq!(versions(&cloud, &key.id), [version]);
    assert_eq!(get(&cloud, &key.id).unwrap(), key);
    // Names may repeat.
    assert_ne!(created(&cloud, |_| ()).id, key.id);
    let request = CreateSymmetricKeyRequest { default_algorithm: 0, ..new_key(FOLDER, "") };
    breaks(cloud.order(&rpc("Create"), &request), "default_algorithm");
}

#[test]
fn an_update_needs_a_mask_and_leaves_versions_alone() {
    let cloud = Cloud::start();
    let key = created(&cloud, |request| request.rotation_period = Some(days(30)));
    let mut update = UpdateSymmetricKeyRequest {
        key_id: key.id.clone(),
        default_algorithm: SymmetricAlgorithm::Aes192 as i32,
        status: symmetric_key::Status::Inactive as i32,
        ..Default::default()
    };
    breaks(cloud.order(&rpc("Update"), &update), "update_mask");
    update.update_mask = mask(&["default_algorithm", "rotation_period", "status"]);
    let done = cloud.done(cloud.order(&rpc("Update"), &update));
    let changed: SymmetricKey = response(&done);
    assert_eq!(done.description, "update key");
    assert_eq!((changed.default_algorithm(), changed.rotation_period), (SymmetricAlgorithm::Aes192, None));
    assert_eq!(changed.primary_version, key.primary_version);
    assert_eq!(changed.status(), symmetric_key::Status::Inactive);
    let rotate = RotateSymmetricKeyRequest { key_id: key.id };
    assert_eq!(refused(cloud.order(&rpc("Rotate"), &rotate)).code, Code::FailedPrecondition);
    update.status = symmetric_key::Status::Creating as i32;
    breaks(cloud.order(&rpc("Update"), &update), "status");
    update.status = symmetric_key::Status::Active as i32;
    update.rotation_period = Some(prost_types::Duration { seconds: DAY - 1, nanos: 0 });
    breaks(cloud.order(&rpc("Update"), &update), "rotation_period");
}

#[test]
fn rotation_makes_a_new_primary_version() {
    let cloud = Cloud::start();
    let key = created(&cloud, |_| ());
    cloud.advance(HOUR);
    let done = cloud.done(cloud.order(&rpc("Rotate"), &RotateSymmetricKeyRequest { key_id: key.id.clone() }));
    let rotated: SymmetricKey = response(&done);
    let metadata: RotateSymmetricKeyMetadata = done.metadata.as_ref().unwrap().to_msg().unwrap();
    assert_eq!(rotated.primary_version.as_ref().unwrap().id, metadata.new_primary_version_id);
    assert_eq!(rotated.rotated_at, Some(cloud.now()));
    let all = versions(&cloud, &key.id);
    assert_eq!(all.iter().map(|version| version.primary).collect::<Vec<_>>(), [false, true]);
    let primary = |version: &SymmetricKeyVersion| SetPrimarySymmetricKeyVersionRequest {
        key_id: key.id.clone(),
        version_id: version.id.clone(),
    };
    let back: SymmetricKey = cloud.make(&rpc("SetPrimaryVersion"), &primary(&all[0]));
    assert_eq!(back.primary_version.unwrap().id, all[0].id);
    assert_eq!(back.rotated_at, rotated.rotated_at);
    let all = versions(&cloud, &key.id);
    assert_eq!(all.iter().map(|version| version.primary).collect::<Vec<_>>(), [true, false]);
    let unknown = SymmetricKeyVersion { id: UNKNOWN.into(), ..Default::default() };
    assert_eq!(refused(cloud.order(&rpc("SetPrimaryVersion"), &primary(&unknown))).code, Code::NotFound);
}

#[test]
fn the_clock_rotates_a_key() {
    let cloud = Cloud::start();
    let key = created(&cloud, |request| request.rotation_period = Some(days(10)));
    cloud.advance(10 * DAY - 1);
    assert_eq!(versions(&cloud, &key.id).len(), 1);
    cloud.advance(1);
    assert_eq!(versions(&cloud, &key.id).len(), 2);
    assert_eq!(get(&cloud, &key.id).unwrap().rotated_at, Some(cloud.now()));
    cloud.advance(35 * DAY);
    assert_eq!(versions(&cloud, &key.id).len(), 5);
    assert_eq!(versions(&cloud, &key.id).iter().filter(|version| version.primary).count(), 1);
    // A rotation by hand begins the period anew.
    cloud.done(cloud.order(&rpc("Rotate"), &RotateSymmetricKeyRequest { key_id: key.id.clone() }));
    cloud.advance(9 * DAY);
    assert_eq!(versions(&cloud, &key.id).len(), 6);
    let mut update = UpdateSymmetricKeyRequest { key_id: key.id.clone(), ..Default::default() };
    update.update_mask = mask(&["rotation_period"]);
    cloud.done(cloud.order(&rpc("Update"), &update));
    cloud.advance(100 * DAY);
    assert_eq!(versions(&cloud, &key.id).len(), 6);
}

#[test]
fn a_version_waits_for_its_destruction() {
    let cloud = Cloud::start();
    let key = created(&cloud, |_| ());
    cloud.done(cloud.order(&rpc("Rotate"), &RotateSymmetricKeyRequest { key_id: key.id.clone() }));
    let [old, primary] = <[_; 2]>::try_from(versions(&cloud, &key.id)).unwrap();
    let schedule = |version: &SymmetricKeyVersion, pending_period| ScheduleSymmetricKeyVersionDestructionRequest {
        key_id: key.id.clone(),
        version_id: version.id.clone(),
        pending_period,
    };
    let rpc_schedule = rpc("ScheduleVersionDestruction");
    assert_eq!(refused(cloud.order(&rpc_schedule, &schedule(&primary, None))).code, Code::FailedPrecondition);
    let short = Some(prost_types::Duration { seconds: DAY - 1, nanos: 0 });
    breaks(cloud.order(&rpc_schedule, &schedule(&old, short)), "pending_period");
    let planned: SymmetricKeyVersion = cloud.make(&rpc_schedule, &schedule(&old, None));
    assert_eq!(
        (planned.status(), planned.destroy_at),
        (State::ScheduledForDestruction, Some(after(&cloud.now(), 7 * DAY)))
    );
    assert_eq!(refused(cloud.order(&rpc_schedule, &schedule(&old, None))).code, Code::FailedPrecondition);
    let cancel = CancelSymmetricKeyVersionDestructionRequest { key_id: key.id.clone(), version_id: old.id.clone() };
    cloud.advance(6 * DAY);
    let again: SymmetricKeyVersion = cloud.make(&rpc("CancelVersionDestruction"), &cancel);
    assert_eq!(again, old);
    assert_eq!(refused(cloud.order(&rpc("CancelVersionDestruction"), &cancel)).code, Code::FailedPrecondition);
    cloud.advance(2 * DAY);
    assert_eq!(versions(&cloud, &key.id)[0], old);
    let planned: SymmetricKeyVersion = cloud.make(&rpc_schedule, &schedule(&old, Some(days(2))));
    cloud.advance(2 * DAY - 1);
    assert_eq!(versions(&cloud, &key.id)[0], planned);
    cloud.advance(1);
    assert_eq!(versions(&cloud, &key.id)[0].status(), State::Destroyed);
    assert_eq!(refused(cloud.order(&rpc("CancelVersionDestruction"), &cancel)).code, Code::FailedPrecondition);
    let primary = SetPrimarySymmetricKeyVersionRequest { key_id: key.id.clone(), version_id: old.id };
    assert_eq!(refused(cloud.order(&rpc("SetPrimaryVersion"), &primary)).code, Code::FailedPrecondition);
}

#[test]
fn protection_alone_keeps_a_key() {
    let cloud = Cloud::start();
    let key = created(&cloud, |request| request.deletion_protection = true);
    let mut request = Mysql::new_cluster("main");
    request.disk_encryption_key_id = Some(key.id.clone());
    cloud.created_by::<Mysql>(request);
    let delete = DeleteSymmetricKeyRequest { key_id: key.id.clone() };
    let message = format!("Symmetric key {} has deletion protection", key.id);
    is_refused(cloud.order(&rpc("Delete"), &delete), Code::FailedPrecondition, &message);
    let update = UpdateSymmetricKeyRequest {
        key_id: key.id.clone(),
        update_mask: mask(&["deletion_protection"]),
        ..Default::default()
    };
    let open: SymmetricKey = cloud.make(&rpc("Update"), &update);
    let deleted: SymmetricKey = cloud.make(&rpc("Delete"), &delete);
    assert_eq!(deleted, open);
    is_refused(get(&cloud, &key.id), Code::NotFound, &format!("Symmetric key {} not found", key.id));
    let list = ListSymmetricKeysRequest { folder_id: FOLDER.into(), ..Default::default() };
    assert_eq!(cloud.ask::<ListSymmetricKeysResponse>(&rpc("List"), &list).unwrap().keys, []);
    let list = ListSymmetricKeyVersionsRequest { key_id: key.id, ..Default::default() };
    assert!(cloud.ask::<ListSymmetricKeyVersionsResponse>(&rpc("ListVersions"), &list).is_err());
}

#[test]
fn a_period_is_a_duration_and_a_mask_has_paths() {
    let cloud = Cloud::start();
    let period = |seconds, nanos| {
        let rotation_period = Some(prost_types::Duration { seconds, nanos });
        let request = CreateSymmetricKeyRequest { rotation_period, ..new_key(FOLDER, "") };
        cloud.order(&rpc("Create"), &request)
    };
    for (seconds, nanos) in [(DAY, -1), (i64::MAX, 0), (DAY, 2_000_000_000), (-DAY, 0)] {
        breaks(period(seconds, nanos), "rotation_period");
    }
    let key = created(&cloud, |request| request.description = "kept".into());
    let update = UpdateSymmetricKeyRequest {
        key_id: key.id.clone(),
        update_mask: Some(FieldMask::default()),
        name: "other".into(),
        ..Default::default()
    };
    breaks(cloud.order(&rpc("Update"), &update), "update_mask");
    assert_eq!(get(&cloud, &key.id).unwrap(), key);
}

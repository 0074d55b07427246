//! Service accounts, their keys, and roles.

use mdb_emulator::contract::proto::yandex::cloud::iam::v1::awscompatibility::*;
use mdb_emulator::contract::proto::yandex::cloud::iam::v1::*;

use super::*;

const SERVICE: &str = "iam.v1.ServiceAccountService";
const ACCESS_KEYS: &str = "iam.v1.awscompatibility.AccessKeyService";
const NOTE: &str = "PLEASE DO NOT REMOVE THIS LINE! Yandex.Cloud SA Key ID";

fn account(cloud: &Cloud, name: &str) -> ServiceAccount {
    cloud.make(&format!("{SERVICE}/Create"), &new_account(FOLDER, name))
}

fn new_key_of(account: &ServiceAccount) -> CreateKeyRequest {
    CreateKeyRequest { service_account_id: account.id.clone(), description: "for tests".into(), ..Default::default() }
}

#[test]
fn a_name_of_an_account_is_unique_in_its_cloud() {
    let cloud = Cloud::start();
    let made = account(&cloud, "robot");
    assert!(made.id.starts_with("aje"));
    assert_eq!(made.status(), service_account::Status::Active);
    let message = format!("Service account 'robot@{FOLDER}' already exists");
    for folder in [FOLDER, "b1gother"] {
        let again = cloud.order(&format!("{SERVICE}/Create"), &new_account(folder, "robot"));
        is_refused(again, Code::AlreadyExists, &message);
    }
    let update = UpdateServiceAccountRequest {
        service_account_id: made.id.clone(),
        update_mask: mask(&["description"]),
        description: "changed".into(),
        ..Default::default()
    };
    breaks(cloud.order(&format!("{SERVICE}/Update"), &update), "name");
    let update = UpdateServiceAccountRequest { name: "other".into(), ..update };
    let changed: ServiceAccount = cloud.make(&format!("{SERVICE}/Update"), &update);
    assert_eq!(changed, ServiceAccount { description: "changed".into(), ..made });
    let list = |filter: &str| {
        let request =
            ListServiceAccountsRequest { folder_id: FOLDER.into(), filter: filter.into(), ..Default::default() };
        cloud.ask::<ListServiceAccountsResponse>(&format!("{SERVICE}/List"), &request).unwrap().service_accounts
    };
    assert_eq!((list("name=\"robot\""), list("name=\"other\"")), (vec![changed], Vec::new()));
    let far = new_account(FOLDER, "far");
    let far = CreateServiceAccountRequest { expires_at: Some("2106-01-01T00:00:00Z".parse().unwrap()), ..far };
    breaks(cloud.order(&format!("{SERVICE}/Create"), &far), "expires_at");
}

#[test]
fn a_suspended_account_gets_no_token_until_it_is_reactivated() {
    let cloud = Cloud::start();
    let made = account(&cloud, "robot");
    let token = || {
        let request = CreateIamTokenForServiceAccountRequest { service_account_id: made.id.clone() };
        cloud.ask::<CreateIamTokenResponse>("iam.v1.IamTokenService/CreateForServiceAccount", &request)
    };
    let get = || {
        let request = GetServiceAccountRequest { service_account_id: made.id.clone() };
        cloud.ask::<ServiceAccount>(&format!("{SERVICE}/Get"), &request).unwrap()
    };
    token().unwrap();
    let expires_at = Some(after(&cloud.now(), DAY));
    let suspend =
        SuspendServiceAccountRequest { service_account_id: made.id.clone(), expires_at, ..Default::default() };
    cloud.done(cloud.order(&format!("{SERVICE}/Suspend"), &suspend));
    assert_eq!((get().status(), get().expires_at), (service_account::Status::Suspended, expires_at));
    is_refused(token(), Code::Unauthenticated, &format!("Service account {} is suspended", made.id));
    assert_eq!(refused(cloud.order(&format!("{SERVICE}/Suspend"), &suspend)).code, Code::FailedPrecondition);
    let reactivate = ReactivateServiceAccountRequest { service_account_id: made.id.clone() };
    cloud.done(cloud.order(&format!("{SERVICE}/Reactivate"), &reactivate));
    assert_eq!((get().status(), get().expires_at), (service_account::Status::Active, expires_at));
    token().unwrap();
}

#[test]
fn a_key_is_shown_whole_once() {
    let cloud = Cloud::start();
    let made = account(&cloud, "robot");
    let created: CreateKeyResponse = cloud.ask("iam.v1.KeyService/Create", &new_key_of(&made)).unwrap();
    let key = created.key.clone().unwrap();
    assert_eq!(key.key_algorithm(), key::Algorithm::Rsa2048);
    assert_eq!(key.subject, Some(key::Subject::ServiceAccountId(made.id.clone())));
    assert!(key.public_key.starts_with("-----BEGIN PUBLIC KEY-----\n"));
    let (first, pem) = created.private_key.split_once('\n').unwrap();
    assert_eq!(first, format!("{NOTE} <{}>", key.id));
    assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n") && pem.ends_with("-----END PRIVATE KEY-----\n"));
    let get = GetKeyRequest { key_id: key.id.clone(), ..Default::default() };
    assert_eq!(cloud.ask::<Key>("iam.v1.KeyService/Get", &get).unwrap(), key);
    let list = ListKeysRequest { service_account_id: made.id.clone(), ..Default::default() };
    assert_eq!(cloud.ask::<ListKeysResponse>("iam.v1.KeyService/List", &list).unwrap().keys, [key]);
    let second: CreateKeyResponse = cloud.ask("iam.v1.KeyService/Create", &new_key_of(&made)).unwrap();
    assert_ne!(second.private_key, created.private_key);
    // What is changed or deleted is so at once, however long operations take.
    let slow = Cloud::slow(600);
    let request = CreateKeyRequest::default();
    let own: Key = slow.ask::<CreateKeyResponse>("iam.v1.KeyService/Create", &request).unwrap().key.unwrap();
    let list = || slow.ask::<ListKeysResponse>("iam.v1.KeyService/List", &ListKeysRequest::default()).unwrap().keys;
    assert_eq!(list(), std::slice::from_ref(&own), "of the caller");
    slow.done(slow.order("iam.v1.KeyService/Delete", &DeleteKeyRequest { key_id: own.id }));
    assert_eq!(list(), []);
}

#[test]
fn the_same_seed_and_calls_make_the_same_keys() {
    let made = || {
        let cloud = Cloud::start();
        let account = account(&cloud, "robot");
        let key: CreateKeyResponse = cloud.ask("iam.v1.KeyService/Create", &new_key_of(&account)).unwrap();
        let request = CreateAccessKeyRequest { service_account_id: account.id, ..Default::default() };
        let access_key: CreateAccessKeyResponse = cloud.ask(&format!("{ACCESS_KEYS}/Create"), &request).unwrap();
        (key, access_key)
    };
    assert_eq!(made(), made());
}

#[test]
fn a_secret_is_shown_again_to_who_tries_again_and_is_not_kept() {
    let cloud = Cloud::start();
    let made = account(&cloud, "robot");
    let trying = cloud.with_header("idempotency-key", "one");
    let create =
        |cloud: &Cloud| cloud.ask::<CreateKeyResponse>("iam.v1.KeyService/Create", &new_key_of(&made)).unwrap();
    let (first, again, other) = (create(&trying), create(&trying), create(&cloud));
    assert_eq!(first, again);
    assert_ne!(first.private_key, other.private_key);
    let request = CreateAccessKeyRequest { service_account_id: made.id.clone(), ..Default::default() };
    let rpc = format!("{ACCESS_KEYS}/Create");
    let access = |cloud: &Cloud| cloud.ask::<CreateAccessKeyResponse>(&rpc, &request).unwrap();
    let (one, same, another) = (access(&trying), access(&trying), access(&cloud));
    assert_eq!(one, same);
    assert_ne!(one.secret, another.secret);
    let key = one.access_key.clone().unwrap();
    for (text, length) in [(&key.key_id, 25), (&one.secret, 40)] {
        assert!(text.starts_with("YC") && text.len() == length, "{text}");
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'), "{text}");
    }
    let universe = cloud.value();
    let kinds = [mdb_emulator::universe::KindName::Key, mdb_emulator::universe::KindName::AccessKey];
    let kept: Vec<Vec<u8>> = kinds
        .iter()
        .flat_map(|kind| universe.resources_of(*kind, &made.id, 0).map(|(_, resource)| resource.message.encode()))
        .collect();
    assert_eq!(kept.len(), 4);
    let secret_part = first.private_key.lines().nth(5).unwrap().to_owned();
    for secret in [&one.secret, &another.secret, &secret_part] {
        assert!(!kept.iter().any(|bytes| bytes.windows(secret.len()).any(|part| part == secret.as_bytes())));
    }
    let other_request = CreateKeyRequest { description: "other".into(), ..new_key_of(&made) };
    let reused = trying.ask::<CreateKeyResponse>("iam.v1.KeyService/Create", &other_request);
    assert_eq!(refused(reused).code, Code::InvalidArgument);
}

#[test]
fn keys_go_with_their_account_and_an_account_that_a_cluster_acts_as_stays() {
    let cloud = Cloud::start();
    let made = account(&cloud, "robot");
    let key: CreateKeyResponse = cloud.ask("iam.v1.KeyService/Create", &new_key_of(&made)).unwrap();
    let mut request = SqlServer::new_cluster("main");
    request.service_account_id = made.id.clone();
    let cluster = cloud.created_by::<SqlServer>(request);
    let delete = DeleteServiceAccountRequest { service_account_id: made.id.clone() };
    let message = format!("Service account {} is used by cluster {cluster}", made.id);
    is_refused(cloud.order(&format!("{SERVICE}/Delete"), &delete), Code::FailedPrecondition, &message);
    cloud.delete::<SqlServer>(&cluster);
    cloud.done(cloud.order(&format!("{SERVICE}/Delete"), &delete));
    let get = GetKeyRequest { key_id: key.key.unwrap().id, ..Default::default() };
    assert_eq!(refused(cloud.ask::<Key>("iam.v1.KeyService/Get", &get)).code, Code::NotFound);
}

#[test]
fn roles_are_listed_by_pages() {
    let cloud = Cloud::start();
    let (mut ids, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListRolesRequest { page_size: 20, page_token: page_token.clone(), ..Default::default() };
        let page: ListRolesResponse = cloud.ask("iam.v1.RoleService/List", &request).unwrap();
        ids.extend(page.roles.into_iter().map(|role| role.id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert!(ids.is_sorted() && ids.len() > 50);
    for id in ["admin", "managed-mysql.restorer", "mdb.admin", "vpc.user", "resource-manager.clouds.owner"] {
        let role: Role = cloud.ask("iam.v1.RoleService/Get", &GetRoleRequest { role_id: id.into() }).unwrap();
        assert!(ids.contains(&role.id));
    }
    let outcome = cloud.ask::<Role>("iam.v1.RoleService/Get", &GetRoleRequest { role_id: "mdb.editor".into() });
    is_refused(outcome, Code::NotFound, "Role mdb.editor not found");
}

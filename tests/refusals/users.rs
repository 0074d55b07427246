//! Refusals about users: their passwords, permissions and grants.

use crate::common::*;
use crate::{PRECONDITION, RESOURCE, Table, UNKNOWN};
use prost::Message;

for_every_engine! {
    a_user_is_updated_only_where_it_is
    passwords_have_8_to_128_characters
}

for_every_engine_with_databases! {
    permissions_are_on_databases_that_exist
}

for_every_engine_with_grants! {
    what_is_granted_and_revoked_must_be_there
    roles_are_never_unspecified
}

const TOO_SHORT: &str = "must have from 8 to 128 characters, but has 7";
const TOO_LONG: &str = "must have from 8 to 128 characters, but has 129";

fn a_user_is_updated_only_where_it_is<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let stopped = cloud.created::<E>("stopped");
    cloud.stop::<E>(&stopped);
    let mut table = Table::default();
    let outcome = E::update_user(&cloud, E::new_password(UNKNOWN, "shop"));
    let message = format!("Cluster {UNKNOWN} not found");
    table.row("no cluster", outcome, Code::NotFound, message, (RESOURCE, &["mdb.cluster", UNKNOWN]));
    let outcome = E::update_user(&cloud, E::new_password(&cluster, "nobody"));
    let message = format!("User \"nobody\" not found in cluster {cluster}");
    table.row("no user", outcome, Code::NotFound, message, (RESOURCE, &["mdb.user", "nobody"]));
    let outcome = E::update_user(&cloud, E::new_password(&stopped, "shop"));
    let message = format!("Cluster {stopped} is STOPPED, but must be RUNNING");
    table.row("a stopped cluster", outcome, Code::FailedPrecondition, message, (PRECONDITION, &["STATUS"]));
    for path in ["user_name", "cluster_id", "colour"] {
        let mut request = E::new_password(&cluster, "shop");
        request.set_update_mask(mask(&[path]));
        let rule = format!("{path} is no field that can be updated");
        table.bad(path, E::update_user(&cloud, request), "update_mask", &rule);
    }
    let mut request = E::new_password(&cluster, "shop");
    request.set_update_mask(mask(&["permissions"]));
    let outcome = E::update_user(&cloud, request);
    table.row("no change", outcome, Code::FailedPrecondition, "no changes detected", (PRECONDITION, &["NO_CHANGES"]));
    table.holds();
}

fn passwords_have_8_to_128_characters<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let field = if E::PASSWORD == "passwords" { "passwords[0]" } else { "password" };
    let mut table = Table::default();
    for (password, rule) in [("seven77".to_owned(), TOO_SHORT), ("x".repeat(129), TOO_LONG)] {
        let user = || {
            let mut user = E::new_user("another");
            user.set_password(password.clone());
            user.set_passwords(vec![password.clone()]);
            user
        };
        let mut request = E::new_cluster("another");
        request.set_user_specs(vec![E::new_user("first"), user()]);
        table.bad_password("Create", E::create(&cloud, request), &format!("user_specs[1].{field}"), rule);
        let mut request = E::CreateUserRequest::default();
        request.set_cluster_id(cluster.clone());
        request.set_user_spec(Some(user()));
        table.bad_password("UserService.Create", E::create_user(&cloud, request), &format!("user_spec.{field}"), rule);
        let mut request = E::new_password(&cluster, "shop");
        request.set_password(password.clone());
        request.set_passwords(vec![password.clone()]);
        table.bad_password("UserService.Update", E::update_user(&cloud, request), field, rule);
    }
    table.holds();
    let mut request = E::new_password(&cluster, "shop");
    request.set_password("жжжжжжжж".into());
    request.set_passwords(vec!["eight888".into()]);
    cloud.done(E::update_user(&cloud, request));
}

impl Table {
    /// A row about a password. The contract annotates some as from 0 to 128 characters long, and says so of those that are longer.
    fn bad_password<T>(&mut self, call: &str, outcome: Result<T, Status>, field: &str, rule: &str) {
        let annotated = rule.replace("from 8", "from 0");
        let is_told = outcome.as_ref().err().is_some_and(|status| status.message().contains(&annotated));
        self.bad(call, outcome, field, if is_told { &annotated } else { rule });
    }
}

#[test]
fn so_have_those_of_redis_itself() {
    use redis::v1::config::RedisConfig;
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let backup = cloud.backed_up::<Redis>(&cluster);
    let with_password = || Some(RedisConfig { password: "seven77".into(), ..RedisConfig::default() });
    let mut table = Table::default();
    let mut request = Redis::new_cluster("another");
    request.config_spec.as_mut().unwrap().redis = with_password();
    table.bad("Create", Redis::create(&cloud, request), "config_spec.redis.password", TOO_SHORT);
    let request = redis::v1::UpdateClusterRequest {
        cluster_id: cluster,
        update_mask: mask(&["config_spec.redis.password"]),
        config_spec: Some(redis::v1::ConfigSpec { redis: with_password(), ..Default::default() }),
        ..Default::default()
    };
    table.bad("Update", Redis::update(&cloud, request), "config_spec.redis.password", TOO_SHORT);
    let mut request = Redis::restore_of(&backup, "restored");
    request.config_spec.as_mut().unwrap().redis = with_password();
    request.user_specs = vec![redis::v1::UserSpec { passwords: vec![String::new()], ..Redis::new_user("late") }];
    let message = format!(
        "Request validation error:\n- config_spec.redis.password: {TOO_SHORT}\n\
         - user_specs[0].passwords[0]: must have from 8 to 128 characters, but has 0"
    );
    let fields = ["config_spec.redis.password", "user_specs[0].passwords[0]"];
    table.row("Restore", Redis::restore(&cloud, request), Code::InvalidArgument, message, ("BadRequest", &fields));
    table.holds();
}

#[test]
fn the_default_user_of_redis_is_not_deleted() {
    let cloud = Cloud::start();
    let cluster_id = cloud.created::<Redis>("main");
    let request = redis::v1::DeleteUserRequest { cluster_id: cluster_id.clone(), user_name: "default".into() };
    let mut table = Table::default();
    let message = "User \"default\" cannot be deleted: every cluster has it";
    let outcome = Redis::delete_user(&cloud, request);
    table.row("Delete", outcome, Code::FailedPrecondition, message, (PRECONDITION, &["DEFAULT_USER"]));
    table.holds();
    assert_eq!(cloud.users::<Redis>(&cluster_id), ["default", "shop"]);
}

/// A permission on a database, on the wire: field 1 of every engine's.
fn permitted<M: prost::Message + Default>(user: &impl prost::Message, permissions: u32, databases: &[&str]) -> M {
    let mut bytes = user.encode_to_vec();
    for database in databases {
        let mut permission = Vec::new();
        prost::encoding::string::encode(1, &(*database).to_owned(), &mut permission);
        // A role that every engine has which has roles.
        prost::encoding::int32::encode_packed(2, &[1], &mut permission);
        prost::encoding::bytes::encode(permissions, &permission, &mut bytes);
    }
    M::decode(bytes.as_slice()).unwrap()
}

fn permissions_are_on_databases_that_exist<E: SampleDatabases>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let mut table = Table::default();
    let databases = ["orders", "moon", "orders"];
    let broken = |at: &str| {
        let fields = [1, 2].map(|index| format!("{at}permissions[{index}].database_name"));
        let rules = ["there is no database \"moon\"", "must be unique, but \"orders\" comes twice"];
        let message =
            format!("Request validation error:\n- {}: {}\n- {}: {}", fields[0], rules[0], fields[1], rules[1]);
        (message, fields)
    };
    let mut row = |call: &str, outcome: Result<Operation, Status>, at: &str| {
        let (message, fields) = broken(at);
        let fields = fields.each_ref().map(String::as_str);
        table.row(call, outcome, Code::InvalidArgument, message, ("BadRequest", &fields));
    };
    let user: E::UserSpec = permitted(&E::new_user("another"), 3, &databases);
    let mut request = E::new_cluster("another");
    request.set_user_specs(vec![user.clone()]);
    row("Create", E::create(&cloud, request), "user_specs[0].");
    let mut request = E::CreateUserRequest::default();
    request.set_cluster_id(cluster.clone());
    request.set_user_spec(Some(user));
    row("UserService.Create", E::create_user(&cloud, request), "user_spec.");
    let mut request: E::UpdateUserRequest = permitted(&E::new_password(&cluster, "shop"), 5, &databases);
    request.set_update_mask(mask(&["permissions"]));
    row("UserService.Update", E::update_user(&cloud, request), "");
    table.holds();
}

fn what_is_granted_and_revoked_must_be_there<E: SampleGrants>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    cloud.done(E::grant_permission(&cloud, E::grant(&cluster, "shop", E::permission("orders", &[1, 2]))));
    let mut table = Table::default();
    let both = |user: &str, database: &str| {
        let permission = || E::permission(database, &[1]);
        let granted = E::grant_permission(&cloud, E::grant(&cluster, user, permission()));
        let revoked = E::revoke_permission(&cloud, E::revoke(&cluster, user, permission()));
        [("grant", granted), ("revoke", revoked)]
    };
    for (call, outcome) in both("nobody", "orders") {
        let message = format!("User \"nobody\" not found in cluster {cluster}");
        table.row(call, outcome, Code::NotFound, message, (RESOURCE, &["mdb.user", "nobody"]));
    }
    for (call, outcome) in both("shop", "moon") {
        table.bad(call, outcome, "permission.database_name", "there is no database \"moon\"");
    }
    let nothing = (Code::FailedPrecondition, "no changes detected");
    let granted = E::grant_permission(&cloud, E::grant(&cluster, "shop", E::permission("orders", &[2, 1])));
    table.row("granted before", granted, nothing.0, nothing.1, (PRECONDITION, &["NO_CHANGES"]));
    let revoked = E::revoke_permission(&cloud, E::revoke(&cluster, "shop", E::permission("orders", &[7])));
    table.row("never granted", revoked, nothing.0, nothing.1, (PRECONDITION, &["NO_CHANGES"]));
    cloud.create_database::<E>(&cluster, "bills");
    let revoked = E::revoke_permission(&cloud, E::revoke(&cluster, "shop", E::permission("bills", &[1])));
    table.row("nothing granted there", revoked, nothing.0, nothing.1, (PRECONDITION, &["NO_CHANGES"]));
    let rule = if E::PACKAGE == "mysql" { "is required" } else { "must have at least 1 items, but has 0" };
    let bare = E::grant_permission(&cloud, E::grant(&cluster, "shop", E::permission("orders", &[])));
    table.bad("grant: no roles", bare, "permission.roles", rule);
    let bare = E::revoke_permission(&cloud, E::revoke(&cluster, "shop", E::permission("orders", &[])));
    table.bad("revoke: no roles", bare, "permission.roles", rule);
    table.holds();
}

fn roles_are_never_unspecified<E: SampleGrants>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let mut table = Table::default();
    let rule = "must not be unspecified";
    let permission = || E::permission("orders", &[1, 0]);
    let granted = E::grant_permission(&cloud, E::grant(&cluster, "shop", permission()));
    table.bad("grant", granted, "permission.roles[1]", rule);
    let revoked = E::revoke_permission(&cloud, E::revoke(&cluster, "shop", permission()));
    table.bad("revoke", revoked, "permission.roles[1]", rule);
    let mut user = E::new_user("another").encode_to_vec();
    prost::encoding::message::encode(3, &permission(), &mut user);
    let mut request = E::CreateUserRequest::default();
    request.set_cluster_id(cluster);
    request.set_user_spec(Some(E::UserSpec::decode(user.as_slice()).unwrap()));
    table.bad("create", E::create_user(&cloud, request), "user_spec.permissions[0].roles[1]", rule);
    table.holds();
}

#[test]
fn global_permissions_are_named_once_each() {
    let cloud = Cloud::start();
    let cluster_id = cloud.created::<Mysql>("main");
    let mut table = Table::default();
    let request = mysql::v1::UpdateUserRequest {
        global_permissions: vec![3, 0, 3],
        update_mask: mask(&["global_permissions"]),
        ..Mysql::new_password(&cluster_id, "shop")
    };
    let message = "Request validation error:\n- global_permissions[1]: must not be unspecified\n\
                   - global_permissions[2]: must be unique, but comes twice";
    let fields = ["global_permissions[1]", "global_permissions[2]"];
    table.row("MySQL", Mysql::update_user(&cloud, request), Code::InvalidArgument, message, ("BadRequest", &fields));
    let mut request = Mysql::new_cluster("another");
    request.user_specs[0].global_permissions = vec![0];
    let outcome = Mysql::create(&cloud, request);
    table.bad("MySQL", outcome, "user_specs[0].global_permissions[0]", "must not be unspecified");
    let mut request = SqlServer::new_cluster("another");
    request.user_specs[0].server_roles = vec![1, 0];
    let outcome = SqlServer::create(&cloud, request);
    table.bad("SQL Server", outcome, "user_specs[0].server_roles[1]", "must not be unspecified");
    table.holds();
}

#[test]
fn spqr_grants_what_there_is() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Spqr>("main");
    let mut table = Table::default();
    let rule = "must be one of reader, writer, admin, transfer, but is \"owner\"";
    let grants = || vec!["reader".to_owned(), "owner".to_owned()];
    let mut request = Spqr::new_cluster("another");
    request.user_specs[0].grants = grants();
    table.bad("Create", Spqr::create(&cloud, request), "user_specs[0].grants[1]", rule);
    let user_spec = Some(spqr::v1::UserSpec { grants: grants(), ..Spqr::new_user("another") });
    let request = spqr::v1::CreateUserRequest { cluster_id: cluster.clone(), user_spec };
    table.bad("UserService.Create", Spqr::create_user(&cloud, request), "user_spec.grants[1]", rule);
    let request = spqr::v1::UpdateUserRequest {
        grants: grants(),
        update_mask: mask(&["grants"]),
        ..Spqr::new_password(&cluster, "shop")
    };
    table.bad("UserService.Update", Spqr::update_user(&cloud, request), "grants[1]", rule);
    table.holds();
}

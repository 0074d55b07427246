//! The roles that are known: those of the services that are here, and those that hold for all services (documented).

use crate::contract::proto::yandex::cloud::iam::v1::Role;

/// Roles of every service.
const PRIMITIVE: &[&str] = &["admin", "auditor", "editor", "viewer"];

/// Roles by their services, without the service's name.
const OF_SERVICES: &[(&str, &[&str])] = &[
    ("iam", &["admin", "auditor", "editor", "viewer"]),
    ("iam.serviceAccounts", &["admin", "keyAdmin", "tokenCreator", "user"]),
    ("kms", &["admin", "auditor", "editor", "viewer"]),
    ("kms.keys", &["decrypter", "encrypter", "encrypterDecrypter", "user"]),
    ("managed-mysql", MANAGED),
    ("managed-redis", MANAGED),
    ("managed-spqr", &["admin", "auditor", "editor", "restorer", "viewer"]),
    ("managed-spqr.maintenanceTask", &["editor", "viewer"]),
    ("managed-sqlserver", &["admin", "auditor", "editor", "restorer", "viewer"]),
    ("managed-mysql.clusters", &["connector"]),
    ("managed-mysql.maintenanceTask", &["editor", "viewer"]),
    ("managed-redis.clusters", &["connector"]),
    ("managed-redis.maintenanceTask", &["editor", "viewer"]),
    // There is no mdb.editor (documented).
    ("mdb", &["admin", "auditor", "restorer", "switcher", "viewer"]),
    ("mdb.dataproc", &["agent"]),
    ("mdb.maintenanceTask", &["editor", "viewer"]),
    ("resource-manager", &["admin", "auditor", "editor", "viewer"]),
    ("resource-manager.clouds", &["member", "owner"]),
    ("vpc", &["admin", "auditor", "privateAdmin", "publicAdmin", "user", "viewer"]),
    ("vpc.securityGroups", &["admin", "user"]),
];

const MANAGED: &[&str] = &["admin", "auditor", "editor", "restorer", "switcher", "user", "viewer"];

/// All roles, by id.
pub fn all() -> Vec<Role> {
    let of_services = OF_SERVICES
        .iter()
        .flat_map(|(service, roles)| roles.iter().map(move |role| (format!("{service}.{role}"), *service, *role)));
    let primitive = PRIMITIVE.iter().map(|role| ((*role).to_owned(), "all services", *role));
    let mut roles: Vec<Role> = primitive
        .chain(of_services)
        .map(|(id, service, role)| Role { id, description: format!("{role} of {service}") })
        .collect();
    roles.sort_by(|a, b| a.id.cmp(&b.id));
    roles
}

/// Whether a role can be given: one that is known, or one of a service that is not here (our choice).
pub fn can_be_given(id: &str) -> bool {
    let here = |service: &str| OF_SERVICES.iter().any(|(known, _)| known.split('.').next() == Some(service));
    match id.split_once('.') {
        Some((service, rest)) if !here(service) => !service.is_empty() && !rest.is_empty(),
        _ => all().iter().any(|role| role.id == id),
    }
}

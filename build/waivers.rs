//! Rules of the contract that an official client breaks, and that are therefore not enforced.

/// A field, the rule on it that is waived, and the client that breaks it.
pub const WAIVERS: &[(&str, &str, &str)] = &[(
    "yandex.cloud.mdb.mysql.v1.Permission.roles",
    "size",
    "the MySQL example of the Python SDK sends a permission without roles",
)];

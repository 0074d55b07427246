//! Rules of the contract that an official client breaks, and that are therefore not enforced.

/// A field, the rule on it that is waived, and the client that breaks it.
pub const WAIVERS: &[(&str, &str, &str)] = &[(
    "yandex.cloud.mdb.mysql.v1.Permission.roles",
    "size",
    "the MySQL example of the Python SDK sends a permission without roles",
)];

/// Number fields in which 0 means the default of the service, though their range excludes 0.
pub const ZERO_IS_DEFAULT: &[&str] = &[
    "yandex.cloud.mdb.mysql.v1.PerformanceDiagnostics.sessions_sampling_interval",
    "yandex.cloud.mdb.mysql.v1.PerformanceDiagnostics.statements_sampling_interval",
];

//! Rules that documentation states and the contract does not annotate: those of VPC, which the packages that clients install have in
//! comments, and some of SQL Server. So they stand here rather than in `proto/`.

use crate::validators::Rules;

const VPC: &str = "yandex.cloud.vpc.v1.";
const SQLSERVER: &str = "yandex.cloud.mdb.sqlserver.v1.";

/// A rule on a field, in the words of the contract's own annotations.
#[derive(Clone, Copy)]
enum Rule {
    Required,
    Pattern(&'static str),
    Value(&'static str),
    Size(&'static str),
    Length(&'static str),
    /// The pattern and the length of a map's keys.
    Keys(&'static str, &'static str),
}

use Rule::{Keys, Length, Pattern, Required, Size, Value};

/// Names of resources: they may be empty.
const NAME: &str = "|[a-zA-Z]([-_a-zA-Z0-9]{0,61}[a-zA-Z0-9])?";
const GATEWAY_NAME: &str = "|[a-z]([-a-z0-9]{0,61}[a-z0-9])?";
const LABEL: &str = "[-_0-9a-z]*";
const LABEL_KEY: &str = "[a-z][-_0-9a-z]*";
/// Labels of security groups and gateways may have more characters.
const WIDE_LABEL: &str = r"[-_./\\@0-9a-z]*";
const WIDE_LABEL_KEY: &str = r"[a-z][-_./\\@0-9a-z]*";

const LABELS: &[Rule] = &[Size("<=64"), Pattern(LABEL), Length("<=63"), Keys(LABEL_KEY, "1-63")];
const WIDE_LABELS: &[Rule] = &[Size("<=64"), Pattern(WIDE_LABEL), Length("<=63"), Keys(WIDE_LABEL_KEY, "1-63")];
const ID: &[Rule] = &[Required, Length("<=50")];
const OPTIONAL_ID: &[Rule] = &[Length("<=50")];

/// Rules of fields in some messages: they come before those of all requests.
const OF_MESSAGES: &[(&[&str], &str, &[Rule])] = &[
    (&["CreateSubnetRequest", "UpdateSubnetRequest"], "route_table_id", OPTIONAL_ID),
    (&["CreateGatewayRequest", "UpdateGatewayRequest"], "name", &[Pattern(GATEWAY_NAME)]),
    (&["CreateGatewayRequest", "UpdateGatewayRequest"], "labels", WIDE_LABELS),
    (&["CreateSecurityGroupRequest", "UpdateSecurityGroupRequest"], "labels", WIDE_LABELS),
    (&["UpdateSecurityGroupRuleRequest", "SecurityGroupRuleSpec"], "labels", WIDE_LABELS),
    (&["SecurityGroupRuleSpec"], "description", &[Length("<=256")]),
    (&["SecurityGroupRuleSpec"], "direction", &[Required]),
    (&["PortRange"], "from_port", &[Value("0-65535")]),
    (&["PortRange"], "to_port", &[Value("0-65535")]),
    (&["StaticRoute"], "labels", LABELS),
    (&["DnsRecordSpec"], "ttl", &[Value("0-86400")]),
    (&["DnsRecordSpec"], "fqdn", &[Required]),
    (&["DnsRecordSpec"], "dns_zone_id", &[Required, Length("20")]),
    (&["DhcpOptions"], "domain_name_servers", &[Length("<=100")]),
    (&["DhcpOptions"], "ntp_servers", &[Length("<=100")]),
    (&["GetAddressByValueRequest"], "subnet_id", &[]),
];

/// Rules of fields in all requests.
const OF_REQUESTS: &[(&str, &[Rule])] = &[
    ("folder_id", ID),
    ("destination_folder_id", ID),
    ("network_id", ID),
    ("subnet_id", ID),
    ("security_group_id", ID),
    ("rule_id", ID),
    ("route_table_id", ID),
    ("gateway_id", ID),
    ("address_id", ID),
    ("zone_id", &[Required]),
    ("destination_zone_id", &[Required]),
    ("name", &[Pattern(NAME)]),
    ("description", &[Length("<=256")]),
    ("labels", LABELS),
    ("page_size", &[Value("0-1000")]),
    ("page_token", &[Length("<=100")]),
    ("filter", &[Length("<=1000")]),
];

/// The name of a database of SQL Server, wherever it is none of those that the contract annotates.
const DATABASE_NAME: &[Rule] = &[Pattern("[a-zA-Z0-9_-]*"), Length("<=63")];

/// The fields of SQL Server's requests that name a database without an annotation.
const DATABASE_NAMES: &[(&str, &str)] = &[
    ("RestoreDatabaseRequest", "database_name"),
    ("RestoreDatabaseRequest", "from_database"),
    ("ImportDatabaseBackupRequest", "database_name"),
    ("ExportDatabaseBackupRequest", "database_name"),
];

/// Fields that belong to groups of which exactly one must be given.
const EXACTLY_ONE: &[&str] = &["SecurityGroupRuleSpec.target", "GetAddressByValueRequest.address"];

/// Whether exactly one field of a oneof must be given.
pub fn exactly_one(oneof: &str) -> bool {
    oneof.strip_prefix(VPC).is_some_and(|name| EXACTLY_ONE.contains(&name))
}

/// What is documented of a field.
fn documented(message: &str, field: &str) -> &'static [Rule] {
    if let Some(message) = message.strip_prefix(SQLSERVER) {
        return if DATABASE_NAMES.contains(&(message, field)) { DATABASE_NAME } else { &[] };
    }
    let Some(message) = message.strip_prefix(VPC) else { return &[] };
    let own = OF_MESSAGES.iter().find(|(messages, of, _)| messages.contains(&message) && *of == field);
    let common = || OF_REQUESTS.iter().find(|(of, _)| message.ends_with("Request") && *of == field);
    own.map(|(_, _, rules)| *rules).or_else(|| common().map(|(_, rules)| *rules)).unwrap_or_default()
}

/// Adds what is documented of a field to its annotated rules.
pub fn add(message: &str, field: &str, rules: &mut Rules) {
    for rule in documented(message, field) {
        match *rule {
            Required => rules.required = true,
            Pattern(pattern) => rules.pattern = Some(pattern.into()),
            Value(range) => rules.value = Some(range.into()),
            Size(range) => rules.size = Some(range.into()),
            Length(range) => rules.length = Some(range.into()),
            Keys(pattern, length) => {
                let keys = Rules { pattern: Some(pattern.into()), length: Some(length.into()), ..Rules::default() };
                rules.map_key = Some(Box::new(keys));
            }
        }
    }
}

//! Every refusal that the emulator gives: its code, wording and details, grouped by what it is about.
//!
//! Wordings that clients parse or that were observed of the service say so; the rest are ours.

use std::fmt::Display;
use std::time::Duration;

use prost_types::Any;
use tonic::Code;

use crate::contract::ContractMessage;
use crate::contract::proto::google::rpc::{
    BadRequest, PreconditionFailure, RequestInfo, ResourceInfo, bad_request, precondition_failure,
};
use crate::contract::validation::Violation;

/// Why a call is not carried out.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The gRPC code.
    pub code: Code,
    /// What is wrong, for people; some clients parse it.
    pub message: String,
    /// `google.rpc` error details.
    pub details: Vec<Any>,
}

impl Refusal {
    /// The refusal of a request of this id. Clients ask for the id where they are not let in (documented).
    #[must_use]
    pub fn of_request(mut self, request_id: &str) -> Self {
        if self.code == Code::Unauthenticated {
            self.details.push(RequestInfo { request_id: request_id.to_owned(), ..RequestInfo::default() }.to_any());
        }
        self
    }

    fn new(code: Code, message: impl Into<String>, details: Vec<Any>) -> Self {
        Self { code, message: message.into(), details }
    }

    fn of_resource(code: Code, message: String, resource_type: &str, resource_name: &str) -> Self {
        let info = ResourceInfo {
            resource_type: resource_type.into(),
            resource_name: resource_name.into(),
            description: message.clone(),
            ..ResourceInfo::default()
        };
        Self::new(code, message, vec![info.to_any()])
    }

    fn precondition(message: String, kind: &str, subject: &str) -> Self {
        let violation = precondition_failure::Violation {
            r#type: kind.into(),
            subject: subject.into(),
            description: message.clone(),
        };
        Self::new(Code::FailedPrecondition, message, vec![PreconditionFailure { violations: vec![violation] }.to_any()])
    }
}

/// About requests themselves.
pub mod request {
    use super::*;

    /// Every rule that a request breaks, all at once. The form of the message is the one observed of the service's siblings.
    pub fn invalid(violations: Vec<Violation>) -> Refusal {
        let lines: Vec<String> =
            violations.iter().map(|broken| format!("- {}: {}", broken.field, broken.rule)).collect();
        let field_violations = violations
            .into_iter()
            .map(|broken| bad_request::FieldViolation {
                field: broken.field,
                description: broken.rule,
                ..Default::default()
            })
            .collect();
        let message = format!("Request validation error:\n{}", lines.join("\n"));
        Refusal::new(Code::InvalidArgument, message, vec![BadRequest { field_violations }.to_any()])
    }

    /// One rule that one field breaks.
    pub fn field(field: impl Into<String>, rule: impl Into<String>) -> Refusal {
        invalid(vec![Violation { field: field.into(), rule: rule.into() }])
    }

    /// The bytes are no message of the request's type.
    pub fn malformed(message_type: &str, error: &prost::DecodeError) -> Refusal {
        Refusal::new(Code::InvalidArgument, format!("The request is not a valid {message_type}: {error}"), Vec::new())
    }

    /// `page_size` is out of range.
    pub fn page_size(size: i64) -> Refusal {
        field("page_size", format!("must be from 0 to 1000, but is {size}"))
    }

    /// `page_token` was not made for this list.
    pub fn page_token() -> Refusal {
        field("page_token", "must be the next_page_token of an earlier page of the same list")
    }

    /// `filter` is not understood.
    pub fn filter(grammar: &str, problem: &str) -> Refusal {
        field("filter", format!("{problem}; {grammar}"))
    }

    /// A header that is no text, or too long.
    pub fn header(name: &str, longest: usize) -> Refusal {
        let message = format!("The header {name} must be ASCII text of at most {longest} characters");
        Refusal::new(Code::InvalidArgument, message, Vec::new())
    }

    /// The header `idempotency-key` came with another request before.
    pub fn idempotency_key_reused() -> Refusal {
        let message = "The idempotency key was used for another request of this method within the last day";
        Refusal::new(Code::InvalidArgument, message, Vec::new())
    }

    /// The RPC has no handler yet.
    pub fn unimplemented(service: &str, method: &str) -> Refusal {
        Refusal::new(Code::Unimplemented, format!("{service}.{method} is not implemented by the emulator"), Vec::new())
    }

    /// The service has no such RPC.
    pub fn unknown_method(path: &str) -> Refusal {
        Refusal::new(Code::Unimplemented, format!("There is no RPC {path}"), Vec::new())
    }

    /// The message is too long.
    pub fn long_message(longest: usize) -> Refusal {
        let message = format!("The message of a request must have at most {longest} bytes");
        Refusal::new(Code::ResourceExhausted, message, Vec::new())
    }

    /// There is too much metadata.
    pub fn large_metadata(size: usize, largest: usize) -> Refusal {
        let message = format!("The metadata of a call must have at most {largest} bytes, but has {size}");
        Refusal::new(Code::ResourceExhausted, message, Vec::new())
    }

    /// The message does not come to its end.
    pub fn slow_message(longest: Duration) -> Refusal {
        let message = format!("The message of a request must come within {} seconds", longest.as_secs());
        Refusal::new(Code::DeadlineExceeded, message, Vec::new())
    }

    /// There is no message, or there are several (the code is the one that gRPC has for it).
    pub fn not_one_message() -> Refusal {
        Refusal::new(Code::Unimplemented, "A call must have one message", Vec::new())
    }

    /// The message is not framed as gRPC has it; the code and the problem are those that the framing found.
    pub fn unframed(code: Code, problem: &str) -> Refusal {
        Refusal::new(code, format!("The message of the request cannot be read: {problem}"), Vec::new())
    }

    /// A call in plaintext, where there is TLS alone.
    pub fn tls_required() -> Refusal {
        let message = "This server requires TLS: call it by https, or start it with --tls allow";
        Refusal::new(Code::FailedPrecondition, message, Vec::new())
    }

    /// The emulator itself is at fault.
    pub fn internal(what: &str) -> Refusal {
        Refusal::new(Code::Internal, format!("The emulator is at fault: {what}"), Vec::new())
    }
}

/// About requests of REST that are no message.
pub mod rest {
    use super::*;

    /// No RPC has this path.
    pub fn unknown_path(path: &str) -> Refusal {
        Refusal::new(Code::NotFound, format!("There is nothing at {path}"), Vec::new())
    }

    /// Other verbs have RPCs at this path.
    pub fn wrong_verb(verb: &str, path: &str, allowed: &str) -> Refusal {
        Refusal::new(Code::Unimplemented, format!("{path} takes {allowed}, but not {verb}"), Vec::new())
    }

    /// The body is not what every body is.
    pub fn no_object(problem: &str) -> Refusal {
        Refusal::new(Code::InvalidArgument, format!("The body must be a JSON object: {problem}"), Vec::new())
    }

    /// There is a body, but the RPC has none.
    pub fn no_body() -> Refusal {
        let message = "This method takes no body: give the fields of the request in the query";
        Refusal::new(Code::InvalidArgument, message, Vec::new())
    }

    /// The body is compressed.
    pub fn encoded_body() -> Refusal {
        Refusal::new(Code::InvalidArgument, "The body must come without a content-encoding", Vec::new())
    }

    /// The body did not come to its end.
    pub fn lost_body(problem: &dyn Display) -> Refusal {
        Refusal::new(Code::Cancelled, format!("The body did not come to its end: {problem}"), Vec::new())
    }

    /// A part of the URI is no text.
    pub fn escape(part: &str) -> Refusal {
        let message = format!("The percent escapes of {part} must be whole, and make UTF-8");
        Refusal::new(Code::InvalidArgument, message, Vec::new())
    }
}

/// About clusters.
pub mod cluster {
    use super::*;

    const TYPE: &str = "mdb.cluster";

    /// No cluster has this id.
    pub fn not_found(id: &str) -> Refusal {
        Refusal::of_resource(Code::NotFound, format!("Cluster {id} not found"), TYPE, id)
    }

    /// The folder has a cluster of this name.
    pub fn name_taken(name: &str, folder: &str, holder: &str) -> Refusal {
        let message = format!("Cluster with name \"{name}\" already exists in folder {folder}: {holder}");
        Refusal::of_resource(Code::AlreadyExists, message, TYPE, holder)
    }

    /// Delete of a protected cluster (the wording is observed).
    pub fn protected(id: &str) -> Refusal {
        let message = "The operation was rejected because cluster has 'deletion_protection' = ON".to_owned();
        Refusal::precondition(message, "DELETION_PROTECTION", id)
    }

    /// What is asked for needs another status.
    pub fn wrong_status(id: &str, status: &str, wanted: &[&str]) -> Refusal {
        let message = format!("Cluster {id} is {status}, but must be {}", wanted.join(" or "));
        Refusal::precondition(message, "STATUS", id)
    }

    /// Update that changes nothing (the wording is observed, and clients compare it).
    pub fn no_changes() -> Refusal {
        Refusal::precondition("no changes detected".to_owned(), "NO_CHANGES", "")
    }

    /// Move to where the cluster is.
    pub fn already_there(folder: &str) -> Refusal {
        request::field("destination_folder_id", format!("the cluster is in folder {folder} already"))
    }

    /// A version below the present one.
    pub fn older_version(version: &str) -> Refusal {
        request::field(
            "config_spec.version",
            format!("must not be older than {version}: an upgrade cannot be taken back"),
        )
    }

    /// A version above or below the present one, of an engine that has no upgrades.
    pub fn other_version(version: &str) -> Refusal {
        request::field("config_spec.version", format!("cannot be changed from {version}"))
    }

    /// A disk smaller than the present one.
    pub fn disk_shrinks(size: i64) -> Refusal {
        request::field("config_spec.resources.disk_size", format!("must not be less than {size}: disks do not shrink"))
    }

    /// A disk of another type.
    pub fn other_disk_type(disk_type: &str) -> Refusal {
        let rule = format!("cannot be changed from {disk_type}: restore a backup for that");
        request::field("config_spec.resources.disk_type_id", rule)
    }

    /// Another network (our choice: hosts stay where they are).
    pub fn other_network(network: &str) -> Refusal {
        request::field("network_id", format!("cannot be changed from {network}"))
    }

    /// A host for a shard that the cluster does not have.
    pub fn no_such_shard(shard: &str) -> Refusal {
        request::field("host_specs", format!("the cluster has no shard \"{shard}\""))
    }

    /// The first host of its type, which comes with the resources of its type.
    pub fn first_of_type(host_type: &str) -> Refusal {
        request::field("host_specs", format!("the cluster has no {host_type} hosts: AddSubcluster brings the first"))
    }

    /// A module of Valkey that is on cannot be put off (the wording is observed).
    pub fn module_stays(module: &str) -> Refusal {
        Refusal::precondition(format!("{module} module can not be disabled"), "MODULE", module)
    }
}

/// About what clusters contain.
pub mod contents {
    use super::*;

    /// The cluster has no such thing.
    pub fn not_found(noun: &str, name: &str, cluster: &str) -> Refusal {
        let message = format!("{noun} \"{name}\" not found in cluster {cluster}");
        Refusal::of_resource(Code::NotFound, message, &resource_type(noun), name)
    }

    /// The cluster has a thing of this name.
    pub fn already_exists(noun: &str, name: &str, cluster: &str) -> Refusal {
        let message = format!("{noun} \"{name}\" already exists in cluster {cluster}");
        Refusal::of_resource(Code::AlreadyExists, message, &resource_type(noun), name)
    }

    /// Delete of a protected thing.
    pub fn protected(noun: &str, name: &str) -> Refusal {
        let noun = noun.to_lowercase();
        let message = format!("The operation was rejected because {noun} \"{name}\" has deletion protection");
        Refusal::precondition(message, "DELETION_PROTECTION", name)
    }

    fn resource_type(noun: &str) -> String {
        format!("mdb.{}", noun.to_lowercase())
    }
}

/// About backups and restoring them.
pub mod backup {
    use super::*;

    const TYPE: &str = "mdb.backup";

    /// No backup has this id, or it has expired.
    pub fn not_found(id: &str) -> Refusal {
        Refusal::of_resource(Code::NotFound, format!("Backup {id} not found"), TYPE, id)
    }

    /// Delete of an automatic backup (that it is refused is documented; the wording is ours).
    pub fn automatic(id: &str) -> Refusal {
        Refusal::precondition(
            format!("Backup {id} is automatic: only manual backups can be deleted"),
            "BACKUP_TYPE",
            id,
        )
    }

    /// A point in time that cannot be reached.
    pub fn outside_window<T: Display + PartialOrd>(time: T, from: T, to: T) -> Refusal {
        request::field("time", format!("{time} is outside the window of this backup, which is {}", window(&from, &to)))
    }

    /// A point in time that no backup of the cluster reaches.
    pub fn outside_all_windows<T: Display + PartialOrd>(cluster: &str, time: &T, window: Option<(T, T)>) -> Refusal {
        let rule = match window {
            Some((from, to)) => {
                format!("{time} is outside the window of cluster {cluster}, which is {}", self::window(&from, &to))
            }
            None => format!("cluster {cluster} has no backup to begin from"),
        };
        request::field("time", rule)
    }

    /// Neither a backup nor a cluster is named.
    pub fn no_source() -> Refusal {
        request::field("backup_id", "either backup_id or source_cluster_id is required")
    }

    /// A cluster is named, but not the point in time.
    pub fn time_required() -> Refusal {
        request::field("time", "is required with source_cluster_id")
    }

    /// Both are.
    pub fn two_sources() -> Refusal {
        request::field("source_cluster_id", "must not be given with backup_id")
    }

    fn window<T: Display + PartialOrd>(from: &T, to: &T) -> String {
        if from > to { format!("not open before {from}") } else { format!("from {from} to {to}") }
    }
}

/// About operations.
pub mod operation {
    use super::*;

    /// The code that a cancelled operation ends with, as a number of `google.rpc.Code`.
    pub const CANCELLED_CODE: i32 = Code::Cancelled as i32;

    /// What a cancelled operation says of itself.
    pub const CANCELLED: &str = "The operation was cancelled";

    /// No operation has this id.
    pub fn not_found(id: &str) -> Refusal {
        Refusal::of_resource(Code::NotFound, format!("Operation {id} not found"), "operation", id)
    }

    /// Another operation is changing the cluster (clients parse the wording for the id, wait for it, and try again).
    pub fn conflict(operation: &str) -> Refusal {
        let message = format!("conflicting operation \"{operation}\" detected");
        Refusal::precondition(message, "CONFLICTING_OPERATION", operation)
    }
}

/// About endpoints.
pub mod endpoint {
    use super::*;

    /// No endpoint has this id.
    pub fn not_found(id: &str) -> Refusal {
        Refusal::of_resource(Code::NotFound, format!("Endpoint {id} not found"), "endpoint", id)
    }
}

/// About folders, clouds and networks.
pub mod place {
    use super::*;

    /// There is no other cloud than the one.
    pub fn no_such_cloud(id: &str, cloud: &str) -> Refusal {
        let message = format!("Cloud {id} not found: the emulator has one, {cloud}");
        Refusal::of_resource(Code::NotFound, message, "resource-manager.cloud", id)
    }

    /// No network of a folder has this id.
    pub fn no_such_network(id: &str) -> Refusal {
        Refusal::of_resource(Code::NotFound, format!("Network {id} not found"), "vpc.network", id)
    }

    /// No subnet of a folder's network has this id.
    pub fn no_such_subnet(id: &str) -> Refusal {
        Refusal::of_resource(Code::NotFound, format!("Subnet {id} not found"), "vpc.subnet", id)
    }

    /// No security group of a folder's network has this id.
    pub fn no_such_security_group(id: &str) -> Refusal {
        Refusal::of_resource(Code::NotFound, format!("Security group {id} not found"), "vpc.securityGroup", id)
    }
}

/// About tokens, and what is traded for them. Nothing here may show one.
pub mod iam {
    use super::*;

    /// A call without a token where one is needed.
    pub fn no_token() -> Refusal {
        unauthenticated("A token is required, in the header authorization: Bearer <IAM token>")
    }

    /// A token that the universe has not issued, or that has expired (the wording is documented).
    pub fn bad_token() -> Refusal {
        unauthenticated("Token is invalid or has expired.")
    }

    /// Revoke of what is no live token.
    pub fn not_to_revoke() -> Refusal {
        request::field("iam_token", "must be a live token of this universe")
    }

    /// An OAuth token that can be none (the wording is observed).
    pub fn bad_oauth_token() -> Refusal {
        unauthenticated("OAuth token is invalid or expired")
    }

    /// A JWT that is not of a service account, or not of now.
    pub fn bad_jwt(problem: &str) -> Refusal {
        unauthenticated(format!("The JWT is not accepted: {problem}"))
    }

    fn unauthenticated(message: impl Into<String>) -> Refusal {
        Refusal::new(Code::Unauthenticated, message, Vec::new())
    }
}

/// About universes and their clocks.
pub mod universe {
    use super::*;

    /// No universe has this id.
    pub fn not_found(id: &str) -> Refusal {
        Refusal::of_resource(Code::NotFound, format!("Universe \"{id}\" not found"), "universe", id)
    }

    /// A universe has this id.
    pub fn already_exists(id: &str) -> Refusal {
        Refusal::of_resource(Code::AlreadyExists, format!("Universe \"{id}\" already exists"), "universe", id)
    }

    /// Delete of the default universe.
    pub fn default_stays(id: &str) -> Refusal {
        Refusal::precondition("The default universe can be reset, but not deleted".to_owned(), "DEFAULT", id)
    }

    /// A time that no clock can show.
    pub fn out_of_time(field: &'static str) -> Refusal {
        request::field(field, "must be from the year 1678 to 2261")
    }

    /// A clock does not go back.
    pub fn not_back(wanted: impl Display, now: impl Display) -> Refusal {
        request::field("now", format!("must not be earlier than the clock, which shows {now}, but is {wanted}"))
    }

    /// A move of the clock that is too long, or goes back.
    pub fn bad_step(field: &'static str) -> Refusal {
        request::field(field, "must move the clock forward, by ten years at most")
    }
}

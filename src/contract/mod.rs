//! The emulated contract: what `build.rs` makes of `proto/`, and the little that reads it at run time.
//!
//! - [`proto`]: the messages, and with the feature `clients` typed clients;
//! - [`METHODS`]: a row for each RPC, with its http rule and the types of its operation;
//! - [`engine`] and [`kinds`]: traits that let generic code speak of any engine's messages, and of any kind of resource's;
//! - [`validation`]: the annotated rules, and [`violations`] of them; [`excerpt`]: what is repeated of a request;
//! - [`schema`]: the shapes of messages, and [`json`]: messages as canonical JSON, by them; [`joined`]: replies that are
//!   lists;
//! - [`projection`]: copies between messages that share field names;
//! - [`filter`]: the filters of lists;
//! - [`mask`]: update masks, by reflection on the descriptor pool;
//! - [`descriptors`]: the descriptor sets, for reflection and for the pool.

pub mod descriptors;
pub mod engine;
pub mod excerpt;
pub mod filter;
pub mod joined;
pub mod json;
pub mod kinds;
pub mod mask;
pub mod projection;
pub mod schema;
pub mod validation;
pub mod violations;

/// The messages of the contract, by package.
#[allow(clippy::all, clippy::pedantic, missing_docs, rustdoc::all)]
pub mod proto {
    include!(concat!(env!("OUT_DIR"), "/contract.rs"));
}

/// One RPC of the contract.
#[derive(Debug)]
pub struct Method {
    /// The path of a gRPC call: `/package.Service/Method`.
    pub path: &'static str,
    /// The service's full name.
    pub service: &'static str,
    /// The RPC's name within its service.
    pub name: &'static str,
    /// What a call may touch.
    pub kind: Kind,
    /// Whether a call changes something, so that an idempotency key tells it from its repetition.
    pub changes: bool,
    /// Whether a call needs no token: clients call it to get one, or to find where they get one.
    pub open: bool,
    /// The full name of the request's message.
    pub request: &'static str,
    /// The full name of the reply's message.
    pub response: &'static str,
    /// Whether the reply is a stream.
    pub server_streaming: bool,
    /// How REST reaches the RPC: the annotated rule comes first.
    pub http: &'static [HttpRule],
    /// What the operation that the RPC returns carries.
    pub operation: Option<OperationTypes>,
}

/// There is one row for each path.
impl PartialEq for Method {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

/// What a call of a method may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Reads one universe.
    Read,
    /// Changes one universe, and answers with an operation if it has types of one.
    Write,
    /// Manages the universes themselves.
    Control,
}

/// A `google.api.http` rule of a method.
#[derive(Debug)]
pub struct HttpRule {
    /// `GET`, `POST`, `PATCH` or `DELETE`.
    pub verb: &'static str,
    /// The template of the path, such as `/managed-redis/v1/clusters/{cluster_id}:start`.
    pub path: &'static str,
    /// `*` where the request is the body, else empty.
    pub body: &'static str,
}

/// The full names of the message types in a method's operation.
#[derive(Debug)]
pub struct OperationTypes {
    /// Of the metadata, from the first reply on.
    pub metadata: &'static str,
    /// Of the response, once the operation is done.
    pub response: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/methods.rs"));

/// What every message of the contract can do.
pub trait ContractMessage: prost::Message + prost::Name + Default + Clone + PartialEq + 'static {
    /// The message with its type's name, as operations carry it.
    fn to_any(&self) -> prost_types::Any {
        prost_types::Any { type_url: Self::type_url(), value: self.encode_to_vec() }
    }
}

impl<T: prost::Message + prost::Name + Default + Clone + PartialEq + 'static> ContractMessage for T {}

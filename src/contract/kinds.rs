//! The messages of plain resources behind traits: `K::UpdateRequest` is the kind's own message, and a handler that is written once
//! serves every kind.
//!
//! The implementations are made by `build/kinds.rs`; behaviour is in [`crate::neighbours`].

use prost_types::{FieldMask, Timestamp};

use super::ContractMessage;
use super::projection::CopyInto;
use super::proto::yandex::cloud::operation::Operation;
use super::validation::Validate;

/// The kinds of plain resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KindName {
    /// Holds folders.
    Cloud,
    /// Holds everything else.
    Folder,
    /// Holds subnets.
    Network,
    /// A range of addresses of a network, in one zone.
    Subnet,
    /// Rules of the traffic of hosts.
    SecurityGroup,
    /// Static routes of a network.
    RouteTable,
    /// The way from a network to the internet.
    Gateway,
    /// An address that is kept.
    Address,
    /// A key that encrypts data.
    SymmetricKey,
    /// A version of such a key.
    SymmetricKeyVersion,
    /// Who programs act as.
    ServiceAccount,
    /// A key that a service account signs with.
    Key,
    /// A key of a service account for services that are compatible with AWS.
    AccessKey,
}

impl KindName {
    /// The kind in messages for people, where it begins a sentence.
    pub fn title(self) -> &'static str {
        match self {
            Self::Cloud => "Cloud",
            Self::Folder => "Folder",
            Self::Network => "Network",
            Self::Subnet => "Subnet",
            Self::SecurityGroup => "Security group",
            Self::RouteTable => "Route table",
            Self::Gateway => "Gateway",
            Self::Address => "Address",
            Self::SymmetricKey => "Symmetric key",
            Self::SymmetricKeyVersion => "Symmetric key version",
            Self::ServiceAccount => "Service account",
            Self::Key => "Key",
            Self::AccessKey => "Access key",
        }
    }

    /// The kind in `google.rpc.ResourceInfo` and in descriptions of operations on access bindings.
    pub fn resource_type(self) -> &'static str {
        match self {
            Self::Cloud => "resource-manager.cloud",
            Self::Folder => "resource-manager.folder",
            Self::Network => "vpc.network",
            Self::Subnet => "vpc.subnet",
            Self::SecurityGroup => "vpc.securityGroup",
            Self::RouteTable => "vpc.routeTable",
            Self::Gateway => "vpc.gateway",
            Self::Address => "vpc.address",
            Self::SymmetricKey => "kms.symmetricKey",
            Self::SymmetricKeyVersion => "kms.symmetricKeyVersion",
            Self::ServiceAccount => "iam.serviceAccount",
            Self::Key => "iam.key",
            Self::AccessKey => "iam.accessKey",
        }
    }

    /// What the ids of operations on the kind begin with (observed).
    pub fn operation_prefix(self) -> &'static [u8; 3] {
        match self {
            Self::Cloud | Self::Folder => b"b1g",
            Self::Network | Self::Subnet | Self::SecurityGroup | Self::RouteTable | Self::Gateway | Self::Address => {
                b"enp"
            }
            Self::SymmetricKey | Self::SymmetricKeyVersion => b"abj",
            Self::ServiceAccount | Self::Key | Self::AccessKey => b"aje",
        }
    }
}

/// The messages that every kind has.
pub trait Messages: Sized + 'static {
    /// The field by which requests name a resource, such as `network_id`.
    const ADDRESS: &'static str;
    /// The resource itself.
    type Message: Resource + CopyInto<Self::UpdateRequest>;
    /// Of Get.
    type GetRequest: Addressed;
    /// Of List.
    type ListRequest: Listing;
    /// Of List.
    type ListResponse: ListReply<Self::Message>;
    /// Of Create.
    type CreateRequest: ContractMessage + CopyInto<Self::Message>;
    /// Of Update.
    type UpdateRequest: ContractMessage + Addressed + Masked + Validate + CopyInto<Self::Message>;
    /// Of Update.
    type UpdateMetadata: About;
    /// Of Delete.
    type DeleteRequest: Addressed;
    /// Of Delete.
    type DeleteMetadata: About;
    /// Of ListOperations.
    type ListOperationsRequest: Listing;
    /// Of ListOperations.
    type ListOperationsResponse: ListReply<Operation>;
}

/// The messages of kinds whose Create begins an operation.
pub trait CreateMessages: Messages {
    /// Of Create.
    type CreateMetadata: About;
}

/// The messages of kinds that can be moved to another folder.
pub trait MoveMessages: Messages<Message: Movable> {
    /// Of Move.
    type MoveRequest: Addressed + Moving;
    /// Of Move.
    type MoveMetadata: About;
}

/// A resource.
pub trait Resource: ContractMessage {
    /// Its id.
    fn id(&self) -> &str;
    /// The id of what holds it: a folder, a cloud, an organization, or a service account.
    fn parent(&self) -> &str;
    /// Its name; empty if its kind has none.
    fn name(&self) -> &str;
    /// Sets its id.
    fn set_id(&mut self, id: String);
    /// Sets when it was made.
    fn set_created_at(&mut self, at: Timestamp);
}

/// A resource that can be moved to another folder.
pub trait Movable {
    /// Sets its folder.
    fn set_folder_id(&mut self, id: String);
}

/// A request about one resource.
pub trait Addressed {
    /// The id of the resource.
    fn address(&self) -> &str;
}

/// A request with an update mask.
pub trait Masked {
    /// The mask.
    fn update_mask(&self) -> Option<&FieldMask>;
}

/// A request to move a resource.
pub trait Moving {
    /// The id of the folder that it shall be in.
    fn destination(&self) -> &str;
}

/// Metadata that names a resource.
pub trait About: ContractMessage {
    /// Metadata about the resource of an id.
    fn about(id: String) -> Self;
}

/// A request for a page of what some parent holds.
pub trait Listing {
    /// The id of the parent.
    fn parent(&self) -> &str;
    /// `filter`; empty where there is none.
    fn filter(&self) -> &str;
    /// `page_size`.
    fn page_size(&self) -> i64;
    /// `page_token`.
    fn page_token(&self) -> &str;
}

/// A page of a list.
pub trait ListReply<T>: ContractMessage {
    /// A page with the token of the next.
    fn new(items: Vec<T>, next_page_token: String) -> Self;
}

pub use generated::*;

#[allow(clippy::all, clippy::pedantic)]
mod generated {
    use super::{
        About, Addressed, CreateMessages, ListReply, Listing, Masked, Messages, Movable, MoveMessages, Moving, Resource,
    };

    include!(concat!(env!("OUT_DIR"), "/kinds.rs"));
}

//! Values of an engine, or of a kind of resource, that the simulation keeps without looking inside.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::contract::ContractMessage;

/// A message of some engine or kind: cloned by pointer, compared, encoded, and opened only by the engine or kind that
/// made it.
#[derive(Clone)]
pub struct Opaque(Arc<dyn Value>);

trait Value: Any + Send + Sync {
    fn type_name(&self) -> String;
    fn encoded(&self) -> Vec<u8>;
    fn to_any(&self) -> prost_types::Any;
}

impl<T: ContractMessage> Value for T {
    fn type_name(&self) -> String {
        T::full_name()
    }

    fn encoded(&self) -> Vec<u8> {
        self.encode_to_vec()
    }

    fn to_any(&self) -> prost_types::Any {
        ContractMessage::to_any(self)
    }
}

impl Opaque {
    /// Keeps a message.
    pub fn new<T: ContractMessage>(message: T) -> Self {
        Self(Arc::new(message))
    }

    /// The message.
    ///
    /// # Panics
    ///
    /// If it is of another type: an engine opens only what it made itself.
    pub fn open<T: ContractMessage>(&self) -> &T {
        let value: &dyn Any = &*self.0;
        value.downcast_ref().expect("an engine opens only what it made")
    }

    /// The message with its type's name, as operations carry it.
    pub fn to_any(&self) -> prost_types::Any {
        self.0.to_any()
    }

    /// The message's bytes on the wire.
    pub fn encode(&self) -> Vec<u8> {
        self.0.encoded()
    }
}

impl PartialEq for Opaque {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.type_name() == other.0.type_name() && self.0.encoded() == other.0.encoded())
    }
}

/// Only the type: what is inside may be the user's own business.
impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.type_name())
    }
}

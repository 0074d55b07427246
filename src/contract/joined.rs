//! Replies of many entries, which are encoded one by one as they are made: no message holds them all first.

use std::marker::PhantomData;

use prost::Message;
use prost::encoding::{self, WireType};

/// The number of the entries in the reply of every list, and of the token of its next page.
const ENTRIES: u32 = 1;
const NEXT_PAGE_TOKEN: u32 = 2;

/// The bytes of a list's reply, which is a message `P`.
#[derive(Debug)]
pub struct Joined<P> {
    bytes: Vec<u8>,
    message: PhantomData<fn() -> P>,
}

impl<P> Default for Joined<P> {
    fn default() -> Self {
        Self { bytes: Vec::new(), message: PhantomData }
    }
}

impl<P: Message + Default> Joined<P> {
    /// Adds an entry.
    pub fn push(&mut self, entry: &impl Message) {
        encoding::message::encode(ENTRIES, entry, &mut self.bytes);
    }

    /// The same, with the token of the next page; an empty one says that there is none.
    #[must_use]
    pub fn before_page(mut self, token: &str) -> Self {
        if !token.is_empty() {
            encoding::encode_key(NEXT_PAGE_TOKEN, WireType::LengthDelimited, &mut self.bytes);
            encoding::encode_varint(token.len() as u64, &mut self.bytes);
            self.bytes.extend_from_slice(token.as_bytes());
        }
        self
    }

    /// The message itself.
    pub fn message(&self) -> P {
        P::decode(self.bytes.as_slice()).expect("what was encoded here can be decoded")
    }
}

/// What a handler answers with: a message, or the bytes of one.
pub trait Reply {
    /// The bytes.
    fn encoded(self) -> Vec<u8>;
}

impl<P: Message> Reply for P {
    fn encoded(self) -> Vec<u8> {
        self.encode_to_vec()
    }
}

impl<P> Reply for Joined<P> {
    fn encoded(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{METHODS, schema};

    #[test]
    fn every_list_of_backups_numbers_its_fields_so() {
        let lists = METHODS.iter().filter(|method| method.response.ends_with("BackupsResponse"));
        let numbers = lists.map(|method| {
            let reply = schema::message(method.response).expect("the reply is of the contract");
            ["backups", "next_page_token"].map(|name| reply.field_called(name).map(|field| field.number))
        });
        let numbers: Vec<_> = numbers.collect();
        assert_eq!(numbers, vec![[Some(ENTRIES), Some(NEXT_PAGE_TOKEN)]; 8]);
    }
}

//! What a cluster contains in the sense of the API. No rows: databases, users and shards.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Opaque;

/// The contents of a cluster at one moment. Cloning costs a pointer; changing copies what others still hold.
#[derive(Clone, Debug, Default)]
pub struct Contents(Arc<Inside>);

/// Mostly the same pointer, since most changes of a cluster leave its contents alone.
impl PartialEq for Contents {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Inside {
    databases: BTreeMap<String, Opaque>,
    users: BTreeMap<String, Opaque>,
    shards: BTreeMap<String, Opaque>,
}

/// The kinds of things that a cluster contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// A database.
    Database,
    /// A user.
    User,
    /// A shard.
    Shard,
}

impl Item {
    /// What the kind is called in messages.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Database => "Database",
            Self::User => "User",
            Self::Shard => "Shard",
        }
    }
}

impl Contents {
    /// All things of one kind, by name.
    pub fn all(&self, item: Item) -> &BTreeMap<String, Opaque> {
        match item {
            Item::Database => &self.0.databases,
            Item::User => &self.0.users,
            Item::Shard => &self.0.shards,
        }
    }

    /// One thing by its name.
    pub fn get(&self, item: Item, name: &str) -> Option<&Opaque> {
        self.all(item).get(name)
    }

    /// Adds or replaces a thing.
    pub fn put(&mut self, item: Item, name: &str, spec: Opaque) {
        self.all_mut(item).insert(name.to_owned(), spec);
    }

    /// Removes a thing.
    pub fn drop(&mut self, item: Item, name: &str) {
        self.all_mut(item).remove(name);
    }

    /// Replaces all things of one kind by those of other contents.
    pub fn take_all(&mut self, item: Item, other: &Self) {
        other.all(item).clone_into(self.all_mut(item));
    }

    fn all_mut(&mut self, item: Item) -> &mut BTreeMap<String, Opaque> {
        let inside = Arc::make_mut(&mut self.0);
        match item {
            Item::Database => &mut inside.databases,
            Item::User => &mut inside.users,
            Item::Shard => &mut inside.shards,
        }
    }
}

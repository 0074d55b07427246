//! Users and databases as a cluster keeps them: with defaults filled in, and without passwords.

use crate::contract::engine::fields::methods::*;
use crate::contract::projection::Secrets;
use crate::engines::{DatabaseEngine, Engine};
use crate::universe::{Contents, Item, Opaque};

/// The contents of a new cluster with these databases and users.
pub fn contents<E: DatabaseEngine>(databases: &[E::DatabaseSpec], users: &[E::UserSpec]) -> Contents {
    let mut contents = Contents::default();
    for spec in databases {
        contents.put(Item::Database, spec.name(), database::<E>(spec));
    }
    for spec in users {
        contents.put(Item::User, spec.name(), user::<E>(spec));
    }
    contents
}

/// A user as it is kept.
pub fn user<E: Engine>(user: &E::UserSpec) -> Opaque {
    let mut user = user.clone();
    user.forget_secrets();
    E::complete_user(&mut user);
    Opaque::new(user)
}

/// A database as it is kept.
pub fn database<E: DatabaseEngine>(database: &E::DatabaseSpec) -> Opaque {
    let mut database = database.clone();
    E::complete_database(&mut database);
    Opaque::new(database)
}

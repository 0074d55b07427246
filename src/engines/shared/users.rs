//! Rules of users and what they may do with databases, which the contract does not annotate.

use std::collections::BTreeSet;

use super::rules::Rules;
use crate::contract::engine::fields::methods::*;
use crate::contract::excerpt::excerpt;
use crate::engines::{DatabaseEngine, Engine};
use crate::universe::{Contents, Item};

/// Checks the users of a request for a cluster that shall have these contents.
pub fn check<E: Engine>(users: &[E::UserSpec], contents: &Contents, rules: &mut Rules) {
    for (index, user) in users.iter().enumerate() {
        E::check_user(&format!("user_specs[{index}]."), user, contents, rules);
    }
}

/// A user's permissions must be allowed each by itself, and at most one on each database. The path of the list begins with `at`.
pub fn permissions<E: DatabaseEngine>(at: &str, user: &E::UserSpec, contents: &Contents, rules: &mut Rules) {
    let mut seen = BTreeSet::new();
    for (index, held) in E::permissions(user).iter().enumerate() {
        let at = format!("{at}permissions[{index}].");
        permission::<E>(&at, held, contents, rules);
        let database = held.database_name();
        if !seen.insert(database) {
            let rule = format!("must be unique, but {:?} comes twice", excerpt(database));
            rules.broken(format!("{at}database_name"), rule);
        }
    }
}

/// A permission must be on a database that exists, and its roles must be specified. The paths of its fields begin with `at`.
pub fn permission<E: DatabaseEngine>(at: &str, permission: &E::Permission, contents: &Contents, rules: &mut Rules) {
    let database = permission.database_name();
    if contents.get(Item::Database, database).is_none() {
        rules.broken(format!("{at}database_name"), format!("there is no database {:?}", excerpt(database)));
    }
    rules.specified(&format!("{at}roles"), permission.roles());
}

//! Versions that clusters can have, and which of them an upgrade leads to.

use prost_types::Timestamp;

use crate::contract::proto::yandex::cloud::mdb::v1::{self, version::Status};
use crate::engines::Engine;

/// A version that clusters can have.
#[derive(Clone, Copy, Debug)]
pub struct Version {
    /// Its id, as requests name it.
    pub id: &'static str,
    /// What the list of versions says of it, unless it leaves it out.
    pub listed: Option<Listed>,
}

/// What the list of versions says of one.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    /// Its name.
    pub name: &'static str,
    /// How far it is supported.
    pub status: Status,
    /// The year, month and day to which it is, if that is documented.
    pub supported_until: Option<(i64, u8, u8)>,
}

impl Version {
    /// A version that is listed.
    pub const fn listed(id: &'static str, name: &'static str, status: Status) -> Self {
        Self { id, listed: Some(Listed { name, status, supported_until: None }) }
    }

    /// A version that is listed, and supported to a day that is documented.
    pub const fn supported(id: &'static str, name: &'static str, until: (i64, u8, u8)) -> Self {
        Self { id, listed: Some(Listed { name, status: Status::Supported, supported_until: Some(until) }) }
    }

    /// A version that clusters can have and no list shows.
    pub const fn unlisted(id: &'static str) -> Self {
        Self { id, listed: None }
    }
}

/// Where upgrades lead.
#[derive(Clone, Copy, Debug)]
pub enum Upgrades {
    /// To any later version.
    ToAnyLater,
    /// To the next version.
    ToTheNext,
    /// Nowhere: a cluster keeps its version.
    Nowhere,
}

/// The ids of all versions, oldest first.
pub fn ids<E: Engine>() -> Vec<&'static str> {
    E::VERSIONS.iter().map(|version| version.id).collect()
}

/// The ids of the versions that a cluster can be upgraded to from one.
pub fn upgrades<E: Engine>(id: &str) -> Vec<&'static str> {
    let later = E::VERSIONS.iter().skip_while(|version| version.id != id).skip(1).map(|version| version.id);
    match E::UPGRADES {
        Upgrades::ToAnyLater => later.collect(),
        Upgrades::ToTheNext => later.take(1).collect(),
        Upgrades::Nowhere => Vec::new(),
    }
}

/// The versions that the list shows, oldest first.
pub fn listed<E: Engine>() -> impl Iterator<Item = v1::Version> {
    E::VERSIONS.iter().filter_map(|version| {
        let Listed { name, status, supported_until } = version.listed?;
        let midnight = |(year, month, day)| Timestamp::date(year, month, day).ok();
        Some(v1::Version {
            id: version.id.to_owned(),
            name: name.to_owned(),
            status: status as i32,
            updatable_to: upgrades::<E>(version.id).into_iter().map(str::to_owned).collect(),
            deprecated_at: supported_until.and_then(midnight),
            eol_at: None,
        })
    })
}

//! Folders. One that a request names comes into being by that, unless the universe is strict.

use std::sync::Arc;

use super::{AT_ONCE, Kind, Made, Making};
use crate::contract::kinds::{Cloud, Folder};
use crate::contract::proto::yandex::cloud::resourcemanager::v1 as resource_manager;
use crate::contract::proto::yandex::cloud::resourcemanager::v1::{CreateFolderRequest, folder};
use crate::refusal::{self, Refusal};
use crate::universe::network::{self, CLOUD};
use crate::universe::resource::{KindName, Reference, Resource};
use crate::universe::{Id, Operation, Stage, Target, Universe};

/// The steps of the deletion of a folder or cloud: it waits until its time comes, and then takes some minutes (our choice; at most 72
/// hours are documented).
pub const DELETE: &[Stage] = &[Stage { name: "wait", seconds: 0 }, Stage { name: "delete", seconds: 300 }];

/// The longest id of a folder (documented).
const LONGEST_ID: usize = 50;

impl Kind for Folder {
    const NAME: KindName = KindName::Folder;
    const NOUN: &'static str = "folder";
    const IN_FOLDERS: bool = false;
    const STAGES: &'static [Stage] = AT_ONCE;
    const KEPT: &'static [&'static str] = &["name"];

    fn id_prefix(_: &Universe, _: &CreateFolderRequest) -> &'static [u8; 3] {
        b"b1g"
    }

    fn complete(
        making: &Making<'_>,
        _: &CreateFolderRequest,
        folder: &mut resource_manager::Folder,
    ) -> Result<(), Refusal> {
        folder.status = folder::Status::Active as i32;
        let cloud = super::found::<Cloud>(making.universe, &folder.cloud_id)?;
        match status(making.universe.running(super::target::<Cloud>(cloud.id)).map(|running| &**running)) {
            folder::Status::Active => Ok(()),
            leaving => Err(refusal::neighbour::leaves(KindName::Cloud, &folder.cloud_id, leaving.as_str_name())),
        }
    }

    /// A folder that nobody made is as it would be if it were named now, unless the universe is strict.
    fn unmade(universe: &Universe, id: &str) -> Option<Arc<Resource>> {
        readable(universe, id).ok().map(|()| network::unnamed_folder(id, universe.now()).into())
    }

    fn shown(folder: &resource_manager::Folder, running: Option<&Operation>) -> resource_manager::Folder {
        resource_manager::Folder { status: status(running) as i32, ..folder.clone() }
    }
}

impl Made for Folder {}

/// What a folder is doing.
fn status(running: Option<&Operation>) -> folder::Status {
    match running.filter(|operation| operation.about.method.name == "Delete") {
        None => folder::Status::Active,
        Some(waiting) if waiting.stage == 0 => folder::Status::PendingDeletion,
        Some(_) => folder::Status::Deleting,
    }
}

/// Refuses to put something into a folder that does not exist, or that is being deleted.
///
/// # Errors
///
/// INVALID_ARGUMENT if the id can be none; NOT_FOUND if the folder was deleted, or if the universe is strict and nobody made it;
/// FAILED_PRECONDITION while it, or its cloud, is being deleted.
pub fn takes(universe: &Universe, id: &str) -> Result<(), Refusal> {
    readable(universe, id)?;
    let folder = KindName::Folder.id(id).map(|folder| Target::Resource(KindName::Folder, folder));
    let cloud = Id::parse(&cloud_of(universe, id)).map(|cloud| Target::Resource(KindName::Cloud, cloud));
    for target in [folder, cloud].into_iter().flatten() {
        let status = status(universe.running(target).map(|running| &**running));
        if status != folder::Status::Active {
            return Err(refusal::neighbour::leaves(KindName::Folder, id, status.as_str_name()));
        }
    }
    Ok(())
}

/// Refuses to look into a folder that does not exist.
///
/// # Errors
///
/// Those of [`takes`], but for the last.
pub fn readable(universe: &Universe, id: &str) -> Result<(), Refusal> {
    let rule = match id.chars().count() {
        0 => "is required".to_owned(),
        1..=LONGEST_ID => {
            let is_gone = KindName::Folder.id(id).is_some_and(|key| universe.is_gone(key));
            super::exist(universe, &[Reference::to(KindName::Folder, id)])?;
            return if is_gone { Err(refusal::neighbour::not_found(KindName::Folder, id)) } else { Ok(()) };
        }
        _ => format!("must have at most {LONGEST_ID} characters"),
    };
    Err(refusal::request::field("folder_id", rule))
}

/// The cloud that a folder is in, or would be in if it were named.
pub fn cloud_of(universe: &Universe, id: &str) -> String {
    universe.folder(id).map_or(CLOUD.to_owned(), |folder| folder.parent.to_string())
}

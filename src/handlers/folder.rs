//! `resourcemanager.v1.FolderService`: a folder comes into being when something is made or listed in it; any other can be shown.

use crate::contract::proto::yandex::cloud::resourcemanager::v1::{
    Folder, GetFolderRequest, ListFoldersRequest, ListFoldersResponse,
};
use crate::refusal::Refusal;
use crate::universe::Universe;

use super::{Call, cloud, filter, neighbours};

/// `FolderService.Get`.
pub fn get(call: &Call, universe: &Universe, request: GetFolderRequest) -> Result<Folder, Refusal> {
    neighbours::named(call, universe, &request.folder_id).map(|folder| neighbours::folder(&folder))
}

/// `FolderService.List`: by id.
pub fn list(call: &Call, universe: &Universe, request: ListFoldersRequest) -> Result<ListFoldersResponse, Refusal> {
    cloud::exists(&request.cloud_id)?;
    let wanted = filter::name(&request.filter)?;
    let page = call.page(universe, &[&request.cloud_id, &request.filter], request.page_size, &request.page_token)?;
    let after: String = page.after()?.unwrap_or_default();
    let folders = universe.folders(&after).filter(|folder| wanted.is_none_or(|wanted| *folder.name == *wanted));
    let (folders, next_page_token) = page.fill(folders, |folder| folder.id.to_string());
    Ok(ListFoldersResponse {
        folders: folders.into_iter().map(|folder| neighbours::folder(folder)).collect(),
        next_page_token,
    })
}

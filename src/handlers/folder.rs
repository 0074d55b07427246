//! What is particular about the RPCs of `resourcemanager.v1.FolderService`.

use std::collections::BTreeSet;

use crate::contract::ContractMessage;
use crate::contract::kinds::{Cloud, Folder};
use crate::contract::proto::yandex::cloud::resourcemanager::v1::{
    DeleteFolderMetadata, DeleteFolderRequest, ListFoldersRequest, ListFoldersResponse,
};
use crate::neighbours::{self, access, folder, found};
use crate::refusal::Refusal;
use crate::universe::instant::DAY;
use crate::universe::plan::ResultOf;
use crate::universe::{Id, Instant, KindName, Plan, ResourceChange, Universe};

use super::{Call, resource};

/// How long a deletion waits, if the request does not say (documented).
const WAIT: i64 = DAY;

/// `FolderService.List`: the oldest first. Those that nobody has named are not listed.
pub fn list(call: &Call, universe: &Universe, request: ListFoldersRequest) -> Result<ListFoldersResponse, Refusal> {
    found::<Cloud>(universe, &request.cloud_id)?;
    resource::list::<Folder>(call, universe, request)
}

/// `FolderService.Delete`: at `delete_after`, with all that is in it. Until then its clusters stand still, and it can be cancelled.
pub fn delete(call: &Call, universe: &Universe, request: DeleteFolderRequest) -> Result<Plan, Refusal> {
    let kept = found::<Folder>(universe, &request.folder_id)?;
    let target = neighbours::target::<Folder>(kept.id);
    universe.idle(target)?;
    access::folder_may_go(universe, &request.folder_id)?;
    let after = delete_after(call, request.delete_after);
    let metadata = DeleteFolderMetadata {
        folder_id: request.folder_id.clone(),
        delete_after: Some(after.into()),
        ..DeleteFolderMetadata::default()
    };
    let plan = call
        .plan_on(target, "Delete folder".into(), metadata.to_any(), folder::DELETE)
        .then(ResourceChange::Name(request.folder_id.as_str().into()))
        .then(ResourceChange::Destroy(KindName::Folder, kept.id));
    Ok(waiting(universe, plan, after, &[&request.folder_id]))
}

/// A deletion that waits for an instant, while the clusters of some folders that run stand still.
pub fn waiting(universe: &Universe, plan: Plan, after: Instant, folders: &[&str]) -> Plan {
    let clusters = folders.iter().flat_map(|folder| universe.clusters_in_folder(folder));
    let halted: BTreeSet<Id> = clusters.filter(|cluster| universe.runs(cluster)).map(|cluster| cluster.id).collect();
    plan.not_before(after).halting(halted.into_iter().collect::<Vec<_>>()).showing(ResultOf::Nothing)
}

/// When a deletion begins in earnest.
pub fn delete_after(call: &Call, asked: Option<prost_types::Timestamp>) -> Instant {
    asked.map_or_else(|| call.circumstances().now.plus(WAIT), |at| Instant::from(&at))
}

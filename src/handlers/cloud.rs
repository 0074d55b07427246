//! What is particular about the RPCs of `resourcemanager.v1.CloudService`.

use crate::contract::ContractMessage;
use crate::contract::kinds::{Cloud, Listing as _};
use crate::contract::proto::yandex::cloud::resourcemanager::v1::{
    self as resource_manager, DeleteCloudMetadata, DeleteCloudRequest, Folder, ListCloudsRequest, ListCloudsResponse,
};
use crate::neighbours::{self, access, folder as folders, found};
use crate::refusal::{self, Refusal};
use crate::universe::network::CLOUD;
use crate::universe::{KindName, Plan, ResourceChange, Universe};

use super::folder::{delete_after, waiting};
use super::{Call, resource};

/// `CloudService.List`: all of the organization that is asked for, or of any.
pub fn list(call: &Call, universe: &Universe, request: ListCloudsRequest) -> Result<ListCloudsResponse, Refusal> {
    let organization = request.parent();
    let (clouds, next_page_token) = resource::page::<Cloud, _>(call, universe, &request, |after| {
        universe.resources_of(KindName::Cloud, "", after).filter(move |(_, cloud)| {
            let cloud: &resource_manager::Cloud = cloud.message.open();
            organization.is_empty() || cloud.organization_id == organization
        })
    })?;
    Ok(ListCloudsResponse { clouds, next_page_token })
}

/// `CloudService.Delete`: at `delete_after`, with all its folders. The cloud that is there from the beginning stays (our choice).
pub fn delete(call: &Call, universe: &Universe, request: DeleteCloudRequest) -> Result<Plan, Refusal> {
    let kept = found::<Cloud>(universe, &request.cloud_id)?;
    let target = neighbours::target::<Cloud>(kept.id);
    universe.idle(target)?;
    if request.cloud_id == CLOUD {
        return Err(refusal::neighbour::own_cloud(CLOUD));
    }
    access::cloud_may_go(universe, &request.cloud_id)?;
    let after = delete_after(call, request.delete_after);
    let metadata = DeleteCloudMetadata {
        cloud_id: request.cloud_id.clone(),
        delete_after: Some(after.into()),
        ..DeleteCloudMetadata::default()
    };
    let plan = call
        .plan_on(target, "Delete cloud".into(), metadata.to_any(), folders::DELETE)
        .then(ResourceChange::Destroy(KindName::Cloud, kept.id));
    let inside = universe.resources_of(KindName::Folder, &request.cloud_id, 0);
    let inside: Vec<&str> = inside.map(|(_, folder)| &*folder.message.open::<Folder>().id).collect();
    Ok(waiting(universe, plan, after, &inside))
}

//! `resourcemanager.v1.CloudService`: there is one cloud, which holds every folder.

use crate::contract::proto::yandex::cloud::resourcemanager::v1::{
    Cloud, GetCloudRequest, ListCloudsRequest, ListCloudsResponse,
};
use crate::refusal::{self, Refusal};
use crate::universe::Universe;
use crate::universe::network::{CLOUD, DEFAULT_FOLDER};

use super::Call;
use super::neighbours::{self, Part};

/// `CloudService.Get`.
pub fn get(_: &Call, universe: &Universe, request: GetCloudRequest) -> Result<Cloud, Refusal> {
    exists(&request.cloud_id)?;
    Ok(cloud(universe))
}

/// `CloudService.List`: all of the organization that is asked for, or of any.
pub fn list(call: &Call, universe: &Universe, request: ListCloudsRequest) -> Result<ListCloudsResponse, Refusal> {
    let mut clouds = vec![cloud(universe)];
    let ListCloudsRequest { organization_id: of, filter, page_size: size, page_token: token } = &request;
    clouds.retain(|cloud| of.is_empty() || cloud.organization_id == *of);
    let part = Part { of, filter, size: *size, token };
    let (clouds, next_page_token) = neighbours::page(call, universe, &part, clouds, |cloud| &cloud.name)?;
    Ok(ListCloudsResponse { clouds, next_page_token })
}

/// Refuses the id of a cloud that there is not.
///
/// # Errors
///
/// NOT_FOUND for every id but one.
pub fn exists(id: &str) -> Result<(), Refusal> {
    if id == CLOUD { Ok(()) } else { Err(refusal::neighbour::no_such_cloud(id, CLOUD)) }
}

fn cloud(universe: &Universe) -> Cloud {
    Cloud {
        id: CLOUD.into(),
        // As old as the folder that is there from the beginning.
        created_at: universe.folder(DEFAULT_FOLDER).map(|folder| folder.created_at.into()),
        name: "default".into(),
        organization_id: universe.seed().id(b"bpf", "organization", &[], 0).to_string(),
        ..Cloud::default()
    }
}

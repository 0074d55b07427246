//! What `iam.v1.ServiceAccountService` has beside the RPCs of every kind.

use crate::contract::ContractMessage;
use crate::contract::kinds::ServiceAccount;
use crate::contract::proto::yandex::cloud::iam::v1 as iam;
use crate::contract::proto::yandex::cloud::iam::v1::service_account::Status;
use crate::contract::proto::yandex::cloud::iam::v1::{
    ReactivateServiceAccountMetadata, ReactivateServiceAccountRequest, ReactivateServiceAccountResponse,
    SuspendServiceAccountMetadata, SuspendServiceAccountRequest, SuspendServiceAccountResponse,
};
use crate::neighbours::found;
use crate::refusal::{self, Refusal};
use crate::universe::plan::ResultOf;
use crate::universe::{Plan, Universe};

use super::{Call, resource};

/// `ServiceAccountService.Suspend`: of an active account. It keeps its roles (documented), and gets no tokens (our choice).
pub fn suspend(call: &Call, universe: &Universe, request: SuspendServiceAccountRequest) -> Result<Plan, Refusal> {
    let metadata = SuspendServiceAccountMetadata { service_account_id: request.service_account_id.clone() };
    let response = SuspendServiceAccountResponse {}.to_any();
    switch(call, universe, ("Suspend", &request.service_account_id), (metadata.to_any(), response), |account| {
        account.expires_at = request.expires_at.or(account.expires_at);
        (Status::Active, Status::Suspended)
    })
}

/// `ServiceAccountService.Reactivate`: of a suspended account. When it expires stays as it is (documented).
pub fn reactivate(call: &Call, universe: &Universe, request: ReactivateServiceAccountRequest) -> Result<Plan, Refusal> {
    let metadata = ReactivateServiceAccountMetadata { service_account_id: request.service_account_id.clone() };
    let response = ReactivateServiceAccountResponse {}.to_any();
    switch(call, universe, ("Reactivate", &request.service_account_id), (metadata.to_any(), response), |_| {
        (Status::Suspended, Status::Active)
    })
}

/// A plan that takes an account from one status to another. `change` tells which, and changes what else there is.
fn switch(
    call: &Call,
    universe: &Universe,
    (verb, id): (&str, &str),
    (metadata, response): (prost_types::Any, prost_types::Any),
    change: impl FnOnce(&mut iam::ServiceAccount) -> (Status, Status),
) -> Result<Plan, Refusal> {
    let kept = found::<ServiceAccount>(universe, id)?;
    let mut account = kept.message.open::<iam::ServiceAccount>().clone();
    let (from, to) = change(&mut account);
    if account.status() != from {
        return Err(refusal::neighbour::account_status(id, account.status().as_str_name(), from.as_str_name()));
    }
    account.status = to as i32;
    let plan = resource::plan::<ServiceAccount>(call, kept.id, verb, metadata);
    let plan = resource::changed::<ServiceAccount>(universe, plan, &kept, account);
    Ok(plan.showing(ResultOf::Message(response.into())))
}

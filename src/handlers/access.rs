//! Access bindings and access policies, of plain resources and of clusters.

use prost_types::Any;

use super::{Call, cluster_of, stages};
use crate::contract::ContractMessage;
use crate::contract::excerpt::excerpt;
use crate::contract::proto::yandex::cloud::access::{
    AccessBindingAction, AccessPolicyBinding, BindAccessPolicyMetadata, BindAccessPolicyRequest,
    BindAccessPolicyResponse, ListAccessBindingsRequest, ListAccessBindingsResponse, ListAccessPolicyBindingsRequest,
    ListAccessPolicyBindingsResponse, SetAccessBindingsMetadata, SetAccessBindingsRequest, UnbindAccessPolicyMetadata,
    UnbindAccessPolicyRequest, UnbindAccessPolicyResponse, UpdateAccessBindingsMetadata, UpdateAccessBindingsRequest,
    UpdateAccessPolicyBindingParametersMetadata, UpdateAccessPolicyBindingParametersRequest,
    UpdateAccessPolicyBindingParametersResponse,
};
use crate::engines::Engine;
use crate::neighbours::{self, Kind, access, found};
use crate::refusal::{self, Refusal};
use crate::universe::plan::{Claim, ResultOf};
use crate::universe::{BindingsChange, KindName, Plan, ResourceChange, Target, Universe, Used, bindings};

/// What access bindings are of.
pub struct Holder {
    target: Target,
    /// As requests name it.
    id: String,
    /// Its type in descriptions of operations.
    kind: String,
}

impl Holder {
    /// A plain resource.
    pub fn resource<K: Kind>(universe: &Universe, id: &str) -> Result<Self, Refusal> {
        let resource = found::<K>(universe, id)?;
        let kind = K::NAME.resource_type().to_owned();
        Ok(Self { target: neighbours::target::<K>(resource.id), id: id.to_owned(), kind })
    }

    /// A cluster.
    pub fn cluster<E: Engine>(universe: &Universe, id: &str) -> Result<Self, Refusal> {
        let cluster = cluster_of::<E>(universe, id)?;
        let kind = format!("managed-{}.cluster", E::NAME.0);
        Ok(Self { target: Target::Cluster(cluster.id), id: id.to_owned(), kind })
    }

    /// An operation on its access bindings. It takes no slot, so that others may be in flight (our choice).
    fn plan(&self, call: &Call, description: String, metadata: Any) -> Plan {
        let plan = call.plan_on(self.target, description, metadata, stages::BINDINGS).beside_others();
        match self.target {
            Target::Cluster(_) => plan,
            Target::Resource(kind, id) => {
                let plan = plan.claiming(Claim::Use([Used { kind, id }].into()));
                // A folder comes into being by being named.
                if kind == KindName::Folder { plan.then(ResourceChange::Name(self.id.as_str().into())) } else { plan }
            }
        }
    }
}

/// `ListAccessBindings`: its own, not those of what holds it, in the order of their roles and subjects (our choice).
pub fn list(
    call: &Call,
    universe: &Universe,
    request: &ListAccessBindingsRequest,
    holder: &Holder,
) -> Result<ListAccessBindingsResponse, Refusal> {
    let (bindings, _) = universe.bindings(holder.target);
    let (access_bindings, next_page_token) =
        page(call, universe, (&request.resource_id, request.page_size, &request.page_token), bindings, |binding| {
            let (role, kind, id) = bindings::key(binding);
            [role, kind, id].join("\n")
        })?;
    Ok(ListAccessBindingsResponse { access_bindings, next_page_token })
}

/// `SetAccessBindings`: it has these from now on, and no others.
pub fn set(
    call: &Call,
    universe: &Universe,
    request: SetAccessBindingsRequest,
    holder: &Holder,
) -> Result<Plan, Refusal> {
    for (index, binding) in request.access_bindings.iter().enumerate() {
        access::check(universe, &format!("access_bindings[{index}]"), binding)?;
    }
    let metadata = SetAccessBindingsMetadata { resource_id: request.resource_id };
    let change = BindingsChange::Set(request.access_bindings.into());
    bound(call, universe, holder, ("Set", metadata.to_any()), change)
}

/// `UpdateAccessBindings`: it gets some and loses others.
pub fn update(
    call: &Call,
    universe: &Universe,
    request: UpdateAccessBindingsRequest,
    holder: &Holder,
) -> Result<Plan, Refusal> {
    for (index, delta) in request.access_binding_deltas.iter().enumerate() {
        // Whatever a target has can be taken away, be it of an account that is gone.
        if let Some(binding) = delta.access_binding.as_ref().filter(|_| delta.action() != AccessBindingAction::Remove) {
            access::check(universe, &format!("access_binding_deltas[{index}].access_binding"), binding)?;
        }
    }
    let metadata = UpdateAccessBindingsMetadata { resource_id: request.resource_id };
    let change = BindingsChange::Update(request.access_binding_deltas.into());
    bound(call, universe, holder, ("Update", metadata.to_any()), change)
}

/// A plan that changes access bindings, and answers as the service's contract says.
fn bound(
    call: &Call,
    universe: &Universe,
    holder: &Holder,
    (verb, metadata): (&str, Any),
    change: BindingsChange,
) -> Result<Plan, Refusal> {
    if change.takes_last_owner(holder.target, universe.bindings(holder.target).0) {
        return Err(refusal::neighbour::no_owner_left(&holder.id));
    }
    let result = match call.method.operation.as_ref().map(|types| types.response) {
        // KMS answers with nothing.
        Some("google.protobuf.Empty") | None => ResultOf::Nothing,
        Some(_) => ResultOf::Deltas,
    };
    let description = format!("{verb} {} access bindings", holder.kind);
    Ok(holder.plan(call, description, metadata).then(change).showing(result))
}

/// `ListAccessPolicyBindings`.
pub fn list_policies(
    call: &Call,
    universe: &Universe,
    request: &ListAccessPolicyBindingsRequest,
    holder: &Holder,
) -> Result<ListAccessPolicyBindingsResponse, Refusal> {
    let (_, policies) = universe.bindings(holder.target);
    let (access_policy_bindings, next_page_token) =
        page(call, universe, (&request.resource_id, request.page_size, &request.page_token), policies, |policy| {
            policy.access_policy_template_id.clone()
        })?;
    Ok(ListAccessPolicyBindingsResponse { access_policy_bindings, next_page_token })
}

/// `BindAccessPolicy`: one that it does not have yet (our choice).
pub fn bind_policy(
    call: &Call,
    universe: &Universe,
    request: BindAccessPolicyRequest,
    holder: &Holder,
) -> Result<Plan, Refusal> {
    let policy = request.access_policy_binding.unwrap_or_default();
    let id = policy.access_policy_template_id.clone();
    if !access::is_policy(&id) {
        let rule = format!("there is no access policy {:?}", excerpt(&id));
        return Err(refusal::request::field("access_policy_binding.access_policy_template_id", rule));
    }
    if has_policy(universe, holder, &id) {
        return Err(refusal::neighbour::policy_bound(&id, &holder.id));
    }
    let metadata =
        BindAccessPolicyMetadata { resource_id: request.resource_id, access_policy_binding: Some(policy.clone()) };
    let response = BindAccessPolicyResponse {}.to_any();
    Ok(with_policy(call, holder, "Bind access policy", (metadata.to_any(), response), bind(policy)))
}

/// `UnbindAccessPolicy`: one that it has.
pub fn unbind_policy(
    call: &Call,
    universe: &Universe,
    request: UnbindAccessPolicyRequest,
    holder: &Holder,
) -> Result<Plan, Refusal> {
    let id = request.access_policy_template_id;
    if !has_policy(universe, holder, &id) {
        return Err(refusal::neighbour::policy_not_bound(&id, &holder.id));
    }
    let metadata =
        UnbindAccessPolicyMetadata { resource_id: request.resource_id, access_policy_template_id: id.clone() };
    let response = UnbindAccessPolicyResponse {}.to_any();
    let change = BindingsChange::UnbindPolicy(id);
    Ok(with_policy(call, holder, "Unbind access policy", (metadata.to_any(), response), change))
}

/// `UpdateAccessPolicyBindingParameters`: of a policy that it has.
pub fn update_policy(
    call: &Call,
    universe: &Universe,
    request: UpdateAccessPolicyBindingParametersRequest,
    holder: &Holder,
) -> Result<Plan, Refusal> {
    let policy = request.access_policy_binding.unwrap_or_default();
    if !has_policy(universe, holder, &policy.access_policy_template_id) {
        return Err(refusal::neighbour::policy_not_bound(&policy.access_policy_template_id, &holder.id));
    }
    let metadata = UpdateAccessPolicyBindingParametersMetadata {
        resource_id: request.resource_id,
        access_policy_binding: Some(policy.clone()),
    };
    let response = UpdateAccessPolicyBindingParametersResponse {}.to_any();
    Ok(with_policy(call, holder, "Update access policy", (metadata.to_any(), response), bind(policy)))
}

fn bind(policy: AccessPolicyBinding) -> BindingsChange {
    BindingsChange::BindPolicy(policy.into())
}

fn has_policy(universe: &Universe, holder: &Holder, id: &str) -> bool {
    let (_, policies) = universe.bindings(holder.target);
    policies.iter().any(|bound| bound.access_policy_template_id == id)
}

fn with_policy(
    call: &Call,
    holder: &Holder,
    what: &str,
    (metadata, response): (Any, Any),
    change: BindingsChange,
) -> Plan {
    holder
        .plan(call, format!("{what} of {}", holder.kind), metadata)
        .then(change)
        .showing(ResultOf::Message(response.into()))
}

/// A page of what is in the order of texts.
fn page<T: Clone>(
    call: &Call,
    universe: &Universe,
    (id, size, token): (&str, i64, &str),
    all: &[T],
    place: impl Fn(&T) -> String,
) -> Result<(Vec<T>, String), Refusal> {
    let page = call.page(universe, &[id], size, token)?;
    let after: Option<String> = page.after()?;
    let rest = all.iter().filter(|item| after.as_ref().is_none_or(|after| place(item) > *after));
    let (items, token) = page.fill(rest, |item| place(item));
    Ok((items.into_iter().cloned().collect(), token))
}

//! The RPCs that every kind of plain resource has, written once: `NetworkService.Create` is [`create`], for a network. What a kind has
//! beside them stands in a file of its own, as do access bindings ([`super::access`]).

use std::sync::Arc;

use prost_types::Any;

use crate::contract::ContractMessage;
use crate::contract::kinds::{
    About as _, Addressed, ListReply, Listing, Masked, Movable as _, MoveMessages, Moving as _, Resource as _,
};
use crate::contract::projection::projected;
use crate::contract::proto::yandex::cloud::access::*;
use crate::engines::operation;
use crate::neighbours::{self, Kind, Made, Making, Way, exist, exist_anew, folder, found};
use crate::refusal::{self, Refusal};
use crate::universe::plan::{Claim, ResultOf};
use crate::universe::{Change, Decision, Id, KindName, Plan, Resource, ResourceChange, Stage, Target, Universe, Used};

use super::access::{self, Holder};
use super::{Call, Changing, filter, update};

/// `Get`.
pub fn get<K: Kind>(call: &Call, universe: &Universe, request: K::GetRequest) -> Result<K::Message, Refusal> {
    let resource = found::<K>(universe, request.address())?;
    let mut message = shown::<K>(universe, &resource);
    if universe.resource(K::NAME, resource.id).is_none() {
        // What nobody made would be made now.
        message.set_created_at(call.circumstances().now.into());
    }
    Ok(message)
}

/// `List`: the oldest first (our choice).
pub fn list<K: Kind>(call: &Call, universe: &Universe, request: K::ListRequest) -> Result<K::ListResponse, Refusal> {
    if K::IN_FOLDERS {
        folder::readable(universe, request.parent())?;
    }
    let parent = request.parent();
    let (items, token) = page::<K, _>(call, universe, &request, |after| universe.resources_of(K::NAME, parent, after))?;
    Ok(K::ListResponse::new(items, token))
}

/// `List` of what a folder has from the beginning that is only named: to list it makes the folder, so that what is shown is found again by
/// its id.
pub fn list_naming<K: Kind>(
    call: &Call,
    universe: &Universe,
    request: K::ListRequest,
) -> Result<Changing<K::ListResponse>, Refusal> {
    let id = request.parent();
    folder::readable(universe, id)?;
    if universe.folder(id).is_some() {
        return Ok((Arc::default(), list::<K>(call, universe, request)?));
    }
    let (naming, named) = named(universe, id)?;
    Ok((naming, list::<K>(call, &named, request)?))
}

/// A universe in which a folder has been named, and the change that names it.
fn named(universe: &Universe, folder: &str) -> Result<(Arc<[Change]>, Universe), Refusal> {
    let naming: Arc<[Change]> = Arc::new([ResourceChange::Name(folder.into()).into()]);
    let mut named = universe.clone();
    named.carry_out(&Decision::Change(naming.clone()))?;
    Ok((naming, named))
}

/// A page of resources, from what follows a place in the universe's order, and the token of the next page.
pub fn page<'u, K: Kind, I: Iterator<Item = (u64, &'u Arc<Resource>)>>(
    call: &Call,
    universe: &Universe,
    request: &impl Listing,
    all: impl FnOnce(u64) -> I,
) -> Result<(Vec<K::Message>, String), Refusal> {
    let wanted = filter::by_name(request.filter())?;
    let selection = [request.parent(), request.filter()];
    let page = call.page(universe, &selection, request.page_size(), request.page_token())?;
    let name = |resource: &'u Resource| resource.message.open::<K::Message>().name();
    let rest = all(page.after()?.unwrap_or(0)).filter(|(_, resource)| wanted.takes(name(resource)));
    let (resources, token) = page.fill(rest, |(place, _)| *place);
    let messages = resources.into_iter().map(|(_, resource)| shown::<K>(universe, resource));
    Ok((messages.collect(), token))
}

/// `Create`. The resource is there when the operation is done (our choice); its id stands in the metadata from the first reply on.
pub fn create<K: Made>(call: &Call, universe: &Universe, request: K::CreateRequest) -> Result<Plan, Refusal> {
    let (making, message) = draft::<K>(call, universe, &request)?;
    let metadata = K::about_creation(&message).to_any();
    let companions = K::made_with(&making, &message);
    let resource = neighbours::resource::<K>(universe, message);
    let mut plan = plan::<K>(call, resource.id, "Create", metadata);
    for key in resource.unique.iter() {
        plan = plan.claiming(Claim::Unique(key.clone(), resource.id));
    }
    if K::IN_FOLDERS {
        if universe.folder(&resource.parent).is_none() {
            // By naming it the request gives the folder a network, whose names are taken too.
            let (_, named) = named(universe, &resource.parent)?;
            resource.unique.iter().try_for_each(|key| named.free(key))?;
        }
        plan = plan.then(ResourceChange::Name(resource.parent.clone()));
    }
    let plan = plan.claiming(Claim::Use(resource.uses.clone())).then(ResourceChange::Put(resource.into()));
    Ok(companions.into_iter().fold(plan, |plan, change| plan.then(change)))
}

/// The resource that a request asks for, complete and checked.
pub fn draft<'a, K: Kind>(
    call: &'a Call,
    universe: &'a Universe,
    request: &K::CreateRequest,
) -> Result<(Making<'a>, K::Message), Refusal> {
    let circumstances = call.circumstances();
    let making = Making { universe, now: circumstances.now, subject: circumstances.subject };
    let mut message: K::Message = projected(request);
    K::place(&making, request, &mut message);
    if K::IN_FOLDERS {
        folder::takes(universe, message.parent())?;
    }
    let prefix = K::id_prefix(universe, request);
    let counted = K::unique(universe, &message);
    let first = counted.first().ok_or_else(|| refusal::request::internal("the kind counts its resources"))?;
    message.set_id(universe.next_resource_id(*prefix, first).to_string());
    message.set_created_at(making.now.into());
    K::complete(&making, request, &mut message)?;
    exist(universe, &K::references(&message))?;
    K::check(universe, &message)?;
    Ok((making, message))
}

/// `Update`: by mask, or without one everything.
pub fn update<K: Kind>(call: &Call, universe: &Universe, request: K::UpdateRequest) -> Result<Plan, Refusal> {
    let resource = found::<K>(universe, request.address())?;
    let before: &K::Message = resource.message.open();
    let current = K::as_update(before);
    let merged = update::merged(call, &current, &request, request.update_mask(), (&[K::ADDRESS], K::KEPT))?;
    let mut after = before.clone();
    K::update(universe, &merged, &mut after)?;
    exist_anew(universe, &K::references(before), &K::references(&after))?;
    K::check(universe, &after)?;
    K::may_change(universe, before, &after)?;
    let metadata = K::about_update(before, &after).to_any();
    let plan = plan::<K>(call, resource.id, "Update", metadata);
    let plan = if K::NAME == KindName::Folder { plan.then(ResourceChange::Name(after.id().into())) } else { plan };
    Ok(changed::<K>(universe, plan, &resource, after))
}

/// A plan that makes a resource another one, with what it claims by that.
pub fn changed<K: Kind>(universe: &Universe, plan: Plan, before: &Resource, after: K::Message) -> Plan {
    let after = Resource { id: before.id, ..neighbours::resource::<K>(universe, after) };
    let new = after.unique.iter().filter(|key| !before.unique.contains(key));
    let plan = new.fold(plan, |plan, key| plan.claiming(Claim::Unique(key.clone(), before.id)));
    plan.claiming(Claim::Use(after.uses.clone())).then(ResourceChange::Put(after.into()))
}

/// `Delete`.
pub fn delete<K: Kind>(call: &Call, universe: &Universe, request: K::DeleteRequest) -> Result<Plan, Refusal> {
    let resource = found::<K>(universe, request.address())?;
    let message: &K::Message = resource.message.open();
    universe.idle(neighbours::target::<K>(resource.id))?;
    K::may_delete(universe, message)?;
    let metadata = K::DeleteMetadata::about(message.id().to_owned()).to_any();
    let companions = K::goes_with(universe, message, Way::Away);
    let response = match call.method.operation.as_ref().map(|types| types.response) {
        Some("google.protobuf.Empty") | None => ResultOf::Nothing,
        // KMS answers with the key.
        Some(_) => ResultOf::Message(message.to_any().into()),
    };
    let plan = plan::<K>(call, resource.id, "Delete", metadata).showing(response);
    let plan = companions.into_iter().fold(plan, |plan, used| {
        plan.claiming(Claim::Also(Target::Resource(used.kind, used.id)))
            .then(ResourceChange::Remove(used.kind, used.id))
    });
    Ok(plan.then(ResourceChange::Remove(K::NAME, resource.id)))
}

/// `Move`: to another folder of the same cloud (documented of networks, our choice for others), where its name must be free.
pub fn r#move<K: Kind + MoveMessages>(
    call: &Call,
    universe: &Universe,
    request: K::MoveRequest,
) -> Result<Plan, Refusal> {
    let resource = found::<K>(universe, request.address())?;
    let (message, destination): (&K::Message, &str) = (resource.message.open(), request.destination());
    folder::takes(universe, destination)?;
    if *destination == *resource.parent {
        return Err(refusal::neighbour::already_there(K::NAME, destination));
    }
    if folder::cloud_of(universe, destination) != folder::cloud_of(universe, &resource.parent) {
        return Err(refusal::neighbour::other_cloud(destination));
    }
    K::may_move(universe, message)?;
    let metadata = K::MoveMetadata::about(message.id().to_owned()).to_any();
    let mut moved = message.clone();
    moved.set_folder_id(destination.to_owned());
    let plan = plan::<K>(call, resource.id, "Move", metadata).then(ResourceChange::Name(destination.into()));
    let plan = changed::<K>(universe, plan, &resource, moved);
    let companions = K::goes_with(universe, message, Way::ToFolder);
    Ok(companions.into_iter().fold(plan, |plan, used| moved_along(universe, plan, used, destination)))
}

/// A plan that moves another resource along.
fn moved_along(universe: &Universe, plan: Plan, used: Used, destination: &str) -> Plan {
    use crate::contract::kinds::{SecurityGroup, Subnet};
    let plan = plan.claiming(Claim::Also(Target::Resource(used.kind, used.id)));
    match used.kind {
        KindName::Subnet => moved_to::<Subnet>(universe, plan, used.id, destination),
        KindName::SecurityGroup => moved_to::<SecurityGroup>(universe, plan, used.id, destination),
        _ => plan,
    }
}

fn moved_to<K: Kind + MoveMessages>(universe: &Universe, plan: Plan, id: Id, destination: &str) -> Plan {
    let Some(resource) = universe.resource(K::NAME, id) else { return plan };
    let mut message: K::Message = resource.message.open::<K::Message>().clone();
    message.set_folder_id(destination.to_owned());
    changed::<K>(universe, plan, resource, message)
}

/// `ListOperations`: newest first (observed). Those of a resource that is just being made are listed too.
pub fn list_operations<K: Kind>(
    call: &Call,
    universe: &Universe,
    request: K::ListOperationsRequest,
) -> Result<K::ListOperationsResponse, Refusal> {
    let id = K::NAME.id(request.parent());
    let is_known = |id: &Id| {
        found::<K>(universe, request.parent()).is_ok() || universe.running(neighbours::target::<K>(*id)).is_some()
    };
    let id = id.filter(is_known).ok_or_else(|| refusal::neighbour::not_found(K::NAME, request.parent()))?;
    let page = call.page(universe, &[request.parent()], request.page_size(), request.page_token())?;
    let operations = universe.operations_of(neighbours::target::<K>(id), page.after()?.unwrap_or(u64::MAX));
    let (operations, token) = page.fill(operations, |operation| operation.sequence);
    Ok(ListReply::new(operations.into_iter().map(|operation| operation::shown(operation)).collect(), token))
}

/// An operation of this caller on a resource, which shows it when it is done.
pub fn plan<K: Kind>(call: &Call, id: Id, verb: &str, metadata: Any) -> Plan {
    plan_of::<K>(call, id, K::description(verb), metadata, K::STAGES)
}

/// The same, with a description and steps of its own.
pub fn plan_of<K: Kind>(call: &Call, id: Id, description: String, metadata: Any, stages: &'static [Stage]) -> Plan {
    call.plan_on(neighbours::target::<K>(id), description, metadata, stages).showing(ResultOf::Resource)
}

/// A resource as the API shows it.
pub fn shown<K: Kind>(universe: &Universe, resource: &Resource) -> K::Message {
    K::shown(resource.message.open(), universe.running(neighbours::target::<K>(resource.id)).map(|it| &**it))
}

/// `ListAccessBindings`.
pub fn list_access_bindings<K: Kind>(
    call: &Call,
    universe: &Universe,
    request: ListAccessBindingsRequest,
) -> Result<ListAccessBindingsResponse, Refusal> {
    access::list(call, universe, &request, &Holder::resource::<K>(universe, &request.resource_id)?)
}

/// `SetAccessBindings`.
pub fn set_access_bindings<K: Kind>(
    call: &Call,
    universe: &Universe,
    request: SetAccessBindingsRequest,
) -> Result<Plan, Refusal> {
    let holder = Holder::resource::<K>(universe, &request.resource_id)?;
    access::set(call, universe, request, &holder)
}

/// `UpdateAccessBindings`.
pub fn update_access_bindings<K: Kind>(
    call: &Call,
    universe: &Universe,
    request: UpdateAccessBindingsRequest,
) -> Result<Plan, Refusal> {
    let holder = Holder::resource::<K>(universe, &request.resource_id)?;
    access::update(call, universe, request, &holder)
}

/// `ListAccessPolicyBindings`.
pub fn list_access_policy_bindings<K: Kind>(
    call: &Call,
    universe: &Universe,
    request: ListAccessPolicyBindingsRequest,
) -> Result<ListAccessPolicyBindingsResponse, Refusal> {
    access::list_policies(call, universe, &request, &Holder::resource::<K>(universe, &request.resource_id)?)
}

/// `BindAccessPolicy`.
pub fn bind_access_policy<K: Kind>(
    call: &Call,
    universe: &Universe,
    request: BindAccessPolicyRequest,
) -> Result<Plan, Refusal> {
    let holder = Holder::resource::<K>(universe, &request.resource_id)?;
    access::bind_policy(call, universe, request, &holder)
}

/// `UnbindAccessPolicy`.
pub fn unbind_access_policy<K: Kind>(
    call: &Call,
    universe: &Universe,
    request: UnbindAccessPolicyRequest,
) -> Result<Plan, Refusal> {
    let holder = Holder::resource::<K>(universe, &request.resource_id)?;
    access::unbind_policy(call, universe, request, &holder)
}

/// `UpdateAccessPolicyBindingParameters`.
pub fn update_access_policy_binding_parameters<K: Kind>(
    call: &Call,
    universe: &Universe,
    request: UpdateAccessPolicyBindingParametersRequest,
) -> Result<Plan, Refusal> {
    let holder = Holder::resource::<K>(universe, &request.resource_id)?;
    access::update_policy(call, universe, request, &holder)
}

//! The store of access bindings and access policies, of any target. Rights are not enforced; policies against deletion are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use imbl::OrdMap;

use super::KindName;
use super::plan::Target;
use crate::contract::proto::yandex::cloud::access::{
    AccessBinding, AccessBindingAction, AccessBindingDelta, AccessPolicyBinding,
};

/// The access bindings and policies of a universe.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Bindings {
    roles: OrdMap<Target, Arc<Vec<AccessBinding>>>,
    policies: OrdMap<Target, Arc<Vec<AccessPolicyBinding>>>,
}

/// What changes about the access bindings or policies of a target.
#[derive(Clone, Debug, PartialEq)]
pub enum BindingsChange {
    /// It has these access bindings, and no others.
    Set(Arc<[AccessBinding]>),
    /// It gets some access bindings, and loses others, in this order.
    Update(Arc<[AccessBindingDelta]>),
    /// It gets an access policy, or other parameters of one that it has.
    BindPolicy(Arc<AccessPolicyBinding>),
    /// It loses an access policy.
    UnbindPolicy(String),
}

impl Bindings {
    /// The access bindings of a target, in the order of their roles and subjects.
    pub fn roles(&self, target: Target) -> &[AccessBinding] {
        self.roles.get(&target).map_or(&[], |roles| roles)
    }

    /// The access policies of a target, in the order of their ids.
    pub fn policies(&self, target: Target) -> &[AccessPolicyBinding] {
        self.policies.get(&target).map_or(&[], |policies| policies)
    }

    /// Changes what a target has.
    pub fn apply(&mut self, target: Target, change: &BindingsChange) {
        match change {
            BindingsChange::Set(_) | BindingsChange::Update(_) => {
                let roles = change.applied(self.roles(target));
                if roles.is_empty() {
                    self.roles.remove(&target)
                } else {
                    self.roles.insert(target, roles.into())
                };
            }
            BindingsChange::BindPolicy(policy) => {
                let policies = Arc::make_mut(self.policies.entry(target).or_default());
                let id = &policy.access_policy_template_id;
                match policies.binary_search_by(|known| known.access_policy_template_id.cmp(id)) {
                    Ok(place) => policies[place].clone_from(policy),
                    Err(place) => policies.insert(place, (**policy).clone()),
                }
            }
            BindingsChange::UnbindPolicy(id) => {
                if let Some(policies) = self.policies.get_mut(&target) {
                    Arc::make_mut(policies).retain(|known| known.access_policy_template_id != *id);
                }
            }
        }
    }

    /// Forgets a target that is gone.
    pub fn forget(&mut self, target: Target) {
        self.roles.remove(&target);
        self.policies.remove(&target);
    }
}

impl BindingsChange {
    /// The access bindings that a target has after the change, in order. To add one twice, or to remove one that is not there, changes
    /// nothing (our choice).
    pub fn applied(&self, before: &[AccessBinding]) -> Vec<AccessBinding> {
        let mut after = BTreeMap::new();
        if let Self::Set(bindings) = self {
            after.extend(bindings.iter().map(|binding| (key(binding), binding)));
            return after.into_values().cloned().collect();
        }
        after.extend(before.iter().map(|binding| (key(binding), binding)));
        if let Self::Update(deltas) = self {
            for (delta, binding) in deltas.iter().filter_map(|delta| Some((delta, delta.access_binding.as_ref()?))) {
                match delta.action() {
                    AccessBindingAction::Add => _ = after.insert(key(binding), binding),
                    AccessBindingAction::Remove => _ = after.remove(&key(binding)),
                    AccessBindingAction::Unspecified => {}
                }
            }
        }
        after.into_values().cloned().collect()
    }

    /// Whether a cloud with these access bindings loses its last owner by the change. It keeps one, once it has one (documented); other
    /// targets need none.
    pub fn takes_last_owner(&self, target: Target, before: &[AccessBinding]) -> bool {
        let is_cloud = matches!(target, Target::Resource(KindName::Cloud, _));
        is_cloud && has_owner(before) && !has_owner(&self.applied(before))
    }
}

/// What tells access bindings apart, and what puts them in order: the role, and the subject's type and id.
pub fn key(binding: &AccessBinding) -> (&str, &str, &str) {
    let (kind, id) = binding.subject.as_ref().map_or(("", ""), |subject| (&subject.r#type, &subject.id));
    (&binding.role_id, kind, id)
}

/// The role of who owns a cloud (documented).
pub const OWNER: &str = "resource-manager.clouds.owner";

/// Whether somebody is an owner by some access bindings.
fn has_owner(bindings: &[AccessBinding]) -> bool {
    bindings.iter().any(|binding| binding.role_id == OWNER)
}

/// What leads from some access bindings to others.
pub fn deltas(before: &[AccessBinding], after: &[AccessBinding]) -> Vec<AccessBindingDelta> {
    let (had, has): (BTreeSet<_>, BTreeSet<_>) = (before.iter().map(key).collect(), after.iter().map(key).collect());
    let delta = |action: AccessBindingAction, binding: &AccessBinding| AccessBindingDelta {
        action: action as i32,
        access_binding: Some(binding.clone()),
    };
    let removed = before.iter().filter(|binding| !has.contains(&key(binding)));
    let added = after.iter().filter(|binding| !had.contains(&key(binding)));
    let removed = removed.map(|binding| delta(AccessBindingAction::Remove, binding));
    removed.chain(added.map(|binding| delta(AccessBindingAction::Add, binding))).collect()
}

//! What `vpc.v1.SecurityGroupService` has beside the RPCs of every kind: changes of rules.

use std::collections::BTreeSet;

use crate::contract::ContractMessage;
use crate::contract::excerpt::excerpt;
use crate::contract::kinds::{Messages as _, SecurityGroup};
use crate::contract::proto::yandex::cloud::vpc::v1 as vpc;
use crate::contract::proto::yandex::cloud::vpc::v1::{
    UpdateSecurityGroupRuleMetadata, UpdateSecurityGroupRuleRequest, UpdateSecurityGroupRulesRequest,
};
use crate::neighbours::{Kind, exist, found, security_group};
use crate::refusal::{self, Refusal};
use crate::universe::plan::ResultOf;
use crate::universe::{Plan, Stage, Universe};

use super::{Call, resource, update};

/// That new rules take some seconds is observed.
const UPDATE_RULES: &[Stage] = &[Stage { name: "apply", seconds: 12 }];

/// `SecurityGroupService.UpdateRules`: some rules go, and others come behind those that stay. The ids of new ones stand in the metadata.
pub fn update_rules(
    call: &Call,
    universe: &Universe,
    request: UpdateSecurityGroupRulesRequest,
) -> Result<Plan, Refusal> {
    let kept = found::<SecurityGroup>(universe, &request.security_group_id)?;
    let before: &vpc::SecurityGroup = kept.message.open();
    let known: BTreeSet<&str> = before.rules.iter().map(|rule| &*rule.id).collect();
    if let Some(unknown) = request.deletion_rule_ids.iter().find(|id| !known.contains(&***id)) {
        return Err(refusal::neighbour::no_such_rule(unknown, &before.id));
    }
    let gone: BTreeSet<&String> = request.deletion_rule_ids.iter().collect();
    let mut after = before.clone();
    after.rules.retain(|rule| !gone.contains(&rule.id));
    after.rules.extend(security_group::new_rules(
        universe,
        before,
        "addition_rule_specs",
        &request.addition_rule_specs,
    )?);
    exist(universe, &SecurityGroup::references(&after))?;
    let metadata = SecurityGroup::about_update(before, &after).to_any();
    let description = "Update security group rules".to_owned();
    let plan = resource::plan_of::<SecurityGroup>(call, kept.id, description, metadata, UPDATE_RULES);
    Ok(resource::changed::<SecurityGroup>(universe, plan, &kept, after))
}

/// `SecurityGroupService.UpdateRule`: its description and labels, by mask, or without one both.
pub fn update_rule(call: &Call, universe: &Universe, request: UpdateSecurityGroupRuleRequest) -> Result<Plan, Refusal> {
    let kept = found::<SecurityGroup>(universe, &request.security_group_id)?;
    let before: &vpc::SecurityGroup = kept.message.open();
    let position = before.rules.iter().position(|rule| rule.id == request.rule_id);
    let position = position.ok_or_else(|| refusal::neighbour::no_such_rule(&excerpt(&request.rule_id), &before.id))?;
    let mut after = before.clone();
    let rule = &mut after.rules[position];
    let current = UpdateSecurityGroupRuleRequest {
        security_group_id: request.security_group_id.clone(),
        rule_id: request.rule_id.clone(),
        description: rule.description.clone(),
        labels: rule.labels.clone(),
        ..UpdateSecurityGroupRuleRequest::default()
    };
    let merged = update::merged(
        call,
        &current,
        &request,
        request.update_mask.as_ref(),
        (&[SecurityGroup::ADDRESS, "rule_id"], &[]),
    )?;
    (rule.description, rule.labels) = (merged.description, merged.labels);
    let metadata =
        UpdateSecurityGroupRuleMetadata { security_group_id: request.security_group_id, rule_id: request.rule_id };
    let shown = ResultOf::Message(rule.to_any().into());
    let description = "Update security group rule".to_owned();
    let plan = resource::plan_of::<SecurityGroup>(call, kept.id, description, metadata.to_any(), SecurityGroup::STAGES);
    Ok(resource::changed::<SecurityGroup>(universe, plan, &kept, after).showing(shown))
}

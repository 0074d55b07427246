//! Security groups and their rules.

use super::{Kind, Made, Making, cidr, is_unused};
use crate::contract::excerpt::excerpt;
use crate::contract::kinds::{About as _, SecurityGroup};
use crate::contract::projection::CopyInto;
use crate::contract::proto::yandex::cloud::vpc::v1 as vpc;
use crate::contract::proto::yandex::cloud::vpc::v1::security_group_rule::Target as RuleTarget;
use crate::contract::proto::yandex::cloud::vpc::v1::security_group_rule_spec::{Protocol, Target as SpecTarget};
use crate::contract::proto::yandex::cloud::vpc::v1::{
    CreateSecurityGroupRequest, SecurityGroupRule, SecurityGroupRuleSpec, UpdateSecurityGroupMetadata,
    UpdateSecurityGroupRequest, security_group,
};
use crate::refusal::{self, Refusal};
use crate::universe::resource::{KindName, Reference, Used};
use crate::universe::{Id, Operation, Universe};

/// Protocols by their names, with the numbers of IANA; -1 means all.
const PROTOCOLS: [(&str, i64); 8] =
    [("ANY", -1), ("TCP", 6), ("UDP", 17), ("ICMP", 1), ("ESP", 50), ("AH", 51), ("GRE", 47), ("IPV6_ICMP", 58)];
/// Targets that have a name of their own (documented).
const PREDEFINED: [&str; 2] = ["self_security_group", "loadbalancer_healthchecks"];

impl Kind for SecurityGroup {
    const NAME: KindName = KindName::SecurityGroup;
    const NOUN: &'static str = "security group";

    fn id_prefix(_: &Universe, _: &CreateSecurityGroupRequest) -> &'static [u8; 3] {
        b"enp"
    }

    fn references(group: &vpc::SecurityGroup) -> Vec<Reference<'_>> {
        let network = Reference::to(KindName::Network, &group.network_id);
        let others = group.rules.iter().filter_map(|rule| match &rule.target {
            Some(RuleTarget::SecurityGroupId(id)) if *id != group.id => {
                Some(Reference::to(KindName::SecurityGroup, id))
            }
            _ => None,
        });
        std::iter::once(network).chain(others).collect()
    }

    fn complete(
        making: &Making<'_>,
        request: &CreateSecurityGroupRequest,
        group: &mut vpc::SecurityGroup,
    ) -> Result<(), Refusal> {
        group.status = security_group::Status::Active as i32;
        group.rules = new_rules(making.universe, group, "rule_specs", &request.rule_specs)?;
        Ok(())
    }

    fn as_update(group: &vpc::SecurityGroup) -> UpdateSecurityGroupRequest {
        let mut update = UpdateSecurityGroupRequest::default();
        group.copy_into(&mut update);
        update.rule_specs = group.rules.iter().map(spec_of).collect();
        update
    }

    /// Rules that an update gives are all new (documented); those that it leaves as they are keep their ids.
    fn update(
        universe: &Universe,
        update: &UpdateSecurityGroupRequest,
        group: &mut vpc::SecurityGroup,
    ) -> Result<(), Refusal> {
        update.copy_into(group);
        if !update.rule_specs.iter().eq(group.rules.iter().map(spec_of).collect::<Vec<_>>().iter()) {
            group.rules = new_rules(universe, group, "rule_specs", &update.rule_specs)?;
        }
        Ok(())
    }

    fn about_update(before: &vpc::SecurityGroup, after: &vpc::SecurityGroup) -> UpdateSecurityGroupMetadata {
        let known: std::collections::BTreeSet<&str> = before.rules.iter().map(|rule| &*rule.id).collect();
        let added = after.rules.iter().filter(|rule| !known.contains(&*rule.id)).map(|rule| rule.id.clone());
        let mut metadata = UpdateSecurityGroupMetadata::about(after.id.clone());
        metadata.added_rule_ids = added.collect();
        metadata
    }

    fn may_delete(universe: &Universe, group: &vpc::SecurityGroup) -> Result<(), Refusal> {
        if group.default_for_network {
            return Err(refusal::neighbour::default_security_group(&group.id, &group.network_id));
        }
        let used = Id::parse(&group.id).map(|id| Used { kind: KindName::SecurityGroup, id });
        match used {
            Some(used) if !is_unused(universe, used, &[KindName::SecurityGroup]) => {
                Err(refusal::neighbour::security_group_in_use(&group.id))
            }
            _ => Ok(()),
        }
    }

    fn shown(group: &vpc::SecurityGroup, running: Option<&Operation>) -> vpc::SecurityGroup {
        let status = match running.map(|operation| operation.about.method.name) {
            None => security_group::Status::Active,
            Some("Delete") => security_group::Status::Deleting,
            Some(_) => security_group::Status::Updating,
        };
        vpc::SecurityGroup { status: status as i32, ..group.clone() }
    }
}

impl Made for SecurityGroup {}

/// The rules that specs in a field of a request ask for, each with an id of its own.
///
/// # Errors
///
/// INVALID_ARGUMENT by the first rule that is broken.
pub fn new_rules(
    universe: &Universe,
    group: &vpc::SecurityGroup,
    field: &str,
    specs: &[SecurityGroupRuleSpec],
) -> Result<Vec<SecurityGroupRule>, Refusal> {
    let target = Id::parse(&group.id).map(super::target::<SecurityGroup>);
    let operation = target.map_or(0, |target| universe.operations_begun(target)).to_string();
    let rules = specs.iter().zip(0_u64..).map(|(spec, number)| {
        let field = format!("{field}[{number}]");
        // The first operation makes the group; the default group has two rules without one.
        let id = universe.seed().id(b"enp", "rule", &[&group.id, "operation", &operation], number);
        rule(&field, id, spec)
    });
    rules.collect()
}

fn rule(field: &str, id: Id, spec: &SecurityGroupRuleSpec) -> Result<SecurityGroupRule, Refusal> {
    let (protocol_name, protocol_number) = match &spec.protocol {
        None => PROTOCOLS[0],
        Some(Protocol::ProtocolName(name)) => {
            let known = PROTOCOLS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            *known.ok_or_else(|| {
                let names = PROTOCOLS.map(|(name, _)| name).join(", ");
                let rule = format!("must be one of {names}, but is {:?}", excerpt(name));
                refusal::request::field(format!("{field}.protocol_name"), rule)
            })?
        }
        Some(Protocol::ProtocolNumber(number @ -1..=255)) => {
            let known = PROTOCOLS.iter().find(|(_, known)| known == number);
            known.copied().unwrap_or(("", *number))
        }
        Some(Protocol::ProtocolNumber(number)) => {
            let rule = format!("must be from -1 to 255, but is {number}");
            return Err(refusal::request::field(format!("{field}.protocol_number"), rule));
        }
    };
    if let Some(ports) = spec.ports.filter(|ports| ports.from_port > ports.to_port) {
        let rule = format!("must not be greater than to_port, {}, but is {}", ports.to_port, ports.from_port);
        return Err(refusal::request::field(format!("{field}.ports.from_port"), rule));
    }
    let target = match &spec.target {
        None => None,
        Some(SpecTarget::CidrBlocks(blocks)) => {
            if !blocks.v6_cidr_blocks.is_empty() {
                let field = format!("{field}.cidr_blocks.v6_cidr_blocks");
                return Err(refusal::request::field(field, "must be empty: IPv6 is not supported"));
            }
            blocks.v4_cidr_blocks.iter().try_for_each(|block| cidr::parse(block).map(drop))?;
            Some(RuleTarget::CidrBlocks(blocks.clone()))
        }
        Some(SpecTarget::SecurityGroupId(id)) => Some(RuleTarget::SecurityGroupId(id.clone())),
        Some(SpecTarget::PredefinedTarget(name)) if PREDEFINED.contains(&&**name) => {
            Some(RuleTarget::PredefinedTarget(name.clone()))
        }
        Some(SpecTarget::PredefinedTarget(name)) => {
            let rule = format!("must be one of {}, but is {:?}", PREDEFINED.join(", "), excerpt(name));
            return Err(refusal::request::field(format!("{field}.predefined_target"), rule));
        }
    };
    Ok(SecurityGroupRule {
        id: id.to_string(),
        description: spec.description.clone(),
        labels: spec.labels.clone(),
        direction: spec.direction,
        ports: spec.ports,
        protocol_name: protocol_name.into(),
        protocol_number,
        target,
    })
}

/// The spec that asks for a rule.
fn spec_of(rule: &SecurityGroupRule) -> SecurityGroupRuleSpec {
    let target = rule.target.as_ref().map(|target| match target {
        RuleTarget::CidrBlocks(blocks) => SpecTarget::CidrBlocks(blocks.clone()),
        RuleTarget::SecurityGroupId(id) => SpecTarget::SecurityGroupId(id.clone()),
        RuleTarget::PredefinedTarget(name) => SpecTarget::PredefinedTarget(name.clone()),
    });
    SecurityGroupRuleSpec {
        description: rule.description.clone(),
        labels: rule.labels.clone(),
        direction: rule.direction,
        ports: rule.ports,
        protocol: Some(Protocol::ProtocolNumber(rule.protocol_number)),
        target,
    }
}

//! Security groups and their rules.

use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::security_group_rule::Direction;
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::security_group_rule_spec::{Protocol, Target};
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::*;

use super::*;

fn network(cloud: &Cloud) -> Network {
    cloud.make("vpc.v1.NetworkService/Create", &new_network(FOLDER, "main"))
}

fn group(cloud: &Cloud, network: &Network) -> SecurityGroup {
    cloud.make("vpc.v1.SecurityGroupService/Create", &new_group(network, "main"))
}

fn get(cloud: &Cloud, id: &str) -> SecurityGroup {
    cloud.ask("vpc.v1.SecurityGroupService/Get", &GetSecurityGroupRequest { security_group_id: id.into() }).unwrap()
}

/// What comes of a rule with this protocol.
fn protocol(cloud: &Cloud, network: &Network, protocol: Option<Protocol>) -> Result<(String, i64), Status> {
    let rule = SecurityGroupRuleSpec { protocol, ports: None, ..new_rule("tcp", 1) };
    let request = CreateSecurityGroupRequest { rule_specs: vec![rule], ..new_group(network, "") };
    let created = cloud.order("vpc.v1.SecurityGroupService/Create", &request)?;
    let made: SecurityGroup = response(&cloud.operation(&created.id)?);
    Ok((made.rules[0].protocol_name.clone(), made.rules[0].protocol_number))
}

#[test]
fn protocols_are_told_by_name_and_number() {
    let cloud = Cloud::start();
    let network = network(&cloud);
    let by_name = |name: &str| protocol(&cloud, &network, Some(Protocol::ProtocolName(name.into())));
    let by_number = |number| protocol(&cloud, &network, Some(Protocol::ProtocolNumber(number)));
    for (name, number) in [("TCP", 6), ("ICMP", 1), ("UDP", 17), ("ANY", -1), ("ESP", 50), ("AH", 51), ("GRE", 47)] {
        assert_eq!(by_name(&name.to_lowercase()).unwrap(), (name.to_owned(), number));
        assert_eq!(by_number(number).unwrap(), (name.to_owned(), number));
    }
    assert_eq!(protocol(&cloud, &network, None).unwrap(), ("ANY".to_owned(), -1));
    assert_eq!(by_number(89).unwrap(), (String::new(), 89));
    breaks(by_name("carrier pigeon"), "rule_specs[0].protocol_name");
    breaks(by_number(256), "rule_specs[0].protocol_number");
}

#[test]
fn a_rule_needs_a_direction_one_target_and_ports_in_order() {
    let cloud = Cloud::start();
    let network = network(&cloud);
    let create = |change: &dyn Fn(&mut SecurityGroupRuleSpec)| {
        let mut rule = new_rule("tcp", 80);
        change(&mut rule);
        let request = CreateSecurityGroupRequest { rule_specs: vec![rule], ..new_group(&network, "") };
        cloud.order("vpc.v1.SecurityGroupService/Create", &request)
    };
    breaks(create(&|rule| rule.direction = Direction::Unspecified as i32), "rule_specs[0].direction");
    breaks(create(&|rule| rule.target = None), "rule_specs[0].target");
    let ports = |from_port, to_port| Some(PortRange { from_port, to_port });
    breaks(create(&|rule| rule.ports = ports(90, 80)), "rule_specs[0].ports.from_port");
    breaks(create(&|rule| rule.ports = ports(0, 65536)), "rule_specs[0].ports.to_port");
    let predefined = |name: &str| Some(Target::PredefinedTarget(name.into()));
    breaks(create(&|rule| rule.target = predefined("everybody")), "rule_specs[0].predefined_target");
    cloud.done(create(&|rule| rule.target = predefined("self_security_group")));
    cloud.done(create(&|rule| rule.ports = ports(0, 65535)));
    let blocks = CidrBlocks { v4_cidr_blocks: vec!["nowhere".into()], v6_cidr_blocks: Vec::new() };
    let outcome = create(&|rule| rule.target = Some(Target::CidrBlocks(blocks.clone())));
    is_refused(outcome, Code::InvalidArgument, "Illegal argument Cannot parse CIDR: nowhere");
}

#[test]
fn rules_are_added_and_removed_in_one_step() {
    let cloud = Cloud::start();
    let before = group(&cloud, &network(&cloud));
    let first = before.rules[0].id.clone();
    let request = UpdateSecurityGroupRulesRequest {
        security_group_id: before.id.clone(),
        deletion_rule_ids: vec![first.clone()],
        addition_rule_specs: vec![new_rule("udp", 53), new_rule("tcp", 53)],
    };
    let done = cloud.done(cloud.order("vpc.v1.SecurityGroupService/UpdateRules", &request));
    let metadata: UpdateSecurityGroupMetadata = done.metadata.as_ref().unwrap().to_msg().unwrap();
    let after: SecurityGroup = response(&done);
    let ids: Vec<String> = after.rules.iter().map(|rule| rule.id.clone()).collect();
    assert_eq!(metadata.added_rule_ids, ids);
    assert!(ids.len() == 2 && !ids.contains(&first));
    assert_eq!(get(&cloud, &before.id), after);
    let gone = UpdateSecurityGroupRulesRequest { addition_rule_specs: Vec::new(), ..request };
    let message = format!("Security group rule {first} not found in security group {}", before.id);
    is_refused(cloud.order("vpc.v1.SecurityGroupService/UpdateRules", &gone), Code::NotFound, &message);
    let more = UpdateSecurityGroupRulesRequest {
        security_group_id: before.id,
        addition_rule_specs: vec![new_rule("tcp", 3306)],
        ..Default::default()
    };
    let third: SecurityGroup = cloud.make("vpc.v1.SecurityGroupService/UpdateRules", &more);
    assert_eq!(third.rules[..2], after.rules, "a new rule comes last");
    assert!(third.rules[2].id != first, "an id is never given twice");
}

#[test]
fn one_rule_changes_its_description_and_labels_and_keeps_its_id() {
    let cloud = Cloud::start();
    let before = group(&cloud, &network(&cloud));
    let update = UpdateSecurityGroupRuleRequest {
        security_group_id: before.id.clone(),
        rule_id: before.rules[0].id.clone(),
        update_mask: mask(&["description"]),
        description: "for the shop".into(),
        labels: [("a".to_owned(), "b".to_owned())].into(),
    };
    let done = cloud.done(cloud.order("vpc.v1.SecurityGroupService/UpdateRule", &update));
    let expected = SecurityGroupRule { description: "for the shop".into(), ..before.rules[0].clone() };
    assert_eq!(response::<SecurityGroupRule>(&done), expected);
    assert_eq!(get(&cloud, &before.id).rules, [expected]);
    let whole = UpdateSecurityGroupRuleRequest { update_mask: None, description: String::new(), ..update.clone() };
    let changed: SecurityGroupRule = cloud.make("vpc.v1.SecurityGroupService/UpdateRule", &whole);
    assert_eq!((changed.description.as_str(), &changed.labels), ("", &update.labels));
    let unknown = UpdateSecurityGroupRuleRequest { rule_id: UNKNOWN.into(), ..update };
    assert_eq!(refused(cloud.order("vpc.v1.SecurityGroupService/UpdateRule", &unknown)).code, Code::NotFound);
}

#[test]
fn an_update_replaces_all_rules_or_none() {
    let cloud = Cloud::start();
    let before = group(&cloud, &network(&cloud));
    let rename = UpdateSecurityGroupRequest {
        security_group_id: before.id.clone(),
        update_mask: mask(&["name"]),
        name: "other".into(),
        rule_specs: vec![new_rule("udp", 1)],
        ..Default::default()
    };
    let renamed: SecurityGroup = cloud.make("vpc.v1.SecurityGroupService/Update", &rename);
    assert_eq!(renamed, SecurityGroup { name: "other".into(), ..before.clone() });
    let replace = UpdateSecurityGroupRequest { update_mask: mask(&["rule_specs"]), ..rename };
    let done = cloud.done(cloud.order("vpc.v1.SecurityGroupService/Update", &replace));
    let metadata: UpdateSecurityGroupMetadata = done.metadata.as_ref().unwrap().to_msg().unwrap();
    let replaced: SecurityGroup = response(&done);
    assert_eq!(replaced.rules.len(), 1);
    assert_eq!((replaced.rules[0].protocol_name.as_str(), &metadata.added_rule_ids[0]), ("UDP", &replaced.rules[0].id));
    assert_ne!(replaced.rules[0].id, before.rules[0].id);
    let none = UpdateSecurityGroupRequest { rule_specs: Vec::new(), ..replace };
    assert_eq!(cloud.make::<SecurityGroup>("vpc.v1.SecurityGroupService/Update", &none).rules, []);
}

#[test]
fn a_group_that_another_one_or_a_cluster_has_stays() {
    let cloud = Cloud::start();
    let network = network(&cloud);
    let made = group(&cloud, &network);
    let delete = DeleteSecurityGroupRequest { security_group_id: made.id.clone() };
    let message = format!("Security group with id {} not empty", made.id);
    let in_rule =
        SecurityGroupRuleSpec { target: Some(Target::SecurityGroupId(made.id.clone())), ..new_rule("tcp", 80) };
    let request = CreateSecurityGroupRequest { rule_specs: vec![in_rule], ..new_group(&network, "second") };
    let second: SecurityGroup = cloud.make("vpc.v1.SecurityGroupService/Create", &request);
    is_refused(cloud.order("vpc.v1.SecurityGroupService/Delete", &delete), Code::FailedPrecondition, &message);
    let other = DeleteSecurityGroupRequest { security_group_id: second.id };
    cloud.done(cloud.order("vpc.v1.SecurityGroupService/Delete", &other));

    let mut request = Redis::new_cluster("main");
    request.security_group_ids = vec![made.id];
    let cluster = cloud.created_by::<Redis>(request);
    is_refused(cloud.order("vpc.v1.SecurityGroupService/Delete", &delete), Code::FailedPrecondition, &message);
    let mut request = redis::v1::UpdateClusterRequest { cluster_id: cluster, ..Default::default() };
    request.update_mask = mask(&["security_group_ids"]);
    cloud.done(Redis::update(&cloud, request));
    cloud.done(cloud.order("vpc.v1.SecurityGroupService/Delete", &delete));
}

#[test]
fn a_mask_cannot_name_the_rule_and_a_range_is_of_ipv4() {
    let cloud = Cloud::start();
    let made = group(&cloud, &network(&cloud));
    let update = UpdateSecurityGroupRuleRequest {
        security_group_id: made.id,
        rule_id: made.rules[0].id.clone(),
        update_mask: mask(&["rule_id"]),
        ..Default::default()
    };
    breaks(cloud.order("vpc.v1.SecurityGroupService/UpdateRule", &update), "update_mask");
    let blocks = CidrBlocks { v4_cidr_blocks: Vec::new(), v6_cidr_blocks: vec!["::/0".into()] };
    let rule = SecurityGroupRuleSpec { target: Some(Target::CidrBlocks(blocks)), ..new_rule("tcp", 80) };
    let request = UpdateSecurityGroupRulesRequest {
        security_group_id: update.security_group_id,
        addition_rule_specs: vec![rule],
        ..Default::default()
    };
    let outcome = cloud.order("vpc.v1.SecurityGroupService/UpdateRules", &request);
    breaks(outcome, "addition_rule_specs[0].cidr_blocks.v6_cidr_blocks");
}

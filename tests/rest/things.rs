//! What a world has that a request may speak of, and requests that are made of it.

use std::collections::BTreeMap;

use mdb_emulator::contract::proto::yandex::cloud::access::*;
use mdb_emulator::contract::proto::yandex::cloud::iam::v1::{
    CreateKeyRequest, ReactivateServiceAccountRequest, ServiceAccount, SuspendServiceAccountRequest,
    SuspendServiceAccountResponse, key,
};
use mdb_emulator::contract::proto::yandex::cloud::kms::v1::*;
use mdb_emulator::contract::proto::yandex::cloud::resourcemanager::v1::{
    Cloud as CloudView, CreateCloudRequest, DeleteCloudRequest,
};
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::address::Address::ExternalIpv4Address;
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::*;
use mdb_emulator::universe::network::CLOUD;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, Value};
use serde_json::json;

use crate::client::Http;
use crate::common::neighbours::*;
use crate::common::*;
use crate::generated::{self, Choices, descriptor};
use crate::parity::standing;

/// What the world has that a request may speak of.
#[derive(Default)]
pub struct Things {
    /// Values of fields, by the package and name; of any package if that is empty.
    values: BTreeMap<(&'static str, &'static str), Vec<String>>,
    /// Requests to begin with, by their type, or by the path of the RPC that they are for.
    samples: BTreeMap<String, Vec<Vec<u8>>>,
}

impl Things {
    /// A server with things, and what it has.
    pub fn gathered() -> (Self, Cloud) {
        let cloud = standing();
        let mut things = Self::default();
        things.fill::<Redis>(&cloud, "yandex.cloud.mdb.redis.v1");
        things.fill::<Mysql>(&cloud, "yandex.cloud.mdb.mysql.v1");
        things.fill::<SqlServer>(&cloud, "yandex.cloud.mdb.sqlserver.v1");
        things.fill::<Spqr>(&cloud, "yandex.cloud.mdb.spqr.v1");
        things.fill_database::<Mysql>("yandex.cloud.mdb.mysql.v1");
        things.fill_database::<SqlServer>("yandex.cloud.mdb.sqlserver.v1");
        things.fill_database::<Spqr>("yandex.cloud.mdb.spqr.v1");
        things.fill_managed::<Redis>("yandex.cloud.mdb.redis.v1");
        things.fill_managed::<Mysql>("yandex.cloud.mdb.mysql.v1");
        things.fill_managed::<Spqr>("yandex.cloud.mdb.spqr.v1");
        things.fill_grants::<Mysql>(&cloud, "yandex.cloud.mdb.mysql.v1");
        things.fill_grants::<SqlServer>(&cloud, "yandex.cloud.mdb.sqlserver.v1");
        things.fill_protection();
        things.fill_transfers(&cloud);
        // Restores to the moment of a backup have to find it in the past.
        cloud.advance(HOUR);
        let universes: &[&str] = &["a", "b", "a", "b", "default", "new", "Not!"];
        let anywhere: [(&'static str, &[&str]); 18] = [
            ("folder_id", &[FOLDER, FOLDER, "b1gother"]),
            ("destination_folder_id", &["b1gother", FOLDER]),
            ("user_name", &["shop", "shop", "nobody"]),
            ("database_name", &["orders", "orders", "nothing"]),
            ("shard_name", &["shard1", "first", "nothing"]),
            ("name", &["orders", "made", "Not A Name!"]),
            ("service_account_id", &["ajerobot000000000001", "my-robot", "no robot"]),
            ("api_endpoint_id", &["iam", "managed-redis", "nothing"]),
            ("page_size", &["0", "1", "2", "1000", "1001", "-1"]),
            ("page_token", &["", "", "", "garbage"]),
            ("filter", &["", "name=\"orders-redis\"", "name = 'orders-sqlserver'", "name"]),
            ("environment", &["1", "2", "0"]),
            ("zone_id", &["ru-central1-a", "ru-central1-b", "moon"]),
            ("description", &["", "something", "é\"\\\n"]),
            ("deletion_protection", &["true", "false"]),
            ("seed", &["0", "7", "18446744073709551615"]),
            ("source_universe_id", &["a", "default", "nothing"]),
            ("retain_for_days", &["7"]),
        ];
        for (name, values) in anywhere {
            things.add("", name, values);
        }
        things.add("mdb.emulator.v1", "universe_id", universes);
        things.fill_places(&Http::new(&cloud));
        things.fill_neighbours(&cloud);
        things.fill_hosts(&cloud);
        (things, cloud)
    }

    fn add(&mut self, package: &'static str, field: &'static str, values: &[&str]) {
        self.values.entry((package, field)).or_default().extend(values.iter().map(|value| (*value).to_owned()));
    }

    pub fn sample<M: prost::Message + prost::Name>(&mut self, message: &M) {
        self.samples.entry(M::full_name()).or_default().push(message.encode_to_vec());
    }

    /// Clusters of an engine with a backup, and what can be asked of them.
    fn fill<E: Sample>(&mut self, cloud: &Cloud, package: &'static str) {
        let running = cloud.created::<E>(&format!("orders-{}", E::PACKAGE));
        let backup = cloud.backed_up::<E>(&running);
        let operations: Vec<String> =
            cloud.operations::<E>(&running).into_iter().map(|operation| operation.id).collect();
        let stopped = cloud.created::<E>(&format!("stopped-{}", E::PACKAGE));
        cloud.backed_up::<E>(&stopped);
        cloud.stop::<E>(&stopped);
        for field in ["cluster_id", "resource_id", "source_cluster_id"] {
            self.add(package, field, &[&running, &running, &running, &stopped, "nothing"]);
        }
        self.add(package, "backup_id", &[backup.id(), backup.id(), "nothing:mdb1"]);
        let presets = E::list_presets(cloud, E::ListResourcePresetsRequest::default()).unwrap();
        self.add(package, "resource_preset_id", &[presets.resource_presets()[0].id(), "nothing"]);
        self.add("", "operation_id", &[&operations[0], &operations[1], "nothing"]);
        self.sample(&E::new_cluster("made"));
        self.sample(&E::restore_of(&backup, "restored"));
        let mut start = E::StartClusterRequest::default();
        start.set_cluster_id(stopped);
        self.sample(&start);
        let mut user = E::CreateUserRequest::default();
        user.set_cluster_id(running.clone());
        user.set_user_spec(Some(E::new_user("made")));
        self.sample(&user);
        self.sample(&E::new_password(&running, "shop"));
        let mut update = E::UpdateClusterRequest::default();
        update.set_cluster_id(running);
        update.set_description("changed".into());
        update.set_update_mask(mask(&["description", "labels"]));
        self.sample(&update);
    }

    /// What is around clusters.
    fn fill_places(&mut self, http: &Http) {
        let first = |path: &str, list: &str| {
            let page = http.get(path).ok();
            page[list][0]["id"].as_str().expect(path).to_owned()
        };
        let network = first(&format!("/vpc/v1/networks?folderId={FOLDER}"), "networks");
        let subnet = first(&format!("/vpc/v1/subnets?folderId={FOLDER}"), "subnets");
        let group = first(&format!("/vpc/v1/securityGroups?folderId={FOLDER}"), "securityGroups");
        let cloud = first("/resource-manager/v1/clouds", "clouds");
        let token = http.post("/iam/v1/tokens", &json!({"yandexPassportOauthToken": "y0_some"})).ok();
        self.add("yandex.cloud.vpc.v1", "network_id", &[&network, "nothing"]);
        self.add("yandex.cloud.vpc.v1", "subnet_id", &[&subnet, "nothing"]);
        self.add("yandex.cloud.vpc.v1", "security_group_id", &[&group, "nothing"]);
        self.add("yandex.cloud.resourcemanager.v1", "cloud_id", &[&cloud, "nothing"]);
        self.add("yandex.cloud.iam.v1", "iam_token", &[token["iamToken"].as_str().unwrap(), "nothing"]);
    }

    /// What stands beside clusters.
    fn fill_neighbours(&mut self, cloud: &Cloud) {
        const VPC: &str = "yandex.cloud.vpc.v1";
        const IAM: &str = "yandex.cloud.iam.v1";
        let made = Neighbours::made(cloud, FOLDER);
        let second: Subnet =
            cloud.make("vpc.v1.SubnetService/Create", &new_subnet(&made.network, "empty", "10.2.0.0/24"));
        self.add(VPC, "gateway_id", &[&made.gateway.id, "nothing"]);
        self.add(VPC, "route_table_id", &[&made.table.id, "nothing"]);
        self.add(VPC, "address_id", &[&made.address.id, "nothing"]);
        self.add(VPC, "rule_id", &[&made.group.rules[0].id, "nothing"]);
        self.add(VPC, "destination_zone_id", &["ru-central1-d", "moon"]);
        self.add("yandex.cloud.resourcemanager.v1", "organization_id", &["bpf00000000000000001"]);
        self.add("yandex.cloud.kms.v1", "key_id", &[&made.key.id, "nothing"]);
        self.add("yandex.cloud.kms.v1", "version_id", &[&made.key.primary_version.as_ref().unwrap().id, "nothing"]);
        self.add(IAM, "service_account_id", &[&made.account.id, "nothing"]);
        self.add(IAM, "key_id", &[&made.account_key.key.as_ref().unwrap().id, "nothing"]);
        self.add(IAM, "description", &["something", &"x".repeat(300)]);
        self.add("yandex.cloud.resourcemanager.v1", "folder_id", &[FOLDER, FOLDER, "b1gother", &"x".repeat(51)]);
        self.add(IAM, "role_id", &["viewer", "nothing"]);
        let access_key = &made.access_key.access_key.as_ref().unwrap().id;
        self.add("yandex.cloud.iam.v1.awscompatibility", "access_key_id", &[access_key, "nothing"]);
        self.sample(&new_network(FOLDER, "made"));
        self.sample(&new_subnet(&made.network, "made", "10.3.0.0/24"));
        self.sample(&new_group(&made.network, "made"));
        self.sample(&new_table(&made.network, "made", &made.gateway.id));
        self.sample(&new_address(FOLDER, "made"));
        self.sample(&new_key(FOLDER, "made"));
        self.sample(&DeleteGatewayRequest {
            gateway_id: cloud.make::<Gateway>("vpc.v1.GatewayService/Create", &new_gateway(FOLDER, "free")).id,
        });
        self.sample(&DeleteNetworkRequest {
            network_id: cloud.make::<Network>("vpc.v1.NetworkService/Create", &new_network(FOLDER, "free")).id,
        });
        let free: SecurityGroup = cloud.make("vpc.v1.SecurityGroupService/Create", &new_group(&made.network, "free"));
        self.sample(&UpdateSecurityGroupRuleRequest {
            security_group_id: free.id.clone(),
            rule_id: free.rules[0].id.clone(),
            description: "changed".into(),
            ..Default::default()
        });
        self.sample(&DeleteSecurityGroupRequest { security_group_id: free.id });
        let another = CreateCloudRequest {
            name: "free".into(),
            organization_id: "bpf00000000000000001".into(),
            ..Default::default()
        };
        let another: CloudView = cloud.make("resourcemanager.v1.CloudService/Create", &another);
        self.sample(&DeleteCloudRequest { cloud_id: another.id, delete_after: None });
        let (subnet_id, block) = (second.id, "10.4.0.0/24".to_owned());
        self.sample(&AddSubnetCidrBlocksRequest { subnet_id: subnet_id.clone(), v4_cidr_blocks: vec![block] });
        let v4_cidr_blocks = second.v4_cidr_blocks;
        self.sample(&RemoveSubnetCidrBlocksRequest { subnet_id: subnet_id.clone(), v4_cidr_blocks });
        self.sample(&RelocateSubnetRequest {
            subnet_id: subnet_id.clone(),
            destination_zone_id: "ru-central1-b".into(),
        });
        self.sample(&DeleteSubnetRequest { subnet_id });
        self.sample(&ListUsedAddressesRequest { subnet_id: made.subnet.id.clone(), ..Default::default() });
        let Some(ExternalIpv4Address(external)) = made.address.address.clone() else { panic!("{:?}", made.address) };
        let address = Some(get_address_by_value_request::Address::ExternalIpv4Address(external.address));
        self.sample(&GetAddressByValueRequest { address, ..Default::default() });
        let key_algorithm = key::Algorithm::Rsa2048 as i32;
        let service_account_id = made.account.id.clone();
        self.sample(&CreateKeyRequest { service_account_id, key_algorithm, ..Default::default() });
        self.fill_versions(cloud, &made.key.id);
        self.fill_access(cloud, &made);
    }

    /// Versions of a key: the first is no more the primary one.
    fn fill_versions(&mut self, cloud: &Cloud, key: &str) {
        let key_id = key.to_owned();
        let rotate = RotateSymmetricKeyRequest { key_id: key_id.clone() };
        cloud.make::<SymmetricKey>("kms.v1.SymmetricKeyService/Rotate", &rotate);
        let versions: ListSymmetricKeyVersionsResponse = cloud
            .ask(
                "kms.v1.SymmetricKeyService/ListVersions",
                &ListSymmetricKeyVersionsRequest { key_id: key_id.clone(), ..Default::default() },
            )
            .unwrap();
        let planned = versions.key_versions[0].id.clone();
        self.sample(&ScheduleSymmetricKeyVersionDestructionRequest {
            key_id: key_id.clone(),
            version_id: planned.clone(),
            pending_period: None,
        });
        cloud.make::<SymmetricKey>("kms.v1.SymmetricKeyService/Rotate", &rotate);
        let second = versions.key_versions[1].id.clone();
        let schedule = ScheduleSymmetricKeyVersionDestructionRequest {
            key_id: key_id.clone(),
            version_id: second.clone(),
            pending_period: None,
        };
        cloud.make::<SymmetricKeyVersion>("kms.v1.SymmetricKeyService/ScheduleVersionDestruction", &schedule);
        self.sample(&CancelSymmetricKeyVersionDestructionRequest { key_id: key_id.clone(), version_id: second });
        self.sample(&SetPrimarySymmetricKeyVersionRequest { key_id, version_id: planned });
        let suspended: ServiceAccount =
            cloud.make("iam.v1.ServiceAccountService/Create", &new_account(FOLDER, "asleep"));
        let suspend = SuspendServiceAccountRequest { service_account_id: suspended.id.clone(), ..Default::default() };
        cloud.make::<SuspendServiceAccountResponse>("iam.v1.ServiceAccountService/Suspend", &suspend);
        self.sample(&ReactivateServiceAccountRequest { service_account_id: suspended.id });
    }

    /// Access bindings and policies of everything that has them.
    fn fill_access(&mut self, cloud: &Cloud, made: &Neighbours) {
        let cluster = |package: &'static str| self.values[&(package, "cluster_id")][0].clone();
        let holders = [
            ("resourcemanager.v1.CloudService", CLOUD.to_owned()),
            ("resourcemanager.v1.FolderService", FOLDER.to_owned()),
            ("kms.v1.SymmetricKeyService", made.key.id.clone()),
            ("iam.v1.ServiceAccountService", made.account.id.clone()),
            ("mdb.redis.v1.ClusterService", cluster("yandex.cloud.mdb.redis.v1")),
            ("mdb.mysql.v1.ClusterService", cluster("yandex.cloud.mdb.mysql.v1")),
            ("mdb.spqr.v1.ClusterService", cluster("yandex.cloud.mdb.spqr.v1")),
        ];
        for (service, resource_id) in holders {
            let access_bindings = vec![binding("viewer", "aje00000000000000001")];
            let set = SetAccessBindingsRequest { resource_id: resource_id.clone(), access_bindings };
            cloud.done(cloud.order(&format!("{service}/SetAccessBindings"), &set));
            self.sample_of(service, "SetAccessBindings", &set);
            let delta = AccessBindingDelta {
                action: AccessBindingAction::Add as i32,
                access_binding: Some(binding("editor", "aje00000000000000002")),
            };
            let access_binding_deltas = vec![delta];
            let update = UpdateAccessBindingsRequest { resource_id: resource_id.clone(), access_binding_deltas };
            self.sample_of(service, "UpdateAccessBindings", &update);
            let list = ListAccessBindingsRequest { resource_id: resource_id.clone(), ..Default::default() };
            self.sample_of(service, "ListAccessBindings", &list);
            if service.starts_with("resourcemanager") {
                self.fill_policies(cloud, service, &resource_id);
            }
        }
    }

    fn fill_policies(&mut self, cloud: &Cloud, service: &str, resource_id: &str) {
        let policy = |id: &str| AccessPolicyBinding { access_policy_template_id: id.into(), ..Default::default() };
        let resource_id = resource_id.to_owned();
        let bound = "serverless.restrictPublicInvocation";
        let bind =
            |policy| BindAccessPolicyRequest { resource_id: resource_id.clone(), access_policy_binding: Some(policy) };
        cloud.make::<BindAccessPolicyResponse>(&format!("{service}/BindAccessPolicy"), &bind(policy(bound)));
        self.sample_of(service, "BindAccessPolicy", &bind(policy("serverless.restrictPrivateNetworkInvocation")));
        let update = UpdateAccessPolicyBindingParametersRequest {
            resource_id: resource_id.clone(),
            access_policy_binding: Some(policy(bound)),
        };
        self.sample_of(service, "UpdateAccessPolicyBindingParameters", &update);
        let access_policy_template_id = bound.to_owned();
        let unbind = UnbindAccessPolicyRequest { resource_id: resource_id.clone(), access_policy_template_id };
        self.sample_of(service, "UnbindAccessPolicy", &unbind);
        let list = ListAccessPolicyBindingsRequest { resource_id, ..Default::default() };
        self.sample_of(service, "ListAccessPolicyBindings", &list);
    }

    /// A sample for one RPC, whose request other RPCs have too.
    fn sample_of(&mut self, service: &str, rpc: &str, request: &impl prost::Message) {
        self.samples.entry(format!("/yandex.cloud.{service}/{rpc}")).or_default().push(request.encode_to_vec());
    }

    fn fill_managed<E: Sample + ManagedRpcs>(&mut self, package: &'static str) {
        let mut hosts = E::AddClusterHostsRequest::default();
        hosts.set_cluster_id(self.values[&(package, "cluster_id")][0].clone());
        hosts.set_host_specs(E::new_cluster("any").host_specs()[..1].to_vec());
        self.sample(&hosts);
    }

    fn fill_database<E: SampleDatabases>(&mut self, package: &'static str) {
        let mut database = E::CreateDatabaseRequest::default();
        database.set_cluster_id(self.values[&(package, "cluster_id")][0].clone());
        database.set_database_spec(Some(E::new_database("made")));
        self.sample(&database);
    }

    /// A user with some of the roles that are granted and revoked.
    fn fill_grants<E: SampleGrants>(&mut self, cloud: &Cloud, package: &'static str) {
        let cluster = self.values[&(package, "cluster_id")][0].clone();
        cloud.done(E::grant_permission(cloud, E::grant(&cluster, "shop", E::permission("orders", &[1, 2]))));
        self.sample(&E::grant(&cluster, "shop", E::permission("orders", &[3])));
        self.sample(&E::revoke(&cluster, "shop", E::permission("orders", &[1])));
    }

    fn fill_protection(&mut self) {
        self.sample(&mysql::v1::UpdateDatabaseRequest {
            cluster_id: self.values[&("yandex.cloud.mdb.mysql.v1", "cluster_id")][0].clone(),
            database_name: "orders".into(),
            update_mask: mask(&["deletion_protection_mode"]),
            deletion_protection_mode: mysql::v1::DeletionProtectionMode::Enabled as i32,
        });
    }

    /// A cluster that may use buckets.
    fn fill_transfers(&mut self, cloud: &Cloud) {
        let service_account_id = "ajerobot000000000001".into();
        let new = SqlServer::new_cluster("with-buckets");
        let cluster = cloud.created_by::<SqlServer>(sqlserver::v1::CreateClusterRequest { service_account_id, ..new });
        let backup = cloud.backed_up::<SqlServer>(&cluster);
        self.sample(&SqlServer::restore_into(&cluster, &backup, "made"));
        self.sample(&SqlServer::import_of(&cluster, "made"));
        self.sample(&SqlServer::export_of(&cluster, "orders"));
    }

    /// A value that a field may well have.
    fn plausible(&self, field: &FieldDescriptor, choices: &mut Choices<'_>) -> Option<Value> {
        let parent = field.parent_message();
        if let Kind::Message(message) = field.kind() {
            return match (message.full_name(), field.name()) {
                ("google.protobuf.FieldMask", _) => Some(some_mask(field, choices)),
                ("google.protobuf.Timestamp", "time") => Some(timestamp("2026-01-31T12:00:01Z")),
                ("google.protobuf.Timestamp", "now" | "frozen_at") => Some(timestamp("2026-01-31T14:00:00Z")),
                _ => None,
            };
        }
        let of = |package: &str| {
            let found = self.values.iter().find(|((known, name), _)| *known == package && *name == field.name());
            found.map(|(_, values)| values.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let known = of(parent.package_name()).or_else(|| of(""))?;
        let text = choices.one_of(&known);
        Some(match field.kind() {
            Kind::String => Value::String(text.into()),
            Kind::Bool => Value::Bool(text.parse().ok()?),
            Kind::Int64 => Value::I64(text.parse().ok()?),
            Kind::Uint64 => Value::U64(text.parse().ok()?),
            Kind::Enum(_) => Value::EnumNumber(text.parse().ok()?),
            _ => return None,
        })
    }

    /// A request of an RPC: a sample with some of it changed, or one of what is plausible, or one of anything.
    pub fn request(&mut self, method: &Method, choices: &mut Choices<'_>) -> DynamicMessage {
        let message_type = descriptor(method.request);
        let plausible = |field: &FieldDescriptor, choices: &mut Choices<'_>| self.plausible(field, choices);
        let style = choices.below(8);
        let mut message = DynamicMessage::new(message_type.clone());
        match self.samples.get(method.path).or_else(|| self.samples.get(method.request)) {
            Some(samples) if style < 6 => {
                let sample = &samples[choices.below(samples.len())];
                message = DynamicMessage::decode(message_type.clone(), sample.as_slice()).unwrap();
                for field in message_type.fields().filter(|_| style > 1) {
                    if choices.once_in(12) {
                        generated::set(&mut message, &field, choices, &plausible, 0);
                    }
                }
            }
            _ if style < 6 => {
                for field in message_type.fields() {
                    if !choices.once_in(6)
                        && !field.is_list()
                        && !field.is_map()
                        && let Some(value) = self.plausible(&field, choices)
                    {
                        message.set_field(&field, value);
                    }
                }
            }
            _ => message = generated::message(&message_type, choices, &plausible),
        }
        // The shortest path has a place for nothing less.
        let shortest = method.http.last().unwrap().path;
        for field in message_type.fields().filter(|field| shortest.contains(&format!("{{{}}}", field.name()))) {
            if !message.has_field(&field) {
                generated::set(&mut message, &field, choices, &plausible, 0);
            }
        }
        if method.service.ends_with(".ClockService") && !choices.once_in(8) {
            message.clear_field_by_name("universe_id");
        }
        message
    }
}

/// A mask of paths that exist in the message that has it.
fn some_mask(field: &FieldDescriptor, choices: &mut Choices<'_>) -> Value {
    let mut paths = Vec::new();
    for _ in 0..choices.below(3) {
        let mut path = Vec::new();
        let mut next = Some(field.parent_message().clone());
        while let Some(message) = next.filter(|message| message.fields().len() > 0) {
            let fields: Vec<FieldDescriptor> = message.fields().collect();
            let field = &fields[choices.below(fields.len())];
            path.push(field.name().to_owned());
            let goes_on = !field.is_list() && !field.is_map() && choices.once_in(2);
            next = field.kind().as_message().filter(|_| goes_on).cloned();
        }
        paths.push(Value::String(path.join(".")));
    }
    let mut mask = DynamicMessage::new(descriptor("google.protobuf.FieldMask"));
    mask.set_field_by_name("paths", Value::List(paths));
    Value::Message(mask)
}

fn timestamp(text: &str) -> Value {
    let time: Timestamp = text.parse().unwrap();
    let mut message = DynamicMessage::new(descriptor("google.protobuf.Timestamp"));
    message.set_field_by_name("seconds", Value::I64(time.seconds));
    Value::Message(message)
}

//! The same of what stands beside clusters: every mutating RPC of networks, folders, keys, accounts and access bindings.

use mdb_emulator::contract::proto::yandex::cloud::access::*;
use mdb_emulator::contract::proto::yandex::cloud::iam::v1::awscompatibility::*;
use mdb_emulator::contract::proto::yandex::cloud::iam::v1::*;
use mdb_emulator::contract::proto::yandex::cloud::kms::v1::*;
use mdb_emulator::contract::proto::yandex::cloud::resourcemanager::v1::*;
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::*;
use prost::Message;

use crate::annotations::Walk;
use crate::common::neighbours::*;
use crate::common::*;

const OTHER: &str = "b1gother";

impl Walk {
    pub fn neighbours(&mut self) {
        self.networks();
        self.resources();
        self.folders();
        self.keys();
        self.accounts();
    }

    /// Calls an RPC, and looks at its operation at its beginning and at its end.
    #[track_caller]
    fn step(&mut self, rpc: &str, request: &impl Message) -> Operation {
        let path = format!("/yandex.cloud.{rpc}");
        let method = METHODS.iter().find(|method| method.path == path).expect("a path of the contract");
        self.seen.insert(method.path);
        let types = method.operation.as_ref().expect("an annotated RPC");
        let started = self.cloud.order(rpc, request).unwrap_or_else(|status| panic!("{rpc}: {status}"));
        assert!(!started.done && started.result.is_none(), "{rpc}");
        assert!(!started.description.is_empty() && started.description.len() <= 256);
        assert_eq!(started.created_at, Some(self.cloud.now()));
        assert_eq!(started.metadata.as_ref().unwrap().type_url, format!("type.googleapis.com/{}", types.metadata));
        self.cloud.advance(10);
        let ended = self.cloud.operation(&started.id).unwrap();
        assert_eq!(ended.metadata, started.metadata, "{rpc}");
        let Some(operation::Result::Response(shown)) = &ended.result else { panic!("{rpc}: {ended:?}") };
        assert_eq!(shown.type_url, format!("type.googleapis.com/{}", types.response), "{rpc}");
        ended
    }

    /// The access bindings of a resource of a service.
    fn bindings(&mut self, service: &str, resource_id: &str) {
        let resource_id = resource_id.to_owned();
        let set = SetAccessBindingsRequest {
            resource_id: resource_id.clone(),
            access_bindings: vec![binding("viewer", "aje00000000000000001")],
        };
        self.step(&format!("{service}/SetAccessBindings"), &set);
        let delta = AccessBindingDelta {
            action: AccessBindingAction::Add as i32,
            access_binding: Some(binding("editor", "aje00000000000000002")),
        };
        let update = UpdateAccessBindingsRequest { resource_id, access_binding_deltas: vec![delta] };
        self.step(&format!("{service}/UpdateAccessBindings"), &update);
    }

    pub fn cluster_bindings<E: Sample>(&mut self) {
        let cluster = self.new_cluster::<E>("bound");
        self.bindings(&format!("mdb.{}.v1.ClusterService", E::PACKAGE), &cluster);
    }

    fn networks(&mut self) {
        let network: Network = response(&self.step("vpc.v1.NetworkService/Create", &new_network(FOLDER, "walk")));
        let network_id = network.id.clone();
        let update = UpdateNetworkRequest { network_id: network_id.clone(), name: "way".into(), ..Default::default() };
        self.step("vpc.v1.NetworkService/Update", &update);
        let created = self.step("vpc.v1.SubnetService/Create", &new_subnet(&network, "walk", "10.9.0.0/24"));
        let subnet_id = response::<Subnet>(&created).id;
        let update = UpdateSubnetRequest {
            subnet_id: subnet_id.clone(),
            update_mask: mask(&["description"]),
            description: "changed".into(),
            ..Default::default()
        };
        self.step("vpc.v1.SubnetService/Update", &update);
        let v4_cidr_blocks = vec!["10.9.1.0/24".to_owned()];
        let blocks = AddSubnetCidrBlocksRequest { subnet_id: subnet_id.clone(), v4_cidr_blocks };
        self.step("vpc.v1.SubnetService/AddCidrBlocks", &blocks);
        let AddSubnetCidrBlocksRequest { v4_cidr_blocks, .. } = blocks;
        let blocks = RemoveSubnetCidrBlocksRequest { subnet_id: subnet_id.clone(), v4_cidr_blocks };
        self.step("vpc.v1.SubnetService/RemoveCidrBlocks", &blocks);
        let destination_zone_id = "ru-central1-d".to_owned();
        let relocate = RelocateSubnetRequest { subnet_id: subnet_id.clone(), destination_zone_id };
        self.step("vpc.v1.SubnetService/Relocate", &relocate);
        let moved = MoveSubnetRequest { subnet_id: subnet_id.clone(), destination_folder_id: OTHER.into() };
        self.step("vpc.v1.SubnetService/Move", &moved);
        self.step("vpc.v1.SubnetService/Delete", &DeleteSubnetRequest { subnet_id });
        let moved = MoveNetworkRequest { network_id: network_id.clone(), destination_folder_id: OTHER.into() };
        self.step("vpc.v1.NetworkService/Move", &moved);
        self.step("vpc.v1.NetworkService/Delete", &DeleteNetworkRequest { network_id });
    }

    fn resources(&mut self) {
        let network: Network = response(&self.step("vpc.v1.NetworkService/Create", &new_network(FOLDER, "second")));
        let group: SecurityGroup =
            response(&self.step("vpc.v1.SecurityGroupService/Create", &new_group(&network, "walk")));
        let security_group_id = group.id.clone();
        let update = UpdateSecurityGroupRequest {
            security_group_id: security_group_id.clone(),
            update_mask: mask(&["name"]),
            name: "way".into(),
            ..Default::default()
        };
        self.step("vpc.v1.SecurityGroupService/Update", &update);
        let rules = UpdateSecurityGroupRulesRequest {
            security_group_id: security_group_id.clone(),
            addition_rule_specs: vec![new_rule("udp", 53)],
            ..Default::default()
        };
        self.step("vpc.v1.SecurityGroupService/UpdateRules", &rules);
        let rule = UpdateSecurityGroupRuleRequest {
            security_group_id: security_group_id.clone(),
            rule_id: group.rules[0].id.clone(),
            description: "changed".into(),
            ..Default::default()
        };
        self.step("vpc.v1.SecurityGroupService/UpdateRule", &rule);
        let moved = MoveSecurityGroupRequest {
            security_group_id: security_group_id.clone(),
            destination_folder_id: OTHER.into(),
        };
        self.step("vpc.v1.SecurityGroupService/Move", &moved);
        self.step("vpc.v1.SecurityGroupService/Delete", &DeleteSecurityGroupRequest { security_group_id });

        let gateway: Gateway = response(&self.step("vpc.v1.GatewayService/Create", &new_gateway(FOLDER, "walk")));
        let gateway_id = gateway.id;
        let update = UpdateGatewayRequest { gateway_id: gateway_id.clone(), name: "way".into(), ..Default::default() };
        self.step("vpc.v1.GatewayService/Update", &update);
        let created = self.step("vpc.v1.RouteTableService/Create", &new_table(&network, "walk", &gateway_id));
        let route_table_id = response::<RouteTable>(&created).id;
        let update = UpdateRouteTableRequest {
            route_table_id: route_table_id.clone(),
            name: "way".into(),
            ..Default::default()
        };
        self.step("vpc.v1.RouteTableService/Update", &update);
        let destination_folder_id = OTHER.to_owned();
        let moved = MoveRouteTableRequest { route_table_id: route_table_id.clone(), destination_folder_id };
        self.step("vpc.v1.RouteTableService/Move", &moved);
        self.step("vpc.v1.RouteTableService/Delete", &DeleteRouteTableRequest { route_table_id });
        let moved = MoveGatewayRequest { gateway_id: gateway_id.clone(), destination_folder_id: OTHER.into() };
        self.step("vpc.v1.GatewayService/Move", &moved);
        self.step("vpc.v1.GatewayService/Delete", &DeleteGatewayRequest { gateway_id });

        let address: Address = response(&self.step("vpc.v1.AddressService/Create", &new_address(FOLDER, "walk")));
        let address_id = address.id;
        let update = UpdateAddressRequest { address_id: address_id.clone(), name: "way".into(), ..Default::default() };
        self.step("vpc.v1.AddressService/Update", &update);
        let moved = MoveAddressRequest { address_id: address_id.clone(), destination_folder_id: OTHER.into() };
        self.step("vpc.v1.AddressService/Move", &moved);
        self.step("vpc.v1.AddressService/Delete", &DeleteAddressRequest { address_id });
    }

    fn folders(&mut self) {
        let create = CreateCloudRequest {
            name: "walk".into(),
            organization_id: "bpf00000000000000001".into(),
            ..Default::default()
        };
        let created = self.step("resourcemanager.v1.CloudService/Create", &create);
        let cloud_id =
            response::<mdb_emulator::contract::proto::yandex::cloud::resourcemanager::v1::Cloud>(&created).id;
        let update = UpdateCloudRequest { cloud_id: cloud_id.clone(), name: "way".into(), ..Default::default() };
        self.step("resourcemanager.v1.CloudService/Update", &update);
        let create = CreateFolderRequest { cloud_id: cloud_id.clone(), name: "walk".into(), ..Default::default() };
        let folder: Folder = response(&self.step("resourcemanager.v1.FolderService/Create", &create));
        let folder_id = folder.id;
        let update = UpdateFolderRequest { folder_id: folder_id.clone(), name: "way".into(), ..Default::default() };
        self.step("resourcemanager.v1.FolderService/Update", &update);
        self.bindings("resourcemanager.v1.FolderService", &folder_id);
        self.policies("resourcemanager.v1.FolderService", &folder_id);
        self.policies("resourcemanager.v1.CloudService", &cloud_id);
        let owned = SetAccessBindingsRequest {
            resource_id: cloud_id.clone(),
            access_bindings: vec![binding("resource-manager.clouds.owner", "aje00000000000000001")],
        };
        self.step("resourcemanager.v1.CloudService/SetAccessBindings", &owned);
        let delta = AccessBindingDelta {
            action: AccessBindingAction::Add as i32,
            access_binding: Some(binding("viewer", "aje00000000000000002")),
        };
        let update = UpdateAccessBindingsRequest { resource_id: cloud_id.clone(), access_binding_deltas: vec![delta] };
        self.step("resourcemanager.v1.CloudService/UpdateAccessBindings", &update);
        let delete_after = Some(self.cloud.now());
        self.step("resourcemanager.v1.FolderService/Delete", &DeleteFolderRequest { folder_id, delete_after });
        let delete_after = Some(self.cloud.now());
        self.step("resourcemanager.v1.CloudService/Delete", &DeleteCloudRequest { cloud_id, delete_after });
    }

    fn policies(&mut self, service: &str, resource_id: &str) {
        let policy = AccessPolicyBinding {
            access_policy_template_id: "serverless.restrictPublicInvocation".into(),
            ..Default::default()
        };
        let resource_id = resource_id.to_owned();
        let bind =
            BindAccessPolicyRequest { resource_id: resource_id.clone(), access_policy_binding: Some(policy.clone()) };
        self.step(&format!("{service}/BindAccessPolicy"), &bind);
        let update = UpdateAccessPolicyBindingParametersRequest {
            resource_id: resource_id.clone(),
            access_policy_binding: Some(policy.clone()),
        };
        self.step(&format!("{service}/UpdateAccessPolicyBindingParameters"), &update);
        let access_policy_template_id = policy.access_policy_template_id;
        let unbind = UnbindAccessPolicyRequest { resource_id, access_policy_template_id };
        self.step(&format!("{service}/UnbindAccessPolicy"), &unbind);
    }

    fn keys(&mut self) {
        const SERVICE: &str = "kms.v1.SymmetricKeyService";
        let key: SymmetricKey = response(&self.step(&format!("{SERVICE}/Create"), &new_key(FOLDER, "walk")));
        let key_id = key.id.clone();
        let update = UpdateSymmetricKeyRequest {
            key_id: key_id.clone(),
            update_mask: mask(&["description"]),
            description: "changed".into(),
            ..Default::default()
        };
        self.step(&format!("{SERVICE}/Update"), &update);
        self.step(&format!("{SERVICE}/Rotate"), &RotateSymmetricKeyRequest { key_id: key_id.clone() });
        let first = key.primary_version.unwrap().id;
        let schedule = ScheduleSymmetricKeyVersionDestructionRequest {
            key_id: key_id.clone(),
            version_id: first.clone(),
            pending_period: None,
        };
        self.step(&format!("{SERVICE}/ScheduleVersionDestruction"), &schedule);
        let (key_id, version_id) = (key_id, first);
        let cancel =
            CancelSymmetricKeyVersionDestructionRequest { key_id: key_id.clone(), version_id: version_id.clone() };
        self.step(&format!("{SERVICE}/CancelVersionDestruction"), &cancel);
        let primary = SetPrimarySymmetricKeyVersionRequest { key_id: key_id.clone(), version_id };
        self.step(&format!("{SERVICE}/SetPrimaryVersion"), &primary);
        self.bindings(SERVICE, &key_id);
        self.step(&format!("{SERVICE}/Delete"), &DeleteSymmetricKeyRequest { key_id });
    }

    fn accounts(&mut self) {
        const SERVICE: &str = "iam.v1.ServiceAccountService";
        let account: ServiceAccount = response(&self.step(&format!("{SERVICE}/Create"), &new_account(FOLDER, "walk")));
        let service_account_id = account.id;
        let update = UpdateServiceAccountRequest {
            service_account_id: service_account_id.clone(),
            name: "way".into(),
            ..Default::default()
        };
        self.step(&format!("{SERVICE}/Update"), &update);
        self.bindings(SERVICE, &service_account_id);
        let suspend =
            SuspendServiceAccountRequest { service_account_id: service_account_id.clone(), ..Default::default() };
        self.step(&format!("{SERVICE}/Suspend"), &suspend);
        let reactivate = ReactivateServiceAccountRequest { service_account_id: service_account_id.clone() };
        self.step(&format!("{SERVICE}/Reactivate"), &reactivate);

        let create = CreateKeyRequest { service_account_id: service_account_id.clone(), ..Default::default() };
        let key: CreateKeyResponse = self.cloud.ask("iam.v1.KeyService/Create", &create).unwrap();
        let key_id = key.key.unwrap().id;
        let update = UpdateKeyRequest { key_id: key_id.clone(), description: "changed".into(), ..Default::default() };
        self.step("iam.v1.KeyService/Update", &update);
        self.step("iam.v1.KeyService/Delete", &DeleteKeyRequest { key_id });

        const ACCESS_KEYS: &str = "iam.v1.awscompatibility.AccessKeyService";
        let create = CreateAccessKeyRequest { service_account_id: service_account_id.clone(), ..Default::default() };
        let key: CreateAccessKeyResponse = self.cloud.ask(&format!("{ACCESS_KEYS}/Create"), &create).unwrap();
        let access_key_id = key.access_key.unwrap().id;
        let update = UpdateAccessKeyRequest {
            access_key_id: access_key_id.clone(),
            description: "changed".into(),
            ..Default::default()
        };
        self.step(&format!("{ACCESS_KEYS}/Update"), &update);
        self.step(&format!("{ACCESS_KEYS}/Delete"), &DeleteAccessKeyRequest { access_key_id });
        self.step(&format!("{SERVICE}/Delete"), &DeleteServiceAccountRequest { service_account_id });
    }
}

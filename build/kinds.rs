//! The messages of plain resources behind traits, so that one handler serves every kind: which message is which follows from the
//! service's own RPCs and from their annotations.

use std::fmt::Write;

use prost_reflect::{DescriptorPool, FieldDescriptor, Kind as FieldKind, MessageDescriptor, MethodDescriptor, Value};

use crate::names;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// A kind of resource: `{name}Service` of a package manages messages `{name}`.
pub struct Kind {
    pub name: &'static str,
    package: &'static str,
    /// The field by which a resource, and a request for a list, names what holds the resource.
    parent: &'static str,
}

const VPC: &str = "yandex.cloud.vpc.v1";
const RESOURCE_MANAGER: &str = "yandex.cloud.resourcemanager.v1";
const IAM: &str = "yandex.cloud.iam.v1";

/// The kinds.
pub const KINDS: [Kind; 12] = [
    Kind { name: "Cloud", package: RESOURCE_MANAGER, parent: "organization_id" },
    Kind { name: "Folder", package: RESOURCE_MANAGER, parent: "cloud_id" },
    Kind { name: "Network", package: VPC, parent: "folder_id" },
    Kind { name: "Subnet", package: VPC, parent: "folder_id" },
    Kind { name: "SecurityGroup", package: VPC, parent: "folder_id" },
    Kind { name: "RouteTable", package: VPC, parent: "folder_id" },
    Kind { name: "Gateway", package: VPC, parent: "folder_id" },
    Kind { name: "Address", package: VPC, parent: "folder_id" },
    Kind { name: "SymmetricKey", package: "yandex.cloud.kms.v1", parent: "folder_id" },
    Kind { name: "ServiceAccount", package: IAM, parent: "folder_id" },
    Kind { name: "Key", package: IAM, parent: "service_account_id" },
    Kind { name: "AccessKey", package: "yandex.cloud.iam.v1.awscompatibility", parent: "service_account_id" },
];

/// Requests for lists of what something else than the kind's parent holds, with the field that names it.
const LISTS: [(&str, &str); 4] = [
    ("yandex.cloud.vpc.v1.ListNetworkSubnetsRequest", "network_id"),
    ("yandex.cloud.vpc.v1.ListNetworkSecurityGroupsRequest", "network_id"),
    ("yandex.cloud.vpc.v1.ListNetworkRouteTablesRequest", "network_id"),
    ("yandex.cloud.vpc.v1.ListAddressesBySubnetRequest", "subnet_id"),
];

/// The kind that a method's service manages.
pub fn of(method: &MethodDescriptor) -> Option<&'static Kind> {
    let service = method.parent_service();
    KINDS.iter().find(|kind| service.full_name() == format!("{}.{}Service", kind.package, kind.name))
}

/// The messages of a kind.
struct Messages {
    kind: &'static Kind,
    message: MessageDescriptor,
    pool: DescriptorPool,
}

impl Messages {
    fn of(kind: &'static Kind, pool: &DescriptorPool) -> Outcome<Self> {
        let name = format!("{}.{}", kind.package, kind.name);
        let message = pool.get_message_by_name(&name).ok_or_else(|| format!("there is no message {name}"))?;
        Ok(Self { kind, message, pool: pool.clone() })
    }

    fn method(&self, name: &str) -> Option<MethodDescriptor> {
        let service = format!("{}.{}Service", self.kind.package, self.kind.name);
        let service = self.pool.get_service_by_name(&service)?;
        service.methods().find(|method| method.name() == name)
    }

    /// The request and the reply of an RPC that the kind must have.
    fn rpc(&self, name: &str) -> Outcome<(MessageDescriptor, MessageDescriptor)> {
        let method = self.method(name).ok_or_else(|| format!("{} has no {name}", self.kind.name))?;
        Ok((method.input(), method.output()))
    }

    /// The metadata of an RPC's operation, if it begins one.
    fn metadata(&self, name: &str) -> Option<MessageDescriptor> {
        let method = self.method(name)?;
        let extension = self.pool.get_extension_by_name("yandex.cloud.api.operation")?;
        let Value::Message(types) = method.options().get_extension(&extension).into_owned() else { return None };
        let metadata = types.get_field_by_name("metadata")?;
        self.pool.get_message_by_name(&format!("{}.{}", self.kind.package, metadata.as_str()?))
    }
}

/// The copies that the kinds need: from a request to the resource, and from that to a request and back.
pub fn pairs(pool: &DescriptorPool) -> Outcome<Vec<(MessageDescriptor, MessageDescriptor)>> {
    let mut pairs = Vec::new();
    for kind in &KINDS {
        let messages = Messages::of(kind, pool)?;
        let (update, message) = (messages.rpc("Update")?.0, messages.message.clone());
        pairs.push((messages.rpc("Create")?.0, message.clone()));
        pairs.push((message.clone(), update.clone()));
        pairs.push((update, message));
    }
    Ok(pairs)
}

pub fn generate(pool: &DescriptorPool) -> Outcome<String> {
    let mut out = String::new();
    for kind in &KINDS {
        Messages::of(kind, pool)?.generate(&mut out)?;
    }
    for (name, parent) in LISTS {
        let request = pool.get_message_by_name(name).ok_or_else(|| format!("there is no message {name}"))?;
        listing(&mut out, &request, parent)?;
    }
    Ok(out)
}

impl Messages {
    fn generate(&self, out: &mut String) -> Outcome<()> {
        let (name, message) = (self.kind.name, names::message(&self.message));
        writeln!(out, "/// The messages of `{name}Service`.\n#[derive(Clone, Copy, Debug)]\npub enum {name} {{}}\n")?;
        let (get, list, operations) = (self.rpc("Get")?.0, self.rpc("List")?, self.rpc("ListOperations")?);
        let (create, update, delete) = (self.rpc("Create")?.0, self.rpc("Update")?.0, self.rpc("Delete")?.0);
        let metadata = |rpc: &str| self.metadata(rpc).ok_or_else(|| format!("{name} has no metadata of {rpc}"));
        let address = self.address()?;
        writeln!(out, "impl Messages for {name} {{\n    const ADDRESS: &'static str = {address:?};")?;
        writeln!(out, "    type Message = {message};")?;
        for (alias, descriptor) in [
            ("GetRequest", &get),
            ("ListRequest", &list.0),
            ("ListResponse", &list.1),
            ("CreateRequest", &create),
            ("UpdateRequest", &update),
            ("UpdateMetadata", &metadata("Update")?),
            ("DeleteRequest", &delete),
            ("DeleteMetadata", &metadata("Delete")?),
            ("ListOperationsRequest", &operations.0),
            ("ListOperationsResponse", &operations.1),
        ] {
            writeln!(out, "    type {alias} = {};", names::message(descriptor))?;
        }
        writeln!(out, "}}\n")?;
        if let Some(metadata) = self.metadata("Create") {
            let metadata = names::message(&metadata);
            writeln!(out, "impl CreateMessages for {name} {{ type CreateMetadata = {metadata}; }}")?;
        }
        if let Some(metadata) = self.metadata("Move") {
            let (request, metadata) = (self.rpc("Move")?.0, names::message(&metadata));
            let path = names::message(&request);
            writeln!(
                out,
                "impl MoveMessages for {name} {{ type MoveRequest = {path}; type MoveMetadata = {metadata}; }}"
            )?;
            writeln!(
                out,
                "impl Moving for {path} {{ fn destination(&self) -> &str {{ &self.destination_folder_id }} }}"
            )?;
            writeln!(
                out,
                "impl Movable for {message} {{ fn set_folder_id(&mut self, id: String) {{ self.folder_id = id; }} }}"
            )?;
            self.addressed(out, &request)?;
        }
        for metadata in ["Create", "Update", "Delete", "Move"].into_iter().filter_map(|rpc| self.metadata(rpc)) {
            writeln!(
                out,
                "impl About for {} {{ fn about(id: String) -> Self {{ Self {{ {}: id, ..Self::default() }} }} }}",
                names::message(&metadata),
                names::ident(&address)
            )?;
        }
        for request in [&get, &update, &delete, &operations.0] {
            self.addressed(out, request)?;
        }
        listing(out, &list.0, self.kind.parent)?;
        listing(out, &operations.0, &address)?;
        list_reply(out, &list.1)?;
        list_reply(out, &operations.1)?;
        writeln!(
            out,
            "impl Masked for {} {{ fn update_mask(&self) -> Option<&::prost_types::FieldMask> {{ self.update_mask.as_ref() }} }}",
            names::message(&update)
        )?;
        self.resource(out)
    }

    fn resource(&self, out: &mut String) -> Outcome<()> {
        let name = if self.message.get_field_by_name("name").is_some() { "&self.name" } else { "\"\"" };
        writeln!(
            out,
            "impl Resource for {} {{\n    fn id(&self) -> &str {{ &self.id }}\n    fn parent(&self) -> &str {{ {} }}\n    \
             fn name(&self) -> &str {{ {name} }}\n    fn set_id(&mut self, id: String) {{ self.id = id; }}\n    \
             fn set_created_at(&mut self, at: ::prost_types::Timestamp) {{ self.created_at = Some(at); }}\n}}\n",
            names::message(&self.message),
            self.parent()?
        )?;
        Ok(())
    }

    /// How a resource tells what holds it.
    fn parent(&self) -> Outcome<String> {
        let field = self.message.get_field_by_name(self.kind.parent);
        let field = field.ok_or_else(|| format!("{} has no {}", self.kind.name, self.kind.parent))?;
        Ok(match names::real_oneof(&field) {
            None => format!("&self.{}", names::ident(field.name())),
            Some(oneof) => format!(
                "match &self.{} {{ Some({}::{}(id)) => id, _ => \"\" }}",
                names::ident(oneof.name()),
                names::oneof(&oneof),
                names::type_name(field.name())
            ),
        })
    }

    /// The field by which requests name the resource: the only one of Get that is an id.
    fn address(&self) -> Outcome<String> {
        let (get, _) = self.rpc("Get")?;
        let ids: Vec<FieldDescriptor> = get.fields().filter(|field| field.name().ends_with("_id")).collect();
        match ids.as_slice() {
            [id] => Ok(id.name().to_owned()),
            _ => Err(format!("{} does not name one resource", get.full_name()).into()),
        }
    }

    fn addressed(&self, out: &mut String, request: &MessageDescriptor) -> Outcome<()> {
        let (path, address) = (names::message(request), names::ident(&self.address()?));
        Ok(writeln!(out, "impl Addressed for {path} {{ fn address(&self) -> &str {{ &self.{address} }} }}")?)
    }
}

/// A request for a page of what some parent holds.
fn listing(out: &mut String, request: &MessageDescriptor, parent: &str) -> std::fmt::Result {
    let filter = if request.get_field_by_name("filter").is_some() { "&self.filter" } else { "\"\"" };
    writeln!(
        out,
        "impl Listing for {} {{ fn parent(&self) -> &str {{ &self.{} }} fn filter(&self) -> &str {{ {filter} }} \
         fn page_size(&self) -> i64 {{ self.page_size }} fn page_token(&self) -> &str {{ &self.page_token }} }}",
        names::message(request),
        names::ident(parent)
    )
}

/// The reply to such a request: one field is the list.
fn list_reply(out: &mut String, reply: &MessageDescriptor) -> Outcome<()> {
    let lists = |field: &FieldDescriptor| matches!(field.kind(), FieldKind::Message(_)) && field.is_list();
    let items = reply.fields().find(lists).ok_or_else(|| format!("{} lists nothing", reply.full_name()))?;
    let (field, item) = (names::ident(items.name()), names::item(&items.kind()));
    Ok(writeln!(
        out,
        "impl ListReply<{item}> for {} {{ fn new({field}: Vec<{item}>, next_page_token: String) -> Self {{ Self {{ {field}, next_page_token }} }} }}",
        names::message(reply)
    )?)
}

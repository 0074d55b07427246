//! Clouds. One is there from the beginning, and holds every folder that is only named.

use super::{AT_ONCE, Kind, Made, Making};
use crate::contract::kinds::Cloud;
use crate::contract::proto::yandex::cloud::access::AccessBinding;
use crate::contract::proto::yandex::cloud::resourcemanager::v1 as resource_manager;
use crate::universe::bindings::OWNER;
use crate::universe::resource::{KindName, UniqueKey, What};
use crate::universe::{BindingsChange, Change, Stage, Universe};

impl Kind for Cloud {
    const NAME: KindName = KindName::Cloud;
    const NOUN: &'static str = "cloud";
    const IN_FOLDERS: bool = false;
    const STAGES: &'static [Stage] = AT_ONCE;
    const KEPT: &'static [&'static str] = &["name"];

    fn id_prefix(_: &Universe, _: &resource_manager::CreateCloudRequest) -> &'static [u8; 3] {
        b"b1g"
    }

    fn unique(_: &Universe, cloud: &resource_manager::Cloud) -> Vec<UniqueKey> {
        let (scope, text) = (cloud.organization_id.as_str().into(), cloud.name.as_str().into());
        vec![UniqueKey { kind: KindName::Cloud, what: What::SharedName, scope, text }]
    }

    /// Clouds of all organizations are in one list.
    fn held_by(_: &resource_manager::Cloud) -> &'static str {
        ""
    }

    /// Who makes a cloud owns it (documented).
    fn made_with(making: &Making<'_>, _: &resource_manager::Cloud) -> Vec<Change> {
        let subject = Some(super::access::subject(making.universe, making.subject));
        let owner = AccessBinding { role_id: OWNER.into(), subject };
        vec![BindingsChange::Set([owner].into()).into()]
    }
}

impl Made for Cloud {}

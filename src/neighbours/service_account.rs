//! Service accounts.

use super::{Kind, Made, Making, folder};
use crate::contract::kinds::ServiceAccount;
use crate::contract::proto::yandex::cloud::iam::v1 as iam;
use crate::contract::proto::yandex::cloud::iam::v1::CreateServiceAccountRequest;
use crate::contract::proto::yandex::cloud::iam::v1::service_account::Status;
use crate::refusal::Refusal;
use crate::universe::network::name_in;
use crate::universe::resource::{KindName, UniqueKey, Used};
use crate::universe::{Id, Operation, Universe};

impl Kind for ServiceAccount {
    const NAME: KindName = KindName::ServiceAccount;
    const NOUN: &'static str = "service account";

    fn id_prefix(_: &Universe, _: &CreateServiceAccountRequest) -> &'static [u8; 3] {
        b"aje"
    }

    /// Its name is unique in the cloud (documented).
    fn unique(universe: &Universe, account: &iam::ServiceAccount) -> Vec<UniqueKey> {
        vec![name_in(KindName::ServiceAccount, &folder::cloud_of(universe, &account.folder_id), &account.name)]
    }

    fn complete(
        _: &Making<'_>,
        _: &CreateServiceAccountRequest,
        account: &mut iam::ServiceAccount,
    ) -> Result<(), Refusal> {
        account.status = Status::Active as i32;
        Ok(())
    }

    /// An account that a cluster acts as stays.
    fn may_delete(universe: &Universe, account: &iam::ServiceAccount) -> Result<(), Refusal> {
        let used = Id::parse(&account.id).map(|id| Used { kind: KindName::ServiceAccount, id });
        super::unused(universe, used, &[])
    }

    fn shown(account: &iam::ServiceAccount, running: Option<&Operation>) -> iam::ServiceAccount {
        match running.map(|operation| operation.about.method.name) {
            Some("Delete") => iam::ServiceAccount { status: Status::Deleting as i32, ..account.clone() },
            _ => account.clone(),
        }
    }
}

impl Made for ServiceAccount {}

//! Keys that service accounts sign with. The private half is shown once, and never kept: the seed makes it again where it must be
//! shown again.

use super::{AT_ONCE, Kind, Making};
use crate::contract::kinds::Key;
use crate::contract::proto::yandex::cloud::iam::v1 as iam;
use crate::contract::proto::yandex::cloud::iam::v1::CreateKeyRequest;
use crate::contract::proto::yandex::cloud::iam::v1::key::{Algorithm, Subject};
use crate::refusal::Refusal;
use crate::universe::resource::{KindName, Reference, UniqueKey, What};
use crate::universe::{Stage, Universe};

impl Kind for Key {
    const NAME: KindName = KindName::Key;
    const NOUN: &'static str = "key";
    const IN_FOLDERS: bool = false;
    const STAGES: &'static [Stage] = AT_ONCE;

    fn id_prefix(_: &Universe, _: &CreateKeyRequest) -> &'static [u8; 3] {
        b"aje"
    }

    fn unique(_: &Universe, key: &iam::Key) -> Vec<UniqueKey> {
        vec![counted(KindName::Key, crate::contract::kinds::Resource::parent(key))]
    }

    fn references(key: &iam::Key) -> Vec<Reference<'_>> {
        vec![Reference::to(KindName::ServiceAccount, crate::contract::kinds::Resource::parent(key))]
    }

    fn place(making: &Making<'_>, request: &CreateKeyRequest, key: &mut iam::Key) {
        key.subject = Some(Subject::ServiceAccountId(account(making, &request.service_account_id)));
    }

    fn complete(_: &Making<'_>, _: &CreateKeyRequest, key: &mut iam::Key) -> Result<(), Refusal> {
        if key.key_algorithm() == Algorithm::Unspecified {
            key.key_algorithm = Algorithm::Rsa2048 as i32;
        }
        Ok(())
    }
}

/// Whose a new key is: of the account that the request names, or else of the caller (documented).
pub fn account(making: &Making<'_>, named: &str) -> String {
    if named.is_empty() { making.subject.to_owned() } else { named.to_owned() }
}

/// What counts the keys of an account, which have no names.
pub fn counted(kind: KindName, account: &str) -> UniqueKey {
    UniqueKey { kind, what: What::SharedName, scope: account.into(), text: "".into() }
}

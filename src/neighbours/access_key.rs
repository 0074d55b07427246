//! Keys of service accounts for services that are compatible with AWS. The secret is shown once, and never kept: the seed makes it
//! again where it must be shown again.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{AT_ONCE, Kind, Making, key};
use crate::contract::kinds::AccessKey;
use crate::contract::proto::yandex::cloud::iam::v1::awscompatibility as iam;
use crate::contract::proto::yandex::cloud::iam::v1::awscompatibility::CreateAccessKeyRequest;
use crate::refusal::Refusal;
use crate::universe::resource::{KindName, Reference, UniqueKey};
use crate::universe::{Seed, Stage, Universe};

/// How many characters a key's public id has, and how many its secret (documented).
const KEY_ID: usize = 25;
const SECRET: usize = 40;

impl Kind for AccessKey {
    const NAME: KindName = KindName::AccessKey;
    const NOUN: &'static str = "access key";
    const IN_FOLDERS: bool = false;
    const STAGES: &'static [Stage] = AT_ONCE;

    fn id_prefix(_: &Universe, _: &CreateAccessKeyRequest) -> &'static [u8; 3] {
        b"aje"
    }

    fn unique(_: &Universe, access_key: &iam::AccessKey) -> Vec<UniqueKey> {
        vec![key::counted(KindName::AccessKey, &access_key.service_account_id)]
    }

    fn references(access_key: &iam::AccessKey) -> Vec<Reference<'_>> {
        vec![Reference::to(KindName::ServiceAccount, &access_key.service_account_id)]
    }

    fn place(making: &Making<'_>, request: &CreateAccessKeyRequest, access_key: &mut iam::AccessKey) {
        access_key.service_account_id = key::account(making, &request.service_account_id);
    }

    fn complete(
        making: &Making<'_>,
        _: &CreateAccessKeyRequest,
        access_key: &mut iam::AccessKey,
    ) -> Result<(), Refusal> {
        access_key.key_id = text(making.universe.seed(), "access key", &access_key.id, KEY_ID);
        Ok(())
    }
}

/// The secret of an access key.
pub fn secret(seed: Seed, id: &str) -> String {
    text(seed, "access key secret", id, SECRET)
}

/// A text of letters, digits, `_` and `-` that begins with `YC`.
fn text(seed: Seed, purpose: &str, id: &str, length: usize) -> String {
    let bytes: Vec<u8> = (0..3).flat_map(|number| seed.bits(purpose, &[id], number).to_be_bytes()).collect();
    let text = format!("YC{}", URL_SAFE_NO_PAD.encode(bytes));
    text[..length].to_owned()
}

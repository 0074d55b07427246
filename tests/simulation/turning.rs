//! What the clock does to keys and folders: rotation, destruction of versions, and deletions that wait.

use mdb_emulator::contract::kinds::SymmetricKey;
use mdb_emulator::contract::proto::yandex::cloud::kms::v1::{
    self as kms, CreateSymmetricKeyRequest, ScheduleSymmetricKeyVersionDestructionRequest, SymmetricAlgorithm,
};
use mdb_emulator::contract::proto::yandex::cloud::resourcemanager::v1::DeleteFolderRequest;
use mdb_emulator::contract::{METHODS, Method};
use mdb_emulator::engines::Redis;
use mdb_emulator::handlers::{Call, cluster, folder, resource, symmetric_key};
use mdb_emulator::universe::instant::{DAY, SECOND};
use mdb_emulator::universe::{Clock, KindName, OperationTime, Plan, Seed, Universe};
use prost_types::Duration;

use crate::messages::create_request;
use crate::request::Settings;
use crate::world::BEGINNING;

/// A universe with a key for each period of rotation, in days, each in a folder with a cluster; one version of each key waits for its
/// destruction, and each second folder for its deletion after so many days.
pub fn universe(periods: &[i64], deletion: i64) -> Universe {
    let mut universe = Universe::new(Seed(1), Clock::Frozen, BEGINNING, OperationTime::Fixed(600 * SECOND));
    for (number, period) in periods.iter().enumerate() {
        let folder = format!("folder-{number}");
        let settings = Settings { folder: folder.clone(), name: "main".into(), ..Settings::default() };
        accept(&mut universe, "mdb.redis.v1.ClusterService/Create", |call, universe| {
            cluster::create::<Redis>(call, universe, create_request::<Redis>(&settings))
        });
        let request = CreateSymmetricKeyRequest {
            folder_id: folder.clone(),
            default_algorithm: SymmetricAlgorithm::Aes256 as i32,
            rotation_period: Some(Duration { seconds: period * DAY / SECOND, nanos: 0 }),
            ..CreateSymmetricKeyRequest::default()
        };
        accept(&mut universe, "kms.v1.SymmetricKeyService/Create", |call, universe| {
            resource::create::<SymmetricKey>(call, universe, request.clone())
        });
    }
    // Until every key has two versions.
    universe.advance(periods.iter().max().expect("a period") * DAY);
    for number in 0..periods.len() {
        let folder_id = format!("folder-{number}");
        let key: kms::SymmetricKey = {
            let (_, key) = universe.resources_of(KindName::SymmetricKey, &folder_id, 0).next().expect("it is there");
            key.message.open::<kms::SymmetricKey>().clone()
        };
        let (_, version) =
            universe.resources_of(KindName::SymmetricKeyVersion, &key.id, 0).next().expect("it is there");
        let request = ScheduleSymmetricKeyVersionDestructionRequest {
            version_id: version.id.to_string(),
            key_id: key.id,
            pending_period: None,
        };
        accept(&mut universe, "kms.v1.SymmetricKeyService/ScheduleVersionDestruction", |call, universe| {
            symmetric_key::schedule_version_destruction(call, universe, request.clone())
        });
        if number % 2 == 1 {
            let delete_after = Some(universe.now().plus(deletion * DAY).into());
            let request = DeleteFolderRequest { folder_id, delete_after };
            accept(&mut universe, "resourcemanager.v1.FolderService/Delete", |call, universe| {
                folder::delete(call, universe, request.clone())
            });
        }
    }
    universe
}

fn accept(
    universe: &mut Universe,
    rpc: &str,
    plan: impl Fn(&Call, &Universe) -> Result<Plan, mdb_emulator::refusal::Refusal>,
) {
    let path = format!("/yandex.cloud.{rpc}");
    let method: &'static Method = METHODS.iter().find(|method| method.path == path).expect("a path of the contract");
    let call = Call::inside(method, universe.now(), "somebody");
    let plan = plan(&call, universe).expect("the request is good");
    universe.accept(&plan).expect("nothing is in the way");
    universe.settle(universe.now());
}

//! The same seed and calls give the same bytes.

use crate::common::*;
use mdb_emulator::universe::Seed;
use prost::Message;

for_every_engine! {
    the_same_seed_and_calls_give_the_same_bytes
    another_seed_gives_other_ids
    an_unrelated_call_shifts_nothing
}

/// A month with a cluster: all that was answered.
fn month<E: Sample>(cloud: &Cloud) -> Vec<Vec<u8>> {
    let mut answers = Vec::new();
    let started = E::create(cloud, E::new_cluster("main")).unwrap();
    let ended = cloud.operation(&started.id).unwrap();
    let cluster = response::<E::Cluster>(&ended).id().to_owned();
    let backup = cloud.backed_up::<E>(&cluster);
    cloud.advance(30 * DAY);
    let mut request = E::ListClusterHostsRequest::default();
    request.set_cluster_id(cluster.clone());
    let hosts = E::list_hosts(cloud, request).unwrap();
    answers.extend([started.encode_to_vec(), ended.encode_to_vec(), backup.encode_to_vec(), hosts.encode_to_vec()]);
    answers.push(cloud.cluster::<E>(&cluster).encode_to_vec());
    answers.extend(cloud.backups::<E>(&cluster).iter().map(Message::encode_to_vec));
    let mut request = E::ListBackupsRequest::default();
    request.set_folder_id(FOLDER.into());
    request.set_page_size(3);
    answers.push(E::list_backups(cloud, request).unwrap().encode_to_vec());
    cloud.delete::<E>(&cluster);
    answers.extend(cloud.backups_in::<E>(FOLDER).iter().map(Message::encode_to_vec));
    answers
}

fn the_same_seed_and_calls_give_the_same_bytes<E: Sample>() {
    let seeded = || Cloud::start_with(|options| options.seed = Seed(7));
    assert_eq!(month::<E>(&seeded()), month::<E>(&seeded()));
}

fn another_seed_gives_other_ids<E: Sample>() {
    let id = |seed| Cloud::start_with(|options| options.seed = Seed(seed)).created::<E>("main");
    assert_ne!(id(1), id(2));
}

fn an_unrelated_call_shifts_nothing<E: Sample>() {
    let (alone, busy) = (Cloud::start(), Cloud::start());
    let mut other = E::new_cluster("other");
    other.set_folder_id("b1gother".into());
    let other = busy.created_by::<E>(other);
    let (cluster, same) = (alone.created::<E>("main"), busy.created::<E>("main"));
    assert_eq!(cluster, same);
    busy.backed_up::<E>(&other);
    alone.advance(3 * DAY);
    busy.advance(3 * DAY);
    assert_eq!(alone.backups::<E>(&cluster), busy.backups::<E>(&cluster));
}

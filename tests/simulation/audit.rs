//! What must hold at every moment, whatever was called: the universe shows what the model says, by every list, page and Get.

use std::collections::BTreeSet;

use mdb_emulator::contract::proto::yandex::cloud::operation::operation::Result as Ended;
use mdb_emulator::refusal::Refusal;
use mdb_emulator::universe::instant::SECOND;
use mdb_emulator::universe::{Instant, Universe};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use prost_types::Any;
use tonic::Code;

use crate::model::{Ending, Model, Operation, Refused};
use crate::past::{Cluster, Contents};
use crate::request::{Engine, Request, Settings, Source};
use crate::service::{List, Listed, get_operation};
use crate::step::{FOLDERS, NAMES};
use crate::world::{Outcome, World, lists_of_cluster, whole};

/// What a check comes to.
pub type Checked = Result<(), TestCaseError>;

/// Compares the universe with the model. `since` is when it was last compared.
pub fn audit(universe: &Universe, model: &mut Model, since: Instant) -> Checked {
    for engine in Engine::ALL {
        clusters(universe, model, engine)?;
        backups(universe, model, engine)?;
    }
    for cluster in model.clusters.iter().filter(|cluster| cluster.state().is_some()) {
        lists(universe, model, cluster)?;
        prop_assert_eq!(model.missed_daily(cluster, since), None, "a daily backup of {} is missing", cluster.id);
    }
    let recent = model.operations.iter().filter(|operation| operation.is_running_after(since));
    for operation in recent.filter(|operation| operation.is_kept(model.now)) {
        shows(universe, model, operation)?;
    }
    Ok(())
}

/// The clusters of each folder, the oldest first; those that are gone are gone.
fn clusters(universe: &Universe, model: &Model, engine: Engine) -> Checked {
    let service = engine.service();
    for folder in FOLDERS {
        let listed = whole(engine, universe, List::Clusters(folder));
        let shown: Vec<_> = listed.iter().map(|cluster| service.cluster(&cluster.bytes)).collect();
        let of_engine = model.clusters.iter().filter(|cluster| cluster.engine == engine);
        let living = of_engine.filter_map(|cluster| Some(cluster.view(cluster.state()?)));
        let expected: Vec<_> = living.filter(|cluster| cluster.folder == folder).collect();
        prop_assert_eq!(&shown, &expected);
        can_be_got(universe, engine, List::Clusters(folder), &listed)?;
        for name in NAMES {
            let named = whole(engine, universe, List::Named(folder, name));
            let shown: Vec<_> = named.iter().map(|cluster| service.cluster(&cluster.bytes)).collect();
            let expected: Vec<_> = expected.iter().filter(|cluster| cluster.name == name).cloned().collect();
            prop_assert_eq!(shown, expected, "filtered by name {:?} in {:?}", name, folder);
        }
    }
    for gone in model.clusters.iter().filter(|cluster| cluster.engine == engine && cluster.state().is_none()) {
        prop_assert_eq!(code(service.get(universe, List::Clusters(""), &gone.id)), Some(Code::NotFound));
    }
    Ok(())
}

/// The backups of each folder: nothing outlives its retention, nothing dies before it, and daily ones keep their rules.
fn backups(universe: &Universe, model: &mut Model, engine: Engine) -> Checked {
    let service = engine.service();
    let mut listed = Vec::new();
    for folder in FOLDERS {
        let entries = whole(engine, universe, List::Backups(folder));
        can_be_got(universe, engine, List::Backups(folder), &entries)?;
        let shown: Vec<_> = entries.iter().map(|backup| service.backup(universe, &backup.bytes)).collect();
        prop_assert!(shown.is_sorted_by(|newer, older| newer.started_at >= older.started_at), "newest first");
        prop_assert!(shown.iter().all(|backup| backup.folder == folder), "by the folder that held the cluster");
        listed.extend(shown);
    }
    // The oldest first, so that they are met in the order in which they were made.
    listed.sort_by_key(|backup| backup.started_at);
    for number in 0..model.clusters.len() {
        if model.clusters[number].engine != engine {
            continue;
        }
        let of_cluster: Vec<_> = listed.iter().filter(|backup| backup.cluster == model.clusters[number].id).collect();
        for backup in &of_cluster {
            if model.clusters[number].backups.iter().any(|known| known.id.as_ref() == Some(&backup.id)) {
                continue;
            }
            if backup.automatic {
                prop_assert_eq!(model.see_daily(number, backup), Ok(()), "daily {:?}", backup);
            } else {
                model.see_manual(number, backup);
            }
        }
        let cluster = &model.clusters[number];
        let (kept, gone): (Vec<_>, Vec<_>) =
            cluster.backups.iter().partition(|backup| cluster.keeps(backup, model.now));
        let expected: Vec<_> = kept.iter().map(|backup| cluster.backup_view(backup)).collect();
        let missing: Vec<_> = expected.iter().filter(|backup| !of_cluster.contains(backup)).collect();
        prop_assert!(missing.is_empty(), "at {}, before their time is over: {missing:?}", model.now);
        let surplus: Vec<_> = of_cluster.iter().filter(|backup| !expected.contains(backup)).collect();
        prop_assert!(
            surplus.is_empty(),
            "at {}, though nothing made them or their time is over: {surplus:?}",
            model.now
        );
        if cluster.state().is_none() {
            let by_id = service.list(universe, List::BackupsOf(&cluster.id), 0, "").map_or(0, |(page, _)| page.len());
            prop_assert_eq!(by_id, kept.len().min(100), "the backups of a deleted cluster are listed by its id too");
        }
        for id in gone.iter().filter_map(|backup| backup.id.as_ref()) {
            prop_assert_eq!(code(service.get(universe, List::Backups(""), id)), Some(Code::NotFound), "backup {}", id);
        }
    }
    let known: BTreeSet<_> = model.clusters.iter().map(|cluster| cluster.id.as_str()).collect();
    prop_assert!(listed.iter().all(|backup| known.contains(backup.cluster.as_str())));
    Ok(())
}

/// The lists of a living cluster.
fn lists(universe: &Universe, model: &Model, cluster: &Cluster) -> Checked {
    let (engine, id) = (cluster.engine, cluster.id.as_str());
    for list in lists_of_cluster(engine, id) {
        can_be_got(universe, engine, list, &whole(engine, universe, list))?;
    }
    let shown: BTreeSet<_> = keys(&whole(engine, universe, List::BackupsOf(id)));
    let kept = cluster.backups.iter().filter(|backup| cluster.keeps(backup, model.now));
    prop_assert_eq!(shown, kept.filter_map(|backup| backup.id.clone()).collect::<BTreeSet<_>>());
    prop_assert_eq!(&contents(universe, engine, id), cluster.contents_at(model.now));
    let hosts: BTreeSet<_> = keys(&whole(engine, universe, List::Hosts(id)));
    prop_assert_eq!(Some(hosts.len()), cluster.state().map(|state| state.hosts), "hosts have names of their own");

    let listed = whole(engine, universe, List::Operations(id));
    let shown: Vec<_> = listed.iter().map(|operation| operation.key.as_str()).collect();
    let begun = model.operations.iter().filter(|operation| model.clusters[operation.cluster].id == id);
    let begun = begun.filter(|operation| operation.is_kept(model.now));
    let in_flight = begun.clone().filter(|operation| operation.is_running()).count();
    prop_assert!(in_flight <= 1, "one operation a cluster");
    let newest_first: Vec<_> = begun.map(|operation| operation.id.as_str()).rev().collect();
    prop_assert_eq!(shown, newest_first);
    Ok(())
}

/// An operation, at any moment: it has its metadata, and once it is done either its response or its error.
pub fn shows(universe: &Universe, model: &Model, operation: &Operation) -> Checked {
    let engine = operation.engine;
    let shown = get_operation(universe, &operation.id).map_err(|refusal| TestCaseError::fail(refusal.message))?;
    let (metadata, response) = engine.service().operation_types(&operation.request);
    prop_assert_eq!(shown.metadata.as_ref().map(type_name), Some(metadata));
    prop_assert_eq!(shown.created_at.as_ref().map(Into::into), Some(operation.begun));
    prop_assert_eq!(shown.done, !operation.is_running());
    let modified_at = shown.modified_at.as_ref().map(Instant::from);
    match (&operation.outcome, &shown.result) {
        (Ending::Running, None) => {}
        (Ending::Done(left), Some(Ended::Response(shown))) => {
            prop_assert_eq!(type_name(shown), response);
            prop_assert_eq!(modified_at, Some(operation.ends));
            if let (Some(left), true) = (left, response.ends_with(".Cluster")) {
                let expected = model.clusters[operation.cluster].view(left);
                prop_assert_eq!(engine.service().cluster(&shown.value), expected);
            }
        }
        (Ending::Cancelled(at), Some(Ended::Error(error))) => {
            prop_assert_eq!(error.code, Code::Cancelled as i32);
            prop_assert_eq!(modified_at, Some(*at));
        }
        (expected, shown) => prop_assert!(false, "expected {expected:?}, but it shows {shown:?}"),
    }
    Ok(())
}

/// Refusals are those of the model, and a conflict names the operation.
pub fn refused_as_expected(expected: &Refused, refusal: &Refusal) -> Checked {
    match expected {
        Refused::Because(code) => prop_assert_eq!(refusal.code, *code, "{}", refusal.message),
        Refused::Conflict(operation) => {
            prop_assert_eq!(refusal.code, Code::FailedPrecondition);
            prop_assert_eq!(&refusal.message, &format!("conflicting operation \"{operation}\" detected"));
        }
    }
    Ok(())
}

/// What is listed can be got, and is the same. Of long lists only the ends are tried here; [`pages`] tries them whole.
fn can_be_got(universe: &Universe, engine: Engine, list: List<'_>, listed: &[Listed]) -> Checked {
    const AT_EITHER_END: usize = 3;
    let from_the_end = (0..listed.len()).rev();
    let at_the_ends = from_the_end
        .zip(listed)
        .enumerate()
        .filter(|(from_start, (from_end, _))| *from_start < AT_EITHER_END || *from_end < AT_EITHER_END);
    at_the_ends.into_iter().try_for_each(|(_, (_, thing))| is_got(universe, engine, list, thing))
}

fn is_got(universe: &Universe, engine: Engine, list: List<'_>, thing: &Listed) -> Checked {
    let got = engine.service().get(universe, list, &thing.key);
    let got = got.map_err(|refusal| TestCaseError::fail(refusal.message))?;
    // A host is looked up by its cluster.
    prop_assert!(got == thing.bytes || matches!(list, List::Hosts(_)), "{} differs from what is listed", thing.key);
    Ok(())
}

/// Pages of every list, put together, are the whole list, and everything in it can be got.
pub fn pages(universe: &Universe, model: &Model) -> Checked {
    for operation in &model.operations {
        if operation.is_kept(model.now) {
            shows(universe, model, operation)?;
        } else {
            prop_assert_eq!(code(get_operation(universe, &operation.id)), Some(Code::NotFound), "it is forgotten");
        }
    }
    let living = model.clusters.iter().filter(|cluster| cluster.state().is_some());
    let of_clusters =
        living.flat_map(|cluster| lists_of_cluster(cluster.engine, &cluster.id).map(|list| (cluster.engine, list)));
    let by_folder = FOLDERS.iter().flat_map(|folder| [List::Clusters(folder), List::Backups(folder)]);
    let of_folders = by_folder.flat_map(|list| Engine::ALL.map(|engine| (engine, list)));
    for (engine, list) in of_clusters.chain(of_folders) {
        let expected = whole(engine, universe, list);
        for thing in &expected {
            is_got(universe, engine, list, thing)?;
        }
        for size in [1, 2, 7] {
            let (mut pages, mut token) = (Vec::new(), String::new());
            loop {
                let (page, next) = engine
                    .service()
                    .list(universe, list, size, &token)
                    .map_err(|refusal| TestCaseError::fail(refusal.message))?;
                prop_assert!(page.len() <= usize::try_from(size).unwrap_or_default());
                prop_assert!(next.is_empty() || !page.is_empty(), "an empty page is the last");
                pages.extend(page);
                token = next;
                if token.is_empty() {
                    break;
                }
            }
            prop_assert!(pages == expected, "{list:?} by pages of {size}");
        }
    }
    Ok(())
}

/// Restores, in a fork, what can be restored, to instants around each change: what comes back is what the model says was in the
/// source then.
pub fn drill(world: &World, model: &Model) -> Checked {
    for cluster in &model.clusters {
        let kept: Vec<_> = cluster.backups.iter().filter(|backup| cluster.keeps(backup, model.now)).collect();
        // The oldest and the newest reach furthest back and least far.
        let some = [kept.first(), kept.get(kept.len() / 2), kept.last()];
        for backup in some.into_iter().flatten() {
            let id = backup.id.clone().expect("what is kept was seen");
            if cluster.engine != Engine::SqlServer {
                restored(
                    world,
                    model,
                    cluster.engine,
                    &Source::Backup { id: id.clone(), time: None, inclusive: false },
                )?;
            }
            if !cluster.engine.has_points_in_time() {
                continue;
            }
            let (opens, closes) = (backup.created_at.plus(SECOND), cluster.last_instant(model.now));
            for time in [opens, closes].into_iter().chain(cluster.content_changes()) {
                for time in [time.plus(-1), time, time.plus(1)] {
                    for inclusive in [false, true] {
                        let source = Source::Backup { id: id.clone(), time: Some(time), inclusive };
                        restored(world, model, cluster.engine, &source)?;
                    }
                    if cluster.engine == Engine::Mysql {
                        restored(world, model, cluster.engine, &Source::Cluster { id: cluster.id.clone(), time })?;
                    }
                }
            }
        }
    }
    Ok(())
}

fn restored(world: &World, model: &Model, engine: Engine, source: &Source) -> Checked {
    let name = "drill".to_owned();
    let settings = Settings { folder: FOLDERS[0].into(), name, window: None, retention_days: None, protected: false };
    let request = Request::Restore { source: source.clone(), settings };
    let mut fork = world.clone();
    match (fork.call(engine, request), model.restored_contents(engine, source)) {
        (Outcome::Accepted(..), Ok(expected)) => {
            let new = fork.newest_cluster().expect("a cluster was made");
            prop_assert_eq!(contents(&fork.universe, engine, &new), expected, "{:?}", source);
        }
        (Outcome::Refused(_, _, refusal), Err(expected)) => refused_as_expected(&expected, &refusal)?,
        (outcome, expected) => prop_assert!(false, "{source:?} should be {expected:?}, but is {outcome:?}"),
    }
    Ok(())
}

/// The databases and users of a cluster.
fn contents(universe: &Universe, engine: Engine, cluster: &str) -> Contents {
    let named = |item| whole(engine, universe, List::Things(item, cluster)).into_iter().map(move |t| (item, t.key));
    engine.items().iter().flat_map(|item| named(*item)).collect()
}

fn keys(listed: &[Listed]) -> BTreeSet<String> {
    listed.iter().map(|thing| thing.key.clone()).collect()
}

fn type_name(any: &Any) -> &str {
    any.type_url.rsplit('/').next().unwrap_or_default()
}

fn code<T>(outcome: Result<T, Refusal>) -> Option<Code> {
    outcome.err().map(|refusal| refusal.code)
}

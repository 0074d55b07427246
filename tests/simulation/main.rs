//! Properties of the simulation. Random scenarios, of calls by the handlers and moves of the clock, are compared with a
//! simple model of our own, and with themselves driven otherwise.
//!
//! - [`step`]: what scenarios are made of;
//! - [`world`]: a universe that they drive;
//! - [`model`], with [`past`] and [`daily`]: the rules, said once more;
//! - [`places`]: networks and what is in them, with a model of their own;
//! - [`contents`]: databases, users and permissions of a cluster, likewise;
//! - [`hosts`]: hosts and shards of a cluster, likewise;
//! - [`turning`]: keys and folders, to which the clock does something;
//! - [`audit`]: what must hold at every moment;
//! - [`request`] and [`service`], with [`messages`] and [`driven`]: the handlers, as one door for all engines.
//!
//! Scenarios are the same in every run. With `PROPTEST_CASES` in the environment, so many others are tried.

mod audit;
mod contents;
mod daily;
mod driven;
mod hosts;
mod messages;
mod model;
mod past;
mod places;
mod request;
mod service;
mod step;
mod turning;
mod world;

use std::collections::BTreeSet;

use mdb_emulator::engines::{Mysql, SqlServer};
use mdb_emulator::universe::OperationTime;
use mdb_emulator::universe::instant::DAY;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use audit::Checked;
use model::Model;
use request::{Engine, Request};
use service::List;
use step::{Asked, FOLDERS, NAMES, Scenario, Step, lives, scenarios, steps};
use world::{BEGINNING, Outcome, World, whole};

fn config(cases: u32) -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, max_shrink_iters: 4000, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() {
        return config;
    }
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(2026), ..config }
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn the_universe_does_what_the_model_says(scenario in scenarios(1..80)) {
        follows_the_model(&scenario)?;
    }

    #[test]
    fn what_a_cluster_contained_comes_back(life in lives(1..60)) {
        follows_the_model(&life)?;
    }
}

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn networks_do_what_their_model_says(
        length in prop::sample::select(vec![0, 10, 45]),
        steps in places::steps(1..80),
    ) {
        let mut model = places::Model::new(length);
        for step in steps {
            model.take(step)?;
        }
    }
}

proptest! {
    #![proptest_config(config(192))]

    #[test]
    fn hosts_and_shards_do_what_their_model_says(engine in hosts::engines(), steps in hosts::steps(1..60)) {
        let mut model = hosts::Model::new(engine);
        for step in steps {
            model.take(step)?;
        }
    }
}

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn contents_do_what_their_model_says(steps in contents::steps(1..60)) {
        let (mut mysql, mut sqlserver) = (contents::Model::<Mysql>::new(), contents::Model::<SqlServer>::new());
        for step in steps {
            mysql.take(step)?;
            sqlserver.take(step)?;
        }
    }
}

proptest! {
    #![proptest_config(config(24))]

    #[test]
    fn keys_and_folders_turn_the_same_however_the_clock_is_moved(
        periods in prop::collection::vec(1..40_i64, 1..4),
        deletion in 0..20_i64,
        lengths in prop::collection::vec(1..30 * DAY, 1..12),
    ) {
        let mut whole = turning::universe(&periods, deletion);
        let (mut in_pieces, mut one_by_one) = (whole.clone(), whole.clone());
        for nanos in &lengths {
            in_pieces.advance(*nanos);
            let to = one_by_one.now().plus(*nanos);
            while !one_by_one.settle_some(to, 1) {}
        }
        whole.advance(lengths.iter().sum());
        prop_assert!(whole == in_pieces);
        prop_assert!(whole == one_by_one);
    }
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn one_long_advance_and_many_short_ones_come_to_the_same(
        scenario in scenarios(1..40),
        cuts in prop::collection::vec(any::<u16>(), 1..8),
    ) {
        let (whole, _) = driven(&scenario, 0);
        let mut in_pieces = World::new(0, scenario.operation_time);
        let mut one_by_one = in_pieces.clone();
        for step in &scenario.steps {
            for piece in pieces(*step, &cuts) {
                in_pieces.take(piece);
            }
            if let Step::Advance { nanos } = step {
                one_by_one.settle();
                let to = one_by_one.universe.now().plus(*nanos);
                while !one_by_one.universe.settle_some(to, 1) {}
            } else {
                one_by_one.take(*step);
            }
        }
        are_the_same(&in_pieces, &whole)?;
        are_the_same(&one_by_one, &whole)?;
    }

    #[test]
    fn a_fork_and_its_parent_never_show_in_each_other(
        scenario in scenarios(1..30),
        in_the_fork in steps(1..30),
        in_the_parent in steps(1..30),
    ) {
        let (mut parent, _) = driven(&scenario, 0);
        let (mut without_fork, _) = driven(&scenario, 0);
        let mut fork = parent.clone();
        fork.take_all(&in_the_fork);
        are_the_same(&parent, &without_fork)?;

        let (picture, debug) = (fork.picture(), format!("{:?}", fork.universe));
        prop_assert_eq!(parent.take_all(&in_the_parent), without_fork.take_all(&in_the_parent));
        are_the_same(&parent, &without_fork)?;
        prop_assert!(fork.picture() == picture, "the fork shows what happened in its parent");
        prop_assert!(format!("{:?}", fork.universe) == debug, "the fork holds what happened in its parent");
    }

    #[test]
    fn the_same_seed_and_calls_give_the_same_bytes(scenario in scenarios(1..60)) {
        let (one, replies) = driven(&scenario, 0);
        let (again, replies_again) = driven(&scenario, 0);
        prop_assert!(replies == replies_again, "the replies differ");
        prop_assert!(one.picture() == again.picture(), "the lists differ");

        let (other, _) = driven(&scenario, 1);
        let (ids, other_ids) = (identifiers(&one), identifiers(&other));
        prop_assert!(!ids.is_empty());
        prop_assert!(ids.is_disjoint(&other_ids), "another seed gives the same identifiers");
    }

    #[test]
    fn a_refused_call_leaves_no_trace(scenario in scenarios(1..60)) {
        let mut tried = World::new(0, scenario.operation_time);
        let mut spared = tried.clone();
        for step in &scenario.steps {
            if !matches!(tried.take(*step), Outcome::Refused(..)) {
                spared.take(*step);
            }
        }
        are_the_same(&tried, &spared)?;
    }
}

#[test]
fn a_filter_by_name_shows_clusters_that_have_the_name() {
    let asked = Asked { folder: 0, name: 0, window: 0, retention: 0, protected: false };
    let mut world = World::new(0, OperationTime::Fixed(60_000_000_000));
    world.take_all(&[
        Step::Create { engine: Engine::Redis, asked },
        Step::AdvanceToNextDue,
        Step::Advance { nanos: 60_000_000_000 },
        Step::Move { cluster: 0, folder: 1 },
    ]);
    assert_eq!(whole(Engine::Redis, &world.universe, List::Named(FOLDERS[0], NAMES[0])).len(), 1);
    assert_eq!(whole(Engine::Redis, &world.universe, List::Named(FOLDERS[1], NAMES[0])), []);
}

/// A universe after a scenario, and the replies that it gave.
fn driven(scenario: &Scenario, seed: u64) -> (World, Vec<Vec<u8>>) {
    let mut world = World::new(seed, scenario.operation_time);
    let replies = world.take_all(&scenario.steps);
    (world, replies)
}

/// Two universes with one history are one value, show the same and hold the same.
fn are_the_same(one: &World, other: &World) -> Checked {
    let (mut one, mut other) = (one.clone(), other.clone());
    one.settle();
    other.settle();
    prop_assert!(one.picture() == other.picture(), "the universes show different things");
    prop_assert!(one.universe == other.universe, "the universes differ");
    prop_assert!(
        format!("{:?}", one.universe) == format!("{:?}", other.universe),
        "the universes hold different things"
    );
    Ok(())
}

/// The same step; an advance in pieces, cut at parts of its length.
fn pieces(step: Step, cuts: &[u16]) -> Vec<Step> {
    let Step::Advance { nanos } = step else { return vec![step] };
    let mut ends: Vec<i64> = cuts.iter().map(|cut| nanos / i64::from(u16::MAX) * i64::from(*cut)).collect();
    ends.push(nanos);
    ends.sort_unstable();
    let begins = std::iter::once(0).chain(ends.clone());
    begins.zip(ends).map(|(begin, end)| Step::Advance { nanos: end - begin }).collect()
}

/// The identifiers of clusters, backups and operations.
fn identifiers(world: &World) -> BTreeSet<String> {
    let shown = world.picture().into_iter().map(|listed| listed.key);
    shown.filter(|key| key.starts_with("c9q")).collect()
}

/// Drives a universe and the model side by side, and compares them after every step.
fn follows_the_model(scenario: &Scenario) -> Checked {
    let mut world = World::new(0, scenario.operation_time);
    let mut model = Model::new(BEGINNING, scenario.operation_time);
    for step in &scenario.steps {
        let since = model.now;
        match world.take(*step) {
            Outcome::Skipped | Outcome::Advanced => {}
            Outcome::Refused(engine, request, refusal) => match model.verdict(engine, &request) {
                Ok(()) => prop_assert!(false, "{request:?} should be accepted, but: {}", refusal.message),
                Err(expected) => audit::refused_as_expected(&expected, &refusal)?,
            },
            Outcome::Accepted(engine, request, operation) => {
                prop_assert_eq!(model.verdict(engine, &request), Ok(()), "{:?} should be refused", request);
                if let Request::Cancel { operation } = &request {
                    model.cancel(operation);
                } else {
                    let newest = world.newest_cluster().unwrap_or_default();
                    let cluster = model.begin(engine, &request, &operation.id, &newest);
                    prop_assert!(!operation.done, "the first reply is never done");
                    begun(&world, &model, cluster)?;
                }
            }
        }
        world.settle();
        model.settle(world.universe.now());
        audit::audit(&world.universe, &mut model, since)?;
    }
    audit::pages(&world.universe, &model)?;
    audit::drill(&world, &model)
}

/// An operation is in flight from its first reply on, even if it takes no time.
fn begun(world: &World, model: &Model, cluster: usize) -> Checked {
    let operation = model.operations.last().expect("one has begun");
    audit::shows(&world.universe, model, operation)?;
    let cluster = &model.clusters[cluster];
    if let Some(state) = cluster.state() {
        let service = cluster.engine.service();
        let shown = service.get(&world.universe, service::List::Clusters(""), &cluster.id).expect("the cluster exists");
        prop_assert_eq!(service.cluster(&shown), cluster.view(state));
    }
    Ok(())
}

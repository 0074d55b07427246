//! What a scenario is made of: steps that name things by small numbers, so that a failing scenario shrinks to a few plain
//! lines. [`crate::world`] finds out which cluster or backup a number means at that moment.

use std::fmt;

use mdb_emulator::universe::OperationTime;
use mdb_emulator::universe::instant::{DAY, SECOND};
use proptest::prelude::*;

use crate::request::{Engine, Item};

/// The folders of every scenario: few, so that names collide.
pub const FOLDERS: [&str; 2] = ["folder-a", "folder-b"];

/// The names that clusters get.
pub const NAMES: [&str; 3] = ["cat", "dog", "owl"];

/// The names that databases and users get.
pub const THINGS: [&str; 3] = ["one", "two", "three"];

/// When windows open, in minutes of the UTC day; unset means 22:00.
pub const WINDOWS: [Option<u16>; 4] = [None, Some(0), Some(10 * 60 + 30), Some(23 * 60 + 45)];

/// For how many days automatic backups are kept; unset means seven.
pub const RETENTIONS: [Option<i64>; 3] = [None, Some(9), Some(60)];

/// One call, or one move of the clock.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Create {
        engine: Engine,
        asked: Asked,
    },
    Delete {
        cluster: usize,
    },
    Start {
        cluster: usize,
    },
    Stop {
        cluster: usize,
    },
    Move {
        cluster: usize,
        folder: usize,
    },
    Rename {
        cluster: usize,
        name: usize,
    },
    Protect {
        cluster: usize,
        protected: bool,
    },
    SetWindow {
        cluster: usize,
        window: usize,
    },
    SetRetention {
        cluster: usize,
        retention: usize,
    },
    Backup {
        cluster: usize,
    },
    AddHost {
        cluster: usize,
    },
    DeleteBackup {
        backup: usize,
    },
    Restore {
        backup: usize,
        asked: Asked,
    },
    RestoreAt {
        backup: usize,
        part: u8,
        inclusive: bool,
        by_cluster: bool,
        asked: Asked,
    },
    Add {
        cluster: usize,
        item: Item,
        thing: usize,
    },
    Remove {
        cluster: usize,
        item: Item,
        thing: usize,
    },
    Cancel {
        operation: usize,
    },
    Advance {
        nanos: i64,
    },
    /// To the very instant at which the next thing falls due.
    AdvanceToNextDue,
}

/// What is asked for of a new cluster, by numbers of the lists above.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    pub folder: usize,
    pub name: usize,
    pub window: usize,
    pub retention: usize,
    pub protected: bool,
}

/// How long operations take, and what happens.
#[derive(Clone)]
pub struct Scenario {
    pub operation_time: OperationTime,
    pub steps: Vec<Step>,
}

/// A line a step, ready to be pasted into a test.
impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "operations take {:?}", self.operation_time)?;
        self.steps.iter().try_for_each(|step| writeln!(f, "    Step::{step:?},"))
    }
}

/// Scenarios that begin with some clusters, and go on for so many steps.
pub fn scenarios(steps: std::ops::Range<usize>) -> impl Strategy<Value = Scenario> {
    let creations = prop::collection::vec(create(), 1..4);
    (operation_times(), creations, self::steps(steps)).prop_map(|(operation_time, creations, steps)| Scenario {
        operation_time,
        steps: creations.into_iter().chain(steps).collect(),
    })
}

/// Scenarios of one cluster whose contents change all the time, before, between and after backups.
pub fn lives(count: std::ops::Range<usize>) -> impl Strategy<Value = Scenario> {
    let item = || prop::sample::select(vec![Item::Database, Item::User]);
    let thing = || 0..THINGS.len();
    let hours = (1..30_i64).prop_map(|hours| Step::Advance { nanos: hours * 3600 * SECOND });
    let step = prop_oneof![
        4 => (item(), thing()).prop_map(|(item, thing)| Step::Add { cluster: 0, item, thing }),
        3 => (item(), thing()).prop_map(|(item, thing)| Step::Remove { cluster: 0, item, thing }),
        2 => Just(Step::Backup { cluster: 0 }),
        1 => (0..4_usize).prop_map(|backup| Step::DeleteBackup { backup }),
        6 => hours,
    ];
    (create(), prop::collection::vec(step, count)).prop_map(|(creation, steps)| Scenario {
        operation_time: OperationTime::None,
        steps: std::iter::once(creation).chain(steps).collect(),
    })
}

/// So many steps.
pub fn steps(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), count)
}

fn operation_times() -> impl Strategy<Value = OperationTime> {
    prop_oneof![
        Just(OperationTime::None),
        prop::sample::select(vec![1, 90, 5000]).prop_map(|seconds| OperationTime::Fixed(seconds * SECOND)),
        Just(OperationTime::Realistic),
    ]
}

/// One step. The weights let clusters live long enough to be backed up, and backups long enough to be restored.
fn step() -> impl Strategy<Value = Step> {
    let cluster = || 0..4_usize;
    let backup = || 0..12_usize;
    let item = || prop::sample::select(vec![Item::Database, Item::User]);
    let thing = || 0..THINGS.len();
    prop_oneof![
        4 => create(),
        2 => cluster().prop_map(|cluster| Step::Delete { cluster }),
        2 => cluster().prop_map(|cluster| Step::Start { cluster }),
        2 => cluster().prop_map(|cluster| Step::Stop { cluster }),
        1 => (cluster(), 0..FOLDERS.len()).prop_map(|(cluster, folder)| Step::Move { cluster, folder }),
        1 => (cluster(), 0..NAMES.len()).prop_map(|(cluster, name)| Step::Rename { cluster, name }),
        1 => (cluster(), any::<bool>()).prop_map(|(cluster, protected)| Step::Protect { cluster, protected }),
        1 => (cluster(), 0..WINDOWS.len()).prop_map(|(cluster, window)| Step::SetWindow { cluster, window }),
        2 => (cluster(), 0..RETENTIONS.len()).prop_map(|(cluster, retention)| Step::SetRetention { cluster, retention }),
        4 => cluster().prop_map(|cluster| Step::Backup { cluster }),
        4 => cluster().prop_map(|cluster| Step::AddHost { cluster }),
        2 => backup().prop_map(|backup| Step::DeleteBackup { backup }),
        2 => (backup(), asked()).prop_map(|(backup, asked)| Step::Restore { backup, asked }),
        3 => (backup(), any::<u8>(), any::<bool>(), any::<bool>(), asked()).prop_map(
            |(backup, part, inclusive, by_cluster, asked)| Step::RestoreAt { backup, part, inclusive, by_cluster, asked }
        ),
        6 => (cluster(), item(), thing()).prop_map(|(cluster, item, thing)| Step::Add { cluster, item, thing }),
        4 => (cluster(), item(), thing()).prop_map(|(cluster, item, thing)| Step::Remove { cluster, item, thing }),
        3 => (0..4_usize).prop_map(|operation| Step::Cancel { operation }),
        14 => lengths().prop_map(|nanos| Step::Advance { nanos }),
        4 => Just(Step::AdvanceToNextDue),
    ]
}

/// From nanoseconds to weeks.
fn lengths() -> impl Strategy<Value = i64> {
    prop_oneof![
        2 => 1..1_000_000_000_i64,
        6 => (1..900_i64).prop_map(|seconds| seconds * SECOND),
        4 => (1..48_i64).prop_map(|half_hours| half_hours * 1800 * SECOND),
        3 => (1..15_i64).prop_map(|days| days * DAY),
        1 => (15..60_i64).prop_map(|days| days * DAY),
    ]
}

fn create() -> impl Strategy<Value = Step> {
    (engine(), asked()).prop_map(|(engine, asked)| Step::Create { engine, asked })
}

fn engine() -> impl Strategy<Value = Engine> {
    prop::sample::select(Engine::ALL.to_vec())
}

fn asked() -> impl Strategy<Value = Asked> {
    (0..FOLDERS.len(), 0..NAMES.len(), 0..WINDOWS.len(), 0..RETENTIONS.len(), prop::bool::weighted(0.1))
        .prop_map(|(folder, name, window, retention, protected)| Asked { folder, name, window, retention, protected })
}

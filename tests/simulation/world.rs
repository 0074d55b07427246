//! A universe that steps drive, as the server would: settled before each call, and left as it was by a refused one.

use mdb_emulator::contract::proto::yandex::cloud::operation::Operation;
use mdb_emulator::refusal::Refusal;
use mdb_emulator::universe::instant::SECOND;
use mdb_emulator::universe::{Clock, Cluster, Instant, Keeper, OperationTime, Seed, Status, Universe};
use prost::Message;

use crate::request::{BackupView, Change, Engine, Request, Settings, Source};
use crate::service::{List, Listed};
use crate::step::{Asked, FOLDERS, NAMES, RETENTIONS, Step, THINGS, WINDOWS};

/// When every scenario begins: 2026-01-31T21:00:00Z.
pub const BEGINNING: Instant = Instant::from_nanos(1_769_893_200 * SECOND);

/// More than any list of a scenario holds is shown on a page of this size.
const WHOLE: i64 = 1000;

/// A universe, and what was begun in it.
#[derive(Clone, Debug)]
pub struct World {
    pub universe: Universe,
    /// Of accepted calls, the oldest first.
    pub operations: Vec<(Engine, String)>,
}

/// What a step came to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// There is nothing that the step's numbers could mean.
    Skipped,
    /// Time passed.
    Advanced,
    Accepted(Engine, Request, Operation),
    Refused(Engine, Request, Refusal),
}

impl Outcome {
    /// The reply, encoded.
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Skipped | Self::Advanced => Vec::new(),
            Self::Accepted(_, _, operation) => operation.encode_to_vec(),
            Self::Refused(_, _, refusal) => {
                let details = refusal.details.iter().flat_map(Message::encode_to_vec);
                refusal
                    .code
                    .to_string()
                    .into_bytes()
                    .into_iter()
                    .chain(refusal.message.bytes())
                    .chain(details)
                    .collect()
            }
        }
    }
}

impl World {
    pub fn new(seed: u64, operation_time: OperationTime) -> Self {
        let universe = Universe::new(Seed(seed), Clock::Frozen, BEGINNING, operation_time);
        Self { universe, operations: Vec::new() }
    }

    /// Takes one step. Afterwards the universe is as the call left it: what takes no time is done at the next look.
    pub fn take(&mut self, step: Step) -> Outcome {
        self.settle();
        match step {
            Step::Advance { nanos } => self.universe.advance(nanos),
            Step::AdvanceToNextDue => match self.universe.next_due() {
                Some(due) => self.universe.settle(due),
                None => return Outcome::Skipped,
            },
            _ => {
                let Some((engine, request)) = self.meaning(step) else { return Outcome::Skipped };
                return self.call(engine, request);
            }
        }
        Outcome::Advanced
    }

    /// Takes steps, and returns the replies as bytes.
    pub fn take_all(&mut self, steps: &[Step]) -> Vec<Vec<u8>> {
        steps.iter().map(|step| self.take(*step).bytes()).collect()
    }

    /// Lets happen what is due.
    pub fn settle(&mut self) {
        self.universe.settle(self.universe.now());
    }

    /// Makes a call. What a refused one may have changed is dropped.
    pub fn call(&mut self, engine: Engine, request: Request) -> Outcome {
        let mut next = self.universe.clone();
        match engine.service().write(&mut next, &request) {
            Ok(operation) => {
                self.universe = next;
                self.operations.push((engine, operation.id.clone()));
                Outcome::Accepted(engine, request, operation)
            }
            Err(refusal) => Outcome::Refused(engine, request, refusal),
        }
    }

    /// What a step means at this moment, if it means anything.
    fn meaning(&self, step: Step) -> Option<(Engine, Request)> {
        let (engine, request) = match step {
            Step::Create { engine, asked } => (engine, Request::Create { settings: settings(asked) }),
            Step::Delete { cluster } => self.change(cluster, Change::Delete)?,
            Step::Stop { cluster } => self.change(cluster, Change::Stop)?,
            Step::Backup { cluster } => self.change(cluster, Change::Backup)?,
            Step::AddHost { cluster } => self.change(cluster, Change::AddHost)?,
            Step::Move { cluster, folder } => self.change(cluster, Change::Move { folder: FOLDERS[folder].into() })?,
            Step::Rename { cluster, name } => self.change(cluster, Change::Rename { name: NAMES[name].into() })?,
            Step::Protect { cluster, protected } => self.change(cluster, Change::Protect { protected })?,
            Step::SetWindow { cluster, window } => {
                self.change(cluster, Change::SetWindow { minutes: WINDOWS[window] })?
            }
            Step::SetRetention { cluster, retention } => {
                self.change(cluster, Change::SetRetention { days: RETENTIONS[retention] })?
            }
            Step::Add { cluster, item, thing } => {
                self.change(cluster, Change::Add { item, name: THINGS[thing].into() })?
            }
            Step::Start { cluster } => {
                let stopped = pick(&self.clusters(), |cluster| cluster.status == Status::Stopped, cluster)?;
                of_cluster(stopped, Change::Start)
            }
            Step::Remove { cluster, item, thing } => {
                let cluster = pick(&self.clusters(), |_| true, cluster)?;
                let names: Vec<_> = cluster.contents.all(item.in_universe()).keys().cloned().collect();
                let name = pick(&names, |_| true, thing).unwrap_or_else(|| THINGS[thing].into());
                of_cluster(cluster, Change::Remove { item, name })
            }
            Step::DeleteBackup { backup } => {
                let (engine, backup) = pick(&self.backups(), |(_, backup)| !backup.automatic, backup)?;
                (engine, Request::DeleteBackup { backup: backup.id })
            }
            Step::Restore { backup, asked } => {
                let (engine, backup) = pick(&self.backups(), |_| true, backup)?;
                // SQL Server restores to points in time only.
                let time = (engine == Engine::SqlServer).then(|| backup.created_at.plus(SECOND));
                let source = Source::Backup { id: backup.id, time, inclusive: true };
                (engine, Request::Restore { source, settings: settings(asked) })
            }
            Step::RestoreAt { backup, part, inclusive, by_cluster, asked } => {
                let (engine, backup) = pick(&self.backups(), |(engine, _)| engine.has_points_in_time(), backup)?;
                // Mostly within the window, at times a little before or after it.
                let length = self.universe.now().since(backup.created_at) + 2 * SECOND;
                let time = backup.created_at.plus(length / 255 * i64::from(part));
                let source = if by_cluster && engine == Engine::Mysql {
                    Source::Cluster { id: backup.cluster, time }
                } else {
                    Source::Backup { id: backup.id, time: Some(time), inclusive }
                };
                (engine, Request::Restore { source, settings: settings(asked) })
            }
            Step::Cancel { operation } => {
                let number = self.operations.len().checked_sub(1 + operation)?;
                let (engine, id) = self.operations[number].clone();
                (engine, Request::Cancel { operation: id })
            }
            Step::Advance { .. } | Step::AdvanceToNextDue => return None,
        };
        is_possible(engine, &request).then_some((engine, request))
    }

    /// A change of one of the clusters that there are, counted from the newest.
    fn change(&self, number: usize, change: Change) -> Option<(Engine, Request)> {
        Some(of_cluster(pick(&self.clusters(), |_| true, number)?, change))
    }

    /// The id of the cluster that was made last, of those that there are.
    pub fn newest_cluster(&self) -> Option<String> {
        self.clusters().first().map(|cluster| cluster.id.to_string())
    }

    /// The clusters that there are, the newest first.
    fn clusters(&self) -> Vec<&Cluster> {
        let mut clusters: Vec<&Cluster> = self.universe.clusters().map(|cluster| &**cluster).collect();
        clusters.sort_by_key(|cluster| std::cmp::Reverse(cluster.sequence));
        clusters
    }

    /// The backups that there are, the newest first.
    fn backups(&self) -> Vec<(Engine, BackupView)> {
        let records = self.universe.records();
        let mut backups: Vec<_> = records.flat_map(|record| record.backups_before(u64::MAX)).collect();
        backups.sort_by_key(|entry| std::cmp::Reverse(entry.backup.position()));
        let views = backups.into_iter().map(|entry| {
            let view = BackupView {
                id: entry.id().to_string(),
                cluster: entry.record.cluster.to_string(),
                folder: entry.backup.source.spec.folder.to_string(),
                automatic: entry.keeper == Keeper::Automatic,
                started_at: entry.backup.started_at,
                created_at: entry.backup.created_at,
            };
            (Engine::of(entry.record.engine), view)
        });
        views.collect()
    }

    /// Everything that lists show, and every operation.
    pub fn picture(&self) -> Vec<Listed> {
        let mut picture = Vec::new();
        for engine in Engine::ALL {
            for folder in FOLDERS {
                let clusters = whole(engine, &self.universe, List::Clusters(folder));
                for cluster in &clusters {
                    for list in lists_of_cluster(engine, &cluster.key) {
                        picture.extend(whole(engine, &self.universe, list));
                    }
                }
                picture.extend(clusters);
                picture.extend(whole(engine, &self.universe, List::Backups(folder)));
            }
        }
        for (_, id) in &self.operations {
            // One that ended long ago is gone.
            let operation = crate::service::get_operation(&self.universe, id).unwrap_or_default();
            picture.push(Listed { key: id.clone(), bytes: operation.encode_to_vec() });
        }
        picture
    }
}

/// A list on one page.
pub fn whole(engine: Engine, universe: &Universe, list: List<'_>) -> Vec<Listed> {
    let (listed, token) = engine.service().list(universe, list, WHOLE, "").expect("what exists has lists");
    assert_eq!(token, "", "the list is longer than a scenario's should be");
    listed
}

/// All lists of a cluster.
pub fn lists_of_cluster(engine: Engine, id: &str) -> impl Iterator<Item = List<'_>> {
    let things = engine.items().iter().map(move |item| List::Things(*item, id));
    [List::Hosts(id), List::Operations(id), List::BackupsOf(id)].into_iter().chain(things)
}

/// The one of a number among those that are wanted, or among all if none is.
fn pick<T: Clone>(all: &[T], is_wanted: impl Fn(&T) -> bool, number: usize) -> Option<T> {
    let wanted: Vec<&T> = all.iter().filter(|one| is_wanted(one)).collect();
    let those = if wanted.is_empty() { all.iter().collect() } else { wanted };
    those.get(number % those.len().max(1)).map(|one| (*one).clone())
}

fn of_cluster(cluster: &Cluster, change: Change) -> (Engine, Request) {
    (Engine::of(cluster.engine), Request::OfCluster { cluster: cluster.id.to_string(), change })
}

/// Whether the engine has such a call at all.
fn is_possible(engine: Engine, request: &Request) -> bool {
    match request {
        Request::OfCluster { change: Change::Add { item, .. } | Change::Remove { item, .. }, .. } => {
            engine.items().contains(item)
        }
        Request::OfCluster { change: Change::AddHost, .. } => engine.adds_hosts(),
        Request::DeleteBackup { .. } => engine.deletes_backups(),
        Request::Restore { source: Source::Backup { time: Some(_), .. } | Source::Cluster { .. }, .. } => {
            engine.has_points_in_time()
        }
        _ => true,
    }
}

fn settings(asked: Asked) -> Settings {
    Settings {
        folder: FOLDERS[asked.folder].into(),
        name: NAMES[asked.name].into(),
        window: WINDOWS[asked.window],
        retention_days: RETENTIONS[asked.retention],
        protected: asked.protected,
    }
}

//! How clusters come, change and go, with all that follows from it: names, orders, backups to come, past contents.

use std::sync::Arc;

use super::cluster::{Cluster, EngineName, Host, NewCluster, NewHost, Spec, Status, Text};
use super::identifier::{Permutation, letters};
use super::instant::{DAY, SECOND};
use super::operation::NameKey;
use super::{Event, History, Id, Instant, Seed, Universe};
use crate::refusal::{self, Refusal};

/// A daily backup begins up to half an hour after its window opens (documented).
const LONGEST_DELAY: i64 = 30 * 60;

impl Universe {
    /// The id that the next cluster of this name will get.
    pub fn next_cluster_id(&self, engine: EngineName, spec: &Spec) -> Id {
        let made = self.names.get(&NameKey::of(engine, spec)).map_or(0, |name| name.made);
        self.seed.id(b"c9q", "cluster", &[engine.0, &spec.folder, &spec.name], made)
    }

    /// The hosts that shall be made for a cluster, with the numbers from `first` on and the names that go with them.
    pub fn named_hosts(&self, cluster: Id, first: u64, hosts: Vec<NewHost>) -> Vec<Host> {
        let hosts = hosts.into_iter().zip(first..).map(|(host, number)| Host {
            number,
            name: self.host_name(&host.zone_code, cluster, number),
            role: host.role,
            spec: host.spec,
        });
        hosts.collect()
    }

    /// Puts a new cluster into its folder, with no backups yet.
    pub(super) fn insert_new_cluster(&mut self, id: Id, new: NewCluster) {
        self.named_folder(&new.spec.folder);
        let sequence = self.next_sequence();
        let hosts = self.named_hosts(id, 0, new.hosts);
        let cluster = Cluster {
            id,
            engine: new.engine,
            sequence,
            created_at: self.now,
            status: Status::Creating,
            hosts_made: hosts.len() as u64,
            hosts: hosts.into(),
            spec: new.spec.into(),
            contents: new.contents,
            next_daily: None,
            last_daily: None,
        };
        let disguise = Permutation::new(self.seed.word("backup", &[id.as_str()], 0));
        let mut history = History::new(id, cluster.engine, disguise);
        history.remember(self.now, cluster.contents.clone());
        self.histories.insert(sequence, Arc::new(history));
        self.histories_by_cluster.insert(id, sequence);
        self.clusters_by_folder.insert((cluster.engine, cluster.spec.folder.clone(), sequence), id);
        self.keep(cluster);
    }

    /// Changes a cluster, and whatever depends on it.
    pub(super) fn update_cluster(&mut self, before: &Cluster, change: impl FnOnce(&mut Cluster)) {
        let mut after = before.clone();
        change(&mut after);
        if after.spec.folder != before.spec.folder {
            self.named_folder(&after.spec.folder);
            self.clusters_by_folder.remove(&(before.engine, before.spec.folder.clone(), before.sequence));
            self.clusters_by_folder.insert((after.engine, after.spec.folder.clone(), after.sequence), after.id);
        }
        if after.contents != before.contents {
            let (now, contents) = (self.now, after.contents.clone());
            self.change_history(after.sequence, |history| history.remember(now, contents));
        }
        self.keep(after);
    }

    /// Keeps a cluster as it is now, and brings up to date what falls due for it.
    fn keep(&mut self, mut cluster: Cluster) {
        let next_daily = if cluster.status.is_up() { self.next_daily(&cluster) } else { None };
        self.agenda.reschedule(Event::DailyBackup { cluster: cluster.id }, cluster.next_daily, next_daily);
        cluster.next_daily = next_daily;
        let retention = (cluster.spec.automatic_retention, cluster.spec.manual_retention);
        let kept = self.histories.get(&cluster.sequence);
        if kept.is_some_and(|history| (history.automatic_retention, history.manual_retention) != retention) {
            self.change_history(cluster.sequence, |history| {
                (history.automatic_retention, history.manual_retention) = retention;
            });
        }
        self.clusters.insert(cluster.id, Arc::new(cluster));
    }

    /// Deletes a cluster. Its history stays until its backups are gone.
    pub(super) fn remove_cluster(&mut self, cluster: &Cluster) {
        self.agenda.reschedule(Event::DailyBackup { cluster: cluster.id }, cluster.next_daily, None);
        self.clusters.remove(&cluster.id);
        self.clusters_by_folder.remove(&(cluster.engine, cluster.spec.folder.clone(), cluster.sequence));
        let now = self.now;
        self.change_history(cluster.sequence, |history| history.deleted_at = Some(now));
    }

    /// Changes a history, keeps its next expiry on the agenda, and forgets it once nothing can be restored from it.
    pub(super) fn change_history(&mut self, number: u64, change: impl FnOnce(&mut History)) {
        let Some(entry) = self.histories.get_mut(&number) else { return };
        let history = Arc::make_mut(entry);
        change(history);
        let (before, after) = (history.next_expiry, history.expiry());
        history.next_expiry = after;
        let gone = history.deleted_at.is_some() && history.backup_count() == 0 && history.operation.is_none();
        let cluster = history.cluster;
        self.agenda.reschedule(Event::Expiry { history: number }, before, after);
        if gone {
            self.histories.remove(&number);
            self.histories_by_cluster.remove(&cluster);
        }
    }

    /// Takes the one slot for an operation on a cluster, and makes the operation's id.
    pub(super) fn take_slot(&mut self, cluster: Id, id: impl FnOnce(Seed, u64) -> Id) -> Id {
        let begun = self.history_of(cluster).map_or(0, |history| history.operations_begun);
        let id = id(self.seed, begun);
        if let Some(number) = self.histories_by_cluster.get(&cluster).copied() {
            self.change_history(number, |history| {
                history.operations_begun += 1;
                history.operation = Some(id);
            });
        }
        id
    }

    /// Gives that slot back.
    pub(super) fn free_slot(&mut self, cluster: Id) {
        if let Some(number) = self.histories_by_cluster.get(&cluster).copied() {
            self.change_history(number, |history| history.operation = None);
        }
    }

    /// Takes a name in a folder for a cluster.
    pub(super) fn claim(&mut self, key: &NameKey, cluster: Id) -> Result<(), Refusal> {
        let mut name = self.names.get(key).copied().unwrap_or_default();
        if let Some(holder) = name.holder {
            return Err(refusal::cluster::name_taken(&key.2, &key.1, holder.as_str()));
        }
        name.holder = Some(cluster);
        name.made += 1;
        self.names.insert(key.clone(), name);
        Ok(())
    }

    /// Gives a name back.
    pub(super) fn release(&mut self, key: Option<&NameKey>) {
        if let Some(name) = key.and_then(|key| self.names.get_mut(key)) {
            name.holder = None;
        }
    }

    /// When a cluster's next daily backup begins: after its window opens, by a delay that the seed decides, and at most once in a
    /// UTC day. A window near midnight makes the delay shorter, so that the backup begins on the window's own day (our choice).
    /// There is none at the end of the time that can be said.
    fn next_daily(&self, cluster: &Cluster) -> Option<Instant> {
        let window = cluster.spec.backup_window_start.clamp(0, DAY - 1);
        let longest = LONGEST_DELAY.min((DAY - window) / SECOND).max(1);
        let today = self.now.day();
        let starts = (today..=today + 2).filter(|day| cluster.last_daily.is_none_or(|last| *day > last)).map(|day| {
            let word = self.seed.word("daily backup", &[cluster.id.as_str()], day.unsigned_abs());
            let delay = (word % longest.unsigned_abs()).cast_signed() * SECOND;
            Instant::start_of_day(day).plus(window).plus(delay)
        });
        starts.into_iter().find(|start| *start > self.now)
    }

    fn host_name(&self, zone_code: &str, cluster: Id, number: u64) -> Text {
        let mut own = [b'0'; 16];
        letters(self.seed.bits("host", &[cluster.as_str()], number), &mut own);
        format!("{zone_code}-{}.mdb.yandexcloud.net", String::from_utf8_lossy(&own)).into()
    }
}

//! Databases, users and their permissions in one cluster, compared with a simple model.

mod engines;

use std::collections::{BTreeMap, BTreeSet};

use mdb_emulator::contract::METHODS;
use mdb_emulator::contract::engine::fields::methods::*;
use mdb_emulator::contract::proto::yandex::cloud::mdb::sqlserver::v1 as sqlserver;
use mdb_emulator::handlers::{Call, cluster, user};
use mdb_emulator::refusal::Refusal;
use mdb_emulator::universe::instant::SECOND;
use mdb_emulator::universe::{Clock, Id, Instant, Item, OperationTime, Plan, Seed, Universe};
use proptest::prelude::*;
use prost_types::FieldMask;
use tonic::Code;

use crate::driven::Driven;
use crate::messages::{create_request, user_spec};
use crate::model::OWNER;
use crate::request::Settings;
use crate::world::BEGINNING;
use engines::Contained;

/// How long operations take, in seconds.
const LENGTH: i64 = 10;

const DATABASES: [&str; 3] = ["one", "two", "three"];
const USERS: [&str; 2] = [OWNER, "another"];

/// One call, or one move of the clock. Databases and users are named by small numbers.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    CreateDatabase { database: usize },
    DropDatabase { database: usize },
    Protect { database: usize, protected: bool },
    CreateUser { user: usize, held: Held },
    SetPermissions { user: usize, held: Option<Held> },
    Grant { user: usize, held: Held },
    Revoke { user: usize, held: Held },
    DeleteUser { user: usize },
    Backup,
    Restore { from: usize, to: usize, now: bool },
    Import { database: usize },
    Export { database: usize },
    Cancel,
    Advance { seconds: i64 },
}

/// A role on a database.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    database: usize,
    role: i32,
}

pub fn steps(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Step>> {
    let database = || 0..DATABASES.len();
    let user = || 0..USERS.len();
    let held = || (database(), 1..4_i32).prop_map(|(database, role)| Held { database, role });
    let step = prop_oneof![
        4 => database().prop_map(|database| Step::CreateDatabase { database }),
        2 => database().prop_map(|database| Step::DropDatabase { database }),
        2 => (database(), any::<bool>()).prop_map(|(database, protected)| Step::Protect { database, protected }),
        2 => (user(), held()).prop_map(|(user, held)| Step::CreateUser { user, held }),
        3 => (user(), prop::option::of(held())).prop_map(|(user, held)| Step::SetPermissions { user, held }),
        4 => (user(), held()).prop_map(|(user, held)| Step::Grant { user, held }),
        3 => (user(), held()).prop_map(|(user, held)| Step::Revoke { user, held }),
        1 => user().prop_map(|user| Step::DeleteUser { user }),
        2 => Just(Step::Backup),
        3 => (database(), database(), any::<bool>()).prop_map(|(from, to, now)| Step::Restore { from, to, now }),
        1 => database().prop_map(|database| Step::Import { database }),
        1 => database().prop_map(|database| Step::Export { database }),
        1 => Just(Step::Cancel),
        14 => (1..12_i64).prop_map(|seconds| Step::Advance { seconds }),
    ];
    prop::collection::vec(step, count)
}

/// The roles that a user has on each database.
type Permissions = BTreeMap<String, BTreeSet<i32>>;

/// What a cluster contains.
#[derive(Clone, Debug, Default, PartialEq)]
struct Contents {
    /// Each with whether it is protected.
    databases: BTreeMap<String, bool>,
    users: BTreeMap<String, Permissions>,
}

/// The rules, said once more.
pub struct Model<E> {
    universe: Universe,
    id: Id,
    contents: Contents,
    /// What the latest backup has, and when it was finished.
    backup: Option<(Contents, i64)>,
    /// The operation in flight, when it ends, and what it comes to; whether it is a backup.
    flight: Option<(Id, i64, Contents, bool)>,
    engine: std::marker::PhantomData<E>,
}

/// What a call shall come to, and the plan that the handler makes.
type Verdict = (Result<Contents, Code>, Result<Plan, Refusal>);

impl<E: Contained> Model<E> {
    pub fn new() -> Self {
        let mut universe = Universe::new(Seed(1), Clock::Frozen, BEGINNING, OperationTime::Fixed(LENGTH * SECOND));
        let settings = Settings {
            folder: "folder".into(),
            name: "main".into(),
            window: None,
            retention_days: None,
            protected: false,
        };
        let mut request = create_request::<E>(&settings);
        // Import and export need it.
        request.set_service_account_id("ajerobot000000000001".into());
        let plan = cluster::create::<E>(&call::<E>("ClusterService/Create", universe.now()), &universe, request);
        let plan = plan.expect("a valid request");
        universe.accept(&plan).expect("nothing is in its way");
        universe.advance(LENGTH * SECOND);
        let (id, engine) = (*plan.target.id(), std::marker::PhantomData);
        let mut model = Self { universe, id, contents: Contents::default(), backup: None, flight: None, engine };
        model.contents = model.shown();
        model
    }

    /// Takes a step with the universe and with the model, and compares what comes of it.
    pub fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Advance { seconds } => self.universe.advance(seconds * SECOND),
            Step::Cancel => {
                if let Some((operation, ..)) = self.flight.take() {
                    self.universe.cancel(operation);
                }
            }
            _ => {
                if let Some(verdict) = self.verdict(step) {
                    self.compare(step, verdict)?;
                }
            }
        }
        let now = self.now();
        if let Some((_, due, contents, is_backup)) = self.flight.take_if(|(_, due, ..)| *due <= now) {
            self.contents = contents;
            if is_backup {
                self.backup = Some((self.contents.clone(), due));
            }
        }
        prop_assert_eq!(&self.shown(), &self.contents, "after {:?}", step);
        Ok(())
    }

    fn compare(&mut self, step: Step, (expected, plan): Verdict) -> Result<(), TestCaseError> {
        let before = self.universe.clone();
        let accepted = plan.and_then(|plan| self.universe.accept(&plan));
        // One operation that changes a cluster at a time.
        let expected = if self.flight.is_some() { Err(Code::FailedPrecondition) } else { expected };
        match (expected, accepted) {
            (Ok(contents), Ok(operation)) => {
                let is_backup = matches!(step, Step::Backup);
                self.flight = Some((operation, self.now() + LENGTH, contents, is_backup));
            }
            (Err(code), Err(refusal)) => {
                prop_assert_eq!(refusal.code, code, "{:?}: {}", step, refusal.message);
                prop_assert!(self.universe == before, "{:?} was refused, and left a trace", step);
            }
            (expected, accepted) => prop_assert!(false, "{step:?}: {expected:?}, but {accepted:?}"),
        }
        Ok(())
    }

    fn now(&self) -> i64 {
        self.universe.now().since(BEGINNING) / SECOND
    }

    /// What the universe has.
    fn shown(&self) -> Contents {
        let contents = &self.universe.cluster(self.id).expect("the cluster is never deleted").contents;
        let permissions = |user: &E::UserSpec| {
            let held = E::permissions(user).iter();
            held.map(|held| (held.database_name().to_owned(), held.roles().iter().copied().collect())).collect()
        };
        let databases = contents.all(Item::Database).iter();
        let users = contents.all(Item::User).iter();
        Contents {
            databases: databases.map(|(name, spec)| (name.clone(), E::protected(spec.open()))).collect(),
            users: users.map(|(name, spec)| (name.clone(), permissions(spec.open()))).collect(),
        }
    }

    fn changed(&self, change: impl FnOnce(&mut Contents)) -> Result<Contents, Code> {
        let mut contents = self.contents.clone();
        change(&mut contents);
        if contents == self.contents { Err(Code::FailedPrecondition) } else { Ok(contents) }
    }

    /// Whether a user is there, and the database of what it shall have.
    fn can_hold(&self, user: &str, database: &str) -> Result<(), Code> {
        match (self.contents.users.contains_key(user), self.contents.databases.contains_key(database)) {
            (false, _) => Err(Code::NotFound),
            (true, false) => Err(Code::InvalidArgument),
            (true, true) => Ok(()),
        }
    }

    fn new_database(&self, name: &str) -> Result<Contents, Code> {
        let contents = self.changed(|contents| {
            contents.databases.entry(name.to_owned()).or_insert(false);
        });
        contents.map_err(|_| Code::AlreadyExists)
    }

    fn call(&self, rpc: &str) -> Call<'static> {
        call::<E>(rpc, self.universe.now())
    }

    fn verdict(&self, step: Step) -> Option<Verdict> {
        let (universe, id) = (&self.universe, self.id.to_string());
        Some(match step {
            Step::CreateDatabase { database } => {
                let name = DATABASES[database];
                let plan = E::create_database(&self.call("DatabaseService/Create"), universe, &id, name);
                (self.new_database(name), plan)
            }
            Step::DropDatabase { database } => {
                let name = DATABASES[database];
                let plan = E::delete_database(&self.call("DatabaseService/Delete"), universe, &id, name);
                let expected = match self.contents.databases.get(name) {
                    None => Err(Code::NotFound),
                    Some(true) => Err(Code::FailedPrecondition),
                    Some(false) => self.changed(|contents| {
                        contents.databases.remove(name);
                        contents.users.values_mut().for_each(|held| drop(held.remove(name)));
                    }),
                };
                (expected, plan)
            }
            Step::Protect { database, protected } => {
                let name = DATABASES[database];
                let plan = E::protect(&self.call("DatabaseService/Get"), universe, &id, name, protected)?;
                let there = self.contents.databases.contains_key(name);
                let changed = || {
                    self.changed(|contents| {
                        contents.databases.insert(name.to_owned(), protected);
                    })
                };
                (if there { changed() } else { Err(Code::NotFound) }, plan)
            }
            Step::Backup => {
                let mut request = E::BackupClusterRequest::default();
                request.set_cluster_id(id);
                let plan = cluster::backup::<E>(&self.call("ClusterService/Backup"), universe, request);
                (Ok(self.contents.clone()), plan)
            }
            Step::Restore { from, to, now } => return self.restore(DATABASES[from], DATABASES[to], now),
            Step::Import { database } => {
                let request = sqlserver::ImportDatabaseBackupRequest {
                    cluster_id: id,
                    database_name: DATABASES[database].into(),
                    s3_bucket: "bucket".into(),
                    files: vec!["file".into()],
                    ..Default::default()
                };
                let plan = E::import(&self.call("DatabaseService/Create"), universe, request)?;
                (self.new_database(DATABASES[database]), plan)
            }
            Step::Export { database } => {
                let name = DATABASES[database];
                let request = sqlserver::ExportDatabaseBackupRequest {
                    cluster_id: id,
                    database_name: name.into(),
                    s3_bucket: "bucket".into(),
                    ..Default::default()
                };
                let plan = E::export(&self.call("DatabaseService/Create"), universe, request)?;
                let is_backed_up =
                    self.backup.as_ref().is_some_and(|(contents, _)| contents.databases.contains_key(name));
                let expected = match (self.contents.databases.contains_key(name), is_backed_up) {
                    (false, _) => Err(Code::NotFound),
                    (true, false) => Err(Code::FailedPrecondition),
                    (true, true) => Ok(self.contents.clone()),
                };
                (expected, plan)
            }
            Step::Cancel | Step::Advance { .. } => return None,
            _ => self.verdict_on_users(step)?,
        })
    }

    /// A restore of a database from the latest backup: as it is now, or as it was a second after the backup.
    fn restore(&self, from: &str, to: &str, is_now: bool) -> Option<Verdict> {
        let (then, finished) = self.backup.as_ref()?;
        let record = self.universe.record_of(self.id)?;
        let backup = record.backups_before(u64::MAX).next()?;
        let second = finished + 1;
        let time = if is_now { self.now() } else { second };
        let request = sqlserver::RestoreDatabaseRequest {
            cluster_id: self.id.to_string(),
            database_name: to.into(),
            from_database: from.into(),
            backup_id: backup.id().to_string(),
            time: Some(BEGINNING.plus(time * SECOND).into()),
        };
        let plan = E::restore(&self.call("DatabaseService/Create"), &self.universe, request)?;
        let source = if is_now { &self.contents } else { then };
        let is_within = second <= time && time <= self.now();
        let expected = self.new_database(to);
        let exists = is_within && source.databases.contains_key(from);
        Some((if exists { expected } else { expected.and(Err(Code::InvalidArgument)) }, plan))
    }

    fn verdict_on_users(&self, step: Step) -> Option<Verdict> {
        let (universe, id) = (&self.universe, self.id.to_string());
        Some(match step {
            Step::CreateUser { user, held } => {
                let (name, database) = (USERS[user], DATABASES[held.database]);
                let mut spec = user_spec::<E>(name);
                E::permissions_mut(&mut spec).push(permission::<E>(held));
                let mut request = E::CreateUserRequest::default();
                request.set_cluster_id(id);
                request.set_user_spec(Some(spec));
                let plan = user::create::<E>(&self.call("UserService/Create"), universe, request);
                let expected =
                    match (self.contents.users.contains_key(name), self.contents.databases.contains_key(database)) {
                        (true, _) => Err(Code::AlreadyExists),
                        (false, false) => Err(Code::InvalidArgument),
                        (false, true) => {
                            self.changed(|contents| drop(contents.users.insert(name.to_owned(), just(held))))
                        }
                    };
                (expected, plan)
            }
            Step::SetPermissions { user, held } => {
                let name = USERS[user];
                let mut spec = E::UserSpec::default();
                E::permissions_mut(&mut spec).extend(held.map(permission::<E>));
                let mut request: E::UpdateUserRequest = mdb_emulator::contract::projection::projected(&spec);
                request.set_cluster_id(id);
                request.set_user_name(name.into());
                request.set_update_mask(Some(FieldMask { paths: vec!["permissions".into()] }));
                let plan = user::update::<E>(&self.call("UserService/Update"), universe, request);
                let able = match held {
                    Some(held) => self.can_hold(name, DATABASES[held.database]),
                    None if self.contents.users.contains_key(name) => Ok(()),
                    None => Err(Code::NotFound),
                };
                let permissions = held.map(just).unwrap_or_default();
                let changed = |()| self.changed(|contents| drop(contents.users.insert(name.to_owned(), permissions)));
                (able.and_then(changed), plan)
            }
            Step::Grant { user, held } => {
                let (name, database) = (USERS[user], DATABASES[held.database]);
                let mut request = E::GrantUserPermissionRequest::default();
                request.set_cluster_id(id);
                request.set_user_name(name.into());
                request.set_permission(Some(permission::<E>(held)));
                let plan = user::grant_permission::<E>(&self.call("UserService/GrantPermission"), universe, request);
                let granted = |()| {
                    self.changed(|contents| {
                        let permissions = contents.users.entry(name.to_owned()).or_default();
                        permissions.entry(database.to_owned()).or_default().insert(held.role);
                    })
                };
                (self.can_hold(name, database).and_then(granted), plan)
            }
            Step::Revoke { user, held } => {
                let (name, database) = (USERS[user], DATABASES[held.database]);
                let mut request = E::RevokeUserPermissionRequest::default();
                request.set_cluster_id(id);
                request.set_user_name(name.into());
                request.set_permission(Some(permission::<E>(held)));
                let plan = user::revoke_permission::<E>(&self.call("UserService/RevokePermission"), universe, request);
                let revoked = |()| {
                    self.changed(|contents| {
                        let permissions = contents.users.entry(name.to_owned()).or_default();
                        if let Some(roles) = permissions.get_mut(database) {
                            roles.remove(&held.role);
                        }
                        permissions.retain(|_, roles| !roles.is_empty());
                    })
                };
                (self.can_hold(name, database).and_then(revoked), plan)
            }
            Step::DeleteUser { user } => {
                let name = USERS[user];
                let mut request = E::DeleteUserRequest::default();
                request.set_cluster_id(id);
                request.set_user_name(name.into());
                let plan = user::delete::<E>(&self.call("UserService/Delete"), universe, request);
                let deleted = self.changed(|contents| drop(contents.users.remove(name)));
                (deleted.map_err(|_| Code::NotFound), plan)
            }
            _ => return None,
        })
    }
}

fn just(held: Held) -> Permissions {
    BTreeMap::from([(DATABASES[held.database].to_owned(), BTreeSet::from([held.role]))])
}

fn permission<E: Contained>(held: Held) -> E::Permission {
    let mut permission = E::Permission::default();
    permission.set_database_name(DATABASES[held.database].into());
    permission.set_roles(vec![held.role]);
    permission
}

fn call<E: Driven>(rpc: &str, now: Instant) -> Call<'static> {
    let path = format!("/yandex.cloud.mdb.{}.v1.{rpc}", E::NAME.0);
    let method = METHODS.iter().find(|method| method.path == path).expect("a path of the contract");
    Call::inside(method, now, "tester")
}

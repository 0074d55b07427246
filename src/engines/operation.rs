//! What the API shows of an operation, whichever engine it is of.

use std::marker::PhantomData;

use prost_types::{Any, Timestamp};

use super::shared::view;
use super::{DatabaseEngine, Engine, Mysql, Redis, Spqr, SqlServer};
use crate::contract::ContractMessage;
use crate::contract::proto::google::rpc;
use crate::contract::proto::yandex::cloud::operation::{Operation, operation};
use crate::universe::cluster::EngineName;
use crate::universe::operation::{Outcome, Response};
use crate::universe::{self, Item};

/// An operation.
pub fn shown(operation: &universe::Operation) -> Operation {
    let result = match &operation.outcome {
        Outcome::Running { .. } => None,
        Outcome::Done(response) => Some(operation::Result::Response(response_of(response))),
        Outcome::Failed { code, message } => {
            Some(operation::Result::Error(rpc::Status { code: *code, message: message.clone(), details: Vec::new() }))
        }
    };
    Operation {
        id: operation.id.to_string(),
        description: operation.about.description.to_string(),
        created_at: Some(Timestamp::from(operation.created_at)),
        created_by: operation.about.created_by.to_string(),
        modified_at: Some(Timestamp::from(operation.modified_at)),
        done: operation.is_done(),
        metadata: Some(operation.about.metadata.clone()),
        result,
    }
}

/// The response of an operation that is done.
fn response_of(response: &Response) -> Any {
    match response {
        Response::Cluster(cluster) => by_name(cluster.engine).response(response),
        Response::Item { engine, .. } => by_name(*engine).response(response),
        Response::Message(message) => message.clone(),
        Response::Nothing => ().to_any(),
    }
}

/// An engine that is known only when the program runs.
trait AnyEngine: Sync {
    /// The engine's name.
    fn name(&self) -> EngineName;

    /// The response of an operation that is done.
    fn response(&self, response: &Response) -> Any;
}

/// The engine of a name.
///
/// # Panics
///
/// Never for a name that a universe holds: only engines put it there.
fn by_name(name: EngineName) -> &'static dyn AnyEngine {
    const ALL: [&dyn AnyEngine; 4] = [
        &WithoutDatabases::<Redis>::NEW,
        &WithDatabases::<Mysql>::NEW,
        &WithDatabases::<SqlServer>::NEW,
        &WithDatabases::<Spqr>::NEW,
    ];
    ALL.into_iter().find(|engine| engine.name() == name).expect("a universe holds only engines' resources")
}

/// An engine without databases.
struct WithoutDatabases<E>(PhantomData<fn() -> E>);

/// An engine with databases.
struct WithDatabases<E>(PhantomData<fn() -> E>);

impl<E> WithoutDatabases<E> {
    const NEW: Self = Self(PhantomData);
}

impl<E> WithDatabases<E> {
    const NEW: Self = Self(PhantomData);
}

impl<E: Engine> AnyEngine for WithoutDatabases<E> {
    fn name(&self) -> EngineName {
        E::NAME
    }

    fn response(&self, response: &Response) -> Any {
        match response {
            Response::Cluster(shown) => view::cluster::<E>(shown).to_any(),
            Response::Item { cluster, item: Item::User, name, spec, .. } => {
                view::user::<E>(*cluster, name, spec).to_any()
            }
            // No operation of such an engine is on a database, and no operation of any engine is on a shard so far.
            Response::Item { .. } | Response::Message(_) | Response::Nothing => ().to_any(),
        }
    }
}

impl<E: DatabaseEngine> AnyEngine for WithDatabases<E> {
    fn name(&self) -> EngineName {
        E::NAME
    }

    fn response(&self, response: &Response) -> Any {
        match response {
            Response::Item { cluster, item: Item::Database, name, spec, .. } => {
                view::database::<E>(*cluster, name, spec).to_any()
            }
            other => WithoutDatabases::<E>::NEW.response(other),
        }
    }
}

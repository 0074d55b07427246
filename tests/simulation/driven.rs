//! What differs between the engines, as far as scenarios are concerned.

use mdb_emulator::contract::engine::fields::methods::*;
use mdb_emulator::contract::proto::yandex::cloud::mdb::spqr::v1::{SpqrSpec, host as spqr_host, spqr_spec};
use mdb_emulator::engines::{self, ManagedMessages, Mysql, Redis, Spqr, SqlServer};
use mdb_emulator::handlers::{Call, backup, cluster, database};
use mdb_emulator::refusal::Refusal;
use mdb_emulator::universe::{Plan, Universe};
use prost::Message;

use crate::messages::{host, resources};
use crate::service::{Page, listed};

/// What a request of an engine needs that others do not, and the services that not every engine has.
pub trait Driven: engines::Engine {
    const VERSION: &'static str;
    const PRESET: &'static str = "s3-c2-m8";

    fn complete_config(_config: &mut Self::ConfigSpec) {}
    fn complete_host(_host: &mut Self::HostSpec) {}

    fn create_database(_: &Call, _: &Universe, _cluster: &str, _name: &str) -> Result<Plan, Refusal> {
        unreachable!("the engine has no databases")
    }
    fn delete_database(_: &Call, _: &Universe, _cluster: &str, _name: &str) -> Result<Plan, Refusal> {
        unreachable!("the engine has no databases")
    }
    fn get_database(_: &Call, _: &Universe, _cluster: &str, _name: &str) -> Result<Vec<u8>, Refusal> {
        unreachable!("the engine has no databases")
    }
    fn list_databases(_: &Call, _: &Universe, _cluster: &str, _size: i64, _token: &str) -> Result<Page, Refusal> {
        unreachable!("the engine has no databases")
    }
    fn delete_backup(_: &Call, _: &Universe, _backup: &str) -> Result<Plan, Refusal> {
        unreachable!("the engine deletes no backups")
    }
    fn add_host(_: &Call, _: &Universe, _cluster: &str) -> Result<Plan, Refusal> {
        unreachable!("the engine adds no hosts")
    }
}

macro_rules! with_databases {
    () => {
        fn create_database(call: &Call, to: &Universe, cluster: &str, name: &str) -> Result<Plan, Refusal> {
            let mut spec = <Self as engines::DatabaseMessages>::DatabaseSpec::default();
            spec.set_name(name.into());
            let mut request = <Self as engines::DatabaseMessages>::CreateDatabaseRequest::default();
            request.set_cluster_id(cluster.into());
            request.set_database_spec(Some(spec));
            database::create::<Self>(call, to, request)
        }

        fn delete_database(call: &Call, to: &Universe, cluster: &str, name: &str) -> Result<Plan, Refusal> {
            let mut request = <Self as engines::DatabaseMessages>::DeleteDatabaseRequest::default();
            request.set_cluster_id(cluster.into());
            request.set_database_name(name.into());
            database::delete::<Self>(call, to, request)
        }

        fn get_database(call: &Call, of: &Universe, cluster: &str, name: &str) -> Result<Vec<u8>, Refusal> {
            let mut request = <Self as engines::DatabaseMessages>::GetDatabaseRequest::default();
            request.set_cluster_id(cluster.into());
            request.set_database_name(name.into());
            database::get::<Self>(call, of, request).map(|found| found.encode_to_vec())
        }

        fn list_databases(call: &Call, of: &Universe, cluster: &str, size: i64, token: &str) -> Result<Page, Refusal> {
            let mut request = <Self as engines::DatabaseMessages>::ListDatabasesRequest::default();
            request.set_cluster_id(cluster.into());
            request.set_page_size(size);
            request.set_page_token(token.into());
            let reply = database::list::<Self>(call, of, request)?;
            Ok((listed(reply.databases(), |database| database.name()), reply.next_page_token().to_owned()))
        }
    };
}

macro_rules! managed {
    () => {
        fn delete_backup(call: &Call, to: &Universe, id: &str) -> Result<Plan, Refusal> {
            let mut request = <Self as ManagedMessages>::DeleteBackupRequest::default();
            request.set_backup_id(id.into());
            backup::delete::<Self>(call, to, request)
        }

        fn add_host(call: &Call, to: &Universe, cluster: &str) -> Result<Plan, Refusal> {
            let mut request = <Self as ManagedMessages>::AddClusterHostsRequest::default();
            request.set_cluster_id(cluster.into());
            request.set_host_specs(vec![host::<Self>()]);
            cluster::add_hosts::<Self>(call, to, request)
        }
    };
}

impl Driven for Redis {
    const VERSION: &'static str = "8.1-valkey";
    const PRESET: &'static str = "hm3-c2-m8";
    managed!();
}

impl Driven for Mysql {
    const VERSION: &'static str = "8.0";
    with_databases!();
    managed!();
}

impl Driven for SqlServer {
    const VERSION: &'static str = "2019std";
    const PRESET: &'static str = "s2.small";
    with_databases!();
}

impl Driven for Spqr {
    const VERSION: &'static str = "";
    with_databases!();
    managed!();

    fn complete_config(config: &mut Self::ConfigSpec) {
        let infra = spqr_spec::Infra { resources: Some(resources::<Self>()), ..spqr_spec::Infra::default() };
        config.spqr_spec = Some(SpqrSpec { infra: Some(infra), ..SpqrSpec::default() });
    }

    fn complete_host(host: &mut Self::HostSpec) {
        host.r#type = spqr_host::Type::Infra as i32;
    }
}

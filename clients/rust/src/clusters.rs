//! The journeys. What the engines' messages share they share by name only, so the journey is a macro over their packages.

use std::error::Error;
use std::time::{Duration, SystemTime};

use prost_types::FieldMask;
use tonic::Code;

use crate::changes;
use crate::proto::google::r#type::TimeOfDay;
use crate::session::{Session, unpack};

const GIB: i64 = 1 << 30;
const PASSWORD: &str = "a-long-password";

/// Defines the journey of the engine of a package: the id of its service, and what Create and Restore want to know.
macro_rules! journey {
    ($engine:ident, $id:literal, both: { $($both:tt)* }, create: { $($create:tt)* }, restore: { $($restore:tt)* }) => {
        pub async fn $engine(session: &Session) -> Result<String, Box<dyn Error>> {
            use crate::proto::mdb::$engine::v1::cluster::{Environment, Status};
            use crate::proto::mdb::$engine::v1::cluster_service_client::ClusterServiceClient;
            use crate::proto::mdb::$engine::v1::*;

            let mut clusters = ClusterServiceClient::new(session.to($id)?);
            changes::$engine::choose(session).await?;
            let create = CreateClusterRequest {
                folder_id: session.folder.clone(),
                name: concat!(stringify!($engine), "-journey").into(),
                environment: Environment::Production.into(),
                $($create)*
                $($both)*
                ..Default::default()
            };
            let operation = clusters.create(create).await?.into_inner();
            let metadata: CreateClusterMetadata = unpack(operation.metadata.as_ref().ok_or("no metadata")?)?;
            let cluster: Cluster = session.finished(operation).await?;
            assert_eq!((&cluster.id, cluster.status()), (&metadata.cluster_id, Status::Running));

            for (name, found) in [(cluster.name.as_str(), vec![cluster.id.clone()]), ("another", vec![])] {
                let (folder_id, filter) = (session.folder.clone(), format!("name=\"{name}\""));
                let list = ListClustersRequest { folder_id, filter, ..Default::default() };
                let listed = clusters.list(list).await?.into_inner().clusters;
                assert_eq!(listed.into_iter().map(|cluster| cluster.id).collect::<Vec<_>>(), found);
            }

            for _ in 0..3 {
                let backup = BackupClusterRequest { cluster_id: cluster.id.clone() };
                let backed_up: Cluster = session.finished(clusters.backup(backup).await?.into_inner()).await?;
                assert_eq!(backed_up.id, cluster.id);
            }
            let mut page = ListClusterBackupsRequest { cluster_id: cluster.id.clone(), page_size: 2, ..Default::default() };
            let first = clusters.list_backups(page.clone()).await?.into_inner();
            page.page_token = first.next_page_token;
            let second = clusters.list_backups(page).await?.into_inner();
            assert_eq!((first.backups.len(), second.backups.len(), second.next_page_token.as_str()), (2, 1, ""));
            let newest = &first.backups[0];

            let window = TimeOfDay { hours: 3, minutes: 30, ..Default::default() };
            let update = UpdateClusterRequest {
                cluster_id: cluster.id.clone(),
                update_mask: Some(FieldMask { paths: vec!["config_spec.backup_window_start".into()] }),
                config_spec: Some(ConfigSpec { backup_window_start: Some(window), ..Default::default() }),
                ..Default::default()
            };
            let updated: Cluster = session.finished(clusters.update(update.clone()).await?.into_inner()).await?;
            assert_eq!(updated.config.ok_or("no config")?.backup_window_start, Some(window));
            let refusal = clusters.update(update).await.expect_err("there is nothing left to change");
            assert_eq!((refusal.code(), refusal.message()), (Code::FailedPrecondition, "no changes detected"));

            // What a point in time comes after: the second in which the backup ended.
            tokio::time::sleep(Duration::from_secs(2)).await;
            let restore = RestoreClusterRequest {
                backup_id: newest.id.clone(),
                folder_id: session.folder.clone(),
                name: concat!(stringify!($engine), "-restored").into(),
                environment: Environment::Production.into(),
                $($restore)*
                $($both)*
                ..Default::default()
            };
            let restored: Cluster = session.finished(clusters.restore(restore).await?.into_inner()).await?;
            assert_ne!(restored.id, cluster.id);

            changes::$engine::hosts(session, &cluster.id).await?;
            changes::$engine::contents(session, &cluster.id, &newest.id).await?;

            for id in [&cluster.id, &restored.id] {
                let delete = DeleteClusterRequest { cluster_id: id.clone() };
                session.finished::<()>(clusters.delete(delete).await?.into_inner()).await?;
                let get = GetClusterRequest { cluster_id: id.clone() };
                let gone = clusters.get(get).await.expect_err("it is deleted");
                assert_eq!(gone.code(), Code::NotFound);
            }
            Ok(format!("cluster {}, 3 backups, restored as {}, refused with {:?}", cluster.id, restored.id, refusal.code()))
        }
    };
}

journey!(redis, "managed-redis",
    both: {
        config_spec: Some(ConfigSpec {
            version: "8.1-valkey".into(),
            resources: Some(Resources { resource_preset_id: "hm3-c2-m8".into(), disk_size: 16 * GIB, ..Default::default() }),
            redis: Some(config::RedisConfig { password: PASSWORD.into(), ..Default::default() }),
            ..Default::default()
        }),
        host_specs: vec![HostSpec { zone_id: "ru-central1-a".into(), ..Default::default() }],
    },
    create: {},
    restore: {}
);

journey!(mysql, "managed-mysql",
    both: {
        config_spec: Some(ConfigSpec {
            version: "8.0".into(),
            resources: Some(Resources { resource_preset_id: "s3-c2-m8".into(), disk_size: 20 * GIB, ..Default::default() }),
            ..Default::default()
        }),
        host_specs: vec![HostSpec { zone_id: "ru-central1-a".into(), ..Default::default() }],
    },
    create: {
        database_specs: vec![DatabaseSpec { name: "orders".into(), ..Default::default() }],
        user_specs: vec![UserSpec { name: "shop".into(), password: PASSWORD.into(), ..Default::default() }],
    },
    restore: { time: Some(SystemTime::now().into()), }
);

journey!(sqlserver, "managed-sqlserver",
    both: {
        config_spec: Some(ConfigSpec {
            version: "2019ent".into(),
            resources: Some(Resources { resource_preset_id: "s2.small".into(), disk_size: 20 * GIB, ..Default::default() }),
            ..Default::default()
        }),
        host_specs: ["a", "b", "d"]
            .map(|zone| HostSpec { zone_id: format!("ru-central1-{zone}"), ..Default::default() })
            .into(),
    },
    create: { database_specs: vec![DatabaseSpec { name: "orders".into() }], },
    restore: { time: Some(SystemTime::now().into()), }
);

journey!(spqr, "managed-spqr",
    both: {
        network_id: "enpjourney0000000000".into(),
        config_spec: Some(ConfigSpec {
            spqr_spec: Some(SpqrSpec {
                infra: Some(spqr_spec::Infra {
                    resources: Some(Resources { resource_preset_id: "s3-c2-m8".into(), disk_size: 10 * GIB, ..Default::default() }),
                    ..Default::default()
                }),
                ..Default::default()
            }),
            ..Default::default()
        }),
        host_specs: vec![HostSpec {
            zone_id: "ru-central1-a".into(), r#type: host::Type::Infra.into(), ..Default::default()
        }],
    },
    create: { database_specs: vec![DatabaseSpec { name: "orders".into(), ..Default::default() }], },
    restore: { time: Some(SystemTime::now().into()), }
);

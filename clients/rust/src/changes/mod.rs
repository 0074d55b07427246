//! What the journeys look up before a cluster, and change beside its own settings: hosts and shards, users and databases. What the
//! engines' messages share they share by name only, so what is done alike is a macro over their packages.

pub mod mysql;
pub mod redis;
pub mod spqr;
pub mod sqlserver;

use prost_types::FieldMask;

/// A mask of these paths.
fn mask(paths: &[&str]) -> Option<FieldMask> {
    Some(FieldMask { paths: paths.iter().map(|path| (*path).to_owned()).collect() })
}

/// Defines `choose`, which looks up a preset by itself and on one of two pages; then come `more` lookups, if there are any.
macro_rules! choose {
    ($id:literal, $preset:literal, $cores:literal, $gigabytes:literal $(, $more:ident)?) => {
        pub async fn choose(session: &Session) -> Result<(), Box<dyn Error>> {
            use resource_preset_service_client::ResourcePresetServiceClient;
            let mut presets = ResourcePresetServiceClient::new(session.to($id)?);
            let get = GetResourcePresetRequest { resource_preset_id: $preset.into() };
            let shown = presets.get(get).await?.into_inner();
            assert_eq!((shown.cores, shown.memory), ($cores, $gigabytes << 30));
            let mut page = ListResourcePresetsRequest { page_size: 2, ..Default::default() };
            let first = presets.list(page.clone()).await?.into_inner();
            (page.page_size, page.page_token) = (1000, first.next_page_token);
            let second = presets.list(page).await?.into_inner();
            assert_eq!(first.resource_presets.len(), 2);
            assert!(first.resource_presets.contains(&shown) || second.resource_presets.contains(&shown));
            $($more(session).await?;)?
            Ok(())
        }
    };
}

/// Defines `listed`, which lists the hosts of a cluster, and `updated`, which updates one.
macro_rules! hosts {
    () => {
        type Clusters = ClusterServiceClient<Authorized>;

        async fn listed(clusters: &mut Clusters, cluster_id: &str) -> Result<Vec<Host>, Box<dyn Error>> {
            let list = ListClusterHostsRequest { cluster_id: cluster_id.into(), ..Default::default() };
            Ok(clusters.list_hosts(list).await?.into_inner().hosts)
        }

        /// The host as it is afterwards. The same once more changes nothing, and is refused.
        async fn updated(
            session: &Session,
            clusters: &mut Clusters,
            cluster_id: &str,
            spec: UpdateHostSpec,
        ) -> Result<Host, Box<dyn Error>> {
            let name = spec.host_name.clone();
            let request = UpdateClusterHostsRequest { cluster_id: cluster_id.into(), update_host_specs: vec![spec] };
            session.finished::<()>(clusters.update_hosts(request.clone()).await?.into_inner()).await?;
            let refusal = clusters.update_hosts(request).await.expect_err("there is nothing left to change");
            assert_eq!(refusal.code(), Code::FailedPrecondition);
            let hosts = listed(clusters, cluster_id).await?;
            Ok(hosts.into_iter().find(|host| host.name == name).ok_or("the host has gone")?)
        }
    };
}

/// Defines `added`, which adds a host and returns its name, and `deleted`, which deletes one.
macro_rules! more_and_fewer_hosts {
    () => {
        async fn added(
            session: &Session,
            clusters: &mut Clusters,
            cluster_id: &str,
            spec: HostSpec,
        ) -> Result<String, Box<dyn Error>> {
            let request = AddClusterHostsRequest { cluster_id: cluster_id.into(), host_specs: vec![spec] };
            let operation = clusters.add_hosts(request).await?.into_inner();
            let metadata: AddClusterHostsMetadata = unpack(operation.metadata.as_ref().ok_or("no metadata")?)?;
            session.finished::<()>(operation).await?;
            let hosts = listed(clusters, cluster_id).await?;
            assert_eq!(hosts.last().map(|host| &host.name), metadata.host_names.last());
            Ok(metadata.host_names.into_iter().next().ok_or("no host")?)
        }

        async fn deleted(
            session: &Session,
            clusters: &mut Clusters,
            cluster_id: &str,
            name: &str,
        ) -> Result<(), Box<dyn Error>> {
            let request = DeleteClusterHostsRequest { cluster_id: cluster_id.into(), host_names: vec![name.into()] };
            session.finished::<()>(clusters.delete_hosts(request.clone()).await?.into_inner()).await?;
            assert!(listed(clusters, cluster_id).await?.iter().all(|host| host.name != name));
            let gone = clusters.delete_hosts(request).await.expect_err("it is deleted");
            assert_eq!(gone.code(), Code::NotFound);
            Ok(())
        }
    };
}

/// Defines `shards`, which adds a shard of the name `late` and deletes it.
macro_rules! shards {
    () => {
        async fn shards(
            session: &Session,
            clusters: &mut Clusters,
            add: AddClusterShardRequest,
        ) -> Result<(), Box<dyn Error>> {
            let cluster_id = add.cluster_id.clone();
            let list = ListClusterShardsRequest { cluster_id: cluster_id.clone(), ..Default::default() };
            let before = clusters.list_shards(list.clone()).await?.into_inner().shards;
            let shard: Shard = session.finished(clusters.add_shard(add.clone()).await?.into_inner()).await?;
            let get = GetClusterShardRequest { cluster_id: cluster_id.clone(), shard_name: "late".into() };
            assert_eq!(clusters.get_shard(get).await?.into_inner(), shard);
            let after = clusters.list_shards(list.clone()).await?.into_inner().shards;
            assert_eq!(after.len(), before.len() + 1);
            let twice = clusters.add_shard(add).await.expect_err("it is there");
            assert_eq!(twice.code(), Code::AlreadyExists);
            let delete = DeleteClusterShardRequest { cluster_id, shard_name: "late".into() };
            session.finished::<()>(clusters.delete_shard(delete).await?.into_inner()).await?;
            assert_eq!(clusters.list_shards(list).await?.into_inner().shards, before);
            Ok(())
        }
    };
}

/// Defines `changed`, which makes a user, changes it, which a second time is refused, and returns it as it is then; and `forgotten`,
/// which deletes it.
macro_rules! users {
    () => {
        type Users = user_service_client::UserServiceClient<Authorized>;

        async fn changed(
            session: &Session,
            users: &mut Users,
            spec: UserSpec,
            update: UpdateUserRequest,
        ) -> Result<User, Box<dyn Error>> {
            let create = CreateUserRequest { cluster_id: update.cluster_id.clone(), user_spec: Some(spec) };
            let user: User = session.finished(users.create(create).await?.into_inner()).await?;
            assert_eq!(user.name, update.user_name);
            let changed: User = session.finished(users.update(update.clone()).await?.into_inner()).await?;
            assert_ne!(changed, user);
            let refusal = users.update(update).await.expect_err("there is nothing left to change");
            assert_eq!((refusal.code(), refusal.message()), (Code::FailedPrecondition, "no changes detected"));
            Ok(changed)
        }

        async fn forgotten(session: &Session, users: &mut Users, user: &User) -> Result<(), Box<dyn Error>> {
            let (cluster_id, user_name) = (user.cluster_id.clone(), user.name.clone());
            let get = GetUserRequest { cluster_id: cluster_id.clone(), user_name: user_name.clone() };
            assert_eq!(users.get(get.clone()).await?.into_inner(), *user);
            let delete = DeleteUserRequest { cluster_id, user_name };
            session.finished::<()>(users.delete(delete).await?.into_inner()).await?;
            assert_eq!(users.get(get).await.expect_err("it is deleted").code(), Code::NotFound);
            Ok(())
        }
    };
}

use {choose, hosts, more_and_fewer_hosts, shards, users};

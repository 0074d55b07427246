//! Requests as messages of an engine.

use mdb_emulator::contract::engine::fields::methods::*;
use mdb_emulator::contract::proto::google::r#type::TimeOfDay;
use mdb_emulator::engines::Messages;
use prost_types::FieldMask;

use crate::driven::Driven;
use crate::model::OWNER;
use crate::request::{Change, Settings, Source};

pub fn update_request<E: Messages>(id: String, change: &Change) -> E::UpdateClusterRequest {
    let mut request = E::UpdateClusterRequest::default();
    let mut config = E::ConfigSpec::default();
    request.set_cluster_id(id);
    let path = match change {
        Change::Rename { name } => {
            request.set_name(name.clone());
            "name"
        }
        Change::Protect { protected } => {
            request.set_deletion_protection(*protected);
            "deletion_protection"
        }
        Change::SetWindow { minutes } => {
            config.set_backup_window_start(minutes.map(time_of_day));
            "config_spec.backup_window_start"
        }
        Change::SetRetention { days } => {
            config.set_backup_retain_period_days(*days);
            "config_spec.backup_retain_period_days"
        }
        _ => unreachable!("the change is no update"),
    };
    request.set_config_spec(Some(config));
    request.set_update_mask(Some(FieldMask { paths: vec![path.into()] }));
    request
}

pub fn create_request<E: Driven>(settings: &Settings) -> E::CreateClusterRequest {
    let mut request = E::CreateClusterRequest::default();
    request.set_folder_id(settings.folder.clone());
    request.set_name(settings.name.clone());
    request.set_environment(1);
    request.set_deletion_protection(settings.protected);
    request.set_config_spec(Some(config::<E>(settings)));
    request.set_host_specs(vec![host::<E>()]);
    request.set_user_specs(vec![user_spec::<E>(OWNER)]);
    request
}

pub fn restore_request<E: Driven>(source: &Source, settings: &Settings) -> E::RestoreClusterRequest {
    let mut request = E::RestoreClusterRequest::default();
    match source {
        Source::Backup { id, time, inclusive } => {
            request.set_backup_id(id.clone());
            request.set_time(time.map(Into::into));
            request.set_time_inclusive(*inclusive);
        }
        Source::Cluster { id, time } => {
            request.set_source_cluster_id(id.clone());
            request.set_time(Some((*time).into()));
        }
    }
    request.set_folder_id(settings.folder.clone());
    request.set_name(settings.name.clone());
    request.set_environment(1);
    request.set_deletion_protection(settings.protected);
    request.set_config_spec(Some(config::<E>(settings)));
    request.set_host_specs(vec![host::<E>()]);
    request
}

fn config<E: Driven>(settings: &Settings) -> E::ConfigSpec {
    let mut config = E::ConfigSpec::default();
    config.set_version(E::VERSION.into());
    config.set_resources(Some(resources::<E>()));
    config.set_backup_window_start(settings.window.map(time_of_day));
    config.set_backup_retain_period_days(settings.retention_days);
    E::complete_config(&mut config);
    config
}

pub fn host<E: Driven>() -> E::HostSpec {
    let mut host = E::HostSpec::default();
    host.set_zone_id("ru-central1-a".into());
    E::complete_host(&mut host);
    host
}

pub fn resources<E: Driven>() -> E::Resources {
    let mut resources = E::Resources::default();
    resources.set_resource_preset_id(E::PRESET.into());
    resources.set_disk_size(20 << 30);
    resources
}

pub fn user_spec<E: Messages>(name: &str) -> E::UserSpec {
    let mut spec = E::UserSpec::default();
    spec.set_name(name.into());
    spec
}

fn time_of_day(minutes: u16) -> TimeOfDay {
    TimeOfDay { hours: i32::from(minutes / 60), minutes: i32::from(minutes % 60), ..TimeOfDay::default() }
}

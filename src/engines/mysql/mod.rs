//! MySQL.

mod contents;
mod presets;
mod settings;
mod topology;

use super::{Backups, Mysql, Named};
use crate::contract::proto::yandex::cloud::mdb::mysql::v1::CreateClusterRequest;
use crate::engines::shared::rules::Rules;
use crate::universe::EngineName;

impl Named for Mysql {
    const NAME: EngineName = EngineName("mysql");
    const TITLE: &'static str = "MySQL";
}

impl Backups for Mysql {
    fn check_retention(request: &CreateClusterRequest, rules: &mut Rules) {
        if !request.retention_policies.is_empty() {
            rules.broken("retention_policies", "are not emulated yet: leave them out");
        }
    }
}

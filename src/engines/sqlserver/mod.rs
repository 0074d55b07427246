//! SQL Server.

mod contents;
mod presets;
mod settings;
mod topology;

use super::{Backups, Named, SqlServer};
use crate::contract::proto::yandex::cloud::mdb::sqlserver::v1::CreateClusterRequest;
use crate::universe::EngineName;

impl Named for SqlServer {
    const NAME: EngineName = EngineName("sqlserver");
    const TITLE: &'static str = "SQL Server";
}

impl Backups for SqlServer {
    fn inherit(request: &mut CreateClusterRequest, source: &CreateClusterRequest) {
        request.sqlcollation.clone_from(&source.sqlcollation);
    }
}

/// Whether a cluster is of the standard edition, which has one host; one of the enterprise edition has one or three.
fn is_standard(request: &CreateClusterRequest) -> bool {
    request.config_spec.as_ref().is_some_and(|config| config.version.ends_with("std"))
}

//! SQL Server.

mod contents;
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

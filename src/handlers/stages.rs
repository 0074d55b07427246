//! The stages of each operation, with lengths for realistic time. That a cluster takes ten minutes is what the service's
//! users say, and that access bindings take half a second is observed; how the time is spent, and all else here, is our choice. Stages of
//! plain resources stand with their kinds.

use crate::universe::Stage;

const fn stage(name: &'static str, seconds: i64) -> Stage {
    Stage { name, seconds }
}

pub const CREATE: &[Stage] = &[stage("allocate hosts", 180), stage("install", 300), stage("start", 120)];
pub const RESTORE: &[Stage] = &[stage("allocate hosts", 180), stage("fetch backup", 600), stage("start", 120)];
pub const UPDATE: &[Stage] = &[stage("prepare", 30), stage("apply", 150)];
pub const ADD_HOSTS: &[Stage] = &[stage("allocate hosts", 180), stage("copy", 120)];
pub const UPDATE_HOSTS: &[Stage] = &[stage("apply", 60)];
pub const DELETE_HOSTS: &[Stage] = &[stage("hand over", 30), stage("release hosts", 60)];
pub const RESETUP_HOSTS: &[Stage] = &[stage("hand over", 30), stage("install", 300), stage("copy", 120)];
pub const FAILOVER: &[Stage] = &[stage("hand over", 30)];
pub const REBALANCE: &[Stage] = &[stage("move slots", 180)];
pub const ENABLE_SHARDING: &[Stage] = &[stage("prepare", 30), stage("restart", 120)];
pub const DELETE: &[Stage] = &[stage("stop", 30), stage("release hosts", 90)];
pub const START: &[Stage] = &[stage("start hosts", 60), stage("start", 60)];
pub const STOP: &[Stage] = &[stage("stop", 60)];
pub const MOVE: &[Stage] = &[stage("move", 20)];
pub const BACKUP: &[Stage] = &[stage("copy", 240), stage("upload", 60)];
pub const DELETE_BACKUP: &[Stage] = &[stage("delete", 20)];
pub const CHANGE_CONTENTS: &[Stage] = &[stage("apply", 20)];
pub const RESTORE_DATABASE: &[Stage] = &[stage("fetch backup", 300), stage("restore", 60)];
pub const IMPORT_BACKUP: &[Stage] = &[stage("fetch files", 300), stage("restore", 60)];
pub const EXPORT_BACKUP: &[Stage] = &[stage("upload", 300)];
pub const BINDINGS: &[Stage] = &[stage("apply", 1)];

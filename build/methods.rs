//! What the contract does not say of its RPCs: a row for each RPC that needs one.
//!
//! An RPC is named by its shape, `Service.Method`, without the package: a row holds for every engine that has the RPC. A row of which
//! the contract has no RPC fails the build.

use std::collections::BTreeSet;

use prost_reflect::MethodDescriptor;

use Fact::{AlsoVerb, Changes, Looks, Open, Own, Unimplemented};

/// One thing that the contract does not say of an RPC.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fact {
    /// It has no handler yet, and answers UNIMPLEMENTED.
    Unimplemented,
    /// It changes the universe, though it does not answer with an operation.
    Changes,
    /// It belongs to the control API and changes nothing, so it ignores an idempotency key.
    Looks,
    /// It needs no token: clients call it to get one, or to find where they get one.
    Open,
    /// It is one of the RPCs that every kind of plain resource has, but differs from those of other kinds: its handler stands in the file
    /// of its service.
    Own,
    /// REST reaches it by this verb too (documented), at the path of the annotated http rule.
    AlsoVerb(&'static str),
}

/// The rows. Those with [`Unimplemented`] may only become fewer.
const ROWS: &[(&str, &[Fact])] = &[
    ("ApiEndpointService.Get", &[Open]),
    ("ApiEndpointService.List", &[Open]),
    ("AccessKeyService.Create", &[Own, Changes]),
    ("AccessKeyService.List", &[Own]),
    ("ClockService.Get", &[Looks]),
    ("CloudService.Delete", &[Own]),
    ("CloudService.List", &[Own]),
    ("FolderService.Delete", &[Own]),
    ("FolderService.List", &[Own]),
    ("IamTokenService.Create", &[Open]),
    ("IamTokenService.Revoke", &[Changes]),
    ("KeyService.Create", &[Own, Changes]),
    ("KeyService.List", &[Own]),
    ("OperationService.Cancel", &[AlsoVerb("POST")]),
    ("UniverseService.Get", &[Looks]),
    ("UniverseService.List", &[Looks]),
    // A list of what is in a folder makes the folder, so that what it shows is found again by its id.
    ("NetworkService.List", &[Changes]),
    ("SecurityGroupService.List", &[Changes]),
    ("SubnetService.List", &[Changes]),
    // RPCs without a handler.
    ("BackupRetentionPolicyService.Create", &[Unimplemented]),
    ("BackupRetentionPolicyService.Delete", &[Unimplemented]),
    ("BackupRetentionPolicyService.Get", &[Unimplemented]),
    ("BackupRetentionPolicyService.List", &[Unimplemented]),
    ("BackupRetentionPolicyService.ListByFolder", &[Unimplemented]),
    ("ChangeFreezeService.Create", &[Unimplemented]),
    ("ChangeFreezeService.Get", &[Unimplemented]),
    ("ChangeFreezeService.GetLimits", &[Unimplemented]),
    ("ChangeFreezeService.List", &[Unimplemented]),
    ("ChangeFreezeService.Terminate", &[Unimplemented]),
    ("ClusterService.ListLogs", &[Unimplemented]),
    ("ClusterService.RescheduleMaintenance", &[Unimplemented]),
    ("ClusterService.StreamLogs", &[Unimplemented]),
    ("MaintenanceService.Get", &[Unimplemented]),
    ("MaintenanceService.List", &[Unimplemented]),
    ("MaintenanceService.Reschedule", &[Unimplemented]),
];

/// The rows, and which of them an RPC has asked for.
pub struct Facts {
    unused: BTreeSet<&'static str>,
}

impl Facts {
    /// All rows, none of them asked for.
    pub fn new() -> Result<Self, String> {
        let mut unused = BTreeSet::new();
        for (shape, _) in ROWS {
            if !unused.insert(*shape) {
                return Err(format!("build/methods.rs has two rows of {shape}"));
            }
        }
        Ok(Self { unused })
    }

    /// What the row of an RPC says; nothing if it has none.
    pub fn of(&mut self, method: &MethodDescriptor) -> &'static [Fact] {
        let shape = format!("{}.{}", method.parent_service().name(), method.name());
        self.unused.remove(shape.as_str());
        ROWS.iter().find(|(of, _)| *of == shape).map_or(&[], |(_, facts)| facts)
    }

    /// Fails if there is a row that no RPC has asked for.
    pub fn all_used(&self) -> Result<(), String> {
        match self.unused.first() {
            Some(shape) => Err(format!("build/methods.rs has a row of {shape}, which is no RPC of the contract")),
            None => Ok(()),
        }
    }
}

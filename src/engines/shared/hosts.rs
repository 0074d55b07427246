//! Who leads, and who takes over.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::engines::Topology;
use crate::universe::cluster::Host;

/// A wish for other leaders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Switch<'a> {
    /// These hosts shall lead.
    To(Vec<&'a str>),
    /// These hosts, which lead, shall follow.
    From(Vec<&'a str>),
    /// No host of this zone shall lead.
    FromZone(&'a str),
    /// All that lead shall follow.
    FromAll,
}

/// What a host has to do with the lead of its group, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lead {
    /// It gives the lead away, or does not take it, if another can.
    Yields,
    /// It takes the lead if nobody has it.
    Open,
    /// It leads.
    Holds,
    /// It takes the lead from whoever has it.
    Takes,
}

impl Lead {
    /// What a host has to do with the lead as long as nobody wishes for anything.
    pub fn of<E: Topology>(host: &Host) -> Self {
        if host.role == E::LEADER { Self::Holds } else { Self::Open }
    }
}

/// The roles of all hosts of a cluster: one of each group leads. The first that holds the lead goes on leading; if none does, the host of
/// the best standing leads, and of several the first.
pub fn roles<E: Topology>(hosts: &[(&E::HostSpec, Lead)]) -> Vec<i32> {
    let groups: BTreeSet<&str> = hosts.iter().map(|(host, _)| E::group(host)).collect();
    let leaders: BTreeSet<usize> = groups.into_iter().filter_map(|group| leader::<E>(hosts, group)).collect();
    let role = |(index, (host, _)): (usize, &(&E::HostSpec, Lead))| {
        if leaders.contains(&index) || E::leads_beside_others(host) { E::LEADER } else { E::FOLLOWER }
    };
    hosts.iter().enumerate().map(role).collect()
}

/// The index of the host that leads a group.
fn leader<E: Topology>(hosts: &[(&E::HostSpec, Lead)], group: &str) -> Option<usize> {
    let may_lead = |host: &E::HostSpec| E::group(host) == group && E::source(host).is_empty();
    let candidates = hosts.iter().enumerate().filter(|(_, (host, _))| may_lead(host));
    let best = candidates.min_by_key(|(_, (host, lead))| {
        let standing = E::standing(host).filter(|_| *lead != Lead::Holds);
        Reverse((standing.is_some() || *lead != Lead::Open, *lead, standing))
    });
    best.map(|(index, _)| index)
}

/// The hosts of a cluster with the roles that follow from what each has to do with the lead.
pub fn with_roles<E: Topology>(mut hosts: Vec<Host>, lead: impl Fn(&Host) -> Lead) -> Vec<Host> {
    let leads: Vec<(&E::HostSpec, Lead)> = hosts.iter().map(|host| (host.spec.open(), lead(host))).collect();
    let roles = roles::<E>(&leads);
    hosts.iter_mut().zip(roles).for_each(|(host, role)| host.role = role);
    hosts
}

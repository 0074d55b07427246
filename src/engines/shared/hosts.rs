//! The roles of hosts.

/// Gives the first host the leader's role, and the others the follower's.
pub fn first_leads<Spec: Clone>(hosts: &[Spec], leader: i32, follower: i32) -> Vec<(Spec, i32)> {
    first_of_each_leads(hosts, |_| (), leader, follower)
}

/// Gives the first host of each group the leader's role, and the others the follower's.
pub fn first_of_each_leads<Spec: Clone, Group: PartialEq>(
    hosts: &[Spec],
    group_of: impl Fn(&Spec) -> Group,
    leader: i32,
    follower: i32,
) -> Vec<(Spec, i32)> {
    let mut led = Vec::new();
    let with_role = |host: &Spec| {
        let group = group_of(host);
        if led.contains(&group) {
            return (host.clone(), follower);
        }
        led.push(group);
        (host.clone(), leader)
    };
    hosts.iter().map(with_role).collect()
}

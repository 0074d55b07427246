//! Many backups that expire at one instant.

use mdb_emulator::engines::Named;
use mdb_emulator::handlers::{Call, cluster, operation};
use mdb_emulator::universe::{BackupPosition, Universe};
use mdb_emulator::worlds::World;

use crate::*;

/// How many backups there are.
const MANY: usize = 3000;

/// How many things happen at a time.
const AT_ONCE: usize = 1000;

fn method(name: &str) -> &'static Method {
    METHODS.iter().find(|method| method.path == format!("/yandex.cloud.mdb.redis.v1.ClusterService/{name}")).unwrap()
}

/// Makes backups without a call for each.
fn back_up(world: &World, id: &str, times: usize) {
    for _ in 0..times {
        let back_up = |universe: &mut Universe| {
            let call = Call::inside(method("Backup"), universe.now(), "tester");
            let request = redis::v1::BackupClusterRequest { cluster_id: id.into() };
            let plan = cluster::backup::<Redis>(&call, universe, request)?;
            operation::carried_out(&call, universe, plan)
        };
        world.try_change(back_up).unwrap();
    }
}

fn listed(universe: &Universe) -> usize {
    universe.backups_in(Redis::NAME, FOLDER, BackupPosition::END).count()
}

#[test]
fn backups_that_expire_at_once_go_a_bounded_number_at_a_time() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let world = cloud.world();
    back_up(&world, &cluster, MANY);
    cloud.delete::<Redis>(&cluster);
    let mut universe = cloud.value();
    assert_eq!((universe.backup_count(), listed(&universe)), (MANY, MANY));
    let to = universe.now().plus(7 * DAY * NANOS);
    assert!(universe.settle_some(to.plus(-1), AT_ONCE), "until then they are kept");
    assert_eq!(universe.backup_count(), MANY);
    let mut turns = 0;
    loop {
        let before = universe.backup_count();
        let arrived = universe.settle_some(to, AT_ONCE);
        assert!(before - universe.backup_count() <= AT_ONCE, "{} at once", before - universe.backup_count());
        assert_eq!(universe.backup_count(), listed(&universe));
        if arrived {
            break;
        }
        turns += 1;
    }
    assert!(turns >= MANY / AT_ONCE, "{turns} turns");
    assert_eq!((universe.backup_count(), universe.records().count()), (0, 0));

    // By a call it is the same.
    cloud.advance(7 * DAY - 1);
    assert_eq!(cloud.backups_in::<Redis>(FOLDER).len(), 100);
    cloud.advance(1);
    assert!(cloud.backups_in::<Redis>(FOLDER).is_empty());
    assert!(cloud.value() == universe);
}

#[test]
fn a_read_that_many_expiries_come_before_shows_none_of_them() {
    let machine = Machine::at_noon();
    let cloud = Cloud::following(&machine);
    let cluster = cloud.created::<Redis>("main");
    back_up(&cloud.world(), &cluster, MANY);
    cloud.delete::<Redis>(&cluster);
    machine.pass(7 * DAY);
    let world = cloud.world();
    // A look is not yet answered for as long as much is due, so that other calls get their turn.
    let mut turns = 0;
    let left = loop {
        match world.try_read().unwrap() {
            Some((universe, _)) => break universe.backup_count(),
            None => turns += 1,
        }
    };
    assert_eq!(left, 0);
    assert_eq!(turns, MANY / AT_ONCE);
    assert!(cloud.backups_in::<Redis>(FOLDER).is_empty());
}

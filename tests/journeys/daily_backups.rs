//! Backups that come by themselves, and those that go by themselves.

use crate::common::*;

for_every_engine! {
    a_running_cluster_gets_one_backup_a_day_within_half_an_hour_of_its_window
    a_window_near_midnight_has_its_backup_on_its_own_day
    a_moved_window_moves_the_next_backup
    a_stopped_cluster_gets_no_backups
    an_automatic_backup_expires_after_its_seven_days
    a_week_at_once_is_a_week_of_hours
}

for_every_managed_engine! {
    a_changed_retention_moves_the_expiry_of_what_is_there
    an_automatic_backup_cannot_be_deleted
}

fn a_running_cluster_gets_one_backup_a_day_within_half_an_hour_of_its_window<E: Sample>() {
    let cloud = Cloud::start();
    let mut request = E::new_cluster("main");
    set_window::<E>(&mut request, 3);
    let cluster = cloud.created_by::<E>(request);
    let midnight = cloud.now().seconds / DAY * DAY;
    for day in 1..=5 {
        cloud.advance(DAY);
        let backups = cloud.backups::<E>(&cluster);
        assert_eq!(i64::try_from(backups.len()).unwrap(), day);
        let begun = backups[0].started_at().unwrap().seconds - (midnight + day * DAY);
        assert!((3 * HOUR..3 * HOUR + 30 * MINUTE).contains(&begun), "begun {begun} s after midnight");
        assert_eq!(backups[0].source_cluster_id(), cluster);
    }
}

fn a_window_near_midnight_has_its_backup_on_its_own_day<E: Sample>() {
    let cloud = Cloud::start();
    let mut request = E::new_cluster("main");
    let mut config = request.config_spec().cloned().unwrap();
    config.set_backup_window_start(Some(TimeOfDay { hours: 23, minutes: 58, ..Default::default() }));
    request.set_config_spec(Some(config));
    let cluster = cloud.created_by::<E>(request);
    for day in 1..=5 {
        cloud.advance(DAY);
        let backups = cloud.backups::<E>(&cluster);
        assert_eq!(backups.len(), day);
        let begun = backups[0].started_at().unwrap().seconds % DAY;
        assert!((DAY - 2 * MINUTE..DAY).contains(&begun), "begun {begun} s after midnight");
    }
}

/// Whenever the window begins: so many days, so many backups.
#[test]
fn no_day_goes_without_a_backup() {
    const DAYS: i64 = 12;
    let cloud = Cloud::start();
    let ends = [(23, 59, 59, 999_999_999), (0, 0, 0, 0), (12, 0, 0, 1)];
    let minutes = (0..24 * 60).step_by(7).map(|minute| (minute / 60, minute % 60, 0, 0));
    let clusters: Vec<_> = ends
        .into_iter()
        .chain(minutes)
        .enumerate()
        .map(|(index, (hours, minutes, seconds, nanos))| {
            let mut request = Redis::new_cluster(&format!("c{index}"));
            let config = request.config_spec.as_mut().unwrap();
            config.backup_window_start = Some(TimeOfDay { hours, minutes, seconds, nanos });
            config.backup_retain_period_days = Some(60);
            (config.backup_window_start.unwrap(), cloud.created_by::<Redis>(request))
        })
        .collect();
    // From a midnight on, so that each day is whole.
    cloud.advance(DAY - cloud.now().seconds % DAY);
    let count = |cluster: &str| i64::try_from(cloud.backups::<Redis>(cluster).len()).unwrap();
    let before: Vec<i64> = clusters.iter().map(|(_, cluster)| count(cluster)).collect();
    // A backup that began just before midnight is listed a little later.
    cloud.advance(DAYS * DAY + HOUR);
    for ((window, cluster), before) in clusters.iter().zip(before) {
        let begun: std::collections::BTreeSet<i64> =
            cloud.backups::<Redis>(cluster).iter().map(|backup| backup.started_at.unwrap().seconds / DAY).collect();
        let days: Vec<i64> = begun.into_iter().collect();
        assert!(days.windows(2).all(|pair| pair[1] == pair[0] + 1), "{window:?}: no day is left out of {days:?}");
        assert!(count(cluster) - before >= DAYS, "{window:?}: {} backups", count(cluster) - before);
    }
}

fn a_moved_window_moves_the_next_backup<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let mut request = E::UpdateClusterRequest::default();
    request.set_cluster_id(cluster.clone());
    request.set_update_mask(mask(&["config_spec.backup_window_start"]));
    let mut config = E::ConfigSpec::default();
    config.set_backup_window_start(Some(TimeOfDay { hours: 14, minutes: 30, ..Default::default() }));
    request.set_config_spec(Some(config));
    let updated: E::Cluster = response(&cloud.done(E::update(&cloud, request)));
    let window = updated.config().unwrap().backup_window_start().copied().unwrap();
    assert_eq!((window.hours, window.minutes), (14, 30));
    assert_eq!(updated, cloud.cluster::<E>(&cluster));

    // It is noon.
    cloud.advance(2 * HOUR + 30 * MINUTE - 1);
    assert!(cloud.backups::<E>(&cluster).is_empty());
    cloud.advance(30 * MINUTE);
    assert_eq!(cloud.backups::<E>(&cluster).len(), 1);
    // The window of before brings no second one that day.
    cloud.advance(9 * HOUR);
    assert_eq!(cloud.backups::<E>(&cluster).len(), 1);
}

fn a_stopped_cluster_gets_no_backups<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    cloud.stop::<E>(&cluster);
    cloud.advance(3 * DAY);
    assert!(cloud.backups::<E>(&cluster).is_empty());
    cloud.start_again::<E>(&cluster);
    assert!(cloud.backups::<E>(&cluster).is_empty(), "what was missed is not made up for");
    cloud.advance(DAY);
    assert_eq!(cloud.backups::<E>(&cluster).len(), 1);
}

fn an_automatic_backup_expires_after_its_seven_days<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    cloud.advance(DAY);
    let first = cloud.backups::<E>(&cluster).swap_remove(0);
    let left = first.created_at().unwrap().seconds + 7 * DAY - cloud.now().seconds;
    cloud.advance(left - 1);
    assert_eq!(cloud.backups::<E>(&cluster).last(), Some(&first));
    cloud.advance(1);
    assert!(!cloud.backups::<E>(&cluster).contains(&first));
    assert!(!cloud.backups_in::<E>(FOLDER).contains(&first));
    cloud.advance(30 * DAY);
    // To noon, when no window is open.
    cloud.advance(DAY - (cloud.now().seconds - 12 * HOUR) % DAY);
    let kept = cloud.backups::<E>(&cluster);
    assert_eq!(kept.len(), 7, "a week of backups is kept, and no more");
}

fn a_week_at_once_is_a_week_of_hours<E: Sample>() {
    let (at_once, hourly) = (Cloud::start(), Cloud::start());
    let cluster = at_once.created::<E>("main");
    assert_eq!(hourly.created::<E>("main"), cluster, "the same seed and calls");
    at_once.advance(9 * DAY);
    for _ in 0..9 * 24 {
        hourly.advance(HOUR);
    }
    assert_eq!(at_once.backups::<E>(&cluster), hourly.backups::<E>(&cluster));
    assert_eq!(at_once.cluster::<E>(&cluster), hourly.cluster::<E>(&cluster));
}

fn a_changed_retention_moves_the_expiry_of_what_is_there<E: Sample + ManagedMessages>() {
    let cloud = Cloud::start();
    let mut request = E::new_cluster("main");
    let mut config = request.config_spec().cloned().unwrap();
    config.set_backup_retain_period_days(Some(30));
    request.set_config_spec(Some(config));
    let cluster = cloud.created_by::<E>(request);
    cloud.advance(20 * DAY);
    assert_eq!(cloud.backups::<E>(&cluster).len(), 20);

    let mut request = E::UpdateClusterRequest::default();
    request.set_cluster_id(cluster.clone());
    request.set_update_mask(mask(&["config_spec.backup_retain_period_days"]));
    let mut config = E::ConfigSpec::default();
    config.set_backup_retain_period_days(Some(10));
    request.set_config_spec(Some(config));
    let updated: E::Cluster = response(&cloud.done(E::update(&cloud, request)));
    assert_eq!(updated.config().unwrap().backup_retain_period_days(), Some(10));
    let oldest_kept = cloud.now().seconds - 10 * DAY;
    let backups = cloud.backups::<E>(&cluster);
    assert_eq!(backups.len(), 10);
    assert!(backups.iter().all(|backup| backup.created_at().unwrap().seconds > oldest_kept));
}

fn an_automatic_backup_cannot_be_deleted<E: Sample + ManagedRpcs>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    cloud.advance(DAY);
    let backup = cloud.backups::<E>(&cluster).swap_remove(0);
    let mut request = E::DeleteBackupRequest::default();
    request.set_backup_id(backup.id().into());
    let refusal = refused(E::delete_backup(&cloud, request));
    assert_eq!((refusal.code, refusal.about), (Code::FailedPrecondition, vec!["BACKUP_TYPE".to_owned()]));
    assert_eq!(cloud.backups::<E>(&cluster), [backup]);
}

fn set_window<E: Sample>(request: &mut E::CreateClusterRequest, hours: i32) {
    let mut config = request.config_spec().cloned().unwrap();
    config.set_backup_window_start(Some(TimeOfDay { hours, ..Default::default() }));
    request.set_config_spec(Some(config));
}

/// What only some engines tell of a backup.
mod kinds {
    use super::*;

    #[test]
    fn automatic_and_manual_backups_can_be_told_apart() {
        assert_eq!(kinds_of::<Redis>(), [2, 1]);
        assert_eq!(kinds_of::<Mysql>(), [2, 1]);
        assert_eq!(kinds_of::<Spqr>(), [2, 1]);
    }

    /// Of a manual and of a daily backup, newest first.
    fn kinds_of<E: Sample>() -> Vec<i32> {
        let cloud = Cloud::start();
        let cluster = cloud.created::<E>("main");
        cloud.advance(DAY);
        cloud.backed_up::<E>(&cluster);
        cloud.backups::<E>(&cluster).iter().map(|backup| backup.r#type()).collect()
    }

    #[test]
    fn manual_backups_of_redis_expire_after_seven_days() {
        assert_eq!(manual_left_after::<Redis>(7 * DAY - 1), 1);
        assert_eq!(manual_left_after::<Redis>(7 * DAY), 0);
    }

    #[test]
    fn manual_backups_of_the_other_engines_stay() {
        assert_eq!(manual_left_after::<Mysql>(3650 * DAY), 1);
        assert_eq!(manual_left_after::<SqlServer>(3650 * DAY), 1);
        assert_eq!(manual_left_after::<Spqr>(3650 * DAY), 1);
    }

    /// Of one manual backup of a cluster that then stands still.
    fn manual_left_after<E: Sample>(seconds: i64) -> usize {
        let cloud = Cloud::start();
        let cluster = cloud.created::<E>("main");
        cloud.backed_up::<E>(&cluster);
        cloud.stop::<E>(&cluster);
        cloud.advance(seconds);
        cloud.backups::<E>(&cluster).len()
    }

    #[test]
    fn backups_say_what_is_in_them() {
        let cloud = Cloud::start();
        let mysql = cloud.created::<Mysql>("main");
        let backup = cloud.backed_up::<Mysql>(&mysql);
        assert!(backup.size > 0 && backup.journal_size > 0 && backup.status == 1, "{backup:?}");
        let sqlserver = cloud.created::<SqlServer>("main");
        assert_eq!(cloud.backed_up::<SqlServer>(&sqlserver).databases, ["orders"]);
        let redis = cloud.created::<Redis>("main");
        assert_eq!(cloud.backed_up::<Redis>(&redis).source_shard_names, ["shard1"]);
        let spqr = cloud.created::<Spqr>("main");
        let backup = cloud.backed_up::<Spqr>(&spqr);
        assert_eq!(backup.source_shard_names, ["first"]);
        assert!(backup.size > 0);
    }
}

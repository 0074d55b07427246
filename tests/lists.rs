//! Lists: sizes of pages, tokens, order and filters.

// A test may panic.
#![allow(clippy::unwrap_used)]

#[macro_use]
mod common;

use common::*;
use mdb_emulator::contract::proto::mdb::emulator::v1::{CreateUniverseRequest, ListUniversesRequest};

for_every_engine! {
    a_page_has_a_hundred_entries_unless_it_says_otherwise
    page_sizes_are_from_0_to_1000
    pages_end_to_end_are_the_list
    a_list_of_backups_is_stable_while_new_ones_come_and_old_ones_go
    tokens_that_were_not_made_for_the_list_are_refused
    clusters_are_filtered_by_name
    other_filters_are_refused_by_what_is_wrong
    presets_come_in_pages
    hosts_and_operations_come_in_pages_too
    users_come_in_pages_by_name
}

for_every_engine_with_databases! {
    databases_come_in_pages_by_name
}

for_every_managed_engine! {
    most_lists_compare_by_one_operator
}

/// One page of a cluster's backups: their ids, and the token of the next.
fn page<E: Sample>(cloud: &Cloud, cluster: &str, size: i64, token: &str) -> Result<(Vec<String>, String), Status> {
    let mut request = E::ListClusterBackupsRequest::default();
    request.set_cluster_id(cluster.into());
    request.set_page_size(size);
    request.set_page_token(token.into());
    let reply = E::list_cluster_backups(cloud, request)?;
    Ok((ids::<E>(reply.backups()), reply.next_page_token().into()))
}

/// One page of a folder's backups.
fn folder_page<E: Sample>(cloud: &Cloud, size: i64, token: &str) -> Result<(Vec<String>, String), Status> {
    let mut request = E::ListBackupsRequest::default();
    request.set_folder_id(FOLDER.into());
    request.set_page_size(size);
    request.set_page_token(token.into());
    let reply = E::list_backups(cloud, request)?;
    Ok((ids::<E>(reply.backups()), reply.next_page_token().into()))
}

fn ids<E: Sample>(backups: &[E::Backup]) -> Vec<String> {
    backups.iter().map(|backup| backup.id().to_owned()).collect()
}

/// All pages of a list, each of which may have at most so many entries.
fn all_pages(size: usize, mut page: impl FnMut(&str) -> Result<(Vec<String>, String), Status>) -> Vec<String> {
    let (mut all, mut token) = (Vec::new(), String::new());
    loop {
        let (entries, next) = page(&token).unwrap();
        assert!((1..=size).contains(&entries.len()), "a page of {}", entries.len());
        assert!(next.len() <= 100, "a token of {} characters", next.len());
        all.extend(entries);
        if next.is_empty() {
            return all;
        }
        assert_ne!(next, token, "every page has a token of its own");
        token = next;
    }
}

/// A cluster with a daily backup for each of so many days, as far as the engine keeps them.
fn cluster_with_backups<E: Sample>(cloud: &Cloud, days: i64) -> String {
    let mut request = E::new_cluster("main");
    let mut config = request.config_spec().cloned().unwrap();
    config.set_backup_retain_period_days(Some(60));
    request.set_config_spec(Some(config));
    let cluster = cloud.created_by::<E>(request);
    cloud.advance(days * DAY);
    cluster
}

/// A cluster with so many manual backups, all of the same instant.
fn cluster_with_manual_backups<E: Sample>(cloud: &Cloud, count: usize) -> String {
    let cluster = cloud.created::<E>("main");
    for _ in 0..count {
        let mut request = E::BackupClusterRequest::default();
        request.set_cluster_id(cluster.clone());
        E::backup(cloud, request).unwrap();
    }
    cluster
}

fn a_page_has_a_hundred_entries_unless_it_says_otherwise<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cluster_with_manual_backups::<E>(&cloud, 101);
    let (first, token) = page::<E>(&cloud, &cluster, 0, "").unwrap();
    assert_eq!(first.len(), 100);
    let (rest, end) = page::<E>(&cloud, &cluster, 0, &token).unwrap();
    assert_eq!((rest.len(), end.as_str()), (1, ""));
    let (all, end) = page::<E>(&cloud, &cluster, 101, "").unwrap();
    assert_eq!((all.len(), end.as_str()), (101, ""));
    assert_eq!([first, rest].concat(), all);
    assert_eq!(folder_page::<E>(&cloud, 0, "").unwrap().0.len(), 100);
}

fn page_sizes_are_from_0_to_1000<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cluster_with_backups::<E>(&cloud, 3);
    assert_eq!(page::<E>(&cloud, &cluster, 1000, "").unwrap().0.len(), 3);
    for size in [-1, 1001, i64::MIN, i64::MAX] {
        for outcome in [page::<E>(&cloud, &cluster, size, ""), folder_page::<E>(&cloud, size, "")] {
            let refusal = refused(outcome);
            assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["page_size".to_owned()]));
            assert!(refusal.message.ends_with(&format!("but is {size}")), "{}", refusal.message);
        }
    }
}

fn pages_end_to_end_are_the_list<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cluster_with_backups::<E>(&cloud, 5);
    cloud.backed_up::<E>(&cluster);
    cloud.backed_up::<E>(&cluster);
    let backups = cloud.backups::<E>(&cluster);
    assert_eq!(backups.len(), 7);
    let begun: Vec<_> = backups.iter().map(|backup| backup.started_at().unwrap().seconds).collect();
    assert!(begun.is_sorted_by(|newer, older| newer >= older), "newest first: {begun:?}");
    let whole = ids::<E>(&backups);
    for size in 1..=8 {
        let as_page_size = i64::try_from(size).unwrap();
        assert_eq!(all_pages(size, |token| page::<E>(&cloud, &cluster, as_page_size, token)), whole);
        assert_eq!(all_pages(size, |token| folder_page::<E>(&cloud, as_page_size, token)), whole);
    }
}

fn a_list_of_backups_is_stable_while_new_ones_come_and_old_ones_go<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cluster_with_backups::<E>(&cloud, 7);
    let before = ids::<E>(&cloud.backups::<E>(&cluster));
    let (first, token) = page::<E>(&cloud, &cluster, 3, "").unwrap();
    let (folder_first, folder_token) = folder_page::<E>(&cloud, 3, "").unwrap();
    assert_eq!(first, folder_first);

    cloud.backed_up::<E>(&cluster);
    cloud.advance(DAY);
    let after = ids::<E>(&cloud.backups::<E>(&cluster));
    assert_eq!(after[2..5], before[..3], "two new ones stand before them");
    // An engine with a fixed retention has lost its oldest meanwhile.
    let expected: Vec<String> = before[3..].iter().filter(|id| after.contains(id)).cloned().collect();
    let (second, _) = page::<E>(&cloud, &cluster, 100, &token).unwrap();
    assert_eq!(second, expected, "no entry twice, and none left out");
    let (second, _) = folder_page::<E>(&cloud, 100, &folder_token).unwrap();
    assert_eq!(second, expected);
}

fn tokens_that_were_not_made_for_the_list_are_refused<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cluster_with_backups::<E>(&cloud, 3);
    let other = cloud.created::<E>("other");
    cloud.backed_up::<E>(&other);
    cloud.backed_up::<E>(&other);
    let (_, token) = page::<E>(&cloud, &cluster, 1, "").unwrap();
    let (_, folder_token) = folder_page::<E>(&cloud, 1, "").unwrap();
    assert!(page::<E>(&cloud, &cluster, 7, &token).is_ok(), "the size may change on the way");

    let mut forged = token.clone().into_bytes();
    forged[0] = if forged[0] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    let mut further = token.clone();
    further.pop();
    let long = "x".repeat(101);
    for bad in [forged.as_str(), &further, "1", "not base64!", &folder_token, &long] {
        let refusal = refused(page::<E>(&cloud, &cluster, 1, bad));
        assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["page_token".to_owned()]), "{bad}");
    }
    refused(page::<E>(&cloud, &other, 1, &token));
    refused(folder_page::<E>(&cloud, 1, &token));
}

fn list<E: Sample>(cloud: &Cloud, filter: &str, size: i64, token: &str) -> Result<(Vec<String>, String), Status> {
    let mut request = E::ListClustersRequest::default();
    request.set_folder_id(FOLDER.into());
    request.set_filter(filter.into());
    request.set_page_size(size);
    request.set_page_token(token.into());
    let reply = E::list(cloud, request)?;
    let names = reply.clusters().iter().map(|cluster| cluster.name().to_owned());
    Ok((names.collect(), reply.next_page_token().into()))
}

fn clusters_are_filtered_by_name<E: Sample>() {
    let cloud = Cloud::start();
    for name in ["c", "a", "b"] {
        cloud.created::<E>(name);
    }
    assert_eq!(all_pages(2, |token| list::<E>(&cloud, "", 2, token)), ["c", "a", "b"], "the oldest first");
    let names = |filter: &str| list::<E>(&cloud, filter, 0, "").unwrap();
    assert_eq!(names("name=\"a\""), (vec!["a".to_owned()], String::new()));
    assert_eq!(names(" name = \"b\" ").0, ["b"]);
    assert_eq!(names("name='b'").0, ["b"]);
    assert!(names("name=\"z\"").0.is_empty());
    // A name is a whole name.
    assert!(names("name=\"\"").0.is_empty());
    let (_, token) = list::<E>(&cloud, "", 1, "").unwrap();
    refused(list::<E>(&cloud, "name=\"a\"", 1, &token));
}

const BY_ONE: &str = "the filter is name=\"VALUE\", where VALUE is a whole name";

const BY_SEVERAL: &str = "the filter is name OPERATOR \"VALUE\", where OPERATOR is = or != or IN or NOT IN, and VALUE a whole name, or for \
                          IN and NOT IN several with commas between them";

/// Checks what a filter is refused for.
#[track_caller]
fn is_no_filter<E: Sample>(cloud: &Cloud, filter: &str, problem: &str, grammar: &str) {
    let refusal = refused(list::<E>(cloud, filter, 0, ""));
    assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["filter".to_owned()]), "{filter}");
    assert_eq!(refusal.message, format!("Request validation error:\n- filter: {problem}; {grammar}"));
}

fn other_filters_are_refused_by_what_is_wrong<E: Sample>() {
    let cloud = Cloud::start();
    let grammar = if E::PACKAGE == SqlServer::PACKAGE { BY_SEVERAL } else { BY_ONE };
    for (filter, problem) in [
        ("a", "can be by name only"),
        ("id=\"a\"", "can be by name only"),
        ("name>\"a\"", "does not compare by any operator"),
        ("name=a", "has a value that is not in quotes"),
        ("name=\"a", "has a value that is not in quotes"),
        ("name=\"a\\\"\"", "has a quote or backslash in its value"),
        ("name=\"a\" AND name=\"b\"", "has something behind its value"),
    ] {
        is_no_filter::<E>(&cloud, filter, problem, grammar);
    }
}

fn most_lists_compare_by_one_operator<E: Sample>() {
    let cloud = Cloud::start();
    for operator in ["!=", "IN", "NOT IN"] {
        let problem = format!("compares by {operator}, but this list compares by = alone");
        is_no_filter::<E>(&cloud, &format!("name {operator} 'a'"), &problem, BY_ONE);
    }
}

#[test]
fn the_list_of_sql_server_compares_by_four() {
    let cloud = Cloud::start();
    for name in ["c", "a", "test", "beta", "b"] {
        cloud.created::<SqlServer>(name);
    }
    for (filter, wanted) in [
        ("name NOT IN 'test,beta'", &["c", "a", "b"] as &[&str]),
        ("name not in (\"test\", 'beta')", &["c", "a", "b"]),
        ("name IN 'b,c,z,b'", &["c", "b"]),
        ("name in ('b', 'c')", &["c", "b"]),
        ("name!=\"a\"", &["c", "test", "beta", "b"]),
        ("name != 'z'", &["c", "a", "test", "beta", "b"]),
        ("name IN 'z'", &[]),
    ] {
        assert_eq!(list::<SqlServer>(&cloud, filter, 0, "").unwrap(), (owned(wanted), String::new()), "{filter}");
        for size in if wanted.is_empty() { 0..0 } else { 1..3 } {
            let pages = all_pages(size, |token| list::<SqlServer>(&cloud, filter, size.try_into().unwrap(), token));
            assert_eq!(pages, wanted, "{filter} by {size}");
        }
    }
    let (_, token) = list::<SqlServer>(&cloud, "name!='a'", 1, "").unwrap();
    for other in ["name!=\"a\"", "name NOT IN 'a'", "", "name IN 'a,b'"] {
        assert_eq!(refused(list::<SqlServer>(&cloud, other, 1, &token)).about, ["page_token"], "{other}");
    }
    is_no_filter::<SqlServer>(&cloud, "name IN 'a,,b'", "has an empty name in its list", BY_SEVERAL);
    let problem = "has a list without a parenthesis at its end";
    is_no_filter::<SqlServer>(&cloud, "name IN ('a'", problem, BY_SEVERAL);
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn presets<E: Sample>(cloud: &Cloud, size: i64, token: &str) -> Result<(Vec<String>, String), Status> {
    let mut request = E::ListResourcePresetsRequest::default();
    request.set_page_size(size);
    request.set_page_token(token.into());
    let reply = E::list_presets(cloud, request)?;
    let ids = reply.resource_presets().iter().map(|preset| preset.id().to_owned());
    Ok((ids.collect(), reply.next_page_token().into()))
}

fn presets_come_in_pages<E: Sample>() {
    let cloud = Cloud::start();
    let (whole, end) = presets::<E>(&cloud, 1000, "").unwrap();
    assert!(whole.len() > 10 && end.is_empty());
    assert_eq!(all_pages(7, |token| presets::<E>(&cloud, 7, token)), whole);
    assert_eq!(presets::<E>(&cloud, 0, "").unwrap().0, whole[..whole.len().min(100)]);
    let cluster = cluster_with_backups::<E>(&cloud, 3);
    let (_, foreign) = page::<E>(&cloud, &cluster, 1, "").unwrap();
    assert_eq!(refused(presets::<E>(&cloud, 7, &foreign)).about, ["page_token"]);
}

#[test]
fn versions_come_in_pages() {
    let cloud = Cloud::start();
    let page = |size, token: &str| {
        let reply =
            Redis::list_versions(&cloud, redis::v1::ListVersionsRequest { page_size: size, page_token: token.into() })?;
        let ids = reply.version.into_iter().map(|version| version.id).collect::<Vec<_>>();
        Ok((ids, reply.next_page_token))
    };
    let (whole, end) = page(0, "").unwrap();
    assert_eq!(end, "");
    assert_eq!(all_pages(2, |token| page(2, token)), whole);
    let (_, foreign) = presets::<Redis>(&cloud, 1, "").unwrap();
    assert_eq!(refused(page(2, &foreign)).about, ["page_token"]);
}

fn hosts_and_operations_come_in_pages_too<E: Sample>() {
    let cloud = Cloud::start();
    let request = E::new_cluster("main");
    let zones: Vec<String> = request.host_specs().iter().map(|host| host.zone_id().to_owned()).collect();
    let cluster = cloud.created_by::<E>(request);
    let hosts = all_pages(1, |token| {
        let mut request = E::ListClusterHostsRequest::default();
        request.set_cluster_id(cluster.clone());
        request.set_page_size(1);
        request.set_page_token(token.into());
        let reply = E::list_hosts(&cloud, request)?;
        let zones = reply.hosts().iter().map(|host| host.zone_id().to_owned());
        Ok((zones.collect(), reply.next_page_token().into()))
    });
    assert_eq!(hosts, zones);

    cloud.stop::<E>(&cluster);
    cloud.start_again::<E>(&cluster);
    let operations = all_pages(2, |token| {
        let mut request = E::ListClusterOperationsRequest::default();
        request.set_cluster_id(cluster.clone());
        request.set_page_size(2);
        request.set_page_token(token.into());
        let reply = E::list_operations(&cloud, request)?;
        let ids = reply.operations().iter().map(|operation| operation.id.clone());
        Ok((ids.collect(), reply.next_page_token().into()))
    });
    let whole: Vec<String> = cloud.operations::<E>(&cluster).into_iter().map(|operation| operation.id).collect();
    assert_eq!((operations.len(), operations), (3, whole));
}

fn users_come_in_pages_by_name<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    for name in ["zoe", "adam"] {
        cloud.create_user::<E>(&cluster, name);
    }
    let names = all_pages(1, |token| {
        let mut request = E::ListUsersRequest::default();
        request.set_cluster_id(cluster.clone());
        request.set_page_size(1);
        request.set_page_token(token.into());
        let reply = E::list_users(&cloud, request)?;
        let names = reply.users().iter().map(|user| user.name().to_owned());
        Ok((names.collect(), reply.next_page_token().into()))
    });
    assert!(names.is_sorted(), "{names:?}");
    assert_eq!(names, cloud.users::<E>(&cluster));
    assert_eq!((names.first().map(String::as_str), names.last().map(String::as_str)), (Some("adam"), Some("zoe")));
}

fn databases_come_in_pages_by_name<E: SampleDatabases>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    // As long as a name may be: tokens stay short.
    let long = "z".repeat(63);
    cloud.create_database::<E>(&cluster, &long);
    cloud.create_database::<E>(&cluster, "a");
    let names = all_pages(1, |token| {
        let mut request = E::ListDatabasesRequest::default();
        request.set_cluster_id(cluster.clone());
        request.set_page_size(1);
        request.set_page_token(token.into());
        let reply = E::list_databases(&cloud, request)?;
        let names = reply.databases().iter().map(|database| database.name().to_owned());
        Ok((names.collect(), reply.next_page_token().into()))
    });
    assert_eq!(names, ["a", "orders", &long]);
}

#[test]
fn deleted_backups_leave_the_list_as_it_was_behind_them() {
    let cloud = Cloud::start();
    let cluster = cluster_with_manual_backups::<Mysql>(&cloud, 6);
    let (first, token) = page::<Mysql>(&cloud, &cluster, 2, "").unwrap();
    let whole = ids::<Mysql>(&cloud.backups::<Mysql>(&cluster));
    // The very one that the token names, and the one behind it.
    for gone in [&first[1], &whole[2]] {
        let request = mysql::v1::DeleteBackupRequest { backup_id: gone.clone() };
        cloud.done(Mysql::delete_backup(&cloud, request));
    }
    assert_eq!(page::<Mysql>(&cloud, &cluster, 100, &token).unwrap().0, whole[3..]);
}

#[test]
fn universes_are_listed_by_id() {
    let cloud = Cloud::start();
    for id in ["b", "z", "a"] {
        let request = CreateUniverseRequest { universe_id: id.into(), ..CreateUniverseRequest::default() };
        cloud.run(cloud.universes().create(request)).unwrap();
    }
    let names = all_pages(1, |token| {
        let request = ListUniversesRequest { page_size: 1, page_token: token.into() };
        let reply = cloud.run(cloud.universes().list(request))?.into_inner();
        Ok((reply.universes.into_iter().map(|universe| universe.id).collect(), reply.next_page_token))
    });
    assert_eq!(names, ["a", "b", "default", "z"]);
}

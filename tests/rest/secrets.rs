//! No refusal repeats a value: it may be a secret, in its own place or in a wrong one.

use crate::client::{Answer, Http, escaped};
use crate::common::*;
use mdb_emulator::contract::json::{Problem, read};
use mdb_emulator::contract::schema::{self, Field, Form, Kind, Label};
use serde_json::{Value, json};

/// What no answer may have, as a text and as the digits of a number.
const HUSH: &str = "hush";
const DIGITS: &str = "8431907";

/// Values of every sort with a secret in them, and what refusals call them.
fn secrets() -> Vec<(Value, &'static str)> {
    vec![
        (json!(8_431_907), "a number"),
        (json!(-8_431_907), "a number"),
        (json!(8_431_907.25), "a number"),
        (json!(8_431_907e300), "a number"),
        (json!(HUSH), "text"),
        (json!(format!("{DIGITS}\n\"{HUSH}\"")), "text"),
        (json!([HUSH, 8_431_907]), "a list"),
        (json!([[HUSH], [8_431_907]]), "a list"),
        (json!({"a": HUSH}), "an object"),
        (json!({"a": {"a": 8_431_907}}), "an object"),
        (json!(true), "true or false"),
    ]
}

#[track_caller]
fn assert_hushed(told: &str) {
    assert!(!told.contains(HUSH) && !told.contains(DIGITS), "{told}");
}

/// The sorts of values that may be right for a field.
fn sorts(field: &Field) -> &'static [&'static str] {
    fn of(kind: Kind) -> &'static [&'static str] {
        match kind {
            Kind::Bool => &["true or false"],
            Kind::String | Kind::Bytes => &["text"],
            Kind::Message(message) => match message.form {
                Form::Fields | Form::Any | Form::Empty => &["an object"],
                Form::Timestamp | Form::Duration | Form::FieldMask => &["text"],
                Form::Wrapper => of(message.fields[0].kind),
            },
            _ => &["a number", "text"],
        }
    }
    match field.label {
        Label::List => &["a list"],
        Label::Map => &["an object"],
        Label::Plain | Label::Optional => of(field.kind),
    }
}

#[test]
fn every_field_of_every_message_keeps_what_it_was_given() {
    let (mut unfit, mut refused) = (0, 0);
    for message in schema::messages().iter().filter(|message| message.form == Form::Fields) {
        for field in message.fields {
            for (value, sort) in secrets() {
                let body = format!("{{\"{}\": {value}}}", field.name);
                let outcome = read(message, body.as_bytes());
                if sorts(field).contains(&sort) {
                    refused += usize::from(outcome.is_err());
                    outcome.err().into_iter().for_each(|problem| assert_hushed(&format!("{problem:?}")));
                    continue;
                }
                let Err(Problem::Field(violation)) = outcome else { panic!("{}: {body}", message.name) };
                assert_eq!(violation.field, field.name, "{}: {body}", message.name);
                let ending = format!(", but is {sort}");
                let words = violation.rule.strip_suffix(&ending).unwrap_or_else(|| panic!("{violation:?} of {body}"));
                assert!(words.starts_with("must be ") && words != "must be ", "{violation:?}");
                assert_hushed(&violation.rule);
                unfit += 1;
            }
        }
    }
    assert!(unfit > 10_000 && refused > 1_000, "{unfit} of a wrong sort, {refused} of the right one");
}

/// Refused, by code 3 and without a secret.
#[track_caller]
fn assert_refused(answer: &Answer, field: &str) {
    assert_eq!(answer.refused(400).0, 3);
    assert_hushed(&String::from_utf8_lossy(&answer.body));
    assert!(answer.headers.iter().all(|(_, value)| !value.contains(HUSH) && !value.contains(DIGITS)));
    assert_eq!(answer.violation().0, field);
}

#[test]
fn a_password_is_not_repeated_wherever_it_comes() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let id = cloud.created::<Mysql>("orders");
    let users = format!("/managed-mysql/v1/clusters/{id}/users");
    for (value, sort) in secrets() {
        let body = json!({"userSpec": {"name": "shop", "password": value}});
        let answer = http.post(&users, &body);
        if sort == "text" {
            // The contract wants eight characters at least; the other one has them, and the name is taken.
            assert_hushed(&String::from_utf8_lossy(&answer.body));
            assert_ne!(answer.status, 200);
            continue;
        }
        assert_refused(&answer, "user_spec.password");
        assert_eq!(answer.violation().1, format!("must be text, but is {sort}"));
        // In the place of the whole user, of a list, and of all.
        let spec = if sort == "an object" { "user_spec.a" } else { "user_spec" };
        assert_refused(&http.post(&users, &json!({ "userSpec": value })), spec);
        if sort != "a list" {
            assert_refused(&http.post(&users, &json!({"userSpec": {"permissions": value}})), "user_spec.permissions");
        }
    }
    for body in [
        "8431907",
        "\"hush\"",
        "[\"hush\"]",
        "hush",
        "\"hush",
        "{\"userSpec\": hush}",
        "{} hush",
        "{\"userSpec\": 'hush'}",
    ] {
        let answer = http.send("POST", &users, body.as_bytes());
        assert_eq!(answer.refused(400).0, 3, "{body}");
        assert_hushed(&answer.refused(400).1);
    }
}

#[test]
fn a_query_is_not_repeated_either() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let id = cloud.created::<Redis>("orders");
    let cluster = format!("/managed-redis/v1/clusters/{id}");
    for (field, name) in [("page_size", "pageSize"), ("page_size", "page_size"), ("page_token", "pageToken")] {
        for value in [HUSH, "8431907.5", "hush%0a8431907", "-hush"] {
            assert_refused(&http.get(&format!("{cluster}/backups?{name}={value}")), field);
        }
    }
    for (field, query) in [
        ("always_next_page_token", "alwaysNextPageToken=hush"),
        ("from_time", "fromTime=2026-01-31T8431907Z"),
        ("from_time.seconds", "fromTime.seconds=8431907"),
        ("service_type", "serviceType=hush"),
        ("cluster_id", "clusterId=hush"),
    ] {
        assert_refused(&http.get(&format!("{cluster}:logs?{query}")), field);
    }
    let patched = http.patch(&format!("{cluster}?configSpec.redis.password.more=hush"), &json!({}));
    assert_refused(&patched, "config_spec.redis.password.more");
    let twice =
        format!("{cluster}?configSpec.redis.password=hush&configSpec.redis.password={}", escaped("8431907 hush"));
    assert_refused(&http.patch(&twice, &json!({})), "config_spec.redis.password");
    let escape = http.get(&format!("{cluster}/backups?pageToken=hush%zz8431907")).refused(400);
    assert_hushed(&escape.1);
}

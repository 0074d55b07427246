//! What is refused before it is a message, each by what is wrong with it.

use crate::client::{Answer, Http, escaped};
use crate::common::*;
use serde_json::{Value, json};

/// The longest body that is taken.
const LONGEST: usize = 4 * 1024 * 1024;

/// The answer to a Create of MySQL.
fn create(body: &Value) -> Answer {
    Http::new(&Cloud::start()).post("/managed-mysql/v1/clusters", body)
}

#[track_caller]
fn assert_violation(body: &Value, field: &str, rule: &str) {
    assert_eq!(create(body).violation(), (field.into(), rule.into()), "{body}");
}

#[test]
fn a_field_that_does_not_exist_is_named_with_its_path() {
    assert_violation(&json!({"nmae": "a"}), "nmae", "is no field of yandex.cloud.mdb.mysql.v1.CreateClusterRequest");
    assert_violation(
        &json!({"hostSpecs": [{"zoneId": "a"}, {"zone": "b"}]}),
        "host_specs[1].zone",
        "is no field of yandex.cloud.mdb.mysql.v1.HostSpec",
    );
    assert_violation(
        &json!({"configSpec": {"mysqlConfig_8_0": {"maxConections": 1}}}),
        "config_spec.mysql_config_8_0.maxConections",
        "is no field of yandex.cloud.mdb.mysql.v1.config.MysqlConfig8_0",
    );
    let long = "x".repeat(100_000);
    assert_eq!(create(&json!({ long: 1 })).violation().0, "x".repeat(64), "no more of it than is needed");
}

#[test]
fn a_value_of_another_type_is_named_with_what_it_must_be_and_what_it_is() {
    let (number, text, list, object) = (", but is a number", ", but is text", ", but is a list", ", but is an object");
    let (flag, anything) = (", but is true or false", "");
    let check = |body: &dyn Fn(Value) -> Value, field: &str, rule: &str, cases: &[(Value, &str)]| {
        for (value, but) in cases {
            assert_violation(&body(value.clone()), field, &format!("{rule}{but}"));
        }
    };
    let int64 = "must be a whole number from -9223372036854775808 to 9223372036854775807";
    let int32 = "must be a whole number from -2147483648 to 2147483647";
    check(
        &|value| json!({"configSpec": {"resources": {"diskSize": value}}}),
        "config_spec.resources.disk_size",
        int64,
        &[
            // Text and numbers would do, but not these.
            (json!("x"), anything),
            (json!(1.5), anything),
            (json!("1.5"), anything),
            (json!(1e300), anything),
            (json!(""), anything),
            (json!("+1"), anything),
            (json!(" 1"), anything),
            (json!("9223372036854775808"), anything),
            (json!(true), flag),
            (json!([]), list),
            (json!({}), object),
        ],
    );
    check(
        &|value| json!({"configSpec": {"backupWindowStart": {"hours": value}}}),
        "config_spec.backup_window_start.hours",
        int32,
        &[(json!(2_147_483_648_u32), anything), (json!(false), flag)],
    );
    check(
        &|value| json!({ "environment": value }),
        "environment",
        "must be a value of yandex.cloud.mdb.mysql.v1.Cluster.Environment, by name or number",
        &[
            (json!("MOON"), anything),
            (json!("1"), anything),
            (json!(1.5), anything),
            (json!(4_294_967_296_u64), anything),
            (json!(false), flag),
            (json!([1]), list),
        ],
    );
    check(
        &|value| json!({ "name": value }),
        "name",
        "must be text",
        &[(json!(1), number), (json!(-1.5), number), (json!(false), flag), (json!({}), object), (json!(["a"]), list)],
    );
    check(
        &|value| json!({ "deletionProtection": value }),
        "deletion_protection",
        "must be true or false",
        &[(json!("true"), text), (json!(1), number), (json!([true]), list)],
    );
    check(
        &|value| json!({ "securityGroupIds": value }),
        "security_group_ids",
        "must be a list",
        &[(json!("a"), text), (json!({"a": 1}), object), (json!(1), number)],
    );
    for field in ["labels", "config_spec"] {
        let name = if field == "labels" { "labels" } else { "configSpec" };
        let cases = [(json!("a"), text), (json!([1]), list), (json!(1), number), (json!(true), flag)];
        check(&|value| json!({ name: value }), field, "must be an object", &cases);
    }
    check(&|value| json!({"labels": {"a": value}}), "labels[\"a\"]", "must be text", &[(json!(1), number)]);
    check(&|value| json!({"labels": {"a": value}}), "labels[\"a\"]", "must not be null", &[(Value::Null, anything)]);
    let second = |value: Value| json!({"securityGroupIds": ["a", value]});
    check(&second, "security_group_ids[1]", "must be text", &[(json!(1), number), (json!(["b"]), list)]);
    assert_violation(&json!({"hostSpecs": [null]}), "host_specs[0]", "must not be null");
    check(
        &|value| json!({"configSpec": {"backupRetainPeriodDays": value}}),
        "config_spec.backup_retain_period_days",
        int64,
        &[(json!({"value": 7}), object), (json!("week"), anything)],
    );
    check(
        &|value| json!({"configSpec": {"mysqlConfig_8_0": {"longQueryTime": value}}}),
        "config_spec.mysql_config_8_0.long_query_time",
        "must be a number",
        &[
            (json!("inf"), anything),
            (json!("1e999"), anything),
            (json!("nan"), anything),
            (json!(""), anything),
            (json!(true), flag),
        ],
    );
}

#[test]
fn times_and_lengths_of_time_are_what_the_standard_says() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let rule = "must be a time such as 2026-01-31T21:59:00Z, from the year 1 to 9999";
    for time in [
        "2026-01-31",
        "2026-01-31 21:59:00Z",
        "2026-01-31T21:59:00",
        "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31t21:59:00z",
        "2026-01-31T21:59:00.Z",
        "2026-01-31T21:59:00.1234567890Z",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-01:00",
        "+19370-01-01T00:00:00Z",
        "",
        "now",
        "2026-01-31T21:59:00Z ",
    ] {
        let answer = http.post("/mdb-emulator/v1/clock:set", &json!({ "now": time }));
        assert_eq!(answer.violation(), ("now".into(), rule.into()), "{time}");
    }
    let rule = "must be a length of time in seconds, such as 1.5s";
    for length in
        ["1", "1m", "s", "1.s", ".5s", "1.0000000001s", "--1s", "1e3s", "315576000001s", "", "9223372036854775808s"]
    {
        let answer = http.post("/mdb-emulator/v1/clock:advance", &json!({ "by": length }));
        assert_eq!(answer.violation(), ("by".into(), rule.into()), "{length}");
    }
    assert_eq!(
        http.post("/mdb-emulator/v1/clock:advance", &json!({ "by": 5 })).violation(),
        ("by".into(), "must be text, but is a number".into())
    );
}

#[test]
fn what_is_given_twice_is_named() {
    let send = |body: &str| Http::new(&Cloud::start()).send("POST", "/managed-mysql/v1/clusters", body.as_bytes());
    let twice = |field: &str| (field.to_owned(), "is given twice".to_owned());
    assert_eq!(send(r#"{"name": "a", "name": "a"}"#).violation(), twice("name"));
    assert_eq!(send(r#"{"name": null, "name": "a"}"#).violation(), twice("name"));
    assert_eq!(send(r#"{"name": "a", "name": null}"#).violation(), twice("name"));
    assert_eq!(send(r#"{"name": null, "name": null}"#).violation(), twice("name"));
    let window = |hours: &str| format!(r#"{{"configSpec": {{"backupWindowStart": {{{hours}}}}}}}"#);
    let hours = twice("config_spec.backup_window_start.hours");
    assert_eq!(send(&window(r#""hours": null, "hours": 3"#)).violation(), hours);
    assert_eq!(send(r#"{"folderId": "a", "folder_id": "b"}"#).violation(), twice("folder_id"));
    assert_eq!(send(r#"{"labels": {"a": "1", "a": "2"}}"#).violation(), twice("labels[\"a\"]"));
    assert_eq!(send(r#"{"configSpec": {"version": "1", "version": "2"}}"#).violation(), twice("config_spec.version"));
    let windows = r#"{"configSpec": {"mysqlConfig_8_0": {}, "mysqlConfig_5_7": {}}}"#;
    let rule = "cannot be given with mysql_config_8_0: mysql_config is one or the other";
    assert_eq!(send(windows).violation(), ("config_spec.mysql_config_5_7".into(), rule.into()));
    let null_is_nothing = send(r#"{"name": null, "configSpec": {"mysqlConfig_8_0": {}, "mysqlConfig_5_7": null}}"#);
    assert!(!null_is_nothing.refused(400).1.contains("given"));
}

#[test]
fn path_query_and_body_must_not_contradict_each_other() {
    let cloud = Cloud::start();
    let id = cloud.created::<Redis>("orders");
    let http = Http::new(&cloud);
    let path = format!("/managed-redis/v1/clusters/{id}");
    let another = ("cluster_id".to_owned(), "is another in the path".to_owned());
    assert_eq!(http.patch(&path, &json!({"clusterId": "x", "description": "a"})).violation(), another);
    assert_eq!(http.get(&format!("{path}?clusterId=x")).violation(), another);
    http.patch(&path, &json!({"clusterId": id, "description": "a", "updateMask": "description"})).ok();
    http.patch(&path, &json!({"clusterId": "", "description": "b", "updateMask": "description"})).ok();
    http.get(&format!("{path}?clusterId={id}&clusterId={id}")).ok();
    let twice = http.patch(&format!("{path}?description=c"), &json!({"description": "c"}));
    assert_eq!(twice.violation(), ("description".into(), "is given twice".into()));
    let twice = http.patch(&format!("{path}?configSpec.version=c"), &json!({"configSpec": {}}));
    assert_eq!(twice.violation(), ("config_spec.version".into(), "is given twice".into()));
    let parted = "configSpec.resources.diskSize=34359738368&updateMask=description,configSpec.resources&description=d";
    http.patch(&format!("{path}?configSpec.resources.resourcePresetId=hm3-c2-m8&{parted}"), &json!({})).ok();
    let resources = cloud.cluster::<Redis>(&id).config.unwrap().resources.unwrap();
    assert_eq!((resources.disk_size, resources.resource_preset_id.as_str()), (34_359_738_368, "hm3-c2-m8"));
}

#[test]
fn a_filter_is_what_its_list_documents() {
    let cloud = Cloud::start();
    for name in ["test", "orders", "beta"] {
        cloud.created::<SqlServer>(name);
    }
    let http = Http::new(&cloud);
    let list =
        |service: &str, filter: &str| http.get(&format!("{service}?folderId={FOLDER}&filter={}", escaped(filter)));
    let found = list("/mdb/sqlserver/v1/clusters", "name NOT IN 'test,beta'").ok();
    let names: Vec<&str> =
        found["clusters"].as_array().unwrap().iter().map(|cluster| cluster["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["orders"]);
    let (field, rule) = list("/managed-redis/v1/clusters", "name NOT IN 'test,beta'").violation();
    assert_eq!(field, "filter");
    assert!(rule.starts_with("compares by NOT IN, but this list compares by = alone; "), "{rule}");
}

#[test]
fn a_query_is_read_strictly() {
    let cloud = Cloud::start();
    let id = cloud.created::<Redis>("orders");
    let http = Http::new(&cloud);
    let list = |query: &str| http.get(&format!("/managed-redis/v1/clusters?folderId={FOLDER}&{query}"));
    list("").ok();
    list("&&pageSize=5&").ok();
    assert_eq!(list("filter=name%3D%22orders%22").ok()["clusters"][0]["id"], json!(id));
    assert_eq!(list("filter=name+%3d+%22orders%22").ok()["clusters"][0]["id"], json!(id), "a plus is a space");
    list("page%53ize=5").ok();
    assert_eq!(list("pageSize=5&page_size=5").violation(), ("page_size".into(), "is given twice".into()));
    assert_eq!(list("pagesize=5").violation().0, "pagesize");
    assert_eq!(list("pageSize.value=5").violation(), ("page_size.value".into(), "is no field of page_size".into()));
    let no_name = ("\"\"".into(), "is no field of yandex.cloud.mdb.redis.v1.ListClustersRequest".into());
    assert_eq!(list("=5").violation(), no_name);
    assert_eq!(list("pageSize=five").violation().0, "page_size");
    assert_eq!(list("pageSize").violation().0, "page_size", "no value is an empty one");
    let logs = |query: &str| http.get(&format!("/managed-redis/v1/clusters/{id}:logs?{query}"));
    let parts =
        "columnFilter=a&columnFilter=b&serviceType=REDIS&fromTime=2026-01-31T00:00:00Z&alwaysNextPageToken=true";
    assert_eq!(logs(parts).refused(501).0, 12, "all of it is right");
    assert_eq!(logs("alwaysNextPageToken=yes").violation().1, "must be true or false");
    assert_eq!(logs("serviceType=2").refused(501).0, 12, "enums go by number too");
    assert_eq!(logs("fromTime=today").violation().0, "from_time");
    assert_eq!(logs("fromTime.seconds=1").violation(), ("from_time.seconds".into(), "is no field of from_time".into()));
    let update = http.patch(&format!("/managed-redis/v1/clusters/{id}?labels=a"), &json!({}));
    assert_eq!(update.violation(), ("labels".into(), "must be an object".into()));
    let freezes = http.get("/managed-redis/v1/changeFreezes?resourcePath.id=a");
    let rule = "is in resource_path, which no path can lead into";
    assert_eq!(freezes.violation(), ("resource_path.id".into(), rule.into()));
    let clash = "maintenanceWindow.weeklyMaintenanceWindow.hour=1&configSpec.redisConfig_7_0.timeout=1&configSpec.redisConfig_6_2.timeout=1";
    let update = http.patch(&format!("/managed-redis/v1/clusters/{id}?{clash}"), &json!({}));
    let rule = "cannot be given with redis_config_7_0: redis_spec is one or the other";
    assert_eq!(update.violation(), ("config_spec.redis_config_6_2.timeout".into(), rule.into()));
}

#[test]
fn escapes_must_be_whole_and_make_text() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let refusal = |part: &str| (3, format!("The percent escapes of {part} must be whole, and make UTF-8"));
    for escape in ["%", "%4", "%zz", "%4z", "%ff", "%c3%28", "%ED%A0%80"] {
        assert_eq!(http.get(&format!("/endpoints/a{escape}")).refused(400), refusal("api_endpoint_id"), "{escape}");
        assert_eq!(http.get(&format!("/endpoints?pageToken={escape}")).refused(400), refusal("pageToken"), "{escape}");
        assert_eq!(http.get(&format!("/endpoints?page{escape}=a")).refused(400), refusal("the query"), "{escape}");
    }
}

#[test]
fn a_body_that_is_no_object_is_told_where() {
    let cloud = Cloud::start();
    let send = |body: &[u8]| Http::new(&cloud).send("POST", "/managed-mysql/v1/clusters", body).refused(400);
    let cases: [(&[u8], &str); 9] = [
        (b"{", "EOF while parsing an object at line 1 column 1"),
        (b"{\"name\": \"a\",}", "trailing comma at line 1 column 14"),
        (b"{\"name\": 'a'}", "expected value at line 1 column 10"),
        (b"{} {}", "trailing characters at line 1 column 4"),
        (b"folderId=a", "expected ident at line 1 column 2"),
        (b"{\"name\": \"\xff\"}", "invalid unicode code point at line 1 column 11"),
        (b"{\"name\": \"\\ud800\"}", "unexpected end of hex escape at line 1 column 17"),
        (b"{\"name\": 1e999}", "number out of range at line 1 column 14"),
        (
            b"{\"name\": \"a\nb\"}",
            "control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0",
        ),
    ];
    for (body, problem) in cases {
        let expected = (3, format!("The body must be a JSON object: {problem}"));
        assert_eq!(send(body), expected, "{}", String::from_utf8_lossy(body));
    }
    let others: [(&[u8], &str); 6] = [
        (b"[]", "a list"),
        (b"null", "null"),
        (b" -1.5", "a number"),
        (b"\"a\"", "text"),
        (b"true", "true or false"),
        (b"\n\tfalse", "true or false"),
    ];
    for (body, sort) in others {
        assert_eq!(send(body), (3, format!("The body must be a JSON object: it is {sort}")));
    }
}

#[test]
fn no_depth_or_width_of_json_is_too_much() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let send = |body: &str| http.send("POST", "/managed-mysql/v1/clusters", body.as_bytes());
    let deep = |open: &str, close: &str| open.repeat(LONGEST / 16) + &close.repeat(LONGEST / 16);
    assert_eq!(send(&format!("{{\"hostSpecs\": {}}}", deep("[", "]"))).violation().0, "host_specs[0]");
    assert_eq!(send(&deep("{\"configSpec\":", "}")).violation().0, "config_spec.configSpec");
    assert_eq!(send(&format!("{{\"x\": {}}}", deep("[", "]"))).violation().0, "x");
    let wide = format!("{{\"securityGroupIds\": [{}\"\"]}}", "\"\",".repeat(LONGEST / 4));
    assert_eq!(send(&wide).refused(400).0, 3);
    let labels: Vec<String> = (0..200_000).map(|number| format!("\"k{number}\":\"\"")).collect();
    let message = send(&format!("{{\"labels\": {{{}}}}}", labels.join(","))).refused(400).1;
    assert!(message.contains("- labels: must have at most 64 items, but has 200000"), "{message}");
    http.get("/endpoints").ok();
}

#[test]
fn a_body_may_have_four_mebibytes() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let padded = |length: usize| format!("{{\"updateMask\": \"\"}}{}", " ".repeat(length - 18));
    let path = "/managed-redis/v1/clusters/nothing";
    assert_eq!(http.send("PATCH", path, padded(LONGEST).as_bytes()).refused(404).0, 5);
    let too_long = (8, format!("The message of a request must have at most {LONGEST} bytes"));
    assert_eq!(http.send("PATCH", path, padded(LONGEST + 1).as_bytes()).refused(413), too_long);
    // Without a length to know it by.
    let mut chunked =
        b"PATCH /managed-redis/v1/clusters/x HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..=LONGEST / 65_536 {
        chunked.extend_from_slice(b"10000\r\n");
        chunked.extend_from_slice(" ".repeat(65_536).as_bytes());
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    assert_eq!(http.send_bytes(&chunked).refused(413), too_long);
}

#[test]
fn a_body_is_taken_where_there_is_one_in_the_rule() {
    let cloud = Cloud::start();
    let id = cloud.created::<Redis>("orders");
    let http = Http::new(&cloud);
    let backup = format!("/managed-redis/v1/clusters/{id}:backup");
    for nothing in ["", "{}", " { } \n"] {
        http.send("POST", &backup, nothing.as_bytes()).ok();
    }
    let message = "This method takes no body: give the fields of the request in the query";
    for something in ["{\"clusterId\": \"x\"}", "x"] {
        assert_eq!(http.send("POST", &backup, something.as_bytes()).refused(400), (3, message.into()));
    }
    let empty = http.send("POST", &format!("/managed-redis/v1/clusters/{id}:startFailover"), b" \r\n").refused(501);
    assert_eq!(empty.0, 12, "an empty body is an empty object");
    // curl calls what it sends a form, unless it is told otherwise.
    let form = http.with("content-type", "application/x-www-form-urlencoded");
    form.patch(
        &format!("/managed-redis/v1/clusters/{id}"),
        &json!({"description": "new", "updateMask": "description"}),
    )
    .ok();
    let zipped =
        http.with("content-encoding", "gzip").send("POST", "/managed-redis/v1/clusters", b"\x1f\x8b").refused(415);
    assert_eq!(zipped, (3, "The body must come without a content-encoding".into()));
    http.with("content-encoding", "identity")
        .patch(
            &format!("/managed-redis/v1/clusters/{id}"),
            &json!({"description": "newer", "updateMask": "description"}),
        )
        .ok();
}

#[test]
fn a_query_may_come_as_people_type_it() {
    let cloud = Cloud::start();
    cloud.created::<Redis>("orders");
    cloud.created::<Redis>("others");
    let http = Http::new(&cloud);
    let names = |target: &str| {
        let clusters = http.get(target).ok()["clusters"].clone();
        let names = clusters.as_array().cloned().unwrap_or_default().into_iter().map(|cluster| cluster["name"].clone());
        names.collect::<Vec<_>>()
    };
    let clusters = format!("/managed-redis/v1/clusters?folderId={FOLDER}");
    assert_eq!(names(&format!("{clusters}&filter=name=\"orders\"")), ["orders"]);
    assert_eq!(names(&format!("{clusters}&filter=name=%22orders%22")), ["orders"]);
    assert!(names(&format!("{clusters}&filter=name=\"\u{451}\"")).is_empty());
    // What is no filter is told so.
    for bare in ["<orders>", "`orders`", "\"", "{orders}", "|", "^", "\\"] {
        assert_eq!(http.get(&format!("{clusters}&filter=name={bare}")).violation().0, "filter", "{bare}");
    }
    // A line that comes in pieces is one line.
    let line = format!(
        "GET {clusters}&filter=name=\"orders\" HTTP/1.1\r\nhost: a\r\nx-quoted: \"as it is\"\r\nconnection: close\r\n\r\n"
    );
    assert_eq!(http.send_in_pieces(line.as_bytes()).ok()["clusters"][0]["name"], "orders");
    let not_text =
        [format!("GET {clusters}&filter=").as_bytes(), b"\xff HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"]
            .concat();
    assert_eq!(
        http.send_bytes(&not_text).refused(400),
        (3, "The percent escapes of filter must be whole, and make UTF-8".into())
    );
}

//! Messages as JSON, against another implementation of it, and where that one has nothing to say, by example.

use mdb_emulator::contract::json::{Problem, read, write};
use mdb_emulator::contract::proto::google::rpc;
use mdb_emulator::contract::schema;
use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{DeserializeOptions, DynamicMessage, MessageDescriptor, ReflectMessage, SerializeOptions};
use serde_json::{Value, json};

use crate::common::redis;
use crate::generated::{Choices, all_messages, descriptor, message, unknown, with_doubles};

fn schema_of(name: &str) -> &'static schema::Message {
    schema::message(name).expect(name)
}

/// A message as we write it.
fn ours(message: &DynamicMessage) -> String {
    let mut out = Vec::new();
    write(schema_of(message.descriptor().full_name()), &message.encode_to_vec(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A message as we read it.
fn read_by_us(name: &str, json: &str) -> DynamicMessage {
    let bytes = read(schema_of(name), json.as_bytes()).unwrap_or_else(|problem| panic!("{problem:?} in {json}"));
    DynamicMessage::decode(descriptor(name), bytes.as_slice()).unwrap()
}

/// A message as the other implementation writes it.
fn theirs(message: &DynamicMessage, options: &SerializeOptions) -> String {
    let mut out = serde_json::Serializer::new(Vec::new());
    message.serialize_with_options(&mut out, options).unwrap();
    String::from_utf8(out.into_inner()).unwrap()
}

fn read_by_them(name: &str, json: &str) -> DynamicMessage {
    let mut parser = serde_json::Deserializer::from_str(json);
    let options = DeserializeOptions::new();
    DynamicMessage::deserialize_with_options(descriptor(name), &mut parser, &options)
        .unwrap_or_else(|problem| panic!("{problem} in {json}"))
}

/// What there is to know of a message: two that are the same may differ in bytes, where messages of any type are in them.
fn in_full(message: &DynamicMessage) -> Value {
    with_doubles(serde_json::from_str(&theirs(message, &SerializeOptions::new())).unwrap())
}

/// A message of some type, made of bytes, with nothing set that the wire does not have.
fn some_message(bytes: &[u8]) -> DynamicMessage {
    let is_object = |message: &&MessageDescriptor| schema_of(message.full_name()).form == schema::Form::Fields;
    let types: Vec<&MessageDescriptor> = all_messages().iter().filter(is_object).collect();
    let mut choices = Choices(bytes);
    let chosen = choices.one_of(&types);
    let message = message(chosen, &mut choices, &unknown);
    DynamicMessage::decode(chosen.clone(), message.encode_to_vec().as_slice()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn what_we_write_is_what_another_implementation_writes_and_both_read_it(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let message = some_message(&bytes);
        let name = message.descriptor().full_name().to_owned();
        let text = ours(&message);
        let expected = in_full(&message);
        // Nothing of the contract is null: this is how the other implementation writes a number that is none.
        prop_assume!(!expected.to_string().contains("null"));
        prop_assert_eq!(&in_full(&read_by_us(&name, &text)), &expected);
        prop_assert_eq!(&in_full(&read_by_them(&name, &text)), &expected);
        prop_assert_eq!(with_doubles(serde_json::from_str(&text).unwrap()), expected);
    }

    #[test]
    fn every_form_of_it_is_read(bytes in prop::collection::vec(any::<u8>(), 0..300), forms in 0..16_u8) {
        let message = some_message(&bytes);
        let name = message.descriptor().full_name().to_owned();
        let options = SerializeOptions::new()
            .use_proto_field_name(forms & 1 > 0)
            .use_enum_numbers(forms & 2 > 0)
            .stringify_64_bit_integers(forms & 4 > 0)
            .skip_default_fields(forms & 8 > 0);
        let text = theirs(&message, &options);
        prop_assume!(!text.contains("null"));
        let read = read_by_us(&name, &text);
        prop_assert_eq!(in_full(&read), in_full(&message), "{}", text);
        prop_assert_eq!(ours(&read), ours(&message));
    }
}

#[test]
fn fields_that_come_in_parts_and_out_of_order_are_one() {
    let status = |part: &rpc::Status| part.encode_to_vec();
    let details = |name: &str| prost_types::Any { type_url: format!("a/{name}"), value: Vec::new() };
    let first = rpc::Status { message: "first".into(), details: vec![details("x")], ..Default::default() };
    let second = rpc::Status { code: 5, message: "second".into(), details: vec![details("google.protobuf.Empty")] };
    let mut out = Vec::new();
    write(schema_of("google.rpc.Status"), &[status(&first), status(&second)].concat(), &mut out).unwrap();
    let expected = r#"{"code":5,"message":"second","details":[{"@type":"a/x","value":""},{"@type":"a/google.protobuf.Empty","value":{}}]}"#;
    assert_eq!(String::from_utf8(out).unwrap(), expected);
    // A part of a message that is within another, a map whose entries repeat a key, and a field that nobody knows.
    let cluster = |labels: &[(&str, &str)], version: &str, disk: i64| {
        use crate::common::redis::v1::{Cluster, ClusterConfig, Resources};
        let resources = Some(Resources { disk_size: disk, ..Default::default() });
        let config = Some(ClusterConfig { version: version.into(), resources, ..Default::default() });
        let labels = labels.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        Cluster { labels, config, ..Default::default() }.encode_to_vec()
    };
    let bytes =
        [cluster(&[("b", "1"), ("c", "")], "a", 5), vec![0xf8, 0x3f, 1], cluster(&[("a", "2"), ("b", "3")], "", 6)]
            .concat();
    let mut out = Vec::new();
    write(schema_of("yandex.cloud.mdb.redis.v1.Cluster"), &bytes, &mut out).unwrap();
    let expected = r#"{"labels":{"a":"2","b":"3","c":""},"config":{"version":"a","resources":{"diskSize":"6"}}}"#;
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn what_is_no_message_is_not_written() {
    let cluster = schema_of("yandex.cloud.mdb.redis.v1.Cluster");
    let cases: [(&[u8], &str); 8] = [
        (b"\x0a", "its bytes are no message"),
        (b"\x0a\x05a", "its bytes are no message"),
        (b"\x0a\x01\xff", "it has text that is not UTF-8"),
        (b"\x08\x01", "its bytes are no message"),
        (b"\x0b\x0c", "its bytes are no message"),
        (b"\x1a\x02\x10\x80", "its bytes are no message"),
        (b"\x1a\x06\x08\x80\xff\xff\xff\x7f\x00", "its bytes are no message"),
        (b"\x1a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "its bytes are no message"),
    ];
    for (bytes, problem) in &cases[..6] {
        let outcome = write(cluster, bytes, &mut Vec::new()).map_err(|problem| problem.to_string());
        assert_eq!(outcome, Err(format!("a reply cannot be written as JSON: {problem}")), "{bytes:?}");
    }
    let late = prost_types::Timestamp { seconds: 253_402_300_800, nanos: 0 };
    let outcome = write(schema_of("google.protobuf.Timestamp"), &late.encode_to_vec(), &mut Vec::new());
    assert_eq!(outcome.unwrap_err().to_string(), "a reply cannot be written as JSON: it has a time that is none");
    let mut deep = prost_types::Any::default();
    for _ in 0..200 {
        deep = prost_types::Any { type_url: "a/google.protobuf.Any".into(), value: deep.encode_to_vec() };
    }
    let outcome = write(schema_of("google.protobuf.Any"), &deep.encode_to_vec(), &mut Vec::new());
    assert_eq!(outcome.unwrap_err().to_string(), "a reply cannot be written as JSON: it is too deep");
}

#[test]
fn doubles_are_what_they_are() {
    let config = schema_of("yandex.cloud.mdb.mysql.v1.config.MysqlConfig8_0");
    for (text, value) in [
        ("0.1", 0.1),
        ("\"0.1\"", 0.1),
        ("1", 1.0),
        ("-2.5e-3", -0.0025),
        ("\"Infinity\"", f64::INFINITY),
        ("9007199254740993", 9_007_199_254_740_992.0),
    ] {
        let bytes = read(config, format!("{{\"longQueryTime\":{text}}}").as_bytes()).unwrap();
        let read = crate::common::mysql::v1::config::MysqlConfig80::decode(bytes.as_slice()).unwrap();
        assert_eq!(read.long_query_time, Some(value), "{text}");
    }
    let written = |value: f64| {
        let message =
            crate::common::mysql::v1::config::MysqlConfig80 { long_query_time: Some(value), ..Default::default() };
        let mut out = Vec::new();
        write(config, &message.encode_to_vec(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    for (value, text) in
        [(1.0, "1"), (0.1, "0.1"), (1e300, "1e+300"), (f64::NAN, "\"NaN\""), (f64::NEG_INFINITY, "\"-Infinity\"")]
    {
        assert_eq!(written(value), format!("{{\"longQueryTime\":{text}}}"));
    }
}

#[test]
fn whole_numbers_are_read_in_every_form_that_is_exact() {
    let universe = schema_of("mdb.emulator.v1.CreateUniverseRequest");
    for (text, seed) in [
        ("7", 7),
        ("\"7\"", 7),
        ("7.0", 7),
        ("1e3", 1000),
        ("\"1e3\"", 1000),
        ("-0", 0),
        ("9007199254740993", 9_007_199_254_740_993),
        ("\"18446744073709551615\"", u64::MAX),
        ("18446744073709551615", u64::MAX),
        ("1e16", 10_000_000_000_000_000),
        ("1e18", 1_000_000_000_000_000_000),
        ("9007199254740993.0", 9_007_199_254_740_993),
        ("9007199254740994.0", 9_007_199_254_740_994),
        ("\"9007199254740993.0\"", 9_007_199_254_740_993),
        ("1844674407370955161.5E+1", u64::MAX),
        ("184467440737095516150e-1", u64::MAX),
        ("0e999999999", 0),
        ("0.000e-999999999", 0),
    ] {
        use mdb_emulator::contract::proto::mdb::emulator::v1::CreateUniverseRequest;
        let bytes = read(universe, format!("{{\"seed\":{text}}}").as_bytes()).unwrap();
        assert_eq!(CreateUniverseRequest::decode(bytes.as_slice()).unwrap().seed, seed, "{text}");
    }
    for text in [
        "-1",
        "0.5",
        "1e20",
        "9007199254740993.5",
        "18446744073709551616",
        "1e999999999",
        "1e-999999999",
        "1e99999999999999999999",
        "\"7 \"",
        "\"0x7\"",
        "\"٣\"",
        "\"7.\"",
        "\".7\"",
        "\"1e\"",
        "\"1e+\"",
        "\"+7\"",
        "\"\"",
        "\"-\"",
        "\"NaN\"",
    ] {
        let Err(Problem::Field(violation)) = read(universe, format!("{{\"seed\":{text}}}").as_bytes()) else {
            panic!("{text}")
        };
        assert_eq!(violation.rule, "must be a whole number from 0 to 18446744073709551615", "{text}");
    }
}

/// The digits before the point and behind it, once the point is where the exponent puts it.
fn expanded(integer: &str, fraction: &str, exponent: i32) -> (String, String) {
    let (mut before, mut behind): (Vec<char>, Vec<char>) = (integer.chars().collect(), fraction.chars().collect());
    for _ in 0..exponent {
        before.push(if behind.is_empty() { '0' } else { behind.remove(0) });
    }
    for _ in exponent..0 {
        behind.insert(0, before.pop().unwrap_or('0'));
    }
    (before.into_iter().collect(), behind.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(5_000) })]

    #[test]
    fn a_whole_number_is_what_its_digits_say(
        negative: bool,
        integer in "(0|[1-9][0-9]{0,18}|[1-9][0-9]{0,3}0{0,20}|922337203685477580[6-9])",
        fraction in "([0-9]{0,3}0{0,20}|0{1,25})",
        exponent in -24..24_i32,
        quoted: bool,
    ) {
        let sign = if negative { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        let text = format!("{sign}{integer}{point}{fraction}e{exponent}");
        let json = if quoted { format!("{{\"diskSize\":\"{text}\"}}") } else { format!("{{\"diskSize\":{text}}}") };
        let (before, behind) = expanded(&integer, &fraction, exponent);
        let is_whole = behind.chars().all(|digit| digit == '0');
        let value = format!("{sign}0{before}").parse::<i64>().ok().filter(|_| is_whole);
        let read = read(schema_of("yandex.cloud.mdb.redis.v1.Resources"), json.as_bytes()).ok();
        let read = read.map(|bytes| redis::v1::Resources::decode(bytes.as_slice()).unwrap().disk_size);
        prop_assert_eq!(read, value, "{}", text);
    }
}

#[test]
fn a_number_is_read_once_however_long_it_is() {
    let seed = |text: &str| {
        read(schema_of("mdb.emulator.v1.CreateUniverseRequest"), format!("{{\"seed\":{text}}}").as_bytes())
    };
    let noughts = "0".repeat(1_000_000);
    assert_eq!(seed(&format!("7.{noughts}")), seed("7"));
    assert_eq!(seed(&format!("7{noughts}e-1000000")), seed("7"));
    assert_eq!(seed(&format!("0.{noughts}7e1000001")), seed("7"));
    assert!(seed(&format!("7{noughts}")).is_err());
    assert!(seed(&format!("1e{}", "9".repeat(1_000_000))).is_err());
}

#[test]
fn what_is_no_number_is_told_so() {
    let resources = schema_of("yandex.cloud.mdb.redis.v1.Resources");
    let whole = "must be a whole number from -9223372036854775808 to 9223372036854775807";
    for (text, but) in [
        ("true", ", but is true or false"),
        ("[1]", ", but is a list"),
        ("{\"a\": 1}", ", but is an object"),
        ("\"a\"", ""),
    ] {
        let Err(Problem::Field(violation)) = read(resources, format!("{{\"diskSize\": {text} }}").as_bytes()) else {
            panic!("{text}")
        };
        assert_eq!((violation.field.as_str(), violation.rule), ("disk_size", format!("{whole}{but}")));
    }
    assert_eq!(read(resources, b"{\"diskSize\": null}"), Ok(Vec::new()));
    let Err(Problem::Field(violation)) = read(resources, b"{\"diskTypeId\": 1e5}") else { panic!() };
    assert_eq!(violation.rule, "must be text, but is a number");
    assert!(matches!(read(resources, b"{\"diskSize\": 1e}"), Err(Problem::NoObject(_))));
    assert!(matches!(read(resources, b"{\"diskSize\": 01}"), Err(Problem::NoObject(_))));
}

#[test]
fn numbers_of_32_bits_may_be_text() {
    let status = schema_of("google.rpc.Status");
    for text in ["-7", "\"-7\"", "-7.0", "\"-7e0\""] {
        let bytes = read(status, format!("{{\"code\":{text}}}").as_bytes()).unwrap();
        assert_eq!(rpc::Status::decode(bytes.as_slice()).unwrap().code, -7, "{text}");
    }
}

#[test]
fn bytes_are_read_in_either_alphabet_of_base_64_padded_or_not() {
    let bytes = schema_of("google.rpc.Status");
    let of = |text: &str| json!({"details": [{"@type": "a/google.protobuf.BytesValue", "value": text}]}).to_string();
    let written = of("+/8=");
    for text in ["+/8=", "+/8", "-_8=", "-_8"] {
        let read = read(bytes, of(text).as_bytes()).unwrap();
        let value: Vec<u8> = rpc::Status::decode(read.as_slice()).unwrap().details[0].value.clone();
        assert_eq!(value, [0x0a, 2, 0xfb, 0xff], "{text}");
        let mut out = Vec::new();
        write(bytes, &read, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), written, "{text}");
    }
    for text in ["+/8==", "+", "é", "+/ 8"] {
        let Err(Problem::Field(violation)) = read(bytes, of(text).as_bytes()) else { panic!("{text}") };
        assert_eq!(violation.rule, "must be text in Base64");
    }
}

#[test]
fn messages_of_any_type_are_read_by_the_type_that_they_name() {
    let status = schema_of("google.rpc.Status");
    let read = |details: Value| read(status, json!({"details": [details]}).to_string().as_bytes());
    let empty = "type.googleapis.com/google.protobuf.Empty";
    let known = json!({"requestId": "a", "@type": "type.googleapis.com/google.rpc.RequestInfo"});
    let known = rpc::Status::decode(read(known).unwrap().as_slice()).unwrap();
    let info: rpc::RequestInfo = known.details[0].to_msg().unwrap();
    assert_eq!(info.request_id, "a", "the type may come last");
    assert_eq!(read(json!({})), Ok(b"\x1a\x00".to_vec()));
    assert!(read(json!({"@type": empty, "value": {}})).is_ok());
    let problem = |details: Value, field: &str, rule: &str| {
        let Err(Problem::Field(violation)) = read(details.clone()) else { panic!("{details}") };
        assert_eq!((violation.field.as_str(), violation.rule.as_str()), (field, rule), "{details}");
    };
    problem(json!({"@type": "a/Nothing"}), "details[0]", "has an @type that is not known");
    problem(json!({"value": {}}), "details[0]", "must name its type by @type");
    problem(json!({"@type": empty, "value": {}, "more": 1}), "details[0]", "must have nothing but @type and one value");
    problem(json!({"@type": empty, "value": {"a": 1}}), "details[0].a", "is no field of google.protobuf.Empty");
    problem(json!(1), "details[0]", "must be an object, but is a number");
    problem(json!("secret"), "details[0]", "must be an object, but is text");
    problem(json!({"@type": 1}), "details[0]", "must name its type by @type, which must be text, but is a number");
    problem(
        json!({"@type": "a/google.rpc.Status", "code": "x"}),
        "details[0].code",
        "must be a whole number from -2147483648 to 2147483647",
    );
    let mut deep = json!({});
    for _ in 0..9 {
        deep = json!({"@type": "a/google.rpc.Status", "details": [deep]});
    }
    let Err(Problem::Field(violation)) = read(deep) else { panic!("it is too deep") };
    assert_eq!(violation.rule, "has too many messages within each other");
    let deepest = "{\"@type\":\"a/google.rpc.Status\",\"details\":[".repeat(50_000);
    assert!(matches!(
        self::read(status, format!("{{\"details\":[{deepest}").as_bytes()),
        Err(Problem::NoObject(_) | Problem::Field(_))
    ));
}

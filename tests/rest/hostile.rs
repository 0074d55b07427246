//! What the fuzz targets in `fuzz/` do, with random input, in every run of the tests.

use proptest::prelude::*;

#[path = "../../fuzz/src/lib.rs"]
mod targets;

/// Text that is likely to get somewhere.
fn likely(words: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        4 => prop::sample::select(words).prop_map(|word| word.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(word, 0..16).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn paths(data in likely(&["GET ", "POST ", "/", "managed-redis/v1/", "clusters", ":backup", ":", "/operations/", "%2F", "%", "{cluster_id}", "endpoints", "?", "a"])) {
        targets::path(&data);
    }

    #[test]
    fn queries(data in likely(&["folderId", "=", "&", "pageSize", "page_size", "5", ".", "%41", "%", "+", "configSpec.", "redis.", "timeout", "updateMask", "labels"])) {
        targets::query(&data);
    }

    #[test]
    fn bodies(data in likely(&["{", "}", "[", "]", ",", ":", "\"configSpec\"", "\"version\"", "\"labels\"", "\"updateMask\"", "1", "null", "true", "\"a\"", "\"\\u", "1e9"])) {
        targets::body(&data);
    }

    #[test]
    fn json(data in likely(&["{", "}", "[", "]", ",", ":", "\"details\"", "\"@type\"", "\"a/google.rpc.Status\"", "\"value\"", "\"code\"", "\"a/google.protobuf.Any\"", "1", "\"1s\""])) {
        targets::json(&data);
    }

    #[test]
    fn wire(data in prop::collection::vec(any::<u8>(), 0..64)) {
        targets::wire(&data);
    }

    #[test]
    fn filters(data in likely(&["name", "=", "!=", "\"", "'", " IN ", " NOT IN ", "(", ")", ",", "orders", " AND ", "\\"])) {
        targets::filter(&data);
    }

    #[test]
    fn page_tokens(data in prop_oneof![prop::collection::vec(any::<u8>(), 0..40), likely(&["yk6vyNtLiVYAAAAAAAAACA", "A", "=", "_", "-"])]) {
        targets::page_token(&data);
    }
}

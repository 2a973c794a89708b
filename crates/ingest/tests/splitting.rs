//! Where records begin and end.

use proptest::prelude::*;
use vedette_ingest::split::fuzz;
use vedette_parse::decode::Framing;

use crate::read::{self, entry};

fn document(text: &str) -> Vec<String> {
    let (records, _) = fuzz::records(Framing::HarDocument, 1 << 20, text.as_bytes(), |_| text.len());
    records.into_iter().map(|record| String::from_utf8(record).unwrap()).collect()
}

#[test]
fn entries_are_found_wherever_they_stand() {
    for (text, expected) in [
        (r#"{"log":{"entries":[{"a":1},{"b":"]}"}]}}"#, &["{\"a\":1}", "{\"b\":\"]}\"}"][..]),
        (
            r#"{ "log" : { "pages":[{"entries":[1]}], "x":{"entries":[2]}, "entries" : [ {"a":1} ] , "y":[3] } }"#,
            &["{\"a\":1}"],
        ),
        (r#"{"log":{"comment":"\"entries\":[","entries":[{"a":"\\"}],"z":1},"after":[4]}"#, &[r#"{"a":"\\"}"#]),
        (r#"{"entries":[{"a":1}],"version":1}"#, &["{\"a\":1}"]),
        (r#"{"records":[{"a":1},{"a":2}]}"#, &["{\"a\":1}", "{\"a\":2}"]),
        (r#"[{"a":1},{"a":[{}]}]"#, &["{\"a\":1}", "{\"a\":[{}]}"]),
        (r#"[1,"two, [",null,{"a":1},[5]]"#, &["1", "\"two, [\"", "null", "{\"a\":1}", "[5]"]),
        ("{\"request\":1,\n \"records\":[2]}\n{\"a\":2}", &["{\"request\":1,\n \"records\":[2]}", "{\"a\":2}"]),
        (
            r#"{"log":{"entries":[{"a":1}]}}{"log":{"entries":[{"a":2}]}} [{"a":3}]"#,
            &["{\"a\":1}", "{\"a\":2}", "{\"a\":3}"],
        ),
        (r#"{"log":{"entries":[{"a":1},{"a":"#, &["{\"a\":1}"]),
        (r#"{"log":{"entries":[{"a":1}}} junk [{"a":2}]"#, &["{\"a\":1}", "{\"a\":2}"]),
        (r#"{"log":{"entries":[]}}"#, &[]),
        ("", &[]),
    ] {
        assert_eq!(document(text), expected, "{text}");
    }
}

#[test]
fn a_har_is_recognized_in_every_shape() {
    let (a, b) = (entry(0), entry(1));
    let pretty = |text: &str| serde_json_pretty(text);
    for (format, text) in [
        ("har-ndjson", format!("{a}\n{b}\n")),
        ("har-ndjson", format!("\n{a}\r\n{b}")),
        ("har", format!("{{\"log\":{{\"entries\":[{a},{b}]}}}}")),
        ("har", pretty(&format!("{{\"log\":{{\"version\":\"1.2\",\"entries\":[{a},{b}]}}}}"))),
        ("har", format!("[{a},{b}]")),
        ("har", format!("[\n{a},\n{b}\n]")),
        ("har", format!("{}\n{}\n", pretty(&a), pretty(&b))),
        ("har", format!("{{\"log\":{{\"entries\":[{a}]}}}}\n{{\"log\":{{\"entries\":[{b}]}}}}\n")),
        // The entries come after more pages than the head of the source holds.
        ("har", format!("{{\"log\":{{\"pages\":[\"{}\"],\"entries\":[{a},{b}]}}}}", "p".repeat(400_000))),
        // The first entry is longer than the head.
        (
            "har-ndjson",
            format!("{}\n{b}\n", a.replace("\"status\"", &format!("\"_\":\"{}\",\"status\"", "p".repeat(400_000)))),
        ),
    ] {
        let seen = read::bytes(&text);
        let start: String = text.chars().take(60).collect();
        assert_eq!((seen.paths(), seen.only().format.as_str()), (vec!["/0", "/1"], format), "{start}");
        assert!(seen.only().problems.is_empty(), "{start}: {:?}", seen.only().problems);
        assert!(!seen.only().format_reason.is_empty());
    }
}

/// Breaks the line after every comma and bracket outside of strings: enough to be pretty-printed.
fn serde_json_pretty(text: &str) -> String {
    let mut out = String::new();
    let mut in_string = false;
    for c in text.chars() {
        in_string ^= c == '"';
        out.push(c);
        if !in_string && matches!(c, '{' | '[' | ',') {
            out.push_str("\n  ");
        }
    }
    out
}

#[test]
fn batches_are_whole_and_numbered() {
    let seen = read::bytes(read::lines(0..20_000));
    assert!(
        seen.exchanges
            .iter()
            .enumerate()
            .all(|(n, (_, record, path))| { *record == n as u64 && *path == format!("/{n}") })
    );
    let entries: Vec<String> = (0..20_000).map(entry).collect();
    let seen = read::bytes(format!("[{}]", entries.join(", ")));
    assert_eq!(seen.exchanges.len(), 20_000);
    assert!(
        seen.exchanges
            .iter()
            .enumerate()
            .all(|(n, (_, record, path))| { *record == n as u64 && *path == format!("/{n}") })
    );
}

proptest! {
    #[test]
    fn records_do_not_depend_on_the_sizes_of_the_reads(
        choice in any::<u8>(),
        tokens in proptest::collection::vec(
            "(\\{\"log\":|\\{\"entries\":\\[|\"entries\":\\[|\"records\":|\\{|\\}|\\[|\\]|,|:|\"a\\\\\\\\\"|\"\\\\\"|\"|\\\\|\n|\r\n| |12|null|\"x\")",
            0..60,
        ),
    ) {
        let mut data = vec![choice];
        data.extend(tokens.concat().bytes());
        fuzz::split(&data);
    }

    #[test]
    fn any_bytes_are_split(data in proptest::collection::vec(any::<u8>(), 0..300)) {
        fuzz::split(&data);
    }
}

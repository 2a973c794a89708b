//! Logs as sources: recognition, mixtures, order. What a line means is tested with its format.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use vedette_ingest::Options;
use vedette_parse::log;

use crate::read::{self, Folder, entry};

/// A line of a combined log at a minute of an hour.
fn combined(minute: u64, path: &str) -> String {
    format!(
        "203.0.113.7 - - [21/Sep/2026:14:{minute:02}:20 +0000] \"GET {path} HTTP/1.1\" 200 512 \"-\" \"curl/8.5.0\"\n"
    )
}

#[test]
fn a_log_is_recognized_with_a_reason() {
    let lines: String = (0..20).map(|n| combined(n, &format!("/{n}"))).collect();
    let seen = read::bytes(lines.replace('\n', "\r\n"));
    let source = seen.only();
    assert_eq!((source.format.as_str(), source.exchanges, source.unreadable), ("combined", 20, 0));
    assert!(source.format_reason.contains("20 of 20"), "{}", source.format_reason);
    assert_eq!(seen.exchanges[19].2, "/19");
}

#[test]
fn records_of_another_format_are_read_and_counted() {
    let mut text = String::new();
    for n in 0..60 {
        text += &combined(n, "/log");
        if n % 3 == 0 {
            text += &(entry(n) + "\n");
        }
        if n == 30 {
            text += "segmentation fault (core dumped)\n";
        }
    }
    let seen = read::bytes(text);
    let source = seen.only();
    assert_eq!((source.format.as_str(), source.records, source.exchanges, source.unreadable), ("combined", 81, 80, 1));
    assert!(source.problems[0].contains("20 records are in another format: har-ndjson"), "{:?}", source.problems);
}

#[test]
fn a_log_may_begin_with_something_else() {
    let noise = "worker 7: warming up the cache of this application, please wait\n".repeat(8_000);
    let lines: String = (0..60).map(|n| combined(n, "/late")).collect();
    let seen = read::bytes(noise + &lines.repeat(200));
    let source = seen.only();
    assert_eq!((source.format.as_str(), source.exchanges, source.unreadable), ("combined", 12_000, 8_000));
    assert!(source.format_reason.contains("from line"), "{}", source.format_reason);
    assert_eq!(seen.exchanges[0].1, 8_000);
}

#[test]
fn rotated_logs_are_put_in_order() {
    let folder = Folder::new();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all((combined(1, "/1") + &combined(2, "/2")).as_bytes()).unwrap();
    let files = [
        folder.write("access.log", combined(5, "/5") + &combined(6, "/6")),
        folder.write("access.log.1", combined(3, "/3") + &combined(4, "/4")),
        folder.write("access.log.2.gz", encoder.finish().unwrap()),
    ];
    assert_eq!(read::all(&files).paths(), ["/1", "/2", "/3", "/4", "/5", "/6"]);
}

#[test]
fn a_format_that_the_user_names_is_not_second_guessed() {
    let folder = Folder::new();
    let path = folder.write("a.log", combined(1, "/1") + &entry(2) + "\n");
    let options = Options { decoder: log::by_id("combined"), ..Options::default() };
    let seen = read::with(&[path], options, |_| {});
    let source = seen.only();
    assert_eq!((source.format_reason.as_str(), source.exchanges, source.unreadable), ("given by the user", 1, 1));
}

#[test]
fn json_logs_in_arrays_and_over_several_lines_are_read() {
    let line = |n: u64| {
        format!(
            r#"{{"time_local":"21/Sep/2026:14:13:20 +0000","remote_addr":"203.0.113.7","request_method":"GET","request_uri":"/{n}","status":"200","body_bytes_sent":"12","http_user_agent":"curl"}}"#
        )
    };
    let one = read::bytes(format!("{}\n{}\n", line(0), line(1)));
    assert_eq!(one.paths(), ["/0", "/1"]);
    let format = one.only().format.clone();
    for text in [
        format!("[{},{}]", line(0), line(1)),
        format!("[\n{},\n{}\n]\n", line(0), line(1)),
        format!("{{\"records\": [{},{}]}}", line(0), line(1)),
        format!("{{\"records\":[{}]}}\n{{\"records\":[{}]}}\n", line(0), line(1)),
        format!("{}\n{}\n", line(0), line(1)).replace(",\"", ",\n  \""),
    ] {
        let seen = read::bytes(&text);
        assert_eq!((seen.paths(), &seen.only().format), (vec!["/0", "/1"], &format), "{text}");
        assert!(seen.only().problems.is_empty(), "{:?}", seen.only().problems);
    }
}

#[test]
fn columns_that_iis_names_anew_hold_for_the_lines_after_them() {
    let folder = Folder::new();
    let mut log = String::from("#Software: Microsoft Internet Information Services 10.0\n");
    log.push_str("#Fields: date time cs-method cs-uri-stem sc-status c-ip\n");
    log.push_str(&"2026-10-10 10:00:00 GET /old 200 203.0.113.9\n".repeat(20_000));
    log.push_str("#Fields: date time c-ip sc-status cs-uri-stem cs-method\n");
    // More than a batch: the next one begins with the new columns.
    log.push_str(&"2026-10-10 11:00:00 203.0.113.9 200 /new GET\n".repeat(20_000));
    let seen = read::path(&folder.write("u_ex261010.log", log));
    let count = |path: &str| seen.paths().iter().filter(|seen| **seen == path).count();
    assert_eq!((count("/old"), count("/new")), (20_000, 20_000));
    assert_eq!(seen.sources[0].unreadable, 0);
}

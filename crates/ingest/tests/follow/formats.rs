//! What is followed may be in any format, and in several.

use vedette_ingest::{FollowOptions, Follower, Watched};

use super::{Play, entry, gzip, line, lines, paths};
use crate::read;

#[test]
fn har_lines_are_followed() {
    let mut play = Play::folder();
    play.append("traffic.har.ndjson", entry(0));
    assert_eq!(play.look(), ["/0"]);
    let long = entry(1).replace("\"response\"", &format!("\"comment\":\"{}\",\"response\"", "x".repeat(3 << 20)));
    play.append("traffic.har.ndjson", long);
    play.append("traffic.har.ndjson", entry(2));
    assert_eq!(play.look(), ["/1", "/2"], "an entry with a large body is a record like any other");
    assert_eq!(play.decoder, "har-ndjson");
}

#[test]
fn a_line_that_is_too_long_is_told_and_passed_over() {
    let mut play = Play::folder();
    play.log("access.log", 0..1);
    play.append("access.log", "x".repeat(3 << 20));
    assert_eq!(play.look(), ["/0"]);
    play.append("access.log", format!("{}\n", "x".repeat(6 << 20)));
    play.log("access.log", 2..3);
    let mut looks = 0;
    while play.look().is_empty() && looks < 5 {
        looks += 1;
    }
    assert_eq!(play.seen, ["/0", "/2"]);
    let health = play.health();
    assert_eq!(health.refused, 1);
    assert_eq!(health.samples[0].reason, "longer than 1 MB, skipped");
    assert_eq!(health.samples[0].record, 1);
    play.restart();
    play.log("access.log", 3..4);
    assert_eq!(play.look(), ["/3"]);
}

#[test]
fn a_har_document_and_a_capture_are_read_once() {
    let mut play = Play::folder();
    let document = |n: u64| {
        let entries: Vec<String> = (0..n).map(|n| read::entry(n).replace(',', ",\n  ")).collect();
        format!("{{\"log\": {{\"entries\": [\n{}\n]}}}}", entries.join(",\n"))
    };
    play.write("shop.har", document(3));
    play.look();
    play.look();
    assert_eq!(play.seen, paths(0..3));
    play.restart();
    play.write("shop.har", document(5));
    play.look();
    play.look();
    assert_eq!(play.seen, paths(0..5), "what was added is read, the rest is not read again");
    let capture = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sources/captures/http1.pcap")).unwrap();
    let expected = read::bytes(&capture).paths().len();
    assert!(expected > 0);
    play.write("traffic.cap", capture);
    for _ in 0..12 {
        play.look();
    }
    assert_eq!(play.seen.len(), 5 + expected);
    play.restart();
    for _ in 0..12 {
        assert!(play.look().is_empty());
    }
}

#[test]
fn a_compressed_file_is_read_when_it_is_complete() {
    let mut play = Play::folder();
    let whole = gzip(lines(0..5_000).as_bytes());
    play.append("old.log.gz", &whole[..whole.len() / 2]);
    play.look();
    play.append("old.log.gz", &whole[whole.len() / 2..]);
    for _ in 0..3 {
        play.look();
    }
    assert_eq!(play.seen, paths(0..5_000));
    play.restart();
    for _ in 0..3 {
        assert!(play.look().is_empty());
    }
    // Cut off for good: what came before is read, and that it was is told.
    play.write("cut.log.gz", &whole[..whole.len() / 2]);
    for _ in 0..3 {
        play.look();
    }
    assert!(play.seen.len() > 5_000);
    let all = play.follower_health();
    let problems: Vec<_> = all.iter().filter_map(|health| health.problem.as_deref()).collect();
    assert!(problems.iter().any(|problem| problem.contains("cut off")), "{problems:?}");
}

#[test]
fn columns_are_known_after_a_restart() {
    let mut play = Play::folder();
    let head = "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time cs-method cs-uri-stem sc-status c-ip\n";
    play.append("u_ex261126.log", head);
    play.append("u_ex261126.log", "2026-11-26 10:05:03 GET /0 200 203.0.113.9\n");
    play.append("u_ex261126.log", "#Fields: time cs-method sc-status cs-uri-stem\n10:05:04 GET 200 /1\n");
    assert_eq!(play.look(), paths(0..2));
    play.append("u_ex261126.log", "10:05:05 GET 200 /2\n");
    play.restart();
    assert_eq!(play.look(), paths(2..3));
    assert!(play.decoder.starts_with("iis #Fields: time cs-method sc-status"), "{}", play.decoder);
}

#[test]
fn a_new_generation_is_in_the_format_of_its_log() {
    let mut play = Play::folder();
    play.log("access.log", 0..5);
    play.look();
    play.rename("access.log", "access.log.1");
    // Alone, this line is in the common format.
    let common = line(5).replace(" \"-\" \"curl/8.5.0\"", "");
    play.append("access.log", common);
    assert_eq!(play.look(), ["/5"]);
    assert_eq!(play.decoder, "combined");
}

#[test]
fn other_messages_before_and_between_do_not_hide_the_log() {
    let mut play = Play::folder();
    play.append("app.log", "starting up\n");
    assert!(play.look().is_empty());
    assert_eq!(play.health().refused, 1);
    play.log("app.log", 0..4);
    assert_eq!(play.look(), paths(0..4));
    play.append("app.log", format!("warning: slow\n{}", entry(4)));
    play.log("app.log", 5..6);
    assert_eq!(play.look(), paths(4..6), "a record in another known format is read in that one");
}

#[test]
fn what_is_no_traffic_is_told_and_left() {
    let mut play = Play::of(|folder| folder.join("data"));
    play.write("data", [b"PK\x03\x04".as_slice(), &[0; 200]].concat());
    play.log("unrelated", 0..1);
    for _ in 0..3 {
        assert!(play.look().is_empty());
    }
    let problem = play.health().problem.unwrap();
    assert!(problem.contains("zip"), "{problem}");
    play.write("data", lines(0..2));
    assert_eq!(play.look(), paths(0..2), "until it is something else");
}

#[test]
fn utf16_is_read_when_it_rests() {
    let mut play = Play::folder();
    let utf16: Vec<u8> = lines(0..3).encode_utf16().flat_map(u16::to_le_bytes).collect();
    play.write("ps.log", [[0xff, 0xfe].as_slice(), &utf16].concat());
    play.look();
    play.look();
    assert_eq!(play.seen, paths(0..3));
    let mut marked = Play::folder();
    marked.write("bom.log", format!("\u{feff}{}", lines(0..3)));
    assert_eq!(marked.look(), paths(0..3));
    marked.log("bom.log", 3..4);
    marked.restart();
    assert_eq!(marked.look(), paths(3..4));
}

#[test]
fn a_format_that_was_named_is_not_guessed() {
    let folder = read::Folder::new();
    folder.write("access.log", lines(0..2));
    let watched = Watched { path: folder.0.clone(), decoder: vedette_parse::log::by_id("common") };
    let mut follower = Follower::new(vec![watched], FollowOptions::default(), std::collections::HashMap::new());
    follower.poll(std::time::Duration::ZERO);
    let delivery = follower.take(std::time::Duration::ZERO).unwrap();
    assert_eq!(delivery.decoder().unwrap(), "common");
}

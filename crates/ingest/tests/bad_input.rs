//! Truncated, binary, enormous and malicious input: counted, sampled, explained; the rest is still read.

use std::io::{BufWriter, Write};

use vedette_model::Anomaly;
use vedette_model::limits::RECORD_BYTES_MAX;

use crate::read::{self, Folder, entry};

#[test]
fn a_truncated_document_yields_the_entries_before_the_cut() {
    let entries: Vec<String> = (0..50).map(entry).collect();
    let document = format!("{{\"log\":{{\"version\":\"1.2\",\"entries\":[{}]}}}}", entries.join(",\n"));
    let cut = document.find("/40\"").unwrap();
    let seen = read::bytes(&document[..cut]);
    assert_eq!((seen.exchanges.len(), seen.only().format.as_str()), (40, "har"));
    assert!(seen.problem().contains("ends in the middle"), "{}", seen.problem());
}

#[test]
fn binary_files_are_refused_with_what_to_do() {
    let mut tar = vec![0; 1024];
    tar[..5].copy_from_slice(b"a.log");
    tar[257..262].copy_from_slice(b"ustar");
    for (content, hint) in [
        (tar.clone(), "tar xf"),
        (zstd::encode_all(tar.as_slice(), 1).unwrap(), "tar xf"),
        (b"PK\x03\x04rest".to_vec(), "unpack"),
        (b"BZh91AY&SY".to_vec(), "bzcat"),
        (b"\x7fELF\x02\x01\x01".to_vec(), "HAR"),
        ((0..=255).cycle().take(4096).collect(), "it is binary"),
    ] {
        let seen = read::bytes(content);
        assert_eq!((seen.exchanges.len(), seen.only().format.as_str()), (0, "unknown"));
        assert!(seen.problem().contains(hint), "{}", seen.problem());
    }
}

#[test]
fn text_that_is_no_traffic_is_said_to_be_that() {
    let seen = read::bytes("the quick brown fox\njumps over the lazy dog\n");
    let source = seen.only();
    assert_eq!((source.format.as_str(), source.records, source.unreadable), ("unknown", 2, 2));
    assert_eq!(source.unreadable_samples.len(), 2);
    assert!(seen.problem().contains("no known format") && seen.problem().contains("hint:"), "{}", seen.problem());
    assert!(!source.unreadable_samples[0].excerpt.contains("brown fox"));
}

#[test]
fn a_line_of_100_mb_is_skipped_and_counted() {
    let folder = Folder::new();
    let path = folder.0.join("huge.ndjson");
    let mut file = BufWriter::new(std::fs::File::create(&path).unwrap());
    file.write_all(read::lines(0..3).as_bytes()).unwrap();
    for _ in 0..100 {
        file.write_all(&vec![b'x'; 1 << 20]).unwrap();
    }
    file.write_all(b"\n").unwrap();
    file.write_all(read::lines(4..6).as_bytes()).unwrap();
    file.into_inner().unwrap();
    let seen = read::path(&path);
    assert_eq!(seen.paths(), ["/0", "/1", "/2", "/4", "/5"]);
    assert_eq!(seen.exchanges[3].1, 4, "it counts as a line");
    let source = seen.only();
    assert_eq!((source.records, source.unreadable, source.bytes > 100 << 20), (6, 1, true));
    assert_eq!(source.unreadable_samples[0].record, 3);
    assert!(source.unreadable_samples[0].reason.contains("32 MB"));
}

#[test]
fn an_entry_over_the_limit_is_skipped_and_counted() {
    let folder = Folder::new();
    let path = folder.0.join("huge.har");
    let mut file = BufWriter::new(std::fs::File::create(&path).unwrap());
    write!(file, "{{\"log\":{{\"entries\":[{},{{\"x\":\"", entry(0)).unwrap();
    for _ in 0..=RECORD_BYTES_MAX >> 20 {
        file.write_all(&vec![b'y'; 1 << 20]).unwrap();
    }
    write!(file, "\"}},{}]}}}}", entry(2)).unwrap();
    file.into_inner().unwrap();
    let seen = read::path(&path);
    assert_eq!(seen.paths(), ["/0", "/2"]);
    let source = seen.only();
    assert_eq!((seen.exchanges[1].1, source.records, source.unreadable), (2, 3, 1));
    assert_eq!(source.unreadable_samples[0].record, 1);
}

#[test]
fn json_100_000_levels_deep_is_a_record_like_another() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let objects = "{\"a\":".repeat(100_000) + "1" + &"}".repeat(100_000);
    let in_body = entry(1).replace("\"url\"", &format!("\"postData\":{{\"text\":\"{deep}\"}},\"url\""));
    let in_entry = entry(2).replace("\"url\"", &format!("\"_x\":{objects},\"url\""));
    let lines = [entry(0), in_body.clone(), in_entry.clone(), deep.clone(), objects.clone(), entry(5)].join("\n");
    let seen = read::bytes(&lines);
    assert_eq!((seen.paths(), seen.only().unreadable), (vec!["/0", "/1", "/2", "/5"], 2));
    let document = format!("{{\"log\":{{\"entries\":[{},{in_body},{in_entry},{deep},{}]}}}}", entry(0), entry(4));
    let seen = read::bytes(&document);
    assert_eq!((seen.paths(), seen.only().unreadable), (vec!["/0", "/1", "/2", "/4"], 1));
}

#[test]
fn invalid_utf8_is_replaced_and_noted() {
    let mut content = read::lines(0..2).into_bytes();
    content.extend(b"{\"request\":{\"url\":\"/caf\xe9\"},\"response\":{\"status\":200}}\r\n");
    content.extend(read::lines(3..4).bytes());
    let folder = Folder::new();
    let mut noted = Vec::new();
    let seen = read::each(&[folder.write("a", content)], |x| noted.push(x.anomalies.contains(&Anomaly::InvalidUtf8)));
    assert_eq!(seen.paths(), ["/0", "/1", "/caf\u{fffd}", "/3"]);
    assert_eq!(noted, [false, false, true, false]);
}

#[test]
fn unreadable_records_are_counted_and_the_first_three_sampled() {
    let broken: Vec<String> = (0..200).map(|n| format!("{{\"broken\": \"secret-value-{n}\n")).collect();
    let seen = read::bytes(read::lines(0..2) + &broken.concat() + "\n\r\n" + &entry(7));
    let source = seen.only();
    assert_eq!((source.records, source.exchanges, source.unreadable), (203, 3, 200));
    let samples: Vec<u64> = source.unreadable_samples.iter().map(|sample| sample.record).collect();
    assert_eq!(samples, [2, 3, 4]);
    assert_eq!(seen.exchanges[2].1, 204, "blank lines count as lines");
    assert!(!format!("{:?}", source.unreadable_samples).contains("secret-value"));
}

#[test]
fn a_clock_that_jumps_is_told() {
    let seen = read::bytes(read::lines((10_000..10_005).chain(0..5).chain(4..6)));
    assert_eq!(seen.exchanges.len(), 12);
    assert!(seen.problem().contains("time runs backward by more than an hour at 1 record"), "{}", seen.problem());
}

//! Compression and byte order are recognized by content.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::read;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn gzip_members_and_zstd_frames_are_read_whole() {
    let (first, second) = (read::lines(0..500), read::lines(500..700));
    let all: Vec<String> = (0..700).map(|n| format!("/{n}")).collect();
    let frame = |text: &str| zstd::encode_all(text.as_bytes(), 1).unwrap();
    for (name, content) in [
        ("gzip", [gzip(first.as_bytes()), gzip(second.as_bytes())].concat()),
        ("zstd", [frame(&first), frame(&second)].concat()),
    ] {
        let seen = read::bytes(content);
        assert_eq!(seen.only().compression.as_deref(), Some(name));
        assert_eq!(seen.paths(), all, "{name}");
        assert!(seen.only().problems.is_empty(), "{:?}", seen.only().problems);
        assert_eq!(seen.only().bytes, (first.len() + second.len()) as u64);
    }
}

#[test]
fn a_truncated_stream_keeps_what_came_before() {
    let text = read::lines(0..20_000);
    for (name, mut content) in
        [("gzip", gzip(text.as_bytes())), ("zstd", zstd::encode_all(text.as_bytes(), 1).unwrap())]
    {
        content.truncate(content.len() / 2);
        let seen = read::bytes(content);
        assert!(seen.exchanges.len() > 5_000, "{name}: {}", seen.exchanges.len());
        assert!(seen.problem().contains("cut off") && seen.problem().contains("hint:"), "{}", seen.problem());
    }
}

#[test]
fn a_damaged_stream_keeps_what_came_before() {
    let mut content = gzip(read::lines(0..20_000).as_bytes());
    let middle = content.len() / 2;
    content[middle..middle + 64].fill(0xff);
    let seen = read::bytes(content);
    assert!(!seen.exchanges.is_empty());
    assert!(seen.problem().contains("broken"), "{}", seen.problem());
}

#[test]
fn bytes_after_the_last_gzip_member_are_told() {
    let mut content = gzip(read::lines(0..3).as_bytes());
    content.extend_from_slice(b"these bytes are no gzip member");
    let seen = read::bytes(content);
    assert_eq!(seen.exchanges.len(), 3);
    assert!(seen.problem().contains("broken"), "{}", seen.problem());
}

#[test]
fn bombs_are_stopped() {
    let blanks = vec![b' '; 1 << 20];
    let mut zstd = zstd::Encoder::new(Vec::new(), 1).unwrap();
    zstd.write_all(read::lines(0..10).as_bytes()).unwrap();
    for _ in 0..100 {
        zstd.write_all(&blanks).unwrap();
    }
    // zlib at level 1 packs 1:228; at its best 1:1030.
    let mut tight = GzEncoder::new(Vec::new(), Compression::best());
    tight.write_all(read::lines(0..10).as_bytes()).unwrap();
    for _ in 0..100 {
        tight.write_all(&blanks).unwrap();
    }
    for content in [tight.finish().unwrap(), zstd.finish().unwrap()] {
        let seen = read::bytes(content);
        assert_eq!(seen.exchanges.len(), 10);
        let problems = seen.only().problems.join(" ");
        assert!(problems.contains("decompression bomb") && problems.contains("hint:"), "{problems}");
        assert!(seen.only().bytes < 80 << 20, "{}", seen.only().bytes);
    }
}

#[test]
fn byte_order_marks_and_utf16_are_undone() {
    let text = read::lines(0..5) + "{\"request\":{\"url\":\"/ä😀\"},\"response\":{\"status\":200}}\n";
    let mut paths: Vec<String> = (0..5).map(|n| format!("/{n}")).collect();
    paths.push("/ä😀".to_owned());
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (name, content) in [
        ("UTF-8 with mark", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("UTF-16LE with mark", [b"\xff\xfe", little.as_slice()].concat()),
        ("UTF-16BE with mark", [b"\xfe\xff", big.as_slice()].concat()),
        ("UTF-16LE", little),
        ("UTF-16BE", big),
    ] {
        assert_eq!(read::bytes(content).paths(), paths, "{name}");
    }
}

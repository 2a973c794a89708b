//! What reading costs before anything is learned: one entry, splitting, decompression.
//!
//! `cargo bench -p vedette-ingest`; the traffic is made here, a megabyte or more of it.

use std::io::Write;
use std::path::PathBuf;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use vedette_ingest::split::fuzz::count;
use vedette_ingest::{Options, Records, Sources};
use vedette_parse::decode::Framing;
use vedette_parse::har;

fn main() {
    divan::main();
}

/// A HAR entry with 20 headers and a JSON body of 2 kB, as text inside JSON.
fn entry(n: usize) -> String {
    let items: Vec<String> = (0..22)
        .map(|i| {
            format!(
                r#"{{\"id\":{},\"name\":\"item {i}\",\"email\":\"user{i}@mail.example\",\"price\":{i}.99,\"tags\":[\"a\",\"b\"]}}"#,
                n * 100 + i
            )
        })
        .collect();
    let headers: Vec<String> =
        (0..10).map(|i| format!(r#"{{"name":"x-header-{i}","value":"some value of usual length {i}"}}"#)).collect();
    let headers = headers.join(",");
    format!(
        r#"{{"startedDateTime":"2026-09-21T14:13:20.123Z","time":57.25,"request":{{"method":"GET","url":"https://api.example.com/v1/items/{n}?page=2","httpVersion":"HTTP/1.1","headers":[{headers}],"queryString":[],"bodySize":-1}},"response":{{"status":200,"statusText":"OK","httpVersion":"HTTP/1.1","headers":[{headers}],"content":{{"size":2000,"mimeType":"application/json","text":"{{\"items\":[{}]}}"}},"bodySize":-1}},"serverIPAddress":"198.51.100.10","_client":{{"ip":"203.0.113.3"}}}}"#,
        items.join(",")
    )
}

fn lines() -> Vec<u8> {
    let line = "203.0.113.7 - - [21/Sep/2026:14:13:20 +0000] \"GET /v1/orders/1234567?page=2 HTTP/1.1\" 200 5123 \"https://shop.example/\" \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\"\n";
    line.repeat(20_000).into_bytes()
}

fn document() -> Vec<u8> {
    let entries: Vec<String> = (0..1_000).map(entry).collect();
    format!("{{\"log\":{{\"version\":\"1.2\",\"entries\":[{}]}}}}", entries.join(",")).into_bytes()
}

#[divan::bench(sample_size = 500)]
fn har_entry(bencher: Bencher<'_, '_>) {
    let text = entry(7);
    assert!(har::entry(&text).is_ok_and(|x| x.response_body.is_some_and(|body| (1_800..2_400).contains(&body.len()))));
    bencher.counter(ItemsCount::new(1_usize)).bench(|| har::entry(black_box(&text)).is_ok());
}

#[divan::bench]
fn split_lines(bencher: Bencher<'_, '_>) {
    let data = lines();
    bencher.counter(BytesCount::new(data.len())).bench(|| count(Framing::Lines, black_box(&data)));
}

#[divan::bench]
fn split_document(bencher: Bencher<'_, '_>) {
    let data = document();
    bencher.counter(BytesCount::new(data.len())).bench(|| count(Framing::HarDocument, black_box(&data)));
}

#[divan::bench(args = ["plain", "gzip", "zstd"])]
fn source_of_lines(bencher: Bencher<'_, '_>, compression: &str) {
    let data = har_lines();
    let path = std::env::temp_dir().join(format!("vedette-bench-{}-{compression}", std::process::id()));
    let content = match compression {
        "gzip" => gzip(&data),
        "zstd" => zstd::encode_all(data.as_slice(), 3).unwrap_or_default(),
        _ => data.clone(),
    };
    let written = std::fs::write(&path, content);
    assert!(written.is_ok());
    bencher.counter(BytesCount::new(data.len())).bench(|| read(&path));
    let _ = std::fs::remove_file(&path);
}

fn har_lines() -> Vec<u8> {
    (0..10_000).flat_map(|n| (entry(n) + "\n").into_bytes()).collect()
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let _ = encoder.write_all(data);
    encoder.finish().unwrap_or_default()
}

fn read(path: &PathBuf) -> u64 {
    let mut sources = Sources::open(std::slice::from_ref(path), Options::default());
    let mut records = Records::default();
    let mut count = 0;
    while let Some(batch) = sources.next(records) {
        count += batch.count();
        records = batch.recycle();
    }
    count
}

//! Captures of curl, nghttp and h2load against nginx and nghttpd, recorded by `cargo xtask captures --write`, where
//! tshark saw the same in them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use vedette_ingest::Options;
use vedette_parse::capture::{Capture, Finished, KeyLog};

use crate::read;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sources/captures").join(name)
}

fn lines(path: PathBuf, keys: Option<&str>) -> (Vec<String>, read::Seen) {
    let keys = keys.map(|name| Arc::new(KeyLog::read(&std::fs::read(fixture(name)).unwrap())));
    let mut lines = Vec::new();
    let seen = read::with(&[path], Options { keys, ..Options::default() }, |x| {
        assert!(x.has_headers && x.at.is_some() && x.client_ip.is_some() && x.duration_us.is_some());
        assert!(x.anomalies.is_empty(), "{:?}", x.anomalies);
        let tls = x.tls_version.as_deref().unwrap_or("-");
        let client = x.tls_ja4.as_deref().and_then(|ja4| ja4.split('_').next()).unwrap_or("-");
        let bodies = [&x.request_body, &x.response_body].map(|body| body.as_ref().map_or(0, |body| body.len()));
        let (version, sent, got) = (x.http_version.as_deref(), x.request_bytes, x.response_bytes);
        lines.push(format!(
            "{} {} {}{} -> {} ({}/{} {}/{}) {tls} {client}",
            version.unwrap_or_default(),
            x.method,
            x.path,
            x.query.as_deref().map(|query| format!("?{query}")).unwrap_or_default(),
            x.status,
            sent.unwrap_or_default(),
            bodies[0],
            got.unwrap_or_default(),
            bodies[1],
        ));
    });
    (lines, seen)
}

#[test]
fn http1_of_curl_and_nginx_is_read() {
    let (lines, seen) = lines(fixture("http1.pcap"), None);
    insta::assert_snapshot!(lines.join("\n"), @r#"
    HTTP/1.1 GET /orders.json?page=2 -> 200 (0/0 1774/1774) - -
    HTTP/1.1 GET /v1/gone -> 204 (0/0 0/0) - -
    HTTP/1.1 GET /v1/missing -> 404 (0/0 153/153) - -
    HTTP/1.1 GET /v1/old -> 301 (0/0 169/169) - -
    HTTP/1.1 GET /orders.json -> 200 (0/0 258/1774) - -
    HTTP/1.1 HEAD /orders.json -> 200 (0/0 0/0) - -
    HTTP/1.1 POST /v1/orders -> 201 (42/42 8/8) - -
    HTTP/1.1 POST /v1/orders -> 201 (3/3 8/8) - -
    HTTP/1.1 POST /v1/orders -> 201 (3/3 8/8) - -
    HTTP/1.1 GET /orders.json -> 200 (0/0 1774/1774) - -
    HTTP/1.1 GET /orders.json?page=1 -> 200 (0/0 1774/1774) - -
    HTTP/1.1 GET /v1/old -> 301 (0/0 169/169) - -
    HTTP/1.1 POST /v1/orders -> 201 (2/2 8/8) - -
    HTTP/1.1 GET /v1/gone -> 204 (0/0 0/0) - -
    HTTP/1.1 GET /v1/missing -> 404 (0/0 153/153) - -
    "#);
    let capture = seen.only().capture.clone().unwrap();
    assert_eq!((seen.only().format.as_str(), seen.only().problems.len()), ("pcap", 0));
    assert_eq!((capture.segments, capture.loss.lost_bytes, capture.unanswered), (capture.packets, 0, 0));
}

#[test]
fn http2_of_nghttp_and_h2load_is_read() {
    let (lines, seen) = lines(fixture("http2.pcap"), None);
    insta::assert_snapshot!(lines.join("\n"), @r#"
    HTTP/2 GET /orders.json?page=3 -> 200 (0/0 258/1774) - -
    HTTP/2 GET /v1/gone -> 204 (0/0 0/0) - -
    HTTP/2 GET /v1/missing -> 404 (0/0 114/153) - -
    HTTP/2 POST /v1/orders -> 201 (615/615 8/8) - -
    HTTP/2 GET /orders.json?page=4 -> 200 (0/0 1774/1774) - -
    HTTP/2 GET /v1/orders -> 201 (0/0 8/8) - -
    HTTP/2 GET /v1/orders -> 201 (0/0 8/8) - -
    HTTP/2 GET /v1/orders -> 201 (0/0 8/8) - -
    HTTP/2 GET /v1/orders -> 201 (0/0 8/8) - -
    HTTP/2 GET /v1/orders -> 201 (0/0 8/8) - -
    HTTP/2 GET /v1/orders -> 201 (0/0 8/8) - -
    HTTP/2 GET /v1/orders -> 201 (0/0 8/8) - -
    HTTP/2 GET /v1/orders -> 201 (0/0 8/8) - -
    HTTP/2 GET /v1/orders -> 201 (0/0 8/8) - -
    HTTP/2 GET /v1/orders -> 201 (0/0 8/8) - -
    HTTP/2 GET /v1/orders -> 201 (0/0 8/8) - -
    HTTP/2 GET /v1/orders -> 201 (0/0 8/8) - -
    "#);
    let capture = seen.only().capture.clone().unwrap();
    assert_eq!((capture.http2_broken, capture.unanswered, capture.unframed_bytes), (0, 0, 0));
}

#[test]
fn tls_is_opened_with_the_key_log() {
    let (lines, seen) = lines(fixture("tls.pcap"), Some("tls.keys"));
    insta::assert_snapshot!(lines.join("\n"), @r#"
    HTTP/2 GET /v1/orders?tls=13 -> 201 (0/0 8/8) TLSv1.3 t13d2912h2
    HTTP/2 GET /v1/missing -> 404 (0/0 153/153) TLSv1.3 t13d2912h2
    HTTP/2 GET /v1/orders?tls=13 -> 201 (0/0 8/8) TLSv1.3 t13d2912h2
    HTTP/2 GET /v1/missing -> 404 (0/0 153/153) TLSv1.3 t13d2912h2
    HTTP/2 GET /v1/orders?tls=13 -> 201 (0/0 8/8) TLSv1.3 t13d2912h2
    HTTP/2 GET /v1/missing -> 404 (0/0 153/153) TLSv1.3 t13d2912h2
    HTTP/1.1 POST /v1/orders -> 201 (2/2 8/8) TLSv1.3 t13d3112h1
    HTTP/1.1 GET /v1/orders?tls=12 -> 201 (0/0 8/8) TLSv1.2 t12d0207h2
    HTTP/1.1 GET /v1/gone -> 204 (0/0 0/0) TLSv1.2 t12d0207h2
    HTTP/1.1 GET /v1/orders?tls=12 -> 201 (0/0 8/8) TLSv1.2 t12d0207h2
    HTTP/1.1 GET /v1/gone -> 204 (0/0 0/0) TLSv1.2 t12d0207h2
    HTTP/1.1 GET /v1/orders?tls=12 -> 201 (0/0 8/8) TLSv1.2 t12d0207h2
    HTTP/1.1 GET /v1/gone -> 204 (0/0 0/0) TLSv1.2 t12d0207h2
    "#);
    let tls = seen.only().capture.clone().unwrap().tls;
    assert_eq!((tls.opened, tls.closed, tls.undecrypted_records), (7, 0, 0));
}

#[test]
fn tls_without_its_keys_stays_closed_and_says_so() {
    let (lines, seen) = lines(fixture("tls.pcap"), None);
    assert!(lines.is_empty());
    let tls = seen.only().capture.clone().unwrap().tls;
    assert_eq!((tls.opened, tls.closed), (0, 7));
    assert!(tls.closed_by_name.iter().all(|row| row.name == "api.example" && row.reason == "no key log"));
    assert!(tls.closed_by_name.iter().any(|row| row.version == "TLSv1.2" && row.ja4.starts_with("t12d")), "{tls:?}");
    assert!(seen.problem().contains("7 TLS connections stayed closed") && seen.problem().contains("--keylog"));
}

#[test]
fn compressed_captures_are_read() {
    let plain = std::fs::read(fixture("http2.pcap")).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&plain).unwrap();
    let (expected, _) = lines(fixture("http2.pcap"), None);
    let folder = read::Folder::new();
    for (name, bytes) in [("gzip", gzip.finish().unwrap()), ("zstd", zstd::encode_all(plain.as_slice(), 1).unwrap())] {
        let (lines, seen) = lines(folder.write("capture", bytes), None);
        assert_eq!(lines, expected);
        assert_eq!(seen.only().compression.as_deref(), Some(name));
    }
}

#[test]
fn a_capture_that_ends_in_the_middle_keeps_what_came_before() {
    let mut bytes = std::fs::read(fixture("http1.pcap")).unwrap();
    bytes.truncate(bytes.len() / 2);
    let folder = read::Folder::new();
    let seen = read::all(&[folder.write("capture", bytes)]);
    assert!(seen.exchanges.len() > 3, "{}", seen.exchanges.len());
    assert!(seen.problem().contains("ends in the middle of a packet"), "{}", seen.problem());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damage_anywhere_in_real_captures_is_survived(
        which in 0..3_usize,
        flips in proptest::collection::vec((24..30_000_usize, any::<u8>()), 1..60),
    ) {
        let name = ["http1.pcap", "http2.pcap", "tls.pcap"][which];
        let mut bytes = std::fs::read(fixture(name)).unwrap();
        for (at, byte) in flips {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        let mut capture = Capture::new(Some(Arc::new(KeyLog::read(&std::fs::read(fixture("tls.keys")).unwrap()))));
        let mut out = Finished::default();
        capture.feed(&bytes, &mut out, usize::MAX);
        capture.finish(&mut out);
        out.iter().for_each(|record| drop(vedette_parse::capture::exchange(record)));
        let summary = capture.summary();
        prop_assert_eq!(summary.packets, summary.segments + summary.not_read.values().sum::<u64>());
    }
}

//! Packet captures from the command line: what was read, what stayed closed, and the key log.

use std::path::{Path, PathBuf};

use crate::{folder, vedette};

fn fixture(name: &str) -> String {
    let captures: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ingest/tests/sources/captures");
    captures.join(name).display().to_string()
}

#[test]
fn a_capture_is_analyzed_like_any_other_source() {
    let said =
        vedette(&folder("captures"), &["analyze", &fixture("http1.pcap"), &fixture("http2.pcap"), "--json"], b"");
    assert_eq!(said.code, 0, "{}", said.stderr);
    let results = said.results();
    assert_eq!(results["stats"]["exchanges"], 32);
    let formats: Vec<_> = results["sources"].as_array().unwrap().iter().map(|source| &source["format"]).collect();
    assert_eq!(formats, ["pcap", "pcap"]);
    assert_eq!(results["sources"][0]["capture"]["loss"]["lost_bytes"], 0);
    let templates: Vec<_> = results["endpoints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|endpoint| endpoint["template"].as_str().unwrap())
        .collect();
    assert!(templates.contains(&"/v1/orders"), "{templates:?}");
}

#[test]
fn the_summary_says_what_stayed_closed_and_the_key_log_opens_it() {
    let folder = folder("keylog");
    let (capture, keys) = (fixture("tls.pcap"), fixture("tls.keys"));
    let closed = vedette(&folder, &["analyze", &capture], b"");
    assert_eq!(closed.code, 2);
    assert!(
        closed.stdout.contains("7 tls closed") && closed.stderr.contains("--keylog"),
        "{}{}",
        closed.stdout,
        closed.stderr
    );
    let open = vedette(&folder, &["analyze", &capture, "--keylog", &keys], b"");
    assert_eq!(open.code, 0, "{}", open.stderr);
    assert!(open.stdout.contains("13 exchanges") && open.stdout.contains("7 tls opened"), "{}", open.stdout);
}

#[test]
fn a_key_log_without_keys_is_an_error_with_a_hint() {
    let folder = folder("no-keys");
    std::fs::write(folder.join("keys"), "# nothing here\n").unwrap();
    let said = vedette(&folder, &["analyze", &fixture("tls.pcap"), "--keylog", "keys"], b"");
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("holds no TLS secrets") && said.stderr.contains("SSLKEYLOGFILE"), "{}", said.stderr);
}

//! What is written may be forwarded: no raw secret, no personal value (invariant 5).

use std::fs;

use super::{CARD, EMAIL, TOKEN, folder, har_entry, vedette};

#[test]
fn no_output_shows_a_secret_or_a_personal_value() {
    let folder = folder("privacy");
    let mut lines: Vec<String> = (0..50).map(har_entry).collect();
    // A record that cannot be read is sampled; the sample must be masked too.
    lines.push(format!("{{\"request\": \"{TOKEN} {EMAIL} {CARD}"));
    fs::write(folder.join("a.har.ndjson"), lines.join("\n")).unwrap();
    let summary = vedette(&folder, &["analyze", "a.har.ndjson", "--out", "report"], b"");
    let json = vedette(&folder, &["analyze", "a.har.ndjson", "--json"], b"");
    let read = |name: &str| fs::read_to_string(folder.join("report").join(name)).unwrap();
    let outputs = [
        ("summary", summary.stdout),
        ("words", summary.stderr),
        ("json", json.stdout),
        ("report.html", read("report.html")),
        ("results.json", read("results.json")),
        ("findings.csv", read("findings.csv")),
    ];
    for (name, text) in &outputs {
        for secret in [TOKEN, CARD, EMAIL, "ada.lovelace"] {
            assert!(!text.contains(secret), "{name} shows {secret}");
        }
    }
    let classes = &outputs[2].1;
    assert!(classes.contains("payment-card") && classes.contains("\"email\""), "classes are seen");
}

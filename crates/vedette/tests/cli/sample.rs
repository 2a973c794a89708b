//! The bundled sample: a believable company with planted weaknesses, which the first run must show.

use std::path::Path;

use serde_json::Value;

use super::{folder, vedette};

#[test]
fn planted_weaknesses_of_the_sample_are_found() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/harbor");
    let traffic = sample.join("traffic.har.ndjson.gz");
    let said = vedette(&folder("sample"), &["analyze", traffic.to_str().unwrap(), "--json"], b"");
    let results = said.results();
    let findings = results["findings"].as_array().unwrap();
    let planted: Vec<Value> = serde_json::from_slice(&std::fs::read(sample.join("posture.json")).unwrap()).unwrap();
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let missing: Vec<String> = planted
        .iter()
        .filter(|weakness| {
            let place = shape(&format!("{} {}", text(weakness, "method"), text(weakness, "template")));
            !findings.iter().any(|finding| {
                // A finding of a whole service has no place of its own.
                let there = shape(&text(finding, "place")) == place || text(finding, "endpoint").is_empty();
                finding["kind"] == weakness["kind"] && there
            })
        })
        .map(|weakness| {
            format!("{} at {} {}", text(weakness, "kind"), text(weakness, "method"), text(weakness, "template"))
        })
        .collect();
    assert_eq!(missing, [""; 0], "planted and not found");
}

/// A template without the names of its parameters.
fn shape(template: &str) -> String {
    let parts = template.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

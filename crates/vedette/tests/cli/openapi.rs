//! `vedette openapi`: documents of what was learned.

use std::fs;

use super::{folder, har_entry, vedette};

#[test]
fn the_only_service_goes_to_standard_output() {
    let folder = folder("openapi-one");
    let entries: Vec<String> = (0..60).map(har_entry).collect();
    let said = vedette(&folder, &["openapi", "export", "-"], entries.join("\n").as_bytes());
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.starts_with("openapi: \"3.1.0\"\ninfo:\n"), "{}", said.stdout);
    let json = vedette(&folder, &["openapi", "export", "-", "--json"], entries.join("\n").as_bytes()).results();
    let paths = json["paths"].as_object().unwrap();
    assert!(!paths.is_empty() && paths.keys().all(|path| path.starts_with('/')), "{paths:?}");
}

#[test]
fn several_services_need_a_choice_or_a_folder() {
    let folder = folder("openapi-several");
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/harbor/traffic.har.ndjson.gz");
    let said = vedette(&folder, &["openapi", "export", sample], b"");
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("5 services: shop-api") && said.stderr.contains("--service"), "{}", said.stderr);
    let unknown = vedette(&folder, &["openapi", "export", sample, "--service", "nope"], b"");
    assert!(unknown.stderr.contains("'nope'") && unknown.stderr.contains("shop-api"), "{}", unknown.stderr);
    let said = vedette(&folder, &["openapi", "export", sample, "--out", "docs"], b"");
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert_eq!(fs::read_dir(folder.join("docs")).unwrap().count(), 5);
    let shop = fs::read_to_string(folder.join("docs/shop-api.yaml")).unwrap();
    assert!(shop.contains("\"/v2/orders/{orderId}\":") && shop.contains("bearerFormat: JWT"));
    assert!(!shop.contains("sabine.fischer"), "no value of the traffic is in it");
}

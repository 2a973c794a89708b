//! The OpenAPI document against the routes and against itself.

use std::collections::BTreeSet;

use serde_json::Value;
use vedette_server::access::{self, ROUTES};

use super::world::World;

/// Routes that are pages or the document itself.
const UNDOCUMENTED: [&str; 3] = ["/docs", "/docs/style.css", "/v1/openapi.json"];

fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(|(method, value)| (method.to_ascii_uppercase(), path.clone(), value))
        })
        .collect()
}

#[test]
fn the_document_and_the_table_name_the_same_routes() {
    let document = vedette_server::document();
    let documented: BTreeSet<_> = operations(&document).iter().map(|one| (one.0.clone(), one.1.clone())).collect();
    let tabled: BTreeSet<_> = ROUTES
        .iter()
        .filter(|row| !UNDOCUMENTED.contains(&row.1))
        .map(|row| (row.0.to_owned(), row.1.to_owned()))
        .collect();
    assert_eq!(documented, tabled);
    for (method, path, operation) in operations(&document) {
        let access = access::of(&method, &path).unwrap();
        assert_eq!(operation["x-required-scope"], access.id(), "{method} {path}");
    }
}

#[test]
fn every_operation_is_told_to_people_and_every_reference_leads_somewhere() {
    let document = vedette_server::document();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        assert!(operation["summary"].is_string(), "{method} {path} has no summary");
        assert!(operation["tags"][0].is_string(), "{method} {path} has no tag");
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{method} {path}: id is taken");
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(response["description"].is_string(), "{method} {path} {status}");
        }
    }
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    for reference in references {
        let pointer = reference.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    assert!(!document.to_string().contains("x-json-"), "a carried schema was not put in place");
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(!name.ends_with(vedette_server::openapi::CONFLICT), "{name}: two types have this name");
    }
}

fn collect(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                references.insert(reference.to_owned());
            }
            object.values().for_each(|inner| collect(inner, references));
        }
        Value::Array(items) => items.iter().for_each(|inner| collect(inner, references)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_served_to_anybody() {
    let world = World::new().await;
    let served = world.ask("GET", "/v1/openapi.json", "", &[], "").await;
    assert_eq!(served.status, 200);
    assert_eq!(served.json(), vedette_server::document());
    let docs = world.ask("GET", "/docs", "", &[], "").await;
    assert!(docs.text.contains("GET /v1/endpoints"));
}

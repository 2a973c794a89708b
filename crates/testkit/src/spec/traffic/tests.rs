use std::collections::{HashMap, HashSet};

use super::*;

/// A small forge, with what documents do: references, combinations, choices, a schema that contains itself.
const FORGE: &str = r##"{
  "openapi": "3.0.3",
  "servers": [{"url": "https://{region}.forge.example.com/api/v3", "variables": {"region": {"default": "eu"}}}],
  "paths": {
    "/users": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/User"}}}}}}}},
    "/users/me": {"get": {"responses": {"200": {"description": "you"}}}},
    "/users/{username}": {"get": {"parameters": [{"$ref": "#/components/parameters/username"}], "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}}}}},
    "/repos/{owner}/{repo}": {
      "parameters": [{"name": "owner", "in": "path", "required": true, "schema": {"type": "string"}}, {"name": "repo", "in": "path", "required": true, "schema": {"type": "string"}}],
      "get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Repo"}}}}}},
      "delete": {"responses": {"204": {"description": "gone"}}}
    },
    "/repos/{owner}/{repo}/issues": {"get": {"parameters": [{"name": "state", "in": "query", "schema": {"enum": ["open", "closed"]}}], "responses": {"200": {"content": {"application/json": {"schema": {"type": "object", "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Issue"}}}}}}}}},
      "post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Issue"}}}}, "responses": {"201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Issue"}}}}, "422": {"description": "no"}}}},
    "/repos/{owner}/{repo}/issues/{number}": {"get": {"parameters": [{"name": "number", "in": "path", "schema": {"type": "integer"}}], "responses": {"2XX": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Issue"}}}}}}},
    "/archive/{version}.{format}": {"get": {"parameters": [{"name": "format", "in": "path", "schema": {"enum": ["zip", "tar"]}}], "responses": {"200": {"content": {"application/zip": {}}}}}},
    "/odd#fragment": {"get": {"responses": {}}}
  },
  "components": {
    "parameters": {"username": {"name": "username", "in": "path", "required": true, "schema": {"type": "string"}}},
    "schemas": {
      "User": {"type": "object", "required": ["login"], "properties": {"login": {"type": "string"}, "email": {"type": "string", "format": "email"}, "manager": {"$ref": "#/components/schemas/User"}}},
      "Repo": {"allOf": [{"type": "object", "required": ["name", "owner"], "properties": {"name": {"type": "string"}, "owner": {"$ref": "#/components/schemas/User"}}}, {"properties": {"topics": {"type": "array", "items": {"type": "string"}}, "settings": {"type": "object", "additionalProperties": {"type": "integer"}}}}]},
      "Issue": {"oneOf": [{"type": "object", "required": ["number", "title"], "properties": {"number": {"type": "integer"}, "title": {"type": "string"}, "state": {"enum": ["open", "closed"]}}}]}
    }
  }
}"##;

fn forge(options: &Options) -> Vec<Entry> {
    generate(&Document::read(FORGE, None).unwrap(), options)
}

const OPTIONS: Options = Options { seed: 4, exchanges: 1_200, slugs: true, no_bodies: false };

#[test]
fn the_seed_decides_every_byte() {
    let text = |seed| crate::har::write_all(&forge(&Options { seed, ..OPTIONS }));
    assert_eq!(text(4), text(4));
    assert_ne!(text(4), text(5));
}

#[test]
fn every_entry_is_har_and_fits_its_template() {
    let entries = forge(&OPTIONS);
    assert_eq!(entries.len(), 1_200);
    let (traffic, truth) = crate::har::write_all(&entries);
    for (line, row) in traffic.lines().zip(truth.lines()) {
        let entry: Value = serde_json::from_str(line).unwrap();
        let row: Value = serde_json::from_str(row).unwrap();
        let url = entry["request"]["url"].as_str().unwrap();
        assert!(url.starts_with(&format!("https://eu.forge.example.com{}", row["path"].as_str().unwrap())), "{url}");
        if let Some(body) = entry["response"]["content"]["text"].as_str() {
            assert!(serde_json::from_str::<Value>(body).is_ok());
        }
    }
    let document = Document::read(FORGE, None).unwrap();
    for entry in &entries {
        match &entry.template {
            Some(template) => {
                let operation = route(&document.operations, &entry.method, &entry.path).unwrap();
                assert_eq!(&operation.template, template, "{}", entry.path);
            }
            None => assert!(route(&document.operations, &entry.method, &entry.path).is_none()),
        }
    }
    let seen: HashSet<_> = entries.iter().filter_map(|e| e.template.as_deref()).collect();
    assert!(seen.contains("/api/v3/archive/{version}.{format}") && seen.contains("/api/v3/users/me"), "{seen:?}");
    assert!(entries.iter().any(|e| e.template.is_none()) && entries.iter().any(|e| e.status == 404));
}

#[test]
fn most_but_not_all_values_of_paths_occur_in_bodies() {
    let entries = forge(&OPTIONS);
    let bodies: String = entries.iter().filter_map(|e| e.response_body.as_ref()).map(|b| b.text.as_str()).collect();
    let mut told: HashMap<String, bool> = HashMap::new();
    for entry in entries.iter().filter(|e| e.status < 300 && e.path.starts_with("/api/v3/repos/")) {
        let repository = entry.path.split('/').nth(5).unwrap().to_owned();
        told.entry(repository).or_insert_with_key(|name| bodies.contains(&format!("\"name\":\"{name}\"")));
    }
    let known = told.values().filter(|t| **t).count();
    assert!(told.len() > 40 && known * 10 > told.len() * 6 && known < told.len(), "{known} of {}", told.len());
}

#[test]
fn an_object_answers_with_what_it_was_asked_for() {
    for entry in forge(&OPTIONS).iter().filter(|e| e.status == 200) {
        let last = entry.path.rsplit('/').next().unwrap();
        let body: Value = entry.response_body.as_ref().map_or(Value::Null, |b| serde_json::from_str(&b.text).unwrap());
        match entry.template.as_deref() {
            Some("/api/v3/users/{username}") => assert_eq!(body["login"], last),
            Some("/api/v3/repos/{owner}/{repo}") => {
                assert_eq!(body["name"], last);
                assert!(body["owner"]["login"].is_string());
            }
            Some("/api/v3/repos/{owner}/{repo}/issues/{number}") => assert_eq!(body["number"].to_string(), last),
            _ => {}
        }
    }
}

#[test]
fn without_bodies_only_what_a_log_keeps_is_left() {
    let entries = forge(&Options { no_bodies: true, ..OPTIONS });
    assert!(entries.iter().all(|e| e.request_headers.is_empty() && e.response_headers.is_empty()));
    assert!(entries.iter().all(|e| e.request_body.is_none() && e.response_body.is_none()));
    assert!(entries.iter().any(|e| e.response_bytes > 20));
    let paths = |entries: &[Entry]| entries.iter().map(|e| e.path.clone()).collect::<Vec<_>>();
    assert_eq!(paths(&entries), paths(&forge(&OPTIONS)), "the same requests as with bodies");
}

#[test]
fn documents_that_cannot_be_used_say_why() {
    for (text, want) in [
        ("{", "cannot read the document"),
        (r#"{"swagger": "2.0"}"#, "not an OpenAPI 3 document"),
        (r#"{"openapi": "3.1.0", "paths": {"/#a": {"get": {}}}}"#, "declares no operation"),
        ("openapi: 3.0.0\npaths: {}\n", "declares no operation"),
    ] {
        assert!(Document::read(text, None).unwrap_err().to_string().contains(want), "{text}");
    }
    let yaml = "openapi: 3.0.0\npaths:\n  /things/{id}:\n    get: {responses: {}}\n";
    let document = Document::read(yaml, Some("/base/")).unwrap();
    assert_eq!(document.operations[0].template, "/base/things/{id}");
}

//! # Secret in an example
//!
//! An example, default or description holds what looks like a real credential. Documents are published.
use serde_json::Value;
use vedette_model::Severity;
use vedette_parse::document::push_token;

use super::{Document, Places, Rule};

/// How sure a secret must be: examples are made to look like something.
const CONFIDENCE_MIN: f32 = 0.8;

/// Values that are looked at.
const VALUES_MAX: usize = 200_000;

pub(super) const RULE: Rule = Rule {
    id: "spec-secret-in-example",
    title: "Secret in an example",
    severity: Severity::High,
    owasp: &["API8:2023"],
    cwe: &["CWE-540"],
    fix: "Withdraw the secret, and write an example that looks like one and is none.",
    check,
    bad: r"paths: {}
components: {schemas: {A: {type: string, example: ghp_16C7e42F292c6912E7710c838347Ae178B4a}}}
",
    good: r"paths: {}
components: {schemas: {A: {type: string, example: your-token-here}}}
",
};

fn check(document: &Document<'_>, places: &mut Places) {
    let mut left = VALUES_MAX;
    search(document, &document.spec.root, &mut String::new(), (false, 64), &mut left, places);
}

/// `data`: inside of an example, where every text counts.
fn search(
    document: &Document<'_>,
    value: &Value,
    pointer: &mut String,
    (data, levels): (bool, usize),
    left: &mut usize,
    places: &mut Places,
) {
    if levels == 0 || *left == 0 {
        return;
    }
    *left -= 1;
    let length = pointer.len();
    match value {
        Value::String(text) if data && text.len() >= 8 => {
            let found = document.classifier.secret("", text).filter(|(_, confidence)| *confidence >= CONFIDENCE_MIN);
            if let Some(class) = found.and_then(|(class, _)| document.classifier.class(class)) {
                places.add(pointer, format!("an example holds what looks like a real secret ({})", class.id));
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                push_token(pointer, &place.to_string());
                search(document, item, pointer, (data, levels - 1), left, places);
                pointer.truncate(length);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                push_token(pointer, key);
                let data = data || matches!(key.as_str(), "example" | "examples" | "default" | "description");
                search(document, member, pointer, (data, levels - 1), left, places);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

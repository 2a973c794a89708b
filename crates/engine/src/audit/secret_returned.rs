//! # Password or secret in a response
//!
//! A successful response has a property that is named like a password or private key and is not `writeOnly`. Answers of
//! operations that create a credential show it once and are left out.
use serde_json::Value;
use vedette_model::Severity;

use super::schemas::Walk;
use super::{Document, Places, Rule};

/// Names, without separators, of what is never to be returned.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "passwordhash",
    "hashedpassword",
    "privatekey",
    "clientsecret",
    "secretkey",
    "cvv",
    "cvc",
    "pin",
    "totpsecret",
    "mfasecret",
    "securityanswer",
];

pub(super) const RULE: Rule = Rule {
    id: "spec-secret-returned",
    title: "Password or secret in a response",
    severity: Severity::Medium,
    owasp: &["API3:2023"],
    cwe: &["CWE-200"],
    fix: "Mark it `writeOnly`, or leave it out of the response.",
    check,
    bad: r"paths: {/a: {get: {responses: {'200': {description: ok, content: {application/json: {schema: {type: object, properties: {password: {type: string}}}}}}}}}}
",
    good: r"paths: {/a: {get: {responses: {'200': {description: ok, content: {application/json: {schema: {type: object, properties: {password: {type: string, writeOnly: true}}}}}}}}}}
",
};

fn check(document: &Document<'_>, places: &mut Places) {
    let mut walk = Walk::new(&document.spec.root);
    for (operation, pointer, _) in document.response_schemas().filter(|(one, ..)| one.method != "POST") {
        walk.from(pointer, &mut |at, schema, name| {
            let flat: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
            let hidden = schema.get("writeOnly") == Some(&Value::Bool(true));
            if NAMES.contains(&flat.as_str()) && !hidden {
                places.add(at, format!("{} returns '{name}'", Document::name(operation)));
            }
        });
    }
}

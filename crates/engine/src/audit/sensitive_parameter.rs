//! # Secret or personal number in the URL
//!
//! A path or query parameter asks for a password, token, card or identity number: URLs are logged everywhere.
use vedette_model::Severity;

use super::{Document, Places, Rule};

pub(super) const RULE: Rule = Rule {
    id: "spec-sensitive-parameter",
    title: "Secret or personal number in the URL",
    severity: Severity::High,
    owasp: &["API8:2023"],
    cwe: &["CWE-598"],
    fix: "Take it from a header or from the body.",
    check,
    bad: r"paths: {/a: {get: {parameters: [{name: password, in: query, schema: {type: string}}], responses: {'200': {description: ok}}}}}
",
    good: r"paths: {/a: {get: {parameters: [{name: page_token, in: query, schema: {type: string}}], responses: {'200': {description: ok}}}}}
",
};

/// Words of names that ask for what does not belong into a URL.
const WORDS: &[&str] = &[
    "password",
    "passwd",
    "secret",
    "apikey",
    "accesstoken",
    "authtoken",
    "privatekey",
    "ssn",
    "socialsecurity",
    "creditcard",
    "cardnumber",
    "cvv",
    "iban",
    "passport",
];

fn check(document: &Document<'_>, places: &mut Places) {
    for operation in &document.spec.operations {
        for one in operation.parameters.iter().filter(|one| matches!(one.location.as_str(), "path" | "query")) {
            let flat: String = one.name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
            if WORDS.iter().any(|word| flat.contains(word)) || flat == "token" || flat == "pin" {
                let text = format!("{} asks for '{}' in the {}", Document::name(operation), one.name, one.location);
                places.add(&one.pointer, text);
            }
        }
    }
}

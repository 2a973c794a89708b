//! # OAuth flow that is given up
//!
//! The implicit flow puts tokens into URLs, the password flow hands the password to the client. OAuth 2.0 Security Best
//! Current Practice (RFC 9700, 2.1.2 and 2.4) forbids both; plain HTTP for token or authorization URLs gives them away.
use serde_json::Value;
use vedette_model::Severity;

use super::{Document, Places, Rule};

pub(super) const RULE: Rule = Rule {
    id: "spec-oauth-weak-flow",
    title: "OAuth flow that is given up",
    severity: Severity::Medium,
    owasp: &["API2:2023"],
    cwe: &["CWE-522"],
    fix: "Use the authorization code flow with PKCE, and client credentials for machines.",
    check,
    bad: r"paths: {}
components: {securitySchemes: {o: {type: oauth2, flows: {implicit: {authorizationUrl: 'https://a.example', scopes: {}}}}}}
",
    good: r"paths: {}
components: {securitySchemes: {o: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://a.example', scopes: {}}}}}}
",
};

fn check(document: &Document<'_>, places: &mut Places) {
    for (name, scheme) in document.spec.schemes.iter().filter(|(_, scheme)| scheme.kind == "oauth2") {
        let pointer = document.scheme(name);
        let declared = document.spec.root.pointer(&pointer).unwrap_or(&Value::Null);
        let _ = scheme;
        // OpenAPI 2.0 has one flow, under another name.
        let single = declared.get("flow").and_then(Value::as_str);
        for flow in ["implicit", "password"] {
            if single == Some(flow) || declared.pointer(&format!("/flows/{flow}")).is_some() {
                places.add(&pointer, format!("'{name}' has the {flow} flow"));
            }
        }
        let flows = declared.get("flows").and_then(Value::as_object).into_iter().flatten().map(|(_, flow)| flow);
        let urls = flows.chain([declared]).flat_map(|flow| [flow.get("tokenUrl"), flow.get("authorizationUrl")]);
        if urls.flatten().filter_map(Value::as_str).any(|url| url.starts_with("http://")) {
            places.add(&pointer, format!("'{name}' has a URL without TLS"));
        }
    }
}

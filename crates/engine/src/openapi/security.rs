//! Authentication in use as security schemes (OpenAPI 3.1.1, section 4.8.27).

use std::collections::BTreeMap;

use serde::Serialize;
use vedette_model::results::{Authentication, Endpoint};

/// One security scheme.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct SecurityScheme {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheme: Option<&'static str>,
    #[serde(rename = "bearerFormat", skip_serializing_if = "Option::is_none")]
    bearer_format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    location: Option<&'static str>,
}

/// What one call must carry: a scheme's name with no scopes. Empty: nothing.
pub(super) type Requirement = BTreeMap<String, Vec<String>>;

/// The schemes that calls of an endpoint carried, by name.
pub(super) fn schemes(endpoint: &Endpoint) -> impl Iterator<Item = (String, SecurityScheme)> {
    endpoint.authentication_details.iter().filter_map(scheme)
}

/// Alternatives that successful calls used; none when the source does not show credentials.
pub(super) fn requirements(endpoint: &Endpoint) -> Option<Vec<Requirement>> {
    let used = endpoint.authentication_details.iter().filter(|a| a.successes > 0 || a.exchanges == 0);
    let mut all: Vec<Requirement> = Vec::new();
    for authentication in used {
        let requirement = match (authentication.scheme.as_str(), scheme(authentication)) {
            (_, Some((name, _))) => Requirement::from([(name, Vec::new())]),
            ("none", None) => Requirement::new(),
            _ => continue,
        };
        if !all.contains(&requirement) {
            all.push(requirement);
        }
    }
    (!all.is_empty()).then_some(all)
}

fn scheme(authentication: &Authentication) -> Option<(String, SecurityScheme)> {
    let http = |scheme, bearer_format| SecurityScheme {
        r#type: "http",
        scheme: Some(scheme),
        bearer_format,
        ..SecurityScheme::default()
    };
    let given = authentication.name.clone().filter(|name| !name.is_empty());
    let key = |location, default: &str| SecurityScheme {
        r#type: "apiKey",
        name: Some(given.clone().unwrap_or_else(|| default.to_owned())),
        location: Some(location),
        ..SecurityScheme::default()
    };
    let authorization = given.as_deref().is_none_or(|name| name.eq_ignore_ascii_case("authorization"));
    let found = match authentication.scheme.as_str() {
        "basic" => http("basic", None),
        "digest" => http("digest", None),
        "jwt" if authorization => http("bearer", Some("JWT")),
        "bearer" if authorization => http("bearer", None),
        "jwt" | "bearer" | "api-key-header" => key("header", "X-API-Key"),
        "api-key-query" => key("query", "api_key"),
        "api-key-cookie" | "session-cookie" => key("cookie", "session"),
        "mutual-tls" => SecurityScheme { r#type: "mutualTLS", ..SecurityScheme::default() },
        _ => return None,
    };
    let name = match &found.name {
        Some(name) => format!("{}-{}", authentication.scheme, component(name)),
        None => authentication.scheme.clone(),
    };
    Some((name, found))
}

/// Characters that the key of a component may have (section 4.8.7.1).
fn component(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' }).collect()
}

//! # Route without authentication
//!
//! **What.** A route forwards calls to a backend, and neither it nor a level above asks who calls.
//!
//! **Why it matters.** The gateway is the place where a forgotten route is noticed last: whoever knows the path, calls
//! it. Attackers walk exactly these.
//!
//! **Signals and thresholds.** Authentication in force at the route, with the inheritance of the product: credentials,
//! tokens, client certificates, an external service that decides, or a list of addresses. High where other routes of the
//! gateway ask, medium for administration, low where none does (then backends may ask themselves). Login, health,
//! documentation, certificate challenges, preflights, redirects, files and fixed answers are left out. What a program
//! decides (Lua, WebAssembly, an `if`) is unknown, not absent.
//!
//! **False positives.** Backends that authenticate themselves; public routes that are meant so.
//!
//! **Fix.** Ask for a credential at the level above all routes, and name the public ones as exceptions.
//!
//! **References.** OWASP API2:2023, CWE-306.

use vedette_model::Severity;
use vedette_parse::gateway::{At, Gateway, Reach, Route, Setting};

use super::{Meta, Places, Rule, forwarding, function, sure};

/// Functions that anybody calls before having a credential, or that carry nothing.
const OPEN: &[&str] = &["login", "logout", "sign-up", "password-reset", "token", "mfa", "docs", "webhook", "captcha"];

pub(super) const RULE: Rule = Rule {
    meta: Meta {
        id: "gateway-hardening-no-authentication",
        title: "Route without authentication",
        severity: Severity::High,
        owasp: &["API2:2023", "API8:2023"],
        cwe: &["CWE-306"],
        compliance: &["PCI DSS 4.0.1 6.2.4", "OWASP ASVS 5 V4"],
        compliance_by_data: false,
        facts: &[],
        fix: "Ask for a credential at the level above all routes, and name the routes that are public on purpose.",
    },
    check,
    bad: &[
        "server { listen 443 ssl; location /v1/ { auth_request /check; proxy_pass http://api; } location /v1/export { auth_request off; proxy_pass http://api; } }",
        "_format_version: '3.0'\nservices: [{name: a, url: 'http://a', routes: [{name: r, paths: [/v1]}]}]\n",
        "frontend f\n  mode http\n  bind :80\n  use_backend api if { path_beg /api }\nbackend api\n  server a 10.0.0.1:80\n",
    ],
    good: &[
        "server { listen 443 ssl; satisfy any; auth_basic x; location /v1/ { proxy_pass http://api; } location = /healthz { auth_basic off; proxy_pass http://api; } }",
        "server { listen 443 ssl; location /v1/ { access_by_lua_block { check() } proxy_pass http://api; } location / { root /srv; } }",
        "_format_version: '3.0'\nplugins: [{name: key-auth}]\nservices: [{name: a, url: 'http://a', routes: [{name: r, paths: [/v1]}]}]\n",
        "frontend f\n  mode http\n  bind :80\n  http-request deny unless { http_auth(users) }\n  use_backend api if { path_beg /api }\nbackend api\n  server a 10.0.0.1:80\n",
    ],
};

fn check(gateway: &Gateway, places: &mut Places) {
    let asks = forwarding(gateway).filter(|route| matches!(route.authentication, Setting::On(..))).count();
    for route in forwarding(gateway).filter(|route| is_reachable(gateway, route)) {
        let Setting::Off(reason, at) = &route.authentication else { continue };
        let what = function(route);
        if what.is_some_and(|what| OPEN.contains(&what)) {
            continue;
        }
        let (severity, confidence) = match (asks, what) {
            (0, Some("admin")) => (Severity::Medium, 0.6),
            (0, _) => (Severity::Low, 0.5),
            _ => (places.severity, 0.8),
        };
        let place = nearer(at.as_ref(), route);
        let others = match asks {
            0 => String::new(),
            1 => ", while another route asks".to_owned(),
            n => format!(", while {n} other routes ask"),
        };
        places.add_as(
            severity,
            (place, &route.name()),
            format!("anybody may call {}: {reason}{others}", route.name()),
            sure(gateway, confidence),
        );
    }
}

/// The line to change: where it is turned off, if that is said near the route.
fn nearer<'r>(at: Option<&'r At>, route: &'r Route) -> &'r At {
    at.filter(|at| at.file == route.at.file && at.line >= route.at.line && at.line < route.at.line + 40)
        .unwrap_or(&route.at)
}

/// Some listener that leads here can be reached from elsewhere.
fn is_reachable(gateway: &Gateway, route: &Route) -> bool {
    let mut reaches = route.listeners.iter().filter_map(|place| gateway.listeners.get(*place)).map(|one| one.reach);
    route.listeners.is_empty() || reaches.any(|reach| reach > Reach::Loopback)
}

//! # Plain HTTP
//!
//! **What.** A listener without TLS forwards calls, or the gateway calls a backend outside of its network without TLS, or
//! TLS between services is turned off.
//!
//! **Why it matters.** Credentials and data can be read and changed on the way.
//!
//! **Signals and thresholds.** High for listeners on every interface, medium on private addresses. Listeners that only
//! redirect, answer certificate challenges or health checks are fine, and so are loopback and Unix sockets. Where the
//! configuration trusts a proxy in front (PROXY protocol, `set_real_ip_from`, forwarded headers), TLS may end there: low.
//!
//! **False positives.** A load balancer that undoes TLS in front and that the configuration does not show.
//!
//! **Fix.** Answer plain HTTP with a redirect only, and speak TLS with backends outside.
//!
//! **References.** OWASP API8:2023, CWE-319.

use vedette_model::Severity;
use vedette_parse::gateway::{FactKind, Gateway, Reach};

use super::{Meta, Places, Rule, and_more, facts, forwarding};

pub(super) const RULE: Rule = Rule {
    meta: Meta {
        id: "gateway-hardening-plain-http",
        title: "Plain HTTP",
        severity: Severity::High,
        owasp: &["API8:2023"],
        cwe: &["CWE-319"],
        compliance: &["PCI DSS 4.0.1 4.2.1", "GDPR Art. 32", "HIPAA 164.312(e)"],
        compliance_by_data: false,
        facts: &[],
        fix: "Serve the API over TLS only: answer plain HTTP with a redirect (301 to `https`), and use `https` to backends outside.",
    },
    check,
    bad: &[
        "server { listen 80; server_name api.shop.example; location /v1/ { proxy_pass http://api; } }",
        "frontend f\n  mode http\n  bind *:80\n  default_backend api\nbackend api\n  server a 10.0.0.1:80\n",
        "_format_version: '3.0'\nservices: [{name: a, url: 'http://a', routes: [{name: r, paths: [/v1], protocols: [http]}]}]\n",
        "server { listen 443 ssl; location / { proxy_pass http://api.partner.example; } }",
    ],
    good: &[
        "server { listen 80; return 301 https://$host$request_uri; }\nserver { listen 443 ssl; location /v1/ { proxy_pass http://api; } }",
        "server { listen 127.0.0.1:80; location /v1/ { proxy_pass http://api; } }",
        "frontend f\n  mode http\n  bind *:80\n  bind *:443 ssl crt /etc/c.pem\n  http-request redirect scheme https unless { ssl_fc }\n  default_backend api\nbackend api\n  server a 10.0.0.1:80\n",
    ],
};

fn check(gateway: &Gateway, places: &mut Places) {
    for (place, listener) in gateway.listeners.iter().enumerate() {
        if listener.tls.is_some() || listener.reach == Reach::Loopback {
            continue;
        }
        let routes: Vec<String> = forwarding(gateway)
            .filter(|route| route.listeners.contains(&place))
            .map(vedette_parse::gateway::Route::name)
            .collect();
        let Some(first) = routes.first() else { continue };
        let more = and_more(routes.len() - 1);
        let (severity, confidence, why) = match (&listener.behind, listener.reach) {
            (Some(reason), _) => (Severity::Low, 0.5, format!(" ({reason})")),
            (None, Reach::Anywhere) => (places.severity, 0.8, String::new()),
            (None, _) => (Severity::Medium, 0.7, String::new()),
        };
        places.add_as(
            severity,
            (&listener.at, &listener.name),
            format!("{} serves {first}{more} without TLS{why}", listener.name),
            confidence,
        );
    }
    for backend in gateway.backends.iter().filter(|one| !one.tls && one.reach == Reach::Anywhere) {
        places.add_as(
            Severity::Medium,
            (&backend.at, &backend.name),
            format!("calls go to {} without TLS", backend.name),
            0.8,
        );
    }
    places.severity = Severity::Medium;
    facts(gateway, FactKind::PlainMesh, places);
}

//! # Administration exposed
//!
//! **What.** An interface that controls the gateway or shows its state can be reached over the network, and asks nobody
//! who they are: Envoy's admin interface, Kong's admin API behind a route, the runtime API and statistics of HAProxy,
//! status pages and the API of nginx, the direct management endpoint of API Management.
//!
//! **Why it matters.** Whoever reaches it reads configuration and certificates, drains traffic, or changes routes.
//!
//! **Signals and thresholds.** The address that the interface is bound to, and what guards it. High when it can change the
//! gateway and listens on every interface, medium on private addresses, lower when it only shows. Loopback and Unix
//! sockets are fine.
//!
//! **False positives.** Addresses that only a firewall or a network policy closes.
//!
//! **Fix.** Bind it to loopback, or ask for a credential.
//!
//! **References.** OWASP API8:2023, CWE-306, CWE-749.

use vedette_model::Severity;
use vedette_parse::gateway::{Gateway, Reach, Setting};

use super::{Meta, Places, Rule};

pub(super) const RULE: Rule = Rule {
    meta: Meta {
        id: "gateway-hardening-admin-exposed",
        title: "Administration exposed",
        severity: Severity::High,
        owasp: &["API8:2023"],
        cwe: &["CWE-306", "CWE-749"],
        compliance: &["PCI DSS 4.0.1 2.2.7"],
        compliance_by_data: false,
        facts: &[],
        fix: "Bind it to loopback or a management network, and ask for a credential there; turn it off where nobody needs it.",
    },
    check,
    bad: &[
        "admin: {address: {socket_address: {address: 0.0.0.0, port_value: 9901}}}\nstatic_resources: {}\n",
        "server { listen 80; location /nginx_status { stub_status; } }",
        "global\n  stats socket ipv4@0.0.0.0:9999 level admin\ndefaults\n  mode http\n",
        "frontend stats\n  mode http\n  bind *:8404\n  stats enable\n  stats uri /stats\n",
        "_format_version: '3.0'\nservices: [{name: admin, url: 'http://127.0.0.1:8001', routes: [{name: r, paths: [/admin-api]}]}]\n",
    ],
    good: &[
        "admin: {address: {socket_address: {address: 127.0.0.1, port_value: 9901}}}\nstatic_resources: {}\n",
        "server { listen 80; location /nginx_status { stub_status; allow 127.0.0.1; deny all; } }",
        "global\n  stats socket /run/haproxy.sock level admin\ndefaults\n  mode http\n",
        "frontend stats\n  mode http\n  bind 127.0.0.1:8404\n  stats enable\n",
    ],
};

fn check(gateway: &Gateway, places: &mut Places) {
    for admin in gateway.admins.iter().filter(|admin| admin.reach > Reach::Loopback) {
        let Setting::Off(reason, _) = &admin.guard else { continue };
        let severity = match (admin.controls, admin.reach) {
            (true, Reach::Anywhere) => places.severity,
            (true, _) | (false, Reach::Anywhere) => Severity::Medium,
            _ => Severity::Low,
        };
        let can = if admin.controls { "can be used to change the gateway" } else { "shows the gateway's state" };
        let from = if admin.reach == Reach::Anywhere { "from every network" } else { "from its private network" };
        places.add_as(severity, (&admin.at, &admin.name), format!("the {} {can} {from}: {reason}", admin.name), 0.9);
    }
}

//! The weaknesses that were planted, as truth for tests.

use crate::json::Json;
use crate::object;

/// Kind, service, method, template and what to see.
const PLANTED: &[(&str, &str, &str, &str, &str)] = &[
    (
        "unauthenticated-sensitive",
        "shop-api",
        "GET",
        "/v1/customers/{customerId}",
        "a customer's whole profile without any credential",
    ),
    (
        "mixed-authentication",
        "shop-api",
        "GET",
        "/v2/orders/{orderId}/shipment",
        "most calls carry a token, those from a mailed link carry none and succeed",
    ),
    ("credential-in-url", "shop-api", "GET", "/v2/orders/{orderId}/invoice", "the bearer token in the query"),
    ("credential-in-url", "shop-api", "GET", "/partner/v1/orders", "one partner sends its API key in the query"),
    ("weak-authentication", "inventory", "GET", "/warehouses/{warehouseCode}/stock", "Basic authentication"),
    (
        "east-west-plaintext",
        "inventory",
        "GET",
        "/warehouses/{warehouseCode}/stock",
        "over plain HTTP between services, with a password",
    ),
    ("east-west-plaintext", "inventory", "GET", "/items/{sku}", "over plain HTTP between services"),
    ("east-west-unauthenticated", "inventory", "GET", "/items/{sku}", "no credential between services"),
    ("debug-endpoint", "shop-api", "GET", "/actuator/env", "the environment of the process is public"),
    ("secret-in-response", "shop-api", "GET", "/actuator/env", "a database password and cloud keys"),
    ("verbose-error", "payments", "POST", "/v1/payments", "a stack trace on status 500"),
    ("internal-leak", "shop-api", "GET", "/v1/products", "names of internal hosts and versions in headers"),
    ("cors-open", "shop-api", "GET", "/v2/customers/me", "any origin is reflected, with credentials"),
    ("guessable-ids", "shop-api", "GET", "/v2/orders/{orderId}", "order numbers are counted up"),
    ("jwt-weak", "shop-api", "GET", "/v2/orders", "tokens with alg none are accepted"),
    ("long-lived-token", "shop-api", "GET", "/v2/customers/me", "HS256 tokens of the app live for a year"),
    (
        "no-rate-limit-observed",
        "accounts",
        "POST",
        "/v1/login",
        "260 failed log-ins of one address in minutes, none refused",
    ),
    ("unbounded-pagination", "shop-api", "GET", "/partner/v1/orders", "limit=5000 is honored"),
    ("secret-in-response", "accounts", "GET", "/v1/users/{userId}", "the answer holds the password hash"),
    ("zombie-endpoint", "shop-api", "GET", "/v1/products/{productId}", "deprecated, and still used"),
    ("old-version-alive", "shop-api", "GET", "/v1/products", "v1 lives beside v2"),
    ("graphql-introspection", "shop-api", "POST", "/graphql", "the schema is open in production"),
    ("admin-exposed", "shop-api", "GET", "/admin/customers", "the back office on the public host"),
    ("sensitive-in-url", "shop-api", "GET", "/admin/customers", "mail addresses in the query"),
    (
        "third-party-sensitive",
        "swiftparcel",
        "POST",
        "/v3/shipments",
        "names, addresses and phone numbers go to a carrier",
    ),
];

/// The planted weaknesses as a document.
pub(super) fn document() -> String {
    let mut text = String::from("[\n");
    for (i, (kind, service, method, template, note)) in PLANTED.iter().enumerate() {
        let row: Json = object! {
            "kind" => *kind, "service" => *service, "method" => *method, "template" => *template, "note" => *note,
        };
        text.push_str(if i == 0 { "  " } else { ",\n  " });
        text.push_str(&row.to_string());
    }
    text.push_str("\n]\n");
    text
}

//! What all checks together cost per exchange. `cargo bench -p vedette-engine --bench checks`.

use std::borrow::Cow;

use divan::{Bencher, black_box};
use vedette_engine::checks::{Seen, TallySet, observe_all};
use vedette_model::hash::HashKey;
use vedette_model::{Exchange, Headers, Scheme};
use vedette_parse::classes::Classifier;
use vedette_parse::credentials::credentials;
use vedette_parse::url;

fn main() {
    divan::main();
}

/// A line of an access log; nothing but the request line and the status.
#[divan::bench]
fn log_line(bencher: Bencher<'_, '_>) {
    measure(bencher, &line(None));
}

/// The same with three query parameters.
#[divan::bench]
fn log_line_with_query(bencher: Bencher<'_, '_>) {
    measure(bencher, &line(Some("page=2&sort=created_at&limit=100")));
}

/// An exchange with 6 and 14 headers and a body of 2 kB.
#[divan::bench]
fn exchange_with_bodies(bencher: Bencher<'_, '_>) {
    let request = [
        ("accept", "application/json"),
        ("authorization", "Bearer 3f2a1b0c9f8a7b6c5d4e"),
        ("content-type", "application/json"),
        ("user-agent", "shop/1.0"),
        ("origin", "https://www.shop.example"),
        ("accept-language", "en"),
    ];
    let response = [
        ("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("content-type", "application/json"),
        ("content-length", "2048"),
        ("connection", "keep-alive"),
        ("cache-control", "private, max-age=0, no-store"),
        ("strict-transport-security", "max-age=31536000"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("x-request-id", "6b1f0c52-1f0b-4df4-9d2e-3d8f2b9a7c11"),
        ("x-ratelimit-limit", "800"),
        ("x-ratelimit-remaining", "799"),
        ("vary", "Accept, Origin"),
        ("access-control-allow-origin", "https://www.shop.example"),
        ("server", "nginx"),
    ];
    let body = r#"{"id":"6b1f0c52","state":"open","total":1299,"items":[1,2,3]},"#.repeat(33);
    let exchange = Exchange {
        scheme: Scheme::Https,
        has_headers: true,
        request_headers: headers(&request),
        response_headers: headers(&response),
        response_body: Some(Cow::Owned(format!("[{body}0]").into_bytes())),
        ..line(None)
    };
    measure(bencher, &exchange);
}

fn line(query: Option<&'static str>) -> Exchange<'static> {
    Exchange {
        host: Some(Cow::Borrowed("api.shop.example")),
        method: Cow::Borrowed("GET"),
        path: Cow::Borrowed("/v1/orders/8812"),
        query: query.map(Cow::Borrowed),
        status: 200,
        response_bytes: Some(2_048),
        ..Exchange::default()
    }
}

fn headers(pairs: &[(&'static str, &'static str)]) -> Headers<'static> {
    Headers(pairs.iter().map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(*value))).collect())
}

fn measure(bencher: Bencher<'_, '_>, exchange: &Exchange<'_>) {
    let classifier = Classifier::builtin();
    let credentials = credentials(exchange, &HashKey::default());
    let query: Vec<_> = exchange.query.as_deref().map(|query| url::pairs(query).collect()).unwrap_or_default();
    let mut tallies = TallySet::default();
    let mut number = 0;
    let mut observe = || {
        number += 1;
        let seen_at = (0, number);
        let seen =
            Seen { exchange, seen_at, credentials: &credentials, query: &query, classifier: &classifier, inside: None };
        observe_all(black_box(&seen), &mut tallies);
    };
    // Past the first exchanges of an endpoint, whose bodies are all read and whose evidence is kept.
    (0..200).for_each(|_| observe());
    bencher.bench_local(observe);
}

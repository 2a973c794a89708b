//! Learning a JSON body of 2 kB, everything on; the goal is 8 µs a body on one core, the aim 5. A query parameter may
//! cost 80 ns, and looking for credentials where there can be none 15 ns.

use divan::counter::BytesCount;
use vedette_engine::parameters::{Location, ParameterSet};
use vedette_engine::schema::{Context, Schema};
use vedette_model::Exchange;
use vedette_model::hash::HashKey;
use vedette_parse::classes::Classifier;
use vedette_parse::credentials::credentials;
use vedette_parse::url;

fn main() {
    divan::main();
}

/// A list of orders as a shop answers it, 2 kB, different in each round.
fn body(round: usize) -> Vec<u8> {
    let mut body = format!("{{\"page\":{round},\"total\":{},\"items\":[", round * 7);
    let mut item = 0;
    while body.len() < 1_900 {
        let id = round * 100 + item;
        let separator = if item == 0 { "" } else { "," };
        let order = format!(
            "{separator}{{\"id\":{id},\"uuid\":\"{:08x}-884c-4d65-9a2f-eaa0c55ad015\",\"status\":\"{}\",\
             \"created_at\":\"2026-11-{:02}T10:{:02}:00Z\",\"customer\":{{\"name\":\"Customer number {id}\",\
             \"email\":\"customer{id}@shop.example\",\"vip\":{}}},\"price\":{}.{:02},\"currency\":\"EUR\",\
             \"note\":null,\"tags\":[\"new\",\"gift\"]}}",
            id * 2_654_435 % 0xffff_ffff,
            if id.is_multiple_of(3) { "open" } else { "paid" },
            id % 28 + 1,
            id % 60,
            id.is_multiple_of(5),
            id % 300,
            id % 100,
        );
        body += &order;
        item += 1;
    }
    body += "]}";
    body.into_bytes()
}

#[divan::bench]
fn learn(bencher: divan::Bencher) {
    let classifier = Classifier::builtin();
    let bodies: Vec<Vec<u8>> = (0..64).map(body).collect();
    let mut schema = Schema::default();
    let (mut next, mut record, mut told) = (bodies.iter().cycle(), 0, 0u64);
    bencher.counter(BytesCount::new(body(0).len())).bench_local(|| {
        let mut on_scalar = |_: vedette_model::Side, _: &str, _: vedette_engine::schema::Scalar<'_>| told += 1;
        let mut context = Context {
            classifier: &classifier,
            side: vedette_model::Side::Response,
            seen_at: (0, record),
            on_scalar: &mut on_scalar,
        };
        record += 1;
        next.next().map(|body| schema.observe(body, &mut context))
    });
}

#[divan::bench]
fn merge(bencher: divan::Bencher) {
    let classifier = Classifier::builtin();
    let mut schema = Schema::default();
    for round in 0..1_000 {
        let mut context = Context {
            classifier: &classifier,
            side: vedette_model::Side::Response,
            seen_at: (0, 0),
            on_scalar: &mut |_, _, _| {},
        };
        let _ = schema.observe(&body(round), &mut context);
    }
    bencher.with_inputs(|| schema.clone()).bench_local_refs(|mine| mine.merge(&schema));
}

#[divan::bench]
fn export(bencher: divan::Bencher) {
    let classifier = Classifier::builtin();
    let mut schema = Schema::default();
    for round in 0..1_000 {
        let mut context = Context {
            classifier: &classifier,
            side: vedette_model::Side::Response,
            seen_at: (0, 0),
            on_scalar: &mut |_, _, _| {},
        };
        let _ = schema.observe(&body(round), &mut context);
    }
    bencher.bench_local(|| schema.to_json_schema(&classifier));
}

#[divan::bench]
fn four_parameters(bencher: divan::Bencher) {
    let classifier = Classifier::builtin();
    let queries: Vec<String> =
        (0..64).map(|n| format!("page={n}&sort=price&q=red+shoes+{}&session={:x}", n % 7, n * 7_919_777)).collect();
    let (mut next, mut record, mut set) = (queries.iter().cycle(), 0, ParameterSet::default());
    bencher.bench_local(|| {
        record += 1;
        for (name, value) in next.next().into_iter().flat_map(|query| url::pairs(query)) {
            set.observe(Location::Query, &name, &value, &classifier, (0, record));
        }
    });
}

#[divan::bench(args = ["", "page=2&size=20&sort=price", "page=2&api_key=0123456789abcdef"])]
fn credentials_of_a_log_line(bencher: divan::Bencher, query: &str) {
    let key = HashKey::default();
    let exchange = Exchange {
        path: "/v1/orders/1234/items".into(),
        query: (!query.is_empty()).then(|| query.into()),
        ..Exchange::default()
    };
    bencher.bench_local(|| credentials(divan::black_box(&exchange), &key));
}

#[divan::bench]
fn credentials_of_a_browser(bencher: divan::Bencher) {
    let key = HashKey::default();
    let mut exchange = Exchange { path: "/v1/orders".into(), has_headers: true, ..Exchange::default() };
    for (name, value) in [
        ("Host", "shop.example"),
        ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64)"),
        ("Accept", "application/json"),
        ("Accept-Language", "en-US,en;q=0.5"),
        ("Content-Type", "application/json"),
        ("Referer", "https://shop.example/cart"),
        ("Sec-Fetch-Site", "same-origin"),
        ("Cookie", "_ga=GA1.2.1; theme=dark; JSESSIONID=0123456789ABCDEF"),
        ("Authorization", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1MTciLCJleHAiOjE3MDAwMDAwMDB9.c2lnbmF0dXJl"),
    ] {
        exchange.request_headers.push(name, value);
    }
    bencher.bench_local(|| credentials(divan::black_box(&exchange), &key));
}

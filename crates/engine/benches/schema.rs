//! Learning a JSON body of 2 kB, everything on; the goal is 8 µs a body on one core, the aim 5.

use divan::counter::BytesCount;
use vedette_engine::schema::{Context, Schema};
use vedette_parse::classes::Classifier;

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
        let mut on_scalar = |_: &str, _: vedette_engine::schema::Scalar<'_>| told += 1;
        let mut context = Context { classifier: &classifier, seen_at: (0, record), on_scalar: &mut on_scalar };
        record += 1;
        next.next().map(|body| schema.observe(body, &mut context))
    });
}

#[divan::bench]
fn merge(bencher: divan::Bencher) {
    let classifier = Classifier::builtin();
    let mut schema = Schema::default();
    for round in 0..1_000 {
        let mut context = Context { classifier: &classifier, seen_at: (0, 0), on_scalar: &mut |_, _| {} };
        let _ = schema.observe(&body(round), &mut context);
    }
    bencher.with_inputs(|| schema.clone()).bench_local_refs(|mine| mine.merge(&schema));
}

#[divan::bench]
fn export(bencher: divan::Bencher) {
    let classifier = Classifier::builtin();
    let mut schema = Schema::default();
    for round in 0..1_000 {
        let mut context = Context { classifier: &classifier, seen_at: (0, 0), on_scalar: &mut |_, _| {} };
        let _ = schema.observe(&body(round), &mut context);
    }
    bencher.bench_local(|| schema.to_json_schema(&classifier));
}

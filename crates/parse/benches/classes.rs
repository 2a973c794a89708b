//! Speed of the classifier: `cargo bench -p vedette-parse --bench classes`.

use divan::counter::BytesCount;
use vedette_parse::classes::{Classifier, FieldTally};

fn main() {
    divan::main();
}

const TEXT: &str = "On Monday the user wrote to ada@example.org about order 4500012345 and asked to call back at 212-555-0142, \
    because the page https://example.org/a/42 failed with status 500 from 10.20.30.40 twice. ";

const FIELDS: &[(&str, &str)] = &[
    ("id", "7f9c24e8-3b12-4e7f-9d3c-1a2b3c4d5e6f"),
    ("name", "Main dashboard"),
    ("status", "active"),
    ("createdAt", "2026-03-01T10:20:00Z"),
    ("email", "ada@example.org"),
    ("phone", "+1-212-555-0142"),
    ("url", "https://example.org/items/123456"),
    ("count", "1234567"),
    ("description", "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor"),
];

#[divan::bench]
fn load(bencher: divan::Bencher<'_, '_>) {
    bencher.bench(Classifier::builtin);
}

#[divan::bench]
fn scan(bencher: divan::Bencher<'_, '_>) {
    let classifier = Classifier::builtin();
    let mut matches = Vec::new();
    bencher.counter(BytesCount::of_str(TEXT)).bench_local(|| {
        matches.clear();
        classifier.scan(divan::black_box(TEXT), &mut matches);
        matches.len()
    });
}

#[divan::bench(args = 0..FIELDS.len())]
fn value(bencher: divan::Bencher<'_, '_>, n: usize) {
    let classifier = Classifier::builtin();
    let Some((key, value)) = FIELDS.get(n) else { return };
    let hints = classifier.key(key);
    bencher
        .counter(BytesCount::of_str(*value))
        .bench_local(|| classifier.value_of(&hints, divan::black_box(value)).0.len());
}

#[divan::bench(args = 0..FIELDS.len())]
fn key(bencher: divan::Bencher<'_, '_>, n: usize) {
    let classifier = Classifier::builtin();
    let Some((key, _)) = FIELDS.get(n) else { return };
    bencher.bench_local(|| classifier.key(divan::black_box(key)));
}

#[divan::bench]
fn settled_field(bencher: divan::Bencher<'_, '_>) {
    let classifier = Classifier::builtin();
    let mut tally = FieldTally::default();
    let mut record = 0;
    bencher.bench_local(|| {
        record += 1;
        tally.observe(&classifier, "email", divan::black_box("ada@example.org"), (0, record));
    });
}

//! What storing and restoring an engine costs. `cargo bench -p vedette-engine --bench snapshot`.

use std::sync::{Arc, LazyLock};

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use vedette_engine::Engine;
use vedette_model::hash::HashKey;
use vedette_model::{Exchange, Headers, Timestamp};
use vedette_parse::classes::Classifier;

const ENDPOINTS: u32 = 1_000;
const ACTORS: u32 = 100_000;

static CLASSIFIER: LazyLock<Arc<Classifier>> = LazyLock::new(|| Arc::new(Classifier::builtin()));

/// An engine that knows a thousand endpoints with bodies and a hundred thousand actors.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut engine = Engine::new(Arc::clone(&CLASSIFIER), HashKey::default());
    for n in 0..ACTORS {
        let (path, token) = (format!("/v1/things{}/{}", n % ENDPOINTS, n % 7), format!("Bearer 3f2a1b0c9f8a{n:08x}"));
        let body = format!(
            r#"{{"id":{n},"name":"thing {n}","state":"open","owner":{{"email":"u{n}@mail.example","phone":"+49 30 901820"}},"tags":["a","b"],"price":{}.5,"created":"2026-09-21T00:00:00Z"}}"#,
            n % 97
        );
        let exchange = Exchange {
            at: Some(Timestamp::from_secs(1_790_000_000 + i64::from(n))),
            client_ip: Some([203, 0, 113, n as u8].into()),
            host: Some("shop.example".into()),
            method: "GET".into(),
            path: path.as_str().into(),
            query: Some("page=1&limit=20".into()),
            status: if n % 50 == 0 { 404 } else { 200 },
            duration_us: Some(u64::from(n % 5_000) * 10),
            response_bytes: Some(body.len() as u64),
            has_headers: true,
            request_headers: Headers(vec![("authorization".into(), token.as_str().into())]),
            response_headers: Headers(vec![("content-type".into(), "application/json".into())]),
            response_body: Some(body.as_bytes().into()),
            user_agent: Some("okhttp/4".into()),
            ..Exchange::default()
        };
        engine.observe(&exchange, (0, u64::from(n)));
    }
    engine
});

static STORED: LazyLock<Vec<u8>> = LazyLock::new(|| ENGINE.snapshot());

fn main() {
    divan::main();
}

/// Writes it; the throughput is that of the bytes written.
#[divan::bench]
fn snapshot(bencher: Bencher<'_, '_>) {
    bencher.counter(BytesCount::new(STORED.len())).bench(|| black_box(ENGINE.snapshot()));
}

/// Reads it; the throughput is that of the bytes read.
#[divan::bench]
fn restore(bencher: Bencher<'_, '_>) {
    let restore = || Engine::restore(&STORED, Arc::clone(&CLASSIFIER), HashKey::default());
    bencher.counter(BytesCount::new(STORED.len())).bench(|| black_box(restore().is_ok()));
}

/// What a snapshot off the learning thread would cost that thread.
#[divan::bench]
fn clone(bencher: Bencher<'_, '_>) {
    bencher.bench(|| black_box(ENGINE.clone()));
}

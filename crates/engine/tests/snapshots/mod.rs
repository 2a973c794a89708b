//! A restored engine is the one that was stored, whatever comes after; and old files must always read.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be read must fail the test")]

use std::io::Read;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use vedette_engine::Engine;
use vedette_engine::conformance::Contract;
use vedette_engine::engine::RestoreError;
use vedette_model::hash::HashKey;
use vedette_model::results::Results;
use vedette_parse::classes::Classifier;
use vedette_parse::{har, spec};

mod traffic;

static CLASSIFIER: LazyLock<Arc<Classifier>> = LazyLock::new(|| Arc::new(Classifier::builtin()));

static CONTRACT: LazyLock<Arc<Contract>> = LazyLock::new(|| {
    let text = r#"
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: https://shop.example/v1}]
paths:
  /orders:
    get: {parameters: [{name: page, in: query, schema: {type: string, pattern: "^[a-z]$"}}], responses: {"200": {description: ok}}}
  /orders/{orderId}:
    parameters: [{name: orderId, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {type: object, properties: {id: {type: string}}}}}}}}
"#;
    let spec = spec::read("shop.yaml", text, &mut |_| Err(String::new())).unwrap();
    Arc::new(Contract::new(vec![spec]))
});

fn engine() -> Engine {
    Engine::new(Arc::clone(&CLASSIFIER), HashKey::default())
}

fn restore(bytes: &[u8]) -> Result<Engine, RestoreError> {
    Engine::restore(bytes, Arc::clone(&CLASSIFIER), HashKey::default())
}

/// Learns entries as records from `first` on.
fn learn(engine: &mut Engine, entries: &[String], first: usize) {
    for (number, entry) in entries.iter().enumerate() {
        let record = (first + number) as u64;
        engine.observe(&har::entry(entry).unwrap(), ((record % 3) as u32, record));
    }
}

/// All but detections: what is watched is not in snapshots, and a restored engine watches anew.
fn shown(results: &Results) -> serde_json::Value {
    let learned = Results { detections: Vec::new(), incidents: Vec::new(), ..results.clone() };
    serde_json::to_value(learned).unwrap()
}

/// Restored between the two halves, an engine ends like one that never stopped: in bytes and in results.
fn check_split(entries: &[String], cut: usize, contract: Option<&Arc<Contract>>) {
    let given = |engine: Engine| match contract {
        Some(contract) => engine.with_contract(Arc::clone(contract)),
        None => engine,
    };
    let (before, after) = entries.split_at(cut);
    let mut steady = given(engine());
    learn(&mut steady, before, 0);
    let stored = steady.snapshot();
    let mut restored = given(restore(&stored).unwrap());
    assert!(restored.snapshot() == stored, "a restored engine has the snapshot that it is from");
    learn(&mut steady, after, cut);
    learn(&mut restored, after, cut);
    assert!(steady.snapshot() == restored.snapshot(), "both learned the same after {cut}");
    assert_eq!(shown(&steady.conclude(Vec::new())), shown(&restored.conclude(Vec::new())));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_restart_changes_nothing(seed in any::<u64>(), count in 0u64..160, cut in 0usize..160, declared in any::<bool>()) {
        let entries = traffic::entries(seed, count);
        check_split(&entries, cut.min(entries.len()), declared.then_some(&*CONTRACT));
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a committed file of 10 MB")]
fn a_restart_changes_nothing_in_a_day_of_a_company() {
    let packed =
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/harbor/traffic.har.ndjson.gz"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(&*packed.unwrap()).read_to_string(&mut text).unwrap();
    let entries: Vec<String> = text.lines().take(900).map(str::to_owned).collect();
    check_split(&entries, 500, None);
}

#[test]
fn crowded_places_fold_alike_after_a_restart() {
    // Enough words in one place that they fold into one, some with other words below them.
    let entry = |n: u64| {
        let word: String = [n / 676, n / 26, n].map(|d| char::from(b'a' + (d % 26) as u8)).iter().collect();
        let below = if n.is_multiple_of(3) { "/parts" } else { "" };
        format!(
            r#"{{"request":{{"method":"GET","url":"https://a.example/w/{word}{below}"}},"response":{{"status":200}}}}"#
        )
    };
    let entries: Vec<String> = (0..1_400).map(entry).collect();
    check_split(&entries, 300, None);
    check_split(&entries, 700, None);
}

#[test]
fn where_a_path_led_is_not_remembered_beyond_what_was_learned() {
    // A gRPC call says that the segments are names, which they do not look like; then the same path comes without.
    let entry = |media: &str| {
        format!(
            r#"{{"request":{{"method":"POST","url":"https://a.example/9f86d081884c7d65/2041","headers":[{{"name":"content-type","value":"{media}"}}]}},"response":{{"status":200,"headers":[{{"name":"content-type","value":"{media}"}}]}}}}"#
        )
    };
    let entries = [
        entry("text/html"),
        entry("application/grpc"),
        entry("text/html"),
        entry("application/grpc"),
        entry("text/html"),
    ];
    for cut in 0..entries.len() {
        check_split(&entries, cut, None);
    }
}

#[test]
fn a_contract_is_given_to_a_restored_engine_again() {
    let entries = traffic::entries(7, 120);
    let mut engine = engine().with_contract(Arc::clone(&CONTRACT));
    learn(&mut engine, &entries, 0);
    let restored = restore(&engine.snapshot()).unwrap().with_contract(Arc::clone(&CONTRACT));
    let results = restored.conclude(Vec::new());
    let order =
        results.endpoints.iter().find(|one| one.template == "/v1/orders/{orderId}" && one.method == "GET").unwrap();
    let violations = &order.operation.as_ref().unwrap().violations;
    assert!(violations.iter().any(|one| one.kind == "invalid-response"), "{violations:?}");
}

#[test]
fn what_is_cut_or_changed_is_refused() {
    let mut engine = engine();
    learn(&mut engine, &traffic::entries(3, 20), 0);
    let stored = engine.snapshot();
    for len in (0..stored.len()).step_by(stored.len() / 97 + 1) {
        assert!(restore(&stored[..len]).is_err(), "{len} bytes of {}", stored.len());
    }
    for at in (0..stored.len()).step_by(stored.len() / 97 + 1) {
        let mut changed = stored.clone();
        changed[at] ^= 0x10;
        assert!(restore(&changed).is_err(), "byte {at} of {}", stored.len());
    }
    assert_eq!(restore(b"").err(), Some(RestoreError::NotOne));
    assert_eq!(restore(&[&stored[..], b"x"].concat()).err(), Some(RestoreError::Corrupt));
    let mut later = stored.clone();
    later[8] = 0xff;
    assert_eq!(restore(&later).err(), Some(RestoreError::Version { found: 0xff }));
    let other = Engine::restore(&stored, Arc::clone(&CLASSIFIER), HashKey::from_text("other"));
    assert_eq!(other.err(), Some(RestoreError::OtherKey));
}

/// Any bytes behind a header that fits: an error or an engine, which can be stored and restored.
#[test]
fn damage_that_the_checksum_does_not_see_does_no_harm() {
    let mut engine = engine();
    learn(&mut engine, &traffic::entries(5, 60), 0);
    let state = engine.state();
    for round in 0..400_usize {
        let mut damaged = state.clone();
        let at = round.wrapping_mul(7_919) % damaged.len();
        if round.is_multiple_of(2) {
            damaged[at] = damaged[at].wrapping_mul(31).wrapping_add(round as u8);
        } else {
            // The largest number.
            damaged.splice(at..=at, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
        }
        vedette_engine::engine::fuzz::state_of_anything(&damaged, &CLASSIFIER);
    }
}

#[test]
fn classes_may_change_between_two_runs() {
    let mut engine = engine();
    learn(&mut engine, &traffic::entries(11, 150), 0);
    let custom =
        "classes:\n  - id: order-slug\n    name: Order slug\n    level: internal\n    keys: {strong: [slug]}\n";
    let classifier = Arc::new(Classifier::with_custom("classes.yaml", custom).unwrap());
    assert_ne!(classifier.by_id("email"), CLASSIFIER.by_id("email"), "a customer's class comes first");
    let restored = Engine::restore(&engine.snapshot(), classifier, HashKey::default()).unwrap();
    let emails = |results: &Results| {
        let fields = results.endpoints.iter().flat_map(|endpoint| &endpoint.fields);
        fields.filter(|field| field.classes.iter().any(|class| class.class == "email")).count()
    };
    let (before, after) = (engine.conclude(Vec::new()), restored.conclude(Vec::new()));
    assert!(emails(&before) > 0);
    assert_eq!(emails(&before), emails(&after));
}

#[test]
fn a_snapshot_is_small() {
    let entry = |n: u64, endpoint: u64| {
        let order = r#"{\"id\":7,\"state\":\"open\",\"total\":12.5,\"customer\":{\"name\":\"Rosa Lund\",\"email\":\"rosa@mail.example\",\"phone\":\"+49 30 901820\"},\"items\":[{\"sku\":\"a-1\",\"count\":2,\"price\":4.5}],\"created\":\"2026-09-21T00:00:00Z\"}"#;
        format!(
            r#"{{"startedDateTime":"2026-09-21T00:00:{:02}Z","time":{},"request":{{"method":"GET","url":"https://a.example/v1/things{endpoint}/{}?page={}&limit=20","headers":[{{"name":"authorization","value":"Bearer 3f2a1b0c9f8a{n:08x}"}},{{"name":"x-tenant","value":"t{}"}},{{"name":"user-agent","value":"okhttp/4"}}]}},"response":{{"status":{},"headers":[{{"name":"content-type","value":"application/json"}}],"content":{{"mimeType":"application/json","text":"{order}"}}}},"_client":{{"ip":"198.51.100.{}"}}}}"#,
            n % 60,
            n % 997,
            n % 89,
            n % 9,
            n % 5,
            [200, 200, 200, 404][(n % 4) as usize],
            n % 250
        )
    };
    let size = |actors: u64, endpoints: u64, exchanges: u64| {
        let entries: Vec<String> = (0..exchanges).map(|n| entry(n % actors, n % endpoints)).collect();
        let mut engine = engine();
        learn(&mut engine, &entries, 0);
        engine.snapshot().len()
    };
    let few = size(10, 5, 600);
    let (actors, endpoints) = ((size(610, 5, 600) - few) / 590, (size(10, 25, 3_000) - few) / 20);
    assert!(actors < 300, "{actors} bytes per actor");
    assert!(endpoints < 6_000, "{endpoints} bytes per endpoint");
}

/// The file of the present version is made when it is missing, with `UPDATE=1`, and never again.
#[test]
fn snapshots_of_all_versions_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let newest = folder.join(format!("v{}.bin", vedette_engine::engine::SNAPSHOT_VERSION));
    if !newest.exists() && std::env::var_os("UPDATE").is_some() {
        let mut engine = engine().with_contract(Arc::clone(&CONTRACT));
        learn(&mut engine, &traffic::entries(2026, 250), 0);
        std::fs::write(&newest, engine.snapshot()).unwrap();
    }
    assert!(newest.exists(), "no snapshot of the present version; UPDATE=1 makes one");
    for version in 1..=vedette_engine::engine::SNAPSHOT_VERSION {
        let stored = std::fs::read(folder.join(format!("v{version}.bin"))).unwrap();
        let mut restored = restore(&stored).unwrap().with_contract(Arc::clone(&CONTRACT));
        learn(&mut restored, &traffic::entries(1, 10), 250);
        let results = restored.conclude(Vec::new());
        assert_eq!(results.stats.exchanges, 260, "version {version}");
        for template in ["/v1/orders/{orderId}", "/products/{product}", "/graphql#query.user", "/mcp#tools/list"] {
            assert!(results.endpoints.iter().any(|one| one.template == template), "{template} of version {version}");
        }
        assert!(results.actors.iter().any(|actor| actor.kind == "user" && actor.exchanges > 10), "version {version}");
    }
}

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

/// Compiled once: it takes a while.
static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(Classifier::builtin);

/// Learns query strings, one per exchange.
fn learn(queries: &[&str]) -> ParameterSet {
    learn_from(queries, 0)
}

/// The same, the first of which has this record number.
fn learn_from(queries: &[&str], first: usize) -> ParameterSet {
    let mut set = ParameterSet::default();
    for (record, query) in queries.iter().enumerate() {
        for (name, value) in vedette_parse::url::pairs(query) {
            set.observe(Location::Query, &name, &value, &CLASSIFIER, (0, (first + record) as u64));
        }
    }
    set
}

fn told(set: &ParameterSet, exchanges: u64) -> Vec<String> {
    let fields = set.fields(&CLASSIFIER, exchanges);
    let line = |f: &Field| format!("{} {} {} {:.2} {}", f.location, f.name, f.types.join("|"), f.presence, f.distinct);
    fields.iter().map(line).collect()
}

#[test]
fn types_presence_and_ranges_are_learned() {
    let set =
        learn(&["page=1&size=20&sort=asc", "page=2&all=true&ratio=0.5", "page=10&page=11&sort=desc&zip=00123", ""]);
    assert_eq!(
        told(&set, 4),
        [
            "query all boolean 0.25 1",
            "query page integer 0.75 4",
            "query ratio number 0.25 1",
            "query size integer 0.25 1",
            "query sort string 0.50 2",
            "query zip string 0.25 1",
        ]
    );
    let page = set.fields(&CLASSIFIER, 40).into_iter().find(|field| field.name == "page").unwrap();
    assert_eq!((page.min, page.max, page.seen), (Some(1.0), Some(11.0), 4));
}

#[test]
fn a_closed_set_of_values_is_listed() {
    let set = learn(&["sort=asc", "sort=desc"].repeat(20));
    assert_eq!(set.fields(&CLASSIFIER, 40)[0].values, ["asc", "desc"]);
}

#[test]
fn headers_are_sifted_and_credentials_never_shown() {
    let mut set = ParameterSet::default();
    for record in 0..40 {
        for (name, value) in [
            ("Accept", "*/*"),
            ("X-Tenant", "acme"),
            ("X-Api-Key", "hunter"),
            ("User-Agent", "curl"),
            ("X-Shop-Token", "abcdefgh"),
        ] {
            set.observe(Location::Header, name, value, &CLASSIFIER, (0, record));
        }
        set.observe(Location::Cookie, "session", "letmein", &CLASSIFIER, (0, record));
    }
    assert_eq!(
        told(&set, 40),
        [
            "header x-api-key string 1.00 1",
            "header x-shop-token string 1.00 1",
            "header x-tenant string 1.00 1",
            "cookie session string 1.00 1",
        ]
    );
    let shown = serde_json::to_string(&set.fields(&CLASSIFIER, 40)).unwrap();
    assert!(shown.contains("acme"), "{shown}");
    for secret in ["hunter", "abcdefgh", "letmein"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}

#[test]
fn more_names_than_fit_are_counted() {
    let queries: Vec<String> = (0..1_000).map(|n| format!("p{n}=1")).collect();
    let queries: Vec<&str> = queries.iter().map(String::as_str).collect();
    let set = learn(&queries);
    assert_eq!((set.fields(&CLASSIFIER, 40).len(), set.dropped()), (PARAMETERS_MAX, 1_000 - PARAMETERS_MAX as u64));
}

#[test]
fn a_value_of_any_length_is_cut_at_a_character() {
    let long = format!("a={}", "é".repeat(VALUE_BYTES_MAX));
    assert_eq!(learn(&[&long]).fields(&CLASSIFIER, 40)[0].max_length, Some(VALUE_BYTES_MAX as u64 / 2));
}

proptest! {
    #[test]
    fn parameter_sets_merge(
        queries in prop::collection::vec("([a-d]=([0-9]{1,2}|true|asc|desc|[a-z]{0,3}|0\\.5)&){0,4}", 0..40),
        cuts in any::<(prop::sample::Index, prop::sample::Index)>(),
    ) {
        let queries: Vec<&str> = queries.iter().map(String::as_str).collect();
        let (one, two) = (cuts.0.index(queries.len() + 1), cuts.1.index(queries.len() + 1));
        let (low, high) = (one.min(two), one.max(two));
        let parts = [learn(&queries[..low]), learn_from(&queries[low..high], low), learn_from(&queries[high..], high)];
        let merged = |[a, b, c]: [usize; 3]| {
            let (mut sum, mut tail) = (parts[a].clone(), parts[b].clone());
            tail.merge(&parts[c]);
            sum.merge(&tail);
            serde_json::to_value(sum.fields(&CLASSIFIER, 40)).unwrap()
        };
        let whole = serde_json::to_value(learn(&queries).fields(&CLASSIFIER, 40)).unwrap();
        prop_assert_eq!(merged([0, 1, 2]), whole.clone());
        prop_assert_eq!(merged([2, 0, 1]), whole);
    }
}

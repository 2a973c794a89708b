use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Compiled once: it takes a while.
static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(Classifier::builtin);

/// Learns bodies one after the other; also what was told.
fn learn_and_tell(bodies: &[&str]) -> (Schema, Vec<String>, Vec<Result<(), Anomaly>>) {
    let (mut schema, mut told, mut outcomes) = (Schema::default(), Vec::new(), Vec::new());
    for (record, body) in bodies.iter().enumerate() {
        let mut on_scalar = |_: Side, key: &str, scalar: Scalar<'_>| {
            told.push(match scalar {
                Scalar::Text(text) => format!("{key}={text}"),
                Scalar::Integer(integer) => format!("{key}:{integer}"),
                Scalar::Decimal(number) => format!("{key}:{number}"),
                Scalar::Bool(value) => format!("{key}:{value}"),
            });
        };
        let mut context = Context {
            classifier: &CLASSIFIER,
            side: Side::Response,
            seen_at: (0, record as u64),
            on_scalar: &mut on_scalar,
        };
        outcomes.push(schema.observe(body.as_bytes(), &mut context));
    }
    (schema, told, outcomes)
}

fn learn(bodies: &[&str]) -> Schema {
    learn_and_tell(bodies).0
}

/// As many bodies as every keyword needs.
fn enough(body: &str) -> Vec<&str> {
    vec![body; 200]
}

fn exported(bodies: &[&str]) -> Value {
    learn(bodies).to_json_schema(&CLASSIFIER)
}

/// `name types presence` per field.
fn listed(schema: &Schema) -> Vec<String> {
    let fields = schema.fields(&CLASSIFIER);
    fields.iter().map(|f| format!("{} {} {:.2}", f.name, f.types.join("|"), f.presence)).collect()
}

#[test]
fn types_presence_and_items_are_learned() {
    let schema = learn(&[
        r#"{"id":1,"name":"a","tags":["x"],"owner":{"id":7},"odd key":1}"#,
        r#"{"id":2,"name":null,"tags":[],"price":1.5}"#,
        r#"{"id":3,"price":2,"items":[{"a":1},{"a":true,"b":[[1]]}]}"#,
    ]);
    assert_eq!(
        listed(&schema),
        [
            "$.id integer 1.00",
            "$.items[].a boolean|integer 1.00",
            "$.items[].b[][] integer 1.00",
            "$.name string|null 0.67",
            "$['odd key'] integer 0.33",
            "$.owner.id integer 1.00",
            "$.price number 0.67",
            "$.tags[] string 1.00",
        ]
    );
    assert_eq!(schema.observed(), 3);
}

#[test]
fn keys_that_are_data_make_a_map() {
    let uuids = r#"{"9f86d081-884c-4d65-9a2f-eaa0c55ad015":{"n":1},"1":{"n":2}}"#;
    assert_eq!(listed(&learn(&[uuids])), ["$.*.n integer 1.00"]);
    let countries: Vec<String> = ('a'..='z').map(|c| format!("{{\"{c}{c}\":{},\"{c}\":1}}", u32::from(c))).collect();
    let countries: Vec<&str> = countries.iter().map(String::as_str).collect();
    assert_eq!(listed(&learn(&countries)), ["$.* integer 1.00"]);
}

#[test]
fn more_names_than_an_object_has_are_a_map() {
    let letters = |mut n: usize| {
        let mut name = String::from("k");
        while n > 0 {
            name.push((b'a' + (n % 26) as u8) as char);
            n /= 26;
        }
        name
    };
    let body = format!("{{{}}}", (1..=300).map(|n| format!("\"{}\":1", letters(n))).collect::<Vec<_>>().join(","));
    assert_eq!(listed(&learn(&[&body])), ["$.* integer 1.00"]);
}

#[test]
fn scalars_are_told_with_their_key() {
    let nested =
        r#"{"text":"{\"orderId\":\"o-1\",\"n\":[5]}","ids":[12,"x"],"users":{"42":{"name":"a"}},"f":1.5,"b":true}"#;
    let (_, told, _) = learn_and_tell(&[nested]);
    assert_eq!(
        told,
        [
            "text={\"orderId\":\"o-1\",\"n\":[5]}",
            "orderId=o-1",
            "n:5",
            "ids:12",
            "ids=x",
            "users=42",
            "name=a",
            "f:1.5",
            "b:true"
        ]
    );
    let (schema, told, _) = learn_and_tell(&[&format!("{{\"t\":\"{}\"}}", "long".repeat(20))]);
    assert!(told.is_empty() && schema.observed() == 1);
}

#[test]
fn oddities_are_told_and_break_nothing() {
    let deep = "[".repeat(100_000);
    let closed = format!("{deep}{}", "]".repeat(100_000));
    for (body, expected) in [
        (r#"{"a":1}"#, Ok(())),
        (r#"{"a":1,"a":2}"#, Err(Anomaly::DuplicateJsonKey)),
        (r#"{"a":1"#, Err(Anomaly::TruncatedBody)),
        (r#"{"a":1}}"#, Err(Anomaly::MalformedJson)),
        ("<html>", Err(Anomaly::MalformedJson)),
        ("", Err(Anomaly::MalformedJson)),
        (&*deep, Err(Anomaly::TruncatedBody)),
        (&*closed, Err(Anomaly::JsonTooDeep)),
    ] {
        let (schema, _, outcomes) = learn_and_tell(&[body]);
        assert_eq!(outcomes, [expected], "{body:.20}");
        assert_eq!(schema.observed() + schema.broken(), 1);
        let _ = (schema.fields(&CLASSIFIER), schema.to_json_schema(&CLASSIFIER));
    }
}

#[test]
fn a_body_that_breaks_off_does_not_lower_presence() {
    let schema = learn(&[r#"{"a":1,"b":{"c":1,"d":2}}"#, r#"{"a":"x","b":{"c""#, r#"{"a":1,"b":{"c":2,"d":3}}"#]);
    assert_eq!(listed(&schema), ["$.a integer|string 1.00", "$.b.c integer 1.00", "$.b.d integer 1.00"]);
    assert_eq!((schema.observed(), schema.broken()), (2, 1));
}

#[test]
fn a_key_that_comes_twice_counts_once() {
    assert_eq!(listed(&learn(&[r#"{"a":1,"a":2}"#, "{}"])), ["$.a integer 0.50"]);
}

#[test]
fn the_exported_schema_says_what_the_evidence_supports() {
    let body = r#"{"id":"9f86d081-884c-4d65-9a2f-eaa0c55ad015","n":1,"s":"open","x":null,"l":[{"a":true}]}"#;
    assert_eq!(
        exported(&enough(body)),
        json!({
            "type": "object",
            "properties": {
                "id": {"type": "string", "format": "uuid"},
                "l": {"type": "array", "items": {
                    "type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"],
                }},
                "n": {"type": "integer", "minimum": 0},
                "s": {"type": "string", "enum": ["open"]},
                "x": {},
            },
            "required": ["id", "l", "n", "s", "x"],
        })
    );
    assert_eq!(
        exported(&[body]),
        json!({
            "type": ["object", "null"], "x-vedette-null-unseen": true, "x-vedette-optional": [],
            "properties": {
                "id": {"type": ["string", "null"], "x-vedette-null-unseen": true},
                "l": {"type": ["array", "null"], "x-vedette-null-unseen": true, "items": {
                    "type": ["object", "null"], "x-vedette-null-unseen": true, "x-vedette-optional": [],
                    "properties": {"a": {"type": ["boolean", "null"], "x-vedette-null-unseen": true}},
                }},
                "n": {"type": ["integer", "null"], "x-vedette-null-unseen": true},
                "s": {"type": ["string", "null"], "x-vedette-null-unseen": true},
                "x": {},
            },
        })
    );
    assert_eq!(exported(&[]), json!({}));
}

#[test]
fn one_body_with_a_long_list_is_one_witness() {
    let list = format!("[{}]", vec![r#"{"a":1}"#; 500].join(","));
    let schema = exported(&[&list]);
    assert_eq!(schema["items"].get("required"), None, "{schema}");
}

#[test]
fn secrets_are_no_enumeration() {
    let schema = exported(&enough(r#"{"password":"hunter"}"#));
    assert_eq!(schema["properties"]["password"], json!({"type": "string"}));
}

#[test]
fn siblings_share_a_shape_whatever_came_first() {
    let one = learn(&[r#"{"id":1,"name":"a"}"#, r#"{"name":"b","id":2,"rare":1}"#, r#"{"id":1,"name":"c"}"#]);
    let other = learn(&[r#"{"name":"z","id":9}"#]);
    assert_eq!(one.shape(), other.shape());
    assert_ne!(one.shape(), learn(&[r#"{"id":1}"#]).shape());
    assert_ne!(one.shape(), learn(&[r#"[{"id":1,"name":"a"}]"#]).shape());
}

#[test]
fn a_schema_stays_within_its_nodes() {
    let letters =
        |n: usize| [b'a' + (n / 26 % 26) as u8, b'a' + (n % 26) as u8].map(char::from).iter().collect::<String>();
    let mut schema = Schema::default();
    for outer in 0..100 {
        let inner: Vec<String> = (0..200).map(|n| format!("\"{}\":[1]", letters(n))).collect();
        let body = format!("{{\"{}\":{{{}}}}}", letters(outer), inner.join(","));
        let mut context =
            Context { classifier: &CLASSIFIER, side: Side::Response, seen_at: (0, 0), on_scalar: &mut |_, _, _| {} };
        let _ = schema.observe(body.as_bytes(), &mut context);
    }
    let fields = schema.fields(&CLASSIFIER).len();
    assert!(fields > 1_000 && fields <= vedette_model::limits::SCHEMA_NODES_MAX, "{fields}");
}

#[test]
fn a_place_of_a_body_is_small() {
    let sizes = (size_of::<node::Node>(), size_of::<node::Property>(), size_of::<scalar::Scalars>());
    assert!(sizes.0 <= 64 && sizes.1 <= 112 && sizes.2 <= 320, "{sizes:?}");
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3i64..2_000).prop_map(Value::from),
        (0..9i32).prop_map(|n| Value::from(f64::from(n) / 2.0)),
        "(open|closed|[a-z ]{0,12}|2026-01-0[1-9]|[a-f0-9]{16})".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 30, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("(id|name|[a-f]|[0-9]{1,3}|[a-z]{2})", inner, 0..6)
                .prop_map(|m| m.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn schemas_merge(
        values in prop::collection::vec(json_value(), 0..24),
        cuts in any::<(prop::sample::Index, prop::sample::Index)>(),
    ) {
        let texts: Vec<String> = values.iter().map(Value::to_string).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let (one, two) = (cuts.0.index(texts.len() + 1), cuts.1.index(texts.len() + 1));
        let (low, high) = (one.min(two), one.max(two));
        let (a, b, c) = (learn(&texts[..low]), learn(&texts[low..high]), learn(&texts[high..]));
        let merged = |parts: [&Schema; 3]| {
            let mut sum = parts[0].clone();
            let mut tail = parts[1].clone();
            tail.merge(parts[2]);
            sum.merge(&tail);
            sum
        };
        let told = |s: &Schema| {
            let mut fields = serde_json::to_value(s.fields(&CLASSIFIER)).unwrap();
            // Each part numbers its exchanges from 0.
            let classes = fields.as_array_mut().into_iter().flatten().filter_map(|one| one["classes"].as_array_mut());
            classes.flatten().for_each(|class| class["exchange"] = Value::Null);
            (fields, s.to_json_schema(&CLASSIFIER), s.observed(), s.shape())
        };
        let whole = learn(&texts);
        prop_assert_eq!(told(&merged([&a, &b, &c])), told(&whole));
        prop_assert_eq!(told(&merged([&c, &a, &b])), told(&whole));
    }

    #[test]
    fn what_was_learned_is_accepted(values in prop::collection::vec(json_value(), 1..12)) {
        let texts: Vec<String> = values.iter().map(Value::to_string).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).cycle().take(120).collect();
        let schema = exported(&texts);
        let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
        for value in &values {
            prop_assert!(validator.is_valid(value), "{schema} refuses {value}");
        }
    }

    #[test]
    fn any_bytes_are_learned_without_panic(data in "([\\[\\]{},:\"\\\\0-9a-cntrue.\n ]{0,120}|\\PC{0,60})") {
        super::fuzz::schema_of_anything(data.as_bytes(), &CLASSIFIER);
    }
}

//! The examples in the class files, and claims about the engine as a whole.

use proptest::prelude::*;

use super::definition::ClassFile;
use super::*;

fn scan_ids(classifier: &Classifier, text: &str) -> Vec<String> {
    let mut matches = Vec::new();
    classifier.scan(text, &mut matches);
    matches.iter().map(|found| classifier.class(found.class).unwrap().id.clone()).collect()
}

fn value_ids(classifier: &Classifier, key: &str, value: &str) -> Vec<String> {
    classifier.value(key, value).iter().map(|class| classifier.class(*class).unwrap().id.clone()).collect()
}

/// Expands `{alnum:36}` to that many characters, always the same ones: examples carry no string that looks like a
/// live secret.
fn expand(example: &str) -> String {
    let mut out = String::new();
    let mut rest = example;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let spec = rest[1..].split_once('}').and_then(|(spec, _)| spec.split_once(':'));
        let alphabet: &[u8] = match spec.map(|(name, _)| name) {
            Some("alnum") => b"k3Rf9QxZ2mT7vLb8WnYp4cJ6hGs5dXe1aUqKoPtNiB",
            Some("hex") => b"9f86d081a4c7e52b3",
            Some("hexu") => b"9F86D081A4C7E52B3",
            Some("digit") => b"7305918264",
            Some("lower") => b"k3rf9qxz2mt7vlb8wnyp4cj6hg",
            Some("letter") => b"kRfQxZmTvLbWnYpcJhGsdXeaUqKoPtNiB",
            Some("base32") => b"K3RF4QXZ2MT7VLB5WNYPCJ6HG",
            Some("b64") => b"k3Rf9QxZ2mT/7vLb8WnYp4cJ6hGs5+dXe1aUqKo",
            Some("dot64") => b"k3Rf9QxZ2mT/7vLb8WnYp4cJ6hGs5.dXe1aUqKo",
            Some("b64url") => b"k3Rf9QxZ2mT-7vLb8WnYp4cJ6hGs5_dXe1aUqKo",
            _ => {
                out.push('{');
                rest = &rest[1..];
                continue;
            }
        };
        let (name, len) = spec.unwrap();
        let len: usize = len.parse().unwrap();
        let mut state = 0x9e37_79b9_u64 + len as u64;
        out.extend((0..len).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            alphabet[(state >> 33) as usize % alphabet.len()] as char
        }));
        rest = &rest[name.len() + 3 + rest[name.len() + 2..].find('}').unwrap()..];
    }
    out + rest
}

#[test]
fn every_class_finds_its_examples_and_not_its_negative_ones() {
    let classifier = Classifier::builtin();
    let mut wrong = Vec::new();
    for (file, yaml) in prepared::TEXTS {
        for definition in ClassFile::read(file, yaml).unwrap().classes {
            let id = &definition.id.value;
            for (examples, expected) in [(&definition.examples, true), (&definition.negative_examples, false)] {
                for text in examples {
                    let found = scan_ids(&classifier, &expand(&text.value));
                    if found.contains(id) != expected {
                        wrong.push(format!("{id} in text, expected {expected}: {} -> {found:?}", text.value));
                    }
                }
            }
            for (fields, expected) in [(&definition.fields, true), (&definition.negative_fields, false)] {
                for field in fields {
                    let (key, value) = field.value.split_once(": ").unwrap();
                    let found = value_ids(&classifier, key, &expand(value));
                    if found.contains(id) != expected {
                        wrong.push(format!("{id} in field, expected {expected}: {} -> {found:?}", field.value));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn technical_fields_hold_no_personal_data() {
    let classifier = Classifier::builtin();
    for (key, value) in [
        ("id", "4111111111111111"),
        ("timestamp", "1700000000000"),
        ("created", "2024-01-15T10:00:00Z"),
        ("uuid", "123e4567-e89b-12d3-a456-426614174000"),
        ("id", "123e4567-e89b-12d3-a456-426614174000"),
        ("sha", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("etag", "\"33a64df551425fcc55e4d42a148795d9f25f89d4\""),
        ("version", "1.2.3.4"),
        ("name", "Main Dashboard"),
        ("monitor.name", "Disk Usage"),
        ("title", "Doctor Who"),
        ("count", "2125550142"),
        ("account_id", "123456789012"),
        ("order_number", "4500012345"),
        ("duration_ms", "123456789"),
        ("color", "#aabbcc"),
        ("query", "avg:system.cpu.user{*} by {host}"),
        ("next_page_token", "k3Rf9QxZ2mT7vLb8WnYp4cJ6"),
        ("token_type", "bearer"),
        ("locale", "en-US"),
        ("time", "12:30:45"),
    ] {
        let found = value_ids(&classifier, key, value);
        assert!(found.is_empty(), "{key}: {value} -> {found:?}");
    }
}

#[test]
fn customer_classes_and_levels_win() {
    let yaml = "levels: { crown-jewels: 0.95 }\nclasses:\n  - id: loyalty-card\n    level: crown-jewels\n    labels: [marketing]\n    patterns:\n      - { regex: '4\\d{15}', confidence: 0.9 }\n  - id: email\n    level: public\n    keys: { strong: [mailbox] }\n";
    let classifier = Classifier::with_custom("own.yaml", yaml).unwrap();
    assert_eq!(value_ids(&classifier, "card_number", "4111111111111111"), ["loyalty-card"]);
    assert_eq!(scan_ids(&classifier, "card 4111111111111111"), ["loyalty-card"]);
    let class = classifier.class(classifier.by_id("loyalty-card").unwrap()).unwrap();
    assert_eq!(
        (class.level.as_str(), class.weight, class.labels.as_slice()),
        ("crown-jewels", 0.95, &["marketing".to_owned()][..])
    );
    assert_eq!(value_ids(&classifier, "mailbox", "anything"), ["email"]);
}

#[test]
fn everything_wrong_in_a_file_is_said_at_once_with_its_place() {
    let yaml = "classes:\n  - id: Bad Id\n    level: nowhere\n    patterns:\n      - { regex: '(', confidence: 2 }\n  - id: empty\n    level: public\n  - id: x\n    level: public\n    patterns:\n      - { regex: 'a', validator: lunh, confidence: 0.5 }\n";
    let errors: Vec<String> =
        Classifier::with_custom("own.yaml", yaml).unwrap_err().iter().map(ToString::to_string).collect();
    for expected in [
        "own.yaml:2:9: `Bad Id`",
        "own.yaml:3:12: level `nowhere`",
        "own.yaml:5:",
        "own.yaml:6:",
        "own.yaml:11:",
        "`lunh`",
        "hint: ",
    ] {
        assert!(errors.iter().any(|error| error.contains(expected)), "{expected} in {errors:#?}");
    }
    let claims = "classes:\n  - id: x\n    level: public\n    patterns: [{ regex: 'zq\\d+', confidence: 0.9 }]\n    examples: ['zq1', 'nothing']\n    negative_examples: ['zq2']\n";
    let errors: Vec<usize> =
        Classifier::with_custom("own.yaml", claims).unwrap_err().iter().map(|error| error.line).collect();
    assert_eq!(errors, [5, 6]);
    let syntax = Classifier::with_custom("own.yaml", "classes:\n  - id: [\n").unwrap_err();
    assert_eq!((syntax.len(), syntax[0].file.as_str()), (1, "own.yaml"));
    let unknown =
        Classifier::with_custom("own.yaml", "classes:\n  - id: a\n    level: public\n    patern: []\n").unwrap_err();
    assert!(unknown[0].line >= 2, "{unknown:?}");
}

#[test]
fn a_field_is_decided_by_all_its_values() {
    let classifier = Classifier::builtin();
    let decide = |key: &str, values: &[String]| {
        let mut tally = FieldTally::default();
        for (n, value) in values.iter().enumerate() {
            tally.observe(&classifier, key, value, (0, n as u64));
        }
        let ids: Vec<String> = tally
            .decide(&classifier, key)
            .iter()
            .map(|decision| classifier.class(decision.class).unwrap().id.clone())
            .collect();
        ids
    };
    let numbers = |n: u64| (0..n).map(|i| format!("{}", 4_111_111_111_000_000 + i * 7_919)).collect::<Vec<_>>();
    assert!(decide("number", &numbers(200)).is_empty(), "one number in ten passes Luhn by chance");
    let emails: Vec<String> = (0..40).map(|i| format!("u{i}@example.org")).collect();
    assert_eq!(decide("contact", &emails), ["email"]);
    let mut notes = vec!["nothing to see here, move on".to_owned(); 30];
    notes.push(format!("deploy with {}", expand("ghp_{alnum:36}")));
    assert_eq!(decide("note", &notes), ["github-token"]);
    let mut rare = vec!["nothing to see here, move on".to_owned(); 60];
    rare.push("call 212-555-0142".to_owned());
    assert!(decide("note", &rare).is_empty(), "one phone number in sixty notes is an accident");
}

#[test]
fn a_settled_field_samples_and_a_change_reopens_it() {
    let classifier = Classifier::builtin();
    let mut tally = FieldTally::default();
    for n in 0..64 {
        tally.observe(&classifier, "note", "nothing to see here", (0, n));
    }
    assert!(tally.settled());
    for n in 64..400 {
        tally.observe(&classifier, "note", "ada@example.org", (0, n));
    }
    let decisions = tally.decide(&classifier, "note");
    assert_eq!(classifier.class(decisions[0].class).unwrap().id, "email");
    assert!(decisions[0].share > 0.4, "{decisions:?}");
    assert_eq!(decisions[0].excerpt, "a•••@•••.org");
}

fn tally_of(classifier: &Classifier, values: &[(usize, u64)]) -> FieldTally {
    const VALUES: &[&str] =
        &["ada@example.org", "4111111111111111", "212-555-0142", "plain", "192.0.2.77", "my ssn is 536-90-4399"];
    let mut tally = FieldTally::default();
    for &(value, at) in values {
        tally.observe(classifier, "field", VALUES[value % VALUES.len()], (0, at));
    }
    tally
}

proptest! {
    #[test]
    fn merging_is_commutative_and_associative_and_equals_observing_all(
        a in prop::collection::vec((0_usize..6, 0_u64..50), 0..12),
        b in prop::collection::vec((0_usize..6, 0_u64..50), 0..12),
        c in prop::collection::vec((0_usize..6, 0_u64..50), 0..12),
    ) {
        static CLASSIFIER: std::sync::OnceLock<Classifier> = std::sync::OnceLock::new();
        let classifier = CLASSIFIER.get_or_init(Classifier::builtin);
        let [ta, tb, tc] = [&a, &b, &c].map(|values| tally_of(classifier, values));
        let merged = |left: &FieldTally, right: &FieldTally| { let mut sum = left.clone(); sum.merge(right); sum };
        prop_assert_eq!(merged(&ta, &tb), merged(&tb, &ta));
        prop_assert_eq!(merged(&merged(&ta, &tb), &tc), merged(&ta, &merged(&tb, &tc)));
        let all: Vec<_> = a.iter().chain(&b).chain(&c).copied().collect();
        prop_assert_eq!(merged(&merged(&ta, &tb), &tc), tally_of(classifier, &all));
    }

    #[test]
    fn scanning_never_fails(text in "(?s).{0,200}|([a-z=\"':@./ +(0-9-]{0,80})|(password|token|-----BEGIN|eyJ|ghp_|://|@){0,12}.{0,40}") {
        fuzz::classes_scan(text.as_bytes());
    }
}

#[test]
fn text_made_of_anchors_is_scanned_in_linear_time() {
    let classifier = Classifier::builtin();
    for unit in [
        "eyJ",
        "eyJhbGciOiJIUzI1NiJ9.",
        "www.",
        "postgres://",
        "a://",
        "1 ",
        "a@",
        "password=\"",
        "-----BEGIN RSA PRIVATE KEY-----",
    ] {
        // A walk to the end from each anchor would take minutes here, and the test's own time limit would say so.
        let text = unit.repeat((1 << 16) / unit.len());
        let mut matches = Vec::new();
        classifier.scan(&text, &mut matches);
        assert!(matches.len() < 1 << 16, "{unit}");
    }
}

use std::sync::LazyLock;

use super::*;

static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(Classifier::builtin);

fn kinds(parts: &str) -> Vec<String> {
    let text = format!("openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\n{parts}");
    let spec = vedette_parse::spec::read("s.yaml", &text, &mut |_| Err(String::new())).unwrap();
    assert!(spec.problems.is_empty(), "{:?}", spec.problems);
    let findings = audit(&spec, &text, &CLASSIFIER);
    for finding in &findings {
        assert!(finding.evidence.iter().all(|one| one.line.is_some_and(|line| line > 2)), "{finding:?}");
        assert!(finding.explanation.ends_with('.'), "{finding:?}");
    }
    findings.into_iter().map(|finding| finding.kind).collect()
}

#[test]
fn every_rule_is_broken_by_its_bad_example_and_not_by_its_good_one() {
    for rule in RULES {
        assert!(kinds(rule.bad).iter().any(|kind| kind == rule.id), "{}: the bad example passes", rule.id);
        assert!(!kinds(rule.good).iter().any(|kind| kind == rule.id), "{}: the good example fails", rule.id);
    }
}

#[test]
fn ids_are_unique_and_the_worst_come_first() {
    let mut ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RULES.len());
    assert!(RULES.is_sorted_by_key(|rule| std::cmp::Reverse(rule.severity)));
}

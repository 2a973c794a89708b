//! Properties that hold for every input; the fuzz targets and the property tests share them.

use std::sync::OnceLock;

use super::{Classifier, FieldTally, Match};

static CLASSIFIER: OnceLock<Classifier> = OnceLock::new();

/// Matches lie on character boundaries, in order, without overlap; judging the text as a field does not fail either.
#[doc(hidden)]
pub fn classes_scan(data: &[u8]) {
    let classifier = CLASSIFIER.get_or_init(Classifier::builtin);
    let text = String::from_utf8_lossy(data);
    let mut matches: Vec<Match> = Vec::new();
    classifier.scan(&text, &mut matches);
    let mut last = 0;
    for found in &matches {
        assert!(found.start >= last && found.start < found.end, "overlap at {}", found.start);
        assert!(text.get(found.start..found.end).is_some(), "not on a boundary");
        assert!((0.0..=1.0).contains(&found.confidence), "confidence {}", found.confidence);
        last = found.end;
    }
    let (key, value) = text.split_once('\n').unwrap_or((&text, &text));
    let mut tally = FieldTally::default();
    tally.observe(classifier, key, value, (0, 0));
    let _ = tally.decide(classifier, key);
    let _ = crate::redact::mask_record(&text);
}

/// A customer's file is compiled or explained, never worse.
#[doc(hidden)]
pub fn classes_custom(data: &[u8]) {
    let _ = Classifier::with_custom("fuzz.yaml", &String::from_utf8_lossy(data));
}

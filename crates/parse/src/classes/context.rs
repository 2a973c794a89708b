//! What stands around a match in text: the name it is assigned to, and words that speak for its class.

use super::boundary::run_before;
use super::compile::{Pattern, Rule};
use super::keys::{KeyHints, Strength};
use super::Classifier;

/// Bytes before and after a match in which words count. A sentence names its subject within about fifty characters.
const BEFORE_BYTES: usize = 64;
const AFTER_BYTES: usize = 24;

/// Words that, right before a number, make it something technical.
const TECHNICAL_BEFORE: &[&str] = &[
    "version", "ver", "v", "build", "release", "revision", "rev", "id", "isbn", "sku", "ticket", "order", "invoice", "chapter", "section",
    "issue", "commit", "timestamp", "firmware", "kernel", "tracking", "serial",
];

/// Where a match stands.
pub(crate) struct Surroundings<'a> {
    before: &'a [u8],
    after: &'a [u8],
    hints: KeyHints,
    technical_word: bool,
}

impl<'a> Surroundings<'a> {
    /// Looks around `start..end`.
    pub(crate) fn of(classifier: &Classifier, text: &'a str, start: usize, end: usize) -> Self {
        let bytes = text.as_bytes();
        let from = start.saturating_sub(BEFORE_BYTES);
        let before = bytes.get(from..start).unwrap_or_default();
        let after = bytes.get(end..(end + AFTER_BYTES).min(bytes.len())).unwrap_or_default();
        let (name, bound) = label(text, start);
        let hints = if bound { classifier.keys.hints(name) } else { KeyHints::default() };
        let technical_word = !bound && TECHNICAL_BEFORE.iter().any(|word| name.eq_ignore_ascii_case(word));
        Self { before, after, hints, technical_word }
    }

    /// Confidence of a match with this pattern here.
    pub(crate) fn weigh(&self, pattern: &Pattern, rule: &Rule, alone: f32, belief: f32) -> f32 {
        let said = self.hints.about(pattern.class);
        let supported = matches!(said, Some(Strength::Strong | Strength::Weak));
        let supports = |word: &String| contains_word(self.before, word.as_bytes()) || contains_word(self.after, word.as_bytes());
        if supported || rule.context.iter().any(supports) {
            return alone.max(pattern.with_context * belief.max(0.7));
        }
        if said == Some(Strength::Against) || self.hints.technical || self.technical_word {
            return alone * 0.4;
        }
        alone
    }
}

/// The name before a value (`ssn: `, `"ssn":"`, `ssn=`) and whether a sign binds it; in prose the word before.
fn label(text: &str, start: usize) -> (&str, bool) {
    let bytes = text.as_bytes();
    let gap = run_before(bytes, start, |byte| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b':' | b'=' | b'#' | b'>' | b'(' | b'['));
    let binder = bytes.get(gap..start).unwrap_or_default();
    let bound = binder.len() <= 8 && binder.iter().any(|byte| matches!(byte, b':' | b'=' | b'>'));
    let name = run_before(bytes, gap, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    (text.get(name..gap).unwrap_or_default(), bound)
}

/// True when a word (in lower case) stands in the bytes, alone or in the plural.
fn contains_word(bytes: &[u8], word: &[u8]) -> bool {
    let Some((first, _)) = word.split_first() else { return false };
    let mut from = 0;
    while let Some(found) = bytes.get(from..).and_then(|rest| memchr::memchr2(*first, first.to_ascii_uppercase(), rest)) {
        let at = from + found;
        let end = at + word.len();
        let same = bytes.get(at..end).is_some_and(|window| window.eq_ignore_ascii_case(word));
        let letter = |i: Option<usize>| i.and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_alphabetic);
        let plural = bytes.get(end).is_some_and(|byte| byte.eq_ignore_ascii_case(&b's')) && !letter(Some(end + 1));
        if same && !letter(at.checked_sub(1)) && (!letter(Some(end)) || plural) {
            return true;
        }
        from = at + 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_words_are_found() {
        for (text, expected) in [("\"ssn\": \"", ("ssn", true)), ("ssn=", ("ssn", true)), ("version ", ("version", false)), ("", ("", false))] {
            assert_eq!(label(text, text.len()), expected, "{text}");
        }
        assert!(contains_word(b"my Phones are", b"phone"));
        assert!(!contains_word(b"telling", b"tel"));
        assert!(contains_word(b"x tel: ", b"tel"));
    }
}

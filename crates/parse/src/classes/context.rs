//! What stands around a match in text: the name it is assigned to, and words that speak for its class.

use smallvec::SmallVec;

use super::boundary::run_before;
use super::compile::Pattern;
use super::keys::{KeyHints, Strength};
use super::{ClassId, Classifier};

/// Bytes before and after a match in which words count. A sentence names its subject within about fifty characters.
const BEFORE_BYTES: usize = 64;
const AFTER_BYTES: usize = 24;

/// Belief below which a form is not raised by a word nearby, only by a name: a bare count of seconds after `text` is
/// no telephone number.
const BELIEF_IN_PROSE: f32 = 0.2;

/// Words that, right before a number, make it something technical.
const TECHNICAL_BEFORE: &[&str] = &[
    "version",
    "ver",
    "v",
    "build",
    "release",
    "revision",
    "rev",
    "id",
    "isbn",
    "sku",
    "ticket",
    "order",
    "invoice",
    "chapter",
    "section",
    "issue",
    "commit",
    "timestamp",
    "firmware",
    "kernel",
    "tracking",
    "serial",
];

/// Words of a text that support classes, in order of their place.
pub(crate) type Words = SmallVec<[(u32, ClassId); 16]>;

/// Adds the word at `start..end` when it stands alone or in the plural.
pub(crate) fn note(text: &[u8], start: usize, end: usize, class: ClassId, words: &mut Words) {
    let letter = |i: Option<usize>| i.and_then(|i| text.get(i)).is_some_and(u8::is_ascii_alphabetic);
    let plural = text.get(end).is_some_and(|byte| byte.eq_ignore_ascii_case(&b's')) && !letter(Some(end + 1));
    if !letter(start.checked_sub(1)) && (!letter(Some(end)) || plural) {
        words.push((start as u32, class));
    }
}

/// Where a match stands.
pub(crate) struct Surroundings {
    hints: KeyHints,
    technical_word: bool,
}

impl Surroundings {
    /// Looks at what comes right before `start`.
    pub(crate) fn of(classifier: &Classifier, text: &str, start: usize) -> Self {
        let (name, bound) = label(text, start);
        let hints = if bound { classifier.keys.hints(name) } else { KeyHints::default() };
        let technical_word = !bound && TECHNICAL_BEFORE.iter().any(|word| name.eq_ignore_ascii_case(word));
        Self { hints, technical_word }
    }

    /// Confidence of a match with this pattern at `start..end`.
    pub(crate) fn weigh(
        &self,
        pattern: &Pattern,
        words: &Words,
        (start, end): (usize, usize),
        alone: f32,
        belief: f32,
    ) -> f32 {
        let said = self.hints.about(pattern.class);
        let named = matches!(said, Some(Strength::Strong | Strength::Weak));
        if named || (belief >= BELIEF_IN_PROSE && supported(words, pattern.class, start, end)) {
            return alone.max(raised(pattern, belief));
        }
        if said == Some(Strength::Against) || self.hints.technical || self.technical_word {
            return alone * 0.4;
        }
        alone
    }
}

/// Confidence of a match that a name or a word supports: a weak form stays a little weaker.
pub(crate) fn raised(pattern: &Pattern, belief: f32) -> f32 {
    pattern.with_context * (0.6 + 0.4 * belief)
}

/// True when a word for the class stands near enough.
pub(crate) fn supported(words: &Words, class: ClassId, start: usize, end: usize) -> bool {
    let from = start.saturating_sub(BEFORE_BYTES) as u32;
    let first = words.partition_point(|(at, _)| *at < from);
    let near = words.iter().skip(first).take_while(|(at, _)| (*at as usize) < end + AFTER_BYTES);
    near.into_iter().any(|(_, word)| *word == class)
}

/// The name before a value (`ssn: `, `"ssn":"`, `ssn=`) and whether a sign binds it; in prose the word before.
fn label(text: &str, start: usize) -> (&str, bool) {
    let bytes = text.as_bytes();
    let gap = run_before(bytes, start, |byte| {
        matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b':' | b'=' | b'#' | b'>' | b'(' | b'[')
    });
    let binder = bytes.get(gap..start).unwrap_or_default();
    let bound = binder.len() <= 8 && binder.iter().any(|byte| matches!(byte, b':' | b'=' | b'>'));
    let name = run_before(bytes, gap, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    (text.get(name..gap).unwrap_or_default(), bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_words_are_found() {
        for (text, expected) in [
            ("\"ssn\": \"", ("ssn", true)),
            ("ssn=", ("ssn", true)),
            ("version ", ("version", false)),
            ("", ("", false)),
        ] {
            assert_eq!(label(text, text.len()), expected, "{text}");
        }
        let noted = |text: &str, word: &str| {
            let mut words = Words::new();
            let at = text.find(word).unwrap();
            note(text.as_bytes(), at, at + word.len(), ClassId(0), &mut words);
            !words.is_empty()
        };
        assert!(noted("my phones are", "phone"));
        assert!(!noted("telling", "tel"));
        assert!(noted("x tel: ", "tel"));
    }
}

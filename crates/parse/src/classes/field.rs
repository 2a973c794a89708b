//! Judges one whole value of a named field.

use aho_corasick::Input as AcInput;
use smallvec::SmallVec;
use vedette_model::limits::VALUE_BYTES_MAX;

use super::automaton::Ends;
use super::compile::{Call, Matcher, Pattern};
use super::keys::{KeyHints, Strength};
use super::scan;
use super::{ClassId, Classifier};

/// Classes of one value with their confidence, best first.
pub(crate) type Found = SmallVec<[(ClassId, f32); 4]>;

/// Confidence below which a class is not named.
pub(crate) const CONFIDENCE_MIN: f32 = 0.5;

/// Shortest text that an anchored pattern matches (an e-mail address, `a@b.co`).
const ANCHORED_BYTES_MIN: usize = 6;

/// Shortest value with parts worth looking into.
const COMPOSITE_BYTES_MIN: usize = 12;

/// True when a value may contain something beside what it is as a whole: it has words, parameters or quotes, and a
/// digit or sign that every span needs.
pub(crate) fn is_composite(value: &str) -> bool {
    if value.len() < COMPOSITE_BYTES_MIN {
        return false;
    }
    let (mut parts, mut signs) = (false, false);
    for byte in value.bytes() {
        match byte {
            b'0'..=b'9' | b'@' | b':' => signs = true,
            b'=' => (parts, signs) = (true, true),
            b' ' | b'\n' | b'\t' | b'?' | b'&' | b',' | b';' | b'"' | b'<' | b'(' | b'{' | b'|' => parts = true,
            _ => {}
        }
        if parts && signs {
            return true;
        }
    }
    false
}

/// What one pass over a value tells.
struct Outline {
    digit: bool,
    at_or_colon: bool,
    space: bool,
}

impl Outline {
    fn of(bytes: &[u8]) -> Self {
        let mut outline = Self { digit: false, at_or_colon: false, space: false };
        for byte in bytes {
            match byte {
                b'0'..=b'9' => outline.digit = true,
                b'@' | b':' | b'.' | b'%' => outline.at_or_colon = true,
                b' ' | b'\n' | b'\t' => outline.space = true,
                _ => {}
            }
        }
        outline
    }

    /// A word without digits and signs holds nothing that has a pattern.
    fn plain(&self) -> bool {
        !self.digit && !self.at_or_colon
    }
}

/// True when what was found says nothing of what the value contains (nothing, or a URL with parameters).
pub(crate) fn look_inside(classifier: &Classifier, found: &Found, value: &str) -> bool {
    let vague = |class: ClassId| classifier.rules.get(usize::from(class.0)).is_none_or(|rule| rule.public);
    found.iter().all(|(class, _)| vague(*class)) && is_composite(value)
}

/// Classes that the whole value is, given what its field's name says.
pub(crate) fn classes_of(classifier: &Classifier, hints: &KeyHints, value: &str) -> Found {
    let mut found = Found::new();
    let value = value.trim_matches([' ', '\t', '\r', '\n']);
    if value.is_empty() || (hints.classes.is_empty() && value.len() < ANCHORED_BYTES_MIN) {
        return found;
    }
    let looked_at = value.as_bytes().get(..VALUE_BYTES_MAX.min(value.len())).unwrap_or_default();
    let outline = Outline::of(looked_at);
    if outline.digit || !hints.classes.is_empty() {
        by_word(classifier, hints, value, &mut found);
    }
    if !outline.plain() || value.len() >= 20 {
        by_anchor(classifier, hints, value, &outline, &mut found);
    }
    by_name(classifier, hints, value, &mut found);
    settle(classifier, &mut found);
    found
}

fn by_word(classifier: &Classifier, hints: &KeyHints, value: &str, found: &mut Found) {
    let Some(automaton) = &classifier.words else { return };
    if !value.as_bytes().first().is_some_and(|byte| automaton.can_begin(*byte)) {
        return;
    }
    let mut ends = Ends::new();
    automaton.ends(value.as_bytes(), &mut ends);
    for (pattern, _) in ends.iter().filter(|(_, end)| *end == value.len()) {
        let index = classifier.word_patterns.get(usize::from(*pattern)).copied().unwrap_or(u16::MAX);
        if let Some(pattern) = classifier.patterns.get(usize::from(index)) {
            judge(pattern, hints, value, found);
        }
    }
}

fn by_anchor(classifier: &Classifier, hints: &KeyHints, value: &str, outline: &Outline, found: &mut Found) {
    let Some(anchors) = &classifier.anchors else { return };
    // A PEM block has spaces; everything else that fills a whole value has none, or begins with its anchor.
    let looked_at = if outline.space { value.get(..64).unwrap_or(value) } else { value.get(..VALUE_BYTES_MAX).unwrap_or(value) };
    for hit in anchors.find_overlapping_iter(AcInput::new(looked_at)) {
        for call in classifier.calls.get(hit.pattern().as_usize()).into_iter().flatten() {
            let Call::Pattern(index) = call else { continue };
            let Some(pattern) = classifier.patterns.get(usize::from(*index)) else { continue };
            let within_reach = match &pattern.matcher {
                Matcher::Regex { inside, regex, .. } => hit.start() <= *inside && !regex.groups || hit.start() == 0,
                Matcher::Finder(_) => true,
                Matcher::Word => false,
            };
            if !within_reach {
                continue;
            }
            let Some((start, end)) = scan::extent(pattern, value, hit.start(), hit.end()) else { continue };
            let groups = matches!(&pattern.matcher, Matcher::Regex { regex, .. } if regex.groups);
            if end == value.len() && (start == 0 || groups) {
                judge(pattern, hints, value.get(start..end).unwrap_or_default(), found);
            }
        }
    }
}

fn judge(pattern: &Pattern, hints: &KeyHints, value: &str, found: &mut Found) {
    let said = hints.about(pattern.class);
    let belief = pattern.validator.map_or(1.0, |validator| validator(value));
    let alone = pattern.confidence * belief;
    let confidence = match said {
        _ if belief <= 0.0 => return,
        Some(Strength::Strong | Strength::Weak) => alone.max(pattern.with_context * belief.max(0.7)),
        Some(Strength::Against) => alone * 0.4,
        None if hints.technical && alone < 0.95 && matches!(pattern.matcher, Matcher::Word) => alone * 0.4,
        None => alone,
    };
    add(found, pattern.class, confidence);
}

fn by_name(classifier: &Classifier, hints: &KeyHints, value: &str, found: &mut Found) {
    for &(class, strength) in &hints.classes {
        let Some(rule) = classifier.rules.get(usize::from(class.0)) else { continue };
        if strength == Strength::Strong
            && let Some((validator, confidence)) = rule.keyed
        {
            let belief = validator(value);
            add(found, class, confidence * belief);
        }
    }
}

fn add(found: &mut Found, class: ClassId, confidence: f32) {
    if confidence < CONFIDENCE_MIN {
        return;
    }
    match found.iter_mut().find(|(known, _)| *known == class) {
        Some((_, best)) => *best = best.max(confidence),
        None => found.push((class, confidence)),
    }
}

/// A customer's classes drop ours, specific classes drop generic and public ones; best first.
fn settle(classifier: &Classifier, found: &mut Found) {
    if found.len() < 2 {
        return;
    }
    let rule = |class: ClassId| classifier.rules.get(usize::from(class.0));
    if found.iter().any(|(class, _)| rule(*class).is_some_and(|rule| rule.custom)) {
        found.retain(|(class, _)| rule(*class).is_some_and(|rule| rule.custom));
    }
    let vague = |class: ClassId| rule(class).is_some_and(|rule| rule.generic || rule.public);
    if found.iter().any(|(class, _)| !vague(*class)) {
        found.retain(|(class, _)| !vague(*class));
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let best = found.first().map_or(0.0, |(_, confidence)| *confidence);
    found.retain(|(_, confidence)| *confidence + 0.15 >= best);
}

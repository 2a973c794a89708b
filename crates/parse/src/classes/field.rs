//! Judges one whole value of a named field.

use smallvec::SmallVec;
use vedette_model::limits::VALUE_BYTES_MAX;

use super::automaton::Ends;
use super::compile::{Call, Matcher, Pattern};
use super::context;
use super::keys::{KeyHints, Strength};
use super::outline::{DIGIT, Outline, SPACE};
use super::scan;
use super::{ClassId, Classifier};

/// Classes of one value with their confidence, best first.
pub(crate) type Found = SmallVec<[(ClassId, f32); 4]>;

/// Confidence below which a class is not named.
pub(crate) const CONFIDENCE_MIN: f32 = 0.5;

/// Shortest text that an anchored pattern matches (an e-mail address, `a@b.co`).
const ANCHORED_BYTES_MIN: usize = 6;

/// What a value is as a whole, and whether it may contain more.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) found: Found,
    /// Nothing was found but perhaps a URL, and the value has parts to look into.
    pub(crate) look_inside: bool,
}

/// Judges a whole value, given what its field's name says.
pub(crate) fn judge(classifier: &Classifier, hints: &KeyHints, value: &str) -> Judged {
    let mut found = Found::new();
    let value = value.trim_matches([' ', '\t', '\r', '\n']);
    if value.is_empty() || (hints.classes.is_empty() && value.len() < ANCHORED_BYTES_MIN) {
        return Judged { found, look_inside: false };
    }
    let looked_at = value.as_bytes().get(..VALUE_BYTES_MAX.min(value.len())).unwrap_or_default();
    let outline = Outline::of(looked_at);
    if outline.has(DIGIT) || !hints.classes.is_empty() {
        by_word(classifier, hints, value, &mut found);
    }
    if !outline.plain() || value.len() >= 20 {
        by_anchor(classifier, hints, value, outline, &mut found);
    }
    by_name(classifier, hints, value, &mut found);
    by_label(classifier, hints, value, &mut found);
    settle(classifier, &mut found);
    let vague = |class: ClassId| classifier.rules.get(usize::from(class.0)).is_none_or(|rule| rule.public);
    let look_inside = outline.composite(value.len()) && found.iter().all(|(class, _)| vague(*class));
    Judged { found, look_inside }
}

/// Classes that the whole value is, given what its field's name says.
pub(crate) fn classes_of(classifier: &Classifier, hints: &KeyHints, value: &str) -> Found {
    judge(classifier, hints, value).found
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
            weigh(pattern, hints, value, found);
        }
    }
}

fn by_anchor(classifier: &Classifier, hints: &KeyHints, value: &str, outline: Outline, found: &mut Found) {
    let Some(anchors) = &classifier.anchors else { return };
    // A PEM block has spaces; everything else that fills a whole value has none, or begins with its anchor.
    let looked_at = if outline.has(SPACE) {
        value.get(..64).unwrap_or(value)
    } else {
        value.get(..VALUE_BYTES_MAX).unwrap_or(value)
    };
    for hit in anchors.hits(looked_at) {
        for call in classifier.calls.get(hit.literal).into_iter().flatten() {
            let Call::Pattern(index) = call else { continue };
            let Some(pattern) = classifier.patterns.get(usize::from(*index)) else { continue };
            let within_reach = match &pattern.matcher {
                Matcher::Regex { inside, regex, .. } => hit.start <= *inside && !regex.groups || hit.start == 0,
                Matcher::Finder(_) => true,
                Matcher::Word => false,
            };
            if !within_reach {
                continue;
            }
            let Some((start, end)) = scan::extent(pattern, value, hit.start, hit.end) else { continue };
            let groups = matches!(&pattern.matcher, Matcher::Regex { regex, .. } if regex.groups);
            if end == value.len() && (start == 0 || groups) {
                weigh(pattern, hints, value.get(start..end).unwrap_or_default(), found);
            }
        }
    }
}

fn weigh(pattern: &Pattern, hints: &KeyHints, value: &str, found: &mut Found) {
    let said = hints.about(pattern.class);
    let belief = pattern.believe(value);
    let alone = pattern.confidence * belief;
    let confidence = match said {
        _ if belief <= 0.0 => return,
        Some(Strength::Strong | Strength::Weak) => alone.max(context::raised(pattern, belief)),
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

/// Shows a customer's patterns the name with the value, as text would have them (`acme_key = "…"`).
fn by_label(classifier: &Classifier, hints: &KeyHints, value: &str, found: &mut Found) {
    let (Some(label), Some(anchors)) = (&hints.label, &classifier.anchors) else { return };
    if label.is_empty() || value.len() > VALUE_BYTES_MAX {
        return;
    }
    let text = format!("{label} = \"{value}\"");
    let (start, end) = (label.len() + 4, label.len() + 4 + value.len());
    for hit in anchors.hits(&text).take_while(|hit| hit.end <= end) {
        for call in classifier.calls.get(hit.literal).into_iter().flatten() {
            let Call::Pattern(index) = call else { continue };
            let pattern = classifier.patterns.get(usize::from(*index));
            let Some(pattern) = pattern.filter(|pattern| pattern.is_labeled(&classifier.rules)) else { continue };
            if scan::extent(pattern, &text, hit.start, hit.end) == Some((start, end)) {
                weigh(pattern, hints, value, found);
            }
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

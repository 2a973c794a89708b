//! Finds classes anywhere in text: candidates from literals and word starts, then the best that do not overlap.

use regex_automata::{Anchored, Input};
use smallvec::SmallVec;
use vedette_model::limits::{CLASS_CANDIDATES_MAX, CLASS_TEXT_BYTES_MAX};

use super::assignment;
use super::automaton::Ends;
use super::boundary;
use super::compile::{Call, Matcher, Pattern};
use super::context::{self, Surroundings, Words};
use super::regex::LazyRegex;
use super::{ClassId, Classifier, Match};

/// Bytes after an anchor that a pattern may reach.
const REACH_BYTES: usize = 4 << 10;

/// Bytes after an anchor inside a match that the match may reach: such patterns are searched for, not tried once.
const INNER_REACH_BYTES: usize = 512;

/// Confidence of a form that needs nothing around it.
const CERTAIN: f32 = 0.95;

/// Anchors of one text that are followed; hostile text is made of them.
const CALLS_MAX: usize = 1 << 16;

/// A span that may become a match.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) class: ClassId,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) confidence: f32,
}

/// Adds the matches of `text` with at least `confidence_min`, in order, without overlap.
pub(crate) fn scan(classifier: &Classifier, text: &str, confidence_min: f32, out: &mut Vec<Match>) {
    let text = cut(text);
    let mut candidates: SmallVec<[Candidate; 16]> = SmallVec::new();
    let support = anchored(classifier, text, &mut candidates);
    words(classifier, text, &support, confidence_min, &mut candidates);
    candidates.retain(|candidate| candidate.confidence >= confidence_min);
    choose(classifier, &mut candidates, out);
}

fn cut(text: &str) -> &str {
    let end = CLASS_TEXT_BYTES_MAX.min(text.len());
    (end.saturating_sub(3)..=end).rev().find_map(|end| text.get(..end)).unwrap_or_default()
}

/// Follows the literals of the text; returns the words that support classes.
fn anchored(classifier: &Classifier, text: &str, candidates: &mut SmallVec<[Candidate; 16]>) -> Words {
    let mut support = Words::new();
    let Some(anchors) = &classifier.anchors else { return support };
    let mut name_end = 0;
    let mut reach = Reach::default();
    // Patterns that need support wait until all words are known.
    let mut waiting: SmallVec<[(u16, Candidate); 4]> = SmallVec::new();
    for hit in anchors.hits(text).take(CALLS_MAX) {
        for call in classifier.calls.get(hit.literal).into_iter().flatten() {
            if candidates.len() + waiting.len() >= CLASS_CANDIDATES_MAX {
                break;
            }
            match call {
                Call::Context(class) => context::note(text.as_bytes(), hit.start, hit.end, *class, &mut support),
                Call::Pattern(index) if reach.covers(*index, hit.start) => {}
                Call::Pattern(index) => {
                    let pattern = classifier.patterns.get(usize::from(*index));
                    match pattern.and_then(|pattern| Some((pattern, follow(pattern, text, hit.start, hit.end)?))) {
                        Some((Pattern { matcher: Matcher::Finder(_), .. }, candidate)) => {
                            reach.extend(*index, candidate.end);
                            candidates.push(candidate);
                        }
                        Some((pattern, candidate)) if pattern.with_context > pattern.confidence => {
                            waiting.push((*index, candidate));
                        }
                        Some((_, candidate)) => candidates.push(candidate),
                        None => {}
                    }
                }
                Call::Assignment if hit.end > name_end => {
                    name_end = assignment::read(classifier, text, (hit.start, hit.end), None, candidates);
                }
                Call::Assignment => {}
                Call::Vendor(class) => {
                    assignment::read(classifier, text, (hit.start, hit.end), Some(*class), candidates);
                }
            }
        }
    }
    // Hits come by their ends.
    support.sort_unstable();
    for (index, mut candidate) in waiting {
        if let Some(pattern) = classifier.patterns.get(usize::from(index))
            && context::supported(&support, candidate.class, candidate.start, candidate.end)
        {
            candidate.confidence = candidate.confidence.max(pattern.with_context);
        }
        candidates.push(candidate);
    }
    support
}

/// How far the last match of each finder went: anchors inside it (a URL in a URL's query) are not followed again.
#[derive(Default)]
struct Reach(SmallVec<[(u16, usize); 8]>);

impl Reach {
    fn covers(&self, pattern: u16, at: usize) -> bool {
        self.0.iter().any(|(known, end)| *known == pattern && at < *end)
    }

    fn extend(&mut self, pattern: u16, end: usize) {
        match self.0.iter_mut().find(|(known, _)| *known == pattern) {
            Some((_, last)) => *last = end,
            None => self.0.push((pattern, end)),
        }
    }
}

/// Looks for the match of a pattern around one of its anchors.
fn follow(pattern: &Pattern, text: &str, start: usize, end: usize) -> Option<Candidate> {
    let (start, end) = extent(pattern, text, start, end)?;
    let belief = believe(pattern, text, start, end);
    (belief > 0.0).then_some(Candidate { class: pattern.class, start, end, confidence: pattern.confidence * belief })
}

/// What a pattern's validator thinks of its match. The key id inside a signed URL is there to be seen: the signature
/// proves the key without showing it.
fn believe(pattern: &Pattern, text: &str, start: usize, end: usize) -> f32 {
    let before = text.as_bytes().get(start.saturating_sub(24)..start).unwrap_or_default();
    let signs = [b"credential=".as_slice(), b"awsaccesskeyid=", b"googleaccessid=", b"amz-security-token="];
    let ends = |sign: &&[u8]| {
        before
            .len()
            .checked_sub(sign.len())
            .and_then(|at| before.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(sign))
    };
    if signs.iter().any(ends) {
        return 0.0;
    }
    pattern.believe(text.get(start..end).unwrap_or_default())
}

/// The extent of a pattern's match around an anchor at `start..end`.
pub(crate) fn extent(pattern: &Pattern, text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let (regex, inside, bytes_min) = match &pattern.matcher {
        Matcher::Finder(finder) => return finder.find(text, start, end),
        Matcher::Regex { regex, inside, bytes_min } => (regex, *inside, *bytes_min),
        Matcher::Word => return None,
    };
    let bytes = text.as_bytes();
    // Short anchors are called often: what costs nothing is asked first.
    if bytes.len() < start.saturating_sub(inside) + bytes_min
        || (inside == 0 && !regex.groups && !boundary::begins(bytes, start))
    {
        return None;
    }
    let limit = (end + REACH_BYTES).min(bytes.len());
    let compiled = regex.get()?;
    let found = if inside == 0 {
        let input = Input::new(bytes).span(start..limit).anchored(Anchored::Yes);
        groups(compiled, regex, &input)
    } else {
        let mut from = start.saturating_sub(inside);
        loop {
            let input = Input::new(bytes).span(from..limit.min(end + INNER_REACH_BYTES));
            match groups(compiled, regex, &input) {
                Some(found) if found.1 <= start && found.1 > from => from = found.1,
                found => break found,
            }
        }
    };
    let (whole_start, _, match_start, match_end) = found?;
    let free_start = regex.groups || boundary::begins(bytes, whole_start);
    let last = match_end.checked_sub(1).and_then(|i| bytes.get(i)).copied().unwrap_or_default();
    (free_start && (!boundary::is_word(last) || boundary::ends(bytes, match_end))).then_some((match_start, match_end))
}

/// Whole match and the part that counts: the group that was asked for, the first that took part, or the whole.
fn groups(
    regex: &regex_automata::meta::Regex,
    lazy: &LazyRegex,
    input: &Input<'_>,
) -> Option<(usize, usize, usize, usize)> {
    if !lazy.groups {
        let found = regex.find(input.clone())?;
        return Some((found.start(), found.end(), found.start(), found.end()));
    }
    let mut captures = regex.create_captures();
    regex.captures(input.clone(), &mut captures);
    let whole = captures.get_match()?;
    let part = match lazy.group {
        Some(group) => captures.get_group(group)?,
        None => (1..captures.group_len()).find_map(|group| captures.get_group(group)).unwrap_or(whole.span()),
    };
    Some((whole.start(), whole.end(), part.start, part.end))
}

/// Tries the word patterns at the start of every word.
fn words(
    classifier: &Classifier,
    text: &str,
    support: &Words,
    confidence_min: f32,
    candidates: &mut SmallVec<[Candidate; 16]>,
) {
    let Some(automaton) = &classifier.words else { return };
    let bytes = text.as_bytes();
    let mut ends = Ends::new();
    let mut in_word = false;
    for (at, &byte) in bytes.iter().enumerate() {
        let word = boundary::is_word(byte);
        let begins = !in_word || (byte.is_ascii_alphanumeric() && boundary::begins(bytes, at));
        in_word = word;
        if !begins || !automaton.can_begin(byte) {
            continue;
        }
        ends.clear();
        automaton.ends(bytes.get(at..).unwrap_or_default(), &mut ends);
        if !ends.is_empty() && candidates.len() < CLASS_CANDIDATES_MAX && starts_cleanly(bytes, at) {
            let place = Place { classifier, text, support, at, confidence_min };
            place.judge(&mut ends, candidates);
        }
    }
}

/// A word start at which patterns matched.
struct Place<'a> {
    classifier: &'a Classifier,
    text: &'a str,
    support: &'a Words,
    at: usize,
    confidence_min: f32,
}

impl Place<'_> {
    /// Adds, per pattern, the longest match that its validator accepts; `ends` came shortest first.
    fn judge(&self, ends: &mut Ends, candidates: &mut SmallVec<[Candidate; 16]>) {
        let bytes = self.text.as_bytes();
        let mut surroundings: Option<Surroundings> = None;
        let mut tries = Tries::default();
        while let Some((id, len)) = ends.pop() {
            let end = self.at + len;
            if !ends_cleanly(bytes, end) || !tries.another(id) {
                continue;
            }
            let index = self.classifier.word_patterns.get(usize::from(id)).copied().unwrap_or(u16::MAX);
            let Some(pattern) = self.classifier.patterns.get(usize::from(index)) else { continue };
            let belief = believe(pattern, self.text, self.at, end);
            if belief <= 0.0 {
                continue;
            }
            tries.exhaust(id);
            let alone = pattern.confidence * belief;
            let confidence = if alone >= CERTAIN || alone.max(pattern.with_context) < self.confidence_min {
                alone
            } else {
                let around = surroundings.get_or_insert_with(|| Surroundings::of(self.classifier, self.text, self.at));
                around.weigh(pattern, self.support, (self.at, end), alone, belief)
            };
            candidates.push(Candidate { class: pattern.class, start: self.at, end, confidence });
        }
    }
}

/// Ends of one pattern at one place that are tried, the longest first: a list of numbers has many.
const TRIES_MAX: u8 = 4;

/// How often each pattern was tried at one place.
#[derive(Default)]
struct Tries(SmallVec<[(u16, u8); 8]>);

impl Tries {
    /// Counts a try; false when the pattern had enough.
    fn another(&mut self, pattern: u16) -> bool {
        match self.0.iter_mut().find(|(known, _)| *known == pattern) {
            Some((_, count)) if *count >= TRIES_MAX => return false,
            Some((_, count)) => *count += 1,
            None => self.0.push((pattern, 1)),
        }
        true
    }

    /// No further try: the pattern matched.
    fn exhaust(&mut self, pattern: u16) {
        if let Some((_, count)) = self.0.iter_mut().find(|(known, _)| *known == pattern) {
            *count = TRIES_MAX;
        }
    }
}

fn starts_cleanly(bytes: &[u8], at: usize) -> bool {
    let number = bytes.get(at).is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'('));
    !number || boundary::begins_number(bytes, at)
}

fn ends_cleanly(bytes: &[u8], end: usize) -> bool {
    let last = end.checked_sub(1).and_then(|i| bytes.get(i)).copied().unwrap_or_default();
    if last.is_ascii_digit() {
        boundary::ends_number(bytes, end)
    } else {
        !boundary::is_word(last) || boundary::ends(bytes, end)
    }
}

/// Keeps the best candidates that do not overlap: a customer's first, then secrets and what is nearly certain, then
/// the longest.
fn choose(classifier: &Classifier, candidates: &mut SmallVec<[Candidate; 16]>, out: &mut Vec<Match>) {
    let rank = |candidate: &Candidate| {
        let rule = classifier.rules.get(usize::from(candidate.class.0));
        let tier = match rule {
            Some(rule) if rule.custom => 4,
            Some(rule) if rule.secret && candidate.confidence >= 0.8 && !rule.generic => 3,
            // A token in a link's query counts, the link around it does not.
            Some(rule) if rule.secret || (!rule.public && candidate.confidence >= 0.9) => 2,
            _ => 1,
        };
        (tier, candidate.end - candidate.start)
    };
    candidates
        .sort_by(|a, b| rank(b).cmp(&rank(a)).then(b.confidence.total_cmp(&a.confidence)).then(a.class.cmp(&b.class)));
    let first = out.len();
    for candidate in candidates.iter() {
        let chosen = out.get(first..).unwrap_or_default();
        let at = chosen.partition_point(|other| other.start < candidate.start);
        let clear_before =
            at.checked_sub(1).and_then(|i| chosen.get(i)).is_none_or(|other| other.end <= candidate.start);
        let clear_after = chosen.get(at).is_none_or(|other| candidate.end <= other.start);
        if clear_before && clear_after {
            let Candidate { class, start, end, confidence } = *candidate;
            out.insert(first + at, Match { class, start, end, confidence });
        }
    }
}

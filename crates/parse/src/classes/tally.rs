//! Decides what a field holds from what its values looked like.

use smallvec::SmallVec;
use vedette_model::limits::{FIELD_CLASSES_MAX, FIELD_SAMPLE_EVERY, FIELD_SETTLE_VALUES, VALUE_BYTES_MAX};

use super::keys::{KeyHints, Strength};
use super::{ClassId, Classifier, Match, field};
use crate::stored::{Bits, CLASSES, Damaged, Reader, Stored};
use crate::{redact, stored};

/// What the values of one field looked like: mergeable, bounded (invariant 3). About 100 bytes while nothing matched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldTally {
    /// Values seen.
    seen: u64,
    /// Values looked at; the others were skipped once the field was settled.
    looked: u64,
    /// Up to this many looked-at values nothing is skipped; raised when a settled field changes.
    attentive_until: u64,
    /// Classes that matched, ordered, the first [`FIELD_CLASSES_MAX`] by id.
    classes: SmallVec<[ClassTally; 1]>,
}

/// What is known of one class in one field. Every part merges by sum, union or minimum.
#[derive(Clone, Debug, PartialEq)]
struct ClassTally {
    class: ClassId,
    /// Values that matched as a whole.
    whole: u64,
    /// Values that contained a match.
    contained: u64,
    /// Sum of confidences in hundredths.
    confidence: u64,
    /// One bit per hash of a value: tells one repeated value from many.
    distinct: u64,
    /// The first place by source and record, with its value masked.
    first: ((u32, u64), String),
}

/// A field's decided class.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Which class.
    pub class: ClassId,
    /// How sure, 0 to 1.
    pub confidence: f32,
    /// Share of values that matched.
    pub share: f32,
    /// One masked value.
    pub excerpt: String,
    /// Where it was seen: source and record number.
    pub seen_at: (u32, u64),
}

impl FieldTally {
    /// Looks at one value. Once the field is settled only a sample is looked at; a surprise in the sample makes it
    /// attentive again.
    pub fn observe(&mut self, classifier: &Classifier, key: &str, value: &str, seen_at: (u32, u64)) {
        self.seen += 1;
        if self.settled() && !self.seen.is_multiple_of(FIELD_SAMPLE_EVERY) {
            return;
        }
        self.look(classifier, &classifier.key(key), value, seen_at);
    }

    /// As [`Self::observe`], with what the name says read before.
    pub fn observe_hinted(&mut self, classifier: &Classifier, hints: &KeyHints, value: &str, seen_at: (u32, u64)) {
        self.seen += 1;
        if self.settled() && !self.seen.is_multiple_of(FIELD_SAMPLE_EVERY) {
            return;
        }
        self.look(classifier, hints, value, seen_at);
    }

    /// True when the next value would be skipped: the caller may save itself the work of decoding it.
    pub fn settled(&self) -> bool {
        self.looked >= self.attentive_until.max(u64::from(FIELD_SETTLE_VALUES))
    }

    fn look(&mut self, classifier: &Classifier, hints: &KeyHints, value: &str, seen_at: (u32, u64)) {
        let was_settled = self.settled();
        self.looked += 1;
        let before = self.classes.len();
        let field::Judged { found, look_inside } = field::judge(classifier, hints, value);
        for (class, confidence) in &found {
            self.count(classifier, *class, *confidence, value, true, seen_at);
        }
        if look_inside {
            let text = bounded(value);
            let mut matches: Vec<Match> = Vec::new();
            classifier.scan(text, &mut matches);
            matches.sort_by_key(|found| found.class);
            matches.dedup_by_key(|found| found.class);
            matches.retain(|inner| found.iter().all(|(class, _)| *class != inner.class));
            for Match { class, start, end, confidence } in matches {
                self.count(classifier, class, confidence, text.get(start..end).unwrap_or_default(), false, seen_at);
            }
        }
        if was_settled && self.classes.len() > before {
            self.attentive_until = self.looked + u64::from(FIELD_SETTLE_VALUES);
        }
    }

    fn count(
        &mut self,
        classifier: &Classifier,
        class: ClassId,
        confidence: f32,
        value: &str,
        whole: bool,
        seen_at: (u32, u64),
    ) {
        let at = self.classes.partition_point(|tally| tally.class < class);
        let known = self.classes.get(at).is_some_and(|tally| tally.class == class);
        if !known {
            if at >= FIELD_CLASSES_MAX {
                return;
            }
            let excerpt = excerpt(classifier, class, value);
            let first = (seen_at, excerpt);
            self.classes.insert(at, ClassTally { class, whole: 0, contained: 0, confidence: 0, distinct: 0, first });
            self.classes.truncate(FIELD_CLASSES_MAX);
        }
        let Some(tally) = self.classes.get_mut(at) else { return };
        if known && seen_at <= tally.first.0 {
            let first = (seen_at, excerpt(classifier, class, value));
            if first < tally.first {
                tally.first = first;
            }
        }
        tally.whole += u64::from(whole);
        tally.contained += u64::from(!whole);
        tally.confidence += (confidence * 100.0) as u64;
        tally.distinct |= 1 << (fnv(value) % 64);
    }

    /// Adds what another tally saw. Commutative and associative.
    pub fn merge(&mut self, other: &Self) {
        self.seen += other.seen;
        self.looked += other.looked;
        self.attentive_until = self.attentive_until.max(other.attentive_until);
        for tally in &other.classes {
            let at = self.classes.partition_point(|known| known.class < tally.class);
            match self.classes.get_mut(at) {
                Some(known) if known.class == tally.class => known.merge(tally),
                _ => self.classes.insert(at, tally.clone()),
            }
        }
        self.classes.truncate(FIELD_CLASSES_MAX);
    }

    /// The classes that this field holds, surest first.
    pub fn decide(&self, classifier: &Classifier, key: &str) -> Vec<Decision> {
        let hints = classifier.key(key);
        let mut decisions: Vec<Decision> =
            self.classes.iter().filter_map(|tally| tally.decide(classifier, &hints, self.looked)).collect();
        let rule = |class: ClassId| classifier.rules.get(usize::from(class.0));
        let specific = |decision: &Decision| rule(decision.class).is_some_and(|rule| !rule.generic && !rule.public);
        let best_share =
            decisions.iter().filter(|decision| specific(decision)).map(|decision| decision.share).fold(0.0, f32::max);
        // A token that is nearly always a GitHub token is not also a "secret".
        decisions.retain(|decision| specific(decision) || decision.share > best_share * 1.5);
        decisions
            .sort_by(|a, b| (b.share * b.confidence).total_cmp(&(a.share * a.confidence)).then(a.class.cmp(&b.class)));
        decisions
    }
}

impl ClassTally {
    fn merge(&mut self, other: &Self) {
        self.whole += other.whole;
        self.contained += other.contained;
        self.confidence += other.confidence;
        self.distinct |= other.distinct;
        if other.first < self.first {
            self.first = other.first.clone();
        }
    }

    fn decide(&self, classifier: &Classifier, hints: &KeyHints, looked: u64) -> Option<Decision> {
        let rule = classifier.rules.get(usize::from(self.class.0))?;
        let matched = self.whole + self.contained;
        let share = matched as f32 / looked.max(1) as f32;
        let mean = self.confidence as f32 / 100.0 / matched.max(1) as f32;
        let named = hints.about(self.class) == Some(Strength::Strong);
        let supported = hints.about(self.class) == Some(Strength::Weak);
        let certain = mean >= 0.9 && !supported;
        // One leaked secret is a leak. Personal data that is recognized without doubt counts from one value in twenty,
        // or where the name says so from one in five; what rests on a form or a check digit must be the rule.
        let share_min = match () {
            () if rule.secret && certain => 0.0,
            () if certain => 0.05,
            () if named => 0.2,
            () => 0.6,
        };
        // Chance passes a check digit one time in ten, but not for many distinct values.
        let repeated = self.distinct.count_ones() < 2 && matched > 8 && !certain && !named;
        if share < share_min || repeated {
            return None;
        }
        let confidence = if certain { mean } else { mean * (0.6 + 0.4 * share) };
        let (seen_at, excerpt) = self.first.clone();
        (confidence >= field::CONFIDENCE_MIN).then_some(Decision {
            class: self.class,
            confidence: confidence.min(1.0),
            share,
            excerpt,
            seen_at,
        })
    }
}

/// Of a class that is not known any more.
const GONE: ClassId = ClassId(u16::MAX);

impl Stored for ClassId {
    fn store(&self, out: &mut Vec<u8>) {
        self.0.store(out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        let number = u16::load(from)?;
        Ok(from.renumber(CLASSES, number)?.map_or(GONE, Self))
    }
}

stored!(ClassTally { class, whole, contained, confidence, distinct as Bits, first });
stored!(FieldTally { seen, looked, attentive_until, classes } => FieldTally::renumbered);

impl FieldTally {
    /// Classes in the order of their present numbers, without those that are gone.
    #[expect(clippy::unnecessary_wraps, reason = "called where others may refuse what was read")]
    fn renumbered(mut self) -> Result<Self, Damaged> {
        self.classes.retain(|tally| tally.class != GONE);
        self.classes.sort_by_key(|tally| tally.class);
        self.classes.truncate(FIELD_CLASSES_MAX);
        Ok(self)
    }
}

fn excerpt(classifier: &Classifier, class: ClassId, value: &str) -> String {
    redact::mask_as(classifier.class(class).map_or("", |class| class.id.as_str()), value)
}

fn bounded(value: &str) -> &str {
    let end = VALUE_BYTES_MAX.min(value.len());
    (end.saturating_sub(3)..=end).rev().find_map(|end| value.get(..end)).unwrap_or_default()
}

/// FNV-1a: the values are few and the hash only counts them roughly.
fn fnv(value: &str) -> u64 {
    let hash = value
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash ^ (hash >> 32)
}

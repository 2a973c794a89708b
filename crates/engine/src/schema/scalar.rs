//! What the strings and numbers of one field looked like.

use vedette_model::limits::{ENUM_VALUE_BYTES_MAX, ENUM_VALUES_MAX};
use vedette_model::results::Field;
use vedette_parse::classes::{Classifier, FieldTally};
use vedette_parse::stored;
use vedette_parse::stored::{Damaged, Reader, Stored};

use super::format::Formats;
use super::keys;
use crate::fields::class_list;
use crate::sketch::{DistinctFew, hash};

/// Summary of the strings and numbers of one field, of a body or a parameter. Mergeable; bounded by the enumeration
/// (24 values of 48 bytes) and the tally.
#[derive(Clone, Debug)]
pub(crate) struct Scalars {
    pub(crate) tally: FieldTally,
    /// Strings.
    pub(crate) texts: u64,
    /// Numbers written as integers.
    pub(crate) integers: u64,
    /// Other numbers.
    pub(crate) numbers: u64,
    pub(crate) formats: Formats,
    /// In characters; the largest `u32` until a string was seen.
    pub(crate) min_length: u32,
    pub(crate) max_length: u32,
    /// Of numbers; infinite until one was seen.
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) values: Values,
}

/// The values themselves while they are few and look like an enumeration's, an estimate of their number after.
#[derive(Clone, Debug)]
pub(crate) enum Values {
    Few(Vec<(Box<str>, u64)>),
    Many(Box<DistinctFew>),
}

impl Scalars {
    /// An empty summary of the field with this key. Fields whose key says that values are private never keep them.
    pub(crate) fn new(key: &str) -> Self {
        let values = if keys::is_private(key) { Values::Many(Box::default()) } else { Values::Few(Vec::new()) };
        Self {
            tally: FieldTally::default(),
            texts: 0,
            integers: 0,
            numbers: 0,
            formats: Formats::default(),
            min_length: u32::MAX,
            max_length: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            values,
        }
    }

    /// An empty summary of a field whose values must not be looked at; see [`Self::text_length`].
    pub(crate) fn unseen() -> Self {
        Self { formats: Formats::NONE, values: Values::Many(Box::default()), ..Self::new("") }
    }

    /// Notes a string, without looking at its class.
    #[inline]
    pub(crate) fn text(&mut self, text: &str) {
        self.texts += 1;
        self.formats.narrow(text);
        let length = characters(text);
        self.min_length = self.min_length.min(length);
        self.max_length = self.max_length.max(length);
        self.values.observe(text);
    }

    /// Notes a string of which nothing but its length may be kept.
    pub(crate) fn text_length(&mut self, text: &str) {
        self.texts += 1;
        let length = characters(text);
        self.min_length = self.min_length.min(length);
        self.max_length = self.max_length.max(length);
    }

    /// Values noted.
    pub(crate) fn seen(&self) -> u64 {
        self.texts + self.integers + self.numbers
    }

    /// Notes a number.
    #[inline]
    pub(crate) fn number(&mut self, raw: &str, value: f64, whole: bool) {
        self.integers += u64::from(whole);
        self.numbers += u64::from(!whole);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.values.observe(raw);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.tally.merge(&other.tally);
        self.texts += other.texts;
        self.integers += other.integers;
        self.numbers += other.numbers;
        self.formats.merge(other.formats);
        self.min_length = self.min_length.min(other.min_length);
        self.max_length = self.max_length.max(other.max_length);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.values.merge(&other.values);
    }

    /// Fills in what concerns values; the types, place and presence of the field are the caller's. Values are listed
    /// only where no class was found in them.
    pub(crate) fn fill(&self, field: &mut Field, classifier: &Classifier, key: &str) {
        field.classes = class_list(&self.tally, classifier, key);
        field.distinct = self.values.distinct();
        if self.texts > 0 {
            field.format = self.format().map(|(name, _)| name.to_owned());
            field.max_length = Some(u64::from(self.max_length));
        }
        if self.integers + self.numbers > 0 {
            (field.min, field.max) = (Some(self.min), Some(self.max));
        }
        if field.classes.is_empty() && self.is_closed_set() {
            field.values = self.values.sorted().map(str::to_owned).collect();
        }
    }

    /// Format that all strings had; none when some were empty.
    pub(crate) fn format(&self) -> Option<(&'static str, bool)> {
        (self.min_length > 0).then(|| self.formats.best()).flatten()
    }

    /// The values look like a closed set: each came back often enough to believe that no more will come. After `n`
    /// values of which `once` were seen once, the next is new with a probability of about `once / n` (Good 1953).
    pub(crate) fn is_closed_set(&self) -> bool {
        let Values::Few(values) = &self.values else { return false };
        let total: u64 = values.iter().map(|(_, count)| count).sum();
        let once = values.iter().filter(|(_, count)| *count == 1).count() as u64;
        !values.is_empty() && total >= 4 * values.len() as u64 && once * 20 <= total
    }
}

impl Values {
    #[inline]
    fn observe(&mut self, value: &str) {
        match self {
            Self::Many(distinct) => distinct.observe(hash(value.as_bytes())),
            Self::Few(values) => {
                if let Some(at) = values.iter().position(|(known, _)| **known == *value) {
                    if let Some((_, count)) = values.get_mut(at) {
                        *count += 1;
                    }
                    // Frequent values drift to the front.
                    if at > 0 {
                        values.swap(at, at - 1);
                    }
                } else {
                    self.insert(value, 1);
                }
            }
        }
    }

    fn insert(&mut self, value: &str, count: u64) {
        if let Self::Few(values) = self
            && values.len() < ENUM_VALUES_MAX
            && enumerable(value)
        {
            values.push((value.into(), count));
            return;
        }
        let mut distinct = self.take_distinct();
        distinct.observe(hash(value.as_bytes()));
        *self = Self::Many(Box::new(distinct));
    }

    /// Gives the values up for an estimate of their number.
    #[cold]
    fn take_distinct(&mut self) -> DistinctFew {
        match self {
            Self::Many(distinct) => std::mem::take(distinct),
            Self::Few(values) => {
                let mut distinct = DistinctFew::default();
                for (value, _) in values.iter() {
                    distinct.observe(hash(value.as_bytes()));
                }
                distinct
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        match other {
            Self::Many(theirs) => {
                let mut distinct = self.take_distinct();
                distinct.merge(theirs);
                *self = Self::Many(Box::new(distinct));
            }
            Self::Few(theirs) => {
                for (value, count) in theirs {
                    let known = match self {
                        Self::Few(mine) => mine.iter_mut().find(|(known, _)| known == value),
                        Self::Many(_) => None,
                    };
                    match known {
                        Some((_, mine)) => *mine += count,
                        None => self.insert(value, *count),
                    }
                }
            }
        }
    }

    /// Distinct values (an estimate past the enumeration).
    pub(crate) fn distinct(&self) -> u64 {
        match self {
            Self::Few(values) => values.len() as u64,
            Self::Many(distinct) => distinct.estimate(),
        }
    }

    /// The values while they are few, in alphabetical order.
    pub(crate) fn sorted(&self) -> impl Iterator<Item = &str> {
        let mut values: Vec<&str> = match self {
            Self::Few(values) => values.iter().map(|(value, _)| &**value).collect(),
            Self::Many(_) => Vec::new(),
        };
        values.sort_unstable();
        values.into_iter()
    }

    /// Values and how often each came, while they are few.
    pub(crate) fn counts(&self) -> &[(Box<str>, u64)] {
        match self {
            Self::Few(values) => values,
            Self::Many(_) => &[],
        }
    }
}

stored!(Scalars { tally, texts, integers, numbers, formats, min_length, max_length, min, max, values });

impl Stored for Values {
    fn store(&self, out: &mut Vec<u8>) {
        match self {
            Self::Few(values) => {
                out.push(0);
                values.store(out);
            }
            Self::Many(distinct) => {
                out.push(1);
                distinct.store(out);
            }
        }
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        match from.byte()? {
            0 => Stored::load(from).map(Self::Few),
            1 => Stored::load(from).map(Self::Many),
            _ => Err(Damaged::Impossible("values")),
        }
    }
}

/// Could be a member of an enumeration: short, of identifier characters, with fewer than five digits. Ids, times, free
/// text and addresses are not, so that they cost nothing here from their first value on.
fn enumerable(value: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b" _-.:/+*".contains(&b);
    value.len() <= ENUM_VALUE_BYTES_MAX
        && value.bytes().all(plain)
        && value.bytes().filter(u8::is_ascii_digit).count() < 5
        && value.bytes().filter(|b| *b == b' ').count() <= 3
}

/// Characters of a text: its bytes without continuation bytes.
#[inline]
fn characters(text: &str) -> u32 {
    text.bytes().filter(|b| *b & 0xc0 != 0x80).count() as u32
}

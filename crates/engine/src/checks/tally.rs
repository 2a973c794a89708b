//! What checks remember of one endpoint: sparse, bounded, mergeable (invariant 3).

use vedette_model::Timestamp;
use vedette_model::limits::{EVIDENCE_MAX, EXCERPT_BYTES_MAX};
use vedette_model::results::Evidence;
use vedette_parse::stored;
use vedette_parse::stored::{COUNT_MAX, Codec, Damaged, Reader, Stored};

use super::view::View;
use crate::engine::snapshot;

/// What one check remembers of one endpoint: bounded, mergeable. Every check uses the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Exchanges that showed the weakness.
    pub hits: u64,
    /// Exchanges that could have shown it.
    pub chances: u64,
    /// Four sums of the check's own.
    pub counts: [u64; 5],
    /// First exchange that showed it.
    pub first_seen: Option<Timestamp>,
    /// Last exchange that showed it.
    pub last_seen: Option<Timestamp>,
    /// Evidence with an excerpt that is already there is not kept.
    pub distinct: bool,
    /// The first few in the order of the sources, masked.
    pub evidence: Vec<Evidence>,
}

/// The tally of a check that saw nothing.
pub(super) static NOTHING: Tally = Tally {
    hits: 0,
    chances: 0,
    counts: [0; 5],
    first_seen: None,
    last_seen: None,
    distinct: false,
    evidence: Vec::new(),
};

impl Tally {
    /// Adds what another tally saw. Commutative and associative.
    pub fn merge(&mut self, other: &Self) {
        self.hits += other.hits;
        self.chances += other.chances;
        for (mine, theirs) in self.counts.iter_mut().zip(other.counts) {
            *mine = mine.saturating_add(theirs).min(COUNT_MAX);
        }
        self.first_seen = earliest(self.first_seen, other.first_seen);
        self.last_seen = self.last_seen.max(other.last_seen);
        self.distinct |= other.distinct;
        for evidence in &other.evidence {
            self.keep(evidence.clone());
        }
    }

    /// One of the check's own sums.
    pub(super) fn count(&self, slot: usize) -> u64 {
        self.counts.get(slot).copied().unwrap_or(0)
    }

    /// Keeps evidence when it is among the first [`EVIDENCE_MAX`] in the order of the sources.
    fn keep(&mut self, evidence: Evidence) {
        if self.distinct
            && let Some(same) = self.evidence.iter().position(|e| e.excerpt == evidence.excerpt)
        {
            if self.evidence.get(same).is_some_and(|e| order(e) <= order(&evidence)) {
                return;
            }
            self.evidence.remove(same);
        }
        let at = self.evidence.partition_point(|e| order(e) <= order(&evidence));
        if at < EVIDENCE_MAX {
            self.evidence.insert(at, evidence);
            self.evidence.truncate(EVIDENCE_MAX);
        }
    }

    /// True when evidence of this exchange would be dropped, so that its excerpt need not be made.
    fn is_full_before(&self, seen_at: (u32, u64)) -> bool {
        self.evidence.len() >= EVIDENCE_MAX
            && self.evidence.last().is_some_and(|last| (last.source, last.exchange) < seen_at)
    }
}

stored!(Tally { hits, chances, counts as Sums, first_seen, last_seen, distinct, evidence });

/// A check's own sums.
struct Sums;

impl Codec<[u64; 5]> for Sums {
    fn store(value: &[u64; 5], out: &mut Vec<u8>) {
        for sum in value {
            sum.store(out);
        }
    }

    fn load(from: &mut Reader<'_>) -> Result<[u64; 5], Damaged> {
        let mut sums = [0; 5];
        for sum in &mut sums {
            *sum = Stored::load(from)?;
        }
        Ok(sums)
    }
}

/// Tallies of checks that are not known any more are left out.
impl Stored for TallySet {
    fn store(&self, out: &mut Vec<u8>) {
        self.0.store(out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        let mut tallies = Vec::new();
        for (number, tally) in Vec::<(u8, Box<Tally>)>::load(from)? {
            if let Some(check) = from.renumber(snapshot::CHECKS, u16::from(number))? {
                tallies.push((check as u8, tally));
            }
        }
        tallies.sort_by_key(|(check, _)| *check);
        Ok(Self(tallies))
    }
}

fn order(evidence: &Evidence) -> (u32, u64, &str, &str) {
    (evidence.source, evidence.exchange, &evidence.location, &evidence.excerpt)
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The tallies of all checks at one endpoint. Empty (24 bytes) until a check has something to remember; then one
/// small box per check.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TallySet(Vec<(u8, Box<Tally>)>);

impl TallySet {
    /// What the check with this index in [`super::CHECKS`] remembers.
    pub fn get(&self, check: usize) -> Option<&Tally> {
        self.0.iter().find(|(index, _)| usize::from(*index) == check).map(|(_, tally)| tally.as_ref())
    }

    /// Adds what another set saw. Commutative and associative.
    pub fn merge(&mut self, other: &Self) {
        for (index, tally) in &other.0 {
            self.entry(*index).merge(tally);
        }
    }

    fn entry(&mut self, check: u8) -> &mut Tally {
        let at = match self.0.binary_search_by_key(&check, |(index, _)| *index) {
            Ok(at) => at,
            Err(at) => {
                self.0.insert(at, (check, Box::default()));
                at
            }
        };
        #[expect(clippy::indexing_slicing, reason = "`at` was found or inserted just above")]
        &mut self.0[at].1
    }
}

/// Where one check writes down what it saw of one exchange. Nothing is allocated until it does.
pub struct Note<'a> {
    set: &'a mut TallySet,
    check: u8,
}

impl<'a> Note<'a> {
    /// For the check with this index in [`super::CHECKS`].
    pub(super) fn new(set: &'a mut TallySet, check: u8) -> Self {
        Self { set, check }
    }

    /// The exchange could have shown the weakness.
    pub fn chance(&mut self) {
        self.set.entry(self.check).chances += 1;
    }

    /// Adds to one of the check's own four sums.
    pub fn add(&mut self, slot: usize, amount: u64) {
        if let Some(count) = self.set.entry(self.check).counts.get_mut(slot) {
            // Sizes are what others claim: cut where stored ones are.
            *count = count.saturating_add(amount).min(COUNT_MAX);
        }
    }

    /// Reads one of the check's own four sums.
    pub fn sum(&self, slot: usize) -> u64 {
        self.set.get(usize::from(self.check)).map_or(0, |tally| tally.count(slot))
    }

    /// The exchange showed the weakness at `location`; `excerpt` must be masked.
    pub fn hit(&mut self, view: &View<'_>, location: &str, excerpt: impl FnOnce() -> String) {
        let tally = self.set.entry(self.check);
        tally.hits += 1;
        if let Some(at) = view.exchange.at {
            tally.first_seen = earliest(tally.first_seen, Some(at));
            tally.last_seen = tally.last_seen.max(Some(at));
        }
        self.show(view, location, excerpt);
    }

    /// Like [`Note::hit`], and evidence with an excerpt that is already kept is not kept again.
    pub fn hit_distinct(&mut self, view: &View<'_>, location: &str, excerpt: impl FnOnce() -> String) {
        self.set.entry(self.check).distinct = true;
        self.hit(view, location, excerpt);
    }

    /// Keeps evidence without counting a hit.
    pub fn show(&mut self, view: &View<'_>, location: &str, excerpt: impl FnOnce() -> String) {
        let tally = self.set.entry(self.check);
        if tally.is_full_before(view.seen_at) {
            return;
        }
        let (source, exchange) = view.seen_at;
        tally.keep(Evidence {
            source,
            exchange,
            location: location.to_owned(),
            excerpt: clip(excerpt()),
            ..Evidence::default()
        });
    }
}

/// Cuts an excerpt at [`EXCERPT_BYTES_MAX`] on a character boundary.
fn clip(mut text: String) -> String {
    if text.len() > EXCERPT_BYTES_MAX {
        let cut = (0..=EXCERPT_BYTES_MAX).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        text.truncate(cut);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests;

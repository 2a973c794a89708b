//! Event ids that were there already.

use hashbrown::HashSet;
use vedette_model::limits::EVENT_IDS_MAX;

/// Remembers the last [`EVENT_IDS_MAX`] event ids at least, and twice as many at most: when the younger half is full the
/// older one is forgotten. An id is kept as 64 bits of its hash with its source: among eight million the chance that a
/// new one is taken for a repeat is one in 2·10¹².
#[derive(Clone, Debug, Default)]
pub(crate) struct Repeats {
    young: HashSet<u64, foldhash::fast::FixedState>,
    old: HashSet<u64, foldhash::fast::FixedState>,
}

impl Repeats {
    /// True when the id of an exchange is new; it is known from now on.
    pub(crate) fn is_new(&mut self, source: u32, id: &str) -> bool {
        self.note(0x1d, source, id)
    }

    /// True when the id of a whole batch is new; it is known from now on.
    pub(crate) fn is_new_batch(&mut self, source: u32, id: &str) -> bool {
        self.note(0xba7c4, source, id)
    }

    fn note(&mut self, kind: u64, source: u32, id: &str) -> bool {
        let hash = std::hash::BuildHasher::hash_one(&foldhash::fast::FixedState::with_seed(kind), (source, id));
        if self.old.contains(&hash) || !self.young.insert(hash) {
            return false;
        }
        if self.young.len() >= EVENT_IDS_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        true
    }

    /// What is remembered, younger half first, each in order.
    pub(crate) fn parts(&self) -> [Vec<u64>; 2] {
        [&self.young, &self.old].map(|half| {
            let mut half: Vec<u64> = half.iter().copied().collect();
            half.sort_unstable();
            half
        })
    }

    /// Of what [`Repeats::parts`] gave.
    pub(crate) fn of([young, old]: [Vec<u64>; 2]) -> Self {
        Self { young: young.into_iter().collect(), old: old.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_is_told_for_long_and_sources_do_not_mix() {
        let mut repeats = Repeats::default();
        assert!(repeats.is_new(0, "a") && repeats.is_new(1, "a"));
        assert!(!repeats.is_new(0, "a"));
        assert!(repeats.is_new_batch(0, "a") && !repeats.is_new_batch(0, "a"), "batches have names of their own");
        for id in 0..EVENT_IDS_MAX {
            repeats.is_new(2, &id.to_string());
        }
        assert!(!repeats.is_new(0, "a"));
        for id in 0..EVENT_IDS_MAX {
            repeats.is_new(3, &id.to_string());
        }
        assert!(repeats.is_new(0, "a"), "bounded");
    }
}

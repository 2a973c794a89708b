//! A sparse array of counters: the store of the histograms.

use vedette_parse::stored::{Damaged, Reader, Stored, varint};

/// Counters by a small index, kept only where they are not zero: 8 bytes each, sorted. An index has 12 bits; a counter
/// has 52 and stays at its largest value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts(Vec<u64>);

impl Stored for Counts {
    fn store(&self, out: &mut Vec<u8>) {
        varint(self.0.len() as u64, out);
        let mut before = 0;
        for (index, count) in self.iter() {
            varint(u64::from(index - before), out);
            varint(count, out);
            before = index;
        }
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        let len = from.count()?;
        let (mut counts, mut before) = (Vec::new(), 0);
        for place in 0..len {
            let gap = from.varint()?;
            let index = gap.saturating_add(before);
            if index >= 1 << (u64::BITS - COUNT_BITS) || (gap == 0 && place > 0) {
                return Err(Damaged::Impossible("histogram"));
            }
            counts.push(index << COUNT_BITS | from.varint()? & COUNT_MASK);
            before = index;
        }
        Ok(Self(counts))
    }
}

const COUNT_BITS: u32 = 52;
const COUNT_MASK: u64 = (1 << COUNT_BITS) - 1;

impl Counts {
    /// Adds to one counter.
    #[inline]
    pub(super) fn add(&mut self, index: u16, count: u64) {
        let start = u64::from(index) << COUNT_BITS;
        let at = self.0.partition_point(|packed| *packed < start);
        match self.0.get_mut(at) {
            Some(packed) if *packed >> COUNT_BITS == u64::from(index) => {
                *packed = start | (*packed & COUNT_MASK).saturating_add(count).min(COUNT_MASK);
            }
            _ if count == 0 => {}
            _ => self.0.insert(at, start | count.min(COUNT_MASK)),
        }
    }

    /// Adds all counters of another.
    pub(super) fn merge(&mut self, other: &Self) {
        for (index, count) in other.iter() {
            self.add(index, count);
        }
    }

    /// Index and count, in order of the index.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (u16, u64)> {
        self.0.iter().map(|packed| ((packed >> COUNT_BITS) as u16, packed & COUNT_MASK))
    }
}

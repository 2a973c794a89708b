//! What was compared at one endpoint: a mergeable, bounded sample with its violations.

use std::collections::BinaryHeap;

use vedette_model::limits::{CONFORMANCE_SAMPLE, VIOLATIONS_MAX};

use vedette_parse::stored::{Codec, Damaged, Reader, Stored, Wide, varint};

use super::judge::Broken;
use crate::sketch::hash;

/// Exchanges with the lowest hashes of their places: the same whatever shard met them (bottom-k sampling).
#[derive(Clone, Debug, Default)]
pub(crate) struct Conformance {
    kept: BinaryHeap<Kept>,
    pub(crate) violations: Vec<Broken>,
}

/// One exchange that was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kept {
    hash: u64,
    /// Bits of [`Conformance::violations`].
    broken: u64,
    /// Source and record number.
    seen_at: (u32, u64),
}

/// Decides from its place whether an exchange belongs to a sample.
pub(crate) fn rank(seen_at: (u32, u64)) -> u64 {
    let mut place = [0; 12];
    let (source, record) = place.split_at_mut(4);
    source.copy_from_slice(&seen_at.0.to_le_bytes());
    record.copy_from_slice(&seen_at.1.to_le_bytes());
    hash(&place)
}

/// The exchanges in the order of their ranks, which follow from their places.
impl Stored for Conformance {
    fn store(&self, out: &mut Vec<u8>) {
        let kept: Vec<_> = self.kept.clone().into_sorted_vec();
        varint(kept.len() as u64, out);
        for Kept { broken, seen_at, .. } in kept {
            Wide::store(&broken, out);
            seen_at.store(out);
        }
        self.violations.store(out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        let mut read = Self::default();
        for _ in 0..from.count()? {
            let (broken, seen_at) = (Wide::load(from)?, Stored::load(from)?);
            read.keep(Kept { hash: rank(seen_at), broken, seen_at });
        }
        read.violations = Vec::load(from)?;
        if read.violations.len() > VIOLATIONS_MAX { Err(Damaged::Impossible("violation")) } else { Ok(read) }
    }
}

impl Conformance {
    /// True when an exchange of this rank is to be compared.
    pub(crate) fn wants(&self, rank: u64) -> bool {
        self.kept.len() < CONFORMANCE_SAMPLE || self.kept.peek().is_some_and(|last| rank < last.hash)
    }

    /// Takes what comparing found.
    pub(crate) fn take(&mut self, rank: u64, found: Vec<Broken>, seen_at: (u32, u64)) {
        let bits = found.into_iter().map(|broken| self.bit(broken)).fold(0, |all, bit| all | bit);
        self.keep(Kept { hash: rank, broken: bits, seen_at });
    }

    fn keep(&mut self, kept: Kept) {
        self.kept.push(kept);
        if self.kept.len() > CONFORMANCE_SAMPLE {
            self.kept.pop();
        }
    }

    /// The bit of a violation; past [`VIOLATIONS_MAX`] the last one stands for all others.
    fn bit(&mut self, broken: Broken) -> u64 {
        let at = match self.violations.iter().position(|known| *known == broken) {
            Some(at) => at,
            None if self.violations.len() >= VIOLATIONS_MAX => VIOLATIONS_MAX - 1,
            None => {
                self.violations.push(broken);
                self.violations.len() - 1
            }
        };
        1 << at
    }

    /// Adds another shard's.
    pub(crate) fn merge(&mut self, other: Self) {
        let bits: Vec<u64> = other.violations.into_iter().map(|broken| self.bit(broken)).collect();
        for kept in other.kept {
            let own = |(at, bit): (usize, &u64)| if kept.broken >> at & 1 == 1 { *bit } else { 0 };
            let broken = bits.iter().enumerate().map(own).fold(0, |all, bit| all | bit);
            self.keep(Kept { broken, ..kept });
        }
    }

    /// Exchanges compared.
    pub(crate) fn checked(&self) -> u64 {
        self.kept.len() as u64
    }

    /// Those without a violation, those of a kind to ignore aside.
    pub(crate) fn conforming(&self, ignored: impl Fn(&str) -> bool) -> u64 {
        let places = self.violations.iter().enumerate();
        let mask = places.filter(|(_, one)| ignored(one.kind.id())).fold(0, |mask: u64, (at, _)| mask | 1 << at);
        self.kept.iter().filter(|kept| kept.broken & !mask == 0).count() as u64
    }

    /// Those with violation `at`: their places, first one first. None where all of them made room for others.
    pub(crate) fn with(&self, at: usize) -> Vec<(u32, u64)> {
        let mut places: Vec<_> =
            self.kept.iter().filter(|kept| kept.broken >> at & 1 == 1).map(|kept| kept.seen_at).collect();
        places.sort_unstable();
        places
    }
}

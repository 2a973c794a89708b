//! Who does most of it.

use smallvec::SmallVec;
use vedette_parse::stored;
use vedette_parse::stored::{Bits, Damaged};

/// Keys followed at once. Any key with more than 1/16 of all occurrences is among them.
const FOLLOWED_MAX: usize = 16;

/// A frequent key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heavy {
    /// The key.
    pub key: u64,
    /// Occurrences, over-counted by at most `error`.
    pub count: u64,
    /// How much of `count` may belong to others.
    pub error: u64,
}

/// The most frequent keys (space-saving: Metwally et al. 2005; merged as Agarwal et al. 2012): a count is never too
/// low, and too high by at most 1/16 of all occurrences. At most 392 bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopK {
    followed: SmallVec<[Heavy; 1]>,
}

impl TopK {
    /// Notes one occurrence.
    #[inline]
    pub fn observe(&mut self, key: u64) {
        if let Some(heavy) = self.followed.iter_mut().find(|heavy| heavy.key == key) {
            heavy.count += 1;
            return;
        }
        if self.followed.len() < FOLLOWED_MAX {
            self.followed.push(Heavy { key, count: 1, error: 0 });
        } else if let Some(least) = self.followed.iter_mut().min_by_key(|heavy| (heavy.count, heavy.key)) {
            *least = Heavy { key, count: least.count + 1, error: least.count };
        }
    }

    /// Adds what another followed. What only one of them followed may have occurred in the other as often as its
    /// least.
    pub fn merge(&mut self, other: &Self) {
        let (floor, other_floor) = (self.floor(), other.floor());
        let mut all: Vec<Heavy> = Vec::with_capacity(self.followed.len() + other.followed.len());
        for mine in &self.followed {
            let theirs = other.find(mine.key).unwrap_or((other_floor, other_floor));
            all.push(Heavy { key: mine.key, count: mine.count + theirs.0, error: mine.error + theirs.1 });
        }
        for theirs in other.followed.iter().filter(|theirs| self.find(theirs.key).is_none()) {
            all.push(Heavy { key: theirs.key, count: theirs.count + floor, error: theirs.error + floor });
        }
        all.sort_by(order);
        all.truncate(FOLLOWED_MAX);
        self.followed = SmallVec::from_vec(all);
    }

    /// The followed keys, most frequent first.
    pub fn heaviest(&self) -> Vec<Heavy> {
        let mut all = self.followed.to_vec();
        all.sort_by(order);
        all
    }

    fn find(&self, key: u64) -> Option<(u64, u64)> {
        self.followed.iter().find(|heavy| heavy.key == key).map(|heavy| (heavy.count, heavy.error))
    }

    /// How often a key that is not followed may have occurred.
    fn floor(&self) -> u64 {
        if self.followed.len() < FOLLOWED_MAX {
            return 0;
        }
        self.followed.iter().map(|heavy| heavy.count).min().unwrap_or(0)
    }
}

stored!(Heavy { key as Bits, count, error });
stored!(TopK { followed } => TopK::bounded);

impl TopK {
    fn bounded(self) -> Result<Self, Damaged> {
        if self.followed.len() > FOLLOWED_MAX { Err(Damaged::Impossible("heaviest")) } else { Ok(self) }
    }
}

fn order(a: &Heavy, b: &Heavy) -> std::cmp::Ordering {
    b.count.cmp(&a.count).then(a.error.cmp(&b.error)).then(a.key.cmp(&b.key))
}

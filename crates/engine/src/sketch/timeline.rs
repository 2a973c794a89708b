//! What happened when.

use vedette_model::limits::TIMELINE_BUCKETS_MAX;
use vedette_model::{Timestamp, results};
use vedette_parse::stored;
use vedette_parse::stored::Damaged;

/// Bucket widths in seconds, each a multiple of the one before it, so that coarser buckets are sums of finer ones.
/// Days double from there on.
const WIDTHS: [u64; 13] = [1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400];

/// The level at which one bucket holds all times that a bucket can begin at.
const LEVEL_MAX: usize = WIDTHS.len() + 15;

/// Exchanges and errors over time, in as many buckets as ever had something in them, at most
/// [`TIMELINE_BUCKETS_MAX`], 12 bytes each. The width is the smallest with which that holds: it depends on what was
/// seen, not on the order. One stray date costs one bucket, not the resolution of all others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// Index into the widths.
    level: u8,
    /// Sorted by time.
    buckets: Vec<Bucket>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bucket {
    /// Seconds since the epoch, a multiple of the width; times before 1970 and after 2106 go to the ends.
    start: u32,
    exchanges: u32,
    errors: u32,
}

impl Timeline {
    /// Notes one exchange.
    #[inline]
    pub fn observe(&mut self, at: Timestamp, error: bool) {
        let secs = at.secs().clamp(0, i64::from(u32::MAX)) as u64;
        let start = (secs - secs % width(self.level)) as u32;
        if let Some(last) = self.buckets.last_mut()
            && last.start == start
        {
            last.exchanges = last.exchanges.saturating_add(1);
            last.errors = last.errors.saturating_add(u32::from(error));
            return;
        }
        self.add(Bucket { start, exchanges: 1, errors: u32::from(error) });
    }

    /// Adds what another noted.
    pub fn merge(&mut self, other: &Self) {
        if self.level < other.level {
            self.level = other.level;
            self.fold();
        }
        for bucket in &other.buckets {
            let start = u64::from(bucket.start);
            self.add(Bucket { start: (start - start % width(self.level)) as u32, ..*bucket });
        }
    }

    /// As shown: equal buckets from first to last, at most [`TIMELINE_BUCKETS_MAX`]. Dates far from all others (a
    /// clock that jumped) are left out when they hold less than one exchange in a thousand.
    pub fn to_results(&self) -> results::Timeline {
        let mut kept = self.without_strays();
        let mut level = self.level;
        let (start, len) = loop {
            let (Some(first), Some(last)) = (kept.first(), kept.last()) else { return results::Timeline::default() };
            let len = u64::from(last.start - first.start) / width(level) + 1;
            if len <= TIMELINE_BUCKETS_MAX as u64 {
                break (first.start, len);
            }
            level += 1;
            fold(&mut kept, width(level));
        };
        let mut out = results::Timeline {
            start: Some(Timestamp::from_secs(i64::from(start))),
            bucket_secs: width(level),
            exchanges: vec![0; len as usize],
            errors: vec![0; len as usize],
        };
        for bucket in &kept {
            let at = (u64::from(bucket.start - start) / width(level)) as usize;
            if let (Some(exchanges), Some(errors)) = (out.exchanges.get_mut(at), out.errors.get_mut(at)) {
                *exchanges = u64::from(bucket.exchanges);
                *errors = u64::from(bucket.errors);
            }
        }
        out
    }

    fn add(&mut self, mut bucket: Bucket) {
        loop {
            let at = self.buckets.partition_point(|b| b.start < bucket.start);
            if let Some(same) = self.buckets.get_mut(at).filter(|b| b.start == bucket.start) {
                same.absorb(bucket);
                return;
            }
            if self.buckets.len() < TIMELINE_BUCKETS_MAX {
                self.buckets.insert(at, bucket);
                return;
            }
            self.level += 1;
            self.fold();
            bucket.start -= bucket.start % width(self.level) as u32;
        }
    }

    fn fold(&mut self) {
        fold(&mut self.buckets, width(self.level));
    }

    /// Cuts the ends off at gaps that are longer than all the rest, as long as next to nothing is lost.
    fn without_strays(&self) -> Vec<Bucket> {
        let total: u64 = self.buckets.iter().map(|b| u64::from(b.exchanges)).sum();
        let mut kept = self.buckets.as_slice();
        let mut spare = total / 1_000;
        while let [first, second, .., before, last] = kept {
            let (gap, rest) = (second.start - first.start, last.start - second.start);
            let (gap_end, rest_end) = (last.start - before.start, before.start - first.start);
            if gap / 2 > rest && u64::from(first.exchanges) <= spare {
                spare -= u64::from(first.exchanges);
                kept = kept.get(1..).unwrap_or_default();
            } else if gap_end / 2 > rest_end && u64::from(last.exchanges) <= spare {
                spare -= u64::from(last.exchanges);
                kept = kept.get(..kept.len() - 1).unwrap_or_default();
            } else {
                break;
            }
        }
        kept.to_vec()
    }
}

impl Bucket {
    fn absorb(&mut self, other: Self) {
        self.exchanges = self.exchanges.saturating_add(other.exchanges);
        self.errors = self.errors.saturating_add(other.errors);
    }
}

stored!(Bucket { start, exchanges, errors });
stored!(Timeline { level, buckets } => Timeline::checked);

impl Timeline {
    fn checked(self) -> Result<Self, Damaged> {
        let width = width(self.level);
        let fits = usize::from(self.level) <= LEVEL_MAX && self.buckets.len() <= TIMELINE_BUCKETS_MAX;
        let whole = self.buckets.iter().all(|bucket| u64::from(bucket.start).is_multiple_of(width));
        let sorted = self.buckets.is_sorted_by(|a, b| a.start < b.start);
        if fits && whole && sorted { Ok(self) } else { Err(Damaged::Impossible("timeline")) }
    }
}

/// Width of a level in seconds.
#[inline]
fn width(level: u8) -> u64 {
    let last = WIDTHS.len() - 1;
    match WIDTHS.get(usize::from(level)) {
        Some(width) => *width,
        None => 86_400 << (usize::from(level) - last).min(40),
    }
}

fn fold(buckets: &mut Vec<Bucket>, width: u64) {
    for bucket in buckets.iter_mut() {
        bucket.start = (u64::from(bucket.start) / width * width) as u32;
    }
    buckets.dedup_by(|next, kept| {
        let same = next.start == kept.start;
        if same {
            kept.absorb(*next);
        }
        same
    });
}

//! How a quantity is distributed.

use vedette_model::results::Distribution;

use vedette_parse::stored;
use vedette_parse::stored::{Damaged, Wide};

use super::counts::Counts;

/// Buckets per doubling, as bits.
const BUCKET_BITS: u32 = 4;

/// Histogram of whole numbers in buckets that grow with the value (Tene's HdrHistogram, Masson's DDSketch): a quantile
/// is within 3.1 % of a value of that rank. 16 buckets per doubling, 8 bytes each where something fell; at most 7.7 kB,
/// about 1.3 kB for latencies over three decades.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quantiles {
    buckets: Counts,
    count: u64,
    sum: u128,
    max: u64,
}

impl Quantiles {
    /// Notes one value.
    #[inline]
    pub fn observe(&mut self, value: u64) {
        self.buckets.add(bucket(value), 1);
        self.count += 1;
        self.sum += u128::from(value);
        self.max = self.max.max(value);
    }

    /// Adds the values of another.
    pub fn merge(&mut self, other: &Self) {
        self.buckets.merge(&other.buckets);
        self.count = self.count.saturating_add(other.count);
        self.sum = self.sum.saturating_add(other.sum);
        self.max = self.max.max(other.max);
    }

    /// Values noted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The value below which a share of `q` (0 to 1) of all values lies, 0 when there are none.
    pub fn quantile(&self, q: f64) -> f64 {
        let rank = ((q.clamp(0.0, 1.0) * self.count as f64).ceil() as u64).max(1);
        let mut below = 0;
        for (index, count) in self.buckets.iter() {
            below += count;
            if below >= rank {
                return middle(index).min(self.max as f64);
            }
        }
        self.max as f64
    }

    /// As shown, each number multiplied by `unit` (0.001 turns microseconds into milliseconds). `None` when empty.
    pub fn distribution(&self, unit: f64) -> Option<Distribution> {
        (self.count > 0).then(|| Distribution {
            count: self.count,
            p50: self.quantile(0.5) * unit,
            p95: self.quantile(0.95) * unit,
            p99: self.quantile(0.99) * unit,
            max: self.max as f64 * unit,
            mean: self.sum as f64 / self.count as f64 * unit,
        })
    }
}

stored!(Quantiles { buckets, count, sum, max as Wide } => Quantiles::checked);

impl Quantiles {
    fn checked(self) -> Result<Self, Damaged> {
        let last = self.buckets.iter().next_back().map_or(0, |(index, _)| index);
        if last > bucket(u64::MAX) { Err(Damaged::Impossible("histogram")) } else { Ok(self) }
    }
}

/// Small numbers have a bucket each; from there on the leading five bits of a number name its bucket.
#[inline]
fn bucket(value: u64) -> u16 {
    let shift = (u64::BITS - value.leading_zeros()).saturating_sub(BUCKET_BITS + 1);
    ((u64::from(shift) << BUCKET_BITS) + (value >> shift)) as u16
}

/// The value with the same relative distance to both ends of a bucket.
fn middle(index: u16) -> f64 {
    let shift = u32::from(index >> BUCKET_BITS).saturating_sub(1);
    let low = (u64::from(index) - (u64::from(shift) << BUCKET_BITS)) << shift;
    if shift == 0 {
        return low as f64;
    }
    let (low, high) = (low as f64, low as f64 + (1u64 << shift) as f64);
    2.0 * low * high / (low + high)
}

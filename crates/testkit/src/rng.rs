//! Random numbers from a seed: small, the same on every machine and in every version of this crate.

/// A SplitMix64 generator (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014).
///
/// Only additions, multiplications and exact divisions are used, never `ln` or `powf`: their last bit differs
/// between platforms, and what we generate has to be the same bytes everywhere.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A stream from a seed.
    pub fn new(seed: u64) -> Self {
        let mut rng = Self(seed ^ 0x5EED_0F7E_57C1_7000);
        rng.bits();
        rng
    }

    /// An independent stream for one purpose: what is added to one part of a world leaves the others as they were.
    pub fn labeled(seed: u64, label: &str) -> Self {
        Self::new(seed ^ hash(label))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to `n - 1`; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        // Multiply and shift (Lemire): no modulo, and its bias is far below what a test could see.
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.below((high - low).max(0) as usize + 1)).unwrap_or(0)
    }

    /// From 0 up to, not including, 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// From 0 to `n - 1` with the low ones far more likely: the first tenth gets nearly half of all picks.
    pub fn skewed(&mut self, n: usize) -> usize {
        let u = self.unit();
        ((u * u * u * n as f64) as usize).min(n.saturating_sub(1))
    }

    /// One of `items`, each as likely as the others.
    ///
    /// # Panics
    /// When there are none: a table of the generator itself is empty.
    #[expect(clippy::indexing_slicing, reason = "an empty table is a mistake in this crate; say so at once")]
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// One of some words, each as likely as the others; empty when there are none.
    pub fn word<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words.get(self.below(words.len())).copied().unwrap_or_default()
    }

    /// One of `items`, the first ones far more likely ([`Rng::skewed`]).
    ///
    /// # Panics
    /// When there are none.
    #[expect(clippy::indexing_slicing, reason = "an empty table is a mistake in this crate; say so at once")]
    pub fn pick_skewed<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.skewed(items.len())]
    }

    /// An index into `weights`, as likely as its weight.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().map(|w| *w as usize).sum());
        for (index, weight) in weights.iter().enumerate() {
            if left < *weight as usize {
                return index;
            }
            left -= *weight as usize;
        }
        0
    }

    /// `len` characters of `alphabet`, which is ASCII.
    pub fn text(&mut self, alphabet: &[u8], len: usize) -> String {
        (0..len).map(|_| char::from(*self.pick(alphabet))).collect()
    }

    /// Puts `items` into a random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

/// A stable hash of text (FNV-1a, 64 bits), to derive seeds from names.
pub fn hash(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_never_changes() {
        let mut rng = Rng::new(7);
        let seen: Vec<usize> = (0..6).map(|_| rng.below(1000)).collect();
        let again: Vec<usize> = {
            let mut rng = Rng::new(7);
            (0..6).map(|_| rng.below(1000)).collect()
        };
        assert_eq!(seen, again);
        assert_ne!(Rng::labeled(7, "a").bits(), Rng::labeled(7, "b").bits());
    }

    #[test]
    fn picks_stay_in_bounds() {
        let mut rng = Rng::new(1);
        for _ in 0..10_000 {
            assert!(rng.skewed(3) < 3 && rng.below(3) < 3 && (-2..=2).contains(&rng.between(-2, 2)));
            assert_eq!(rng.weighted(&[0, 5, 0]), 1);
        }
        assert_eq!((rng.below(0), rng.skewed(0), rng.skewed(1)), (0, 0, 0));
    }
}

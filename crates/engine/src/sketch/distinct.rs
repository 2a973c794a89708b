//! How many different values there were.

use foldhash::quality::SeedableRandomState;
use smallvec::SmallVec;
use std::hash::{BuildHasher, Hasher};

use vedette_parse::stored::{Damaged, Reader, Stored, varint};

/// Hashes kept exactly before registers take over: 512 bytes, and most parameters never get there.
const EXACT_MAX: usize = 128;

/// 2^10 registers of a byte: a standard error of 1.04 / √1024 = 3.3 %.
const REGISTERS: usize = 1 << 10;

/// 2^6 registers: 13 %, enough to tell a handful from thousands.
const REGISTERS_FEW: usize = 1 << 6;

/// The hash that all sketches take. The same text gives the same hash in every process of one version, so that
/// summaries of several nodes can be merged.
#[inline]
pub fn hash(bytes: &[u8]) -> u64 {
    const SEED: u64 = 0x5EED_0F5E_7C4E_5001;
    let mut hasher = SeedableRandomState::with_seed(SEED, foldhash::SharedSeed::global_fixed()).build_hasher();
    hasher.write(bytes);
    hasher.finish()
}

/// Estimates distinct values (HyperLogLog: Flajolet et al. 2007), exact up to 128 of them. 32 bytes while there are
/// few, at most 1,056.
///
/// Only the upper 32 bits of a hash count, so past about 100 million values the estimate falls behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistinctCount(Store);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Store {
    /// Sorted.
    Exact(SmallVec<[u32; 4]>),
    Registers(Box<[u8; REGISTERS]>),
}

impl Default for DistinctCount {
    fn default() -> Self {
        Self(Store::Exact(SmallVec::new()))
    }
}

impl DistinctCount {
    /// Notes one value by its [`hash`].
    #[inline]
    pub fn observe(&mut self, hash: u64) {
        self.note((hash >> 32) as u32);
    }

    #[inline]
    fn note(&mut self, hash: u32) {
        match &mut self.0 {
            Store::Registers(registers) => raise(registers.as_mut_slice(), hash),
            Store::Exact(hashes) => {
                let at = hashes.partition_point(|h| *h < hash);
                if hashes.get(at) == Some(&hash) {
                    return;
                }
                if hashes.len() < EXACT_MAX {
                    hashes.insert(at, hash);
                } else {
                    self.grow();
                    self.note(hash);
                }
            }
        }
    }

    /// Adds the values of another.
    pub fn merge(&mut self, other: &Self) {
        match (&mut self.0, &other.0) {
            (_, Store::Exact(hashes)) => hashes.iter().for_each(|hash| self.note(*hash)),
            (Store::Registers(mine), Store::Registers(theirs)) => join(mine.as_mut_slice(), theirs.as_slice()),
            (Store::Exact(_), Store::Registers(_)) => {
                self.grow();
                self.merge(other);
            }
        }
    }

    /// Distinct values, rounded.
    pub fn estimate(&self) -> u64 {
        match &self.0 {
            Store::Exact(hashes) => hashes.len() as u64,
            Store::Registers(registers) => cardinality(registers.as_slice()),
        }
    }

    /// True until the first value.
    pub fn is_empty(&self) -> bool {
        matches!(&self.0, Store::Exact(hashes) if hashes.is_empty())
    }

    #[cold]
    fn grow(&mut self) {
        if let Store::Exact(hashes) = &self.0 {
            let mut registers = Box::new([0; REGISTERS]);
            hashes.iter().for_each(|hash| raise(registers.as_mut_slice(), *hash));
            self.0 = Store::Registers(registers);
        }
    }
}

/// Distinct values within 13 %, in 64 bytes: for the many fields of a body, where a hint is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistinctFew([u8; REGISTERS_FEW]);

impl Default for DistinctFew {
    fn default() -> Self {
        Self([0; REGISTERS_FEW])
    }
}

impl DistinctFew {
    /// Notes one value by its [`hash`].
    #[inline]
    pub fn observe(&mut self, hash: u64) {
        raise(&mut self.0, (hash >> 32) as u32);
    }

    /// Adds the values of another.
    pub fn merge(&mut self, other: &Self) {
        join(&mut self.0, &other.0);
    }

    /// Distinct values, rounded.
    pub fn estimate(&self) -> u64 {
        cardinality(&self.0)
    }
}

/// The hashes as gaps, or the registers; which of them is told by the number in front.
impl Stored for DistinctCount {
    fn store(&self, out: &mut Vec<u8>) {
        match &self.0 {
            Store::Exact(hashes) => {
                out.push(hashes.len() as u8);
                let mut before = 0;
                for hash in hashes {
                    varint(u64::from(hash - before), out);
                    before = *hash;
                }
            }
            Store::Registers(registers) => {
                out.push(u8::MAX);
                registers.store(out);
            }
        }
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        let len = from.byte()?;
        if len == u8::MAX {
            return Ok(Self(Store::Registers(Box::load(from)?)));
        }
        let mut hashes = SmallVec::new();
        let mut before = 0_u32;
        for place in 0..len {
            let gap = u32::load(from)?;
            before = before.checked_add(gap).ok_or(Damaged::Impossible("hash"))?;
            if usize::from(place) >= EXACT_MAX || (gap == 0 && place > 0) {
                return Err(Damaged::Impossible("hash"));
            }
            hashes.push(before);
        }
        Ok(Self(Store::Exact(hashes)))
    }
}

impl Stored for DistinctFew {
    fn store(&self, out: &mut Vec<u8>) {
        self.0.store(out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        Stored::load(from).map(Self)
    }
}

/// Raises the register that the leading bits choose to the rank of the bits behind them.
#[inline]
fn raise(registers: &mut [u8], hash: u32) {
    let precision = registers.len().trailing_zeros();
    let rank = ((hash << precision) | 1 << (precision - 1)).leading_zeros() as u8 + 1;
    if let Some(register) = registers.get_mut((hash >> (32 - precision)) as usize) {
        *register = rank.max(*register);
    }
}

fn join(mine: &mut [u8], theirs: &[u8]) {
    for (mine, theirs) in mine.iter_mut().zip(theirs) {
        *mine = (*theirs).max(*mine);
    }
}

/// Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6: one formula without
/// bias tables for the whole range.
fn cardinality(registers: &[u8]) -> u64 {
    let m = registers.len() as f64;
    let ranks_max = 32 - registers.len().trailing_zeros() as usize + 1;
    let mut histogram = [0u32; 34];
    for register in registers {
        if let Some(count) = histogram.get_mut(usize::from(*register)) {
            *count += 1;
        }
    }
    let share = |rank: usize| f64::from(histogram.get(rank).copied().unwrap_or(0)) / m;
    let mut z = m * tau(1.0 - share(ranks_max));
    for rank in (1..ranks_max).rev() {
        z = 0.5 * (z + m * share(rank));
    }
    z += m * sigma(share(0));
    (m * m / (2.0 * std::f64::consts::LN_2 * z)).round() as u64
}

fn sigma(mut x: f64) -> f64 {
    if x >= 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z <= before {
            return z;
        }
    }
}

fn tau(mut x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x).powi(2) * y;
        if z >= before {
            return z / 3.0;
        }
    }
}

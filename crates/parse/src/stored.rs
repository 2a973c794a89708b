//! What was learned as bytes, and back: compact, canonical, and safe to read whatever the bytes are.
//!
//! Canonical: equal state gives equal bytes, so maps are written in the order of their keys. Safe: a length never
//! reserves more than the input could fill, nesting is bounded, and what breaks an invariant is an error. What other
//! versions may number otherwise (data classes, checks, methods) is written by number beside a list of the names, and
//! renumbered while it is read.
//!
//! A struct says in one line what of it is stored ([`stored!`](crate::stored!)), beside its definition.

mod containers;
mod macros;
mod scalars;
#[cfg(test)]
mod tests;

pub use scalars::{Bits, Wide};

/// Levels of nested values that are read: those of the deepest JSON that is learned, with room for what is around it.
const DEPTH_MAX: usize = vedette_model::limits::JSON_DEPTH_MAX + 16;

/// Counts are cut here when they are read, so that sums of them cannot overflow: 52 bits, as the histograms have.
pub const COUNT_MAX: u64 = (1 << 52) - 1;

/// Has a form in bytes.
pub trait Stored: Sized {
    /// Appends it.
    fn store(&self, out: &mut Vec<u8>);

    /// Reads what [`Self::store`] wrote.
    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged>;
}

/// Another form for a value than its type's own.
pub trait Codec<T> {
    /// Appends it.
    fn store(value: &T, out: &mut Vec<u8>);

    /// Reads what [`Self::store`] wrote.
    fn load(from: &mut Reader<'_>) -> Result<T, Damaged>;
}

/// Why stored bytes cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damaged {
    /// They end before the value does.
    #[error("it ends too early")]
    Cut,
    /// Bytes are left behind the value.
    #[error("bytes are left at its end")]
    Left,
    /// A value is nested deeper than any that is written.
    #[error("it is nested too deeply")]
    TooDeep,
    /// A value cannot be what it stands for.
    #[error("it holds an impossible {0}")]
    Impossible(&'static str),
}

/// A list of names by which numbers in stored bytes are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table(pub usize);

/// Numbers of data classes.
pub const CLASSES: Table = Table(0);

/// Tables at the most.
const TABLES_MAX: usize = 8;

/// Bytes that are read.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    depth: usize,
    tables: [Vec<Option<u16>>; TABLES_MAX],
}

impl<'a> Reader<'a> {
    /// Over these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, depth: 0, tables: Default::default() }
    }

    /// The next bytes.
    pub fn take(&mut self, len: usize) -> Result<&'a [u8], Damaged> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(Damaged::Cut)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next byte.
    pub fn byte(&mut self) -> Result<u8, Damaged> {
        let (first, rest) = self.rest.split_first().ok_or(Damaged::Cut)?;
        self.rest = rest;
        Ok(*first)
    }

    /// The next whole number, in groups of seven bits, the lowest first (LEB128).
    pub fn varint(&mut self) -> Result<u64, Damaged> {
        let mut value = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let group = u64::from(byte & 0x7f);
            if shift == 63 && group > 1 {
                break;
            }
            value |= group << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Damaged::Impossible("number"))
    }

    /// The number of items that follow; each takes a byte at least.
    pub fn count(&mut self) -> Result<usize, Damaged> {
        let count = self.varint()?;
        if count > self.rest.len() as u64 { Err(Damaged::Cut) } else { Ok(count as usize) }
    }

    /// How many of `len` items to make room for at once: never more memory than there is input left.
    fn room<T>(&self, len: usize) -> usize {
        len.min(self.rest.len() / size_of::<T>().max(1) + 1)
    }

    /// Reads something one level deeper.
    pub fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Damaged>) -> Result<T, Damaged> {
        if self.depth >= DEPTH_MAX {
            return Err(Damaged::TooDeep);
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    /// Reads the names of a table, which come before the numbers that are meant by them. `number` is what a name has by
    /// now, if it is still known.
    pub fn table(&mut self, table: Table, number: impl Fn(&str) -> Option<u16>) -> Result<(), Damaged> {
        let names = Vec::<Box<str>>::load(self)?;
        if names.len() > usize::from(u16::MAX) {
            return Err(Damaged::Impossible("table"));
        }
        let numbers = names.iter().map(|name| number(name)).collect();
        *self.tables.get_mut(table.0).ok_or(Damaged::Impossible("table"))? = numbers;
        Ok(())
    }

    /// What a number of a table is by now; `None` when it is not known any more.
    pub fn renumber(&self, table: Table, number: u16) -> Result<Option<u16>, Damaged> {
        let numbers = self.tables.get(table.0).map(Vec::as_slice).unwrap_or_default();
        numbers.get(usize::from(number)).copied().ok_or(Damaged::Impossible("number of a table"))
    }

    /// All was read.
    pub fn end(&self) -> Result<(), Damaged> {
        if self.rest.is_empty() { Ok(()) } else { Err(Damaged::Left) }
    }
}

/// Appends a whole number as [`Reader::varint`] reads it.
pub fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends the names of a table.
pub fn table<'n>(names: impl Iterator<Item = &'n str>, out: &mut Vec<u8>) {
    let names: Vec<&str> = names.collect();
    varint(names.len() as u64, out);
    for name in names {
        scalars::text(name, out);
    }
}

//! Forms of single values.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use vedette_model::Timestamp;
use vedette_model::results::Evidence;

use super::{COUNT_MAX, Codec, Damaged, Reader, Stored, varint};
use crate::stored;

/// A whole number that is no count: any value, as others wrote it.
#[derive(Clone, Copy, Debug)]
pub struct Wide;

/// A number whose bits are evenly spread, as those of a hash or a set: eight bytes.
#[derive(Clone, Copy, Debug)]
pub struct Bits;

impl Codec<u64> for Wide {
    fn store(value: &u64, out: &mut Vec<u8>) {
        varint(*value, out);
    }

    fn load(from: &mut Reader<'_>) -> Result<u64, Damaged> {
        from.varint()
    }
}

impl Codec<u64> for Bits {
    fn store(value: &u64, out: &mut Vec<u8>) {
        out.extend_from_slice(&value.to_le_bytes());
    }

    fn load(from: &mut Reader<'_>) -> Result<u64, Damaged> {
        bytes(from).map(u64::from_le_bytes)
    }
}

/// What of an optional or paired value has another form.
impl<T, C: Codec<T>> Codec<Option<T>> for Option<C> {
    fn store(value: &Option<T>, out: &mut Vec<u8>) {
        value.is_some().store(out);
        if let Some(value) = value {
            C::store(value, out);
        }
    }

    fn load(from: &mut Reader<'_>) -> Result<Option<T>, Damaged> {
        bool::load(from)?.then(|| C::load(from)).transpose()
    }
}

impl<A, B, C: Codec<A>, D: Codec<B>> Codec<(A, B)> for (C, D) {
    fn store(value: &(A, B), out: &mut Vec<u8>) {
        C::store(&value.0, out);
        D::store(&value.1, out);
    }

    fn load(from: &mut Reader<'_>) -> Result<(A, B), Damaged> {
        Ok((C::load(from)?, D::load(from)?))
    }
}

impl Stored for u64 {
    /// A count: cut at 52 bits when it is read.
    fn store(&self, out: &mut Vec<u8>) {
        varint(*self, out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        Ok(from.varint()?.min(COUNT_MAX))
    }
}

macro_rules! narrow {
    ($($number:ty),*) => {
        $(impl Stored for $number {
            fn store(&self, out: &mut Vec<u8>) {
                varint(u64::from(*self), out);
            }

            fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
                Self::try_from(from.varint()?).map_err(|_| Damaged::Impossible("number"))
            }
        })*
    };
}

narrow!(u16, u32);

impl Stored for usize {
    fn store(&self, out: &mut Vec<u8>) {
        varint(*self as u64, out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        Self::try_from(from.varint()?).map_err(|_| Damaged::Impossible("number"))
    }
}

impl Stored for u8 {
    fn store(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        from.byte()
    }
}

impl Stored for bool {
    fn store(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        match from.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Damaged::Impossible("truth")),
        }
    }
}

impl Stored for u128 {
    fn store(&self, out: &mut Vec<u8>) {
        varint(*self as u64, out);
        varint((*self >> u64::BITS) as u64, out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        let low = Self::from(from.varint()?);
        // A sum: leaves room for other sums.
        Ok(low | Self::from(from.varint()?.min(COUNT_MAX)) << u64::BITS)
    }
}

impl Stored for f64 {
    fn store(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_bits().to_le_bytes());
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        bytes(from).map(|bytes| Self::from_bits(u64::from_le_bytes(bytes)))
    }
}

impl Stored for Timestamp {
    fn store(&self, out: &mut Vec<u8>) {
        varint(((self.0 << 1) ^ (self.0 >> 63)).cast_unsigned(), out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        let folded = from.varint()?;
        Ok(Self((folded >> 1).cast_signed() ^ -(folded & 1).cast_signed()))
    }
}

impl Stored for Box<str> {
    fn store(&self, out: &mut Vec<u8>) {
        text(self, out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        let len = from.count()?;
        let text = std::str::from_utf8(from.take(len)?).map_err(|_| Damaged::Impossible("text"))?;
        Ok(text.into())
    }
}

impl Stored for String {
    fn store(&self, out: &mut Vec<u8>) {
        text(self, out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        Box::<str>::load(from).map(Into::into)
    }
}

/// Appends a text with its length.
pub(super) fn text(text: &str, out: &mut Vec<u8>) {
    varint(text.len() as u64, out);
    out.extend_from_slice(text.as_bytes());
}

impl Stored for IpAddr {
    fn store(&self, out: &mut Vec<u8>) {
        match self {
            Self::V4(ip) => {
                out.push(4);
                out.extend_from_slice(&ip.octets());
            }
            Self::V6(ip) => {
                out.push(6);
                out.extend_from_slice(&ip.octets());
            }
        }
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        match from.byte()? {
            4 => bytes::<4>(from).map(|octets| Ipv4Addr::from(octets).into()),
            6 => bytes::<16>(from).map(|octets| Ipv6Addr::from(octets).into()),
            _ => Err(Damaged::Impossible("address")),
        }
    }
}

/// Some bytes, as they are.
impl<const N: usize> Stored for [u8; N] {
    fn store(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        bytes(from)
    }
}

fn bytes<const N: usize>(from: &mut Reader<'_>) -> Result<[u8; N], Damaged> {
    from.take(N)?.try_into().map_err(|_| Damaged::Cut)
}

stored!(Evidence { source, exchange, location, excerpt, file, line });

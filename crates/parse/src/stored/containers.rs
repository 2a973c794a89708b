//! Forms of what holds other values.

use std::collections::BTreeMap;
use std::hash::Hash;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smallvec::SmallVec;

use super::{Damaged, Reader, Stored, varint};

impl<T: Stored> Stored for Option<T> {
    fn store(&self, out: &mut Vec<u8>) {
        self.is_some().store(out);
        if let Some(value) = self {
            value.store(out);
        }
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        bool::load(from)?.then(|| T::load(from)).transpose()
    }
}

impl<T: Stored> Stored for Box<T> {
    fn store(&self, out: &mut Vec<u8>) {
        (**self).store(out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        T::load(from).map(Self::new)
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn store(&self, out: &mut Vec<u8>) {
        list(self, out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        let len = from.count()?;
        let mut items = Self::with_capacity(from.room::<T>(len));
        for _ in 0..len {
            items.push(T::load(from)?);
        }
        Ok(items)
    }
}

impl<T: Stored> Stored for Box<[T]> {
    fn store(&self, out: &mut Vec<u8>) {
        list(self, out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        Vec::load(from).map(Into::into)
    }
}

impl<A: smallvec::Array> Stored for SmallVec<A>
where
    A::Item: Stored,
{
    fn store(&self, out: &mut Vec<u8>) {
        list(self, out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        let len = from.count()?;
        let mut items = Self::with_capacity(from.room::<A::Item>(len));
        for _ in 0..len {
            items.push(A::Item::load(from)?);
        }
        Ok(items)
    }
}

fn list<T: Stored>(items: &[T], out: &mut Vec<u8>) {
    varint(items.len() as u64, out);
    for item in items {
        item.store(out);
    }
}

/// In the order of its keys.
impl<K: Stored + Ord + Hash, V: Stored> Stored for HashMap<K, V, FixedState> {
    fn store(&self, out: &mut Vec<u8>) {
        let mut entries: Vec<(&K, &V)> = self.iter().collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        varint(entries.len() as u64, out);
        for (key, value) in entries {
            key.store(out);
            value.store(out);
        }
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        let len = from.count()?;
        let mut map = Self::with_capacity_and_hasher(from.room::<(K, V)>(len), FixedState::default());
        for _ in 0..len {
            map.insert(K::load(from)?, V::load(from)?);
        }
        Ok(map)
    }
}

impl<K: Stored + Ord, V: Stored> Stored for BTreeMap<K, V> {
    fn store(&self, out: &mut Vec<u8>) {
        varint(self.len() as u64, out);
        for (key, value) in self {
            key.store(out);
            value.store(out);
        }
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        let len = from.count()?;
        (0..len).map(|_| Ok((K::load(from)?, V::load(from)?))).collect()
    }
}

impl<A: Stored, B: Stored> Stored for (A, B) {
    fn store(&self, out: &mut Vec<u8>) {
        self.0.store(out);
        self.1.store(out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        Ok((A::load(from)?, B::load(from)?))
    }
}

impl<A: Stored, B: Stored, C: Stored> Stored for (A, B, C) {
    fn store(&self, out: &mut Vec<u8>) {
        self.0.store(out);
        self.1.store(out);
        self.2.store(out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        Ok((A::load(from)?, B::load(from)?, C::load(from)?))
    }
}

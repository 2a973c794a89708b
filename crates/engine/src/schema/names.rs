//! A list of named things that is asked for names in about the order it holds them.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use vedette_parse::stored::{Damaged, Reader, Stored};

/// Lists longer than this look names up by hash.
const SCAN_MAX: usize = 12;

/// Things with a name each. Objects repeat the order of their keys, and requests that of their parameters, so the first
/// guess is the one after the last; what was guessed wrong is scanned for in short lists and hashed in long ones.
#[derive(Clone, Debug)]
pub(crate) struct Names<T> {
    items: Vec<T>,
    index: Option<Box<HashTable<u16>>>,
}

/// Has a name that never changes.
pub(crate) trait Named {
    /// The name, and what else tells two of them apart.
    fn name(&self) -> (&str, u8);
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self { items: Vec::new(), index: None }
    }
}

impl<T: Named> Names<T> {
    /// Place of a name; `expected` is the place to try first.
    #[inline]
    pub(crate) fn find(&self, name: &str, kind: u8, expected: usize) -> Option<usize> {
        match self.items.get(expected) {
            Some(item) if item.name() == (name, kind) => Some(expected),
            _ => self.search(name, kind),
        }
    }

    fn search(&self, name: &str, kind: u8) -> Option<usize> {
        match &self.index {
            None => self.items.iter().position(|item| item.name() == (name, kind)),
            Some(index) => {
                let same = |place: &u16| self.items.get(usize::from(*place)).is_some_and(|i| i.name() == (name, kind));
                index.find(hash(name, kind), same).map(|place| usize::from(*place))
            }
        }
    }

    /// Appends; the caller knows that the name is new. At most 65,536 of them.
    pub(crate) fn push(&mut self, item: T) -> usize {
        let place = self.items.len();
        self.items.push(item);
        if place >= SCAN_MAX {
            let items = &self.items;
            let rehash = |place: &u16| items.get(usize::from(*place)).map_or(0, |item| hash_of(item));
            let index = self.index.get_or_insert_default();
            for place in index.len()..items.len() {
                let place = place as u16;
                index.insert_unique(rehash(&place), place, rehash);
            }
        }
        place
    }

    #[inline]
    pub(crate) fn get(&self, place: usize) -> Option<&T> {
        self.items.get(place)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        self.items.get_mut(place)
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.items.iter_mut()
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Takes all out.
    pub(crate) fn take(&mut self) -> Vec<T> {
        self.index = None;
        std::mem::take(&mut self.items)
    }

    /// In an order that does not depend on what came first.
    pub(crate) fn sorted(&self) -> Vec<&T> {
        let mut sorted: Vec<&T> = self.items.iter().collect();
        sorted.sort_unstable_by(|a, b| (a.name().1, a.name().0).cmp(&(b.name().1, b.name().0)));
        sorted
    }
}

impl<T: Named + Stored> Stored for Names<T> {
    fn store(&self, out: &mut Vec<u8>) {
        self.items.store(out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        let items = Vec::<T>::load(from)?;
        if items.len() > usize::from(u16::MAX) {
            return Err(Damaged::Impossible("list of names"));
        }
        let mut names = Self::default();
        for item in items {
            names.push(item);
        }
        Ok(names)
    }
}

fn hash_of<T: Named>(item: &T) -> u64 {
    let (name, kind) = item.name();
    hash(name, kind)
}

#[inline]
fn hash(name: &str, kind: u8) -> u64 {
    FixedState::with_seed(u64::from(kind)).hash_one(name)
}

//! What each actor was given: a client should only send values that it was given (DESIGN section 4, provenance).

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use smallvec::SmallVec;

/// Actors that hold one value, the first few of them.
pub(crate) type Few = SmallVec<[u32; 4]>;

/// Who was given what.
#[derive(Debug, Default)]
pub(crate) struct Known {
    by_person: Vec<HashSet<u32, FixedState>>,
    holders: HashMap<u32, Few, FixedState>,
    /// Holders from which on a value is public.
    public: usize,
}

impl Known {
    pub(crate) fn new(people: usize) -> Self {
        let public = (people / 50).clamp(8, 64);
        Self { by_person: vec![HashSet::default(); people], holders: HashMap::default(), public }
    }

    /// Notes who will hold a value at any time; what many hold explains itself.
    pub(crate) fn hold(&mut self, person: u32, value: u32) {
        let holders = self.holders.entry(value).or_default();
        if holders.len() < self.public && !holders.contains(&person) {
            holders.push(person);
        }
    }

    /// Gives a value to somebody, from now on.
    pub(crate) fn give(&mut self, person: u32, value: u32) {
        if let Some(known) = self.by_person.get_mut(person as usize) {
            known.insert(value);
        }
    }

    /// It was given this by now.
    pub(crate) fn has(&self, person: u32, value: u32) -> bool {
        self.by_person.get(person as usize).is_some_and(|known| known.contains(&value))
    }

    /// So many hold it that it is no secret.
    pub(crate) fn is_public(&self, value: u32) -> bool {
        self.holders.get(&value).is_some_and(|holders| holders.len() >= self.public)
    }
}

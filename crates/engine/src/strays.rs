//! Exchanges that met 404 or 405 where nothing was known: scanners, typing errors, deleted objects. They make no
//! endpoint; in the end those that fit a learned template are counted there.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_model::limits::STRAYS_MAX;
use vedette_parse::stored;
use vedette_parse::stored::{Codec, Damaged, Reader, Stored, varint};

use crate::engine::known_method;

/// Service, method and path of a stray.
type Place = (u16, u16, Box<str>);

/// Strays by place and status: mergeable, bounded by [`STRAYS_MAX`] places.
#[derive(Clone, Debug, Default)]
pub(crate) struct Strays {
    places: HashMap<Place, [u64; 2], FixedState>,
    /// Strays past the bound.
    uncounted: u64,
}

/// Counts of 404 and of 405.
struct Counted;

impl Codec<HashMap<Place, [u64; 2], FixedState>> for Counted {
    fn store(value: &HashMap<Place, [u64; 2], FixedState>, out: &mut Vec<u8>) {
        let mut places: Vec<_> = value.iter().collect();
        places.sort_unstable();
        varint(places.len() as u64, out);
        for (place, [missing, method]) in places {
            place.store(out);
            (*missing, *method).store(out);
        }
    }

    fn load(from: &mut Reader<'_>) -> Result<HashMap<Place, [u64; 2], FixedState>, Damaged> {
        let mut places = HashMap::default();
        for _ in 0..from.count()? {
            let (service, method, path) = Place::load(from)?;
            let (missing, wrong_method) = Stored::load(from)?;
            places.insert((service, known_method(from, method)?, path), [missing, wrong_method]);
        }
        Ok(places)
    }
}

stored!(Strays { places as Counted, uncounted });

impl Strays {
    /// Counts one.
    pub(crate) fn observe(&mut self, service: u16, method: u16, path: &str, status: u16) {
        let counts = if status == 405 { [0, 1] } else { [1, 0] };
        self.add((service, method, path.into()), counts);
    }

    fn add(&mut self, place: Place, [missing, method]: [u64; 2]) {
        let full = self.places.len() >= STRAYS_MAX;
        match self.places.get_mut(&place) {
            Some([a, b]) => {
                *a += missing;
                *b += method;
            }
            None if full => self.uncounted += missing + method,
            None => {
                self.places.insert(place, [missing, method]);
            }
        }
    }

    /// Adds another shard's; `services[i]` is this shard's number of its service `i`.
    pub(crate) fn merge(&mut self, other: Self, services: &[u16]) {
        self.uncounted += other.uncounted;
        let mut places: Vec<_> = other.places.into_iter().collect();
        places.sort_unstable();
        for ((service, method, path), counts) in places {
            if let Some(&id) = services.get(usize::from(service)) {
                self.add((id, method, path), counts);
            }
        }
    }

    /// Offers every stray to `fits`, which takes it or not, and gives the number that nobody took.
    pub(crate) fn settle(self, mut fits: impl FnMut(u16, u16, &str, u16, u64) -> bool) -> u64 {
        let mut left = self.uncounted;
        let mut places: Vec<_> = self.places.into_iter().collect();
        places.sort_unstable();
        for ((service, method, path), [missing, wrong_method]) in places {
            for (status, count) in [(404, missing), (405, wrong_method)] {
                if count > 0 && !fits(service, method, &path, status, count) {
                    left += count;
                }
            }
        }
        left
    }
}

//! When in the week.

use vedette_model::Timestamp;
use vedette_parse::stored::{Damaged, Reader, Stored};

use super::counts::Counts;

/// Exchanges by hour of the week in UTC: at most 1,344 bytes, 8 per hour seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HoursOfWeek(Counts);

impl Stored for HoursOfWeek {
    fn store(&self, out: &mut Vec<u8>) {
        self.0.store(out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        Counts::load(from).map(Self)
    }
}

impl HoursOfWeek {
    /// Notes one exchange.
    #[inline]
    pub fn observe(&mut self, at: Timestamp) {
        self.0.add(at.hour_of_week() as u16, 1);
    }

    /// Adds what another counted.
    pub fn merge(&mut self, other: &Self) {
        self.0.merge(&other.0);
    }

    /// All 168 hours, Monday midnight first.
    pub fn to_vec(&self) -> Vec<u64> {
        let mut hours = vec![0; 168];
        for (hour, count) in self.0.iter() {
            if let Some(slot) = hours.get_mut(usize::from(hour)) {
                *slot = count;
            }
        }
        hours
    }
}

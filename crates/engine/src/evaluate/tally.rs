//! What scores are made of: counts and delays that add up over scenarios.

use std::collections::BTreeMap;

use super::{FalseAlarm, Missed, Score, Scores};

/// Alarms against the truth of one scenario or, added up, of many.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    pub(super) exchanges: u64,
    pub(super) days: f64,
    pub(super) overall: Tally,
    pub(super) kinds: BTreeMap<String, Tally>,
    /// Attacks that nothing found, in the order of the truth.
    pub missed: Vec<Missed>,
    /// Actors that were alarmed about and attack nowhere, by kind of alarm and time.
    pub false_alarms: Vec<FalseAlarm>,
}

/// Counts of one kind, or of all.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) attacks: u64,
    pub(super) found: u64,
    pub(super) kind_right: u64,
    pub(super) alarmed_actors: u64,
    pub(super) false_actors: u64,
    /// Exchanges until the first alarm, per attack found.
    pub(super) exchanges_to_detect: Vec<u64>,
    /// Microseconds until the first alarm, per attack found whose times are known.
    pub(super) us_to_detect: Vec<u64>,
}

impl Judged {
    /// Adds another scenario; its lists stay with it.
    pub fn add(&mut self, other: &Self) {
        self.exchanges += other.exchanges;
        self.days += other.days;
        self.overall.add(&other.overall);
        for (kind, tally) in &other.kinds {
            self.kinds.entry(kind.clone()).or_default().add(tally);
        }
    }

    /// The numbers.
    pub fn scores(&self) -> Scores {
        let score = |tally: &Tally| tally.score(self.exchanges, self.days);
        Scores {
            overall: score(&self.overall),
            kinds: self.kinds.iter().map(|(kind, tally)| (kind.clone(), score(tally))).collect(),
        }
    }

    /// Exchanges judged.
    pub fn exchanges(&self) -> u64 {
        self.exchanges
    }

    /// Days judged.
    pub fn days(&self) -> f64 {
        self.days
    }
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.attacks += other.attacks;
        self.found += other.found;
        self.kind_right += other.kind_right;
        self.alarmed_actors += other.alarmed_actors;
        self.false_actors += other.false_actors;
        self.exchanges_to_detect.extend_from_slice(&other.exchanges_to_detect);
        self.us_to_detect.extend_from_slice(&other.us_to_detect);
    }

    fn score(&self, exchanges: u64, days: f64) -> Score {
        let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        let false_actors = self.false_actors as f64;
        Score {
            recall: share(self.found, self.attacks),
            precision: share(self.alarmed_actors.saturating_sub(self.false_actors), self.alarmed_actors),
            attacks: self.attacks,
            found: self.found,
            kind_right: self.kind_right,
            alarmed_actors: self.alarmed_actors,
            false_actors: self.false_actors,
            false_per_100k: if exchanges > 0 { false_actors * 100_000.0 / exchanges as f64 } else { 0.0 },
            false_per_day: if days > 0.0 { false_actors / days } else { 0.0 },
            median_exchanges_to_detect: median(&self.exchanges_to_detect),
            median_secs_to_detect: median(&self.us_to_detect).map(|us| us / 1e6),
        }
    }
}

/// The middle one; of an even number, the mean of the two in the middle.
fn median(values: &[u64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get((sorted.len() - 1) / 2)?;
    Some(f64::midpoint(lower as f64, upper as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_exact() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[7]), Some(7.0));
        assert_eq!(median(&[9, 1]), Some(5.0));
        assert_eq!(median(&[5, 1, 100]), Some(5.0));
        assert_eq!(median(&[4, 1, 2, 3]), Some(2.5));
    }
}

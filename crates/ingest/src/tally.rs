//! What one worker met in one source.

use serde::{Deserialize, Serialize};
use vedette_model::limits::{CLOCK_JUMP_SECS, EVIDENCE_MAX};
use vedette_model::results::{self, TimeOrder, UnreadableSample};
use vedette_model::{Timestamp, results::Source};
use vedette_parse::redact;

/// Counts of records, mergeable in any order and bounded.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Records that are no blank lines.
    pub records: u64,
    /// Records that became exchanges.
    pub exchanges: u64,
    /// Records that could not be read.
    pub unreadable: u64,
    /// The first of them, by record number, masked.
    pub samples: Vec<UnreadableSample>,
    /// Records in another format than the source's: format id and count.
    pub others: Vec<(String, u64)>,
    /// Records whose time lies more than [`CLOCK_JUMP_SECS`] before the one before them.
    pub clock_jumps: u64,
    /// Order of the times of neighbors.
    pub order: TimeOrder,
    /// First time seen.
    pub first_seen: Option<Timestamp>,
    /// Last time seen.
    pub last_seen: Option<Timestamp>,
    /// Time of the record before.
    pub(crate) previous: Option<Timestamp>,
}

impl Tally {
    /// Counts a record that could not be read.
    pub(crate) fn note_unreadable(&mut self, record: u64, reason: &str, text: &str) {
        self.unreadable += 1;
        if self.samples.len() < EVIDENCE_MAX {
            let excerpt = redact::mask_record(text);
            self.samples.push(UnreadableSample { record, reason: reason.to_owned(), excerpt });
        }
    }

    /// Counts an exchange.
    pub(crate) fn note_exchange(&mut self, at: Option<Timestamp>) {
        self.exchanges += 1;
        let Some(at) = at else { return };
        self.first_seen = Some(self.first_seen.map_or(at, |first| first.min(at)));
        self.last_seen = Some(self.last_seen.map_or(at, |last| last.max(at)));
        if let Some(before) = self.previous {
            let back_us = before.0.saturating_sub(at.0).max(0);
            self.order.compared += 1;
            self.order.backward += u64::from(back_us > 0);
            self.order.step_back_us = self.order.step_back_us.max(back_us.unsigned_abs());
            self.clock_jumps += u64::from(back_us > CLOCK_JUMP_SECS * 1_000_000);
        }
        self.previous = Some(at);
    }

    /// Counts a record that another format could read.
    pub(crate) fn note_other(&mut self, format: &str) {
        match self.others.iter_mut().find(|(id, _)| id == format) {
            Some((_, count)) => *count += 1,
            None => self.others.push((format.to_owned(), 1)),
        }
    }

    /// Adds what another worker met in the same source.
    pub fn merge(&mut self, other: &Self) {
        self.records += other.records;
        self.exchanges += other.exchanges;
        self.unreadable += other.unreadable;
        self.clock_jumps += other.clock_jumps;
        add_order(&mut self.order, &other.order);
        self.samples.extend(other.samples.iter().cloned());
        self.samples.sort_by_key(|sample| sample.record);
        self.samples.truncate(EVIDENCE_MAX);
        for (format, count) in &other.others {
            match self.others.iter_mut().find(|(id, _)| id == format) {
                Some((_, sum)) => *sum += count,
                None => self.others.push((format.clone(), *count)),
            }
        }
        self.others.sort();
        self.first_seen = self.first_seen.into_iter().chain(other.first_seen).min();
        self.last_seen = self.last_seen.into_iter().chain(other.last_seen).max();
        self.previous = None;
    }

    /// Adds these counts to the description of the source.
    pub fn describe(&self, source: &mut Source) {
        source.records += self.records;
        source.exchanges += self.exchanges;
        source.unreadable += self.unreadable;
        add_order(&mut source.order, &self.order);
        source.unreadable_samples.extend(self.samples.iter().cloned());
        source.unreadable_samples.sort_by_key(|sample| sample.record);
        source.unreadable_samples.truncate(EVIDENCE_MAX);
        source.first_seen = source.first_seen.into_iter().chain(self.first_seen).min();
        source.last_seen = source.last_seen.into_iter().chain(self.last_seen).max();
        for (format, count) in &self.others {
            source.problems.push(format!("{count} {} in another format: {format}", plural(*count)));
        }
        if self.clock_jumps > 0 {
            source.problems.push(format!(
                "time runs backward by more than an hour at {} {}; hint: was the clock set, or were logs appended to each other?",
                self.clock_jumps,
                plural(self.clock_jumps)
            ));
        }
    }
}

fn add_order(sum: &mut TimeOrder, other: &TimeOrder) {
    sum.compared += other.compared;
    sum.backward += other.backward;
    sum.step_back_us = sum.step_back_us.max(other.step_back_us);
}

fn plural(count: u64) -> &'static str {
    if count == 1 { "record is" } else { "records are" }
}

/// A source that was not read.
pub(crate) fn unread(name: String, problem: String) -> results::Source {
    results::Source { name, format: "unknown".to_owned(), problems: vec![problem], ..results::Source::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_that_of_neighbors_and_adds_up() {
        let met = |secs: &[i64]| {
            let mut tally = Tally::default();
            for secs in secs {
                tally.note_exchange(Some(Timestamp::from_secs(1_790_000_000 + secs)));
            }
            tally
        };
        let (one, two) = (met(&[0, 5, 3, 9]), met(&[20, 1]));
        assert_eq!(one.order, TimeOrder { compared: 3, backward: 1, step_back_us: 2_000_000 });
        let (mut left, mut right) = (one.clone(), two.clone());
        left.merge(&two);
        right.merge(&one);
        assert_eq!(left.order, TimeOrder { compared: 4, backward: 2, step_back_us: 19_000_000 });
        assert_eq!(left.order, right.order);
    }
}

//! From the records of a batch to exchanges.

use std::panic::{AssertUnwindSafe, catch_unwind};

use vedette_model::limits::{FALLBACK_FORMATS_MAX, FALLBACK_TRIES_MAX};
use vedette_model::{Anomaly, Exchange};
use vedette_parse::decode::{Decoder, Framing, Unreadable};
use vedette_parse::log;

use crate::batch::{Batch, Record};
use crate::format::is_har;
use crate::tally::Tally;

/// Said of a record that a panic was met in.
const DEFECT: &str = "a defect of Vedette: reading this record failed; please report it";

/// One worker's reader: decodes records, remembers what they came to, per source.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    sources: Vec<State>,
}

/// What is known of one source.
#[derive(Clone, Debug, Default)]
struct State {
    tally: Tally,
    /// Other formats met in it.
    others: Vec<Decoder>,
}

/// What became of a record.
enum Outcome {
    Exchange,
    /// A comment or a blank line.
    Nothing,
    Unreadable(&'static str),
}

impl Reader {
    /// Reads the records of a batch and calls `observe` with each exchange, its source and its record number.
    ///
    /// A record that fits another known format than its source's is read in that one. A panic while one record is
    /// read or observed is counted as an unreadable record and stops nothing (invariant 9).
    pub fn read(&mut self, batch: &Batch, mut observe: impl FnMut(&Exchange<'_>, (u32, u64))) {
        self.read_telling(batch, |exchange, seen_at| observe(exchange, seen_at), |_, _, _| {});
    }

    /// As [`Reader::read`]; `observe` may mend the exchange before it learns, and `refused` gets the number of each
    /// record that could not be read, why, and its text, which is not masked.
    pub fn read_telling(
        &mut self,
        batch: &Batch,
        mut observe: impl FnMut(&mut Exchange<'_>, (u32, u64)),
        mut refused: impl FnMut(u64, &'static str, &str),
    ) {
        let index = batch.source as usize;
        if self.sources.len() <= index {
            self.sources.resize_with(index + 1, State::default);
        }
        let Some(state) = self.sources.get_mut(index) else { return };
        // The batch before was another worker's: its last time is not known here.
        state.tally.previous = None;
        if matches!(batch.format.decoder, Some(Decoder::Capture(_))) {
            return state.exchanges(batch, observe, refused);
        }
        // A W3C log may name other columns in the middle of a batch; the batch after begins with them.
        let mut renamed: Option<Decoder> = None;
        for record in batch.records() {
            if record.text.trim_ascii().is_empty() {
                continue;
            }
            state.tally.records += 1;
            let mut seen = |exchange: &mut Exchange<'_>, tally: &mut Tally| {
                if matches!(record.text, std::borrow::Cow::Owned(_)) {
                    exchange.anomalies.push(Anomaly::InvalidUtf8);
                }
                observe(exchange, (batch.source, record.number));
                tally.note_exchange(exchange.at);
            };
            if let Some(next) = renamed.as_ref().or(batch.format.decoder.as_ref()).and_then(|d| d.after(&record.text)) {
                renamed = Some(next);
                continue;
            }
            let decoder = renamed.as_ref().or(batch.format.decoder.as_ref());
            let outcome = catch_unwind(AssertUnwindSafe(|| match decoder {
                Some(decoder) => one(decoder, &record.text, &mut state.tally, &mut seen),
                None => Outcome::Unreadable("fits no known format"),
            }));
            let outcome = match outcome {
                Ok(Outcome::Unreadable(reason)) if !batch.format.forced => {
                    catch_unwind(AssertUnwindSafe(|| state.other(&record, reason, &mut seen)))
                }
                other => other,
            };
            match outcome {
                Ok(Outcome::Exchange | Outcome::Nothing) => {}
                Ok(Outcome::Unreadable(reason)) => {
                    state.tally.note_unreadable(record.number, reason, &record.text);
                    refused(record.number, reason, &record.text);
                }
                Err(_) => {
                    state.tally.note_unreadable(record.number, DEFECT, &record.text);
                    refused(record.number, DEFECT, &record.text);
                }
            }
        }
    }

    /// What was met so far, by source.
    pub fn tallies(&self) -> impl Iterator<Item = &Tally> {
        self.sources.iter().map(|state| &state.tally)
    }

    /// What was met in each source, with the descriptions of the other formats found in it.
    pub fn save(&self) -> Vec<(Tally, Vec<String>)> {
        let others = |state: &State| state.others.iter().map(Decoder::describe).collect();
        self.sources.iter().map(|state| (state.tally.clone(), others(state))).collect()
    }

    /// A reader that goes on where another stood.
    pub fn resume(saved: Vec<(Tally, Vec<String>)>) -> Self {
        let state = |(tally, others): (Tally, Vec<String>)| {
            let others = others.iter().filter_map(|text| Decoder::from_description(text).ok()).collect();
            State { tally, others }
        };
        Self { sources: saved.into_iter().map(state).collect() }
    }

    /// What was met, by source.
    pub fn finish(self) -> Vec<Tally> {
        self.sources.into_iter().map(|state| state.tally).collect()
    }
}

#[inline]
fn one(
    decoder: &Decoder,
    text: &str,
    tally: &mut Tally,
    seen: &mut impl FnMut(&mut Exchange<'_>, &mut Tally),
) -> Outcome {
    let mut outcome = Outcome::Nothing;
    decoder.decode_each(text, |decoded| match decoded {
        Ok(Some(mut exchange)) => {
            seen(&mut exchange, tally);
            outcome = Outcome::Exchange;
        }
        Err(unreadable) if !matches!(outcome, Outcome::Exchange) => outcome = Outcome::Unreadable(unreadable.reason),
        Ok(None) | Err(_) => {}
    });
    outcome
}

impl State {
    /// Reads the records of a capture. They are not in order of time: an exchange is written when it is over.
    fn exchanges(
        &mut self,
        batch: &Batch,
        mut observe: impl FnMut(&mut Exchange<'_>, (u32, u64)),
        mut refused: impl FnMut(u64, &'static str, &str),
    ) {
        for (number, record) in batch.raw_records() {
            self.tally.records += 1;
            let tally = &mut self.tally;
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                let decoded = Decoder::decode_bytes(record)?;
                if let Some(mut exchange) = decoded {
                    observe(&mut exchange, (batch.source, number));
                    tally.previous = None;
                    tally.note_exchange(exchange.at);
                }
                Ok(())
            }));
            let reason = match outcome {
                Ok(Ok(())) => continue,
                Ok(Err(Unreadable { reason })) => reason,
                Err(_) => DEFECT,
            };
            self.tally.note_unreadable(number, reason, "");
            refused(number, reason, "");
        }
    }

    /// Tries the other formats that were met in this source, then looks for a new one.
    fn other(
        &mut self,
        record: &Record<'_>,
        reason: &'static str,
        seen: &mut impl FnMut(&mut Exchange<'_>, &mut Tally),
    ) -> Outcome {
        for decoder in &self.others {
            match one(decoder, &record.text, &mut self.tally, seen) {
                Outcome::Exchange => {
                    self.tally.note_other(decoder.id());
                    return Outcome::Exchange;
                }
                Outcome::Nothing => return Outcome::Nothing,
                Outcome::Unreadable(_) => {}
            }
        }
        let tries = self.tally.unreadable;
        if self.others.len() >= FALLBACK_FORMATS_MAX || (tries >= FALLBACK_TRIES_MAX && !tries.is_multiple_of(1_000)) {
            return Outcome::Unreadable(reason);
        }
        let Some(decoder) = detect(&record.text) else { return Outcome::Unreadable(reason) };
        match one(&decoder, &record.text, &mut self.tally, seen) {
            Outcome::Exchange => {
                self.tally.note_other(decoder.id());
                self.others.push(decoder);
                Outcome::Exchange
            }
            // A header line of W3C logs tells the format of the lines after it.
            Outcome::Nothing => {
                if self.others.iter().all(|known| known.id() != decoder.id()) {
                    self.others.push(decoder);
                }
                Outcome::Nothing
            }
            Outcome::Unreadable(_) => Outcome::Unreadable(reason),
        }
    }
}

/// The format of a single record; one record is too little to infer an unknown layout from.
fn detect(text: &str) -> Option<Decoder> {
    if text.starts_with('{') && is_har(text) {
        return Some(Decoder::Har(Framing::Lines));
    }
    log::detect(&[text]).map(|detected| detected.decoder).filter(|decoder| decoder.id() != "inferred")
}

//! What a node knows: a fold over its journal. Same batches in the same order, same knowledge.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
use vedette_engine::{Engine, Observed};
use vedette_ingest::{Batch as Records, Format, Reader};
use vedette_model::limits::{CLOCK_AHEAD_SECS, LIVE_SOURCES_MAX, POSITIONS_MAX, REFUSALS_LISTED_MAX};
use vedette_model::{Exchange, Timestamp, results};
use vedette_parse::redact::mask_record;

use super::batch::{Batch, Position, Receipt, Refusal};
use super::repeats::Repeats;

/// Everything that was learned, and what is needed to go on.
#[derive(Clone)]
pub(crate) struct Learned {
    pub(crate) engine: Engine,
    pub(crate) reader: Reader,
    pub(crate) repeats: Repeats,
    pub(crate) sources: Vec<LiveSource>,
    /// Where each log or partition goes on after what was learned, by its key.
    pub(crate) positions: BTreeMap<String, String>,
    by_id: HashMap<String, u32, FixedState>,
    formats: HashMap<String, Arc<Format>, FixedState>,
    /// Number of the last journal entry in it.
    pub(crate) number: u64,
}

/// A source that sends while we run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LiveSource {
    /// Stable id.
    pub id: String,
    /// How its records are read, as a decoder describes itself.
    pub format: String,
    /// Records so far, blank ones included; the number of the next.
    pub records: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Exchanges that were new.
    pub accepted: u64,
    /// Exchanges whose event id had been there.
    pub repeated: u64,
    /// Records that could not be read.
    pub refused: u64,
    /// Exchanges that claimed a time in the future.
    pub skewed: u64,
    /// When its last batch came.
    pub last_received_at: Option<Timestamp>,
    /// How far the newest exchange of the last batch lay behind its arrival, in microseconds; below zero when the
    /// clock that wrote it runs ahead.
    pub delay_us: Option<i64>,
}

/// An exchange with what the engine read of it, for whoever keeps rows.
pub(crate) struct Seen<'a, 'e> {
    pub(crate) exchange: &'a Exchange<'e>,
    pub(crate) observed: &'a Observed,
    pub(crate) engine: &'a Engine,
    /// Its batch, without the records.
    pub(crate) batch: &'a Batch,
    pub(crate) number: u64,
    pub(crate) record: u64,
}

impl Learned {
    /// Knows nothing yet.
    pub(crate) fn new(engine: Engine) -> Self {
        Self {
            engine,
            reader: Reader::default(),
            repeats: Repeats::default(),
            sources: Vec::new(),
            positions: BTreeMap::new(),
            by_id: HashMap::default(),
            formats: HashMap::default(),
            number: 0,
        }
    }

    /// Goes on where a snapshot stood.
    pub(crate) fn resume(
        engine: Engine,
        reader: Reader,
        repeats: Repeats,
        sources: Vec<LiveSource>,
        positions: BTreeMap<String, String>,
        number: u64,
    ) -> Self {
        let by_id = sources.iter().zip(0..).map(|(source, at)| (source.id.clone(), at)).collect();
        Self { reader, repeats, sources, positions, by_id, number, ..Self::new(engine) }
    }

    /// Learns from the batch with this number; `row` gets each exchange that is new.
    pub(crate) fn learn(&mut self, number: u64, mut batch: Batch, mut row: impl FnMut(&Seen<'_, '_>)) -> Receipt {
        self.number = number;
        if let Some(Position { key, place }) = batch.position.take() {
            self.note_position(key, place);
        }
        let mut receipt = Receipt { number, ..Receipt::default() };
        let Some(at) = self.source(&batch.source) else {
            return receipt.refuse_whole("there are too many sources");
        };
        let Some(format) = self.format(&batch.format) else {
            return receipt.refuse_whole("its format is not known to this version");
        };
        let Some(source) = self.sources.get_mut(at as usize) else { return receipt };
        let first = source.records;
        let is_repeat = batch.event_id.as_deref().is_some_and(|id| !self.repeats.is_new_batch(at, id));
        let records = Records::whole(at, first, format, std::mem::take(&mut batch.records));
        source.note_batch(&batch, records.count(), records.bytes() as u64);
        let latest = batch.received_at.0.saturating_add(CLOCK_AHEAD_SECS * 1_000_000);
        let (mut newest, mut skewed) = (None::<Timestamp>, 0);
        let (engine, repeats) = (&mut self.engine, &mut self.repeats);
        let mut accepted = 0;
        let mut repeated = 0;
        let observe = |exchange: &mut Exchange<'_>, seen_at: (u32, u64)| {
            if is_repeat || exchange.event_id.as_deref().is_some_and(|id| !repeats.is_new(at, id)) {
                repeated += 1;
                return;
            }
            accepted += 1;
            // A clock that runs ahead must not make a future; one that is behind makes late data, which is fine.
            if exchange.at.is_none_or(|at| at.0 > latest) {
                skewed += u64::from(exchange.at.is_some());
                exchange.at = Some(batch.received_at);
            }
            newest = newest.max(exchange.at);
            let observed = engine.observe(exchange, seen_at);
            row(&Seen { exchange, observed: &observed, engine, batch: &batch, number, record: seen_at.1 - first });
        };
        self.reader.read_telling(&records, observe, |record, reason, text| {
            receipt.refused += 1;
            if receipt.refusals.len() < REFUSALS_LISTED_MAX {
                let sample = mask_record(text);
                receipt.refusals.push(Refusal { record: record - first, reason: reason.to_owned(), sample });
            }
        });
        (receipt.accepted, receipt.repeated) = (accepted, repeated);
        if let Some(source) = self.sources.get_mut(at as usize) {
            source.note_receipt(&receipt, skewed, newest.map(|newest| batch.received_at.0 - newest.0));
        }
        receipt
    }

    /// Index of a source, which is made when it is new; `None` past [`LIVE_SOURCES_MAX`].
    fn source(&mut self, id: &str) -> Option<u32> {
        if let Some(at) = self.by_id.get(id) {
            return Some(*at);
        }
        if self.sources.len() >= LIVE_SOURCES_MAX {
            return None;
        }
        let at = self.sources.len() as u32;
        self.sources.push(LiveSource { id: id.to_owned(), ..LiveSource::default() });
        self.by_id.insert(id.to_owned(), at);
        Some(at)
    }

    /// Positions of logs that are gone make room for those of new ones.
    fn note_position(&mut self, key: String, place: String) {
        if self.positions.len() >= POSITIONS_MAX && !self.positions.contains_key(&key) {
            self.positions.pop_first();
        }
        self.positions.insert(key, place);
    }

    fn format(&mut self, description: &str) -> Option<Arc<Format>> {
        if let Some(format) = self.formats.get(description) {
            return Some(Arc::clone(format));
        }
        if self.formats.len() >= LIVE_SOURCES_MAX {
            self.formats.clear();
        }
        let format = Arc::new(Format::described(description)?);
        self.formats.insert(description.to_owned(), Arc::clone(&format));
        Some(format)
    }

    /// The sources as the results show them.
    pub(crate) fn described(&self) -> Vec<results::Source> {
        let mut sources: Vec<results::Source> = self.sources.iter().map(LiveSource::describe).collect();
        for (source, tally) in sources.iter_mut().zip(self.reader.tallies()) {
            tally.describe(source);
        }
        for (source, live) in sources.iter_mut().zip(&self.sources) {
            // The reader counts repeats too.
            source.exchanges = live.accepted;
        }
        sources
    }
}

impl LiveSource {
    fn note_batch(&mut self, batch: &Batch, records: u64, bytes: u64) {
        if self.format != batch.format {
            self.format.clone_from(&batch.format);
        }
        self.records += records;
        self.bytes += bytes;
        self.last_received_at = Some(batch.received_at);
    }

    fn note_receipt(&mut self, receipt: &Receipt, skewed: u64, delay_us: Option<i64>) {
        self.accepted += receipt.accepted;
        self.repeated += receipt.repeated;
        self.refused += receipt.refused;
        self.skewed += skewed;
        self.delay_us = delay_us.or(self.delay_us);
    }

    fn describe(&self) -> results::Source {
        let mut source = results::Source {
            name: self.id.clone(),
            format: self.format.split_whitespace().next().unwrap_or("unknown").to_owned(),
            bytes: self.bytes,
            ..results::Source::default()
        };
        if self.skewed > 0 {
            source.problems.push(format!(
                "{} exchanges claim a time in the future and were taken as of their arrival; hint: check the clock of the machine that writes them",
                self.skewed
            ));
        }
        source
    }
}

impl Receipt {
    fn refuse_whole(mut self, reason: &str) -> Self {
        self.refused = 1;
        self.refusals.push(Refusal { record: 0, reason: reason.to_owned(), sample: String::new() });
        self
    }
}

//! The thread that keeps: concludes what was learned, moves rows to the lake, writes snapshots, releases the journal.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::broadcast;
use vedette_engine::labels::Labels;
use vedette_engine::router::Router;
use vedette_engine::{changes, detectors};
use vedette_ingest::wall_clock;
use vedette_model::results::Detection;
use vedette_store::journal::Journal;
use vedette_store::lake::Lake;

use super::batch::Submission;
use super::learned::Learned;
use super::learner::{Ask, Shared};
use super::recovery::{flush, keep_results};
use super::rows::Tail;
use super::snapshot::Snapshots;
use super::{Event, Health, Timing, View};
use crate::problem::chain;

pub(crate) struct Keeper {
    pub(crate) asks: SyncSender<Ask>,
    pub(crate) journal: Arc<Journal<Submission>>,
    pub(crate) tail: Arc<Tail>,
    pub(crate) lake: Arc<Lake>,
    pub(crate) snapshots: Snapshots,
    pub(crate) results_file: PathBuf,
    pub(crate) shared: Arc<Shared>,
    pub(crate) health: Arc<Mutex<Health>>,
    pub(crate) feed: broadcast::Sender<Event>,
    pub(crate) timing: Timing,
    pub(crate) runtime: Handle,
}

/// When things were last done.
struct Last {
    concluded: Instant,
    /// Entry that the view is of.
    number: u64,
    /// What people had said when it was concluded.
    labels: Arc<Labels>,
    /// How long copying and concluding took.
    cost: Duration,
    flushed: Instant,
    snapshot: Instant,
    snapshot_number: u64,
    maintained: Option<Instant>,
}

/// A conclusion waits at least this many times as long as the one before took, so that it never takes more than a tenth
/// of one core.
const REST: u32 = 10;

/// How often the keeper looks whether something is due.
const TICK: Duration = Duration::from_millis(200);

/// How often the lake is tidied.
const MAINTAIN_EVERY: Duration = Duration::from_mins(10);

/// What others ask of the keeper.
pub(crate) enum Wish {
    /// Conclude now, and say when it is done.
    Conclude(SyncSender<()>),
    /// Conclude, flush, snapshot and end.
    Close,
}

impl Keeper {
    /// Works until it is told to close or nobody is left. `snapshot_number`: entry that the youngest snapshot is of.
    pub(crate) fn run(self, wishes: &Receiver<Wish>, snapshot_number: u64) {
        let now = Instant::now();
        let mut last = Last {
            concluded: now,
            number: self.shared.view().number,
            labels: self.shared.labels(),
            cost: Duration::ZERO,
            flushed: now,
            snapshot: now,
            snapshot_number,
            maintained: None,
        };
        loop {
            match wishes.recv_timeout(TICK) {
                Ok(Wish::Conclude(done)) => {
                    self.conclude(&mut last, false);
                    let _ = done.send(());
                }
                Err(RecvTimeoutError::Timeout) => self.what_is_due(&mut last),
                Ok(Wish::Close) | Err(RecvTimeoutError::Disconnected) => {
                    if self.journal.last() > last.snapshot_number {
                        self.conclude(&mut last, true);
                    }
                    return;
                }
            }
        }
    }

    fn what_is_due(&self, last: &mut Last) {
        let newest = self.journal.last();
        let snapshot = last.snapshot.elapsed() >= self.timing.snapshot_every && newest > last.snapshot_number;
        let rested = last.concluded.elapsed() >= self.timing.conclude_every.max(last.cost * REST);
        let taught = !Arc::ptr_eq(&last.labels, &self.shared.labels());
        if snapshot || (rested && (taught || newest > last.number)) {
            self.conclude(last, snapshot);
        }
        let rows = self.tail.rows();
        if rows >= self.timing.flush_rows || (rows > 0 && last.flushed.elapsed() >= self.timing.flush_every) {
            self.publish();
            self.flush();
            last.flushed = Instant::now();
        }
        if last.maintained.is_none_or(|at| at.elapsed() >= MAINTAIN_EVERY) {
            last.maintained = Some(Instant::now());
            let outcome = self.runtime.block_on(self.lake.maintain(wall_clock()));
            self.note(|health| health.lake_trouble = outcome.err().map(|error| chain(&error)));
        }
    }

    /// Concludes a copy of what is known; with `snapshot` everything up to it is then in the lake and in a snapshot.
    fn conclude(&self, last: &mut Last, snapshot: bool) {
        let began = Instant::now();
        let Some(copy) = self.ask(Ask::Copy) else { return };
        let number = copy.number;
        let kept = snapshot.then(|| self.snapshots.encode(&copy));
        let labels = self.shared.labels();
        let view = view_of(copy, &labels, &self.shared.view().results.detections);
        last.labels = labels;
        last.cost = began.elapsed();
        last.concluded = Instant::now();
        last.number = number;
        self.tell_changes(&view);
        let view = Arc::new(view);
        self.shared.set_view(Arc::clone(&view));
        let _ = self.feed.send(Event::Concluded(Arc::clone(&view)));
        let Some(kept) = kept else { return };
        last.snapshot = Instant::now();
        // What a snapshot holds must be in the lake first: at a restart it is not learned again.
        if !self.flush() {
            return;
        }
        last.flushed = Instant::now();
        let outcome = kept.and_then(|kept| self.snapshots.write(number, &kept));
        match outcome {
            Ok(oldest) => {
                last.snapshot_number = number;
                if let Err(error) = keep_results(&self.results_file, &view.results) {
                    tracing::warn!(%error, "writing the results beside the snapshot failed");
                }
                self.journal.release(oldest);
                self.note(|health| health.snapshot_trouble = None);
            }
            Err(error) => {
                tracing::error!(%error, "writing a snapshot failed; the journal keeps what it would hold");
                self.note(|health| health.snapshot_trouble = Some(error.to_string()));
            }
        }
    }

    /// Moves the rows that are published to the lake. False when the lake did not take them: they stay and are tried
    /// again.
    fn flush(&self) -> bool {
        let outcome = self.runtime.block_on(flush(&self.tail, &self.lake, &self.shared.view()));
        if let Err(error) = &outcome {
            tracing::error!(error = %chain(error), "the lake did not take rows; they wait in the journal");
        }
        let taken = outcome.is_ok();
        self.note(|health| health.lake_trouble = outcome.err().map(|error| chain(&error)));
        taken
    }

    fn publish(&self) {
        let _ = self.ask(Ask::Publish);
    }

    /// The learner's answer; none when it is gone.
    fn ask<T>(&self, ask: impl FnOnce(SyncSender<T>) -> Ask) -> Option<T> {
        let (answer, answers) = sync_channel(1);
        self.asks.send(ask(answer)).ok()?;
        answers.recv().ok()
    }

    fn tell_changes(&self, view: &View) {
        let before = self.shared.view();
        for change in changes::between(&before.results, &view.results) {
            // Nobody listening is no error.
            let _ = self.feed.send(Event::Change(Arc::new(change)));
        }
    }

    fn note(&self, change: impl FnOnce(&mut Health)) {
        change(&mut self.health.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The results of what was learned, by what people said, with the detections of before that nothing watched shows any more.
pub(crate) fn view_of(mut learned: Learned, labels: &Arc<Labels>, before: &[Detection]) -> View {
    let sources = learned.described();
    let number = learned.number;
    learned.engine.set_labels(Arc::clone(labels));
    let mut results = learned.engine.conclude(sources);
    detectors::carry_over(before, labels, &mut results);
    env!("CARGO_PKG_VERSION").clone_into(&mut results.vedette);
    let router = Router::new(&results);
    View { results: Arc::new(results), router, number, concluded_at: wall_clock() }
}

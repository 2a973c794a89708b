//! The thread that learns: it owns what is known, and takes batches in the order of the journal.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use vedette_engine::labels::{Label, Labels};
use vedette_engine::router::Router;
use vedette_store::journal::{self, JournalError};

use super::View;
use super::batch::{Batch, Receipt, Submission};
use super::learned::{Learned, LiveSource};
use super::rows::Rows;

/// What the learner is asked.
pub(crate) enum Ask {
    /// Learn from a journal entry.
    Learn(u64, Submission),
    /// Show the rows so far, then say up to which entry.
    Publish(SyncSender<u64>),
    /// Give a copy of everything, with all rows up to it published.
    Copy(SyncSender<Learned>),
}

/// How long rows may wait unseen.
const PUBLISH_EVERY: Duration = Duration::from_secs(1);

/// Hands durable entries to the learner.
pub(crate) struct ToLearner(pub(crate) SyncSender<Ask>);

impl journal::Receiver<Submission> for ToLearner {
    fn durable(&mut self, number: u64, entry: Submission) {
        // When the learner is gone the process ends; the entry is learned at the next start.
        let _ = self.0.send(Ask::Learn(number, entry));
    }

    fn refused(&mut self, entry: Submission, error: JournalError) {
        let _ = entry.reply.send(Err(error));
    }
}

/// What the learner shares with others.
#[derive(Default)]
pub(crate) struct Shared {
    view: Mutex<Arc<View>>,
    sources: Mutex<Arc<Vec<LiveSource>>>,
    labels: Mutex<Taught>,
}

/// What people said: as it came, to notice a change, and as the engine asks it.
#[derive(Default)]
struct Taught {
    said: Vec<Label>,
    labels: Arc<Labels>,
}

impl Shared {
    pub(crate) fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_view(&self, view: Arc<View>) {
        *self.view.lock().unwrap_or_else(PoisonError::into_inner) = view;
    }

    pub(crate) fn sources(&self) -> Arc<Vec<LiveSource>> {
        Arc::clone(&self.sources.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn labels(&self) -> Arc<Labels> {
        Arc::clone(&self.labels.lock().unwrap_or_else(PoisonError::into_inner).labels)
    }

    /// What people said; the same as before changes nothing.
    pub(crate) fn set_labels(&self, said: Vec<Label>) {
        let mut taught = self.labels.lock().unwrap_or_else(PoisonError::into_inner);
        if taught.said != said {
            taught.labels = Arc::new(Labels::new(said.clone()));
            taught.said = said;
        }
    }

    pub(crate) fn set_sources(&self, sources: &[LiveSource]) {
        *self.sources.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(sources.to_vec());
    }
}

/// The learner's state.
pub(crate) struct Learner {
    pub(crate) learned: Learned,
    pub(crate) rows: Rows,
    pub(crate) shared: Arc<Shared>,
    /// Entries up to this one are in the lake already: learning them again makes no rows.
    pub(crate) in_lake: u64,
}

impl Learner {
    /// Learns from one batch.
    pub(crate) fn learn(&mut self, number: u64, batch: Batch) -> Receipt {
        let view = self.shared.view();
        let router: &Router = &view.router;
        let (rows, in_lake) = (&mut self.rows, self.in_lake);
        let receipt = self.learned.learn(number, batch, |seen| {
            if number > in_lake {
                rows.push(seen, router);
            }
        });
        if number > in_lake {
            rows.end(number);
        }
        receipt
    }

    /// Works until nobody asks any more.
    pub(crate) fn run(mut self, asks: &Receiver<Ask>) {
        let mut unseen = false;
        loop {
            match asks.recv_timeout(PUBLISH_EVERY) {
                Ok(Ask::Learn(number, Submission { batch, reply })) => {
                    let receipt = self.learn(number, batch);
                    unseen = true;
                    // Who asked may have left; the batch is learned all the same.
                    let _ = reply.send(Ok(receipt));
                }
                Ok(Ask::Publish(done)) => {
                    self.show();
                    let _ = done.send(self.learned.number);
                }
                Ok(Ask::Copy(done)) => {
                    self.show();
                    let _ = done.send(self.learned.clone());
                }
                Err(RecvTimeoutError::Timeout) if unseen => {
                    self.show();
                    unseen = false;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn show(&mut self) {
        self.rows.publish();
        self.shared.set_sources(&self.learned.sources);
    }
}

/// A submission and where its receipt comes.
pub(crate) fn submission(batch: Batch) -> (Submission, oneshot::Receiver<Result<Receipt, JournalError>>) {
    let (reply, receipt) = oneshot::channel();
    (Submission { batch, reply }, receipt)
}

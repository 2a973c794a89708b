//! One tenant's traffic: taken, made durable, learned from, kept and concluded.
//!
//! ```text
//! submit → journal (group commit) → learner (engine, rows) → receipt
//!                                      ↓ copy            ↓ rows
//!                                    keeper → view, snapshot, lake, journal released
//! ```
//! What is known is a fold over the journal (`learned.rs`): a restart loads the youngest snapshot and folds what the
//! journal holds behind it. Rows reach the lake under the number of their journal entry, exactly once. Three threads:
//! the journal's, the learner's and the keeper's; everything between them is bounded, and when the lake or the disk
//! cannot keep up it is the sender who is told to wait.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{io, thread};

use thiserror::Error;
use tokio::runtime::Handle;
use tokio::sync::broadcast;
use vedette_engine::conformance::Contract;
use vedette_engine::labels::Label;
use vedette_engine::router::Router;
use vedette_model::Timestamp;
use vedette_model::limits::{FEED_EVENTS_WAITING_MAX, LEARNER_ASKS_WAITING_MAX};
use vedette_model::results::{Change, Results};
use vedette_parse::classes::Classifier;
use vedette_parse::identity::Extractors;
use vedette_store::arrow::array::RecordBatch;
use vedette_store::journal::{self, Journal, JournalError};
use vedette_store::keys::DataKey;
use vedette_store::lake::{Lake, LakeError};

use self::batch::Submission;
pub use self::batch::{Batch, Position, Receipt, Refusal};
pub use self::erase::{EraseError, erase};
use self::keeper::{Keeper, Wish, view_of};
pub use self::learned::LiveSource;
use self::learner::{Ask, Shared, submission};
use self::recovery::{Recovered, kept_detections};
use self::rows::Tail;
use self::snapshot::SnapshotError;

mod batch;
mod erase;
mod keeper;
mod learned;
mod learner;
mod recovery;
mod repeats;
mod rows;
mod snapshot;
#[cfg(test)]
mod tests;

/// Why a node did not open.
#[derive(Debug, Error)]
pub enum NodeError {
    /// The journal.
    #[error("opening the journal in {}", folder.display())]
    Journal {
        /// Where it is.
        folder: PathBuf,
        /// Why.
        #[source]
        source: JournalError,
    },
    /// The folder of the node.
    #[error("opening {}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The lake.
    #[error("opening the lake")]
    Lake(#[source] LakeError),
    /// A thread could not be started.
    #[error("starting a thread")]
    Thread(#[source] io::Error),
}

/// How often a node does what.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Least time between two conclusions.
    pub conclude_every: Duration,
    /// Longest time that rows wait for the lake.
    pub flush_every: Duration,
    /// Rows that go to the lake at once.
    pub flush_rows: usize,
    /// Time between two snapshots; a restart learns again what came behind the last one.
    pub snapshot_every: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            conclude_every: Duration::from_secs(2),
            flush_every: Duration::from_secs(30),
            flush_rows: 500_000,
            snapshot_every: Duration::from_mins(1),
        }
    }
}

/// What was concluded, at one moment.
#[derive(Default)]
pub struct View {
    /// The results, exactly what `analyze --json` prints.
    pub results: Arc<Results>,
    /// Where exchanges belong by them.
    pub router: Router,
    /// Number of the last journal entry in them.
    pub number: u64,
    /// When.
    pub concluded_at: Timestamp,
}

impl View {
    /// The rows with their endpoints as they are known by now.
    pub(crate) fn reroute(&self, rows: &RecordBatch) -> RecordBatch {
        vedette_store::row::reroute(rows, |service, method, path, call| {
            self.router.route(service, method, path, call).map(|route| (route.text.as_str(), route.endpoint_id))
        })
    }

    /// Changes when the results do: for `ETag`.
    pub fn etag(&self) -> String {
        format!("{:x}-{:x}", self.number, self.concluded_at.0)
    }
}

/// What happened, for the live feed.
#[derive(Clone)]
pub enum Event {
    /// There is a new view.
    Concluded(Arc<View>),
    /// The inventory changed.
    Change(Arc<Change>),
}

/// How a node does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Why the journal cannot be written; nothing is taken meanwhile.
    pub journal_trouble: Option<String>,
    /// Why the lake does not take rows; they wait.
    pub lake_trouble: Option<String>,
    /// Why no snapshot is written; the journal keeps what it would hold.
    pub snapshot_trouble: Option<String>,
    /// What was found when the node opened: damaged snapshots, lost entries. Empty when all was well.
    pub recovery: Vec<String>,
    /// Bytes of journal that wait for release.
    pub journal_bytes: u64,
    /// Rows that wait for the lake.
    pub rows_waiting: usize,
}

/// Why a batch was not taken.
#[derive(Debug, Error)]
pub enum Refused {
    /// Too much waits; come back in a moment. Nothing of the batch was taken.
    #[error("too much waits to be written")]
    Busy,
    /// It is too large to be taken at once.
    #[error("a batch of {bytes} bytes is too large")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The disk refused it.
    #[error("the journal could not be written")]
    Disk(#[source] io::Error),
    /// The node closes, for good or to be opened anew with other settings. Nothing of the batch was taken.
    #[error("the server is shutting down")]
    Closing,
    /// The learner failed. The batch is on disk and is learned at the next start: it must not be sent again.
    #[error("the server failed; the batch is kept and learned at the next start")]
    Failed,
}

/// Where a node lives and how it works.
pub struct Setup {
    /// Its own folder, `tenants/<tenant>`.
    pub folder: PathBuf,
    /// The data key.
    pub key: DataKey,
    /// Data classes.
    pub classifier: Arc<Classifier>,
    /// Rules of who calls.
    pub identity: Option<Arc<Extractors>>,
    /// Specifications that the traffic is compared with.
    pub contract: Option<Arc<Contract>>,
    /// What people said of earlier detections, see [`crate::labels::of`].
    pub labels: Vec<Label>,
    /// Where the rows go.
    pub lake: Arc<Lake>,
    /// Intervals.
    pub timing: Timing,
    /// Bounds of the journal.
    pub journal: journal::Options,
    /// Says which settings these are, see [`Node::revision`].
    pub revision: String,
}

/// A running node. Closes in order, with a last snapshot, on [`Node::close`].
pub struct Node {
    journal: Arc<Journal<Submission>>,
    tail: Arc<Tail>,
    lake: Arc<Lake>,
    shared: Arc<Shared>,
    health: Arc<Mutex<Health>>,
    feed: broadcast::Sender<Event>,
    asks: SyncSender<Ask>,
    wishes: SyncSender<Wish>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// As they were when the node opened; the sources know better since.
    positions: BTreeMap<String, String>,
    revision: String,
}

impl Node {
    /// Opens a node: loads the youngest snapshot that can be read, learns again what the journal holds behind it, and
    /// starts. Blocks; to be called outside the async runtime's workers, with `runtime` for what is async.
    ///
    /// # Errors
    /// When the folder, the journal or the lake cannot be used. A damaged snapshot or journal is no error: what is left
    /// is used, and [`Node::health`] says what is missing.
    pub fn open(setup: Setup, runtime: &Handle) -> Result<Arc<Self>, NodeError> {
        let (lake, timing, revision) = (Arc::clone(&setup.lake), setup.timing, setup.revision.clone());
        let (asks, asked) = sync_channel(LEARNER_ASKS_WAITING_MAX);
        let recovered = Recovered::open(setup, asks.clone(), runtime)?;
        let Recovered { learner, snapshots, snapshot_number, journal, tail, shared, results_file, troubles, .. } =
            recovered;
        let journal = Arc::new(journal);
        let view = view_of(learner.learned.clone(), &shared.labels(), &kept_detections(&results_file));
        let positions = learner.learned.positions.clone();
        shared.set_view(Arc::new(view));
        shared.set_sources(&learner.learned.sources);
        for trouble in &troubles {
            tracing::error!(trouble, "recovering what was learned");
        }

        let health = Arc::new(Mutex::new(Health { recovery: troubles, ..Health::default() }));
        let (feed, _) = broadcast::channel(FEED_EVENTS_WAITING_MAX);
        let keeper = Keeper {
            asks: asks.clone(),
            journal: Arc::clone(&journal),
            tail: Arc::clone(&tail),
            lake: Arc::clone(&lake),
            snapshots,
            results_file,
            shared: Arc::clone(&shared),
            health: Arc::clone(&health),
            feed: feed.clone(),
            timing,
            runtime: runtime.clone(),
        };
        let (wishes, wished) = sync_channel(4);
        let threads = vec![
            spawn("vedette-learner", move || learner.run(&asked))?,
            spawn("vedette-keeper", move || keeper.run(&wished, snapshot_number))?,
        ];
        let threads = Mutex::new(threads);
        Ok(Arc::new(Self { journal, tail, lake, shared, health, feed, asks, wishes, threads, positions, revision }))
    }

    /// Takes a batch. When this returns a receipt, the batch is on disk and learned.
    ///
    /// # Errors
    /// When nothing of it was taken, see [`Refused`].
    pub async fn submit(&self, batch: Batch) -> Result<Receipt, Refused> {
        let (submission, receipt) = submission(batch);
        self.journal.append(submission).map_err(|(_, error)| Refused::from(error))?;
        receipt.await.map_err(|_| Refused::Failed)?.map_err(Refused::from)
    }

    /// What was concluded last.
    pub fn view(&self) -> Arc<View> {
        self.shared.view()
    }

    /// The sources as they are now.
    pub fn sources(&self) -> Arc<Vec<LiveSource>> {
        self.shared.sources()
    }

    /// Where sources go on after what was durable when the node opened, by the key of the log or partition.
    pub fn positions(&self) -> BTreeMap<String, String> {
        self.positions.clone()
    }

    /// Says what people said of earlier detections by now; when it is new, it is soon concluded anew.
    pub fn set_labels(&self, labels: Vec<Label>) {
        self.shared.set_labels(labels);
    }

    /// Which settings it was opened with; other settings need another node.
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// Where the exchanges are kept.
    pub fn lake(&self) -> &Arc<Lake> {
        &self.lake
    }

    /// Rows that the lake does not have yet, with their endpoints as they are known by now: all that was acknowledged
    /// before the call.
    pub async fn tail(self: &Arc<Self>) -> Vec<RecordBatch> {
        let node = Arc::clone(self);
        tokio::task::spawn_blocking(move || node.published()).await.unwrap_or_default()
    }

    fn published(&self) -> Vec<RecordBatch> {
        let (done, is_done) = sync_channel(1);
        if self.asks.send(Ask::Publish(done)).is_ok() {
            let _ = is_done.recv();
        }
        let view = self.view();
        self.tail.parts().iter().flat_map(|part| &part.rows).map(|rows| view.reroute(rows)).collect()
    }

    /// What happens from now on.
    pub fn feed(&self) -> broadcast::Receiver<Event> {
        self.feed.subscribe()
    }

    /// How it does.
    pub fn health(&self) -> Health {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner).clone();
        health.journal_trouble = self.journal.trouble();
        health.journal_bytes = self.journal.bytes();
        health.rows_waiting = self.tail.rows();
        health
    }

    /// Concludes now; returns when the view is of everything learned before the call. Blocks.
    pub fn conclude(&self) {
        let (done, is_done) = sync_channel(1);
        if self.wishes.send(Wish::Conclude(done)).is_ok() {
            let _ = is_done.recv();
        }
    }

    /// Closes in order: what was taken is learned and its receipts are given, and everything learned goes to the lake and
    /// into a snapshot. What was concluded can still be looked at; the folder can be opened anew. Blocks.
    pub fn close(&self) {
        self.tail.close();
        self.journal.close();
        let _ = self.wishes.send(Wish::Close);
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        // The learner ends with the journal; the keeper is the one to wait for.
        if let Some(keeper) = threads.into_iter().next_back() {
            let _ = keeper.join();
        }
    }
}

fn folder_error(error: SnapshotError) -> NodeError {
    match error {
        SnapshotError::File { path, source } => NodeError::Folder { path, source },
        SnapshotError::Content { path, why } => NodeError::Folder { path, source: io::Error::other(why) },
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, NodeError> {
    thread::Builder::new().name(name.to_owned()).spawn(work).map_err(NodeError::Thread)
}

impl From<JournalError> for Refused {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Full => Self::Busy,
            JournalError::TooLarge { bytes } => Self::TooLarge { bytes },
            JournalError::Disk(source) => Self::Disk(source),
            JournalError::Closed => Self::Closing,
        }
    }
}

/// Folder of a tenant's node.
pub fn folder_of(data: &Path, tenant: &str) -> PathBuf {
    data.join("tenants").join(tenant)
}

//! What was known when the node last stopped: the youngest snapshot, and what the journal holds behind it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use tokio::runtime::Handle;
use vedette_engine::Engine;
use vedette_model::hash::HashKey;
use vedette_model::results::{Detection, Results};
use vedette_store::journal::{Folder, Journal};
use vedette_store::lake::{Lake, LakeError};
use vedette_store::sealed;

use super::batch::{Batch, Submission};
use super::learned::Learned;
use super::learner::{Ask, Learner, Shared, ToLearner};
use super::rows::{Rows, Tail};
use super::snapshot::Snapshots;
use super::{NodeError, Setup, View, folder_error, view_of};

/// A node that is not started yet.
pub(super) struct Recovered {
    pub(super) learner: Learner,
    pub(super) snapshots: Snapshots,
    /// Entry that the snapshot which was loaded is of.
    pub(super) snapshot_number: u64,
    pub(super) journal: Journal<Submission>,
    pub(super) disk: Arc<Folder>,
    pub(super) tail: Arc<Tail>,
    pub(super) shared: Arc<Shared>,
    /// Where the results lie for the commands.
    pub(super) results_file: PathBuf,
    /// What is missing, in sentences. Empty when all was well.
    pub(super) troubles: Vec<String>,
}

impl Recovered {
    /// Loads the youngest snapshot that can be read and learns again what the journal holds behind it. Rows that the
    /// lake does not have wait in the tail; when they are many, the older ones go to the lake on the way, since nobody
    /// else takes them yet. `asks` is where entries go that become durable later.
    pub(super) fn open(setup: Setup, asks: SyncSender<Ask>, runtime: &Handle) -> Result<Self, NodeError> {
        let Setup { folder, key, classifier, identity, contract, labels, lake, timing, journal: options, .. } = setup;
        let learned_folder = folder.join("learned");
        let snapshots = Snapshots::open(learned_folder.clone(), *key.derive("snapshot")).map_err(folder_error)?;
        let hash_key = HashKey::from_bytes(&key.derive("credentials"));
        let (loaded, troubles) = snapshots.load(&classifier, &hash_key);
        let mut learned = loaded.unwrap_or_else(|| Learned::new(Engine::new(Arc::clone(&classifier), hash_key)));
        if let Some(rules) = identity {
            learned.engine = learned.engine.with_identity(rules);
        }
        if let Some(contract) = contract {
            learned.engine = learned.engine.with_contract(contract);
        }
        let (snapshot_number, in_lake) = (learned.number, lake.committed_seq());
        let path = folder.join("journal");
        let disk = Folder::open(path.clone()).map_err(|source| NodeError::Folder { path: path.clone(), source })?;
        let disk = Arc::new(disk);
        let (after, sender) = (snapshot_number.max(in_lake), ToLearner(asks));
        let journal = Journal::open(disk.clone(), *key.derive("journal"), options, after, sender)
            .map_err(|source| NodeError::Journal { folder: path, source })?;
        let (tail, shared) = (Arc::new(Tail::default()), Arc::new(Shared::default()));
        shared.set_labels(labels);
        let rows = Rows::new(classifier, Arc::clone(&tail));
        let mut recovered = Self {
            learner: Learner { learned, rows, shared: Arc::clone(&shared), in_lake },
            snapshots,
            snapshot_number,
            journal,
            disk,
            tail,
            shared,
            results_file: learned_folder.join("results.json.zst"),
            troubles: troubles.iter().map(ToString::to_string).collect(),
        };
        recovered.replay(&lake, timing.flush_rows, runtime).map_err(NodeError::Lake)?;
        Ok(recovered)
    }

    /// Learns again what the journal holds behind the snapshot.
    fn replay(&mut self, lake: &Lake, flush_rows: usize, runtime: &Handle) -> Result<(), LakeError> {
        let mut entries = self.journal.replay(self.learner.learned.number);
        while let Some(entry) = entries.next() {
            match entry.map(|(number, bytes)| (number, Batch::read(bytes))) {
                Ok((number, Some(batch))) => {
                    self.learner.learn(number, batch);
                }
                Ok((number, None)) => self.troubles.push(format!("journal entry {number} is not of this version")),
                Err(error) => self.troubles.push(format!("a journal segment cannot be read: {error}")),
            }
            if self.learner.rows.len() + self.tail.rows() >= flush_rows {
                self.learner.rows.publish();
                let view = view_of(self.learner.learned.clone(), &self.shared.labels(), &[]);
                runtime.block_on(flush(&self.tail, lake, &view))?;
            }
        }
        for lost in entries.lost() {
            let (first, last) = (lost.first, lost.last);
            self.troubles.push(format!("journal entries {first} to {last} are damaged and were not learned"));
        }
        self.learner.rows.publish();
        Ok(())
    }
}

/// Moves the rows that are published to the lake, told their endpoints anew. When the lake does not take them, they stay.
pub(super) async fn flush(tail: &Tail, lake: &Lake, view: &View) -> Result<(), LakeError> {
    let parts = tail.parts();
    let Some(through) = parts.last().map(|part| part.last) else { return Ok(()) };
    let batches = parts.iter().flat_map(|part| &part.rows).map(|rows| view.reroute(rows)).collect();
    lake.append(batches, through).await?;
    tail.forget(through);
    Ok(())
}

/// The detections that were written down last: what showed them may not be watched any more.
pub(super) fn kept_detections(file: &Path) -> Vec<Detection> {
    let read = || -> std::io::Result<Vec<Detection>> {
        let json = vedette_store::unpack(&std::fs::read(file)?)?;
        let results: Results = serde_json::from_slice(&json).map_err(std::io::Error::other)?;
        Ok(results.detections)
    };
    match read() {
        Ok(kept) => kept,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            tracing::warn!(%error, "the results beside the snapshot cannot be read; earlier detections are lost");
            Vec::new()
        }
    }
}

/// Writes the results for the commands, which read them when no server runs.
pub(super) fn keep_results(file: &Path, results: &Results) -> std::io::Result<()> {
    let json = serde_json::to_vec(results).map_err(std::io::Error::other)?;
    sealed::replace(file, &vedette_store::pack(&json)?)
}

//! Forgetting one person: in the lake, in what was learned, in the snapshots and in the journal.
//!
//! Done while no server works on the folder, so that nothing that is erased is on its way somewhere else.

use std::io;
use std::sync::Arc;

use thiserror::Error;
use tokio::runtime::Handle;
use vedette_engine::Engine;
use vedette_model::hash::HashKey;
use vedette_model::results::Identifier;
use vedette_store::journal::{self, Folder, Journal};
use vedette_store::lake::{Erased, LakeError, Subject};
use vedette_store::sealed;

use super::learned::Learned;
use super::learner::{Learner, Shared, ToLearner};
use super::rows::{Rows, Tail};
use super::snapshot::{SnapshotError, Snapshots};
use super::{NodeError, Setup, folder_error, now, replay, view_of};

/// Why a person could not be erased. What was done until then stays done: run it again.
#[derive(Debug, Error)]
pub enum EraseError {
    /// The node could not be opened.
    #[error("opening what is kept")]
    Open(#[source] NodeError),
    /// The journal or the snapshots hold something that cannot be read, and so cannot be searched.
    #[error("{0}")]
    Unreadable(String),
    /// The lake failed.
    #[error("erasing in the lake")]
    Lake(#[source] LakeError),
    /// A snapshot could not be written.
    #[error("writing what is left")]
    Snapshot(#[source] io::Error),
}

/// Forgets whom an identifier names (see [`Engine::forget`]) and every exchange of theirs. Blocks.
///
/// The rows that wait in the journal go to the lake first. Then the actor is removed from what was learned, one snapshot
/// is written in place of all, the journal is removed, and the lake is rewritten and searched again.
///
/// # Errors
/// See [`EraseError`].
pub fn erase(setup: Setup, identifier: &Identifier, runtime: &Handle) -> Result<(Vec<String>, Erased), EraseError> {
    let Setup { folder, key, classifier, contract: _, lake, timing: _, journal: options } = setup;
    let learned_folder = folder.join("learned");
    let snapshot = |error: SnapshotError| EraseError::Open(folder_error(error));
    let snapshots = Snapshots::open(learned_folder.clone(), *key.derive("snapshot")).map_err(snapshot)?;
    let hash_key = HashKey::from_bytes(&key.derive("credentials"));
    let (loaded, troubles) = snapshots.load(&classifier, &hash_key);
    if let Some(trouble) = troubles.first() {
        return Err(EraseError::Unreadable(trouble.to_string()));
    }
    let learned = loaded.unwrap_or_else(|| Learned::new(Engine::new(Arc::clone(&classifier), hash_key)));
    let in_lake = lake.committed_seq();
    let path = folder.join("journal");
    let opened = |source| EraseError::Open(NodeError::Folder { path: path.clone(), source });
    let disk = Arc::new(Folder::open(path.clone()).map_err(opened)?);
    let (asks, _asked) = std::sync::mpsc::sync_channel(1);
    let after = learned.number.max(in_lake);
    let journal = Journal::open(disk.clone(), *key.derive("journal"), options, after, ToLearner(asks))
        .map_err(|source| EraseError::Open(NodeError::Journal { folder: path.clone(), source }))?;
    let tail = Arc::new(Tail::default());
    // Nobody takes rows away meanwhile.
    tail.close();
    let rows = Rows::new(classifier, Arc::clone(&tail));
    let mut learner = Learner { learned, rows, shared: Arc::new(Shared::default()), in_lake };
    if let Some(trouble) = replay(&journal, &mut learner).first() {
        return Err(EraseError::Unreadable(trouble.clone()));
    }
    drop(journal);
    let parts = tail.parts();
    if let Some(last) = parts.last().map(|part| part.last) {
        let rows = parts.into_iter().flat_map(|part| part.rows).collect();
        runtime.block_on(lake.append(rows, last)).map_err(EraseError::Lake)?;
    }
    let mut learned = learner.learned;
    let actors = learned.engine.forget(identifier);
    let kept = snapshots.encode(&learned).map_err(snapshot)?;
    snapshots.write(learned.number, &kept).map_err(snapshot)?;
    snapshots.keep_only(1);
    journal::purge(&*disk).map_err(opened)?;
    let view = view_of(learned);
    let json = serde_json::to_vec(&*view.results).map_err(|error| EraseError::Snapshot(io::Error::other(error)))?;
    vedette_store::pack(&json)
        .and_then(|packed| sealed::replace(&learned_folder.join("results.json.zst"), &packed))
        .map_err(EraseError::Snapshot)?;
    let client_ips = if identifier.kind == "ip" { identifier.value.parse().into_iter().collect() } else { Vec::new() };
    let subject = Subject { actors: actors.clone(), client_ips };
    let erased = runtime.block_on(lake.erase(&subject, now())).map_err(EraseError::Lake)?;
    Ok((actors, erased))
}

//! Forgetting one person: in the lake, in what was learned, in the snapshots and in the journal.
//!
//! Done while no server works on the folder, so that nothing that is erased is on its way somewhere else.

use std::io;
use std::sync::Arc;

use thiserror::Error;
use tokio::runtime::Handle;
use vedette_ingest::wall_clock;
use vedette_model::results::Identifier;
use vedette_store::journal;
use vedette_store::lake::{Erased, LakeError, Subject};

use super::recovery::{Recovered, flush, keep_results, kept_detections};
use super::snapshot::SnapshotError;
use super::{NodeError, Setup, folder_error, view_of};

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
    /// The journal could not be removed, or the results not be written.
    #[error("writing what is left")]
    Left(#[source] io::Error),
}

/// Forgets whom an identifier names (see [`vedette_engine::Engine::forget`]) and every exchange of theirs. Blocks.
///
/// The rows that wait in the journal go to the lake first. Then the actor is removed from what was learned, one snapshot
/// is written in place of all, the journal is removed, and the lake is rewritten and searched again.
///
/// # Errors
/// See [`EraseError`].
pub fn erase(setup: Setup, identifier: &Identifier, runtime: &Handle) -> Result<(Vec<String>, Erased), EraseError> {
    let lake = Arc::clone(&setup.lake);
    let (asks, _asked) = std::sync::mpsc::sync_channel(1);
    let recovered = Recovered::open(setup, asks, runtime).map_err(EraseError::Open)?;
    let Recovered { learner, snapshots, journal, disk, tail, shared, results_file, troubles, .. } = recovered;
    drop(journal);
    if let Some(trouble) = troubles.first() {
        return Err(EraseError::Unreadable(trouble.clone()));
    }
    let mut learned = learner.learned;
    let labels = shared.labels();
    let view = view_of(learned.clone(), &labels, &[]);
    runtime.block_on(flush(&tail, &lake, &view)).map_err(EraseError::Lake)?;
    let actors = learned.engine.forget(identifier);
    let snapshot = |error: SnapshotError| EraseError::Open(folder_error(error));
    let kept = snapshots.encode(&learned).map_err(snapshot)?;
    snapshots.write(learned.number, &kept).map_err(snapshot)?;
    snapshots.keep_only(1);
    journal::purge(&*disk).map_err(EraseError::Left)?;
    let mut detections = kept_detections(&results_file);
    detections.retain(|one| !actors.contains(&one.actor.id) && !one.actor.identifiers.contains(identifier));
    keep_results(&results_file, &view_of(learned, &labels, &detections).results).map_err(EraseError::Left)?;
    let client_ips = if identifier.kind == "ip" { identifier.value.parse().into_iter().collect() } else { Vec::new() };
    let subject = Subject { actors: actors.clone(), client_ips };
    let erased = runtime.block_on(lake.erase(&subject, wall_clock())).map_err(EraseError::Lake)?;
    Ok((actors, erased))
}

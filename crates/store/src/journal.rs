//! The journal: what was acknowledged is on disk (invariant 6).
//!
//! Entries are opaque bytes. One thread writes them: it takes what waits, writes it as one frame, makes it durable with
//! one `fdatasync`, and only then hands each entry on with its number (group commit). Numbers count from 1 without
//! gaps. A crash loses at most what was never handed on.
//!
//! Segments are compressed and encrypted, since raw exchanges hold secrets, and are removed once what they hold is in
//! the lake and in a snapshot ([`Journal::release`]). A segment whose write failed is given up, and the next one says
//! with its first number what of it counts: **entries at or above the first number of the next segment do not count.**

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::{self, JoinHandle};

use thiserror::Error;
use vedette_model::limits::{JOURNAL_ENTRIES_WAITING_MAX, JOURNAL_SEGMENT_BYTES};

pub use self::disk::{Appender, Disk, Folder};
pub use self::replay::{Lost, Replay};
use self::segment::{End, Frames};
use self::writer::Writer;

mod disk;
mod replay;
mod segment;
#[cfg(test)]
mod tests;
mod writer;

/// Something that can be written down.
pub trait Entry: Send + 'static {
    /// Appends the bytes that a replay gives back.
    fn write_to(&self, out: &mut Vec<u8>);
    /// About how many bytes that will be.
    fn bytes(&self) -> usize;
}

/// Why an entry was not taken.
#[derive(Debug, Error)]
pub enum JournalError {
    /// Too much waits to be written, or to be released. Come back later.
    #[error("the journal is full")]
    Full,
    /// The entry is larger than a frame may be.
    #[error("an entry of {bytes} bytes is too large for the journal")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The disk refused. What was not acknowledged is not there.
    #[error("writing the journal failed")]
    Disk(#[source] io::Error),
    /// The journal is closing.
    #[error("the journal is closed")]
    Closed,
}

/// Where the entries go once they are durable, or back when they could not be written.
pub trait Receiver<E>: Send + 'static {
    /// The entry with this number is durable. Called in the order of numbers. May block: that holds writing up.
    fn durable(&mut self, number: u64, entry: E);
    /// The entry was not written.
    fn refused(&mut self, entry: E, error: JournalError);
}

/// Bounds of a journal.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// A segment ends when it has reached this size, in bytes.
    pub segment_bytes: u64,
    /// Bytes that may wait for release before entries are refused as [`JournalError::Full`].
    pub bytes_max: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { segment_bytes: JOURNAL_SEGMENT_BYTES, bytes_max: vedette_model::limits::JOURNAL_BYTES_MAX }
    }
}

/// An open journal. Closes, after writing what waits, when dropped.
pub struct Journal<E> {
    /// Gone when it is closed.
    sender: RwLock<Option<SyncSender<E>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    shared: Arc<Shared>,
    key: [u8; 32],
    options: Options,
}

/// What the writer and the others both look at.
pub(in crate::journal) struct Shared {
    disk: Arc<dyn Disk>,
    state: Mutex<State>,
}

#[derive(Default)]
pub(in crate::journal) struct State {
    segments: VecDeque<Segment>,
    /// Number of the last durable entry.
    last: u64,
    next_ordinal: u64,
    /// Why the last write failed, until one succeeds.
    trouble: Option<String>,
}

#[derive(Clone, Debug)]
struct Segment {
    name: String,
    /// Number of its first entry.
    first: u64,
    bytes: u64,
}

impl Shared {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E: Entry> Journal<E> {
    /// Opens a journal: reads its last segment to find where it ends, and writes behind that, into a new segment.
    /// `after` is the last number that is known from elsewhere (a snapshot, the lake): numbers go on behind it even when
    /// the journal's own files are gone.
    ///
    /// # Errors
    /// When the folder or its last segment cannot be read.
    pub fn open(
        disk: Arc<dyn Disk>,
        key: [u8; 32],
        options: Options,
        after: u64,
        receiver: impl Receiver<E>,
    ) -> Result<Self, JournalError> {
        let mut state = scan(&*disk, &key).map_err(JournalError::Disk)?;
        state.last = state.last.max(after);
        let shared = Arc::new(Shared { disk, state: Mutex::new(state) });
        let (sender, entries) = sync_channel(JOURNAL_ENTRIES_WAITING_MAX);
        let writer = Writer::new(Arc::clone(&shared), key, options, receiver);
        let writer = thread::Builder::new()
            .name("vedette-journal".to_owned())
            .spawn(move || writer.run(&entries))
            .map_err(JournalError::Disk)?;
        let (sender, writer) = (RwLock::new(Some(sender)), Mutex::new(Some(writer)));
        Ok(Self { sender, writer, shared, key, options })
    }

    /// Takes an entry to be written; the receiver is told when it is durable. Never blocks.
    ///
    /// # Errors
    /// Gives the entry back when it cannot be taken now.
    pub fn append(&self, entry: E) -> Result<(), (E, JournalError)> {
        let bytes = entry.bytes();
        if bytes >= segment::FRAME_BYTES_MAX / 2 {
            return Err((entry, JournalError::TooLarge { bytes }));
        }
        if self.bytes() >= self.options.bytes_max {
            return Err((entry, JournalError::Full));
        }
        let sender = self.sender.read().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = sender.as_ref() else { return Err((entry, JournalError::Closed)) };
        sender.try_send(entry).map_err(|error| match error {
            TrySendError::Full(entry) => (entry, JournalError::Full),
            TrySendError::Disconnected(entry) => (entry, JournalError::Closed),
        })
    }

    /// Number of the last durable entry, 0 when there was none.
    pub fn last(&self) -> u64 {
        self.shared.state().last
    }

    /// Bytes on disk that wait for release.
    pub fn bytes(&self) -> u64 {
        self.shared.state().segments.iter().map(|segment| segment.bytes).sum()
    }

    /// Why the last write failed, until one succeeds.
    pub fn trouble(&self) -> Option<String> {
        self.shared.state().trouble.clone()
    }

    /// Everything durable behind number `after`, in order, as of now.
    pub fn replay(&self, after: u64) -> Replay {
        let state = self.shared.state();
        Replay::new(Arc::clone(&self.shared.disk), self.key, &state.segments, after, state.last)
    }

    /// Removes the segments that hold nothing behind number `through`.
    pub fn release(&self, through: u64) {
        let mut state = self.shared.state();
        while state.segments.get(1).is_some_and(|next| next.first <= through + 1) {
            let Some(segment) = state.segments.front() else { return };
            if let Err(error) = self.shared.disk.remove(&segment.name)
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(%error, segment = %segment.name, "removing a journal segment failed");
                return;
            }
            state.segments.pop_front();
        }
    }
}

impl<E> Journal<E> {
    /// Takes no more entries; returns when those that were taken are durable and handed on, or were refused. The folder
    /// can then be opened anew. Blocks.
    pub fn close(&self) {
        drop(self.sender.write().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(writer) = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A panic there was reported already.
            let _ = writer.join();
        }
    }
}

impl<E> Drop for Journal<E> {
    fn drop(&mut self) {
        self.close();
    }
}

/// Removes every segment of a journal that nobody has open: what it holds is elsewhere, or is to be forgotten.
///
/// # Errors
/// When the folder cannot be listed or a file not removed.
pub fn purge(disk: &dyn Disk) -> io::Result<()> {
    for name in disk.list()?.iter().filter(|name| parse_name(name).is_some()) {
        disk.remove(name)?;
    }
    Ok(())
}

fn name_of(ordinal: u64, first: u64) -> String {
    format!("{ordinal:010}-{first:020}.vj")
}

fn parse_name(name: &str) -> Option<(u64, u64)> {
    let (ordinal, first) = name.strip_suffix(".vj")?.split_once('-')?;
    Some((ordinal.parse().ok()?, first.parse().ok()?))
}

/// Finds the segments, and where the last one ends.
fn scan(disk: &dyn Disk, key: &[u8; 32]) -> io::Result<State> {
    let mut found: Vec<(u64, u64, String)> = Vec::new();
    for name in disk.list()? {
        if let Some((ordinal, first)) = parse_name(&name) {
            found.push((ordinal, first, name));
        }
    }
    found.sort_unstable();
    let mut state = State { next_ordinal: found.last().map_or(0, |(ordinal, ..)| ordinal + 1), ..State::default() };
    for (at, (_, first, name)) in found.iter().enumerate() {
        let content = disk.read(name)?;
        let is_last = at + 1 == found.len();
        if is_last {
            // What can be read counts from now on, also when nobody was told of it: it must not vanish later.
            disk.sync(name)?;
            let (last, end) = last_of(&content, key);
            if let End::Torn { at } = end
                && content.len() > at
            {
                tracing::info!(segment = %name, bytes = content.len() - at, "the journal ends with a write that was cut off");
            }
            state.last = last.unwrap_or(first - 1);
        }
        state.segments.push_back(Segment { name: name.clone(), first: *first, bytes: content.len() as u64 });
    }
    Ok(state)
}

/// Number of the last entry that can be read in a segment.
fn last_of(content: &[u8], key: &[u8; 32]) -> (Option<u64>, End) {
    let mut frames = Frames::new(content, key);
    let mut last = None;
    loop {
        while let Some(frame) = frames.next(content) {
            last = Some(frame.first + u64::from(frame.count).saturating_sub(1));
        }
        let end = frames.end(content);
        match frames.resume(content) {
            Some(frame) => last = Some(frame.first + u64::from(frame.count).saturating_sub(1)),
            None => return (last, end),
        }
    }
}

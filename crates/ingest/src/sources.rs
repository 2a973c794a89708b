//! What the user named, as one stream of batches.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use vedette_model::Timestamp;
use vedette_model::limits::{HEAD_BYTES, READ_BYTES, UNKNOWN_BYTES_MAX};
use vedette_model::results;
use vedette_parse::capture::{self, KeyLog};
use vedette_parse::decode::{Decoder, Framing};

use crate::batch::{Batch, Record, Records};
use crate::format::{Format, Sniffed, sniff};
use crate::input::{Input, explain};
use crate::split::Splitter;
use crate::tally::unread;

mod active;
mod names;
mod walk;

pub(crate) use names::no_traffic;

use active::Active;

/// How sources are opened.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Format of all sources, instead of recognizing it (`--format`, `--log-format`, a field mapping). For HAR, lines
    /// and documents are still told apart.
    pub decoder: Option<Decoder>,
    /// Opens the TLS connections of packet captures (`--keylog`).
    pub keys: Option<Arc<KeyLog>>,
}

/// All sources of a run, read one after the other in order of their first time.
pub struct Sources {
    waiting: std::vec::IntoIter<Waiting>,
    active: Option<Active>,
    next_source: u32,
    options: Options,
    position: Arc<AtomicU64>,
    total_bytes: Option<u64>,
    ledger: Ledger,
    notes: Vec<String>,
    chunk: Vec<u8>,
}

/// What is known of the sources so far, as `results::Source` without the counts that the [`Reader`](crate::Reader)s
/// keep. Shared: it can be read while a source blocks.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<Vec<results::Source>>>);

/// A source that was looked at and is not read yet.
struct Waiting {
    name: String,
    origin: Origin,
    format: Arc<Format>,
    first_at: Option<Timestamp>,
    compression: Option<&'static str>,
}

enum Origin {
    /// Opened again when its turn comes, so that a thousand files are not open at once.
    Path(PathBuf),
    /// A stream that can be read only once, with its head put back in front.
    Stream(Box<dyn Read + Send>),
}

impl Sources {
    /// Finds and looks at everything in `paths`: files, folders (all files below, hidden and other than traffic left
    /// out), `-` for standard input. Blocks until the head of each stream is there. What cannot be read becomes a
    /// problem of its source.
    pub fn open(paths: &[PathBuf], options: Options) -> Self {
        let walk::Found { items, failed, notes } = walk::find(paths);
        let position = Arc::new(AtomicU64::new(0));
        let mut described: Vec<results::Source> =
            failed.into_iter().map(|(name, problem)| unread(name, problem)).collect();
        let mut waiting = Vec::new();
        let mut total_bytes = Some(0_u64);
        for item in items {
            let size = item.bytes;
            match look(item, options.decoder.as_ref(), &position) {
                Ok(source) => {
                    total_bytes = total_bytes.zip(size).map(|(total, size)| total + size);
                    waiting.push(source);
                }
                Err((name, problem)) => described.push(unread(name, problem)),
            }
        }
        waiting.sort_by(|a, b| {
            let unknown_last = |at: Option<Timestamp>| (at.is_none(), at);
            unknown_last(a.first_at).cmp(&unknown_last(b.first_at)).then_with(|| names::natural_order(&a.name, &b.name))
        });
        // What is not read stands behind what is.
        let read: Vec<results::Source> = waiting.iter().map(Waiting::describe).collect();
        described.splice(0..0, read);
        Self {
            waiting: waiting.into_iter(),
            active: None,
            next_source: 0,
            options,
            position,
            total_bytes,
            ledger: Ledger(Arc::new(Mutex::new(described))),
            notes,
            chunk: vec![0; READ_BYTES],
        }
    }

    /// The next batch, or `None` when all sources are read. `records` are buffers to use again.
    pub fn next(&mut self, mut records: Records) -> Option<Batch> {
        records.clear();
        loop {
            if self.active.is_none() {
                let waiting = self.waiting.next()?;
                self.start(waiting);
            }
            let Some(active) = self.active.as_mut() else { continue };
            let batch = active.fill(records, &mut self.chunk, &self.options, &self.ledger);
            if active.is_done() {
                self.active = None;
            }
            match batch {
                Ok(batch) => return Some(batch),
                Err(unused) => records = unused,
            }
        }
    }

    fn start(&mut self, waiting: Waiting) {
        let source = self.next_source;
        self.next_source += 1;
        match Active::start(waiting, source, &self.position, self.options.keys.as_ref()) {
            Ok(active) => self.active = Some(active),
            Err(problem) => self.ledger.update(source, |s| s.problems.push(problem)),
        }
    }

    /// Bytes on disk of all sources, when all are files; compressed ones count as they are.
    pub fn total_bytes(&self) -> Option<u64> {
        self.total_bytes
    }

    /// Bytes read so far, comparable to [`Sources::total_bytes`]; moves while a batch is read.
    pub fn position(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.position)
    }

    /// What is known of the sources, in the order of [`Batch::source`]; sources that are not read stand at the end.
    pub fn ledger(&self) -> Ledger {
        self.ledger.clone()
    }

    /// What was left out, for the user (`12 files left out: 10 hidden, 2 images`).
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Ledger {
    /// The sources as far as they were read.
    pub fn sources(&self) -> Vec<results::Source> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn update(&self, source: u32, change: impl FnOnce(&mut results::Source)) {
        let mut sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(source) = sources.get_mut(source as usize) {
            change(source);
        }
    }
}

impl Waiting {
    fn describe(&self) -> results::Source {
        results::Source {
            name: self.name.clone(),
            format: self.format.id().to_owned(),
            format_reason: self.format.reason.clone(),
            compression: self.compression.map(str::to_owned),
            ..results::Source::default()
        }
    }
}

/// Reads the head of an item, recognizes its format and its first time. Fails with name and problem.
fn look(item: walk::Item, forced: Option<&Decoder>, position: &Arc<AtomicU64>) -> Result<Waiting, (String, String)> {
    let walk::Item { name, path, bytes } = item;
    let is_stream = bytes.is_none();
    let fail = |problem: String| (name.clone(), problem);
    let mut input = match &path {
        Some(path) => {
            let counter = if is_stream { Arc::clone(position) } else { Arc::default() };
            Input::new(open(path).map_err(|error| fail(explain(&error, None)))?, counter)
        }
        None => Input::new(io::stdin(), Arc::clone(position)),
    }
    .map_err(fail)?;
    let (head, outcome) = input.read_head(HEAD_BYTES);
    if let (true, Err(error)) = (head.is_empty(), &outcome) {
        return Err(fail(explain(error, input.compression)));
    }
    let format = match sniff(&head, head.len() < HEAD_BYTES, forced) {
        Sniffed::Format(format) => Arc::new(format),
        Sniffed::Empty => return Err(fail("it is empty".to_owned())),
        Sniffed::Refused(problem) => return Err(fail(problem)),
    };
    let first_at = first_time(&head, &format);
    let compression = input.compression;
    let origin = match path {
        Some(path) if !is_stream => Origin::Path(path),
        _ => Origin::Stream(Box::new(Cursor::new(head).chain(Ended { inner: input, error: outcome.err() }))),
    };
    Ok(Waiting { name, origin, format, first_at, compression })
}

/// Opens a file for reading. Does not wait for a writer: named pipes were refused before.
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// The time of the first record of the head that has one.
fn first_time(head: &[u8], format: &Arc<Format>) -> Option<Timestamp> {
    let decoder = format.decoder.as_ref()?;
    if format.framing == Framing::Packets {
        return capture::first_time(head);
    }
    let mut splitter = Splitter::new(format.framing, format.record_bytes_max(), None);
    let mut records = Records::default();
    splitter.feed(head, &mut records);
    let batch = Batch { source: 0, first_record: 0, format: Arc::clone(format), records };
    batch.records().find_map(|Record { text, .. }| decoder.decode(&text).ok()??.at)
}

/// A stream whose head met an error already: the error comes again where it came.
struct Ended {
    inner: Input,
    error: Option<io::Error>,
}

impl Read for Ended {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.error.take().map_or_else(|| self.inner.read(buffer), Err)
    }
}

/// True once so much of a source without format was read that it is no traffic.
fn is_hopeless(bytes: u64) -> bool {
    bytes > UNKNOWN_BYTES_MAX
}

//! Cuts a stream of bytes into records, whatever the sizes of the reads.

use std::sync::Arc;

use vedette_model::limits::EVIDENCE_MAX;
use vedette_parse::capture::KeyLog;
use vedette_parse::decode::Framing;

use crate::batch::Records;

pub(crate) mod captures;
pub(crate) mod document;
#[doc(hidden)]
pub mod fuzz;
pub(crate) mod lines;

/// Bytes kept of a record that was too long.
const PREFIX_BYTES: usize = 256;

/// One stream's splitter.
#[derive(Debug)]
pub(crate) enum Splitter {
    /// One record per line.
    Lines(lines::Lines),
    /// JSON values in arrays or one after the other.
    Document(document::Document),
    /// Exchanges in packets.
    Captures(Box<captures::Captures>),
}

/// Records that were longer than the limit: skipped, counted, the first few kept as prefixes.
#[derive(Debug, Default)]
pub(crate) struct TooLong {
    pub(crate) count: u64,
    /// Record number and beginning.
    pub(crate) samples: Vec<(u64, Vec<u8>)>,
}

impl Splitter {
    /// `keys` open the TLS connections of a capture.
    pub(crate) fn new(framing: Framing, record_bytes_max: usize, keys: Option<&Arc<KeyLog>>) -> Self {
        match framing {
            Framing::Lines => Self::Lines(lines::Lines::new(record_bytes_max)),
            Framing::HarDocument => Self::Document(document::Document::new(record_bytes_max)),
            Framing::Packets => Self::Captures(Box::new(captures::Captures::new(keys.cloned()))),
        }
    }

    /// Takes bytes until they are used up or `out` is full; returns how many.
    pub(crate) fn feed(&mut self, chunk: &[u8], out: &mut Records) -> usize {
        match self {
            Self::Lines(lines) => lines.feed(chunk, out),
            Self::Document(document) => document.feed(chunk, out),
            Self::Captures(captures) => captures.feed(chunk, out),
        }
    }

    /// Tells that nothing follows.
    pub(crate) fn finish(&mut self, out: &mut Records) {
        match self {
            Self::Lines(lines) => lines.finish(out),
            Self::Document(document) => document.finish(out),
            Self::Captures(captures) => captures.finish(out),
        }
    }

    /// Records that were too long so far.
    pub(crate) fn too_long(&self) -> &TooLong {
        match self {
            Self::Lines(lines) => &lines.too_long,
            Self::Document(document) => &document.too_long,
            Self::Captures(captures) => &captures.too_long,
        }
    }
}

impl TooLong {
    fn note(&mut self, record: u64, prefix: Vec<u8>) {
        self.count += 1;
        if self.samples.len() < EVIDENCE_MAX {
            self.samples.push((record, prefix));
        }
    }
}

//! Exchanges out of packets. A record is complete when its exchange is, so nothing is ever partial.

use std::sync::Arc;

use vedette_model::limits::BATCH_BYTES;
use vedette_parse::capture::{Capture, Finished, KeyLog};

use super::TooLong;
use crate::batch::Records;

/// Reads a capture.
#[derive(Debug)]
pub(crate) struct Captures {
    pub(crate) capture: Capture,
    finished: Finished,
    /// Bodies are bounded by the capture itself.
    pub(crate) too_long: TooLong,
}

impl Captures {
    pub(crate) fn new(keys: Option<Arc<KeyLog>>) -> Self {
        Self { capture: Capture::new(keys), finished: Finished::default(), too_long: TooLong::default() }
    }

    /// Takes bytes until they are used up or `out` is full; returns how many.
    pub(crate) fn feed(&mut self, chunk: &[u8], out: &mut Records) -> usize {
        let room = BATCH_BYTES.saturating_sub(out.bytes.len());
        let used = self.capture.feed(chunk, &mut self.finished, room);
        self.hand_over(out);
        used
    }

    /// Ends what is unfinished.
    pub(crate) fn finish(&mut self, out: &mut Records) {
        self.capture.finish(&mut self.finished);
        self.hand_over(out);
    }

    fn hand_over(&mut self, out: &mut Records) {
        for record in self.finished.iter() {
            out.bytes.extend_from_slice(record);
            out.end();
        }
        self.finished.clear();
    }
}

//! One record per line. Blank lines are records, so that record numbers are line numbers.

use memchr::{memchr, memchr_iter, memrchr};

use super::{PREFIX_BYTES, TooLong};
use crate::batch::Records;

/// Cuts at line feeds.
#[derive(Debug)]
pub(crate) struct Lines {
    line_bytes_max: usize,
    /// Inside a line that is too long: waiting for its end.
    skipping: bool,
    /// Lines ended so far.
    ended: u64,
    pub(crate) too_long: TooLong,
}

impl Lines {
    pub(crate) fn new(line_bytes_max: usize) -> Self {
        Self { line_bytes_max, skipping: false, ended: 0, too_long: TooLong::default() }
    }

    /// Takes bytes until they are used up or `out` is full; returns how many.
    pub(crate) fn feed(&mut self, chunk: &[u8], out: &mut Records) -> usize {
        let mut taken = 0;
        // In a piece no longer than the limit only the first line, begun before it, can be too long.
        for piece in chunk.chunks(self.line_bytes_max) {
            if out.is_full() {
                break;
            }
            taken += self.piece(piece, out);
        }
        taken
    }

    fn piece(&mut self, piece: &[u8], out: &mut Records) -> usize {
        let Some(first) = memchr(b'\n', piece) else {
            if !self.skipping {
                if out.partial().len() + piece.len() > self.line_bytes_max {
                    self.skip(piece, out);
                } else {
                    out.bytes.extend_from_slice(piece);
                }
            }
            return piece.len();
        };
        let mut rest = piece;
        if !self.skipping && out.partial().len() + first > self.line_bytes_max {
            self.skip(piece, out);
        }
        if self.skipping {
            self.skipping = false;
            rest = piece.get(first..).unwrap_or_default();
        }
        let last = memrchr(b'\n', rest).map_or(0, |at| at + 1);
        let before = out.bytes.len();
        out.bytes.extend_from_slice(rest);
        out.complete = before + last;
        let count = memchr_iter(b'\n', rest).count() as u64;
        out.count += count;
        self.ended += count;
        piece.len()
    }

    fn skip(&mut self, piece: &[u8], out: &mut Records) {
        let prefix = out.partial().iter().chain(piece).take(PREFIX_BYTES).copied().collect();
        self.too_long.note(self.ended, prefix);
        out.drop_partial();
        self.skipping = true;
    }

    /// Ends the last line, which may lack its line feed.
    pub(crate) fn finish(&mut self, out: &mut Records) {
        if self.skipping || !out.partial().is_empty() {
            out.bytes.push(b'\n');
            out.complete = out.bytes.len();
            out.count += 1;
            self.ended += 1;
            self.skipping = false;
        }
    }
}

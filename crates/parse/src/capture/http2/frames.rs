//! Where frames begin and end. Bodies pass through in pieces, header blocks are collected, the rest is skipped.

use vedette_model::limits::CAPTURE_HEAD_BYTES_MAX;

use super::{CONTINUATION, DATA, END_STREAM, HEADERS, PADDED, PREFACE, PUSH_PROMISE, RST_STREAM};
use crate::capture::cursor::Cursor;

const HEADER_BYTES: usize = 9;

/// A frame's header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
}

/// What some bytes came to.
#[derive(Debug)]
pub(super) enum Piece {
    None,
    /// A frame with its payload.
    Whole(Frame, Vec<u8>),
    /// The bytes taken are of a body, but for the last `padding` of them.
    Data {
        stream: u32,
        is_end: bool,
        padding: usize,
    },
    /// No frame begins here.
    Broken,
}

/// The frames of one side.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// Bytes of the preface that were seen.
    preface: usize,
    /// A header, or a payload that is collected.
    buffer: Vec<u8>,
    frame: Option<Frame>,
    /// Bytes of the frame to come, and how many of them are padding at its end.
    left: usize,
    padding: usize,
    /// The length of the padding comes next.
    wants_padding: bool,
}

impl Frames {
    /// Takes bytes; returns how many, at least one, and what they came to.
    pub(super) fn advance(&mut self, bytes: &[u8], has_preface: bool) -> (usize, Piece) {
        let Some(frame) = self.frame else {
            return match bytes.first() {
                Some(first) if has_preface && self.preface < PREFACE.len() => {
                    let is_next = PREFACE.get(self.preface) == Some(first);
                    self.preface += 1;
                    (1, if is_next { Piece::None } else { Piece::Broken })
                }
                _ => self.header(bytes),
            };
        };
        if self.wants_padding {
            self.wants_padding = false;
            self.padding = bytes.first().map_or(0, |padding| usize::from(*padding));
            self.left = self.left.saturating_sub(1);
            if self.padding > self.left {
                return (1, Piece::Broken);
            }
            return (1, self.end_of_data(frame, 1));
        }
        let count = bytes.len().min(self.left);
        let before = self.left.saturating_sub(self.padding);
        self.left -= count;
        match frame.kind {
            DATA => (count, self.end_of_data(frame, count.saturating_sub(before))),
            HEADERS | PUSH_PROMISE | CONTINUATION | RST_STREAM => {
                self.buffer.extend_from_slice(bytes.get(..count).unwrap_or_default());
                (count, if self.left == 0 { self.whole(frame) } else { Piece::None })
            }
            _ => {
                if self.left == 0 {
                    self.frame = None;
                }
                (count, Piece::None)
            }
        }
    }

    fn end_of_data(&mut self, frame: Frame, padding: usize) -> Piece {
        let is_over = self.left == 0;
        if is_over {
            self.frame = None;
        }
        Piece::Data { stream: frame.stream, is_end: is_over && frame.flags & END_STREAM != 0, padding }
    }

    fn whole(&mut self, frame: Frame) -> Piece {
        self.frame = None;
        Piece::Whole(frame, std::mem::take(&mut self.buffer))
    }

    fn header(&mut self, bytes: &[u8]) -> (usize, Piece) {
        let count = bytes.len().min(HEADER_BYTES - self.buffer.len().min(HEADER_BYTES));
        self.buffer.extend_from_slice(bytes.get(..count).unwrap_or_default());
        let mut cursor = Cursor(&self.buffer);
        let (Some(length), Some(kind), Some(flags), Some(stream)) =
            (cursor.u24(), cursor.u8(), cursor.u8(), cursor.u32())
        else {
            return (count, Piece::None);
        };
        self.buffer.clear();
        let frame = Frame { kind, flags, stream: stream & 0x7fff_ffff };
        self.left = length as usize;
        self.padding = 0;
        self.frame = Some(frame);
        let is_collected = matches!(kind, HEADERS | PUSH_PROMISE | CONTINUATION | RST_STREAM);
        if is_collected && self.left > CAPTURE_HEAD_BYTES_MAX {
            return (count, Piece::Broken);
        }
        self.wants_padding = kind == DATA && flags & PADDED != 0;
        if self.left > 0 {
            return (count, Piece::None);
        }
        // A payload of nothing: no byte of it will come.
        match kind {
            DATA if self.wants_padding => (count, Piece::Broken),
            // The bytes taken are the frame's header: all of them count as padding.
            DATA => (count, self.end_of_data(frame, count)),
            _ if is_collected => (count, self.whole(frame)),
            _ => {
                self.frame = None;
                (count, Piece::None)
            }
        }
    }

    /// Skips bytes that are missing. Returns the stream, and whether it ends there, when they are inside of a body;
    /// `None` when more is lost than that.
    pub(super) fn gap(&mut self, missing: u64) -> Option<(u32, bool)> {
        let frame = self.frame.filter(|frame| frame.kind == DATA && !self.wants_padding)?;
        let left = usize::try_from(missing).ok().and_then(|missing| self.left.checked_sub(missing))?;
        self.left = left;
        let Piece::Data { stream, is_end, .. } = self.end_of_data(frame, 0) else { return None };
        Some((stream, is_end))
    }

    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        self.buffer.capacity()
    }
}

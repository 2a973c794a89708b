//! One direction of a TCP connection: segments in any order become bytes in theirs.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use vedette_model::limits::{CAPTURE_WAITING_BYTES_MAX, CAPTURE_WAITING_PIECES_MAX, CAPTURE_WINDOW_BYTES_MAX};
use vedette_model::results::Loss;

/// A direction. Places are sequence numbers that do not wrap: the first one seen plus 2³².
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// Place of the next byte to hand on; `None` until it is known where the stream begins.
    pub(super) next: Option<u64>,
    /// Where it began, when that was seen.
    pub(super) began: Option<u64>,
    /// Place past the last byte, once its end was seen.
    pub(super) end: Option<u64>,
    /// The end was handed on.
    pub(super) ended: bool,
    /// Up to where the other side has confirmed it.
    pub(super) confirmed: Option<u64>,
    /// The lowest place that the other side has confirmed: what follows it should be here.
    pub(super) confirmed_first: Option<u64>,
    /// Since when the first piece that waits could not be handed on.
    pub(super) stalled_since: Option<i64>,
    waiting: BTreeMap<u64, Piece>,
    waiting_bytes: usize,
}

/// Bytes that wait for those before them, or for those of the other side that their sender had got before.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) bytes: Vec<u8>,
    pub(super) acknowledged: Option<u32>,
    pub(super) at: i64,
}

impl Stream {
    /// The place of a sequence number, near to what is known of the stream.
    pub(super) fn place(&self, sequence: u32) -> u64 {
        let near = self.next.or_else(|| self.first()).unwrap_or(1 << 32 | u64::from(sequence));
        let distance = sequence.wrapping_sub(near as u32).cast_signed();
        near.saturating_add_signed(distance.into())
    }

    /// Place of the first piece that waits.
    pub(super) fn first(&self) -> Option<u64> {
        self.waiting.first_key_value().map(|(at, _)| *at)
    }

    /// What the sender of the first piece had got of the other side.
    pub(super) fn first_acknowledged(&self) -> Option<u32> {
        self.waiting.first_key_value().and_then(|(_, piece)| piece.acknowledged)
    }

    /// Lets the first piece be handed on whatever its sender had got.
    pub(super) fn free_first(&mut self) {
        if let Some(mut first) = self.waiting.first_entry() {
            first.get_mut().acknowledged = None;
        }
    }

    /// Leaves the first piece out.
    pub(super) fn drop_first(&mut self) {
        if let Some((_, piece)) = self.waiting.pop_first() {
            self.waiting_bytes -= piece.bytes.len();
        }
    }

    /// True when the other side's sender of `acknowledged` had got bytes that are not handed on yet.
    pub(super) fn is_behind(&self, acknowledged: Option<u32>) -> bool {
        let place = self.next.or_else(|| self.first());
        acknowledged.zip(place).is_some_and(|(sequence, place)| self.place(sequence) > place)
    }

    /// Nothing waits.
    pub(super) fn is_calm(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        self.waiting_bytes
    }

    /// More waits than may.
    pub(super) fn is_full(&self) -> bool {
        self.waiting_bytes > CAPTURE_WAITING_BYTES_MAX || self.waiting.len() > CAPTURE_WAITING_PIECES_MAX
    }

    /// Keeps the bytes of a segment that are new. Where it overlaps what waits, what came first stays.
    pub(super) fn insert(
        &mut self,
        mut start: u64,
        mut bytes: &[u8],
        acknowledged: Option<u32>,
        at: i64,
        loss: &mut Loss,
    ) {
        if let Some(next) = self.next {
            if start + bytes.len() as u64 <= next {
                loss.retransmitted += 1;
                return;
            }
            if start.saturating_sub(next) > CAPTURE_WINDOW_BYTES_MAX {
                loss.implausible += 1;
                return;
            }
            if start < next {
                loss.overlapping += 1;
                bytes = bytes.get((next - start) as usize..).unwrap_or_default();
                start = next;
            }
            if start == next && !self.waiting.is_empty() && !self.waiting.contains_key(&start) {
                loss.out_of_order += 1;
            }
        }
        let end = start + bytes.len() as u64;
        let (mut covered, mut conflicts, mut place) = (0, false, start);
        let mut fresh = Vec::new();
        let before = self.waiting.range(..start).next_back().map(|(at, _)| *at);
        for (piece_start, piece) in self.waiting.range(before.unwrap_or(start)..end) {
            let piece_end = piece_start + piece.bytes.len() as u64;
            let (from, to) = (place.max(*piece_start), end.min(piece_end));
            if from >= to {
                continue;
            }
            if from > place {
                fresh.push(place..from);
            }
            covered += to - from;
            let ours = bytes.get((from - start) as usize..(to - start) as usize);
            let theirs = piece.bytes.get((from - piece_start) as usize..(to - piece_start) as usize);
            conflicts |= ours != theirs;
            place = to;
        }
        if place < end {
            fresh.push(place..end);
        }
        loss.conflicting += u64::from(conflicts);
        if covered == end - start {
            loss.retransmitted += 1;
        } else if covered > 0 {
            loss.overlapping += 1;
        }
        for range in fresh {
            let part = bytes.get((range.start - start) as usize..(range.end - start) as usize).unwrap_or_default();
            self.waiting_bytes += part.len();
            self.waiting.insert(range.start, Piece { bytes: part.to_vec(), acknowledged, at });
        }
    }

    /// The first piece, when it is the next; `is_behind` tells whether it must wait for the other side.
    pub(super) fn take_ready(&mut self, is_behind: impl FnOnce(Option<u32>) -> bool) -> Option<Piece> {
        let first = self.waiting.first_entry()?;
        if Some(*first.key()) != self.next || is_behind(first.get().acknowledged) {
            return None;
        }
        let (start, piece) = first.remove_entry();
        self.waiting_bytes -= piece.bytes.len();
        self.next = Some(start + piece.bytes.len() as u64);
        self.stalled_since = None;
        Some(piece)
    }

    /// Where a stream begins whose beginning was not recorded: at the first piece, or where the other side had got to
    /// before it.
    pub(super) fn presumed_begin(&self) -> Option<u64> {
        let first = self.first()?;
        let confirmed = self.confirmed_first.filter(|at| *at < first && first - at < CAPTURE_WINDOW_BYTES_MAX);
        Some(confirmed.unwrap_or(first))
    }

    /// Forgets what lies before the beginning that was just learned.
    pub(super) fn begin(&mut self, next: u64) {
        self.next = Some(next);
        while let Some(first) = self.waiting.first_entry() {
            if *first.key() >= next {
                break;
            }
            let (start, mut piece) = first.remove_entry();
            self.waiting_bytes -= piece.bytes.len();
            let before = (next - start) as usize;
            if before < piece.bytes.len() {
                piece.bytes.drain(..before);
                let bytes = piece.bytes.len();
                if let Entry::Vacant(place) = self.waiting.entry(next) {
                    place.insert(piece);
                    self.waiting_bytes += bytes;
                }
            }
        }
    }
}

//! Reading the journal again.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use super::Segment;
use super::disk::Disk;
use super::segment::{Frame, Frames};

/// Entries of a journal in order.
pub struct Replay {
    disk: Arc<dyn Disk>,
    key: [u8; 32],
    /// Segments with the number at which they cease to count.
    segments: VecDeque<(Segment, u64)>,
    reading: Option<Reading>,
    ready: VecDeque<(u64, Vec<u8>)>,
    /// The next number that is due.
    due: u64,
    lost: Vec<Lost>,
}

/// A segment in memory.
struct Reading {
    content: Vec<u8>,
    frames: Frames,
    end: u64,
}

/// Entries that were acknowledged and cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Number of the first.
    pub first: u64,
    /// Number of the last.
    pub last: u64,
}

impl Replay {
    pub(super) fn new(disk: Arc<dyn Disk>, key: [u8; 32], segments: &VecDeque<Segment>, after: u64, last: u64) -> Self {
        let ends = segments.iter().skip(1).map(|segment| segment.first).chain([last + 1]);
        let mut ranges: Vec<(Segment, u64)> = segments.iter().cloned().zip(ends).collect();
        // A segment that was given up may be followed by several that begin before its end.
        let mut end = u64::MAX;
        for (_, own) in ranges.iter_mut().rev() {
            *own = (*own).min(end);
            end = *own;
        }
        let segments = ranges.into_iter().filter(|(segment, end)| segment.first < *end && *end > after + 1).collect();
        Self { disk, key, segments, reading: None, ready: VecDeque::new(), due: after + 1, lost: Vec::new() }
    }

    /// The next entry with its number.
    ///
    /// # Errors
    /// When a segment cannot be read at all; the next call goes on with the one behind it.
    pub fn next(&mut self) -> Option<io::Result<(u64, Vec<u8>)>> {
        loop {
            if let Some(entry) = self.ready.pop_front() {
                return Some(Ok(entry));
            }
            if let Some(mut reading) = self.reading.take() {
                let content = &reading.content;
                match reading.frames.next(content).or_else(|| reading.frames.resume(content)) {
                    Some(frame) => {
                        self.take(frame, reading.end);
                        self.reading = Some(reading);
                    }
                    None => self.miss(reading.end),
                }
                continue;
            }
            let (segment, end) = self.segments.pop_front()?;
            match self.disk.read(&segment.name) {
                Ok(content) => {
                    let frames = Frames::new(&content, &self.key);
                    self.reading = Some(Reading { content, frames, end });
                }
                Err(error) => {
                    self.miss(end);
                    return Some(Err(error));
                }
            }
        }
    }

    /// What could not be read so far. Nothing is lost silently.
    pub fn lost(&self) -> &[Lost] {
        &self.lost
    }

    fn take(&mut self, frame: Frame, end: u64) {
        self.miss(frame.first.min(end));
        for (number, entry) in frame.entries() {
            if number >= self.due && number < end {
                self.due = number + 1;
                self.ready.push_back((number, entry));
            }
        }
    }

    /// Notes what is missing before number `next`.
    fn miss(&mut self, next: u64) {
        if next > self.due {
            self.lost.push(Lost { first: self.due, last: next - 1 });
            self.due = next;
        }
    }
}

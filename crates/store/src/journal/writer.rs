//! The thread that writes.

use std::io;
use std::sync::Arc;
use std::sync::mpsc;

use vedette_model::limits::JOURNAL_GROUP_BYTES;

use super::disk::Appender;
use super::segment::{self, FrameWriter, push_entry};
use super::{Entry, JournalError, Options, Receiver, Segment, Shared, name_of};
use crate::keys;
use crate::seal::SALT_BYTES;

pub(super) struct Writer<R> {
    shared: Arc<Shared>,
    key: [u8; 32],
    options: Options,
    receiver: R,
    open: Option<Open>,
}

/// The segment that is being written.
struct Open {
    file: Box<dyn Appender>,
    frames: FrameWriter,
    bytes: u64,
}

impl<R> Writer<R> {
    pub(super) fn new(shared: Arc<Shared>, key: [u8; 32], options: Options, receiver: R) -> Self {
        Self { shared, key, options, receiver, open: None }
    }

    /// Writes until the senders are gone.
    pub(super) fn run<E: Entry>(mut self, entries: &mpsc::Receiver<E>)
    where
        R: Receiver<E>,
    {
        let mut group: Vec<E> = Vec::new();
        let mut plain: Vec<u8> = Vec::new();
        while let Ok(entry) = entries.recv() {
            group.push(entry);
            let mut bytes = group.last().map_or(0, Entry::bytes);
            while bytes < JOURNAL_GROUP_BYTES
                && let Ok(entry) = entries.try_recv()
            {
                bytes += entry.bytes();
                group.push(entry);
            }
            plain.clear();
            for entry in &group {
                push_entry(&mut plain, |out| entry.write_to(out));
            }
            self.commit(&mut group, &plain);
            if plain.capacity() > 4 * JOURNAL_GROUP_BYTES {
                plain = Vec::new();
            }
        }
    }

    fn commit<E: Entry>(&mut self, group: &mut Vec<E>, plain: &[u8])
    where
        R: Receiver<E>,
    {
        let first = self.shared.state().last + 1;
        match self.write(first, group.len() as u32, plain) {
            Ok(()) => {
                let mut state = self.shared.state();
                state.last = first + group.len() as u64 - 1;
                state.trouble = None;
                drop(state);
                for (number, entry) in (first..).zip(group.drain(..)) {
                    self.receiver.durable(number, entry);
                }
            }
            Err(error) => {
                // What was written of it does not count: the next segment begins with the same number.
                self.open = None;
                tracing::error!(%error, entries = group.len(), "writing the journal failed, nothing was acknowledged");
                self.shared.state().trouble = Some(error.to_string());
                for entry in group.drain(..) {
                    self.receiver.refused(entry, JournalError::Disk(io::Error::new(error.kind(), error.to_string())));
                }
            }
        }
    }

    fn write(&mut self, first: u64, count: u32, plain: &[u8]) -> io::Result<()> {
        if self.open.as_ref().is_none_or(|open| open.bytes >= self.options.segment_bytes) {
            self.open = None;
            self.open = Some(self.begin(first)?);
        }
        let Some(open) = self.open.as_mut() else { return Ok(()) };
        let frame = open.frames.frame(first, count, plain).ok_or_else(|| io::Error::other("sealing failed"))?;
        open.file.append(&frame)?;
        open.file.sync()?;
        open.bytes += frame.len() as u64;
        let mut state = self.shared.state();
        if let Some(segment) = state.segments.back_mut() {
            segment.bytes = open.bytes;
        }
        Ok(())
    }

    fn begin(&self, first: u64) -> io::Result<Open> {
        let salt: [u8; SALT_BYTES] = keys::random().map_err(io::Error::other)?;
        let ordinal = {
            let mut state = self.shared.state();
            state.next_ordinal += 1;
            state.next_ordinal - 1
        };
        let name = name_of(ordinal, first);
        let mut file = self.shared.disk.create(&name)?;
        let header = segment::header(&salt);
        let bytes = header.len() as u64;
        self.shared.state().segments.push_back(Segment { name, first, bytes });
        file.append(&header)?;
        let frames = FrameWriter::new(&self.key, &salt).ok_or_else(|| io::Error::other("no cipher"))?;
        Ok(Open { file, frames, bytes })
    }
}

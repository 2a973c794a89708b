//! Whole records on their way from a reader to a worker.

use std::borrow::Cow;
use std::sync::Arc;

use vedette_model::limits::BATCH_BYTES;

use vedette_parse::decode::Framing;

use crate::format::Format;

/// Records of one source, in order, with nothing cut.
#[derive(Debug)]
pub struct Batch {
    /// Index of the source.
    pub source: u32,
    /// Zero-based number of the first record in its source: line of a log, element of a HAR document.
    pub first_record: u64,
    /// How to read the records.
    pub format: Arc<Format>,
    pub(crate) records: Records,
}

/// One record.
#[derive(Debug)]
pub struct Record<'a> {
    /// Zero-based number in its source.
    pub number: u64,
    /// Its text without line end; owned when bytes that are not UTF-8 were replaced.
    pub text: Cow<'a, str>,
}

/// The buffers of a batch, to be filled again.
#[derive(Debug, Default)]
pub struct Records {
    /// Complete records, then the beginning of the next.
    pub(crate) bytes: Vec<u8>,
    /// Length of the complete records.
    pub(crate) complete: usize,
    /// Where records end, when that is not at line ends.
    pub(crate) ends: Option<Vec<usize>>,
    /// Complete records.
    pub(crate) count: u64,
}

impl Batch {
    /// Of whole records as [`Batch::into_bytes`] makes them: lines, of which the last may lack its end.
    pub fn whole(source: u32, first_record: u64, format: Arc<Format>, bytes: Vec<u8>) -> Self {
        if format.framing == Framing::Packets {
            return Self { source, first_record, format, records: measured(&bytes) };
        }
        let unended = usize::from(bytes.last().is_some_and(|last| *last != b'\n'));
        let count = memchr::memchr_iter(b'\n', &bytes).count() + unended;
        let records = Records { complete: bytes.len(), bytes, ends: None, count: count as u64 };
        Self { source, first_record, format, records }
    }

    /// The records as one piece that says by itself where each ends: a line each, or with their lengths where they are no
    /// text.
    pub fn into_bytes(mut self) -> Vec<u8> {
        let ends = self.records.ends.take();
        self.records.bytes.truncate(self.records.complete);
        let Some(ends) = ends else { return self.records.bytes };
        let is_text = self.format.framing != Framing::Packets;
        let mut out = Vec::with_capacity(self.records.complete + 4 * ends.len());
        let mut start = 0;
        for end in ends {
            let record = self.records.bytes.get(start..end).unwrap_or_default();
            if is_text {
                // A line break within a JSON value is white space.
                out.extend(record.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }));
                out.push(b'\n');
            } else {
                out.extend_from_slice(&(record.len() as u32).to_le_bytes());
                out.extend_from_slice(record);
            }
            start = end;
        }
        out
    }

    /// The records in order; a blank one stands for a blank line or for a record that was too long.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let bytes = self.records.bytes.get(..self.records.complete).unwrap_or_default();
        // Valid nearly always, and one check of a batch is much faster than one per record.
        let text = std::str::from_utf8(bytes).ok();
        let ends = self.records.ends.as_deref();
        let (mut start, mut index) = (0, 0);
        std::iter::from_fn(move || {
            let end = match ends {
                Some(ends) => *ends.get(index)?,
                None if start >= bytes.len() => return None,
                None => memchr::memchr(b'\n', bytes.get(start..)?).map_or(bytes.len(), |at| start + at + 1),
            };
            let number = self.first_record + index as u64;
            let record = match text.and_then(|text| text.get(start..end)) {
                Some(text) => Cow::Borrowed(text.strip_suffix('\n').unwrap_or(text)),
                None => String::from_utf8_lossy(bytes.get(start..end).map(|b| b.strip_suffix(b"\n").unwrap_or(b))?),
            };
            let record = match record {
                Cow::Borrowed(text) => Cow::Borrowed(text.strip_suffix('\r').unwrap_or(text)),
                owned @ Cow::Owned(_) => owned,
            };
            (start, index) = (end, index + 1);
            Some(Record { number, text: record })
        })
    }

    /// Numbers and bytes of the records, for formats that are no text.
    pub(crate) fn raw_records(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let ends = self.records.ends.as_deref().unwrap_or_default();
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let ranges = starts.zip(ends.iter().copied());
        (self.first_record..)
            .zip(ranges)
            .map(|(number, (start, end))| (number, self.records.bytes.get(start..end).unwrap_or_default()))
    }

    /// Leaves out the first records.
    pub(crate) fn drop_first(&mut self, count: u64) {
        let Some(last) = (count as usize).checked_sub(1) else { return };
        let ends = self.ends();
        let past = ends.get(last).copied().unwrap_or(self.records.complete);
        self.records.bytes.drain(..past);
        self.records.complete -= past;
        self.records.ends = Some(ends.into_iter().skip(last + 1).map(|end| end - past).collect());
        self.records.count = self.records.count.saturating_sub(count);
        self.first_record += count;
    }

    /// The records as bytes.
    fn content(&self) -> &[u8] {
        self.records.bytes.get(..self.records.complete).unwrap_or_default()
    }

    /// Where each record ends, its line end included.
    fn ends(&self) -> Vec<usize> {
        if let Some(ends) = &self.records.ends {
            return ends.clone();
        }
        let content = self.content();
        let mut ends: Vec<usize> = memchr::memchr_iter(b'\n', content).map(|at| at + 1).collect();
        if content.last().is_some_and(|last| *last != b'\n') {
            ends.push(content.len());
        }
        ends
    }

    /// Length in bytes.
    pub fn bytes(&self) -> usize {
        self.records.complete
    }

    /// Number of records, blank ones included.
    pub fn count(&self) -> u64 {
        self.records.count
    }

    /// The buffers, for [`Sources::next`](crate::Sources::next) to fill again.
    pub fn recycle(self) -> Records {
        self.records
    }
}

/// Records that stand behind their lengths; what is cut off is left out.
fn measured(bytes: &[u8]) -> Records {
    let mut records = Records { ends: Some(Vec::new()), ..Records::default() };
    let mut rest = bytes;
    while let Some((len, after)) = rest.split_first_chunk::<4>() {
        let Some((record, after)) = after.split_at_checked(u32::from_le_bytes(*len) as usize) else { break };
        records.bytes.extend_from_slice(record);
        records.end();
        rest = after;
    }
    records
}

impl Records {
    /// Empties the buffers; those that a huge record blew up are given back.
    pub(crate) fn clear(&mut self) {
        if self.bytes.capacity() > 4 * BATCH_BYTES {
            self.bytes = Vec::new();
        }
        self.bytes.clear();
        (self.complete, self.count, self.ends) = (0, 0, None);
    }

    /// Enough for one batch.
    pub(crate) fn is_full(&self) -> bool {
        self.complete >= BATCH_BYTES
    }

    /// Ends the record that is being written.
    pub(crate) fn end(&mut self) {
        self.complete = self.bytes.len();
        self.count += 1;
        self.ends.get_or_insert_default().push(self.complete);
    }

    /// Bytes of the record that is being written.
    pub(crate) fn partial(&self) -> &[u8] {
        self.bytes.get(self.complete..).unwrap_or_default()
    }

    /// Forgets the record that is being written.
    pub(crate) fn drop_partial(&mut self) {
        self.bytes.truncate(self.complete);
    }
}

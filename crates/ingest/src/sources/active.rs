//! The source that is being read.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use vedette_model::results::UnreadableSample;
use vedette_parse::capture::KeyLog;
use vedette_parse::decode::Framing;
use vedette_parse::redact;

use super::{Ledger, Options, Origin, Waiting, is_hopeless, open};
use crate::batch::{Batch, Records};
use crate::format::{Format, from_lines, lines};
use crate::input::{Input, explain};
use crate::split::Splitter;

/// A source with what is left of it.
pub(super) struct Active {
    source: u32,
    reader: Box<dyn Read + Send>,
    compression: Option<&'static str>,
    format: Arc<Format>,
    splitter: Splitter,
    /// Number of the next record.
    record: u64,
    /// The beginning of the record after the last batch.
    partial: Vec<u8>,
    /// Bytes of the last read that did not fit into the last batch.
    left: std::ops::Range<usize>,
    bytes: u64,
    too_long: u64,
    done: bool,
}

impl Active {
    /// Opens the source; fails with what to tell the user.
    pub(super) fn start(
        waiting: Waiting,
        source: u32,
        position: &Arc<AtomicU64>,
        keys: Option<&Arc<KeyLog>>,
    ) -> Result<Self, String> {
        let Waiting { origin, format, compression, .. } = waiting;
        let reader: Box<dyn Read + Send> = match origin {
            Origin::Path(path) => {
                let file = open(&path).map_err(|error| explain(&error, None))?;
                Box::new(Input::new(file, Arc::clone(position))?)
            }
            Origin::Stream(stream) => stream,
        };
        Ok(Self {
            source,
            reader,
            compression,
            splitter: Splitter::new(format.framing, format.record_bytes_max(), keys),
            format,
            record: 0,
            partial: Vec::new(),
            left: 0..0,
            bytes: 0,
            too_long: 0,
            done: false,
        })
    }

    /// True when nothing follows.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// Reads one batch. Gives the buffers back when there were no records left.
    pub(super) fn fill(
        &mut self,
        mut records: Records,
        chunk: &mut [u8],
        options: &Options,
        ledger: &Ledger,
    ) -> Result<Batch, Records> {
        records.bytes.append(&mut self.partial);
        let before = self.bytes;
        let mut problems = Vec::new();
        while !records.is_full() && !self.done {
            if self.left.is_empty() {
                match self.reader.read(chunk) {
                    Ok(0) => self.end(&mut records, &mut problems),
                    Ok(count) => {
                        self.left = 0..count;
                        self.bytes += count as u64;
                    }
                    Err(error) => {
                        problems.push(explain(&error, self.compression));
                        self.end(&mut records, &mut problems);
                    }
                }
            }
            let taken = self.splitter.feed(chunk.get(self.left.clone()).unwrap_or_default(), &mut records);
            self.left.start += taken;
        }
        self.partial.extend_from_slice(records.partial());
        records.drop_partial();
        if self.format.decoder.is_none() && options.decoder.is_none() {
            self.recognize(&records, ledger, &mut problems);
        }
        self.report(before, problems, ledger);
        if records.count == 0 {
            return Err(records);
        }
        let first_record = self.record;
        self.record += records.count;
        let batch = Batch { source: self.source, first_record, format: Arc::clone(&self.format), records };
        self.follow(&batch);
        Ok(batch)
    }

    /// Takes over columns that the batch named for what follows it (W3C logs).
    fn follow(&mut self, batch: &Batch) {
        let Some(decoder) = self.format.decoder.as_ref().filter(|decoder| decoder.has_directives()) else { return };
        let next = batch.records().filter_map(|record| decoder.after(&record.text)).last();
        if next.is_some() {
            self.format = Arc::new(Format { decoder: next, ..self.format.as_ref().clone() });
        }
    }

    fn end(&mut self, records: &mut Records, problems: &mut Vec<String>) {
        self.done = true;
        self.splitter.finish(records);
        if let Splitter::Captures(captures) = &self.splitter {
            problems.extend(captures.capture.problems(true));
        }
        if let Splitter::Document(document) = &self.splitter {
            if document.truncated() {
                problems.push(
                    "the JSON document ends in the middle, the records before were read; hint: record it again, or wait until it is written".to_owned(),
                );
            }
            if document.stray_bytes() > 0 {
                problems.push(format!("{} bytes between JSON values are no JSON", document.stray_bytes()));
            }
        }
    }

    /// Looks again for a format in a source that began with something else.
    fn recognize(&mut self, records: &Records, ledger: &Ledger, problems: &mut Vec<String>) {
        let text = String::from_utf8_lossy(records.bytes.get(..records.complete).unwrap_or_default());
        if let Some(found) = from_lines(&lines(&text, true)).filter(|found| found.framing == Framing::Lines) {
            let reason = format!("{}, from line {} on", found.reason, self.record);
            self.format = Arc::new(Format { reason, ..found });
            let format = Arc::clone(&self.format);
            ledger.update(self.source, |s| {
                format.id().clone_into(&mut s.format);
                s.format_reason.clone_from(&format.reason);
            });
        } else if self.done || is_hopeless(self.bytes) {
            let rest = if self.done { "" } else { ", the rest was not read" };
            problems.push(format!(
                "no known format fits its first {} bytes{rest}; hint: name the format (--format, --log-format)",
                self.bytes
            ));
            self.done = true;
        }
    }

    fn report(&mut self, bytes_before: u64, problems: Vec<String>, ledger: &Ledger) {
        let too_long = self.splitter.too_long();
        let fresh = too_long.count - self.too_long;
        self.too_long = too_long.count;
        let limit = self.format.record_bytes_max();
        ledger.update(self.source, |s| {
            s.bytes += self.bytes - bytes_before;
            s.problems.extend(problems);
            if let Splitter::Captures(captures) = &self.splitter {
                s.capture = Some(captures.capture.summary());
            }
            if fresh > 0 {
                s.records += fresh;
                s.unreadable += fresh;
                s.unreadable_samples = too_long
                    .samples
                    .iter()
                    .map(|(record, prefix)| UnreadableSample {
                        record: *record,
                        reason: format!("longer than {} MB, skipped", limit >> 20),
                        excerpt: redact::mask_record(&String::from_utf8_lossy(prefix)),
                    })
                    .collect();
            }
        });
    }
}

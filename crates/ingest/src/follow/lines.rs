//! Reads the next records of a text of lines.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use memchr::{memchr, memchr_iter, memrchr};
use vedette_model::limits::{BATCH_BYTES, EVIDENCE_MAX, HEAD_BYTES, LOG_DETECTION_LINES_MAX, UNKNOWN_BYTES_MAX};
use vedette_model::results::UnreadableSample;
use vedette_parse::decode::{Decoder, Framing};
use vedette_parse::redact;

use super::content::{Files, Text};
use super::stream::Stream;
use super::watch::Seen;
use crate::batch::Records;
use crate::format::{Format, Sniffed, from_lines, lines, sniff};

/// Bytes kept of a record that is refused.
const SAMPLE_BYTES: usize = 256;

/// Reads of [`BATCH_BYTES`] in one turn while the end of a record that is too long is searched: others wait meanwhile.
const SCANS_MAX: usize = 16;

/// What reading met that is no delivery.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) refused: u64,
    pub(super) samples: Vec<UnreadableSample>,
    /// What is in the way, with a hint.
    pub(super) problem: Option<String>,
}

/// What a stream inherits from its log.
pub(super) struct Known<'a> {
    /// Format that the user named.
    pub(super) forced: Option<&'a Decoder>,
    /// Format of the generation before.
    pub(super) format: Option<&'a Arc<Format>>,
}

impl Notes {
    pub(super) fn refuse(&mut self, count: u64, record: u64, reason: &str, sample: &[u8]) {
        self.refused += count;
        if self.samples.len() < EVIDENCE_MAX {
            let text = String::from_utf8_lossy(sample.get(..SAMPLE_BYTES).unwrap_or(sample));
            let excerpt = redact::mask_record(&text);
            self.samples.push(UnreadableSample { record, reason: reason.to_owned(), excerpt });
        }
    }
}

/// Decides how a stream is read, from its beginning. Does nothing once enough of it was seen.
///
/// # Errors
/// When its beginning cannot be read.
pub(super) fn recognize(stream: &mut Stream, known: &Known<'_>, files: &mut Files, now: Duration) -> io::Result<()> {
    let is_young = stream.records < LOG_DETECTION_LINES_MAX as u64;
    if stream.is_whole() || (stream.format.is_some() && !is_young) {
        return Ok(());
    }
    let Some(seen) = stream.seen.clone() else { return Ok(()) };
    let mut head = vec![0; (HEAD_BYTES as u64).min(head_bytes(stream, &seen)) as usize];
    let mut cursor = None;
    let got = stream.text(&mut cursor, &seen, files)?.fill_at(0, &mut head)?;
    head.truncate(got);
    let is_all = head.len() < HEAD_BYTES && stream.takes_partial(now);
    if !is_all && head.len() < HEAD_BYTES && memchr(b'\n', &head).is_none() {
        // Not a whole line yet; only what is no text at all shows earlier.
        match sniff(&head, false, known.forced) {
            Sniffed::Refused(reason) => stream.refused = Some(reason),
            Sniffed::Format(format) if format.framing == Framing::Packets => stream.format = Some(Arc::new(format)),
            _ => {}
        }
        return Ok(());
    }
    let text = String::from_utf8_lossy(&head);
    // A new generation is in its log's format, however little of it there is.
    if known.forced.is_none()
        && let Some(format) = known.format.filter(|format| format.framing == Framing::Lines)
        && stream.format.as_ref().is_none_or(|own| Arc::ptr_eq(own, format))
        && fits(format, &lines(&text, is_all))
    {
        stream.format = Some(Arc::clone(format));
        return Ok(());
    }
    match sniff(&head, is_all, known.forced) {
        Sniffed::Refused(reason) => stream.refused = Some(reason),
        Sniffed::Empty => {}
        Sniffed::Format(format) if format.decoder.is_none() => {
            if stream.format.is_none() {
                stream.format = Some(known.format.map_or_else(|| Arc::new(format), Arc::clone));
            }
        }
        // Columns that a directive named later stay: the beginning does not know them.
        Sniffed::Format(format) if stream.format.as_ref().is_some_and(|own| own.id() == format.id()) => {}
        // Records of a stream that was read by lines go on being lines.
        Sniffed::Format(format)
            if stream.records > 0 && format.framing != Framing::Lines && stream.format.is_some() => {}
        Sniffed::Format(format) => stream.format = Some(Arc::new(format)),
    }
    Ok(())
}

/// Reads the next whole lines into `records`. Their number is 0 when there are none yet; what the stream then waits for
/// is in it.
///
/// # Errors
/// When the file cannot be read; what was read before is kept.
pub(super) fn read(
    stream: &mut Stream,
    files: &mut Files,
    records: &mut Records,
    notes: &mut Notes,
    now: Duration,
) -> io::Result<()> {
    records.clear();
    let Some(seen) = stream.seen.clone() else { return Ok(()) };
    let mut cursor = stream.cursor.take();
    let outcome = stream.text(&mut cursor, &seen, files).and_then(|mut text| {
        if stream.scanning.is_some() && !skip(stream, &mut text)? {
            return Ok(());
        }
        fill(stream, &mut text, records, notes, now)
    });
    if let Some(problem) = cursor.as_mut().and_then(|cursor| cursor.failed.take()) {
        // What the decompressor cut off is no record; a whole file may come yet.
        stream.problem = Some(problem);
        if records.count == 0 {
            stream.end(false);
        }
    }
    // The end of what is there drops the cursor; until then it goes on where it is.
    if stream.read_to != Some((seen.size, seen.changed)) {
        stream.cursor = cursor;
    }
    outcome
}

/// Takes records whose format is not known: looks for it in them. True when they can be delivered.
pub(super) fn look_for_format(stream: &mut Stream, records: &Records, notes: &mut Notes) -> bool {
    let Some(format) = stream.format.clone() else { return false };
    if format.decoder.is_some() {
        return true;
    }
    let content = records.bytes.get(..records.complete).unwrap_or_default();
    let text = String::from_utf8_lossy(content);
    let all = lines(&text, true);
    if let Some(found) = from_lines(&all).filter(|found| found.framing == Framing::Lines) {
        stream.format = Some(Arc::new(found));
        return true;
    }
    let first = all.first().copied().unwrap_or_default();
    notes.refuse(
        all.len() as u64,
        stream.records.saturating_sub(records.count),
        "fits no known format",
        first.as_bytes(),
    );
    stream.unknown_bytes += content.len() as u64;
    if stream.unknown_bytes > UNKNOWN_BYTES_MAX {
        stream.refused = Some(format!(
            "no known format fits its first {} bytes, the rest was not read; hint: name the format",
            stream.unknown_bytes
        ));
    }
    false
}

/// The decoder after the records, when they name other columns.
pub(super) fn follow_directives(stream: &mut Stream, batch: &crate::batch::Batch) {
    let Some(decoder) = batch.format.decoder.as_ref().filter(|decoder| decoder.has_directives()) else { return };
    let mut next: Option<Decoder> = None;
    for record in batch.records().filter(|record| record.text.starts_with('#')) {
        next = next.as_ref().unwrap_or(decoder).after(&record.text).or(next);
    }
    if next.is_some() {
        stream.format = Some(Arc::new(Format { decoder: next, ..batch.format.as_ref().clone() }));
    }
}

/// Bytes of text that may be there.
fn head_bytes(stream: &Stream, seen: &Seen) -> u64 {
    match stream.kind {
        Some(super::content::Kind::Plain { .. }) => seen.size,
        _ => HEAD_BYTES as u64,
    }
}

/// Most of the lines are read by a format.
fn fits(format: &Format, lines: &[&str]) -> bool {
    let Some(decoder) = &format.decoder else { return false };
    let lines = lines.get(..LOG_DETECTION_LINES_MAX).unwrap_or(lines);
    let read = lines.iter().filter(|line| decoder.decode(line).is_ok_and(|exchange| exchange.is_some())).count();
    read > 0 && read * 2 >= lines.len()
}

fn fill(
    stream: &mut Stream,
    text: &mut Text<'_>,
    records: &mut Records,
    notes: &mut Notes,
    now: Duration,
) -> io::Result<()> {
    let limit = stream.format.as_ref().map_or(BATCH_BYTES, |format| format.record_bytes_max());
    loop {
        let had = records.bytes.len();
        let wanted = had.clamp(BATCH_BYTES, (limit + 1 - had.min(limit)).max(BATCH_BYTES));
        records.bytes.resize(had + wanted, 0);
        let outcome = text.fill_at(stream.offset + had as u64, records.bytes.get_mut(had..).unwrap_or_default());
        records.bytes.truncate(had + outcome.as_ref().map_or(0, |got| *got));
        let got = outcome?;
        if let Some(last) = memrchr(b'\n', records.bytes.get(had..).unwrap_or_default()) {
            let complete = records.bytes.get(..=had + last).unwrap_or_default();
            let count = memchr_iter(b'\n', complete).count() as u64;
            take(stream, text, records, had + last + 1, count);
            return Ok(());
        }
        if got < wanted {
            if records.bytes.is_empty() || !stream.takes_partial(now) {
                stream.end(!records.bytes.is_empty());
                records.clear();
                return Ok(());
            }
            let all = records.bytes.len();
            take(stream, text, records, all, 1);
            return Ok(());
        }
        if records.bytes.len() > limit {
            let reason = format!("longer than {} MB, skipped", limit >> 20);
            notes.refuse(1, stream.records, &reason, &records.bytes);
            stream.scanning = Some(stream.offset + records.bytes.len() as u64);
            records.clear();
            return Ok(());
        }
    }
}

/// Ends a batch after so many bytes.
fn take(stream: &mut Stream, text: &mut Text<'_>, records: &mut Records, bytes: usize, count: u64) {
    records.bytes.truncate(bytes);
    (records.complete, records.count) = (bytes, count);
    stream.advance(bytes as u64, count, text);
}

/// Searches the end of a record that is too long. True when it was found.
fn skip(stream: &mut Stream, text: &mut Text<'_>) -> io::Result<bool> {
    let mut chunk = vec![0; BATCH_BYTES];
    for _ in 0..SCANS_MAX {
        let Some(at) = stream.scanning else { return Ok(true) };
        let got = text.fill_at(at, &mut chunk)?;
        let read = chunk.get(..got).unwrap_or_default();
        if let Some(end) = memchr(b'\n', read) {
            stream.offset = at + end as u64 + 1;
            stream.records += 1;
            stream.scanning = None;
            return Ok(true);
        }
        stream.scanning = Some(at + got as u64);
        text.release(at + got as u64);
        if got < chunk.len() {
            stream.end(false);
            return Ok(false);
        }
    }
    Ok(false)
}

//! One log with its generations: which file holds which text now.
//!
//! A file is known by its number as long as it begins as it did. A file that is not known is recognized by its beginning:
//! as a copy (`copytruncate`), as what a generation was compressed to, or as what was read before a restart. The rest is
//! new. Every text is read once, from whichever file holds it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use vedette_model::limits::{FOLLOW_COPY_BYTES_MIN, FOLLOW_FINGERPRINT_BYTES, FOLLOW_GENERATIONS_MAX};
use vedette_parse::capture::KeyLog;
use vedette_parse::decode::Decoder;

use super::content::{Files, head};
use super::lines::{self, Known, Notes};
use super::position::{Fingerprint, Position};
use super::stream::{Check, Stream};
use super::watch::{FileId, Seen, look};
use super::whole::Whole;
use crate::batch::{Batch, Records};
use crate::format::Format;
use crate::input::explain;

/// Looks in which a file that may be a copy in the making is waited for.
const LOOKS_WAITED_MAX: u8 = 2;

/// A log.
#[derive(Default)]
pub(super) struct Log {
    /// Generations, the oldest first.
    streams: Vec<Stream>,
    /// Format of the generation read last.
    format: Option<Arc<Format>>,
    /// Generations last changed then or before were read and forgotten.
    before: Option<i64>,
    /// Looks that files were waited for.
    waited: HashMap<FileId, u8>,
    /// Files that are of no interest, in the state in which that was found.
    ignored: HashMap<FileId, (u64, i64)>,
    /// Number of the log among all.
    pub(super) index: u32,
    pub(super) notes: Notes,
    /// When something unread was first there, by the follower's clock.
    pub(super) behind_since: Option<Duration>,
}

/// What all logs of a watched path share.
pub(super) struct Settings<'a> {
    pub(super) decoder: Option<&'a Decoder>,
    pub(super) keys: Option<&'a Arc<KeyLog>>,
}

impl Log {
    /// A log that was read in part by a process before this one.
    pub(super) fn restored(index: u32, position: Option<Position>) -> Self {
        let mut log = Self { index, ..Self::default() };
        let Some(Position { before, files, decoder }) = position else { return log };
        log.before = before;
        log.format = decoder.and_then(|text| Format::described(&text)).map(Arc::new);
        log.streams = files
            .into_iter()
            .map(|file| {
                let is_known = !file.is_whole && file.offset > 0;
                let mut stream = Stream::restored(file);
                stream.format = log.format.clone().filter(|_| is_known);
                stream
            })
            .collect();
        log
    }

    /// Where reading goes on.
    pub(super) fn position(&self) -> Position {
        let mut by_lines = self.streams.iter().rev().filter(|stream| stream.offset > 0 && !stream.is_whole());
        let last = by_lines.find_map(|stream| stream.format.as_ref());
        let decoder = last.and_then(|format| format.decoder.as_ref());
        Position {
            before: self.before,
            files: self.streams.iter().filter(|stream| stream.fingerprint.len > 0).map(Stream::position).collect(),
            decoder: decoder.map(Decoder::describe),
        }
    }

    /// True when a file is known to hold a text of this log that was read in part.
    pub(super) fn holds(&mut self, seen: &Seen, files: &mut Files) -> bool {
        let holder =
            self.streams.iter_mut().find(|stream| stream.files.contains(&seen.id) && stream.fingerprint.len > 0);
        holder.is_some_and(|stream| stream.check(seen, files) == Check::Same)
    }

    /// Ids of the files that are read.
    pub(super) fn read_files(&self) -> impl Iterator<Item = FileId> {
        self.streams.iter().filter_map(|stream| stream.seen.as_ref().map(|seen| seen.id))
    }

    /// Ids of the files that hold a text of this log.
    pub(super) fn files(&self) -> impl Iterator<Item = FileId> {
        self.streams.iter().flat_map(|stream| stream.files.iter().copied())
    }

    /// Takes in a look: the files whose names belong to this log.
    pub(super) fn observe(&mut self, mut found: Vec<Seen>, files: &mut Files, now: Duration) {
        let before: Vec<Option<Seen>> = self.streams.iter_mut().map(|stream| stream.seen.take()).collect();
        self.notes.problem = None;
        found.sort_by(|a, b| (&a.rank, a.changed).cmp(&(&b.rank, b.changed)));
        self.add_targets(&mut found);
        let (mut unknown, mut copies) = (Vec::new(), Vec::new());
        for seen in found {
            let Some(index) = self.streams.iter().position(|stream| stream.files.contains(&seen.id)) else {
                unknown.push(seen);
                continue;
            };
            let Some(stream) = self.streams.get_mut(index) else { continue };
            match stream.check(&seen, files) {
                Check::Same => {
                    if stream.files.first() != Some(&seen.id) {
                        copies.push((index, seen.clone()));
                    }
                    stream.hold(seen);
                }
                Check::Unknown(problem) => self.notes.problem = problem.or(self.notes.problem.take()),
                // Cut and begun anew, or the number of a deleted file given to another one.
                Check::Replaced => {
                    stream.files.retain(|id| *id != seen.id);
                    unknown.push(seen);
                }
            }
        }
        unknown.extend(self.part_from_copies(copies));
        self.keep_deleted(&before, files);
        let unknown: Vec<(Seen, Vec<u8>)> =
            unknown.into_iter().filter_map(|seen| self.recognize(seen, files)).collect();
        // The newest first: of two that are new and alike, the one with the older name is the copy.
        let mut fresh = Vec::new();
        for (seen, text) in unknown.into_iter().rev() {
            self.begin(seen, text, &mut fresh, now);
        }
        let mut before = before.into_iter();
        for stream in &mut self.streams {
            let problem = stream.settle(before.next().flatten().as_ref(), files, now);
            self.notes.problem = problem.or(self.notes.problem.take());
        }
        self.forget(now);
        if !self.is_ready(now) {
            self.behind_since = None;
        } else if self.behind_since.is_none() {
            self.behind_since = Some(now);
        }
    }

    /// Something can be read.
    pub(super) fn is_ready(&self, now: Duration) -> bool {
        self.streams.iter().any(|stream| stream.is_ready(now))
    }

    /// Bytes known not to be read.
    pub(super) fn waiting_bytes(&self) -> u64 {
        self.streams.iter().map(Stream::waiting_bytes).sum()
    }

    /// What is in the way of reading a generation that is there.
    pub(super) fn problem(&self) -> Option<String> {
        let of_stream = |stream: &Stream| stream.refused.clone().or_else(|| stream.problem.clone());
        let mut there = self.streams.iter().rev().filter(|stream| stream.seen.is_some());
        self.notes.problem.clone().or_else(|| there.find_map(of_stream))
    }

    /// The next records of the oldest generation that has some; the buffers back when there are none just now.
    pub(super) fn next(
        &mut self,
        mut records: Records,
        settings: &Settings<'_>,
        files: &mut Files,
        now: Duration,
    ) -> Result<Batch, Records> {
        for index in 0..self.streams.len() {
            let Some(stream) = self.streams.get_mut(index).filter(|stream| stream.is_ready(now)) else { continue };
            let known = Known { forced: settings.decoder, format: self.format.as_ref() };
            if let Err(error) = lines::recognize(stream, &known, files, now) {
                self.notes.problem = Some(explain(&error, None));
                stream.end(false);
                continue;
            }
            if stream.refused.is_some() || stream.format.is_none() {
                stream.end(true);
                continue;
            }
            let outcome = if stream.is_whole() {
                whole(stream, self.index, records, settings, &mut self.notes, files)
            } else {
                let outcome = lines::read(stream, files, &mut records, &mut self.notes, now);
                if let Err(error) = outcome {
                    self.notes.problem = Some(explain(&error, None));
                    stream.end(false);
                }
                batch(stream, self.index, records, &mut self.notes)
            };
            match outcome {
                Ok(batch) => {
                    self.format.clone_from(&stream.format);
                    return Ok(batch);
                }
                Err(unused) => records = unused,
            }
        }
        Err(records)
    }

    /// Stops reading what was being read when a panic was met.
    pub(super) fn give_up(&mut self, now: Duration) {
        for stream in self.streams.iter_mut().filter(|stream| stream.is_ready(now)) {
            stream.refused = Some("a defect of Vedette: reading this file failed; please report it".to_owned());
        }
    }

    /// What links led to before they were turned may not lie where anyone looks.
    fn add_targets(&self, found: &mut Vec<Seen>) {
        let Some(like) = found.last().cloned() else { return };
        for stream in &self.streams {
            let Some(target) = stream.target.as_ref().filter(|_| !stream.is_finished() || stream.seen.is_none()) else {
                continue;
            };
            if found.iter().any(|seen| stream.files.contains(&seen.id)) {
                continue;
            }
            if let Some(seen) = look(target, &like).filter(|seen| stream.files.contains(&seen.id)) {
                // Older than what the link leads to now.
                found.insert(0, seen);
            }
        }
    }

    /// A copy is no longer than what it was made of while that is there; a file that is only began alike.
    fn part_from_copies(&mut self, copies: Vec<(usize, Seen)>) -> Vec<Seen> {
        let mut parted = Vec::new();
        for (index, seen) in copies {
            let Some(stream) = self.streams.get_mut(index) else { continue };
            let original = stream.seen.as_ref().filter(|original| original.id != seen.id);
            if original.is_some_and(|original| seen.size > original.size && !is_compressed(&seen.path)) {
                stream.files.retain(|id| *id != seen.id);
                parted.push(seen);
            }
        }
        parted
    }

    /// Finds out what a file is that is not known by its number: `None` when that is done, or when it is of no interest
    /// now; else it is new, and begins with the bytes given.
    fn recognize(&mut self, seen: Seen, files: &mut Files) -> Option<(Seen, Vec<u8>)> {
        if self.ignored.get(&seen.id) == Some(&(seen.size, seen.changed)) {
            return None;
        }
        let text = match files.get(&seen).and_then(|file| head(&file, FOLLOW_FINGERPRINT_BYTES)) {
            Ok((_, text)) => text,
            Err(error) => {
                if error.kind() != std::io::ErrorKind::NotFound {
                    self.notes.problem = Some(explain(&error, None));
                }
                return None;
            }
        };
        let candidates = || self.streams.iter().enumerate().filter(|(_, stream)| may_hold(stream, &seen));
        let same = candidates()
            .filter(|(_, stream)| stream.fingerprint.begins(&text))
            .max_by_key(|(_, stream)| stream.fingerprint.len)
            .map(|(index, _)| index);
        let may_grow = candidates()
            .any(|(_, stream)| stream.fingerprint.len > text.len() && begins_with(stream.seen.as_ref(), &text, files));
        if let Some(stream) = same.and_then(|index| self.streams.get_mut(index)) {
            if stream.seen.is_none() || stream.is_gone {
                stream.files.insert(0, seen.id);
            }
            stream.hold(seen);
            return None;
        }
        if seen.rank.is_rotated() && may_grow {
            let waited = self.waited.entry(seen.id).or_default();
            *waited += 1;
            if *waited <= LOOKS_WAITED_MAX {
                return None;
            }
        }
        self.waited.remove(&seen.id);
        Some((seen, text))
    }

    /// A generation that came after one that is known, though nobody asked for its name.
    fn is_newer(&self, seen: &Seen) -> bool {
        self.streams.iter().any(|stream| {
            let known = stream.seen.as_ref().filter(|_| stream.offset > 0);
            known.is_some_and(|known| {
                known.rank.is_rotated() && (&known.rank, known.changed) < (&seen.rank, seen.changed)
            })
        })
    }

    /// Takes a file as a new text. `fresh` are those that were new in this look, with their first bytes.
    fn begin(&mut self, seen: Seen, text: Vec<u8>, fresh: &mut Vec<(FileId, Vec<u8>)>, now: Duration) {
        let is_read = seen.rank.is_rotated() && self.before.is_some_and(|before| seen.changed <= before);
        if is_read || !(seen.asked || self.is_newer(&seen)) {
            if self.ignored.len() >= 4 * FOLLOW_GENERATIONS_MAX {
                self.ignored.clear();
            }
            self.ignored.insert(seen.id, (seen.size, seen.changed));
            return;
        }
        let twin = fresh.iter().find(|(_, other)| text.len() >= FOLLOW_COPY_BYTES_MIN && *other == text);
        if let Some(id) = twin.map(|(id, _)| *id)
            && let Some(stream) = self.streams.iter_mut().find(|stream| stream.files.contains(&id))
            && stream.seen.as_ref().is_some_and(|original| original.size == seen.size)
        {
            return stream.hold(seen);
        }
        let mut stream = Stream::new(seen.id, now);
        stream.fingerprint = Fingerprint::of(&text);
        fresh.push((seen.id, text));
        stream.seen = Some(seen);
        self.streams.push(stream);
    }

    /// A file that is gone is read from where it is still open.
    fn keep_deleted(&mut self, before: &[Option<Seen>], files: &mut Files) {
        for (stream, before) in self.streams.iter_mut().zip(before) {
            let Some(before) = before.as_ref().filter(|_| stream.seen.is_none()) else { continue };
            // Replaced in place: what the file holds now is another text.
            if !stream.files.contains(&before.id) {
                continue;
            }
            if let Some(size) = files.size(before.id) {
                let seen = Seen { size, ..before.clone() };
                // What came since may have been copied before it went.
                if stream.check(&seen, files) == Check::Same {
                    stream.seen = Some(seen);
                    stream.is_gone = true;
                }
            }
        }
    }

    /// Puts the generations in order and lets go of those that are read.
    fn forget(&mut self, now: Duration) {
        self.streams.sort_by(|a, b| {
            let key = |stream: &Stream| stream.seen.as_ref().map(|seen| (seen.rank.clone(), seen.changed));
            key(a).cmp(&key(b))
        });
        for stream in &mut self.streams {
            if stream.is_gone && stream.is_finished() && stream.takes_partial(now) {
                stream.seen = None;
            }
        }
        // An empty file that is gone left nothing but a number, which another file gets.
        self.streams.retain(|stream| stream.seen.is_some() || stream.fingerprint.len > 0);
        while self.streams.len() > FOLLOW_GENERATIONS_MAX {
            let newest = self.streams.len() - 1;
            let is_told = |seen: &Seen| seen.rank.is_rotated();
            let read = |stream: &Stream| stream.is_finished() && stream.seen.as_ref().is_none_or(is_told);
            let Some(index) = self.streams.iter().take(newest).position(read) else { break };
            let stream = self.streams.remove(index);
            let changed = stream.seen.as_ref().filter(|seen| seen.rank.is_rotated()).map(|seen| seen.changed);
            self.before = self.before.max(changed);
        }
    }
}

/// True when a file that is not known may hold the text of a stream: it was met without its file, or the name says that it
/// is a copy.
fn may_hold(stream: &Stream, seen: &Seen) -> bool {
    let is_copy = seen.rank.is_rotated() && stream.fingerprint.len >= FOLLOW_COPY_BYTES_MIN;
    stream.fingerprint.len > 0 && (stream.seen.is_none() || stream.is_gone || is_copy)
}

fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "gz" || extension == "zst" || extension == "zstd")
}

/// True when a file begins with a text, or when there is no file to compare with.
fn begins_with(seen: Option<&Seen>, text: &[u8], files: &mut Files) -> bool {
    let Some(seen) = seen else { return true };
    let head = files.get(seen).and_then(|file| head(&file, text.len()));
    head.is_ok_and(|(_, head)| head == text)
}

/// The lines that were read as a batch.
fn batch(stream: &mut Stream, source: u32, records: Records, notes: &mut Notes) -> Result<Batch, Records> {
    if records.count == 0 || !lines::look_for_format(stream, &records, notes) {
        return Err(records);
    }
    let Some(format) = stream.format.clone() else { return Err(records) };
    let first_record = stream.records.saturating_sub(records.count);
    let batch = Batch { source, first_record, format, records };
    lines::follow_directives(stream, &batch);
    Ok(batch)
}

/// The next records of a text that is no lines.
fn whole(
    stream: &mut Stream,
    source: u32,
    records: Records,
    settings: &Settings<'_>,
    notes: &mut Notes,
    files: &mut Files,
) -> Result<Batch, Records> {
    let Some(seen) = stream.seen.clone() else { return Err(records) };
    // A file that is gone left its name to another one.
    if stream.whole.is_none() && look(&seen.path, &seen).is_none_or(|there| there.id != seen.id) {
        stream.end(false);
        return Err(records);
    }
    let done = stream.records;
    let reading = stream.whole.get_or_insert_with(|| Whole::open(&seen.path, settings.decoder, settings.keys));
    match reading.next(records, done) {
        Ok(mut batch) => {
            batch.source = source;
            stream.records = batch.first_record + batch.count();
            if let Ok((_, text)) = files.get(&seen).and_then(|file| head(&file, FOLLOW_FINGERPRINT_BYTES)) {
                // What closes a document goes when something is added to it.
                stream.fingerprint = Fingerprint::of(text.get(..text.len().div_ceil(2)).unwrap_or(&text));
                stream.offset = text.len() as u64;
            }
            Ok(batch)
        }
        Err(unused) => {
            stream.problem = reading.problem();
            for sample in reading.too_long().into_iter().filter(|sample| sample.record >= done) {
                notes.refused += 1;
                notes.samples.push(sample);
            }
            stream.whole = None;
            stream.end(false);
            Err(unused)
        }
    }
}

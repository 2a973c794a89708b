//! One generation of a log: a text, wherever it lies, and how far it was read.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use vedette_model::limits::{FOLLOW_FINGERPRINT_BYTES, FOLLOW_PARTIAL_SECS};
use vedette_parse::decode::Framing;

use super::content::{Cursor, Files, Kind, Text, head};
use super::position::{FilePosition, Fingerprint};
use super::watch::{FileId, Seen};
use super::whole::Whole;
use crate::format::Format;
use crate::input::explain;

/// Files known to hold the same text: a copy, and what it is compressed to.
const HOLDERS_MAX: usize = 4;

/// Bytes after which the kind of a file is certain.
const PROBE_BYTES: u64 = 64;

/// Size and time of last change: when both stay, nothing was written.
pub(super) type State = (u64, i64);

/// A text that is read from its beginning to its end, once.
#[derive(Default)]
pub(super) struct Stream {
    /// Files that hold it, the one it was met in first.
    pub(super) files: Vec<FileId>,
    /// Of the first bytes, as far as they were there at the last look.
    pub(super) fingerprint: Fingerprint,
    /// Bytes of text read, whole records only.
    pub(super) offset: u64,
    /// Records read.
    pub(super) records: u64,
    pub(super) format: Option<Arc<Format>>,
    /// The best of the files that hold it now.
    pub(super) seen: Option<Seen>,
    pub(super) kind: Option<Kind>,
    /// File that has this kind, and its size when it was looked at.
    kind_of: Option<(FileId, u64)>,
    /// Why it is not read.
    pub(super) refused: Option<String>,
    /// What went wrong with what is there.
    pub(super) problem: Option<String>,
    /// What a link to it leads to.
    pub(super) target: Option<PathBuf>,
    /// File and state in which its beginning was compared.
    checked: Option<(FileId, State)>,
    /// When the state was first seen, by the follower's clock.
    changed_at: Duration,
    /// Its file was deleted or moved away, and is still open.
    pub(super) is_gone: bool,
    /// The look before saw the same state.
    pub(super) is_stable: bool,
    /// All of this state was read, but for a last record without its end.
    pub(super) read_to: Option<State>,
    /// The last record has no end.
    pub(super) is_partial: bool,
    /// Where the search for the end of a record that is too long goes on.
    pub(super) scanning: Option<u64>,
    /// Bytes passed over before a format showed.
    pub(super) unknown_bytes: u64,
    pub(super) cursor: Option<Cursor>,
    pub(super) whole: Option<Whole>,
}

/// What became of a file that held the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// It still does.
    Same,
    /// It holds another text.
    Replaced,
    /// It is gone, or cannot be read just now.
    Unknown(Option<String>),
}

impl Stream {
    /// A text that nothing was read of.
    pub(super) fn new(id: FileId, now: Duration) -> Self {
        Self { files: vec![id], changed_at: now, ..Self::default() }
    }

    /// A text that was read in part by a process before this one.
    pub(super) fn restored(position: FilePosition) -> Self {
        let FilePosition { id, offset, records, fingerprint, is_whole: _, target } = position;
        Self { files: vec![id], offset, records, fingerprint, target, ..Self::default() }
    }

    pub(super) fn position(&self) -> FilePosition {
        FilePosition {
            id: self.files.first().copied().unwrap_or(FileId { device: 0, inode: 0 }),
            offset: self.offset,
            records: self.records,
            fingerprint: self.fingerprint,
            is_whole: self.is_whole(),
            target: self.target.clone(),
        }
    }

    /// Looks whether a file that held this text still does.
    pub(super) fn check(&mut self, seen: &Seen, files: &mut Files) -> Check {
        let state = (seen.size, seen.changed);
        if self.checked == Some((seen.id, state)) {
            return Check::Same;
        }
        let opened = files.get(seen).and_then(|file| head(&file, FOLLOW_FINGERPRINT_BYTES));
        let (kind, text) = match opened {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Check::Unknown(None),
            Err(error) => return Check::Unknown(Some(explain(&error, None))),
        };
        if !self.fingerprint.begins(&text) {
            return Check::Replaced;
        }
        if let Kind::Plain { mark } = kind
            && seen.size < mark + self.offset
            && !self.is_whole()
        {
            // As much as was read may be missing in a copy that is being made; the file itself was cut.
            if self.files.first() != Some(&seen.id) {
                return Check::Unknown(None);
            }
            // A beginning as long as the fingerprint is no chance: the end was cut off, what is left was read.
            self.offset = seen.size.saturating_sub(mark);
            self.scanning = None;
        }
        if self.fingerprint.len < text.len() && self.files.first() == Some(&seen.id) && !self.is_whole() {
            self.fingerprint = Fingerprint::of(&text);
        }
        self.checked = Some((seen.id, state));
        Check::Same
    }

    /// Takes a file as one that holds this text. The one it was met in is the best, then the largest.
    pub(super) fn hold(&mut self, seen: Seen) {
        self.is_gone = false;
        if !self.files.contains(&seen.id) {
            self.files.push(seen.id);
        }
        self.files.truncate(HOLDERS_MAX);
        let place = |id: FileId| self.files.iter().position(|file| *file == id).unwrap_or(usize::MAX);
        match &self.seen {
            Some(before) if place(before.id) <= place(seen.id) => {}
            _ => self.seen = Some(seen),
        }
    }

    /// Ends a look: `before` is what the last one saw. Says what is in the way of reading.
    pub(super) fn settle(&mut self, before: Option<&Seen>, files: &mut Files, now: Duration) -> Option<String> {
        let seen = self.seen.as_ref()?;
        let same_file = before.is_some_and(|before| before.id == seen.id);
        self.is_stable = same_file && before.is_some_and(|b| (b.size, b.changed) == (seen.size, seen.changed));
        if !self.is_stable {
            self.changed_at = now;
            self.problem = None;
        }
        if !same_file {
            // Places of a decompressor, and what was read to the end, are those of one file.
            (self.cursor, self.whole, self.read_to) = (None, None, None);
        }
        self.target = seen.target.clone().or(self.target.take());
        // The first bytes of a file that had only a few may turn out to be something else.
        let is_known =
            self.kind_of.is_some_and(|(id, size)| id == seen.id && (size >= PROBE_BYTES || size == seen.size));
        if is_known && self.kind.is_some() {
            return None;
        }
        match files.get(seen).and_then(|file| head(&file, 0)) {
            Ok((kind, _)) => (self.kind, self.kind_of) = (Some(kind), Some((seen.id, seen.size))),
            Err(error) => {
                self.kind = None;
                return (error.kind() != io::ErrorKind::NotFound).then(|| explain(&error, None));
            }
        }
        None
    }

    /// What is there may be read now.
    pub(super) fn is_ready(&self, now: Duration) -> bool {
        let Some(seen) = self.seen.as_ref().filter(|_| self.refused.is_none()) else { return false };
        if seen.size == 0 {
            return false;
        }
        if self.read_to == Some((seen.size, seen.changed)) {
            return self.is_partial && self.takes_partial(now);
        }
        match self.kind {
            None => false,
            Some(Kind::Plain { mark }) if !self.is_whole() => seen.size > mark + self.offset,
            // What is read as a whole is read when it seems to be complete.
            Some(_) => self.is_stable || self.whole.is_some() || self.cursor.is_some(),
        }
    }

    /// Everything that is there was read.
    pub(super) fn is_finished(&self) -> bool {
        let Some(seen) = self.seen.as_ref().filter(|_| self.refused.is_none()) else { return true };
        let is_read = self.read_to == Some((seen.size, seen.changed)) && !self.is_partial;
        let is_empty =
            matches!(self.kind, Some(Kind::Plain { mark }) if !self.is_whole() && seen.size <= mark + self.offset);
        is_read || is_empty
    }

    /// A last record without its end has waited long enough.
    pub(super) fn takes_partial(&self, now: Duration) -> bool {
        now.saturating_sub(self.changed_at) >= Duration::from_secs(FOLLOW_PARTIAL_SECS)
    }

    /// Bytes that are known not to be read yet.
    pub(super) fn waiting_bytes(&self) -> u64 {
        match (&self.seen, self.kind) {
            (Some(seen), Some(Kind::Plain { mark })) if self.refused.is_none() && !self.is_whole() => {
                seen.size.saturating_sub(mark + self.offset)
            }
            (Some(seen), _) if self.refused.is_none() && !self.is_finished() => seen.size,
            _ => 0,
        }
    }

    /// Its records are not lines: it is read as a whole, again when it grew.
    pub(super) fn is_whole(&self) -> bool {
        self.format.as_ref().is_some_and(|format| format.framing != Framing::Lines)
    }

    /// Remembers that everything there is was read.
    pub(super) fn end(&mut self, is_partial: bool) {
        self.read_to = self.seen.as_ref().map(|seen| (seen.size, seen.changed));
        self.is_partial = is_partial;
        self.cursor = None;
    }

    /// The text as it lies in its file.
    pub(super) fn text<'a>(
        &self,
        cursor: &'a mut Option<Cursor>,
        seen: &Seen,
        files: &mut Files,
    ) -> io::Result<Text<'a>> {
        Ok(match self.kind {
            Some(Kind::Plain { mark }) => Text::Plain { file: files.get(seen)?, mark },
            _ => Text::Through { file: files.get(seen)?, cursor },
        })
    }

    /// Goes on after records.
    pub(super) fn advance(&mut self, bytes: u64, records: u64, text: &mut Text<'_>) {
        self.offset += bytes;
        self.records += records;
        text.release(self.offset);
    }
}

//! The text of a file, from any place in it: as it stands on disk, or through a decompressor from the start.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use vedette_model::limits::{FOLLOW_OPEN_MAX, READ_BYTES};

use super::watch::{FileId, Seen, id};
use crate::input::{Input, explain, mark};

/// Bytes from which it shows whether text stands in a file as it is.
const PROBE_BYTES: usize = 64;

/// How the text of a file is got at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// As it stands, after a byte order mark of so many bytes.
    Plain { mark: u64 },
    /// Compressed, or UTF-16: from the start only.
    Through,
}

/// Files that stay open.
#[derive(Debug, Default)]
pub(super) struct Files {
    open: HashMap<FileId, Open>,
    uses: u64,
}

#[derive(Debug)]
struct Open {
    file: Arc<File>,
    last_use: u64,
}

/// The text of one file.
pub(super) enum Text<'a> {
    Plain { file: Arc<File>, mark: u64 },
    Through { file: Arc<File>, cursor: &'a mut Option<Cursor> },
}

/// A decompressor at its place.
pub(super) struct Cursor {
    input: Input,
    /// Bytes of text that came out.
    at: u64,
    /// The last of them, which may be asked for again.
    kept: Vec<u8>,
    /// Why nothing more comes out.
    pub(super) failed: Option<String>,
}

impl Files {
    /// The file that was seen, opened when it is not.
    ///
    /// # Errors
    /// Also [`io::ErrorKind::NotFound`] when its path leads to another file by now.
    pub(super) fn get(&mut self, seen: &Seen) -> io::Result<Arc<File>> {
        self.uses += 1;
        if let Some(open) = self.open.get_mut(&seen.id) {
            open.last_use = self.uses;
            return Ok(Arc::clone(&open.file));
        }
        let file = Arc::new(File::open(&seen.path)?);
        if id(&seen.path, &file.metadata()?) != seen.id {
            return Err(io::ErrorKind::NotFound.into());
        }
        if self.open.len() >= FOLLOW_OPEN_MAX
            && let Some(oldest) = self.open.iter().min_by_key(|(_, open)| open.last_use).map(|(id, _)| *id)
        {
            self.open.remove(&oldest);
        }
        self.open.insert(seen.id, Open { file: Arc::clone(&file), last_use: self.uses });
        Ok(file)
    }

    /// Size of a file that is open, though it may be deleted.
    pub(super) fn size(&self, id: FileId) -> Option<u64> {
        self.open.get(&id)?.file.metadata().ok().map(|metadata| metadata.len())
    }

    /// Lets all files go but these; until then the disk keeps what was deleted.
    pub(super) fn keep(&mut self, ids: &HashSet<FileId>) {
        self.open.retain(|id, _| ids.contains(id));
    }
}

/// How the text of a file is got at, and its first bytes, as many as there are up to `len`.
pub(super) fn head(file: &Arc<File>, len: usize) -> io::Result<(Kind, Vec<u8>)> {
    let mut first = vec![0; PROBE_BYTES];
    let got = fill_at(file, 0, &mut first)?;
    first.truncate(got);
    let Some(skip) = mark(&first) else {
        let mut input = open(file)?;
        let (head, outcome) = input.read_head(len);
        return match outcome {
            Err(error) if head.is_empty() => Err(error),
            _ => Ok((Kind::Through, head)),
        };
    };
    let mut head = vec![0; len];
    let got = fill_at(file, skip as u64, &mut head)?;
    head.truncate(got);
    Ok((Kind::Plain { mark: skip as u64 }, head))
}

impl Text<'_> {
    /// Reads text from place `at` on until `buffer` is full or nothing follows; returns how much.
    pub(super) fn fill_at(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain { file, mark } => fill_at(file, at + *mark, buffer),
            Self::Through { file, cursor } => {
                if cursor.as_ref().is_none_or(|cursor| !cursor.reaches(at)) {
                    **cursor = Some(Cursor::at(file, at)?);
                }
                Ok(cursor.as_mut().map_or(0, |cursor| cursor.fill_at(at, buffer)))
            }
        }
    }

    /// Says that nothing before `at` will be asked for.
    pub(super) fn release(&mut self, at: u64) {
        if let Self::Through { cursor, .. } = self
            && let Some(cursor) = cursor
        {
            let begin = cursor.at - cursor.kept.len() as u64;
            let past = (at.saturating_sub(begin) as usize).min(cursor.kept.len());
            cursor.kept.drain(..past);
        }
    }
}

impl Cursor {
    /// Opens a file and passes over its first bytes.
    fn at(file: &Arc<File>, at: u64) -> io::Result<Self> {
        let mut cursor = Self { input: open(file)?, at: 0, kept: Vec::new(), failed: None };
        let mut chunk = vec![0; READ_BYTES];
        while cursor.at < at {
            let wanted = ((at - cursor.at) as usize).min(chunk.len());
            match cursor.input.read(chunk.get_mut(..wanted).unwrap_or_default())? {
                0 => break,
                count => cursor.at += count as u64,
            }
        }
        Ok(cursor)
    }

    fn reaches(&self, at: u64) -> bool {
        (self.at - self.kept.len() as u64..=self.at).contains(&at)
    }

    fn fill_at(&mut self, at: u64, buffer: &mut [u8]) -> usize {
        // A copy that ends before what was read of the original.
        if at > self.at {
            return 0;
        }
        let again = self.kept.get(self.kept.len() - (self.at - at) as usize..).unwrap_or_default();
        let mut len = again.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(again) {
            *to = *from;
        }
        while let Some(free) = buffer.get_mut(len..).filter(|free| !free.is_empty()) {
            match self.input.read(free) {
                Ok(0) => break,
                Ok(count) => {
                    self.kept.extend_from_slice(free.get(..count).unwrap_or_default());
                    self.at += count as u64;
                    len += count;
                }
                Err(error) => {
                    self.failed = Some(explain(&error, self.input.compression));
                    break;
                }
            }
        }
        len
    }
}

fn open(file: &Arc<File>) -> io::Result<Input> {
    let raw = FromStart { file: Arc::clone(file), at: 0 };
    Input::new(raw, Arc::new(AtomicU64::new(0))).map_err(io::Error::other)
}

/// An open file from its beginning, whatever its path leads to by now.
struct FromStart {
    file: Arc<File>,
    at: u64,
}

impl Read for FromStart {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = read_at(&self.file, self.at, buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

fn fill_at(file: &File, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut len = 0;
    while let Some(free) = buffer.get_mut(len..).filter(|free| !free.is_empty()) {
        match read_at(file, at + len as u64, free) {
            Ok(0) => break,
            Ok(count) => len += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(len)
}

#[cfg(unix)]
fn read_at(file: &File, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    use std::os::unix::fs::FileExt;
    file.read_at(buffer, at)
}

#[cfg(not(unix))]
fn read_at(mut file: &File, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    use std::io::Seek;
    file.seek(io::SeekFrom::Start(at))?;
    file.read(buffer)
}

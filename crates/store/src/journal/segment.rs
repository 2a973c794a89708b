//! One file of the journal: a header, then frames. A frame holds the entries of one commit.
//!
//! ```text
//! segment  magic[8] version:u16 reserved[6] salt[16]
//! frame    magic[4] sealed:u32 plain:u32 count:u32 first:u64 | AES-256-GCM( zstd( { length:u32 bytes }… ) ) tag[16]
//! ```
//! Numbers are little-endian. A frame's header is authenticated with its content; its nonce is its place in the file.

use zstd::bulk::{Compressor, Decompressor};

use crate::seal::{SALT_BYTES, Sealer, TAG_BYTES};

const MAGIC: [u8; 8] = *b"VEDETTEJ";
const FRAME_MAGIC: [u8; 4] = *b"\xf5VJF";
/// Version of this layout.
const VERSION: u16 = 1;
pub(super) const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
const PURPOSE: &str = "vedette journal segment";

/// Longest plain content of a frame, in bytes: what a reader is willing to make room for.
pub(super) const FRAME_BYTES_MAX: usize = 256 << 20;

/// Level of compression: traffic shrinks five- to tenfold already at the fastest.
const ZSTD_LEVEL: i32 = 1;

/// Writes frames.
pub(super) struct FrameWriter {
    sealer: Sealer,
    compressor: Compressor<'static>,
    frames: u64,
}

/// The header of a new segment.
pub(super) fn header(salt: &[u8; SALT_BYTES]) -> Vec<u8> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    header.extend_from_slice(&MAGIC);
    header.extend_from_slice(&VERSION.to_le_bytes());
    header.extend_from_slice(&[0; 6]);
    header.extend_from_slice(salt);
    header
}

impl FrameWriter {
    /// Of the segment with this salt.
    pub(super) fn new(key: &[u8; 32], salt: &[u8; SALT_BYTES]) -> Option<Self> {
        let sealer = Sealer::new(key, salt, PURPOSE)?;
        Some(Self { sealer, compressor: Compressor::new(ZSTD_LEVEL).ok()?, frames: 0 })
    }

    /// The bytes of a frame with `count` entries from `first` on, which stand in `plain`. Each frame that is made must
    /// be appended or the segment given up.
    pub(super) fn frame(&mut self, first: u64, count: u32, plain: &[u8]) -> Option<Vec<u8>> {
        let packed = self.compressor.compress(plain).ok()?;
        let mut frame = Vec::with_capacity(FRAME_HEADER_BYTES + packed.len() + TAG_BYTES);
        frame.extend_from_slice(&FRAME_MAGIC);
        frame.extend_from_slice(&u32::try_from(packed.len() + TAG_BYTES).ok()?.to_le_bytes());
        frame.extend_from_slice(&u32::try_from(plain.len()).ok()?.to_le_bytes());
        frame.extend_from_slice(&count.to_le_bytes());
        frame.extend_from_slice(&first.to_le_bytes());
        let context: [u8; FRAME_HEADER_BYTES] = frame.as_slice().try_into().ok()?;
        frame.extend_from_slice(&packed);
        let counter = self.frames;
        self.frames += 1;
        self.sealer.seal(counter, &context, &mut frame, FRAME_HEADER_BYTES).then_some(frame)
    }
}

/// Appends an entry to the plain content of a frame.
pub(super) fn push_entry(plain: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let at = plain.len();
    plain.extend_from_slice(&[0; 4]);
    write(plain);
    let bytes = u32::try_from(plain.len() - at - 4).unwrap_or(u32::MAX);
    if let Some(place) = plain.get_mut(at..at + 4) {
        place.copy_from_slice(&bytes.to_le_bytes());
    }
}

/// Reads a segment, whose bytes are given at each step.
pub(super) struct Frames {
    sealer: Option<Sealer>,
    at: usize,
    counter: u64,
}

/// One frame that is whole.
pub(super) struct Frame {
    /// Number of its first entry.
    pub(super) first: u64,
    /// Number of entries.
    pub(super) count: u32,
    plain: Vec<u8>,
}

/// What a segment's end is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Behind the last frame nothing follows.
    Clean,
    /// Bytes that are no frame: a write that a crash cut off, or damage.
    Torn {
        /// Where they begin.
        at: usize,
    },
}

impl Frames {
    pub(super) fn new(bytes: &[u8], key: &[u8; 32]) -> Self {
        let salt = bytes.get(..HEADER_BYTES).filter(|header| is_header(header));
        let salt = salt.and_then(|header| header.get(HEADER_BYTES - SALT_BYTES..)?.try_into().ok());
        let sealer = salt.and_then(|salt: [u8; SALT_BYTES]| Sealer::new(key, &salt, PURPOSE));
        Self { sealer, at: HEADER_BYTES, counter: 0 }
    }

    /// The next frame, or `None` at the end or at what is none.
    pub(super) fn next(&mut self, bytes: &[u8]) -> Option<Frame> {
        let (frame, end) = self.frame_at(bytes, self.at, self.counter)?;
        self.at = end;
        self.counter += 1;
        Some(frame)
    }

    /// Looks for a whole frame behind damage: its place in the file is not known, so a few are tried.
    pub(super) fn resume(&mut self, bytes: &[u8]) -> Option<Frame> {
        const LOST_FRAMES_MAX: u64 = 64;
        for at in self.at + 1..bytes.len().saturating_sub(FRAME_HEADER_BYTES) {
            if !bytes.get(at..).is_some_and(|rest| rest.starts_with(&FRAME_MAGIC)) {
                continue;
            }
            for counter in self.counter..=self.counter + LOST_FRAMES_MAX {
                if let Some((frame, end)) = self.frame_at(bytes, at, counter) {
                    self.at = end;
                    self.counter = counter + 1;
                    return Some(frame);
                }
            }
        }
        None
    }

    pub(super) fn end(&self, bytes: &[u8]) -> End {
        if self.sealer.is_some() && self.at >= bytes.len() { End::Clean } else { End::Torn { at: self.at } }
    }

    fn frame_at(&self, bytes: &[u8], at: usize, counter: u64) -> Option<(Frame, usize)> {
        let sealer = self.sealer.as_ref()?;
        let header = bytes.get(at..at + FRAME_HEADER_BYTES)?;
        let number = |from: usize| Some(u32::from_le_bytes(header.get(from..from + 4)?.try_into().ok()?));
        if !header.starts_with(&FRAME_MAGIC) {
            return None;
        }
        let (sealed, plain, count) = (number(4)? as usize, number(8)? as usize, number(12)?);
        let first = u64::from_le_bytes(header.get(16..24)?.try_into().ok()?);
        let start = at + FRAME_HEADER_BYTES;
        let packed = sealer.open(counter, header, bytes.get(start..start.checked_add(sealed)?)?)?;
        if plain > FRAME_BYTES_MAX {
            return None;
        }
        let plain = Decompressor::new().ok()?.decompress(&packed, plain).ok()?;
        Some((Frame { first, count, plain }, start + sealed))
    }
}

fn is_header(header: &[u8]) -> bool {
    header.starts_with(&MAGIC) && header.get(8..10) == Some(VERSION.to_le_bytes().as_slice())
}

impl Frame {
    /// Its entries with their numbers.
    pub(super) fn entries(self) -> impl Iterator<Item = (u64, Vec<u8>)> {
        let mut at = 0;
        let mut next = self.first;
        std::iter::from_fn(move || {
            let bytes = self.plain.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)? as usize;
            let entry = self.plain.get(at + 4..at + 4 + bytes)?.to_vec();
            at += 4 + bytes;
            next += 1;
            Some((next - 1, entry))
        })
    }
}

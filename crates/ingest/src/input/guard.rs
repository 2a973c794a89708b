//! Stops decompression bombs.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use vedette_model::limits::{BOMB_CHECK_BYTES, EXPANSION_RATIO_MAX};

/// A decompressor that is watched.
pub(super) struct Guard<R> {
    inner: R,
    compressed: Arc<AtomicU64>,
    decompressed: u64,
}

/// Why reading was stopped; the inner error of an [`io::Error`].
#[derive(Debug)]
pub(crate) struct Bomb {
    pub(crate) compressed: u64,
    pub(crate) decompressed: u64,
}

impl<R> Guard<R> {
    /// `compressed` counts what `inner` took.
    pub(super) fn new(inner: R, compressed: Arc<AtomicU64>) -> Self {
        Self { inner, compressed, decompressed: 0 }
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let compressed = self.compressed.load(Ordering::Relaxed);
        let decompressed = self.decompressed;
        if decompressed > BOMB_CHECK_BYTES && decompressed / EXPANSION_RATIO_MAX > compressed {
            return Err(io::Error::other(Bomb { compressed, decompressed }));
        }
        let count = self.inner.read(buffer)?;
        self.decompressed += count as u64;
        Ok(count)
    }
}

impl fmt::Display for Bomb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes became {}", self.compressed, self.decompressed)
    }
}

impl std::error::Error for Bomb {}

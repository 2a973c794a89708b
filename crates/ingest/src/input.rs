//! From raw bytes to text: compression and byte order are recognized by content and undone, bombs are stopped.

use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use vedette_model::limits::READ_BYTES;

mod guard;
mod text;

pub(crate) use guard::Bomb;

/// A zstd window larger than this is refused (as a power of two): 128 MB, the most that `zstd` itself takes without
/// being told to.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// A stream of text.
pub(crate) struct Input {
    reader: Box<dyn Read + Send>,
    /// `gzip` or `zstd`.
    pub(crate) compression: Option<&'static str>,
}

impl Input {
    /// Looks at the first bytes of `raw` and undoes what they say. `position` is told the raw bytes read.
    ///
    /// # Errors
    /// What to tell the user when not even the first bytes could be read.
    pub(crate) fn new(raw: impl Read + Send + 'static, position: Arc<AtomicU64>) -> Result<Self, String> {
        let own = Arc::new(AtomicU64::new(0));
        let counted = Counted { inner: raw, total: position, own: Arc::clone(&own) };
        let (magic, raw) =
            peek(BufReader::with_capacity(READ_BYTES, counted), 4).map_err(|error| explain(&error, None))?;
        let raw = BufReader::with_capacity(READ_BYTES, raw);
        let (compression, reader): (_, Box<dyn Read + Send>) = match magic.as_slice() {
            [0x1f, 0x8b, ..] => {
                (Some("gzip"), Box::new(guard::Guard::new(flate2::bufread::MultiGzDecoder::new(raw), own)))
            }
            [0x28, 0xb5, 0x2f, 0xfd] => {
                let mut decoder =
                    zstd::stream::read::Decoder::with_buffer(raw).map_err(|error| explain(&error, Some("zstd")))?;
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(|error| explain(&error, Some("zstd")))?;
                (Some("zstd"), Box::new(guard::Guard::new(decoder, own)))
            }
            _ => (None, Box::new(raw)),
        };
        let reader = text::utf8(reader).map_err(|error| explain(&error, compression))?;
        Ok(Self { reader, compression })
    }

    /// Fills `buffer` as far as the stream goes; an error comes after the bytes before it.
    pub(crate) fn read_head(&mut self, bytes_max: usize) -> (Vec<u8>, io::Result<()>) {
        let mut head = vec![0; bytes_max];
        let mut len = 0;
        let mut outcome = Ok(());
        while let Some(free) = head.get_mut(len..).filter(|free| !free.is_empty()) {
            match self.read(free) {
                Ok(0) => break,
                Ok(count) => len += count,
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            }
        }
        head.truncate(len);
        (head, outcome)
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.reader.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }
}

/// A stream with its first bytes put back.
type Rewound<R> = io::Chain<io::Cursor<Vec<u8>>, R>;

/// Reads up to `count` bytes and puts them back. A pipe may hand them out one by one.
fn peek<R: Read>(mut reader: R, count: u64) -> io::Result<(Vec<u8>, Rewound<R>)> {
    let mut first = Vec::new();
    let limited = &mut (&mut reader).take(count);
    loop {
        let mut byte = [0; 64];
        match limited.read(&mut byte) {
            Ok(0) => break,
            Ok(len) => first.extend_from_slice(byte.get(..len).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // What came before a broken member is still worth reading; the error comes again.
            Err(_) if !first.is_empty() => break,
            Err(error) => return Err(error),
        }
    }
    Ok((first.clone(), io::Cursor::new(first).chain(reader)))
}

/// Counts raw bytes, for the progress of the run and the ratio of one file.
struct Counted<R> {
    inner: R,
    total: Arc<AtomicU64>,
    own: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.total.fetch_add(count as u64, Ordering::Relaxed);
        self.own.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Bytes of the byte order mark of a file that begins with `first`; `None` when its text is not what stands in it
/// (compressed, UTF-16).
pub(crate) fn mark(first: &[u8]) -> Option<usize> {
    let is_compressed = first.starts_with(&[0x1f, 0x8b]) || first.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
    if is_compressed { None } else { text::mark(first) }
}

/// What to tell the user about a failed read.
pub(crate) fn explain(error: &io::Error, compression: Option<&'static str>) -> String {
    if let Some(bomb) = error.get_ref().and_then(|inner| inner.downcast_ref::<Bomb>()) {
        return format!(
            "decompression bomb: {} bytes became more than {} bytes, reading stopped; hint: when the file is genuine, decompress it first",
            bomb.compressed, bomb.decompressed
        );
    }
    match (error.kind(), compression) {
        (io::ErrorKind::PermissionDenied, _) => {
            "permission denied; hint: run as a user who may read it, or copy it".to_owned()
        }
        (io::ErrorKind::UnexpectedEof, Some(name)) => {
            format!(
                "the {name} stream is cut off, what came before was read; hint: copy the file again, or wait until it is written"
            )
        }
        (_, Some(name)) => format!("the {name} stream is broken from here on ({error}), what came before was read"),
        (io::ErrorKind::NotFound, _) => "no such file; hint: check the path".to_owned(),
        _ => format!("reading failed: {error}"),
    }
}

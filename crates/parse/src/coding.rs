//! Content codings (RFC 9110, 8.4.1): bodies as they were before they were compressed, within a bound.

use std::borrow::Cow;
use std::io::Read;

use vedette_model::limits::BODY_BYTES_MAX;

/// Codings of one body that are undone; more than two are an attempt to hide.
const CODINGS_MAX: usize = 3;

/// Bytes that are decompressed at once.
const PIECE_BYTES: usize = 16 << 10;

/// Window of zstd in HTTP (RFC 9659): 8 MB, as a power of two.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// What a body came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All of it was decoded.
    Whole,
    /// It is longer than [`BODY_BYTES_MAX`], or its end is missing.
    Cut,
    /// It is in another coding, or broken; what came before the break is there.
    Broken,
}

/// Undoes what a `Content-Encoding` field says, the last coding first. At most [`BODY_BYTES_MAX`] bytes come out.
pub(crate) fn decode<'a>(body: &'a [u8], codings: &str) -> (Cow<'a, [u8]>, Outcome) {
    let (mut body, mut outcome) = (Cow::Borrowed(body), Outcome::Whole);
    for coding in codings.rsplit(',').map(str::trim).filter(|name| !name.is_empty()).take(CODINGS_MAX) {
        if coding.eq_ignore_ascii_case("identity") || coding.eq_ignore_ascii_case("chunked") {
            continue;
        }
        let Some((decoded, next)) = one(&body, coding) else { return (Cow::Borrowed(&[]), Outcome::Broken) };
        body = Cow::Owned(decoded);
        if next != Outcome::Whole {
            outcome = next;
        }
    }
    if body.len() > BODY_BYTES_MAX {
        outcome = Outcome::Cut;
        body = match body {
            Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(..BODY_BYTES_MAX).unwrap_or(bytes)),
            Cow::Owned(mut bytes) => {
                bytes.truncate(BODY_BYTES_MAX);
                Cow::Owned(bytes)
            }
        };
    }
    (body, outcome)
}

/// `None` for a coding that is not known.
fn one(body: &[u8], coding: &str) -> Option<(Vec<u8>, Outcome)> {
    let lower = coding.to_ascii_lowercase();
    Some(match lower.as_str() {
        "gzip" | "x-gzip" => drain(flate2::bufread::MultiGzDecoder::new(body)),
        // The name says zlib; some servers send the bare stream.
        "deflate" if body.first().is_some_and(|first| first & 0x0f == 8) => {
            drain(flate2::bufread::ZlibDecoder::new(body))
        }
        "deflate" => drain(flate2::bufread::DeflateDecoder::new(body)),
        "br" => drain(brotli_decompressor::Decompressor::new(body, PIECE_BYTES)),
        "zstd" => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(body).ok()?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).ok()?;
            drain(decoder)
        }
        _ => return None,
    })
}

/// Reads until the end, an error, or one byte past the bound.
fn drain(mut decoder: impl Read) -> (Vec<u8>, Outcome) {
    let mut out = Vec::new();
    let mut piece = [0; PIECE_BYTES];
    loop {
        match decoder.read(&mut piece) {
            Ok(0) => return (out, Outcome::Whole),
            Ok(count) => out.extend_from_slice(piece.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return (out, Outcome::Cut),
            Err(_) => return (out, Outcome::Broken),
        }
        if out.len() > BODY_BYTES_MAX {
            return (out, Outcome::Cut);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn codings_are_undone_the_last_first() {
        let text = b"{\"id\":1}".as_slice();
        // `{"id":1}` as an uncompressed brotli block: window bits, last empty block after a raw one.
        let zstd = zstd::encode_all(text, 1).unwrap();
        for (body, codings) in [
            (gzip(text), "gzip"),
            (gzip(text), " X-GZIP "),
            (zlib(text), "deflate"),
            (deflate(text), "deflate"),
            (zstd.clone(), "zstd"),
            (gzip(&zstd), "zstd, gzip"),
            (text.to_vec(), "identity"),
            (text.to_vec(), ""),
        ] {
            assert_eq!(decode(&body, codings), (Cow::Borrowed(text), Outcome::Whole), "{codings}");
        }
    }

    #[test]
    fn brotli_is_undone() {
        // What curl's own decoder reads as "hello": made with the reference encoder.
        let body = [0x0f, 0x02, 0x80, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x03];
        assert_eq!(decode(&body, "br"), (Cow::Borrowed(b"hello".as_slice()), Outcome::Whole));
    }

    #[test]
    fn what_is_broken_or_unknown_is_said() {
        let whole = gzip(&b"abc".repeat(10_000));
        let (cut, outcome) = decode(whole.get(..whole.len() / 2).unwrap(), "gzip");
        assert_eq!(outcome, Outcome::Cut);
        assert!(cut.starts_with(b"abcabc") || cut.is_empty());
        assert_eq!(decode(b"not compressed at all", "gzip").1, Outcome::Broken);
        assert_eq!(decode(b"plain", "aes128gcm"), (Cow::Borrowed([].as_slice()), Outcome::Broken));
    }

    #[test]
    fn bombs_are_stopped() {
        let bomb = gzip(&vec![0; 2 * BODY_BYTES_MAX]);
        let (body, outcome) = decode(&bomb, "gzip");
        assert_eq!((body.len(), outcome), (BODY_BYTES_MAX, Outcome::Cut));
    }
}

//! Compressed request bodies, undone within a bound.
//!
//! Not `parse`'s codings of bodies in traffic: those are evidence, cut where they are too long. A request that is too
//! long or damaged is refused, for half a batch must not be counted.

use std::io::Read;

/// Window of zstd in HTTP (RFC 9659): 8 MB, as a power of two.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// Bytes that are decompressed at once.
const PIECE_BYTES: usize = 64 << 10;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Not at all.
    Identity,
    /// RFC 1952; several members follow one another.
    Gzip,
    /// RFC 8878.
    Zstd,
}

/// Why a body could not be decompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodingError {
    /// More comes out than may.
    #[error("the decompressed body is too large")]
    TooLarge,
    /// It is damaged, or its end is missing.
    #[error("the compressed body is damaged")]
    Broken,
}

impl Coding {
    /// The coding of a `Content-Encoding`; `None` for others and for several.
    pub fn parse(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Some(Self::Identity),
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// Decompresses all of a body, at most `limit` bytes.
pub fn decode(coding: Coding, body: &[u8], limit: usize) -> Result<Vec<u8>, CodingError> {
    match coding {
        Coding::Identity if body.len() > limit => Err(CodingError::TooLarge),
        Coding::Identity => Ok(body.to_vec()),
        Coding::Gzip => drain(flate2::bufread::MultiGzDecoder::new(body), limit),
        Coding::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(body).map_err(|_| CodingError::Broken)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(|_| CodingError::Broken)?;
            drain(decoder, limit)
        }
    }
}

fn drain(mut decoder: impl Read, limit: usize) -> Result<Vec<u8>, CodingError> {
    let mut out = Vec::new();
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match decoder.read(&mut piece) {
            Ok(0) => return Ok(out),
            Ok(count) => out.extend_from_slice(piece.get(..count).unwrap_or_default()),
            Err(_) => return Err(CodingError::Broken),
        }
        if out.len() > limit {
            return Err(CodingError::TooLarge);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn packed(coding: Coding, bytes: &[u8]) -> Vec<u8> {
        match coding {
            Coding::Identity => bytes.to_vec(),
            Coding::Gzip => gzip(bytes),
            Coding::Zstd => zstd::encode_all(bytes, 1).unwrap(),
        }
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_out(bytes in prop::collection::vec(any::<u8>(), 0..5_000)) {
            for coding in [Coding::Identity, Coding::Gzip, Coding::Zstd] {
                prop_assert_eq!(decode(coding, &packed(coding, &bytes), 5_000), Ok(bytes.clone()));
            }
        }

        #[test]
        fn anything_comes_out_bounded_or_not_at_all(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
            for coding in [Coding::Gzip, Coding::Zstd] {
                if let Ok(out) = decode(coding, &bytes, 1_000) {
                    prop_assert!(out.len() <= 1_000);
                }
            }
        }
    }

    #[test]
    fn members_follow_one_another() {
        let both = [gzip(b"one\n"), gzip(b"two\n")].concat();
        assert_eq!(decode(Coding::Gzip, &both, 100).unwrap(), b"one\ntwo\n");
    }

    #[test]
    fn a_cut_body_is_refused_and_not_half_taken() {
        for coding in [Coding::Gzip, Coding::Zstd] {
            let whole = packed(coding, &b"line\n".repeat(1_000));
            assert_eq!(decode(coding, &whole[..whole.len() / 2], 10_000), Err(CodingError::Broken), "{coding:?}");
        }
    }

    #[test]
    fn bombs_are_refused() {
        for coding in [Coding::Gzip, Coding::Zstd] {
            let bomb = packed(coding, &vec![0; 50 << 20]);
            assert!(bomb.len() < 100_000);
            assert_eq!(decode(coding, &bomb, 1 << 20), Err(CodingError::TooLarge), "{coding:?}");
        }
    }

    #[test]
    fn codings_are_told_by_name() {
        assert_eq!(Coding::parse(" GZIP "), Some(Coding::Gzip));
        assert_eq!(Coding::parse(""), Some(Coding::Identity));
        for other in ["br", "gzip, zstd", "deflate"] {
            assert_eq!(Coding::parse(other), None, "{other}");
        }
    }
}

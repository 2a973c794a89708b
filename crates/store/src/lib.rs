//! What Vedette keeps: journal, lake, hunting and control-plane state.
//!
//! The only crate that knows Arrow, DataFusion, Delta Lake and databases. It knows nothing of how exchanges are learned
//! from: what it stores comes as plain rows and as [`vedette_model::results::Results`].
//!
//! Start reading at [`journal`], which makes an acknowledgment true, then [`schema`] and [`lake`], where exchanges stay;
//! [`state`] is what people decided and may do.

/// The Arrow that the lake speaks.
pub use datafusion::arrow;

pub mod backup;
pub mod hunt;
pub mod journal;
pub mod keys;
pub mod lake;
pub mod row;
pub mod schema;
mod seal;
pub mod sealed;
pub mod state;
pub mod tables;

/// Bytes that a packed document may have: results of 10,000 endpoints have some 100 MB.
const UNPACKED_BYTES_MAX: u64 = 2 << 30;

/// Compresses what is kept beside the rest for others to read.
pub fn pack(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    zstd::bulk::compress(bytes, 3)
}

/// The inverse of [`pack`]. Bounded: what claims to be larger than `UNPACKED_BYTES_MAX` is not unpacked.
pub fn unpack(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut out = Vec::new();
    let mut reader = zstd::stream::read::Decoder::new(bytes)?.take(UNPACKED_BYTES_MAX + 1);
    std::io::copy(&mut reader, &mut out)?;
    if out.len() as u64 > UNPACKED_BYTES_MAX {
        return Err(std::io::Error::other("it unpacks to more than it may"));
    }
    Ok(out)
}

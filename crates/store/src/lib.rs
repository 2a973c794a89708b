//! What Vedette keeps: journal, lake, hunting and control-plane state.
//!
//! The only crate that knows Arrow, DataFusion, Delta Lake and databases. It knows nothing of how exchanges are learned
//! from: what it stores comes as plain rows and as [`vedette_model::results::Results`].
//!
//! Start reading at [`journal`], which makes an acknowledgment true, then [`schema`] and [`lake`], where exchanges stay;
//! [`state`] is what people decided and may do.

/// The Arrow that the lake speaks.
pub use datafusion::arrow;

pub mod journal;
pub mod keys;
pub mod lake;
pub mod row;
pub mod schema;
mod seal;
pub mod sealed;
pub mod state;

/// Compresses what is kept beside the rest for others to read.
pub fn pack(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    zstd::bulk::compress(bytes, 3)
}

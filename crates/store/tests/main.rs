//! The store at its boundary: what a caller may rely on.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed helper fails its test")]

mod hunts;
mod lake;

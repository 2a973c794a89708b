//! The crate's one integration binary.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a spec that cannot be read must fail the test")]

mod checks;
mod gateways;
mod snapshots;

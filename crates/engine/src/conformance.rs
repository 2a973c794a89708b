//! Traffic against specifications.
//!
//! A [`Contract`] is the compiled form of all specifications given. It seeds path templates where an exchange lands,
//! and judges a sample of the exchanges of each endpoint (`judge`): the sample is chosen by the hash of an exchange's
//! place in its source, so that shards merge to the same one (`tally`), everything is compared while exchanges are
//! few, and the cost per exchange falls as they grow.

mod conclude;
mod contract;
mod judge;
mod kind;
mod names;
mod schemas;
mod tally;

pub(crate) use conclude::{compare, declare};
pub use contract::Contract;
pub(crate) use judge::Call;
#[doc(hidden)]
pub use schemas::accepts;
pub(crate) use tally::Conformance;

#[cfg(test)]
mod tests;

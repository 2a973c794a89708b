//! Mergeable summaries of a population (invariant 3): each has `observe` and `merge`, is bounded, and is a few bytes
//! while it has seen little, because a log makes a hundred thousand provisional endpoints before it makes a thousand.
//!
//! Merging is commutative and associative, and equals observing everything in one place; [`TopK`] only within the
//! error it states.

mod counts;
mod distinct;
mod hours;
mod quantiles;
mod timeline;
mod topk;

pub use distinct::{DistinctCount, DistinctFew, hash};
pub use hours::HoursOfWeek;
pub use quantiles::Quantiles;
pub use timeline::Timeline;
pub use topk::{Heavy, TopK};

#[cfg(test)]
mod tests;

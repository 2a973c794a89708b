//! Large inputs for benchmarks, written as fast as a disk takes them.

mod access_log;
mod bodies;
mod capture;

pub use access_log::{Format, LogOptions, access_log};
pub use bodies::{BodyOptions, bodies};
pub use capture::capture;

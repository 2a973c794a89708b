//! The store at its boundary: what a caller may rely on.

mod hunts;
mod lake;

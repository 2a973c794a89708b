//! Journal, lake, hunting and state.

pub mod keys;

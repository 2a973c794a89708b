//! Journal, lake, hunting and state.

pub mod row;
pub mod schema;

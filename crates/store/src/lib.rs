//! Journal, lake, hunting and state.

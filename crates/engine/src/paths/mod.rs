//! Path templates: from raw paths to `/users/{userId}`.
//!
//! [`trie`] takes paths as they come, [`evidence`] weighs what speaks for each word being a parameter, and
//! [`templates`] reads the templates off the trie. [`provenance`] remembers which values the API hands out.

pub(crate) mod evidence;
pub(crate) mod parts;
pub(crate) mod profile;
pub(crate) mod provenance;
pub(crate) mod shape;
pub(crate) mod templates;
pub(crate) mod trie;
pub(crate) mod words;

//! What users point at, read through the public interface.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed helper fails its test")]

mod bad_input;
mod captures;
mod compression;
mod folders;
#[cfg(unix)]
mod follow;
mod har_dialects;
mod log_sources;
mod read;
mod splitting;

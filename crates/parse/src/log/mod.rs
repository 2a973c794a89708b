//! Access log formats.
//!
//! [`LogFormat`] reads lines of a fixed layout: every such format, built in or a user's, is compiled from a format
//! string to the same small program. [`JsonLog`] reads objects whose fields are known by name. [`detect()`] chooses.

mod address;
mod builtin;
mod compile;
mod detect;
mod draft;
mod envelope;
mod field;
mod format;
mod infer;
mod json;
mod literal;
mod program;
mod request;
mod strftime;
mod text;
mod time;
mod w3c;

pub use detect::{Detected, by_id, detect, format_ids};
pub use format::LogFormat;
pub use json::{JsonLog, records};

//! Access log formats.

use vedette_model::{Diagnostic, Exchange};

use crate::decode::{Decoder, Unreadable};

/// A line-based log with a fixed layout, compiled from a format string or built in.
#[derive(Clone, Debug)]
pub struct LogFormat {}

/// A log of JSON objects with its field mapping.
#[derive(Clone, Debug)]
pub struct JsonLog {}

/// A format that was recognized.
#[derive(Clone, Debug)]
pub struct Detected {
    /// How to read it.
    pub decoder: Decoder,
    /// Why it was chosen, in a sentence (`"12 of 12 lines fit Apache combined"`).
    pub reason: String,
}

impl LogFormat {
    /// Compiles an nginx `log_format` or Apache `LogFormat` string.
    pub fn compile(_format: &str) -> Result<Self, Diagnostic> {
        Ok(Self {})
    }

    /// Format id.
    pub fn id(&self) -> &str {
        ""
    }

    /// Reads one line.
    pub fn parse<'a>(&'a self, _line: &'a str) -> Result<Option<Exchange<'a>>, Unreadable> {
        Err(Unreadable { reason: "not built yet" })
    }
}

impl JsonLog {
    /// Format id.
    pub fn id(&self) -> &str {
        ""
    }

    /// Reads one line.
    pub fn parse<'a>(&'a self, _line: &'a str) -> Result<Option<Exchange<'a>>, Unreadable> {
        Err(Unreadable { reason: "not built yet" })
    }
}

/// Recognizes the log format of some lines from the start of a source (never a HAR entry).
pub fn detect(_lines: &[&str]) -> Option<Detected> {
    None
}

/// A format by its id (`--format combined`), or `None`; [`format_ids`] lists them.
pub fn by_id(_id: &str) -> Option<Decoder> {
    None
}

/// Ids of all built-in log formats.
pub fn format_ids() -> Vec<&'static str> {
    Vec::new()
}

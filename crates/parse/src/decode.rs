//! One record in, one exchange out: the closed list of formats.

use vedette_model::Exchange;

use crate::capture::{self, Container};
use crate::{har, log};

mod description;

/// How the records of a format are told apart in a stream of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// One record per line.
    Lines,
    /// The elements of `log.entries` of one HAR document.
    HarDocument,
    /// Packets of a capture; the records are what connections came to.
    Packets,
}

/// A format with all that is needed to read its records.
#[derive(Clone, Debug)]
pub enum Decoder {
    /// HAR entries; from a document or as NDJSON.
    Har(Framing),
    /// A line-based log with a fixed layout.
    Log(log::LogFormat),
    /// A log of JSON objects.
    Json(log::JsonLog),
    /// A packet capture, whose records are bytes: [`Decoder::decode_bytes`].
    Capture(Container),
}

/// A record that is no exchange in its format. Carries no content: samples are masked by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What was wrong: a lowercase fragment (`"expected a quoted request"`).
    pub reason: &'static str,
}

impl Unreadable {
    /// A HAR entry for something that never was an HTTP request (`data:`, `blob:`); [`Decoder::decode`] leaves it out.
    pub const NOT_HTTP: Self = Self { reason: "not an HTTP request" };
}

impl Decoder {
    /// Format id as shown to users (`combined`, `nginx-json`, `har`, …).
    pub fn id(&self) -> &str {
        match self {
            Self::Har(Framing::HarDocument) => "har",
            Self::Har(_) => "har-ndjson",
            Self::Log(format) => format.id(),
            Self::Json(format) => format.id(),
            Self::Capture(container) => container.id(),
        }
    }

    /// How its records are told apart.
    pub fn framing(&self) -> Framing {
        match self {
            Self::Har(framing) => *framing,
            Self::Log(_) | Self::Json(_) => Framing::Lines,
            Self::Capture(_) => Framing::Packets,
        }
    }

    /// True when [`Decoder::after`] may say something.
    pub fn has_directives(&self) -> bool {
        matches!(self, Self::Log(format) if format.has_directives())
    }

    /// How the records after this one are read, when it says so: a W3C log names its columns anew at every restart of
    /// the server.
    #[inline]
    pub fn after(&self, record: &str) -> Option<Self> {
        match self {
            Self::Log(format) if record.starts_with('#') => format.after(record).map(Self::Log),
            _ => None,
        }
    }

    /// Reads a record that may hold several exchanges (Azure's `{"records":[…]}`), in order.
    pub fn decode_each<'a>(&'a self, record: &'a str, mut each: impl FnMut(Result<Option<Exchange<'a>>, Unreadable>)) {
        match self {
            Self::Json(format) => log::records(record).into_iter().for_each(|record| each(format.parse(record))),
            _ => each(self.decode(record)),
        }
    }

    /// Reads one record. `Ok(None)` is a record that is no exchange by design (comment, header line, blank).
    pub fn decode<'a>(&'a self, record: &'a str) -> Result<Option<Exchange<'a>>, Unreadable> {
        match self {
            Self::Har(_) if record.trim_ascii().is_empty() => Ok(None),
            Self::Har(_) => match har::entry(record) {
                Err(Unreadable::NOT_HTTP) => Ok(None),
                other => other.map(Some),
            },
            Self::Log(format) => format.parse(record),
            Self::Json(format) => format.parse(record),
            Self::Capture(_) => Err(Unreadable { reason: "text in a packet capture" }),
        }
    }

    /// Reads one record of a capture; the other formats are text.
    pub fn decode_bytes(record: &[u8]) -> Result<Option<Exchange<'_>>, Unreadable> {
        match capture::exchange(record) {
            Err(Unreadable::NOT_HTTP) => Ok(None),
            other => other.map(Some),
        }
    }
}

//! Decoders written down, so that records kept today are read the same way years later.
//!
//! A description is the format's id, then what the id alone does not say after one space: the format string of
//! `custom` and `inferred`, the mapping of a `json` log, the `#Fields:` directives of a W3C log. It may have several
//! lines. The grammar is a promise to files that are kept: it may grow, what it says may not change.

use vedette_model::Diagnostic;

use super::{Decoder, Framing};
use crate::capture::Container;
use crate::log::{self, JsonLog, LogFormat};

/// Name under which descriptions appear in diagnostics.
const FILE: &str = "decoder";

impl Decoder {
    /// The decoder as text; [`Decoder::from_description`] makes one that reads every record the same way.
    pub fn describe(&self) -> String {
        let text = match self {
            Self::Har(_) | Self::Capture(_) => String::new(),
            Self::Log(format) => format.text(),
            Self::Json(log) => log.mapping().unwrap_or_default().to_owned(),
        };
        let has_mapping = matches!(self, Self::Json(log) if log.mapping().is_some());
        if text.is_empty() && !has_mapping { self.id().to_owned() } else { format!("{} {text}", self.id()) }
    }

    /// The decoder that a text of [`Decoder::describe`] stands for.
    ///
    /// # Errors
    /// When the text is no description, or one of a newer version.
    pub fn from_description(description: &str) -> Result<Self, Diagnostic> {
        let (id, text) = description.split_once(' ').map_or((description, None), |(id, text)| (id, Some(text)));
        match (id, text) {
            ("har-ndjson", None) => Ok(Self::Har(Framing::Lines)),
            ("har", None) => Ok(Self::Har(Framing::HarDocument)),
            ("pcap", None) => Ok(Self::Capture(Container::Pcap)),
            ("pcapng", None) => Ok(Self::Capture(Container::PcapNg)),
            ("custom", Some(format)) => LogFormat::compile(format).map(Self::Log),
            ("inferred", Some(format)) => LogFormat::inferred(format).map(Self::Log),
            ("json", Some(yaml)) => JsonLog::with_mapping(FILE, yaml).map(Self::Json).map_err(first),
            ("iis", Some(directives)) => columns("iis", directives),
            ("cloudfront", Some(directives)) => columns("cloudfront", directives),
            (id, None) => log::by_id(id).ok_or_else(|| unknown(format!("there is no format {id:?}"))),
            (id, Some(_)) => Err(unknown(format!("there is no format {id:?} with a layout of its own"))),
        }
    }
}

fn columns(id: &'static str, directives: &str) -> Result<Decoder, Diagnostic> {
    LogFormat::from_written_directives(id, directives)
        .map(Decoder::Log)
        .ok_or_else(|| unknown(format!("the columns of {id} have no request in them")))
}

fn first(diagnostics: Vec<Diagnostic>) -> Diagnostic {
    diagnostics.into_iter().next().unwrap_or_else(|| unknown("the mapping is not readable".to_owned()))
}

fn unknown(message: String) -> Diagnostic {
    let hint = Some("a newer version may have written it".to_owned());
    Diagnostic { file: FILE.to_owned(), message, hint, ..Diagnostic::default() }
}

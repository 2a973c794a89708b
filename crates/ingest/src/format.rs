//! Which format a source is in, decided from its beginning.

use vedette_model::limits::{HEAD_RECORDS_MAX, LINE_BYTES_MAX, RECORD_BYTES_MAX};
use vedette_parse::capture::Container;
use vedette_parse::decode::{Decoder, Framing};
use vedette_parse::{har, log};

use crate::batch::Records;
use crate::split::document::{Document, Holder};

mod binary;

/// How the records of a source are told apart and read, and why.
#[derive(Clone, Debug)]
pub struct Format {
    /// Reads a record; `None` when no format was recognized.
    pub decoder: Option<Decoder>,
    /// Why this format, in a sentence.
    pub reason: String,
    pub(crate) framing: Framing,
    /// The user named it: records that do not fit are said to be unreadable, no other format is tried.
    pub(crate) forced: bool,
}

/// What the beginning of a source shows.
#[derive(Debug)]
pub(crate) enum Sniffed {
    Format(Format),
    /// Nothing in it.
    Empty,
    /// Not text that can be analyzed; why, with a hint.
    Refused(String),
}

impl Format {
    /// Format id as shown to users, `unknown` when none was recognized.
    pub fn id(&self) -> &str {
        self.decoder.as_ref().map_or("unknown", Decoder::id)
    }

    /// The format that a decoder's description names; records are read in it, or in another known one.
    pub fn described(description: &str) -> Option<Self> {
        let decoder = Decoder::from_description(description).ok()?;
        let framing = decoder.framing();
        Some(Self { decoder: Some(decoder), reason: "its source says so".to_owned(), framing, forced: false })
    }

    /// Longest record in bytes.
    pub(crate) fn record_bytes_max(&self) -> usize {
        match (&self.decoder, self.framing) {
            (Some(Decoder::Har(_)), _) | (_, Framing::HarDocument) => RECORD_BYTES_MAX,
            _ => LINE_BYTES_MAX,
        }
    }

    fn har(framing: Framing, reason: String) -> Self {
        Self { decoder: Some(Decoder::Har(framing)), reason, framing, forced: false }
    }
}

/// Looks at the beginning of a source; `is_all` when nothing follows. `forced` is a format that the user named.
pub(crate) fn sniff(head: &[u8], is_all: bool, forced: Option<&Decoder>) -> Sniffed {
    if head.iter().all(u8::is_ascii_whitespace) && is_all {
        return Sniffed::Empty;
    }
    if let Some(container) = Container::of(head) {
        return Sniffed::Format(Format {
            decoder: Some(Decoder::Capture(container)),
            reason: "it begins like a packet capture".to_owned(),
            framing: Framing::Packets,
            forced: false,
        });
    }
    if let Some(reason) = binary::refuse(head) {
        return Sniffed::Refused(reason);
    }
    let text = String::from_utf8_lossy(head);
    let lines = lines(&text, is_all);
    let is_json = text.trim_ascii_start().trim_start_matches('\u{1e}').starts_with(['{', '[']);
    let structured = is_json.then(|| structure(head, &text, &lines)).flatten();
    if let Some(decoder) = forced {
        let framing = structured.as_ref().map_or(Framing::Lines, |format| format.framing);
        let decoder = match decoder {
            Decoder::Har(_) => Decoder::Har(framing),
            other => other.clone(),
        };
        let framing = if matches!(decoder, Decoder::Log(_)) { Framing::Lines } else { framing };
        let reason = "given by the user".to_owned();
        return Sniffed::Format(Format { decoder: Some(decoder), reason, framing, forced: true });
    }
    Sniffed::Format(structured.or_else(|| from_lines(&lines)).unwrap_or_else(|| Format {
        decoder: None,
        reason: "the beginning fits no known format".to_owned(),
        framing: Framing::Lines,
        forced: false,
    }))
}

/// A log format that lines are in. Lines from the end of the head have a say too, because a log may begin with
/// something else.
pub(crate) fn from_lines(lines: &[&str]) -> Option<Format> {
    let half = HEAD_RECORDS_MAX / 2;
    let sample: Vec<&str> = if lines.len() > HEAD_RECORDS_MAX {
        lines.iter().take(half).chain(lines.iter().skip(lines.len() - half)).copied().collect()
    } else {
        lines.to_vec()
    };
    if sample.is_empty() {
        return None;
    }
    let detected = log::detect(&sample).or_else(|| log::detect(sample.get(sample.len() / 2..)?))?;
    Some(Format { decoder: Some(detected.decoder), reason: detected.reason, framing: Framing::Lines, forced: false })
}

/// Lines that are no blanks; a last line without end is left out unless nothing follows.
pub(crate) fn lines(text: &str, is_all: bool) -> Vec<&str> {
    let whole = if is_all { text } else { text.rsplit_once('\n').map_or("", |(whole, _)| whole) };
    whole.lines().filter(|line| !line.trim_ascii().is_empty()).collect()
}

/// Tells HAR documents, HAR lines and pretty-printed or wrapped JSON logs apart.
fn structure(head: &[u8], text: &str, lines: &[&str]) -> Option<Format> {
    let mut document = Document::new(RECORD_BYTES_MAX);
    let mut out = Records::default();
    document.feed(head, &mut out);
    let records = values(&out);
    let fits = records.iter().filter(|record| is_har(record)).count();
    let share = format!("{fits} of {} {}", records.len(), if records.len() == 1 { "entry" } else { "entries" });
    match document.holder() {
        Some(Holder::Entries) if records.is_empty() => {
            return Some(Format::har(Framing::HarDocument, "it is a JSON object with a HAR log".to_owned()));
        }
        Some(Holder::Entries) if fits > 0 => {
            let reason = format!("it is a JSON object with a HAR log; {share} at its beginning can be read");
            return Some(Format::har(Framing::HarDocument, reason));
        }
        Some(_) if fits > 0 => {
            let reason = format!("it is an array of HAR entries; {share} at its beginning can be read");
            return Some(Format::har(Framing::HarDocument, reason));
        }
        Some(_) if records.is_empty() => {
            return looks_like_entry(text).then(|| {
                Format::har(
                    Framing::HarDocument,
                    "it is an array whose first element looks like a HAR entry".to_owned(),
                )
            });
        }
        Some(_) => return as_log(&records, "an array"),
        None => {}
    }
    // Objects one after the other: one per line, or pretty-printed.
    if lines.iter().take(HEAD_RECORDS_MAX).any(|line| is_har(line)) {
        let looked_at = lines.len().min(HEAD_RECORDS_MAX);
        let fits = lines.iter().take(looked_at).filter(|line| is_har(line)).count();
        return Some(Format::har(Framing::Lines, format!("{fits} of {looked_at} lines are HAR entries")));
    }
    if fits > 0 {
        return Some(Format::har(
            Framing::HarDocument,
            format!("it is a sequence of HAR entries; {share} can be read"),
        ));
    }
    if records.is_empty() && looks_like_entry(text) {
        let framing = if text.trim_ascii().contains('\n') { Framing::HarDocument } else { Framing::Lines };
        return Some(Format::har(framing, "its first object looks like a HAR entry".to_owned()));
    }
    let pretty = lines.first().is_some_and(|line| !line.trim_ascii_end().ends_with('}'));
    if pretty { as_log(&records, "a sequence of pretty-printed objects") } else { None }
}

/// A JSON log whose records are not one per line.
fn as_log(records: &[&str], shape: &str) -> Option<Format> {
    let detected = log::detect(records.get(..HEAD_RECORDS_MAX).unwrap_or(records))?;
    if !matches!(detected.decoder, Decoder::Json(_)) {
        return None;
    }
    let reason = format!("{}, in {shape}", detected.reason);
    Some(Format { decoder: Some(detected.decoder), reason, framing: Framing::HarDocument, forced: false })
}

/// Every HAR entry has a time or an answer; a log line with a `request` object may not. Kong's has a request and an
/// answer of the same shape, but its time under another name.
pub(crate) fn is_har(record: &str) -> bool {
    match har::entry(record) {
        Ok(exchange) => exchange.at.is_some() || (exchange.status > 0 && !record.contains("\"latencies\":")),
        Err(unreadable) => unreadable == vedette_parse::decode::Unreadable::NOT_HTTP,
    }
}

/// An entry too long for the head: goes by the keys that every recorder writes.
fn looks_like_entry(text: &str) -> bool {
    text.contains("\"request\"") && (text.contains("\"startedDateTime\"") || text.contains("\"response\""))
}

fn values(out: &Records) -> Vec<&str> {
    let mut start = 0;
    let mut values = Vec::new();
    for end in out.ends.iter().flatten().take(HEAD_RECORDS_MAX) {
        values.extend(out.bytes.get(start..*end).and_then(|bytes| std::str::from_utf8(bytes).ok()));
        start = *end;
    }
    values
}

//! The line that is printed, written by hand into one buffer: no allocation per match.

use std::io::{self, Write};

use vedette_parse::classes::{ClassId, Classifier, Match};

/// One output line in the making.
pub(super) struct Report<'c> {
    pub(super) classifier: &'c Classifier,
    pub(super) matches: Vec<Match>,
    confidence_min: f32,
    body: Vec<u8>,
    id: Vec<u8>,
    any: bool,
}

impl<'c> Report<'c> {
    /// An empty report.
    pub(super) fn new(classifier: &'c Classifier, confidence_min: f32) -> Self {
        Self { classifier, matches: Vec::new(), confidence_min, body: Vec::new(), id: Vec::new(), any: false }
    }

    /// Begins a line.
    pub(super) fn begin(&mut self) {
        self.body.clear();
        self.id.clear();
        self.any = false;
    }

    /// Takes over the id as it was written.
    pub(super) fn set_id(&mut self, raw: &str) {
        self.id.clear();
        self.id.extend_from_slice(raw.as_bytes());
    }

    /// Replaces everything by an error.
    pub(super) fn fail(&mut self, error: &str) {
        self.begin();
        let _ = serde_json::to_writer(&mut self.id, error);
        self.any = false;
        self.body.clear();
        self.body.extend_from_slice(b"\0");
    }

    /// Adds what is found in a text; `path` writes where it stands as JSON, `null` for a text.
    pub(super) fn text(&mut self, text: &str, path: impl FnOnce() -> Vec<u8>) {
        self.matches.clear();
        let mut matches = std::mem::take(&mut self.matches);
        self.classifier.scan(text, &mut matches);
        let path = if matches.is_empty() { Vec::new() } else { path() };
        let mut cursor = Cursor::default();
        for found in &matches {
            let start = cursor.chars_at(text, found.start);
            let end = cursor.chars_at(text, found.end);
            self.push(found.class, found.confidence, start, end, &path);
        }
        self.matches = matches;
    }

    /// Adds one match.
    pub(super) fn push(&mut self, class: ClassId, confidence: f32, start: usize, end: usize, path: &[u8]) {
        let Some(class) = self.classifier.class(class).filter(|_| confidence >= self.confidence_min) else { return };
        if self.any {
            self.body.push(b',');
        }
        self.any = true;
        let _ = write!(self.body, "{{\"class\":\"{}\",\"start\":{start},\"end\":{end},\"path\":", class.id);
        self.body.extend_from_slice(path);
        let hundredths = (confidence * 100.0).round() as u32;
        let _ = write!(self.body, ",\"confidence\":{}.{:02}}}", hundredths / 100, hundredths % 100);
    }

    /// Writes the line.
    pub(super) fn write_line(&mut self, out: &mut impl Write) -> io::Result<()> {
        if self.body == b"\0" {
            out.write_all(b"{\"id\":null,\"error\":")?;
            out.write_all(&self.id)?;
            return out.write_all(b"}\n");
        }
        out.write_all(b"{\"id\":")?;
        out.write_all(if self.id.is_empty() { b"null" } else { &self.id })?;
        out.write_all(b",\"matches\":[")?;
        out.write_all(&self.body)?;
        out.write_all(b"]}\n")
    }
}

/// Turns byte offsets of one text into character offsets; they come in order, so the text is counted once.
#[derive(Default)]
struct Cursor {
    byte: usize,
    chars: usize,
}

impl Cursor {
    fn chars_at(&mut self, text: &str, byte: usize) -> usize {
        self.chars += text.get(self.byte..byte).map_or(0, |part| part.chars().count());
        self.byte = byte;
        self.chars
    }
}

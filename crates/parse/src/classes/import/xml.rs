//! XML as a bounded tree. Document types are refused, so that no entity is ever expanded.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use vedette_model::Diagnostic;
use vedette_model::limits::{DOCUMENT_DEPTH_MAX, DOCUMENT_NODES_MAX};

/// An element.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// Name without its prefix.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    /// Its own text, references resolved, as it stands.
    pub(super) text: String,
    /// From 1.
    pub(super) line: usize,
}

impl Element {
    /// An attribute by its name.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Every element below with this name, outermost first.
    pub(super) fn all<'a>(&'a self, name: &str) -> Vec<&'a Self> {
        let mut found = Vec::new();
        let mut waiting = vec![self];
        while let Some(element) = waiting.pop() {
            for child in element.children.iter().rev() {
                waiting.push(child);
            }
            if element.name == name {
                found.push(element);
            }
        }
        found
    }
}

/// Reads a document.
pub(super) fn read(file: &str, text: &str) -> Result<Element, Diagnostic> {
    let lines = Lines::of(text);
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = vec![Element::default()];
    let mut count = 0;
    loop {
        let at = reader.buffer_position() as usize;
        let refuse = |at: usize, message: String, hint: Option<&str>| {
            let (line, column) = lines.place(text, at);
            Diagnostic { file: file.to_owned(), line, column, message, hint: hint.map(str::to_owned) }
        };
        let event = reader
            .read_event()
            .map_err(|error| refuse(reader.error_position() as usize, format!("no XML: {error}"), None))?;
        match event {
            Event::Start(_) | Event::Empty(_) if open.len() > DOCUMENT_DEPTH_MAX || count >= DOCUMENT_NODES_MAX => {
                let message = format!("more than {DOCUMENT_DEPTH_MAX} levels or {DOCUMENT_NODES_MAX} elements");
                return Err(refuse(at, message, None));
            }
            Event::Start(start) => {
                count += 1;
                open.push(element(&start, lines.line(at)).map_err(|error| refuse(at, error, None))?);
            }
            Event::Empty(start) => {
                count += 1;
                let element = element(&start, lines.line(at)).map_err(|error| refuse(at, error, None))?;
                close(&mut open, element);
            }
            Event::End(_) => {
                if let Some(done) = open.pop() {
                    close(&mut open, done);
                }
            }
            Event::Text(part) => push(&mut open, &part),
            Event::CData(part) => push(&mut open, &part),
            Event::GeneralRef(name) => push(&mut open, &reference(&name)),
            Event::DocType(_) => {
                return Err(refuse(
                    at,
                    "a document type".to_owned(),
                    Some("remove `<!DOCTYPE …>`: entities are not expanded"),
                ));
            }
            Event::Eof if open.len() > 1 => return Err(refuse(at, "the document ends in the middle".to_owned(), None)),
            Event::Eof => return Ok(open.pop().unwrap_or_default()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

fn close(open: &mut [Element], done: Element) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(done);
    }
}

fn push(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn element(start: &BytesStart<'_>, line: usize) -> Result<Element, String> {
    let mut element = Element { name: start.local_name().as_ref().to_owned(), line, ..Element::default() };
    // The check for duplicates compares every attribute with all before it.
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| format!("no XML: {error}"))?;
        element.attributes.push((attribute.key.local_name().as_ref().to_owned(), resolve(&attribute.value)));
    }
    Ok(element)
}

/// The five references of XML and characters by number (XML 1.0, 4.6); anything else stays as it is written.
fn reference(name: &str) -> String {
    let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    });
    match (name, number.and_then(char::from_u32)) {
        ("lt", _) => "<".to_owned(),
        ("gt", _) => ">".to_owned(),
        ("amp", _) => "&".to_owned(),
        ("quot", _) => "\"".to_owned(),
        ("apos", _) => "'".to_owned(),
        (_, Some(c)) => c.to_string(),
        _ => format!("&{name};"),
    }
}

fn resolve(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        match after.split_once(';') {
            Some((name, after)) if name.len() <= 10 => {
                out.push_str(&reference(name));
                rest = after;
            }
            _ => {
                out.push('&');
                rest = after;
            }
        }
    }
    out + rest
}

/// Where lines begin.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    /// Of a text.
    pub(super) fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at + 1).collect())
    }

    /// The line of a byte, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.0.partition_point(|begin| *begin <= at) + 1
    }

    /// Line and column (in characters) of a byte, from 1.
    pub(super) fn place(&self, text: &str, at: usize) -> (usize, usize) {
        let line = self.line(at);
        let begin = line.checked_sub(2).and_then(|i| self.0.get(i)).copied().unwrap_or(0);
        let column = text.get(begin..at).map_or(1, |before| before.chars().count() + 1);
        (line, column)
    }
}

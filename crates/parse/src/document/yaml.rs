//! YAML events to a tree.

use foldhash::fast::FixedState;
use granit_parser::{Event, Options, Parser, ScalarStyle, Span, StrInput};
use hashbrown::HashMap;
use serde_json::{Map, Number, Value};
use vedette_model::Diagnostic;
use vedette_model::limits::{DOCUMENT_DEPTH_MAX, DOCUMENT_NODES_MAX};

/// Reads the first document of a YAML stream.
pub(super) fn read(file: &str, text: &str) -> Result<Value, Diagnostic> {
    let mut reader = Reader { events: Events::new(text), anchors: HashMap::default(), nodes: 0 };
    reader.document().map_err(|message| reader.events.diagnostic(file, message))
}

/// The events of a text, comments left out.
pub(super) fn events(text: &str) -> Parser<'_, StrInput<'_>> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    Parser::new_from_str_with_options(text, options)
}

/// The events of a text one by one, and where the last one was.
pub(super) struct Events<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// Line and column of the last event, from 1.
    pub(super) at: (usize, usize),
}

impl<'a> Events<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { parser: events(text), at: (1, 1) }
    }

    pub(super) fn next(&mut self) -> Result<Event<'a>, String> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                self.at = start(&span);
                Ok(event)
            }
            Some(Err(error)) => {
                let mark = error.marker();
                self.at = (mark.line(), mark.col() + 1);
                Err(format!("no YAML: {}", error.info()))
            }
            None => Err("the document ends in the middle".to_owned()),
        }
    }

    /// What is wrong at the last event.
    pub(super) fn diagnostic(&self, file: &str, message: String) -> Diagnostic {
        Diagnostic { file: file.to_owned(), line: self.at.0, column: self.at.1, message, hint: None }
    }
}

struct Reader<'a> {
    events: Events<'a>,
    /// Values by anchor, with their number of nodes.
    anchors: HashMap<usize, (Value, usize), FixedState>,
    nodes: usize,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Value, String> {
        loop {
            match self.events.next()? {
                Event::StreamStart | Event::DocumentStart(..) => {}
                Event::StreamEnd | Event::DocumentEnd => return Ok(Value::Null),
                event => return self.value(event, 0),
            }
        }
    }

    fn value(&mut self, event: Event<'a>, depth: usize) -> Result<Value, String> {
        if depth > DOCUMENT_DEPTH_MAX {
            return Err(format!("nested deeper than {DOCUMENT_DEPTH_MAX} levels"));
        }
        self.count(1)?;
        let first = self.nodes;
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                (if plain { scalar(&text) } else { Value::String(text.into_owned()) }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => (self.sequence(depth)?, anchor),
            Event::MappingStart(_, anchor, _) => (self.mapping(depth)?, anchor),
            Event::Alias(anchor) => {
                let nodes = self.anchors.get(&anchor).ok_or("an alias of itself")?.1;
                self.count(nodes)?;
                return Ok(self.anchors.get(&anchor).map(|(value, _)| value.clone()).unwrap_or_default());
            }
            other => return Err(format!("unexpected {other:?}").chars().take(80).collect()),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, (value.clone(), self.nodes - first + 1));
        }
        Ok(value)
    }

    fn count(&mut self, nodes: usize) -> Result<(), String> {
        self.nodes += nodes;
        if self.nodes > DOCUMENT_NODES_MAX {
            return Err(format!("more than {DOCUMENT_NODES_MAX} values, aliases counted as what they stand for"));
        }
        Ok(())
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, String> {
        let mut items = Vec::new();
        loop {
            match self.events.next()? {
                Event::SequenceEnd => return Ok(Value::Array(items)),
                event => items.push(self.value(event, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, String> {
        let mut members = Map::new();
        let mut merged = Vec::new();
        loop {
            let key = match self.events.next()? {
                Event::MappingEnd => break,
                Event::Scalar(text, style, anchor, _) => {
                    if anchor > 0 {
                        self.anchors.insert(anchor, (Value::String(text.clone().into_owned()), 1));
                    }
                    (text.into_owned(), style == ScalarStyle::Plain)
                }
                event => match self.value(event, depth + 1)? {
                    Value::String(text) => (text, false),
                    _ => return Err("a key that is no text".to_owned()),
                },
            };
            let event = self.events.next()?;
            let value = self.value(event, depth + 1)?;
            match (key, value) {
                ((key, true), Value::Object(other)) if key == "<<" => merged.push(other),
                ((key, true), Value::Array(others)) if key == "<<" => {
                    merged.extend(others.into_iter().filter_map(|one| match one {
                        Value::Object(members) => Some(members),
                        _ => None,
                    }));
                }
                ((key, _), value) => {
                    members.insert(key, value);
                }
            }
        }
        for (key, value) in merged.into_iter().flatten() {
            members.entry(key).or_insert(value);
        }
        Ok(Value::Object(members))
    }
}

/// One-based line and column where a span begins.
pub(super) fn start(span: &Span) -> (usize, usize) {
    (span.start.line(), span.start.col() + 1)
}

/// A plain scalar by the core schema.
pub(super) fn scalar(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let begins = text.as_bytes().first().is_some_and(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.'));
    if begins && let Some(number) = number(text) {
        return Value::Number(number);
    }
    Value::String(text.to_owned())
}

fn number(text: &str) -> Option<Number> {
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().map(Number::from);
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return u64::from_str_radix(octal, 8).ok().map(Number::from);
    }
    if let Ok(integer) = text.parse::<i64>() {
        return Some(Number::from(integer));
    }
    if let Ok(integer) = text.parse::<u64>() {
        return Some(Number::from(integer));
    }
    let numeric = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    let digits = text.bytes().any(|b| b.is_ascii_digit());
    if numeric && digits { text.parse::<f64>().ok().and_then(Number::from_f64) } else { None }
}

//! Where in the text a value stands.

use foldhash::fast::FixedState;
use granit_parser::Event;
use hashbrown::{HashMap, HashSet};

use super::push_token;
use super::yaml::{events, start};

/// Line and column of a value, and of the key before it; from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Line of the key, or of the value where there is no key (array items, the document).
    pub line: usize,
    /// Column of the same.
    pub column: usize,
    /// Line after the last one of the value: where a member can be added behind it.
    pub end_line: usize,
}

/// Finds JSON pointers (RFC 6901) in a JSON or YAML text. What is not there, or stands behind an error, is left out.
pub fn locate<'p>(text: &str, pointers: impl IntoIterator<Item = &'p str>) -> HashMap<&'p str, Place, FixedState> {
    let wanted: HashSet<&str, FixedState> = pointers.into_iter().collect();
    let mut walk = Walk { wanted, found: HashMap::default(), pointer: String::new(), frames: Vec::new() };
    for event in events(text) {
        let Ok((event, span)) = event else { break };
        let (begin, end) = (start(&span), span.end);
        match event {
            Event::MappingStart(..) => walk.open(begin, Kind::Mapping),
            Event::SequenceStart(..) => walk.open(begin, Kind::Sequence),
            Event::MappingEnd | Event::SequenceEnd => walk.close(span.start.line(), span.start.col()),
            Event::Scalar(ref text, ..) => walk.scalar(text, begin, end.line(), end.col()),
            Event::Alias(_) => walk.scalar("", begin, end.line(), end.col()),
            _ => {}
        }
    }
    walk.found
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Mapping,
    Sequence,
}

struct Frame {
    kind: Kind,
    /// Items or members so far.
    count: usize,
    /// A mapping whose key was read.
    key: Option<(usize, usize)>,
    /// Length of the pointer of the collection itself.
    pointer: usize,
    begin: (usize, usize),
}

struct Walk<'p> {
    wanted: HashSet<&'p str, FixedState>,
    found: HashMap<&'p str, Place, FixedState>,
    pointer: String,
    frames: Vec<Frame>,
}

impl Walk<'_> {
    /// Sets the pointer of the value that comes next; gives where its key stands, or `own`.
    fn enter(&mut self, own: (usize, usize)) -> (usize, usize) {
        let Some(frame) = self.frames.last_mut() else { return own };
        match frame.kind {
            Kind::Sequence => {
                self.pointer.truncate(frame.pointer);
                push_token(&mut self.pointer, &frame.count.to_string());
                frame.count += 1;
                own
            }
            Kind::Mapping => frame.key.take().unwrap_or(own),
        }
    }

    fn open(&mut self, begin: (usize, usize), kind: Kind) {
        let begin = self.enter(begin);
        let pointer = self.pointer.len();
        self.frames.push(Frame { kind, count: 0, key: None, pointer, begin });
    }

    fn close(&mut self, line: usize, column: usize) {
        let Some(frame) = self.frames.pop() else { return };
        self.pointer.truncate(frame.pointer);
        // Block collections end where the next thing begins; flow ones at their bracket.
        self.note(frame.begin, if column == 0 { line } else { line + usize::from(line == frame.begin.0) });
    }

    fn scalar(&mut self, text: &str, begin: (usize, usize), end_line: usize, end_column: usize) {
        if let Some(frame) = self.frames.last_mut()
            && frame.kind == Kind::Mapping
            && frame.key.is_none()
        {
            frame.key = Some(begin);
            self.pointer.truncate(frame.pointer);
            push_token(&mut self.pointer, text);
            return;
        }
        let begin = self.enter(begin);
        self.note(begin, if end_column == 0 { end_line } else { end_line + 1 });
    }

    fn note(&mut self, (line, column): (usize, usize), end_line: usize) {
        if let Some(&wanted) = self.wanted.get(self.pointer.as_str()) {
            self.found.entry(wanted).or_insert(Place { line, column, end_line });
        }
    }
}

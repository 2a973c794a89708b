//! JSON documents that hold records: `{"log":{"entries":[…]}}` of HAR, `{"records":[…]}` of cloud exports, a bare
//! array, or values one after the other, minified or pretty-printed.
//!
//! The scanner knows strings and nesting and nothing else; whether a record is sound JSON is its decoder's question. A
//! document that ends early yields the records before the cut. Memory: the record being read, up to the limit.

use vedette_parse::har::quote_or_backslash;

use super::{PREFIX_BYTES, TooLong};
use crate::batch::Records;

/// Cuts out the elements of the arrays that hold records, and top-level objects that hold no such array.
#[derive(Debug)]
pub(crate) struct Document {
    record_bytes_max: usize,
    place: Place,
    state: State,
    /// Place to return to after the array of records.
    array_in: Place,
    /// Nesting inside a value that is passed over or taken.
    depth: usize,
    /// Inside a string after a backslash.
    escaped: bool,
    taking: Taking,
    /// Records ended so far.
    records: u64,
    key: Key,
    holder: Option<Holder>,
    /// Bytes between documents that are none.
    stray_bytes: u64,
    truncated: bool,
    pub(crate) too_long: TooLong,
}

/// Where records were found first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// `log.entries` or `entries`; also a `log` object whose entries did not come yet.
    Entries,
    /// `records`, the first key of an object.
    Records,
    /// A bare array.
    Array,
}

/// The containers that are entered; all others are passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Between,
    Object,
    Log,
    Array,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// At a place, between tokens.
    Outer,
    /// In a string at a place: a key or a value.
    OuterString,
    /// Inside a value.
    Inner,
    /// In a string inside a value.
    InnerString,
    /// In a number or literal that is an element.
    Word,
}

/// What becomes of the bytes.
#[derive(Debug, PartialEq, Eq)]
enum Taking {
    /// They belong to no record.
    Nothing,
    /// They belong to a record.
    Record,
    /// They belong to a record over the limit, which began like this.
    TooLong(Vec<u8>),
}

/// The key that was read last, as far as it matters.
#[derive(Debug, Default)]
struct Key {
    bytes: [u8; 8],
    len: usize,
    /// The next string is a key.
    expected: bool,
    /// Keys of this object so far.
    count: u64,
}

impl Document {
    pub(crate) fn new(record_bytes_max: usize) -> Self {
        Self {
            record_bytes_max,
            place: Place::Between,
            state: State::Outer,
            array_in: Place::Between,
            depth: 0,
            escaped: false,
            taking: Taking::Nothing,
            records: 0,
            key: Key::default(),
            holder: None,
            stray_bytes: 0,
            truncated: false,
            too_long: TooLong::default(),
        }
    }

    /// Where records were found, if they were in an array.
    pub(crate) fn holder(&self) -> Option<Holder> {
        self.holder
    }

    /// True when the stream ended inside a document.
    pub(crate) fn truncated(&self) -> bool {
        self.truncated
    }

    /// Bytes that stand between documents and are none.
    pub(crate) fn stray_bytes(&self) -> u64 {
        self.stray_bytes
    }

    /// Takes bytes until they are used up or `out` is full; returns how many.
    pub(crate) fn feed(&mut self, chunk: &[u8], out: &mut Records) -> usize {
        let mut at = 0;
        while at < chunk.len() && !out.is_full() {
            let rest = chunk.get(at..).unwrap_or_default();
            let len = match self.state {
                State::Outer => self.outer(rest, out),
                State::OuterString => self.outer_string(rest, out),
                State::Inner | State::InnerString => self.inner(rest, out),
                State::Word => self.word(rest, out),
            };
            at += len;
        }
        at
    }

    /// Tells that nothing follows: an element without end is dropped and the document called truncated.
    pub(crate) fn finish(&mut self, out: &mut Records) {
        self.truncated = self.place != Place::Between || self.state != State::Outer;
        self.forget(out);
    }

    /// One step at a place.
    fn outer(&mut self, rest: &[u8], out: &mut Records) -> usize {
        let Some(&byte) = rest.first() else { return 0 };
        match (self.place, byte) {
            (_, b' ' | b'\n' | b'\r' | b'\t' | b':' | 0x1e) => self.copy(rest.get(..1), out),
            (Place::Between | Place::Array, b',') => {}
            (Place::Between, b'{') => {
                self.begin(rest, out);
                self.enter(Place::Object);
            }
            (Place::Between, b'[') => self.enter_array(Holder::Array, out),
            (Place::Between, _) => self.stray_bytes += 1,
            (Place::Array, b']') => {
                self.place = self.array_in;
                self.key.expected = false;
            }
            (Place::Array, b'}') => self.broken(out),
            (Place::Array, _) => return self.element(rest, out),
            (Place::Object | Place::Log, _) => self.member(byte, rest, out),
        }
        1
    }

    /// One step in an object that is entered.
    fn member(&mut self, byte: u8, rest: &[u8], out: &mut Records) {
        match byte {
            b'"' => {
                self.copy(rest.get(..1), out);
                self.state = State::OuterString;
                if self.key.expected {
                    self.key.len = 0;
                }
            }
            b',' => {
                self.copy(rest.get(..1), out);
                self.key.expected = true;
            }
            b'}' if self.place == Place::Log => {
                self.place = Place::Object;
                self.key.expected = false;
            }
            b'}' => {
                self.copy(rest.get(..1), out);
                self.place = Place::Between;
                self.end(out);
            }
            b']' => self.broken(out),
            b'{' if self.key.is(b"log") && self.place == Place::Object => {
                self.forget(out);
                self.holder.get_or_insert(Holder::Entries);
                self.enter(Place::Log);
            }
            b'[' if self.key.is(b"entries") => self.enter_array(Holder::Entries, out),
            b'[' if self.place == Place::Object
                && self.key.count == 1
                && (self.key.is(b"records") || self.key.is(b"Records")) =>
            {
                self.enter_array(Holder::Records, out);
            }
            b'{' | b'[' => {
                self.copy(rest.get(..1), out);
                self.state = State::Inner;
                self.depth = 1;
            }
            _ => self.copy(rest.get(..1), out),
        }
    }

    /// Begins an element of an array of records.
    fn element(&mut self, rest: &[u8], out: &mut Records) -> usize {
        self.begin(rest, out);
        self.depth = 0;
        match rest.first() {
            Some(b'{' | b'[') => {
                self.state = State::Inner;
                self.depth = 1;
            }
            Some(b'"') => self.state = State::InnerString,
            _ => self.state = State::Word,
        }
        1
    }

    fn outer_string(&mut self, rest: &[u8], out: &mut Records) -> usize {
        let mut len = 0;
        for byte in rest {
            len += 1;
            if std::mem::take(&mut self.escaped) {
                self.key.push(0);
            } else if *byte == b'\\' {
                self.escaped = true;
            } else if *byte == b'"' {
                self.state = State::Outer;
                if std::mem::take(&mut self.key.expected) {
                    self.key.count += 1;
                } else {
                    self.key.len = 0;
                }
                break;
            } else if self.key.expected {
                self.key.push(*byte);
            }
        }
        self.copy(rest.get(..len), out);
        len
    }

    /// Runs through a value; the hot loop.
    fn inner(&mut self, rest: &[u8], out: &mut Records) -> usize {
        let mut at = usize::from(std::mem::take(&mut self.escaped));
        let mut ended = false;
        let mut in_string = self.state == State::InnerString;
        while at < rest.len() && !ended {
            if in_string {
                at += quote_or_backslash(rest.get(at..).unwrap_or_default());
                match rest.get(at) {
                    Some(b'"') => {
                        at += 1;
                        in_string = false;
                        ended = self.depth == 0;
                    }
                    Some(_) => at += 2,
                    None => {}
                }
                continue;
            }
            let tail = rest.get(at..).unwrap_or_default();
            at += tail.iter().position(|b| matches!(b, b'"' | b'{' | b'}' | b'[' | b']')).unwrap_or(tail.len());
            match rest.get(at) {
                Some(b'"') => in_string = true,
                Some(b'{' | b'[') => self.depth += 1,
                Some(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    ended = self.depth == 0;
                }
                None => break,
            }
            at += 1;
        }
        self.escaped = at > rest.len();
        let len = at.min(rest.len());
        self.state = if in_string { State::InnerString } else { State::Inner };
        self.copy(rest.get(..len), out);
        if ended {
            self.state = State::Outer;
            if self.place == Place::Array {
                self.end(out);
            }
        }
        len
    }

    fn word(&mut self, rest: &[u8], out: &mut Records) -> usize {
        let ends = |b: &u8| matches!(b, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t');
        let len = rest.iter().position(ends);
        self.copy(rest.get(..len.unwrap_or(rest.len())), out);
        if len.is_some() {
            self.state = State::Outer;
            self.end(out);
        }
        len.unwrap_or(rest.len())
    }

    fn enter(&mut self, place: Place) {
        self.place = place;
        self.key = Key { expected: true, ..Key::default() };
    }

    fn enter_array(&mut self, holder: Holder, out: &mut Records) {
        self.forget(out);
        self.holder.get_or_insert(holder);
        self.array_in = self.place;
        self.place = Place::Array;
    }

    /// A bracket that fits nothing: waits for the next document.
    fn broken(&mut self, out: &mut Records) {
        self.forget(out);
        self.stray_bytes += 1;
        self.place = Place::Between;
    }

    fn begin(&mut self, rest: &[u8], out: &mut Records) {
        self.taking = Taking::Record;
        self.copy(rest.get(..1), out);
    }

    fn end(&mut self, out: &mut Records) {
        match std::mem::replace(&mut self.taking, Taking::Nothing) {
            Taking::Nothing => return,
            Taking::Record => {}
            Taking::TooLong(prefix) => self.too_long.note(self.records, prefix),
        }
        out.end();
        self.records += 1;
    }

    /// What was taken is no record after all.
    fn forget(&mut self, out: &mut Records) {
        self.taking = Taking::Nothing;
        out.drop_partial();
    }

    #[inline]
    fn copy(&mut self, bytes: Option<&[u8]>, out: &mut Records) {
        let bytes = bytes.unwrap_or_default();
        if self.taking != Taking::Record {
            return;
        }
        if out.partial().len() + bytes.len() > self.record_bytes_max {
            // Counted when it ends: until then it may be an object that only holds records.
            let prefix = out.partial().iter().chain(bytes).take(PREFIX_BYTES).copied().collect();
            self.taking = Taking::TooLong(prefix);
            out.drop_partial();
            return;
        }
        out.bytes.extend_from_slice(bytes);
    }
}

impl Key {
    fn push(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(self.len) {
            *slot = byte;
        }
        self.len += 1;
    }

    fn is(&self, name: &[u8]) -> bool {
        !self.expected && self.bytes.get(..self.len) == Some(name)
    }
}

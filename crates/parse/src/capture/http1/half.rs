//! One side of an HTTP/1 connection: where its messages begin and end (RFC 9112, 6 and 7).

use vedette_model::Side;

use super::head::{self, Framing, Transfer};
use crate::capture::record::Message;

/// Longest line with the size of a chunk. Extensions are never used.
const CHUNK_LINE_BYTES_MAX: usize = 1 << 10;

/// One side.
#[derive(Debug)]
pub(in crate::capture) struct Half {
    state: State,
    /// The message whose head is being read.
    message: Message,
    /// The first line of the head is complete.
    has_first_line: bool,
    /// The line that is being read after the head.
    line: Vec<u8>,
    /// Bytes before may belong to a message: only what clearly begins one does.
    is_lost: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    /// Between messages, or lost.
    #[default]
    Idle,
    Head,
    /// So many bytes of the body to come.
    Length(u64),
    ChunkSize,
    Chunk(u64),
    ChunkEnd,
    Trailers,
    /// Until the connection ends.
    Close,
}

/// What some bytes came to.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::capture) enum Event {
    None,
    /// A head is complete.
    Head,
    /// The message is over.
    Done,
    /// The message ends here because its framing makes no sense.
    Broken,
    /// So many bytes belong to no message.
    Unframed(usize),
}

impl Half {
    /// `is_lost` when the first bytes may be in the middle of a message.
    pub(in crate::capture) fn new(is_lost: bool) -> Self {
        Self { state: State::Idle, message: Message::default(), has_first_line: false, line: Vec::new(), is_lost }
    }

    /// Takes bytes; returns how many, which is at least one, and what they came to. `message` is the one whose body is
    /// being read.
    pub(in crate::capture) fn advance(
        &mut self,
        bytes: &[u8],
        side: Side,
        at: i64,
        message: Option<&mut Message>,
    ) -> (usize, Event) {
        match self.state {
            State::Idle => self.idle(bytes, side, at),
            State::Head => self.head(bytes, side),
            State::Length(left) => {
                let (used, left) = body(bytes, left, at, message);
                self.state = State::Length(left);
                (used, if left == 0 { Event::Done } else { Event::None })
            }
            State::Chunk(left) => {
                let (used, left) = body(bytes, left, at, message);
                self.state = if left == 0 { State::ChunkEnd } else { State::Chunk(left) };
                (used, Event::None)
            }
            State::Close => (body(bytes, u64::MAX, at, message).0, Event::None),
            State::ChunkSize | State::ChunkEnd | State::Trailers => self.line(bytes, message),
        }
    }

    fn idle(&mut self, bytes: &[u8], side: Side, at: i64) -> (usize, Event) {
        let blank = bytes.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        if blank > 0 {
            return (blank, Event::None);
        }
        let begins = if self.is_lost { head::surely_begins(bytes, side) } else { head::may_begin(bytes, side) };
        if !begins {
            self.is_lost = true;
            return (bytes.len(), Event::Unframed(bytes.len()));
        }
        self.state = State::Head;
        self.message = Message::begun(at);
        self.has_first_line = false;
        self.head(bytes, side)
    }

    fn head(&mut self, bytes: &[u8], side: Side) -> (usize, Event) {
        let mut used = 0;
        while let Some(end) = memchr::memchr(b'\n', bytes.get(used..).unwrap_or_default()) {
            let line = bytes.get(used..=used + end).unwrap_or_default();
            let is_first = !std::mem::replace(&mut self.has_first_line, true);
            if !self.message.push_head(line) || (is_first && !head::is_first_line(&self.message.head, side)) {
                return (bytes.len(), Event::Unframed(self.drop_head() + bytes.len() - used));
            }
            used += end + 1;
            let head = &self.message.head;
            if head.ends_with(b"\n\r\n") || head.ends_with(b"\n\n") {
                self.is_lost = false;
                return (used, Event::Head);
            }
        }
        let rest = bytes.get(used..).unwrap_or_default();
        if !self.message.push_head(rest) {
            return (bytes.len(), Event::Unframed(self.drop_head() + rest.len()));
        }
        (bytes.len(), Event::None)
    }

    /// A line of the chunked coding.
    fn line(&mut self, bytes: &[u8], message: Option<&mut Message>) -> (usize, Event) {
        let end = memchr::memchr(b'\n', bytes);
        let used = end.map_or(bytes.len(), |end| end + 1);
        self.line.extend_from_slice(bytes.get(..used).unwrap_or_default());
        if end.is_none() && self.line.len() <= CHUNK_LINE_BYTES_MAX {
            return (used, Event::None);
        }
        let line = std::mem::take(&mut self.line);
        let text = line.trim_ascii();
        match self.state {
            State::ChunkEnd if text.is_empty() => self.state = State::ChunkSize,
            State::ChunkSize => match head::chunk_size(text) {
                Some(0) => self.state = State::Trailers,
                Some(size) => self.state = State::Chunk(size),
                None => return self.broken(used),
            },
            State::Trailers if text.is_empty() => return (used, Event::Done),
            State::Trailers if end.is_some() => {
                let fits = message.is_none_or(|message| message.push_head(&line));
                if !fits {
                    return self.broken(used);
                }
            }
            _ => return self.broken(used),
        }
        (used, Event::None)
    }

    fn broken(&mut self, used: usize) -> (usize, Event) {
        self.is_lost = true;
        (used, Event::Broken)
    }

    /// Begins the body that a head announced; false when there is none.
    pub(in crate::capture) fn begin_body(&mut self, framing: Framing, is_response: bool) -> bool {
        self.state = match framing {
            Framing { transfer: Transfer::Chunked, .. } => State::ChunkSize,
            Framing { transfer: Transfer::Other, .. } if is_response => State::Close,
            Framing { length: Some(0), .. } => State::Idle,
            Framing { length: Some(length), .. } => State::Length(length),
            _ if is_response => State::Close,
            _ => State::Idle,
        };
        self.state != State::Idle
    }

    /// Skips bytes that are missing.
    pub(in crate::capture) fn gap(&mut self, missing: u64, message: Option<&mut Message>) -> Event {
        let left = match &self.state {
            State::Length(left) | State::Chunk(left) => *left,
            State::Close => u64::MAX,
            State::Head => {
                self.is_lost = true;
                return Event::Unframed(self.drop_head());
            }
            State::Idle | State::ChunkSize | State::ChunkEnd | State::Trailers => 0,
        };
        if let Some(message) = message {
            message.skip_body(missing.min(left));
        }
        match &mut self.state {
            State::Length(left) if *left == missing => return Event::Done,
            State::Chunk(left) if *left == missing => self.state = State::ChunkEnd,
            State::Length(left) | State::Chunk(left) if *left > missing => *left -= missing,
            State::Close => {}
            _ => {
                self.is_lost = true;
                return Event::Broken;
            }
        }
        Event::None
    }

    /// The message whose head is complete.
    pub(in crate::capture) fn take_message(&mut self) -> Message {
        std::mem::take(&mut self.message)
    }

    /// The next message may begin.
    pub(in crate::capture) fn restart(&mut self) {
        self.state = State::Idle;
        self.line.clear();
    }

    /// Forgets a head that never ended, if there is one; returns its length.
    pub(in crate::capture) fn drop_head(&mut self) -> usize {
        self.is_lost = true;
        self.state = State::Idle;
        self.take_message().head.len()
    }

    /// Between messages.
    pub(in crate::capture) fn is_idle(&self) -> bool {
        self.state == State::Idle
    }

    /// A body is being read.
    pub(in crate::capture) fn is_in_body(&self) -> bool {
        !matches!(self.state, State::Idle | State::Head)
    }

    /// The body ends where the connection ends.
    pub(in crate::capture) fn ends_with_connection(&self) -> bool {
        self.state == State::Close
    }

    /// Bytes held.
    pub(in crate::capture) fn held(&self) -> usize {
        self.message.held() + self.line.capacity()
    }
}

/// Moves up to `left` bytes to the body; returns how many, and how many are left then.
fn body(bytes: &[u8], left: u64, at: i64, message: Option<&mut Message>) -> (usize, u64) {
    let count = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
    if let Some(message) = message {
        message.push_body(bytes.get(..count).unwrap_or_default(), at);
    }
    (count, left - count as u64)
}

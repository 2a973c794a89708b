//! HTTP/2 connections (RFC 9113): frames into streams, streams into exchanges.

use std::collections::BTreeMap;

use vedette_model::Side;
use vedette_model::limits::{CAPTURE_HEAD_BYTES_MAX, CAPTURE_STREAMS_MAX};

use super::Context;
use super::cursor::Cursor;
use super::record::{self, Message};
use frames::{Frame, Frames, Piece};

mod fields;
mod frames;
pub(crate) mod hpack;
mod huffman;

/// What a client says first.
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const PUSH_PROMISE: u8 = 5;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 0x1;
const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;
const PRIORITY: u8 = 0x20;

/// One connection.
#[derive(Debug, Default)]
pub(super) struct Http2 {
    request: Half,
    response: Half,
    streams: BTreeMap<u32, Stream>,
    /// Bytes of all streams.
    held: usize,
    is_broken: bool,
}

/// One side.
#[derive(Debug, Default)]
struct Half {
    frames: Frames,
    hpack: hpack::Decoder,
    /// A header block that goes on in the next frame: stream, flags of its first frame, bytes.
    block: Option<(u32, u8, Vec<u8>)>,
}

/// An exchange that is not over.
#[derive(Debug, Default)]
struct Stream {
    request: Option<Message>,
    response: Option<Message>,
    request_done: bool,
    response_done: bool,
}

impl Http2 {
    /// A connection that an HTTP/1.1 request asked for; its response comes on stream 1.
    pub(super) fn upgraded(request: Message) -> Self {
        let held = request.held();
        let stream = Stream { request: Some(request), request_done: true, ..Stream::default() };
        Self { streams: BTreeMap::from([(1, stream)]), held, ..Self::default() }
    }

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Request => &mut self.request,
            Side::Response => &mut self.response,
        }
    }

    /// Takes the next bytes of a side.
    pub(super) fn data(&mut self, side: Side, mut bytes: &[u8], cx: &mut Context<'_, '_>) {
        while !bytes.is_empty() && !self.is_broken {
            let half = self.half(side);
            let is_client = side == Side::Request;
            let (used, piece) = half.frames.advance(bytes, is_client);
            let (taken, rest) = bytes.split_at_checked(used).unwrap_or((bytes, &[]));
            bytes = rest;
            match piece {
                Piece::None => {}
                Piece::Whole(frame, payload) => self.frame(side, frame, &payload, cx),
                Piece::Data { stream, is_end, padding } => {
                    let content = taken.get(..taken.len().saturating_sub(padding)).unwrap_or_default();
                    self.body(side, stream, content, is_end, cx);
                }
                Piece::Broken => self.give_up(taken.len() + rest.len(), cx),
            }
        }
        if self.is_broken {
            cx.shared.tally.unframed_bytes += bytes.len() as u64;
        }
    }

    fn frame(&mut self, side: Side, frame: Frame, payload: &[u8], cx: &mut Context<'_, '_>) {
        match frame.kind {
            HEADERS | PUSH_PROMISE => {
                let Some(block) = unpadded(frame, payload) else { return self.give_up(0, cx) };
                self.half(side).block = Some((frame.stream, frame.flags, block.to_vec()));
                // The stream of a promise was never asked for; its block is read for the sake of the table.
                if frame.kind == PUSH_PROMISE {
                    self.half(side).block = Some((0, frame.flags, block.get(4..).unwrap_or_default().to_vec()));
                }
                self.block(side, frame.flags, cx);
            }
            CONTINUATION => {
                let Some((_, _, block)) = self.half(side).block.as_mut() else { return self.give_up(0, cx) };
                block.extend_from_slice(payload);
                if block.len() > CAPTURE_HEAD_BYTES_MAX {
                    return self.give_up(0, cx);
                }
                self.block(side, frame.flags, cx);
            }
            RST_STREAM => {
                if let Some(mut stream) = self.streams.remove(&frame.stream) {
                    self.held = self.held.saturating_sub(stream.held());
                    stream.cut();
                    stream.write(cx);
                }
            }
            _ => {}
        }
    }

    /// Reads the header block when it is complete.
    fn block(&mut self, side: Side, flags: u8, cx: &mut Context<'_, '_>) {
        if flags & END_HEADERS == 0 {
            return;
        }
        let half = self.half(side);
        let Some((id, flags, block)) = half.block.take() else { return };
        let mut head = fields::Head::default();
        let is_sound = half.hpack.decode(&block, &mut |name, value| head.push(name, value)).is_ok();
        if !is_sound {
            return self.give_up(0, cx);
        }
        if id == 0 {
            return;
        }
        if self.streams.len() >= CAPTURE_STREAMS_MAX
            && !self.streams.contains_key(&id)
            && let Some((_, mut oldest)) = self.streams.pop_first()
        {
            self.held = self.held.saturating_sub(oldest.held());
            oldest.cut();
            oldest.write(cx);
        }
        let stream = self.streams.entry(id).or_default();
        self.held = self.held.saturating_sub(stream.held());
        stream.head(side, &head, cx.at);
        self.held += stream.held();
        if flags & END_STREAM != 0 {
            self.end_stream(side, id, cx);
        }
    }

    fn body(&mut self, side: Side, id: u32, bytes: &[u8], is_end: bool, cx: &mut Context<'_, '_>) {
        if let Some(stream) = self.streams.get_mut(&id) {
            self.held = self.held.saturating_sub(stream.held());
            if let Some(message) = stream.message(side) {
                message.push_body(bytes, cx.at);
            }
            self.held += stream.held();
        }
        if is_end {
            self.end_stream(side, id, cx);
        }
    }

    fn end_stream(&mut self, side: Side, id: u32, cx: &mut Context<'_, '_>) {
        let Some(stream) = self.streams.get_mut(&id) else { return };
        match side {
            Side::Request => stream.request_done = true,
            Side::Response => stream.response_done = true,
        }
        if let Some(message) = stream.message(side) {
            message.last_at = message.last_at.max(cx.at);
        }
        if stream.request_done && stream.response_done {
            self.held = self.held.saturating_sub(stream.held());
            if let Some(stream) = self.streams.remove(&id) {
                stream.write(cx);
            }
        }
    }

    /// Bytes of a side are missing. Inside of a body that is all; elsewhere the table of header compression is lost.
    pub(super) fn gap(&mut self, side: Side, missing: u64, cx: &mut Context<'_, '_>) {
        match self.half(side).frames.gap(missing) {
            Some((id, is_end)) => {
                if let Some(message) = self.streams.get_mut(&id).and_then(|stream| stream.message(side)) {
                    message.skip_body(missing);
                }
                if is_end {
                    self.end_stream(side, id, cx);
                }
            }
            None => self.give_up(0, cx),
        }
    }

    /// The rest of the connection cannot be read.
    fn give_up(&mut self, unread: usize, cx: &mut Context<'_, '_>) {
        if !std::mem::replace(&mut self.is_broken, true) {
            cx.shared.tally.http2_broken += 1;
        }
        cx.shared.tally.unframed_bytes += unread as u64;
        self.finish(cx);
    }

    /// Nothing follows on either side.
    pub(super) fn finish(&mut self, cx: &mut Context<'_, '_>) {
        for (_, mut stream) in std::mem::take(&mut self.streams) {
            stream.cut();
            stream.write(cx);
        }
        self.held = 0;
    }

    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        self.held + self.request.held() + self.response.held()
    }
}

impl Half {
    fn held(&self) -> usize {
        self.frames.held() + self.hpack.held() + self.block.as_ref().map_or(0, |(_, _, block)| block.capacity())
    }
}

impl Stream {
    fn message(&mut self, side: Side) -> Option<&mut Message> {
        match side {
            Side::Request => self.request.as_mut(),
            Side::Response => self.response.as_mut(),
        }
    }

    /// A header section: the first of a side begins its message, interim ones are passed over, a later one is trailers.
    fn head(&mut self, side: Side, head: &fields::Head, at: i64) {
        if side == Side::Response && head.is_interim() {
            return;
        }
        if let Some(message) = self.message(side) {
            if !message.push_head(&head.trailers()) {
                message.is_cut = true;
            }
            return;
        }
        let mut message = Message::begun(at);
        message.is_cut |= !message.push_head(&head.text(side)) || head.is_cut;
        match side {
            Side::Request => self.request = Some(message),
            Side::Response => self.response = Some(message),
        }
    }

    /// Marks what is not over.
    fn cut(&mut self) {
        if let Some(request) = self.request.as_mut().filter(|_| !self.request_done) {
            request.is_cut = true;
        }
        if let Some(response) = self.response.as_mut().filter(|_| !self.response_done) {
            response.is_cut = true;
        }
    }

    fn write(self, cx: &mut Context<'_, '_>) {
        match &self.request {
            Some(request) => {
                cx.shared.tally.unanswered += u64::from(self.response.is_none());
                record::write(request, self.response.as_ref(), None, cx);
            }
            None => cx.shared.tally.unasked += u64::from(self.response.is_some()),
        }
    }

    fn held(&self) -> usize {
        [&self.request, &self.response].into_iter().flatten().map(Message::held).sum()
    }
}

/// The header block of a frame, without padding and priority (RFC 9113, 6.2).
fn unpadded(frame: Frame, payload: &[u8]) -> Option<&[u8]> {
    let mut cursor = Cursor(payload);
    let padding = if frame.flags & PADDED != 0 { usize::from(cursor.u8()?) } else { 0 };
    if frame.kind == HEADERS && frame.flags & PRIORITY != 0 {
        cursor.take(5)?;
    }
    cursor.0.get(..cursor.0.len().checked_sub(padding)?)
}

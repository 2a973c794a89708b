//! HTTP/1 connections (RFC 9112): requests and responses put together and paired.

use std::collections::VecDeque;

use vedette_model::Side;
use vedette_model::limits::CAPTURE_PIPELINE_MAX;

use super::Context;
use super::http2::Http2;
use super::record::{self, Message};
use super::websocket::WebSocket;
use half::{Event, Half};

pub(super) mod half;
pub(super) mod head;

/// What a connection turned into.
#[derive(Debug)]
pub(super) enum Turn {
    WebSocket(Box<WebSocket>),
    Http2(Box<Http2>),
    /// Whatever it begins with (CONNECT).
    Tunnel,
    /// A protocol that is not read.
    Opaque,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Http1 {
    request: Half,
    response: Half,
    /// Exchanges that are not over, in the order of their requests.
    waiting: VecDeque<Pending>,
}

/// An exchange that is not over.
#[derive(Debug, Default)]
struct Pending {
    /// `None` when only a response was seen.
    request: Option<Message>,
    request_done: bool,
    response: Option<Message>,
    response_done: bool,
    method: Method,
}

/// Methods whose responses are framed in their own way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Method {
    #[default]
    Other,
    Head,
    Connect,
}

impl Http1 {
    /// A connection that began before the capture starts in the middle of something.
    pub(super) fn new(is_midstream: bool) -> Self {
        let half = || Half::new(is_midstream);
        Self { request: half(), response: half(), waiting: VecDeque::new() }
    }

    /// Takes the next bytes of a side. When the connection turned into something else: into what, and how many bytes
    /// were used until then.
    pub(super) fn data(&mut self, side: Side, bytes: &[u8], cx: &mut Context<'_, '_>) -> Option<(Turn, usize)> {
        let mut used = 0;
        while let Some(rest) = bytes.get(used..).filter(|rest| !rest.is_empty()) {
            let (count, event) = self.advance(side, rest, cx.at);
            used += count;
            match (side, event) {
                (_, Event::None) => {}
                (_, Event::Unframed(count)) => cx.shared.tally.unframed_bytes += count as u64,
                (Side::Request, Event::Head) => self.asked(cx),
                (Side::Response, Event::Head) => {
                    if let Some(turn) = self.answered(cx) {
                        return Some((turn, used));
                    }
                }
                (_, Event::Done) => self.done(side, cx),
                (_, Event::Broken) => {
                    self.cut(side);
                    self.done(side, cx);
                }
            }
        }
        None
    }

    fn advance(&mut self, side: Side, bytes: &[u8], at: i64) -> (usize, Event) {
        let Self { request, response, waiting } = self;
        match side {
            Side::Request => {
                let message = waiting.back_mut().and_then(|pending| pending.request.as_mut());
                request.advance(bytes, side, at, message)
            }
            Side::Response => {
                let open = waiting.iter_mut().find(|pending| !pending.response_done);
                response.advance(bytes, side, at, open.and_then(|pending| pending.response.as_mut()))
            }
        }
    }

    /// The head of a request is complete.
    fn asked(&mut self, cx: &mut Context<'_, '_>) {
        let message = self.request.take_message();
        let framing = head::Framing::of(&message.head);
        let pending = Pending {
            method: match message.head.as_slice() {
                head if head.starts_with(b"HEAD ") => Method::Head,
                head if head.starts_with(b"CONNECT ") => Method::Connect,
                _ => Method::Other,
            },
            request: Some(message),
            ..Pending::default()
        };
        self.waiting.push_back(pending);
        if self.waiting.len() > CAPTURE_PIPELINE_MAX
            && let Some(oldest) = self.waiting.pop_front()
        {
            oldest.write(cx);
        }
        if !self.request.begin_body(framing, false) {
            self.done(Side::Request, cx);
        }
    }

    /// The head of a response is complete.
    fn answered(&mut self, cx: &mut Context<'_, '_>) -> Option<Turn> {
        let message = self.response.take_message();
        let status = head::status(&message.head);
        let framing = head::Framing::of(&message.head);
        if (100..200).contains(&status) && status != 101 {
            self.response.restart();
            return None;
        }
        let is_open = |pending: &Pending| !pending.response_done && pending.response.is_none();
        let place = self.waiting.iter().position(is_open).unwrap_or_else(|| {
            self.waiting.push_front(Pending { request_done: true, ..Pending::default() });
            0
        });
        let pending = self.waiting.get_mut(place)?;
        pending.response = Some(message);
        let has_no_body = pending.method == Method::Head || matches!(status, 204 | 304);
        if status == 101 || (pending.method == Method::Connect && (200..300).contains(&status)) {
            return self.turn(place, status, framing, cx);
        }
        if has_no_body || !self.response.begin_body(framing, true) {
            self.done(Side::Response, cx);
        }
        None
    }

    /// The connection goes on as something else.
    fn turn(&mut self, place: usize, status: u16, framing: head::Framing, cx: &mut Context<'_, '_>) -> Option<Turn> {
        let pending = self.waiting.remove(place)?;
        for rest in std::mem::take(&mut self.waiting) {
            rest.write(cx);
        }
        match (pending.request, pending.response) {
            (Some(request), Some(_)) if status == 101 && framing.upgrade == head::Upgrade::Http2 => {
                Some(Turn::Http2(Box::new(Http2::upgraded(request))))
            }
            (Some(request), Some(response)) if status == 101 && framing.upgrade == head::Upgrade::WebSocket => {
                Some(Turn::WebSocket(Box::new(WebSocket::new(request, response))))
            }
            (request, response) => {
                Pending { request, response, ..Pending::default() }.write(cx);
                Some(if status == 101 { Turn::Opaque } else { Turn::Tunnel })
            }
        }
    }

    /// A message is over.
    fn done(&mut self, side: Side, cx: &mut Context<'_, '_>) {
        match side {
            Side::Request => {
                self.request.restart();
                if let Some(pending) = self.waiting.back_mut() {
                    pending.request_done = true;
                }
            }
            Side::Response => {
                self.response.restart();
                let open = self.waiting.iter_mut().find(|pending| pending.response.is_some() && !pending.response_done);
                if let Some(pending) = open {
                    pending.response_done = true;
                    if let Some(response) = &mut pending.response {
                        response.last_at = response.last_at.max(cx.at);
                    }
                }
            }
        }
        while self.waiting.front().is_some_and(|pending| pending.request_done && pending.response_done) {
            if let Some(pending) = self.waiting.pop_front() {
                pending.write(cx);
            }
        }
    }

    /// What is being put together misses something.
    fn cut(&mut self, side: Side) {
        let message = match side {
            Side::Request => self.waiting.back_mut().and_then(|pending| pending.request.as_mut()),
            Side::Response => {
                let open = self.waiting.iter_mut().find(|pending| !pending.response_done);
                open.and_then(|pending| pending.response.as_mut())
            }
        };
        if let Some(message) = message {
            message.is_cut = true;
        }
    }

    /// Bytes of a side are missing.
    pub(super) fn gap(&mut self, side: Side, missing: u64, cx: &mut Context<'_, '_>) {
        let Self { request, response, waiting } = self;
        let (half, message) = match side {
            Side::Request => (request, waiting.back_mut().and_then(|pending| pending.request.as_mut())),
            Side::Response => {
                let open = waiting.iter_mut().find(|pending| !pending.response_done);
                (response, open.and_then(|pending| pending.response.as_mut()))
            }
        };
        let is_idle = half.is_idle();
        match half.gap(missing, message) {
            Event::None => return,
            Event::Done => return self.done(side, cx),
            Event::Unframed(bytes) => cx.shared.tally.unframed_bytes += bytes as u64,
            _ if is_idle => {}
            _ => self.done(side, cx),
        }
        // A request is among what is lost, and its response will come.
        if side == Side::Request && self.waiting.len() < CAPTURE_PIPELINE_MAX {
            self.waiting.push_back(Pending { request_done: true, ..Pending::default() });
        }
        // Responses may be among what is lost: the next one need not be that of the oldest request.
        if side == Side::Response {
            let open = !self.request.is_idle();
            let last = if open { self.waiting.pop_back() } else { None };
            for pending in std::mem::take(&mut self.waiting) {
                pending.write(cx);
            }
            self.waiting.extend(last);
        }
    }

    /// A side has said all.
    pub(super) fn end(&mut self, side: Side, cx: &mut Context<'_, '_>) {
        let half = match side {
            Side::Request => &mut self.request,
            Side::Response => &mut self.response,
        };
        if half.is_in_body() {
            if !half.ends_with_connection() {
                self.cut(side);
            }
            self.done(side, cx);
        } else {
            cx.shared.tally.unframed_bytes += half.drop_head() as u64;
        }
    }

    /// Nothing follows on either side.
    pub(super) fn finish(&mut self, cx: &mut Context<'_, '_>) {
        for side in [Side::Request, Side::Response] {
            let half = if side == Side::Request { &self.request } else { &self.response };
            if half.is_in_body() {
                self.cut(side);
            }
        }
        for pending in std::mem::take(&mut self.waiting) {
            pending.write(cx);
        }
        let begun = self.request.drop_head() + self.response.drop_head();
        cx.shared.tally.unframed_bytes += begun as u64;
    }

    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        let message = |message: &Option<Message>| message.as_ref().map_or(0, Message::held);
        let waiting: usize = self.waiting.iter().map(|p| message(&p.request) + message(&p.response)).sum();
        waiting + self.request.held() + self.response.held()
    }
}

impl Pending {
    fn write(self, cx: &mut Context<'_, '_>) {
        match &self.request {
            Some(request) => {
                cx.shared.tally.unanswered += u64::from(self.response.is_none());
                record::write(request, self.response.as_ref(), None, cx);
            }
            None => cx.shared.tally.unasked += u64::from(self.response.is_some()),
        }
    }
}

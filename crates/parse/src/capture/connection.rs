//! Two directions in the order of cause and effect.
//!
//! A segment says what its sender had got by then. Its bytes are handed on only after those of the other side, so that
//! a request always comes before its response, in whatever order a recorder wrote them. The same numbers tell a loss in
//! the network, which is repeated, from one of the recorder, which is not.

use std::net::SocketAddr;

use vedette_model::Side;
use vedette_model::limits::{
    CAPTURE_REORDER_MICROS, CAPTURE_RETRANSMIT_MICROS, CAPTURE_WAITING_BYTES_MAX, CAPTURE_WINDOW_BYTES_MAX,
};

use super::application::Application;
use super::segment::Segment;
use super::stream::Stream;
use super::{Context, Facts, Shared};

/// A connection that is followed.
#[derive(Debug)]
pub(super) struct Connection {
    /// The direction of the first sender seen, and the other.
    streams: [Stream; 2],
    application: Application,
    facts: Facts,
    /// Who sent the first segment.
    pub(super) first: SocketAddr,
    reset: bool,
    finished: bool,
    /// Its place in the order of connections.
    pub(super) serial: u64,
    /// Last packet, by a clock that does not run backward.
    pub(super) last_at: i64,
    /// Where it stands in the order of idleness.
    pub(super) listed_at: i64,
}

impl Connection {
    /// A connection whose first segment went from `from` to `to`.
    pub(super) fn new(from: SocketAddr, to: SocketAddr, serial: u64, now: i64) -> Self {
        Self {
            streams: <[Stream; 2]>::default(),
            application: Application::default(),
            facts: Facts::new(from, to),
            first: from,
            reset: false,
            finished: false,
            serial,
            last_at: now,
            listed_at: now,
        }
    }

    /// Over: only what comes late may follow.
    pub(super) fn is_closed(&self) -> bool {
        self.finished || self.reset
    }

    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        self.streams.iter().map(Stream::held).sum::<usize>() + self.application.held()
    }

    /// True when a segment begins another connection between the same ports.
    pub(super) fn is_succeeded_by(&self, side: usize, segment: &Segment<'_>) -> bool {
        let Some(stream) = self.streams.get(side).filter(|_| segment.syn && !segment.reset) else { return false };
        let begin = stream.place(segment.sequence).saturating_add(1);
        match (stream.began, stream.next.or_else(|| stream.first())) {
            (Some(began), _) => begin != began,
            // Its data may have been written before it.
            (None, Some(place)) => begin > place || place - begin > CAPTURE_WAITING_BYTES_MAX as u64,
            (None, None) => false,
        }
    }

    /// Takes a segment by the side that sent it.
    pub(super) fn segment(&mut self, side: usize, segment: &Segment<'_>, at: i64, shared: &mut Shared<'_>) {
        let [first, second] = &mut self.streams;
        let (own, other) = if side == 0 { (first, second) } else { (second, first) };
        if let Some(acknowledged) = segment.acknowledged.filter(|_| !segment.reset) {
            let place = other.place(acknowledged);
            other.confirmed = Some(other.confirmed.map_or(place, |before| before.max(place)));
            other.confirmed_first = Some(other.confirmed_first.map_or(place, |before| before.min(place)));
        }
        let mut start = own.place(segment.sequence);
        if segment.syn {
            start += 1;
            // The first to say hello is the client.
            if segment.acknowledged.is_none() != ((side == 0) != self.facts.is_turned) {
                self.facts.turn();
            }
            if own.next.is_none() {
                own.begin(start);
                own.began = Some(start);
            }
            if let (Some(acknowledged), None) = (segment.acknowledged, other.next) {
                other.begin(other.place(acknowledged));
            }
        }
        if self.facts.is_midstream && own.next.is_none() && !segment.payload.is_empty() {
            own.begin(start);
        }
        if segment.fin && own.end.is_none() {
            own.end = Some(start + segment.payload.len() as u64);
        }
        self.reset |= segment.reset;
        if !segment.payload.is_empty() && !segment.reset {
            if own.next == Some(start) && own.is_calm() && !own.ended && !other.is_behind(segment.acknowledged) {
                own.next = Some(start + segment.payload.len() as u64);
                self.deliver(side, segment.payload, at, shared);
            } else {
                own.insert(start, segment.payload, segment.acknowledged, at, &mut shared.tally.loss);
            }
        }
        self.pump(at, shared);
        self.give_up(at, false, shared);
    }

    fn side(&self, side: usize) -> Side {
        if (side == 0) == self.facts.is_turned { Side::Response } else { Side::Request }
    }

    fn deliver(&mut self, side: usize, bytes: &[u8], at: i64, shared: &mut Shared<'_>) {
        let role = self.side(side);
        self.application.data(role, bytes, &mut Context { at, facts: &mut self.facts, shared });
    }

    /// Hands on all that can be.
    fn pump(&mut self, at: i64, shared: &mut Shared<'_>) {
        loop {
            let mut moved = false;
            for side in [0, 1] {
                let [first, second] = &mut self.streams;
                let (own, other) = if side == 0 { (first, second) } else { (second, first) };
                let piece = own.take_ready(|acknowledged| other.is_behind(acknowledged));
                if let Some(piece) = piece {
                    moved = true;
                    self.deliver(side, &piece.bytes, piece.at, shared);
                } else if own.end.is_some() && own.end == own.next && !own.ended {
                    moved = true;
                    // Its end takes a sequence number.
                    own.next = own.next.map(|next| next + 1);
                    own.ended = true;
                    let role = self.side(side);
                    self.application.end(role, &mut Context { at, facts: &mut self.facts, shared });
                } else if !own.is_calm() {
                    own.stalled_since.get_or_insert(at);
                }
            }
            if !moved {
                break;
            }
        }
        if !self.finished && self.streams.iter().all(|stream| stream.ended) {
            self.conclude(at, shared);
        }
    }

    /// Takes for lost what was waited for long enough; all of it with `force`.
    fn give_up(&mut self, at: i64, force: bool, shared: &mut Shared<'_>) {
        if !force && self.streams.iter().all(Stream::is_calm) {
            return;
        }
        loop {
            let mut moved = false;
            for side in [0, 1] {
                while self.is_overdue(side, at, force) {
                    let before = self.progress();
                    self.advance(side, at, shared);
                    self.pump(at, shared);
                    if self.progress() == before
                        && let Some(own) = self.streams.get_mut(side)
                    {
                        // Nothing can be made of it: a capture must end whatever is in it.
                        own.drop_first();
                        shared.tally.loss.implausible += 1;
                    }
                    moved = true;
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// What changes when something was handed on or left out.
    fn progress(&self) -> [(Option<u64>, usize); 2] {
        self.streams.each_ref().map(|stream| (stream.next, stream.held()))
    }

    fn is_overdue(&self, side: usize, at: i64, force: bool) -> bool {
        let [first, second] = &self.streams;
        let (own, other) = if side == 0 { (first, second) } else { (second, first) };
        let Some(waits) = own.first() else { return false };
        let is_late_only = own.next.is_none_or(|next| next == waits)
            || own.confirmed.is_none_or(|confirmed| confirmed >= waits)
            || (other.next.is_none() && other.is_calm());
        let patience = if is_late_only { CAPTURE_REORDER_MICROS } else { CAPTURE_RETRANSMIT_MICROS };
        force || own.is_full() || own.stalled_since.is_some_and(|since| at.saturating_sub(since) > patience)
    }

    /// Removes what keeps the first piece of a side from being handed on.
    fn advance(&mut self, side: usize, at: i64, shared: &mut Shared<'_>) {
        let [first, second] = &mut self.streams;
        let (own, other) = if side == 0 { (first, second) } else { (second, first) };
        let Some(waits) = own.first() else { return };
        if let Some(next) = own.next.filter(|next| waits < *next) {
            // Bytes past the end that the sender had announced: nothing can come of them.
            shared.tally.loss.implausible += 1;
            own.begin(next);
            return;
        }
        let is_blocked = own.next == Some(waits) && other.next.is_none() && !other.is_calm();
        let Some(next) = own.next.filter(|_| !is_blocked) else {
            if !self.facts.is_midstream {
                self.facts.is_midstream = true;
                shared.tally.midstream += 1;
            }
            for stream in [own, other] {
                if let (None, Some(begin)) = (stream.next, stream.presumed_begin()) {
                    stream.begin(begin);
                }
            }
            return;
        };
        // What its sender had got comes before it, so do gaps in that.
        let wanted = own.first_acknowledged().map(|sequence| other.place(sequence));
        let target = wanted.map(|wanted| other.first().map_or(wanted, |first| first.min(wanted)));
        if let Some(target) = target.filter(|target| other.next.is_some_and(|next| *target > next)) {
            self.skip(1 - side, target, at, shared);
        } else if waits > next {
            self.skip(side, waits, at, shared);
        } else {
            own.free_first();
        }
    }

    /// Hands on a gap.
    fn skip(&mut self, side: usize, to: u64, at: i64, shared: &mut Shared<'_>) {
        let role = self.side(side);
        let Some(stream) = self.streams.get_mut(side) else { return };
        let Some(next) = stream.next else { return };
        stream.next = Some(to);
        stream.stalled_since = None;
        // One confirmed byte past all that is there: an end that was not recorded.
        let is_end = to - next == 1 && stream.is_calm() && stream.end.is_none();
        let context = &mut Context { at, facts: &mut self.facts, shared };
        if is_end {
            stream.ended = true;
            self.application.end(role, context);
            return;
        }
        let lost = to.min(stream.end.unwrap_or(to)).saturating_sub(next);
        context.shared.tally.loss.gaps += 1;
        context.shared.tally.loss.lost_bytes += lost;
        self.application.gap(role, lost, context);
    }

    /// Nothing follows: hands on what waits, with its gaps.
    pub(super) fn finish(&mut self, at: i64, shared: &mut Shared<'_>) {
        self.give_up(at, true, shared);
        for side in [0, 1] {
            let Some(stream) = self.streams.get(side).filter(|stream| !stream.ended) else { continue };
            let missing = stream.confirmed.zip(stream.next).filter(|(confirmed, next)| *confirmed > *next + 1);
            // A reset may confirm anything.
            if let Some((confirmed, next)) = missing
                && !self.reset
                && confirmed - next <= CAPTURE_WINDOW_BYTES_MAX
            {
                self.skip(side, confirmed, at, shared);
            }
        }
        self.conclude(at, shared);
    }

    fn conclude(&mut self, at: i64, shared: &mut Shared<'_>) {
        if !std::mem::replace(&mut self.finished, true) {
            self.application.finish(&mut Context { at, facts: &mut self.facts, shared });
            self.application = Application::Over;
        }
    }
}

//! WebSockets (RFC 6455, 5.2): messages are counted, not read.

use vedette_model::Side;
use vedette_model::WebSocket as Counts;

use super::Context;
use super::network::count;
use super::record::{self, Message};

/// Longest header of a frame: two bytes, a length of eight, a mask of four.
const HEADER_BYTES_MAX: usize = 14;

/// A connection that an exchange turned into a WebSocket.
#[derive(Debug)]
pub(super) struct WebSocket {
    request: Message,
    response: Message,
    halves: [Half; 2],
    counts: Counts<'static>,
}

/// One side.
#[derive(Debug, Default)]
struct Half {
    header: Vec<u8>,
    /// Bytes of the frame's payload to come.
    left: u64,
    /// Payload of the message so far.
    message_bytes: u64,
    /// Where frames begin is not known any more.
    is_lost: bool,
}

impl WebSocket {
    /// Begins with the exchange that asked for it.
    pub(super) fn new(request: Message, response: Message) -> Self {
        Self { request, response, halves: <[Half; 2]>::default(), counts: Counts::default() }
    }

    pub(super) fn data(&mut self, side: Side, mut bytes: &[u8]) {
        let [sent, received] = &mut self.halves;
        let half = if side == Side::Request { sent } else { received };
        while !bytes.is_empty() && !half.is_lost {
            let skipped = bytes.len().min(usize::try_from(half.left).unwrap_or(usize::MAX));
            half.left -= skipped as u64;
            bytes = bytes.get(skipped..).unwrap_or_default();
            let Some((first, rest)) = bytes.split_first().filter(|_| half.left == 0) else { return };
            half.header.push(*first);
            bytes = rest;
            if let Some(message_bytes) = half.frame() {
                let counts = &mut self.counts;
                let (messages, sum) = match side {
                    Side::Request => (&mut counts.sent, &mut counts.sent_bytes),
                    Side::Response => (&mut counts.received, &mut counts.received_bytes),
                };
                *messages += 1;
                *sum += message_bytes;
                counts.message_bytes_max = counts.message_bytes_max.max(message_bytes);
            }
        }
    }

    pub(super) fn gap(&mut self, side: Side, missing: u64) {
        let [sent, received] = &mut self.halves;
        let half = if side == Side::Request { sent } else { received };
        match half.left.checked_sub(missing) {
            Some(left) if half.header.is_empty() => half.left = left,
            _ => half.is_lost = true,
        }
    }

    pub(super) fn finish(&mut self, cx: &mut Context<'_, '_>) {
        count(&mut cx.shared.tally.connections, "websocket");
        let (sum, counts) = (&mut cx.shared.tally.websockets, &self.counts);
        sum.connections += 1;
        sum.sent += counts.sent;
        sum.sent_bytes += counts.sent_bytes;
        sum.received += counts.received;
        sum.received_bytes += counts.received_bytes;
        record::write(&self.request, Some(&self.response), Some(&self.counts), cx);
    }

    pub(super) fn held(&self) -> usize {
        self.request.held() + self.response.held()
    }
}

impl Half {
    /// Reads the header when it is complete; returns the payload of the message that ends with this frame.
    fn frame(&mut self) -> Option<u64> {
        let [first, second, rest @ ..] = self.header.as_slice() else { return None };
        let length_bytes = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let mask_bytes = if second & 0x80 == 0 { 0 } else { 4 };
        if rest.len() < length_bytes + mask_bytes {
            self.is_lost = self.header.len() > HEADER_BYTES_MAX;
            return None;
        }
        let long = rest.iter().take(length_bytes).fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        let length = if length_bytes == 0 { u64::from(second & 0x7f) } else { long };
        let (is_last, opcode) = (first & 0x80 != 0, first & 0x0f);
        self.header.clear();
        self.left = length;
        if opcode >= 8 {
            return None;
        }
        self.message_bytes = self.message_bytes.saturating_add(length);
        is_last.then(|| std::mem::take(&mut self.message_bytes))
    }
}

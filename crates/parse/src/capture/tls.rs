//! TLS connections (RFC 5246, 8446): what the hellos say, and the content where a key log opens it.

use vedette_model::Side;
use vedette_model::limits::TLS_HANDSHAKE_BYTES_MAX;

use super::Context;
use super::application::Application;
use super::cursor::Cursor;
use hello::{ClientHello, ServerHello};
use opener::Opener;

mod cipher;
mod hello;
mod ja4;
mod opener;

pub(super) const HANDSHAKE: u8 = 22;
const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const APPLICATION_DATA: u8 = 23;

const HEADER_BYTES: usize = 5;

/// Longest record with all that may be added to its 2¹⁴ bytes (RFC 8446, 5.2; RFC 5246, 6.2.3).
const RECORD_BYTES_MAX: usize = (16 << 10) + (2 << 10);

/// Records of one side that may fail to decrypt before no more are tried.
const FAILURES_MAX: u32 = 16;

/// What is known of the TLS around an exchange.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// `TLSv1.3`; empty when it was not seen.
    pub(super) version: &'static str,
    pub(super) ja4: String,
    /// Name that the client asked for.
    pub(super) name: String,
    /// The client showed a certificate, when that can be seen.
    pub(super) mutual: Option<bool>,
}

/// One connection.
#[derive(Debug, Default)]
pub(super) struct Tls {
    request: Half,
    response: Half,
    client: Option<ClientHello>,
    server: Option<ServerHello>,
    /// Why the content cannot be read.
    closed: Option<&'static str>,
    /// Records that were decrypted.
    opened: u64,
    bytes: u64,
    inner: Box<Application>,
}

/// One side.
#[derive(Debug, Default)]
struct Half {
    /// A record that is not complete.
    buffer: Vec<u8>,
    /// Handshake messages in the clear.
    handshake: Vec<u8>,
    /// TLS 1.2: everything from here on is encrypted.
    is_encrypted: bool,
    opener: Option<Opener>,
    failures: u32,
    is_lost: bool,
}

/// True when bytes begin a TLS record: a known type, a version of TLS, a length that may be.
pub(super) fn is_record(bytes: &[u8]) -> bool {
    let is_type = bytes.first().is_some_and(|kind| (CHANGE_CIPHER_SPEC..=APPLICATION_DATA).contains(kind));
    let is_version = bytes.get(1).is_none_or(|major| *major == 3) && bytes.get(2).is_none_or(|minor| *minor <= 4);
    let length = bytes.get(3..5).map(|length| length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)));
    is_type && is_version && length.is_none_or(|length| length > 0 && length <= RECORD_BYTES_MAX)
}

impl Tls {
    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Request => &mut self.request,
            Side::Response => &mut self.response,
        }
    }

    /// Takes the next bytes of a side.
    pub(super) fn data(&mut self, side: Side, mut bytes: &[u8], cx: &mut Context<'_, '_>) {
        self.bytes += bytes.len() as u64;
        while !bytes.is_empty() {
            let is_closed = self.closed.is_some();
            let half = self.half(side);
            if half.is_lost || is_closed {
                return;
            }
            let before = half.buffer.len();
            let header = |from: &[u8]| from.get(3..5).map(|l| l.iter().fold(0, |sum, b| sum << 8 | usize::from(*b)));
            let wanted = if before == 0 { header(bytes) } else { header(&half.buffer) };
            let wanted = wanted.map_or(HEADER_BYTES, |length: usize| HEADER_BYTES + length);
            let (taken, rest) = bytes.split_at_checked(wanted.saturating_sub(before)).unwrap_or((bytes, &[]));
            bytes = rest;
            if before == 0 && taken.len() > HEADER_BYTES && taken.len() == wanted {
                self.record(side, taken, cx);
                continue;
            }
            half.buffer.extend_from_slice(taken);
            if half.buffer.len() >= HEADER_BYTES && !is_record(&half.buffer) {
                return self.lose(side, cx);
            }
            if half.buffer.len() > HEADER_BYTES && half.buffer.len() == wanted {
                let record = std::mem::take(&mut half.buffer);
                self.record(side, &record, cx);
            }
        }
    }

    fn record(&mut self, side: Side, record: &[u8], cx: &mut Context<'_, '_>) {
        if !is_record(record) {
            return self.lose(side, cx);
        }
        let (kind, content) =
            (record.first().copied().unwrap_or_default(), record.get(HEADER_BYTES..).unwrap_or_default());
        let is_tls13 = self.server.as_ref().is_some_and(ServerHello::is_tls13);
        let half = self.half(side);
        match kind {
            CHANGE_CIPHER_SPEC => half.is_encrypted = true,
            HANDSHAKE if !half.is_encrypted || is_tls13 => {
                if half.handshake.len() + content.len() <= TLS_HANDSHAKE_BYTES_MAX {
                    half.handshake.extend_from_slice(content);
                    self.messages(side, cx);
                }
            }
            ALERT if !half.is_encrypted => {}
            _ => self.encrypted(side, record, cx),
        }
    }

    /// Reads the handshake messages that are complete.
    fn messages(&mut self, side: Side, cx: &mut Context<'_, '_>) {
        let bytes = std::mem::take(&mut self.half(side).handshake);
        let mut rest = Cursor(&bytes);
        loop {
            let mut cursor = rest;
            let (Some(kind), Some(length)) = (cursor.u8(), cursor.u24()) else { break };
            let Some(body) = cursor.take(length as usize) else { break };
            rest = cursor;
            self.message(side, kind, body, cx);
        }
        self.half(side).handshake = rest.0.to_vec();
    }

    fn message(&mut self, side: Side, kind: u8, body: &[u8], cx: &mut Context<'_, '_>) {
        let facts = cx.facts.tls.get_or_insert_default();
        match (side, kind) {
            (Side::Request, 1) => {
                let Some(hello) = ClientHello::read(body) else { return };
                facts.ja4 = ja4::fingerprint(&hello);
                facts.name = hello.name.clone().unwrap_or_default();
                self.client.get_or_insert(hello);
            }
            (Side::Response, 2) => {
                let Some(hello) = ServerHello::read(body) else { return };
                facts.version = hello.version_name();
                if !hello.is_retry {
                    self.server.get_or_insert(hello);
                }
                // The cipher of early data that were refused was only a guess.
                if self.opened == 0 {
                    self.request.opener = None;
                    self.closed = None;
                }
            }
            // A certificate of the client, in TLS 1.2 in the clear: a list of three bytes' length.
            (Side::Request, 11) => facts.mutual = Some(body.len() > 3),
            _ => {}
        }
    }

    fn encrypted(&mut self, side: Side, record: &[u8], cx: &mut Context<'_, '_>) {
        if self.half(side).opener.is_none() {
            match self.opener(side, cx) {
                Ok(opener) => self.half(side).opener = Some(opener),
                Err(reason) => return self.closed = Some(reason),
            }
        }
        let half = self.half(side);
        let Some(opener) = half.opener.as_mut() else { return };
        if let Some((kind, content)) = opener.open(record) {
            half.failures = 0;
            self.opened += 1;
            return self.content(side, kind, &content, cx);
        }
        half.failures += 1;
        let is_over = half.failures > FAILURES_MAX;
        cx.shared.tally.tls.undecrypted_records += 1;
        if is_over {
            self.lose(side, cx);
        }
    }

    fn opener(&self, side: Side, cx: &Context<'_, '_>) -> Result<Opener, &'static str> {
        let client = self.client.as_ref().ok_or("its beginning was not recorded")?;
        if cx.shared.keys.is_empty() {
            return Err("no key log");
        }
        // Early data come before the server has said anything.
        let early = ServerHello::early(client);
        let server = self.server.as_ref().or(early.as_ref()).ok_or("its beginning was not recorded")?;
        Opener::new(side, client, server, cx.shared.keys)
    }

    fn content(&mut self, side: Side, kind: u8, content: &[u8], cx: &mut Context<'_, '_>) {
        match kind {
            APPLICATION_DATA if !content.is_empty() => self.inner.data(side, content, cx),
            // A certificate of the client in TLS 1.3: an empty context, then a list of three bytes' length.
            HANDSHAKE if side == Side::Request && content.first() == Some(&11) => {
                if let Some(facts) = &mut cx.facts.tls {
                    facts.mutual = Some(content.get(5..8).is_some_and(|length| length.iter().any(|byte| *byte > 0)));
                }
            }
            _ => {}
        }
    }

    /// The rest of a side cannot be read.
    fn lose(&mut self, side: Side, cx: &mut Context<'_, '_>) {
        let half = self.half(side);
        half.is_lost = true;
        half.buffer = Vec::new();
        self.inner.end(side, cx);
    }

    /// Bytes of a side are missing: where the next record begins is not known, nor its number.
    pub(super) fn gap(&mut self, side: Side, missing: u64, cx: &mut Context<'_, '_>) {
        self.bytes += missing;
        self.lose(side, cx);
    }

    /// A side has said all.
    pub(super) fn end(&mut self, side: Side, cx: &mut Context<'_, '_>) {
        self.inner.end(side, cx);
    }

    /// Nothing follows on either side.
    pub(super) fn finish(&mut self, cx: &mut Context<'_, '_>) {
        if self.opened > 0 {
            cx.shared.tally.tls.opened += 1;
            return self.inner.finish(cx);
        }
        cx.shared.tally.tls.closed += 1;
        let is_lost = self.request.is_lost || self.response.is_lost;
        let reason = match self.closed {
            Some(reason) => reason,
            None if is_lost => "bytes of its beginning are missing",
            None => "it ended in the handshake",
        };
        cx.shared.closed.note(cx.facts, self.bytes, reason);
    }

    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        let half = |half: &Half| half.buffer.capacity() + half.handshake.capacity();
        half(&self.request) + half(&self.response) + self.inner.held()
    }
}

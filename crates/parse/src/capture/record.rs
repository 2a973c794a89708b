//! Exchanges as records: what connections write and workers read. The framing is private to this crate.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use vedette_model::WebSocket;
use vedette_model::limits::{CAPTURE_BODY_BYTES_MAX, CAPTURE_HEAD_BYTES_MAX};

use super::cursor::Cursor;
use super::{Context, Facts};

/// Records that are ready, one after the other.
#[derive(Debug, Default)]
pub struct Finished {
    pub(super) records: Vec<u8>,
    pub(super) ends: Vec<usize>,
}

impl Finished {
    /// Length of all records.
    pub fn bytes(&self) -> usize {
        self.records.len()
    }

    /// The records, in the order in which their exchanges ended.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| self.records.get(start..*end).unwrap_or_default())
    }

    /// Forgets the records and keeps the room.
    pub fn clear(&mut self) {
        self.records.clear();
        self.ends.clear();
    }
}

/// A request or a response as it is put together.
#[derive(Debug, Default)]
pub(super) struct Message {
    /// First line and fields as sent; those of HTTP/2 are written in the same form. Trailers follow.
    pub(super) head: Vec<u8>,
    /// Without chunk framing, at most [`CAPTURE_BODY_BYTES_MAX`].
    pub(super) body: Vec<u8>,
    /// All bytes of the body, kept or not, lost ones included.
    pub(super) body_bytes: u64,
    /// Something of it is missing.
    pub(super) is_cut: bool,
    /// When it began and ended, in microseconds since the epoch.
    pub(super) first_at: i64,
    pub(super) last_at: i64,
}

impl Message {
    /// A message whose first byte came then.
    pub(super) fn begun(at: i64) -> Self {
        Self { first_at: at, last_at: at, ..Self::default() }
    }

    /// Adds to the body; what does not fit is only counted.
    pub(super) fn push_body(&mut self, bytes: &[u8], at: i64) {
        self.body_bytes += bytes.len() as u64;
        self.last_at = at;
        let room = CAPTURE_BODY_BYTES_MAX - self.body.len().min(CAPTURE_BODY_BYTES_MAX);
        self.is_cut |= bytes.len() > room;
        self.body.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    /// Counts bytes of the body that are missing.
    pub(super) fn skip_body(&mut self, missing: u64) {
        self.body_bytes += missing;
        self.is_cut = true;
    }

    /// Adds to the head; false when that is too long.
    #[must_use]
    pub(super) fn push_head(&mut self, bytes: &[u8]) -> bool {
        let fits = self.head.len() + bytes.len() <= CAPTURE_HEAD_BYTES_MAX;
        if fits {
            self.head.extend_from_slice(bytes);
        }
        fits
    }

    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        self.head.capacity() + self.body.capacity()
    }
}

/// A record as it is read.
#[derive(Debug)]
pub(super) struct Record<'a> {
    pub(super) at: i64,
    pub(super) duration_us: Option<u64>,
    pub(super) client: SocketAddr,
    pub(super) server: SocketAddr,
    pub(super) tls: Option<TlsFields<'a>>,
    pub(super) websocket: Option<Box<WebSocket<'static>>>,
    pub(super) request: Part<'a>,
    /// `None` when no response was seen.
    pub(super) response: Option<Part<'a>>,
}

/// Request or response of a record.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub(super) head: &'a [u8],
    pub(super) body: &'a [u8],
    pub(super) body_bytes: u64,
    pub(super) is_cut: bool,
}

/// TLS facts of a record; empty texts are unknown.
#[derive(Debug)]
pub(super) struct TlsFields<'a> {
    pub(super) version: &'a [u8],
    pub(super) ja4: &'a [u8],
    pub(super) name: &'a [u8],
    pub(super) mutual: Option<bool>,
}

/// Writes an exchange.
pub(super) fn write(
    request: &Message,
    response: Option<&Message>,
    websocket: Option<&WebSocket<'_>>,
    cx: &mut Context<'_, '_>,
) {
    let out = &mut cx.shared.out.records;
    out.extend(request.first_at.to_be_bytes());
    let duration = response.map(|r| r.last_at.saturating_sub(request.first_at)).and_then(|d| u64::try_from(d).ok());
    out.extend(duration.unwrap_or(u64::MAX).to_be_bytes());
    write_facts(out, cx.facts);
    match websocket {
        Some(w) => {
            out.push(1);
            let fields = [w.sent, w.sent_bytes, w.received, w.received_bytes, w.message_bytes_max];
            out.extend(fields.iter().flat_map(|field| field.to_be_bytes()));
        }
        None => out.push(0),
    }
    write_part(out, request);
    match response {
        Some(response) => {
            out.push(1);
            write_part(out, response);
        }
        None => out.push(0),
    }
    let end = out.len();
    cx.shared.out.ends.push(end);
}

fn write_facts(out: &mut Vec<u8>, facts: &Facts) {
    for end in [facts.client, facts.server] {
        let ip = match end.ip() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped(),
            IpAddr::V6(ip) => ip,
        };
        out.extend(ip.octets());
        out.extend(end.port().to_be_bytes());
    }
    let Some(tls) = &facts.tls else { return out.push(0) };
    out.push(match tls.mutual {
        None => 1,
        Some(false) => 2,
        Some(true) => 3,
    });
    for text in [tls.version, &tls.ja4, &tls.name] {
        let text = text.as_bytes().get(..255).unwrap_or(text.as_bytes());
        out.push(text.len() as u8);
        out.extend(text);
    }
}

fn write_part(out: &mut Vec<u8>, message: &Message) {
    out.push(u8::from(message.is_cut));
    out.extend(message.body_bytes.to_be_bytes());
    for bytes in [&message.head, &message.body] {
        out.extend((bytes.len() as u32).to_be_bytes());
        out.extend(bytes);
    }
}

impl<'a> Record<'a> {
    /// Reads a record; `None` for bytes that are none.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor(bytes);
        let at = i64::from_be_bytes(cursor.array()?);
        let duration_us = Some(u64::from_be_bytes(cursor.array()?)).filter(|duration| *duration != u64::MAX);
        let (client, server) = (end(&mut cursor)?, end(&mut cursor)?);
        let tls = match cursor.u8()? {
            0 => None,
            mutual => Some(TlsFields {
                mutual: (mutual > 1).then_some(mutual == 3),
                version: cursor.vector8()?.0,
                ja4: cursor.vector8()?.0,
                name: cursor.vector8()?.0,
            }),
        };
        let number = |cursor: &mut Cursor<'_>| cursor.array().map(u64::from_be_bytes);
        let websocket = match cursor.u8()? {
            0 => None,
            _ => Some(Box::new(WebSocket {
                sent: number(&mut cursor)?,
                sent_bytes: number(&mut cursor)?,
                received: number(&mut cursor)?,
                received_bytes: number(&mut cursor)?,
                message_bytes_max: number(&mut cursor)?,
                messages: Vec::new(),
            })),
        };
        let request = part(&mut cursor)?;
        let response = match cursor.u8()? {
            0 => None,
            _ => Some(part(&mut cursor)?),
        };
        Some(Self { at, duration_us, client, server, tls, websocket, request, response })
    }
}

fn end(cursor: &mut Cursor<'_>) -> Option<SocketAddr> {
    let ip = IpAddr::V6(Ipv6Addr::from(cursor.array::<16>()?)).to_canonical();
    Some(SocketAddr::new(ip, cursor.u16()?))
}

fn part<'a>(cursor: &mut Cursor<'a>) -> Option<Part<'a>> {
    let is_cut = cursor.u8()? == 1;
    let body_bytes = u64::from_be_bytes(cursor.array()?);
    let mut bytes = || {
        let length = cursor.u32()? as usize;
        cursor.take(length)
    };
    Some(Part { head: bytes()?, body: bytes()?, body_bytes, is_cut })
}

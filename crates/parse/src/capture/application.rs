//! What a connection carries, by what it begins with, never by its port.

use vedette_model::Side;
use vedette_model::limits::CAPTURE_SNIFF_BYTES_MAX;

use super::Context;
use super::http1::{Http1, Turn, head};
use super::http2::{self, Http2};
use super::network::count;
use super::tls::{self, Tls};
use super::websocket::WebSocket;

/// The protocol of a connection.
#[derive(Debug)]
pub(super) enum Application {
    /// Not known yet: what both sides sent so far.
    Undecided(Beginning),
    Http1(Box<Http1>),
    Http2(Box<Http2>),
    WebSocket(Box<WebSocket>),
    Tls(Box<Tls>),
    /// Something else.
    Opaque,
    /// All was said of it.
    Over,
}

/// The beginning of a connection.
#[derive(Debug, Default)]
pub(super) struct Beginning {
    request: Vec<u8>,
    response: Vec<u8>,
    /// Bytes looked at in vain.
    seen: usize,
}

/// What both sides said before it was known what they speak.
type Replay = [(Side, Vec<u8>); 2];

/// What some bytes begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// A request line.
    Request,
    /// A status line.
    Status,
    /// The preface of an HTTP/2 client.
    Preface,
    /// A handshake message of a client.
    ClientHello,
    /// Another TLS record.
    TlsRecord,
    /// Too little to tell.
    Open,
    None,
}

impl Default for Application {
    fn default() -> Self {
        Self::Undecided(Beginning::default())
    }
}

impl Application {
    /// Takes the next bytes of a side.
    pub(super) fn data(&mut self, side: Side, bytes: &[u8], cx: &mut Context<'_, '_>) {
        let turn = match self {
            Self::Undecided(beginning) => {
                let Some((decided, replay)) = beginning.data(side, bytes, cx) else { return };
                *self = decided;
                for (side, bytes) in replay {
                    self.data(side, &bytes, cx);
                }
                return;
            }
            Self::Http1(http1) => http1.data(side, bytes, cx),
            Self::Http2(http2) => return http2.data(side, bytes, cx),
            Self::WebSocket(websocket) => return websocket.data(side, bytes),
            Self::Tls(tls) => return tls.data(side, bytes, cx),
            Self::Opaque | Self::Over => return,
        };
        if let Some((turn, used)) = turn {
            *self = match turn {
                Turn::WebSocket(websocket) => Self::WebSocket(websocket),
                Turn::Http2(http2) => {
                    count(&mut cx.shared.tally.connections, "http/2");
                    Self::Http2(http2)
                }
                Turn::Tunnel => Self::default(),
                Turn::Opaque => Self::Opaque,
            };
            self.data(side, bytes.get(used..).unwrap_or_default(), cx);
        }
    }

    /// Bytes of a side are missing.
    pub(super) fn gap(&mut self, side: Side, missing: u64, cx: &mut Context<'_, '_>) {
        match self {
            Self::Undecided(beginning) => {
                // What the beginning was cannot be known any more; the next bytes may begin a message.
                cx.facts.is_midstream = true;
                beginning.side(side).clear();
            }
            Self::Http1(http1) => http1.gap(side, missing, cx),
            Self::Http2(http2) => http2.gap(side, missing, cx),
            Self::WebSocket(websocket) => websocket.gap(side, missing),
            Self::Tls(tls) => tls.gap(side, missing, cx),
            Self::Opaque | Self::Over => {}
        }
    }

    /// A side has said all.
    pub(super) fn end(&mut self, side: Side, cx: &mut Context<'_, '_>) {
        match self {
            Self::Http1(http1) => http1.end(side, cx),
            Self::Tls(tls) => tls.end(side, cx),
            _ => {}
        }
    }

    /// Nothing follows on either side.
    pub(super) fn finish(&mut self, cx: &mut Context<'_, '_>) {
        match self {
            Self::Undecided(beginning) => {
                let is_empty = beginning.seen + beginning.request.len() + beginning.response.len() == 0;
                count(&mut cx.shared.tally.connections, if is_empty { "nothing" } else { "other" });
            }
            Self::Http1(http1) => http1.finish(cx),
            Self::Http2(http2) => http2.finish(cx),
            Self::WebSocket(websocket) => websocket.finish(cx),
            Self::Tls(tls) => tls.finish(cx),
            Self::Opaque | Self::Over => {}
        }
    }

    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        match self {
            Self::Undecided(beginning) => beginning.request.len() + beginning.response.len(),
            Self::Http1(http1) => http1.held(),
            Self::Http2(http2) => http2.held(),
            Self::WebSocket(websocket) => websocket.held(),
            Self::Tls(tls) => tls.held(),
            Self::Opaque | Self::Over => 0,
        }
    }
}

impl Beginning {
    fn side(&mut self, side: Side) -> &mut Vec<u8> {
        match side {
            Side::Request => &mut self.request,
            Side::Response => &mut self.response,
        }
    }

    /// The protocol, once it shows, with the bytes to begin it with.
    fn data(&mut self, side: Side, bytes: &[u8], cx: &mut Context<'_, '_>) -> Option<(Application, Replay)> {
        self.side(side).extend_from_slice(bytes);
        let sign = sign(self.side(side), cx.facts.is_midstream);
        // A server of HTTP/2 may speak first; the client says what it is.
        let is_early = side == Side::Response && self.request.is_empty() && !cx.facts.is_midstream;
        if is_early && matches!(sign, Sign::None | Sign::Open) && self.response.len() < CAPTURE_SNIFF_BYTES_MAX {
            return None;
        }
        let is_client = matches!(sign, Sign::Request | Sign::Preface | Sign::ClientHello);
        let application = match sign {
            Sign::Open if self.side(side).len() < CAPTURE_SNIFF_BYTES_MAX => return None,
            Sign::Request | Sign::Status => {
                count(&mut cx.shared.tally.connections, "http/1.1");
                Application::Http1(Box::new(Http1::new(cx.facts.is_midstream)))
            }
            Sign::Preface => {
                count(&mut cx.shared.tally.connections, "http/2");
                Application::Http2(Box::default())
            }
            Sign::ClientHello | Sign::TlsRecord => {
                count(&mut cx.shared.tally.connections, "tls");
                Application::Tls(Box::default())
            }
            Sign::Open | Sign::None => {
                // A connection that was open before may be in the middle of a body: the next segments may begin one.
                self.seen += std::mem::take(self.side(side)).len();
                if cx.facts.is_midstream && self.seen < 16 * CAPTURE_SNIFF_BYTES_MAX {
                    return None;
                }
                count(&mut cx.shared.tally.connections, "other");
                Application::Opaque
            }
        };
        // Who talks like a client is one, whoever was seen first; inside TLS that is known.
        let is_turned = (is_client && side == Side::Response) || (sign == Sign::Status && side == Side::Request);
        let (mut request, mut response) = (std::mem::take(&mut self.request), std::mem::take(&mut self.response));
        if is_turned && cx.facts.tls.is_none() {
            cx.facts.turn();
            std::mem::swap(&mut request, &mut response);
        }
        cx.shared.tally.unframed_bytes += self.seen as u64;
        // The side that showed what it is comes last only if it was a response.
        Some((application, [(Side::Request, request), (Side::Response, response)]))
    }
}

fn sign(bytes: &[u8], is_midstream: bool) -> Sign {
    let begins = |with: &[u8]| bytes.iter().zip(with).all(|(a, b)| a == b);
    if begins(http2::PREFACE) {
        return if bytes.len() >= http2::PREFACE.len() { Sign::Preface } else { Sign::Open };
    }
    if tls::is_record(bytes) {
        return match bytes.get(5) {
            None => Sign::Open,
            Some(1) if bytes.first() == Some(&tls::HANDSHAKE) => Sign::ClientHello,
            Some(_) => Sign::TlsRecord,
        };
    }
    if begins(b"HTTP/1.") {
        return if bytes.len() >= 9 { Sign::Status } else { Sign::Open };
    }
    request_line(bytes, is_midstream)
}

/// A request line (RFC 9112, 3), after blank lines that a server skips.
fn request_line(bytes: &[u8], is_midstream: bool) -> Sign {
    let blank = bytes.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    let line = bytes.get(blank..).unwrap_or_default();
    let begins = if is_midstream { head::surely_begins } else { head::may_begin };
    if !line.is_empty() && !begins(line, Side::Request) {
        return Sign::None;
    }
    match memchr::memchr(b'\n', line).and_then(|end| line.get(..end)) {
        None => Sign::Open,
        Some(line) if head::is_first_line(line, Side::Request) => Sign::Request,
        Some(_) => Sign::None,
    }
}

//! What of a header section decides where its message ends. Everything else is read later, from the record.

use vedette_model::Side;

/// Longest method that is believed.
const METHOD_BYTES_MAX: usize = 32;

/// How a body is framed, and what the connection may turn into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::capture) struct Framing {
    /// `Content-Length`; the first when there are several.
    pub(in crate::capture) length: Option<u64>,
    pub(in crate::capture) transfer: Transfer,
    pub(in crate::capture) upgrade: Upgrade,
}

/// The transfer coding that was put on last; it wins over a length (RFC 9112, 6.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::capture) enum Transfer {
    #[default]
    None,
    Chunked,
    Other,
}

/// What a connection may turn into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::capture) enum Upgrade {
    #[default]
    None,
    WebSocket,
    Http2,
}

impl Framing {
    /// Reads a header section.
    pub(in crate::capture) fn of(head: &[u8]) -> Self {
        let mut framing = Self::default();
        for line in head.split(|byte| *byte == b'\n').skip(1) {
            let Some(colon) = memchr::memchr(b':', line) else { continue };
            let (name, value) = line.split_at(colon);
            if !matches!(name.len(), 7 | 14 | 17) {
                continue;
            }
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            if name.eq_ignore_ascii_case(b"content-length") {
                let first = value.split(|byte| *byte == b',').next().unwrap_or_default();
                framing.length = framing.length.or_else(|| decimal(first.trim_ascii()));
            } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
                let last = value.rsplit(|byte| *byte == b',').next().unwrap_or_default();
                framing.transfer = if last.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                    Transfer::Chunked
                } else if value.eq_ignore_ascii_case(b"identity") {
                    Transfer::None
                } else {
                    Transfer::Other
                };
            } else if name.eq_ignore_ascii_case(b"upgrade") {
                if value.eq_ignore_ascii_case(b"websocket") {
                    framing.upgrade = Upgrade::WebSocket;
                } else if value.eq_ignore_ascii_case(b"h2c") {
                    framing.upgrade = Upgrade::Http2;
                }
            }
        }
        framing
    }
}

fn decimal(digits: &[u8]) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok().filter(|_| is_number)?.parse().ok()
}

/// The size of a chunk (RFC 9112, 7.1), whose extensions are passed over.
pub(in crate::capture) fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|byte| *byte == b';').next()?.trim_ascii();
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    u64::from_str_radix(std::str::from_utf8(digits).ok().filter(|_| is_number)?, 16).ok()
}

/// Status of a status line, 0 when it says none.
pub(in crate::capture) fn status(head: &[u8]) -> u16 {
    let after = head.iter().position(|byte| *byte == b' ').and_then(|space| head.get(space + 1..)).unwrap_or_default();
    let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).take(4);
    digits.fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'))
}

/// True when a message may begin so, even if there is too little to be sure.
pub(in crate::capture) fn may_begin(bytes: &[u8], side: Side) -> bool {
    match side {
        Side::Response => bytes.iter().zip(b"HTTP/1.").all(|(a, b)| a == b),
        Side::Request => {
            let method = bytes.iter().take(METHOD_BYTES_MAX + 1).take_while(|byte| is_token(**byte)).count();
            let is_method = method > 0 && method <= METHOD_BYTES_MAX;
            is_method && bytes.get(method).is_none_or(|byte| *byte == b' ') && !bytes.starts_with(b"HTTP/1.")
        }
    }
}

/// Methods by which a request is recognized where anything else may stand: those of HTTP, WebDAV and caches.
const METHODS: [&str; 20] = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "CONNECT",
    "OPTIONS",
    "TRACE",
    "PATCH",
    "QUERY",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "REPORT",
    "SEARCH",
    "PURGE",
];

/// As [`may_begin`], where the bytes may as well be in the middle of a body.
pub(in crate::capture) fn surely_begins(bytes: &[u8], side: Side) -> bool {
    let is_method = |method: &str| bytes.iter().zip(method.bytes().chain([b' '])).all(|(a, b)| *a == b);
    may_begin(bytes, side) && (side == Side::Response || METHODS.into_iter().any(is_method))
}

/// True for the first line of a message of HTTP/1, its line end included.
pub(in crate::capture) fn is_first_line(line: &[u8], side: Side) -> bool {
    let line = line.trim_ascii_end();
    match side {
        Side::Response => line.len() >= 12 && line.starts_with(b"HTTP/1.") && (100..1000).contains(&status(line)),
        Side::Request => {
            let version = line.len().checked_sub(9).and_then(|at| line.split_at_checked(at));
            version.is_some_and(|(before, version)| version.starts_with(b" HTTP/1.") && before.contains(&b' '))
        }
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

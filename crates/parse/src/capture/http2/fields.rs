//! A header section of HTTP/2 written in the form of HTTP/1, so that one reader serves both.

use vedette_model::Side;
use vedette_model::limits::CAPTURE_HEAD_BYTES_MAX;

/// A decoded header section.
#[derive(Debug, Default)]
pub(super) struct Head {
    method: Vec<u8>,
    path: Vec<u8>,
    status: Vec<u8>,
    /// Other pseudo headers and all fields, a line each.
    lines: Vec<u8>,
    /// Fields were left out because there were too many.
    pub(super) is_cut: bool,
}

impl Head {
    /// Adds a field. Line ends, which HTTP/2 forbids in them (RFC 9113, 8.2.1), become spaces.
    pub(super) fn push(&mut self, name: &[u8], value: &[u8]) {
        let clean = |byte: &u8| if matches!(byte, b'\r' | b'\n' | 0) { b' ' } else { *byte };
        // A space would end the target.
        let target = |byte: &u8| if byte.is_ascii_whitespace() { b'+' } else { *byte };
        match name {
            b":method" => self.method = value.iter().map(target).collect(),
            b":path" => self.path = value.iter().map(target).collect(),
            b":status" => self.status = value.iter().map(target).collect(),
            _ if self.lines.len() + name.len() + value.len() > CAPTURE_HEAD_BYTES_MAX / 2 => self.is_cut = true,
            _ => {
                self.lines.extend(name.iter().map(clean));
                self.lines.extend(b": ");
                self.lines.extend(value.iter().map(clean));
                self.lines.extend(b"\r\n");
            }
        }
    }

    /// An answer before the answer (RFC 9110, 15.2).
    pub(super) fn is_interim(&self) -> bool {
        self.status.len() == 3 && self.status.starts_with(b"1") && self.status != b"101"
    }

    /// First line and fields.
    pub(super) fn text(&self, side: Side) -> Vec<u8> {
        let first: [&[u8]; 4] = match side {
            Side::Request if self.path.is_empty() => [&self.method, b" ", b"*", b" HTTP/2\r\n"],
            Side::Request => [&self.method, b" ", &self.path, b" HTTP/2\r\n"],
            Side::Response => [b"HTTP/2 ", &self.status, b"", b"\r\n"],
        };
        let mut text = first.concat();
        text.truncate(CAPTURE_HEAD_BYTES_MAX / 2);
        text.extend(&self.lines);
        text.extend(b"\r\n");
        text
    }

    /// Only the fields.
    pub(super) fn trailers(&self) -> Vec<u8> {
        self.lines.clone()
    }
}

//! The hellos: who is asked for, what is offered, what is chosen.

use crate::capture::cursor::Cursor;

/// The random number of a server that asks for another hello (RFC 8446, 4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

pub(super) const SERVER_NAME: u16 = 0;
pub(super) const ALPN: u16 = 16;
const SIGNATURE_ALGORITHMS: u16 = 13;
const EARLY_DATA: u16 = 42;
const SUPPORTED_VERSIONS: u16 = 43;

/// Longest name that DNS allows.
const NAME_BYTES_MAX: usize = 255;

/// What a client offers. Lists keep their order and the reserved values in them (GREASE, RFC 8701).
#[derive(Debug, Default)]
pub(super) struct ClientHello {
    pub(super) random: [u8; 32],
    pub(super) version: u16,
    pub(super) ciphers: Vec<u16>,
    pub(super) extensions: Vec<u16>,
    pub(super) versions: Vec<u16>,
    pub(super) signatures: Vec<u16>,
    /// First protocol.
    pub(super) alpn: Option<Vec<u8>>,
    pub(super) name: Option<String>,
    pub(super) has_early_data: bool,
}

/// What a server chose.
#[derive(Clone, Debug, Default)]
pub(super) struct ServerHello {
    pub(super) random: [u8; 32],
    pub(super) version: u16,
    pub(super) cipher: u16,
    /// It asks for another hello.
    pub(super) is_retry: bool,
}

impl ClientHello {
    /// Reads the body of a client hello; what is cut off after the fixed part is left out.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(body);
        let (version, random) = (cursor.u16()?, cursor.array()?);
        cursor.vector8()?;
        let ciphers = numbers(cursor.vector16()?);
        cursor.vector8()?;
        let mut hello = Self { random, version, ciphers, ..Self::default() };
        let mut extensions = cursor.vector16().unwrap_or(Cursor(&[]));
        while let (Some(kind), Some(content)) = (extensions.u16(), extensions.vector16()) {
            hello.extensions.push(kind);
            hello.extension(kind, content);
        }
        Some(hello)
    }

    fn extension(&mut self, kind: u16, mut content: Cursor<'_>) {
        match kind {
            SERVER_NAME => self.name = content.vector16().and_then(name),
            ALPN => self.alpn = content.vector16().and_then(|mut list| list.vector8()).map(|name| name.0.to_vec()),
            SUPPORTED_VERSIONS => self.versions = content.vector8().map(numbers).unwrap_or_default(),
            SIGNATURE_ALGORITHMS => self.signatures = content.vector16().map(numbers).unwrap_or_default(),
            EARLY_DATA => self.has_early_data = true,
            _ => {}
        }
    }
}

impl ServerHello {
    /// Reads the body of a server hello.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(body);
        let (mut version, random) = (cursor.u16()?, cursor.array()?);
        cursor.vector8()?;
        let cipher = cursor.u16()?;
        cursor.u8()?;
        let mut extensions = cursor.vector16().unwrap_or(Cursor(&[]));
        while let (Some(kind), Some(mut content)) = (extensions.u16(), extensions.vector16()) {
            if kind == SUPPORTED_VERSIONS {
                version = content.u16().unwrap_or(version);
            }
        }
        Some(Self { random, version, cipher, is_retry: random == RETRY })
    }

    /// What data before the server's hello are encrypted as: the first cipher that the client offers with TLS 1.3.
    pub(super) fn early(client: &ClientHello) -> Option<Self> {
        let cipher = *client.ciphers.iter().find(|cipher| (0x1301..=0x1303).contains(*cipher))?;
        client.has_early_data.then_some(Self { version: 0x0304, cipher, ..Self::default() })
    }

    pub(super) fn is_tls13(&self) -> bool {
        self.version == 0x0304
    }

    /// As servers write it into their logs.
    pub(super) fn version_name(&self) -> &'static str {
        match self.version {
            0x0304 => "TLSv1.3",
            0x0303 => "TLSv1.2",
            0x0302 => "TLSv1.1",
            0x0301 => "TLSv1",
            0x0300 => "SSLv3",
            _ => "",
        }
    }
}

/// The host of a server name list; only letters that a host may have.
fn name(mut list: Cursor<'_>) -> Option<String> {
    if list.u8()? != 0 {
        return None;
    }
    let name = list.vector16()?.0;
    let is_host = name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(byte));
    let name = std::str::from_utf8(name).ok()?.to_ascii_lowercase();
    (is_host && !name.is_empty() && name.len() <= NAME_BYTES_MAX).then_some(name)
}

fn numbers(mut list: Cursor<'_>) -> Vec<u16> {
    std::iter::from_fn(|| list.u16()).collect()
}

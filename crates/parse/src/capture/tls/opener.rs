//! Opens the records of one side, from its first secret to its last.

use std::fmt;

use vedette_model::Side;

use super::HEADER_BYTES;
use super::cipher::{Cipher, Key, Suite, expand_label, prf};
use super::hello::{ClientHello, ServerHello};
use crate::capture::Keys;
use crate::capture::keylog::Label;

/// The keys of one side.
pub(super) struct Opener {
    suite: Suite,
    /// Secrets that are not in use yet, the next one first. TLS 1.3 changes them as the handshake goes on.
    secrets: Vec<Vec<u8>>,
    current: Option<Current>,
}

/// What records are opened with.
struct Current {
    key: Key,
    /// 12 bytes; in TLS 1.2 with AES the first 4, the rest comes with each record.
    iv: [u8; 12],
    explicit_nonce: bool,
    /// Number of the next record.
    sequence: u64,
    /// TLS 1.3: where the next secret comes from.
    secret: Option<Vec<u8>>,
}

impl fmt::Debug for Opener {
    /// Keys are not printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opener({:?})", self.suite)
    }
}

impl Opener {
    /// The keys that a key log has for a side; otherwise why it cannot be opened.
    pub(super) fn new(
        side: Side,
        client: &ClientHello,
        server: &ServerHello,
        keys: &Keys,
    ) -> Result<Self, &'static str> {
        let suite = Suite::of(server.cipher).ok_or("its cipher suite is not read")?;
        let secret = |label| keys.secret(&client.random, label).map(<[u8]>::to_vec);
        if server.is_tls13() {
            let labels: &[Label] = match side {
                Side::Request => &[Label::ClientEarly, Label::ClientHandshake, Label::ClientTraffic],
                Side::Response => &[Label::ServerHandshake, Label::ServerTraffic],
            };
            let secrets: Vec<Vec<u8>> = labels.iter().filter_map(|label| secret(*label)).collect();
            if secrets.is_empty() {
                return Err("not in the key log");
            }
            return Ok(Self { suite, secrets, current: None });
        }
        if server.version != 0x0303 {
            return Err("its version of TLS is not read");
        }
        let master = secret(Label::Master).ok_or("not in the key log")?;
        let current = tls12(suite, side, &master, client, server).ok_or("its key log entry has an unusual length")?;
        Ok(Self { suite, secrets: Vec::new(), current: Some(current) })
    }

    /// Decrypts a record; `None` when no key fits. Returns the type of its content.
    pub(super) fn open(&mut self, record: &[u8]) -> Option<(u8, Vec<u8>)> {
        if let Some(current) = &mut self.current
            && let Some(opened) = current.open(record)
        {
            return Some(opened);
        }
        for place in 0..self.secrets.len() {
            let Some(mut next) = self.secrets.get(place).and_then(|secret| Current::tls13(self.suite, secret)) else {
                continue;
            };
            if let Some(opened) = next.open(record) {
                self.current = Some(next);
                self.secrets.drain(..=place);
                return Some(opened);
            }
        }
        // The keys of a long connection are renewed (RFC 8446, 7.2).
        let secret = self.current.as_ref().and_then(|current| current.secret.as_ref())?;
        let renewed = expand_label(self.suite.is_sha384, secret, "traffic upd", secret.len())?;
        let mut next = Current::tls13(self.suite, &renewed)?;
        let opened = next.open(record)?;
        self.current = Some(next);
        Some(opened)
    }
}

/// RFC 5246, 6.3; RFC 5288; RFC 7905.
fn tls12(suite: Suite, side: Side, master: &[u8], client: &ClientHello, server: &ServerHello) -> Option<Current> {
    let explicit_nonce = suite.cipher != Cipher::ChaCha20Poly1305;
    let (key_bytes, iv_bytes) = (suite.cipher.key_bytes(), if explicit_nonce { 4 } else { 12 });
    let seed = [server.random, client.random].concat();
    let block = prf(suite.is_sha384, master, "key expansion", &seed, 2 * (key_bytes + iv_bytes))?;
    let part = |first: usize, bytes: usize| {
        let start = if side == Side::Request { first } else { first + bytes };
        block.get(start..start + bytes)
    };
    let mut iv = [0; 12];
    iv.iter_mut().zip(part(2 * key_bytes, iv_bytes)?).for_each(|(to, from)| *to = *from);
    Some(Current { key: suite.cipher.key(part(0, key_bytes)?)?, iv, explicit_nonce, sequence: 0, secret: None })
}

impl Current {
    /// RFC 8446, 7.3.
    fn tls13(suite: Suite, secret: &[u8]) -> Option<Self> {
        let key = expand_label(suite.is_sha384, secret, "key", suite.cipher.key_bytes())?;
        let iv = expand_label(suite.is_sha384, secret, "iv", 12)?;
        Some(Self {
            key: suite.cipher.key(&key)?,
            iv: iv.as_slice().try_into().ok()?,
            explicit_nonce: false,
            sequence: 0,
            secret: Some(secret.to_vec()),
        })
    }

    fn open(&mut self, record: &[u8]) -> Option<(u8, Vec<u8>)> {
        let (header, mut sealed) = record.split_at_checked(HEADER_BYTES)?;
        let sequence = self.sequence.to_be_bytes();
        let mut nonce = self.iv;
        if self.explicit_nonce {
            let (explicit, rest) = sealed.split_at_checked(8)?;
            sealed = rest;
            nonce.iter_mut().skip(4).zip(explicit).for_each(|(to, from)| *to = *from);
        } else {
            nonce.iter_mut().skip(4).zip(sequence).for_each(|(to, from)| *to ^= from);
        }
        let kind = *header.first()?;
        if self.secret.is_some() {
            let mut content = self.key.open(nonce, header, sealed)?;
            self.sequence += 1;
            // The type stands behind the content, padding of zeros behind it (RFC 8446, 5.2).
            let end = content.iter().rposition(|byte| *byte != 0)?;
            let kind = *content.get(end)?;
            content.truncate(end);
            return Some((kind, content));
        }
        let length = u16::try_from(sealed.len().checked_sub(16)?).ok()?.to_be_bytes();
        let context = [sequence.as_slice(), header.get(..3)?, &length].concat();
        let content = self.key.open(nonce, &context, sealed)?;
        self.sequence += 1;
        Some((kind, content))
    }
}

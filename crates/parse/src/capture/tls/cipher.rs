//! Key schedules and AEAD ciphers, over the crates of RustCrypto.

use aes_gcm::aead::array::typenum::Unsigned;
use aes_gcm::aead::{AeadCore, AeadInOut, KeyInit};
use aes_gcm::{Aes128Gcm, Aes256Gcm};
use chacha20poly1305::ChaCha20Poly1305;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::{Sha256, Sha384};

/// A cipher suite with authenticated encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Suite {
    pub(super) cipher: Cipher,
    pub(super) is_sha384: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cipher {
    Aes128Gcm,
    Aes256Gcm,
    ChaCha20Poly1305,
}

/// A cipher with its key.
pub(super) enum Key {
    Aes128Gcm(Box<Aes128Gcm>),
    Aes256Gcm(Box<Aes256Gcm>),
    ChaCha20Poly1305(Box<ChaCha20Poly1305>),
}

impl Suite {
    /// The suite of a number in the registry of IANA; `None` for those that are not read.
    pub(super) fn of(number: u16) -> Option<Self> {
        let (cipher, is_sha384) = match number {
            0x1301 | 0x009c | 0x009e | 0x00a0 | 0x00a2 | 0x00a4 | 0x00a8 | 0x00aa | 0xc02b | 0xc02d | 0xc02f
            | 0xc031 => (Cipher::Aes128Gcm, false),
            0x1302 | 0x009d | 0x009f | 0x00a1 | 0x00a3 | 0x00a5 | 0x00a9 | 0x00ab | 0xc02c | 0xc02e | 0xc030
            | 0xc032 => (Cipher::Aes256Gcm, true),
            0x1303 | 0xcca8..=0xccae => (Cipher::ChaCha20Poly1305, false),
            _ => return None,
        };
        Some(Self { cipher, is_sha384 })
    }
}

impl Cipher {
    pub(super) fn key_bytes(self) -> usize {
        match self {
            Self::Aes128Gcm => 16,
            Self::Aes256Gcm | Self::ChaCha20Poly1305 => 32,
        }
    }

    pub(super) fn key(self, key: &[u8]) -> Option<Key> {
        Some(match self {
            Self::Aes128Gcm => Key::Aes128Gcm(Box::new(Aes128Gcm::new_from_slice(key).ok()?)),
            Self::Aes256Gcm => Key::Aes256Gcm(Box::new(Aes256Gcm::new_from_slice(key).ok()?)),
            Self::ChaCha20Poly1305 => Key::ChaCha20Poly1305(Box::new(ChaCha20Poly1305::new_from_slice(key).ok()?)),
        })
    }
}

impl Key {
    /// Decrypts; `None` when the bytes were not encrypted with this key, nonce and context.
    pub(super) fn open(&self, nonce: [u8; 12], context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Aes128Gcm(cipher) => open(cipher.as_ref(), nonce, context, sealed),
            Self::Aes256Gcm(cipher) => open(cipher.as_ref(), nonce, context, sealed),
            Self::ChaCha20Poly1305(cipher) => open(cipher.as_ref(), nonce, context, sealed),
        }
    }
}

fn open<C: AeadInOut>(cipher: &C, nonce: [u8; 12], context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (content, tag) = sealed.split_at_checked(sealed.len().checked_sub(<C as AeadCore>::TagSize::USIZE)?)?;
    let mut content = content.to_vec();
    let (nonce, tag) = (nonce.as_slice().try_into().ok()?, tag.try_into().ok()?);
    cipher.decrypt_inout_detached(nonce, context, content.as_mut_slice().into(), tag).ok()?;
    Some(content)
}

/// HKDF-Expand-Label without context (RFC 8446, 7.1).
pub(super) fn expand_label(is_sha384: bool, secret: &[u8], label: &str, bytes: usize) -> Option<Vec<u8>> {
    let label = format!("tls13 {label}");
    let mut info = (bytes as u16).to_be_bytes().to_vec();
    info.push(label.len() as u8);
    info.extend(label.as_bytes());
    info.push(0);
    let mut out = vec![0; bytes];
    if is_sha384 {
        Hkdf::<Sha384>::from_prk(secret).ok()?.expand(&info, &mut out).ok()?;
    } else {
        Hkdf::<Sha256>::from_prk(secret).ok()?.expand(&info, &mut out).ok()?;
    }
    Some(out)
}

/// The pseudo-random function of TLS 1.2 (RFC 5246, 5).
pub(super) fn prf(is_sha384: bool, secret: &[u8], label: &str, seed: &[u8], bytes: usize) -> Option<Vec<u8>> {
    let seed = [label.as_bytes(), seed].concat();
    let mut out = Vec::with_capacity(bytes + 48);
    let mut chain = seed.clone();
    while out.len() < bytes {
        chain = hash(is_sha384, secret, &[&chain])?;
        out.extend(hash(is_sha384, secret, &[&chain, &seed])?);
    }
    out.truncate(bytes);
    Some(out)
}

fn hash(is_sha384: bool, secret: &[u8], parts: &[&[u8]]) -> Option<Vec<u8>> {
    fn with<M: Mac + KeyInit>(secret: &[u8], parts: &[&[u8]]) -> Option<Vec<u8>> {
        let mut mac = <M as KeyInit>::new_from_slice(secret).ok()?;
        for part in parts {
            mac.update(part);
        }
        Some(mac.finalize().into_bytes().to_vec())
    }
    if is_sha384 { with::<Hmac<Sha384>>(secret, parts) } else { with::<Hmac<Sha256>>(secret, parts) }
}

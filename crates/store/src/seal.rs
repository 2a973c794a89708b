//! Authenticated encryption of what lies on disk: the journal and the snapshots hold values that nobody may read there.
//!
//! AES-256-GCM (NIST SP 800-38D). Every file has a key of its own, derived from the data key with a random salt
//! (HKDF-SHA256, RFC 5869), so that a counter is a nonce that never comes twice under one key.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{AeadInOut, KeyInit};
use hkdf::Hkdf;
use sha2::Sha256;

/// Bytes of a salt.
pub(crate) const SALT_BYTES: usize = 16;

/// Bytes that sealing adds.
pub(crate) const TAG_BYTES: usize = 16;

/// The cipher of one file.
pub(crate) struct Sealer(Box<Aes256Gcm>);

impl Sealer {
    /// Of the file with this salt; `purpose` keeps files of different kinds apart. `None` never happens for keys of
    /// this length, and is no reason to panic.
    pub(crate) fn new(key: &[u8; 32], salt: &[u8; SALT_BYTES], purpose: &str) -> Option<Self> {
        let mut own = [0; 32];
        Hkdf::<Sha256>::new(Some(salt), key).expand(purpose.as_bytes(), &mut own).ok()?;
        Some(Self(Box::new(Aes256Gcm::new_from_slice(&own).ok()?)))
    }

    /// Encrypts in place what stands behind `from` and appends the tag. `context` is authenticated with it. False when
    /// the cipher refused (texts of 64 GiB).
    #[must_use]
    pub(crate) fn seal(&self, counter: u64, context: &[u8], text: &mut Vec<u8>, from: usize) -> bool {
        let Some(content) = text.get_mut(from..) else { return false };
        let Ok(tag) = self.0.encrypt_inout_detached(&nonce(counter).into(), context, content.into()) else {
            return false;
        };
        text.extend_from_slice(&tag);
        true
    }

    /// Decrypts; `None` when the bytes were not sealed with this key, counter and context.
    pub(crate) fn open(&self, counter: u64, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (content, tag) = sealed.split_at_checked(sealed.len().checked_sub(TAG_BYTES)?)?;
        let mut content = content.to_vec();
        let tag = tag.try_into().ok()?;
        self.0.decrypt_inout_detached(&nonce(counter).into(), context, content.as_mut_slice().into(), tag).ok()?;
        Some(content)
    }
}

fn nonce(counter: u64) -> [u8; 12] {
    let mut nonce = [0; 12];
    if let Some(low) = nonce.get_mut(4..) {
        low.copy_from_slice(&counter.to_be_bytes());
    }
    nonce
}

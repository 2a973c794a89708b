//! Keyed hashes: the only form in which a token, cookie or key leaves the parser (invariant 5).

use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

/// Key of all credential hashes of one installation, so that a hash from one cannot be looked up in another.
#[derive(Clone)]
pub struct HashKey([u8; 16]);

impl HashKey {
    /// A key from any text; the same text gives the same key.
    pub fn from_text(text: &str) -> Self {
        let mut hasher = SipHasher13::new();
        hasher.write(text.as_bytes());
        Self(hasher.finish128().as_u128().to_le_bytes())
    }

    /// A key of random bytes, of which the first sixteen count.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let mut key = [0; 16];
        key.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
        Self(key)
    }

    /// Hashes a secret (SipHash-1-3, 128 bits, cut to 64).
    pub fn hash(&self, secret: &[u8]) -> u64 {
        let mut hasher = SipHasher13::new_with_key(&self.0);
        hasher.write(secret);
        hasher.finish128().as_u128() as u64
    }
}

impl Default for HashKey {
    fn default() -> Self {
        Self::from_text("vedette")
    }
}

impl std::fmt::Debug for HashKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HashKey(…)")
    }
}

//! The data key: one secret of 32 bytes from which every other key of a data folder is derived.
//!
//! It lives in `key` (mode 0600) inside the data folder, or in a file that the operator names, so that disk and key can
//! be kept apart. Nothing is encrypted with the data key itself: each use derives its own key with HKDF-SHA256 (RFC
//! 5869) and a label, so that one use can never be turned against another.
//!
//! Whoever loses the key loses the journal that was not learned yet, second factors and the proof of the audit log's
//! end; the lake and the learned state stay readable.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{AeadInOut, KeyInit};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use tracing::warn;
use zeroize::Zeroizing;

/// Length of the data key and of every derived key, in bytes.
pub const KEY_BYTES: usize = 32;

/// Longest key file that is read, in bytes: 64 hex digits and some white space.
const KEY_FILE_BYTES_MAX: u64 = 256;

/// Length of a nonce of AES-GCM, in bytes.
const TAG_BYTES: usize = 16;
const NONCE_BYTES: usize = 12;

/// Why there is no data key. No variant carries any of the key's digits.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file could not be read.
    #[error("reading the key file {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file could not be made.
    #[error("creating the key file {path}")]
    Create {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file holds something else than 64 hex digits.
    #[error("the key file {path} does not hold 64 hexadecimal digits")]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// A secret could not be encrypted.
    #[error("encrypting a secret failed")]
    Seal,
    /// The operating system gave no randomness.
    #[error("the operating system gives no random bytes")]
    Random,
}

/// The secret of a data folder. Wiped from memory when dropped; `Debug` shows nothing of it.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; KEY_BYTES]>);

impl DataKey {
    /// The key of the data folder `data`: read from `key_file` when the operator named one (it must exist then),
    /// else from `data/key`, which is created when it is missing.
    pub fn of_folder(data: &Path, key_file: Option<&Path>) -> Result<Self, KeyError> {
        match key_file {
            Some(path) => Self::read(path),
            None => Self::open_or_create(&data.join("key")),
        }
    }

    /// Reads `path`, or creates it with a new random key, mode 0600. When this returns, the file and its name in the
    /// folder are on disk. Two processes that race create one key: the loser reads the winner's.
    pub fn open_or_create(path: &Path) -> Result<Self, KeyError> {
        let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        match created {
            Ok(file) => Self::create(file, path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Self::read(path),
            Err(source) => Err(KeyError::Create { path: path.to_owned(), source }),
        }
    }

    /// Reads a key file: 64 hexadecimal digits, white space around them allowed.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let mode = file.metadata().map_err(failed)?.permissions().mode();
        if mode & 0o007 != 0 {
            warn!(path = %path.display(), mode = format!("{:o}", mode & 0o777), "everybody may read the key file");
        }
        let mut text = Zeroizing::new(String::new());
        #[expect(clippy::disallowed_methods, reason = "limited to the length of a key file")]
        file.take(KEY_FILE_BYTES_MAX).read_to_string(&mut text).map_err(failed)?;
        Self::from_hex(text.trim()).ok_or_else(|| KeyError::Malformed { path: path.to_owned() })
    }

    /// A key from 64 hexadecimal digits; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(unhex(text)?);
        let key: [u8; KEY_BYTES] = bytes.as_slice().try_into().ok()?;
        Some(Self(Zeroizing::new(key)))
    }

    /// The key's digits, for a backup that was asked to hold them.
    pub(crate) fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex(self.0.as_slice()))
    }

    /// A new random key that is on no disk.
    pub fn random() -> Result<Self, KeyError> {
        Ok(Self(Zeroizing::new(random()?)))
    }

    /// The key for one use. The same label always gives the same key; different labels give unrelated ones.
    pub fn derive(&self, label: &str) -> Zeroizing<[u8; KEY_BYTES]> {
        let mut derived = Zeroizing::new([0; KEY_BYTES]);
        let hkdf = Hkdf::<Sha256>::new(Some(b"vedette data key v1"), self.0.as_slice());
        let filled = hkdf.expand(label.as_bytes(), derived.as_mut_slice());
        debug_assert!(filled.is_ok(), "HKDF-SHA256 gives up to 8160 bytes");
        derived
    }

    /// Encrypts a small secret (AES-256-GCM under the key of `label`) for a column or a file. `owner` is bound in: a
    /// secret that is moved to another row does not open there.
    pub fn seal(&self, label: &str, owner: &str, secret: &[u8]) -> Result<String, KeyError> {
        let nonce: [u8; NONCE_BYTES] = random()?;
        let mut sealed = secret.to_vec();
        let tag = self
            .cipher(label)
            .encrypt_inout_detached(&nonce.into(), owner.as_bytes(), sealed.as_mut_slice().into())
            .map_err(|_| KeyError::Seal)?;
        sealed.extend_from_slice(&tag);
        Ok(hex(&nonce) + &hex(&sealed))
    }

    /// What [`DataKey::seal`] encrypted; `None` when it was not sealed with this key, label and owner.
    pub fn unseal(&self, label: &str, owner: &str, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = unhex(sealed)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let (secret, tag) = sealed.split_last_chunk::<TAG_BYTES>()?;
        let mut secret = Zeroizing::new(secret.to_vec());
        let cipher = self.cipher(label);
        let buffer = secret.as_mut_slice().into();
        cipher.decrypt_inout_detached(&(*nonce).into(), owner.as_bytes(), buffer, &(*tag).into()).ok()?;
        Some(secret)
    }

    fn cipher(&self, label: &str) -> Aes256Gcm {
        Aes256Gcm::new(&(*self.derive(label)).into())
    }

    fn create(mut file: File, path: &Path) -> Result<Self, KeyError> {
        let key = Self::random()?;
        let text = Zeroizing::new(hex(key.0.as_slice()) + "\n");
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        let named = written.and_then(|()| path.parent().map_or(Ok(()), sync_folder));
        match named {
            Ok(()) => Ok(key),
            Err(source) => {
                // Half a key would lock everybody out at the next start.
                let _ = std::fs::remove_file(path);
                Err(KeyError::Create { path: path.to_owned(), source })
            }
        }
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(hidden)")
    }
}

/// SHA-256 of `text` in hexadecimal: how a secret of 256 random bits is kept so that it can be recognized.
pub fn fingerprint(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// Random bytes of the operating system, fit for keys and tokens.
pub fn random<const N: usize>() -> Result<[u8; N], KeyError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| KeyError::Random)?;
    Ok(bytes)
}

/// Lower-case hexadecimal digits of `bytes`.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).map_or('0', |digit| char::from(*digit));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes that hexadecimal digits (of either case) stand for; `None` for anything else.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|value| value as u8);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

/// Makes names created in `folder` durable.
fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_created_key_is_private_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let created = DataKey::of_folder(folder.path(), None).unwrap();
        let path = folder.path().join("key");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let read = DataKey::of_folder(folder.path(), None).unwrap();
        assert_eq!(created.derive("journal"), read.derive("journal"));
        assert_ne!(*created.derive("journal"), *created.derive("audit"));
        let named = DataKey::of_folder(Path::new("/nonexistent"), Some(&path)).unwrap();
        assert_eq!(created.derive("journal"), named.derive("journal"));
    }

    #[test]
    fn the_derivation_never_changes() {
        // Whatever was encrypted before must stay readable: computed with another implementation of RFC 5869
        // (Python's hmac and hashlib).
        let key = DataKey::from_hex(&"0b".repeat(32)).unwrap();
        insta::assert_snapshot!(hex(key.derive("journal").as_slice()), @"823983f4ba3132a491b270b246b48ac89491ec618aee0f837f76245c71fe8de6");
    }

    #[test]
    fn malformed_and_missing_key_files_are_refused_without_showing_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        for text in ["", "00", &"0".repeat(63), &"g".repeat(64), &"0".repeat(65), &"0".repeat(1000)] {
            std::fs::write(&path, text).unwrap();
            let error = DataKey::open_or_create(&path).unwrap_err();
            assert!(matches!(error, KeyError::Malformed { .. }), "{error}");
        }
        let missing = DataKey::of_folder(folder.path(), Some(Path::new("/nonexistent/key"))).unwrap_err();
        assert!(matches!(missing, KeyError::Read { .. }));
        assert_eq!(format!("{:?}", DataKey::random().unwrap()), "DataKey(hidden)");
    }

    #[test]
    fn a_sealed_secret_opens_only_where_it_belongs() {
        let key = DataKey::random().unwrap();
        let sealed = key.seal("totp", "default/u1", b"secret").unwrap();
        assert!(!sealed.contains(&hex(b"secret")));
        assert_ne!(sealed, key.seal("totp", "default/u1", b"secret").unwrap());
        assert_eq!(key.unseal("totp", "default/u1", &sealed).unwrap().as_slice(), b"secret");
        assert_eq!(key.unseal("totp", "default/u2", &sealed), None);
        assert_eq!(key.unseal("oidc", "default/u1", &sealed), None);
        assert_eq!(DataKey::random().unwrap().unseal("totp", "default/u1", &sealed), None);
        assert_eq!(key.unseal("totp", "default/u1", "00"), None);
    }

    #[test]
    fn hexadecimal_digits_round_trip() {
        assert_eq!(hex(&[0, 1, 0xab, 0xff]), "0001abff");
        assert_eq!(unhex("0001abFF"), Some(vec![0, 1, 0xab, 0xff]));
        assert_eq!(unhex("0"), None);
        assert_eq!(unhex("é"), None);
        assert_ne!(random::<32>().unwrap(), random::<32>().unwrap());
    }
}

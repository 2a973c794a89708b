//! Whole files that are compressed, encrypted, checksummed, and there or not there.
//!
//! ```text
//! magic[8] version:u16 reserved[6] salt[16] plain:u64 | AES-256-GCM( zstd(plain) ) tag[16]
//! ```

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use vedette_model::limits::SEALED_BYTES_MAX;

use crate::keys;
use crate::seal::{SALT_BYTES, Sealer, TAG_BYTES};

const MAGIC: [u8; 8] = *b"VEDETTES";
const VERSION: u16 = 1;
const HEADER_BYTES: usize = 40;
const ZSTD_LEVEL: i32 = 1;

/// Writes a file in place of what was there, readable by its owner only. When it returned, the file survives a crash;
/// until then the old one does.
pub fn write(path: &Path, key: &[u8; 32], purpose: &str, plain: &[u8]) -> io::Result<()> {
    let salt: [u8; SALT_BYTES] = keys::random().map_err(io::Error::other)?;
    let sealer = Sealer::new(key, &salt, purpose).ok_or_else(|| io::Error::other("no cipher"))?;
    let mut file = Vec::with_capacity(HEADER_BYTES + plain.len() / 4);
    file.extend_from_slice(&MAGIC);
    file.extend_from_slice(&VERSION.to_le_bytes());
    file.extend_from_slice(&[0; 6]);
    file.extend_from_slice(&salt);
    file.extend_from_slice(&(plain.len() as u64).to_le_bytes());
    let context = file.clone();
    file.extend_from_slice(&zstd::bulk::compress(plain, ZSTD_LEVEL)?);
    if !sealer.seal(0, &context, &mut file, HEADER_BYTES) {
        return Err(io::Error::other("sealing failed"));
    }
    replace(path, &file)
}

/// Writes a file in place of what was there; after a crash the old or the new one is there, whole.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Reads a file that [`write()`] wrote.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] when it is not what was written: cut, changed, or sealed with another key.
pub fn read(path: &Path, key: &[u8; 32], purpose: &str) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len().min(SEALED_BYTES_MAX);
    let mut content = Vec::with_capacity(usize::try_from(bytes).unwrap_or_default());
    #[expect(clippy::disallowed_methods, reason = "our own file, bounded by its length")]
    file.take(bytes).read_to_end(&mut content)?;
    open(&content, key, purpose)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it is damaged, or was written with another key"))
}

fn open(content: &[u8], key: &[u8; 32], purpose: &str) -> Option<Vec<u8>> {
    let (header, sealed) = content.split_at_checked(HEADER_BYTES)?;
    if !header.starts_with(&MAGIC) || header.get(8..10)? != VERSION.to_le_bytes() || sealed.len() < TAG_BYTES {
        return None;
    }
    let salt: [u8; SALT_BYTES] = header.get(16..32)?.try_into().ok()?;
    let packed = Sealer::new(key, &salt, purpose)?.open(0, header, sealed)?;
    let plain = u64::from_le_bytes(header.get(32..)?.try_into().ok()?);
    zstd::bulk::decompress(&packed, usize::try_from(plain.min(SEALED_BYTES_MAX)).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_back_whole_or_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.vs");
        let plain = b"what was learned ".repeat(1000);
        write(&path, &[1; 32], "test", &plain).unwrap();
        assert_eq!(read(&path, &[1; 32], "test").unwrap(), plain);
        assert!(read(&path, &[2; 32], "test").is_err(), "another key");
        assert!(read(&path, &[1; 32], "other").is_err(), "another purpose");
        let mut content = fs::read(&path).unwrap();
        for at in [0, 9, 20, 35, 60, content.len() - 1] {
            content[at] ^= 1;
            fs::write(&path, &content).unwrap();
            assert!(read(&path, &[1; 32], "test").is_err(), "byte {at}");
            content[at] ^= 1;
        }
        fs::write(&path, &content[..content.len() - 3]).unwrap();
        assert!(read(&path, &[1; 32], "test").is_err(), "cut");
    }
}

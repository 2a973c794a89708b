//! The little of tar that backups need (POSIX.1-2001, "pax"): regular files with paths and sizes of any length.
//!
//! Ours rather than a library's because a backup is read with suspicion: no links, no devices, no path that leaves the
//! folder, nothing that is not a regular file.

use std::io::{self, Read, Write};

/// Size of a block; everything in a tar is a multiple of it.
const BLOCK: usize = 512;

/// Longest pax header that is read, in bytes: a path and a size.
const PAX_BYTES_MAX: u64 = 64 << 10;

/// Zeros behind the first block of zeros; other programs fill records of 10,240 bytes.
const TRAILER_BYTES_MAX: u64 = 10_240;

/// Longest path that fits a plain header, in bytes.
const NAME_BYTES: usize = 100;

/// Largest size that fits a plain header: eleven octal digits.
const SIZE_MAX: u64 = (1 << 33) - 1;

/// Writes members one after another.
pub(super) struct Writer<W> {
    out: W,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out }
    }

    /// Writes a member of exactly `bytes` bytes; content that ends before is an error.
    pub(super) fn member(&mut self, path: &str, bytes: u64, content: &mut dyn Read) -> io::Result<()> {
        let mut pax = String::new();
        if path.len() > NAME_BYTES {
            pax.push_str(&pax_record("path", path));
        }
        if bytes > SIZE_MAX {
            pax.push_str(&pax_record("size", &bytes.to_string()));
        }
        if !pax.is_empty() {
            self.out.write_all(&header("pax", pax.len() as u64, b'x'))?;
            self.padded(pax.len() as u64, &mut pax.as_bytes())?;
        }
        let name = path.get(..path.floor_char_boundary(NAME_BYTES)).unwrap_or(path);
        self.out.write_all(&header(name, bytes.min(SIZE_MAX), b'0'))?;
        self.padded(bytes, content)
    }

    /// Ends the archive.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&[0; 2 * BLOCK])?;
        Ok(self.out)
    }

    fn padded(&mut self, bytes: u64, content: &mut dyn Read) -> io::Result<()> {
        let copied = io::copy(&mut content.take(bytes), &mut self.out)?;
        if copied != bytes {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a file became shorter while it was read"));
        }
        let padding = vec![0; padding(bytes) as usize];
        self.out.write_all(&padding)
    }
}

/// Reads members one after another.
pub(super) struct Reader<R> {
    input: R,
    /// Bytes of the present member that were not read, with its padding.
    left: u64,
    padding: u64,
}

/// A member that is being read.
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) bytes: u64,
}

impl<R: Read> Reader<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, left: 0, padding: 0 }
    }

    /// The next member; its content is what [`Read`] gives until it ends. `None` at the end of the archive.
    pub(super) fn next(&mut self) -> io::Result<Option<Entry>> {
        self.skip()?;
        let mut entry = Entry { path: String::new(), bytes: 0 };
        let mut pax_size = None;
        loop {
            let mut block = [0; BLOCK];
            self.input.read_exact(&mut block)?;
            if block.iter().all(|byte| *byte == 0) {
                self.end()?;
                return Ok(None);
            }
            let header = Header::parse(&block).ok_or_else(|| invalid("a header is damaged"))?;
            match header.kind {
                b'x' if header.bytes <= PAX_BYTES_MAX => {
                    let mut text = Vec::new();
                    let whole = header.bytes + padding(header.bytes);
                    #[expect(clippy::disallowed_methods, reason = "limited to a pax header")]
                    (&mut self.input).take(whole).read_to_end(&mut text)?;
                    text.truncate(header.bytes as usize);
                    for (key, value) in pax_records(&text) {
                        match key {
                            "path" => value.clone_into(&mut entry.path),
                            "size" => pax_size = value.parse().ok(),
                            _ => {}
                        }
                    }
                }
                b'0' | 0 => {
                    if entry.path.is_empty() {
                        entry.path = header.name;
                    }
                    entry.bytes = pax_size.unwrap_or(header.bytes);
                    if !is_safe(&entry.path) {
                        return Err(invalid("a path leaves the folder"));
                    }
                    self.left = entry.bytes;
                    self.padding = padding(entry.bytes);
                    return Ok(Some(entry));
                }
                _ => return Err(invalid("a member is no regular file")),
            }
        }
    }

    /// Reads what follows the last member to its end: nothing but zeros. So a compressed archive's checksum is compared
    /// too, which stands behind all.
    fn end(&mut self) -> io::Result<()> {
        let mut rest = Vec::new();
        #[expect(clippy::disallowed_methods, reason = "limited to the padding of an archive")]
        (&mut self.input).take(TRAILER_BYTES_MAX + 1).read_to_end(&mut rest)?;
        let zeros = rest.len() as u64 <= TRAILER_BYTES_MAX && rest.iter().all(|byte| *byte == 0);
        if zeros { Ok(()) } else { Err(invalid("something follows the end")) }
    }

    /// Goes to the end of the present member.
    fn skip(&mut self) -> io::Result<()> {
        let rest = self.left + self.padding;
        let skipped = io::copy(&mut (&mut self.input).take(rest), &mut io::sink())?;
        (self.left, self.padding) = (0, 0);
        if skipped == rest { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

impl<R: Read> Read for Reader<R> {
    /// Content of the present member.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let Some(buffer) = buffer.get_mut(..most).filter(|buffer| !buffer.is_empty()) else { return Ok(0) };
        let read = self.input.read(buffer)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read as u64;
        Ok(read)
    }
}

struct Header {
    name: String,
    bytes: u64,
    kind: u8,
}

impl Header {
    fn parse(block: &[u8; BLOCK]) -> Option<Self> {
        let told = octal(block.get(148..156)?)?;
        if told != checksum(block) {
            return None;
        }
        let name = block.get(..NAME_BYTES)?;
        let end = name.iter().position(|byte| *byte == 0).unwrap_or(NAME_BYTES);
        let name = std::str::from_utf8(name.get(..end)?).ok()?.to_owned();
        Some(Self { name, bytes: octal(block.get(124..136)?)?, kind: *block.get(156)? })
    }
}

fn header(name: &str, bytes: u64, kind: u8) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let mut put = |at: usize, text: &[u8]| {
        if let Some(field) = block.get_mut(at..at + text.len()) {
            field.copy_from_slice(text);
        }
    };
    put(0, name.as_bytes());
    put(100, b"0000600\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{bytes:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    let sum = checksum(&block);
    if let Some(field) = block.get_mut(148..156) {
        field.copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    block
}

/// Sum of a header's bytes, its own field taken as spaces.
fn checksum(block: &[u8; BLOCK]) -> u64 {
    let byte = |(at, byte): (usize, &u8)| if (148..156).contains(&at) { u64::from(b' ') } else { u64::from(*byte) };
    block.iter().enumerate().map(byte).sum()
}

fn octal(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    u64::from_str_radix(text, 8).ok()
}

/// `LENGTH key=value\n`, where the length counts itself.
fn pax_record(key: &str, value: &str) -> String {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    format!("{length} {key}={value}\n")
}

fn pax_records(mut text: &[u8]) -> Vec<(&str, &str)> {
    let mut records = Vec::new();
    while let Some(space) = text.iter().position(|byte| *byte == b' ') {
        let length = text.get(..space).and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<usize>().ok());
        let Some((record, rest)) = length.and_then(|length| text.split_at_checked(length)) else { break };
        let record = record.get(space + 1..).and_then(|record| std::str::from_utf8(record).ok());
        let Some(pair) = record.and_then(|record| record.strip_suffix('\n')?.split_once('=')) else { break };
        records.push(pair);
        text = rest;
    }
    records
}

fn padding(bytes: u64) -> u64 {
    bytes.wrapping_neg() % BLOCK as u64
}

/// Whether a path stays in its folder: relative, of plain names.
fn is_safe(path: &str) -> bool {
    let plain = |name: &str| !name.is_empty() && name != "." && name != ".." && !name.contains(['\\', '\0']);
    !path.is_empty() && path.split('/').all(plain)
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_all(bytes: &[u8]) -> io::Result<Vec<(String, Vec<u8>)>> {
        let mut reader = Reader::new(bytes);
        let mut members = Vec::new();
        while let Some(entry) = reader.next()? {
            let mut content = Vec::new();
            io::copy(&mut reader, &mut content)?;
            assert_eq!(content.len() as u64, entry.bytes);
            members.push((entry.path, content));
        }
        Ok(members)
    }

    #[test]
    fn the_system_tar_reads_what_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let long = format!("tenants/{}/lake/part.parquet", "x".repeat(120));
        let mut writer = Writer::new(Vec::new());
        writer.member("state.ndjson", 5, &mut &b"hello"[..]).unwrap();
        writer.member(&long, 0, &mut io::empty()).unwrap();
        writer.member("exact", 512, &mut &[7; 512][..]).unwrap();
        let bytes = writer.finish().unwrap();
        let path = folder.path().join("a.tar");
        std::fs::write(&path, &bytes).unwrap();
        let listed = std::process::Command::new("tar").arg("-tf").arg(&path).output().unwrap();
        let listed = String::from_utf8(listed.stdout).unwrap();
        assert_eq!(listed.lines().collect::<Vec<_>>(), ["state.ndjson", &long, "exact"]);
        let members = read_all(&bytes).unwrap();
        assert_eq!(members[0], ("state.ndjson".to_owned(), b"hello".to_vec()));
        assert_eq!(members[1], (long, Vec::new()));
        assert_eq!(members[2].1.len(), 512);
    }

    #[test]
    fn hostile_archives_are_refused() {
        for path in ["../key", "/etc/passwd", "a/../../b", "a//b", "./a", "a\\b"] {
            let mut writer = Writer::new(Vec::new());
            writer.member(path, 0, &mut io::empty()).unwrap();
            assert!(read_all(&writer.finish().unwrap()).is_err(), "{path}");
        }
        let link = [header("link", 0, b'2').as_slice(), &[0; 1024]].concat();
        assert!(read_all(&link).is_err());
        let mut damaged = header("a", 0, b'0');
        damaged[0] = b'b';
        assert!(read_all(&damaged).is_err());
        assert!(read_all(&header("cut", 10, b'0')).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            let _ = read_all(&bytes);
            // With a valid checksum the fields are looked at.
            let mut block = [0; BLOCK];
            for (to, from) in block.iter_mut().zip(&bytes) {
                *to = *from;
            }
            let sum = checksum(&block);
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            let _ = read_all(&[block.as_slice(), &bytes].concat());
        }
    }
}

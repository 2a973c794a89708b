//! Where reading goes on, as text that the node keeps with the data.
//!
//! A version, then a line per generation of the log, then the decoder in effect, which may have lines of its own:
//!
//! ```text
//! v1
//! before 1795651200000000000
//! file 2049 131 4711 38 1024 9f86d081884c7d65 lines
//! decoder combined
//! ```

use std::fmt::Write as _;
use std::path::PathBuf;

use super::watch::FileId;

/// Position within a log and its generations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// Generations last changed at this time (nanoseconds since the epoch) or before were read and are forgotten.
    pub(super) before: Option<i64>,
    pub(super) files: Vec<FilePosition>,
    /// Description of the decoder of what follows.
    pub(super) decoder: Option<String>,
}

/// Position within one generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FilePosition {
    pub(super) id: FileId,
    /// Bytes of text before the next record.
    pub(super) offset: u64,
    /// Records before it.
    pub(super) records: u64,
    pub(super) fingerprint: Fingerprint,
    /// It is not read by lines; its format is recognized anew.
    pub(super) is_whole: bool,
    /// Where it lies, when it was met through a link.
    pub(super) target: Option<PathBuf>,
}

/// A hash of the first bytes of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fingerprint {
    pub(super) len: usize,
    pub(super) hash: u64,
}

impl Fingerprint {
    /// Of all of `head`.
    pub(super) fn of(head: &[u8]) -> Self {
        // Kept for months: SipHash with a fixed key gives the same on every machine and version.
        Self { len: head.len(), hash: vedette_model::hash::HashKey::from_text("vedette-follow").hash(head) }
    }

    /// True when a text begins with the same bytes.
    pub(super) fn begins(self, text: &[u8]) -> bool {
        self.len == 0 || text.get(..self.len).is_some_and(|head| Self::of(head) == self)
    }
}

impl Position {
    /// As text.
    pub(super) fn write(&self) -> String {
        let mut out = "v1\n".to_owned();
        if let Some(before) = self.before {
            let _ = writeln!(out, "before {before}");
        }
        for file in &self.files {
            let FilePosition { id, offset, records, fingerprint, is_whole, target } = file;
            let Fingerprint { len, hash } = fingerprint;
            let reading = if *is_whole { "whole" } else { "lines" };
            let _ = write!(out, "file {} {} {offset} {records} {len} {hash:016x} {reading}", id.device, id.inode);
            if let Some(target) = target.as_ref().and_then(|path| path.to_str()).filter(|path| !path.contains('\n')) {
                let _ = write!(out, " {target}");
            }
            out.push('\n');
        }
        if let Some(decoder) = &self.decoder {
            let _ = write!(out, "decoder {decoder}");
        }
        out
    }

    /// From text; `None` when it is not one of ours.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix("v1\n")?;
        let mut position = Self::default();
        while !rest.is_empty() {
            if let Some(decoder) = rest.strip_prefix("decoder ") {
                position.decoder = Some(decoder.to_owned());
                break;
            }
            let (line, after) = rest.split_once('\n')?;
            rest = after;
            if let Some(before) = line.strip_prefix("before ") {
                position.before = Some(before.parse().ok()?);
            } else {
                position.files.push(file(line.strip_prefix("file ")?)?);
            }
        }
        Some(position)
    }
}

fn file(line: &str) -> Option<FilePosition> {
    let mut parts = line.splitn(8, ' ');
    let mut number = || parts.next()?.parse::<u64>().ok();
    let id = FileId { device: number()?, inode: number()? };
    let (offset, records, len) = (number()?, number()?, number()?);
    let hash = u64::from_str_radix(parts.next()?, 16).ok()?;
    let is_whole = parts.next()? == "whole";
    let target = parts.next().map(PathBuf::from);
    let fingerprint = Fingerprint { len: len as usize, hash };
    Some(FilePosition { id, offset, records, fingerprint, is_whole, target })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_was_written() {
        let file = |inode, target: Option<&str>| FilePosition {
            id: FileId { device: 2049, inode },
            offset: 4_711,
            records: 38,
            fingerprint: Fingerprint::of(b"203.0.113.9"),
            is_whole: target.is_some(),
            target: target.map(PathBuf::from),
        };
        let position = Position {
            before: Some(-5),
            files: vec![file(131, None), file(132, Some("/var/log/with space/a.log"))],
            decoder: Some("iis #Fields: a b\n#Fields: c".to_owned()),
        };
        assert_eq!(Position::read(&position.write()), Some(position.clone()));
        assert_eq!(Position::read(&Position::default().write()), Some(Position::default()));
        for wrong in ["", "v2\n", "v1\nfile 1 2", "v1\nfile a b c d e f\n", "v1\nelse\n"] {
            assert_eq!(Position::read(wrong), None, "{wrong}");
        }
        assert!(Fingerprint::of(b"abc").begins(b"abcd") && !Fingerprint::of(b"abc").begins(b"ab"));
        assert!(Fingerprint::default().begins(b"") && !Fingerprint::of(b"abc").begins(b"abd"));
    }
}

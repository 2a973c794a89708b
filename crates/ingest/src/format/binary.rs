//! Files that are no text: recognized, refused with a reason, and with what to do instead.

/// First bytes, what they are, what to do.
const KINDS: &[(&[u8], &str, &str)] = &[
    (b"PK\x03\x04", "a zip archive", "unpack it and give the folder"),
    (b"BZh", "bzip2-compressed", "use `bzcat FILE | vedette analyze -`"),
    (b"\xfd7zXZ\x00", "xz-compressed", "use `xzcat FILE | vedette analyze -`"),
    (b"\x04\x22\x4d\x18", "lz4-compressed", "use `lz4cat FILE | vedette analyze -`"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it and give the folder"),
    (b"\x1f\x8b", "gzip inside a compressed stream", "decompress it once by hand"),
    (b"\x28\xb5\x2f\xfd", "zstd inside a compressed stream", "decompress it once by hand"),
    (b"\xa1\xb2\xcd\x34", "a packet capture in an old form", "convert it: `editcap -F pcapng FILE NEW`"),
    (b"\x34\xcd\xb2\xa1", "a packet capture in an old form", "convert it: `editcap -F pcapng FILE NEW`"),
    (b"PAR1", "a Parquet file", "export it as NDJSON"),
    (b"SQLite format 3\x00", "an SQLite database", "export the requests as NDJSON"),
    (b"%PDF-", "a PDF document", "give a log or a HAR file"),
    (b"\x89PNG", "an image", "give a log or a HAR file"),
    (b"\xff\xd8\xff", "an image", "give a log or a HAR file"),
    (b"GIF8", "an image", "give a log or a HAR file"),
    (b"\x7fELF", "a program", "give a log or a HAR file"),
    (b"MZ\x90\x00", "a program", "give a log or a HAR file"),
];

/// Where a tar archive says `ustar` (POSIX.1-1988).
const USTAR: std::ops::Range<usize> = 257..262;

/// Share of control bytes, in percent, from which bytes are no text. Logs of attacks carry some; escapes keep them rare.
const CONTROL_PERCENT: usize = 10;

/// Why these first bytes are not text, or `None`.
pub(super) fn refuse(head: &[u8]) -> Option<String> {
    if head.get(USTAR) == Some(b"ustar") {
        return Some("it is a tar archive; hint: unpack it (`tar xf FILE -C DIR`) and give the folder".to_owned());
    }
    if let Some((_, what, hint)) = KINDS.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Some(format!("it is {what}; hint: {hint}"));
    }
    let control = head.iter().filter(|b| b.is_ascii_control() && !matches!(b, b'\t' | b'\n' | b'\r' | 0x1b | 0x1e));
    (control.count() * 100 > head.len() * CONTROL_PERCENT)
        .then(|| "it is binary, not text; hint: give a log, a HAR file, or NDJSON".to_owned())
}

//! JA4: a fingerprint of TLS clients (the part of its family under a BSD licence).
//!
//! Three parts: what is offered in short, a hash of the ciphers in order of value, a hash of the extensions in order of
//! value and of the signature algorithms in the client's order. Reserved values (GREASE, RFC 8701) do not count.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::hello::{ALPN, ClientHello, SERVER_NAME};

/// The fingerprint of a hello over TCP (`t13d1516h2_8daaf6152771_e5627efa2ab1`).
pub(super) fn fingerprint(hello: &ClientHello) -> String {
    let is_real = |value: &&u16| !is_reserved(**value);
    let mut ciphers: Vec<u16> = hello.ciphers.iter().filter(is_real).copied().collect();
    let mut extensions: Vec<u16> = hello.extensions.iter().filter(is_real).copied().collect();
    let version = hello.versions.iter().filter(is_real).max().copied().unwrap_or(hello.version);
    let has_name = extensions.contains(&SERVER_NAME);
    let counts = (ciphers.len().min(99), extensions.len().min(99));
    ciphers.sort_unstable();
    extensions.retain(|extension| !matches!(*extension, SERVER_NAME | ALPN));
    extensions.sort_unstable();
    let mut extended = list(&extensions);
    if !hello.signatures.is_empty() {
        extended.push('_');
        extended.push_str(&list(&hello.signatures.iter().filter(is_real).copied().collect::<Vec<_>>()));
    }
    format!(
        "t{}{}{:02}{:02}{}_{}_{}",
        version_name(version),
        if has_name { 'd' } else { 'i' },
        counts.0,
        counts.1,
        protocol(hello.alpn.as_deref().unwrap_or_default()),
        if ciphers.is_empty() { NOTHING.to_owned() } else { hash(&list(&ciphers)) },
        if extensions.is_empty() { NOTHING.to_owned() } else { hash(&extended) },
    )
}

const NOTHING: &str = "000000000000";

fn is_reserved(value: u16) -> bool {
    let [high, low] = value.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

fn version_name(version: u16) -> &'static str {
    match version {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        _ => "00",
    }
}

/// First and last letter of the first protocol; of its hexadecimal form when they are no letters or digits.
fn protocol(alpn: &[u8]) -> String {
    let (Some(first), Some(last)) = (alpn.first(), alpn.last()) else { return "00".to_owned() };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return [char::from(*first), char::from(*last)].iter().collect();
    }
    format!("{:x}{:x}", first >> 4, last & 0x0f)
}

fn list(values: &[u16]) -> String {
    let mut text = String::with_capacity(values.len() * 5);
    for value in values {
        let comma = if text.is_empty() { "" } else { "," };
        let _ = write!(text, "{comma}{value:04x}");
    }
    text
}

/// The first 6 bytes of the SHA-256, hexadecimal.
fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(6).fold(String::with_capacity(12), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_is_met() {
        let hello = ClientHello {
            version: 0x0303,
            ciphers: vec![
                0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
                0x009d, 0x002f, 0x0035,
            ],
            extensions: vec![
                0x3a3a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b,
                0xff01, 0x000b, 0x000a, 0x0015, 0x0a0a,
            ],
            versions: vec![0xcaca, 0x0304, 0x0303],
            signatures: vec![0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
            alpn: Some(b"h2".to_vec()),
            ..ClientHello::default()
        };
        assert_eq!(fingerprint(&hello), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    }

    #[test]
    fn odd_hellos_have_fingerprints_too() {
        assert_eq!(fingerprint(&ClientHello::default()), "t00i000000_000000000000_000000000000");
        let alpn = |alpn: &[u8]| fingerprint(&ClientHello { alpn: Some(alpn.to_vec()), ..ClientHello::default() });
        assert_eq!(alpn(b"\xab\xcd").get(8..10), Some("ad"));
        assert_eq!(alpn(b"h").get(8..10), Some("hh"));
    }
}

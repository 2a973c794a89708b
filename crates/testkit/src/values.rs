//! Synthetic identifiers and personal values. Cards and account numbers carry valid checksums and belong to nobody:
//! card numbers begin with the test prefixes that processors publish, addresses of hosts come from the ranges
//! reserved for documentation (RFC 5737), names of hosts from those reserved for examples (RFC 2606).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::json::Json;
use crate::rng::Rng;
use crate::words::{FIRST_NAMES, LAST_NAMES, TOPICS};

/// Lower-case hexadecimal digits.
pub const HEX: &[u8] = b"0123456789abcdef";
/// Letters and digits.
pub const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Lower-case letters and digits.
pub const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// Digits.
pub const DIGITS: &[u8] = b"0123456789";

/// A random (version 4) UUID.
pub fn uuid(rng: &mut Rng) -> String {
    let hex = rng.text(HEX, 32);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    let variant = char::from(*rng.pick(b"89ab"));
    format!("{}-{}-4{}-{variant}{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// First and last name.
pub fn person(rng: &mut Rng) -> (&'static str, &'static str) {
    (rng.word(FIRST_NAMES), rng.word(LAST_NAMES))
}

/// A mail address at a reserved domain.
pub fn email(rng: &mut Rng, first: &str, last: &str) -> String {
    let host = rng.word(&["example.com", "example.org", "example.net", "mail.test"]);
    format!("{}.{}{}@{host}", first.to_lowercase(), last.to_lowercase(), rng.below(90) + 10)
}

/// A phone number in the range that its country reserves for fiction (US 555-01xx, UK 7700 900xxx).
pub fn phone(rng: &mut Rng, country: &str) -> String {
    if country == "GB" {
        format!("+44 7700 900{:03}", rng.below(1000))
    } else {
        format!("+1-{}-555-01{:02}", rng.word(&["202", "303", "415", "617", "907"]), rng.below(100))
    }
}

/// A card number with a valid Luhn digit, below the prefix of published test cards.
pub fn card(rng: &mut Rng) -> String {
    let prefix = rng.word(&["411111", "424242", "555555", "510510"]);
    let body = format!("{prefix}{}", rng.text(DIGITS, 9));
    let sum: u32 = body.bytes().rev().enumerate().map(|(i, b)| luhn_share(u32::from(b - b'0'), i % 2 == 0)).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn luhn_share(digit: u32, doubled: bool) -> u32 {
    match (doubled, digit * 2) {
        (false, _) => digit,
        (true, double) if double > 9 => double - 9,
        (true, double) => double,
    }
}

/// A German IBAN with valid check digits (ISO 13616) at a bank code that no bank has.
pub fn iban(rng: &mut Rng) -> String {
    let account = format!("99999999{}", rng.text(DIGITS, 10));
    // D and E are 13 and 14; the check digits count as 00.
    let remainder = format!("{account}131400").bytes().fold(0_u64, |r, b| (r * 10 + u64::from(b - b'0')) % 97);
    format!("DE{:02}{account}", 98 - remainder)
}

/// An address in one of the ranges for documentation.
pub fn public_ip(rng: &mut Rng) -> String {
    format!("{}.{}", rng.word(&["203.0.113", "198.51.100", "192.0.2"]), rng.below(254) + 1)
}

/// A JWT whose signature is random; `claims` is the payload. An `alg` of `none` has no signature.
pub fn jwt(rng: &mut Rng, alg: &str, claims: &Json) -> String {
    let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#));
    let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
    let signature = if alg == "none" { String::new() } else { rng.text(ALPHANUMERIC, 43) };
    format!("{header}.{payload}.{signature}")
}

/// Words to a slug: lower case, hyphens.
pub fn slugify(text: &str) -> String {
    text.to_lowercase().replace([' ', '_'], "-")
}

/// A slug of one to three words, as people name things.
pub fn slug(rng: &mut Rng) -> String {
    let first = rng.word(TOPICS);
    match rng.weighted(&[45, 40, 10, 5]) {
        0 => first.to_owned(),
        1 => format!("{first}-{}", rng.word(TOPICS)),
        2 => format!("{first}-{}-{}", rng.word(TOPICS), rng.word(TOPICS)),
        _ => format!("{first}-{}", rng.below(9) + 2),
    }
}

/// A log-in name of a person or an organization.
pub fn login(rng: &mut Rng) -> String {
    let (first, last) = person(rng);
    let (first, last) = (first.to_lowercase(), last.to_lowercase());
    let initial: String = first.chars().take(1).collect();
    match rng.below(6) {
        0 => format!("{initial}{last}"),
        1 => format!("{first}{}", rng.below(90) + 10),
        2 => format!("{first}-{last}"),
        3 => format!("{}{}", rng.word(TOPICS), rng.word(crate::words::SUFFIXES)),
        4 => format!("{}-{}", rng.word(TOPICS), rng.word(crate::words::SUFFIXES)),
        _ => last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_hold() {
        let mut rng = Rng::new(3);
        for _ in 0..200 {
            let number = card(&mut rng);
            let sum: u32 =
                number.bytes().rev().enumerate().map(|(i, b)| luhn_share(u32::from(b - b'0'), i % 2 == 1)).sum();
            assert_eq!((number.len(), sum % 10), (16, 0), "{number}");
            let iban = iban(&mut rng);
            let digits = format!("{}1314{}", &iban[4..], &iban[2..4]);
            assert_eq!(digits.bytes().fold(0, |r, b| (r * 10 + u64::from(b - b'0')) % 97), 1, "{iban}");
        }
    }

    #[test]
    fn an_unsigned_token_has_an_empty_third_part() {
        let mut rng = Rng::new(3);
        let token = jwt(&mut rng, "none", &crate::object! { "sub" => "u1" });
        assert!(token.starts_with("eyJ") && token.ends_with('.') && token.matches('.').count() == 2);
        assert_eq!(uuid(&mut rng).len(), 36);
    }
}

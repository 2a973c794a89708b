//! Passwords, tokens and keys: shape, entropy, and what is only a stand-in.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{GeneralPurposeConfig, STANDARD};

use super::super::entropy::{bits_per_byte, has_straight_run, is_mask, is_placeholder, is_run};

/// base64url as JWTs use it; padding and trailing bits are forgiven, because cut tokens are still tokens.
const URL_SAFE_LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Anything that is not a placeholder; what is one is still reported with half the confidence, because the format of
/// a vendor's token is rarely hit by accident.
pub(super) fn not_placeholder(text: &str) -> f32 {
    if is_placeholder(text) { 0.6 } else { 1.0 }
}

/// Randomness of at least three bits a character and a digit: for vendor formats that are only a length.
pub(super) fn entropy(text: &str) -> f32 {
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    f32::from(u8::from(digits && bits_per_byte(text) >= 3.0 && !is_placeholder(text)))
}

/// As [`entropy`] for short ids, which cannot reach three bits.
pub(super) fn entropy_short(text: &str) -> f32 {
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let letters = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    f32::from(u8::from(digits && letters && bits_per_byte(text) >= 2.5 && !is_placeholder(text)))
}

/// A quoted password in prose or in a build file: one word, no stand-in.
pub(super) fn entropy_or_word(text: &str) -> f32 {
    let one_word = !text.contains([' ', ',', '(', '{', '$', '<', '/']);
    f32::from(u8::from(one_word && !super::super::entropy::is_mask(text) && !text.ends_with(':')))
}

/// A password written into a configuration: not a token of another kind, not a template.
pub(super) fn password_literal(text: &str) -> f32 {
    f32::from(u8::from(!is_placeholder(text) && !is_reference(text) && text.len() <= 200))
}

/// `user:password` on a command line.
pub(super) fn user_and_password(text: &str) -> f32 {
    let Some((user, password)) = text.split_once(':') else { return 0.0 };
    let host = password.starts_with("//") || password.bytes().all(|byte| byte.is_ascii_digit());
    f32::from(u8::from(!user.is_empty() && !host && !is_placeholder(password)))
}

/// Forty base64 characters after a name that says AWS or secret key; forty hexadecimal ones are a hash.
pub(super) fn aws_secret(text: &str) -> f32 {
    let hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_placeholder(text) {
        return 0.6;
    }
    match (hexadecimal, bits_per_byte(text) >= 3.5) {
        (_, true) => 1.0,
        (_, false) => 0.6,
    }
}

/// Old Vault tokens are a letter, a point and 24 random characters, which method calls in code look like.
pub(super) fn vault_legacy(text: &str) -> f32 {
    let token = text.get(2..).unwrap_or_default();
    let digits = token.bytes().filter(u8::is_ascii_digit).count();
    let upper = token.bytes().any(|byte| byte.is_ascii_uppercase());
    f32::from(u8::from(digits >= 2 && upper && bits_per_byte(token) >= 3.5))
}

/// New Relic licence keys are hexadecimal with a region in front.
pub(super) fn nral(text: &str) -> f32 {
    let key = text.strip_suffix("NRAL").unwrap_or_default();
    let key = key.strip_prefix("eu01xx").unwrap_or(key);
    f32::from(u8::from(key.bytes().all(|byte| byte.is_ascii_hexdigit())))
}

/// Not one character over and over.
pub(super) fn not_run(text: &str) -> f32 {
    let first = text.as_bytes().get(2).copied();
    f32::from(u8::from(
        text.bytes().skip(2).filter(|byte| Some(*byte) != first).count() >= 2
            || text.bytes().skip(2).any(|byte| byte.is_ascii_alphabetic()),
    ))
}

/// The value of a field that is called a secret, key or token: random enough, and no name, URL, path or phrase.
pub(super) fn secret_value(text: &str) -> f32 {
    let text = text.trim();
    let allowed = text.bytes().all(|byte| byte.is_ascii_graphic());
    if !allowed || !(8..=8_192).contains(&text.len()) || is_placeholder(text) || is_typed(text) || is_reference(text) {
        return 0.0;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let upper = text.bytes().any(|byte| byte.is_ascii_uppercase());
    let lower = text.bytes().any(|byte| byte.is_ascii_lowercase());
    let symbols = text.bytes().any(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_' | b'.'));
    let kinds = u8::from(digits > 0) + u8::from(upper) + u8::from(lower) + u8::from(symbols);
    let bits = bits_per_byte(text);
    match text.len() {
        // A number alone is an id, a phrase of plain words a name.
        _ if digits == text.len() || is_words(text) => 0.0,
        20.. if digits > 1 && bits >= 3.0 => 1.0,
        20.. if kinds >= 2 && bits >= 3.8 => 0.9,
        16.. if kinds >= 2 && bits >= 2.8 && digits > 0 => 0.9,
        12.. if symbols && bits >= 3.0 => 0.65,
        _ if kinds >= 3 && bits >= 2.5 => 0.7,
        _ if kinds >= 2 && digits > 1 && bits >= 2.5 => 0.65,
        _ => 0.0,
    }
}

/// Typed by hand to look like a secret. A long value may hold a run by chance or by its encoding.
fn is_typed(text: &str) -> bool {
    is_run(text, 0.5) || (text.len() <= 64 && has_straight_run(text))
}

/// A value that is random beyond doubt: for names that do not say that it is a secret.
pub(super) fn random_value(text: &str) -> f32 {
    let belief = secret_value(text);
    let allowed = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=+/.".contains(&byte));
    if allowed && belief >= 0.9 && bits_per_byte(text) >= 3.0 && !is_host(text) { belief } else { 0.0 }
}

/// A host name: labels that end in a top-level domain (`tenant-18.vendor.com`). Keys with points in them end in
/// something longer or mixed.
fn is_host(text: &str) -> bool {
    let lower = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let top = text.rsplit('.').next().unwrap_or_default();
    text.contains('.')
        && text.split('.').all(lower)
        && (2..=6).contains(&top.len())
        && top.bytes().all(|b| b.is_ascii_lowercase())
}

/// A password of a field that is called one: anything but a mask, a flag or nothing.
pub(super) fn password(text: &str) -> f32 {
    let nothing = matches!(text, "" | "null" | "none" | "None" | "true" | "false" | "undefined");
    let printable = text.len() <= 512 && !text.contains(['\n', '\r', '\0']);
    f32::from(u8::from(!nothing && printable && !is_mask(text)))
}

/// Session ids are secrets that may be shorter and need not mix kinds of characters.
pub(super) fn session_id(text: &str) -> f32 {
    let text = text.trim();
    let letters = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let allowed = text.bytes().all(|byte| byte.is_ascii_graphic()) && (12..=4_096).contains(&text.len());
    f32::from(u8::from(
        allowed && letters && digits && !is_placeholder(text) && bits_per_byte(text) >= 2.8 && !is_words(text),
    ))
}

/// What follows `Bearer`.
pub(super) fn bearer_token(text: &str) -> f32 {
    let token = text.trim().rsplit([' ', '\t']).next().unwrap_or_default();
    let digits = token.bytes().any(|byte| byte.is_ascii_digit());
    let shape =
        token.len() >= 8 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=:|".contains(&byte));
    f32::from(u8::from(
        shape && !is_placeholder(token) && (digits || (token.len() >= 20 && bits_per_byte(token) >= 3.5)),
    ))
}

/// What follows `Basic`: base64 of `user:password` (RFC 7617).
pub(super) fn basic_credentials(text: &str) -> f32 {
    let encoded = text.trim().rsplit([' ', '\t']).next().unwrap_or_default();
    let decoded = STANDARD.decode(encoded).or_else(|_| URL_SAFE_LENIENT.decode(encoded));
    let pair = decoded.is_ok_and(|bytes| {
        std::str::from_utf8(&bytes).is_ok_and(|text| text.contains(':') && !text.chars().any(char::is_control))
    });
    f32::from(u8::from(pair))
}

/// A JWS or JWE in compact form (RFC 7515, 7516): the header is a JSON object with one of its registered members.
pub(super) fn jwt(text: &str) -> f32 {
    let mut parts = text.split('.');
    let (Some(header), Some(payload)) = (parts.next(), parts.next()) else { return 0.0 };
    let rest = parts.count();
    if !matches!(rest, 0 | 1 | 3) {
        return 0.0;
    }
    // Whole groups of four only, so that a cut header can still be read.
    let whole = header.get(..header.len() / 4 * 4).unwrap_or_default();
    let Ok(decoded) = URL_SAFE_LENIENT.decode(whole) else { return 0.0 };
    let registered = [&b"\"alg\""[..], b"\"typ\"", b"\"kid\"", b"\"enc\""]
        .iter()
        .any(|member| decoded.windows(5).any(|window| window == *member));
    match (registered && decoded.first() == Some(&b'{'), payload.starts_with("ey") || rest == 3) {
        (true, true) => 1.0,
        (true, false) if rest > 0 && payload.len() >= 8 => 0.8,
        _ => 0.0,
    }
}

/// A reference to a secret, not the secret: URL, path, ARN, environment variable.
fn is_reference(text: &str) -> bool {
    let upper_name =
        text.len() < 60 && text.contains('_') && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    text.contains("://")
        || text.starts_with("arn:")
        || text.starts_with('/')
        || text.starts_with("./")
        || upper_name
        || text.contains("()")
}

/// Words joined by separators or humps (`my-service-token`, `getAccessToken2`): few digits, every part readable.
fn is_words(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let parts = text.split(['-', '_', '.', ':', '/', ' ']);
    let joined = text.contains(['-', '_', '.', ':', '/', ' ']);
    let plain = parts.clone().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()) || has_vowels(part));
    if joined {
        return plain && digits * 5 <= text.len() && parts.clone().all(|part| part.len() <= 14);
    }
    digits <= 1 && text.len() < 32 && has_vowels(text) && !text.bytes().any(|byte| !byte.is_ascii_alphanumeric())
}

/// Reads like words: vowels are a fifth to two thirds of the letters and no five consonants follow each other.
fn has_vowels(part: &str) -> bool {
    let (mut letters, mut vowels, mut run) = (0, 0, 0);
    for byte in part.bytes().map(|byte| byte.to_ascii_lowercase()).filter(u8::is_ascii_alphabetic) {
        letters += 1;
        if b"aeiouy".contains(&byte) {
            vowels += 1;
            run = 0;
        } else {
            run += 1;
        }
        if run >= 5 {
            return false;
        }
    }
    letters == 0 || letters <= 4 || (vowels * 5 >= letters && vowels * 3 <= letters * 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_from_names() {
        for text in [
            "9f86d081884c7d659a2feaa0c55ad015",
            "kJ8s7d6fG5h4J3k2L1",
            "b1946ac9-2492-4d23-8f4b-0a1c2d3e4f50",
            "aB3$xY9!",
        ] {
            assert!(secret_value(text) > 0.0, "{text}");
        }
        for text in [
            "my-service-token",
            "getAccessToken",
            "https://x.io/a1b2c3d4e5f6",
            "1234567890123456",
            "DB_PASSWORD_PROD",
            "Bearer",
            "production",
        ] {
            assert!(secret_value(text) == 0.0, "{text}");
        }
    }

    #[test]
    fn compact_tokens_are_recognized_by_their_header() {
        let header = URL_SAFE_LENIENT.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        let payload = URL_SAFE_LENIENT.encode(r#"{"sub":"1"}"#);
        assert!(jwt(&format!("{header}.{payload}.c2ln")) > 0.0);
        assert!(jwt(&format!("{header}.{payload}.")) > 0.0);
        assert!(jwt("eyJhbGci") == 0.0);
        assert!(jwt("eye.eyeable.should") == 0.0);
    }

    #[test]
    fn basic_credentials_decode_to_a_pair() {
        assert!(basic_credentials(&format!("Basic {}", STANDARD.encode("ada:lovelace"))) > 0.0);
        assert!(basic_credentials("Basic authentication") == 0.0);
    }
}

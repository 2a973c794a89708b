//! Masks samples so that they can be shown (invariant 5).
//!
//! A masked value says what kind of thing was there and is never enough to identify it: at most four characters of a
//! value stay, a third of it at most.

use std::borrow::Cow;

use vedette_model::limits::EXCERPT_BYTES_MAX;

use crate::classes::Classifier;
use crate::url;

/// Masks shown in one excerpt; longer values do not say more.
const MASK_CHARS_MAX: usize = 12;

/// Masks one value: keeps the first characters up to a third of it, at most four, the rest becomes `•`; short values
/// vanish whole.
pub fn mask(value: &str) -> String {
    let value = value.trim();
    let count = value.chars().count();
    let keep = if count < 6 { 0 } else { (count / 3).min(4) };
    masked(value.chars().take(keep), count - keep, std::iter::empty())
}

/// Masks a value of a known class so that its kind can still be seen: the last four digits of a card, the top-level
/// domain of an address, the country of an IBAN, the prefix of a vendor's token.
pub fn mask_as(class: &str, value: &str) -> String {
    let value = value.trim();
    let count = value.chars().count();
    match class {
        // PCI DSS 4.0.1, 3.4.1 allows the first six and the last four; four say enough.
        "payment-card" => masked(std::iter::empty(), count.saturating_sub(4), last(value, 4)),
        "iban" | "bank-account" => masked(value.chars().take(2), count.saturating_sub(4), last(value, 2)),
        "email" => mask_email(value),
        "url" => value.chars().take(EXCERPT_BYTES_MAX / 4).map(|c| if c.is_ascii_digit() { '0' } else { c }).collect(),
        "ip-address" => mask_address(value),
        "person-name" | "credential" | "date-of-birth" | "passport" | "health-term" | "health-code"
        | "postal-address" => masked(std::iter::empty(), count, std::iter::empty()),
        "geolocation" => value.split_inclusive('.').next().map(|whole| format!("{whole}••••")).unwrap_or_default(),
        "phone" => masked(
            value.chars().take_while(|c| *c == '+').chain(value.chars().skip_while(|c| *c == '+').take(2)).take(3),
            count.saturating_sub(3),
            std::iter::empty(),
        ),
        "private-key" => "-----BEGIN … PRIVATE KEY-----••••".to_owned(),
        _ => mask(value),
    }
}

fn masked(head: impl Iterator<Item = char>, hidden: usize, tail: impl Iterator<Item = char>) -> String {
    let mut out: String = head.collect();
    out.extend(std::iter::repeat_n('•', hidden.min(MASK_CHARS_MAX)));
    out.extend(tail);
    out
}

/// The last characters, when the value is long enough for them to be a small part of it.
fn last(value: &str, keep: usize) -> impl Iterator<Item = char> {
    let count = value.chars().count();
    value.chars().skip(if count >= keep * 3 { count - keep } else { count })
}

fn mask_email(value: &str) -> String {
    let top = value.rsplit_once('.').map_or("", |(_, top)| top);
    let first: String = value.chars().take(1).collect();
    let top: String = top.chars().take(12).filter(|c| c.is_alphanumeric() || *c == '-').collect();
    format!("{first}•••@•••.{top}")
}

fn mask_address(value: &str) -> String {
    match value.split_once('.') {
        Some((first, rest)) if rest.contains('.') => format!("{first}.•••.•••.•••"),
        _ => value.split_once(':').map_or_else(|| mask(value), |(first, _)| format!("{first}:••••")),
    }
}

/// Masks what a path holds of secrets and of people (an e-mail address, a card, a token as a segment), so that it may be
/// kept: the number of segments stays, ids stay. Borrows when there is nothing to mask.
pub fn mask_path<'a>(classifier: &Classifier, path: &'a str) -> Cow<'a, str> {
    if !path.split('/').any(may_identify) {
        return Cow::Borrowed(path);
    }
    let mut out = String::with_capacity(path.len());
    for (at, segment) in path.split('/').enumerate() {
        if at > 0 {
            out.push('/');
        }
        let decoded = if may_identify(segment) { url::percent_decode(segment) } else { Cow::Borrowed("") };
        match identifying(classifier, &decoded) {
            // A slash in a mask would be another segment.
            Some(class) => out.push_str(&mask_as(class, &decoded).replace('/', "•")),
            None => out.push_str(segment),
        }
    }
    Cow::Owned(out)
}

/// Cheap sign that a segment is worth a look: an at sign, or as long as a card number or a token, with a digit.
fn may_identify(segment: &str) -> bool {
    const LENGTH_MIN: usize = 12;
    segment.contains('@')
        || segment.contains("%40")
        || (segment.len() >= LENGTH_MIN && segment.bytes().any(|byte| byte.is_ascii_digit()) && !is_uuid(segment))
}

fn is_uuid(segment: &str) -> bool {
    segment.len() == 36 && segment.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// The class of a segment that must not be kept: every secret, and of personal data what a checksum or a form proves; a
/// mere number is an id.
fn identifying<'c>(classifier: &'c Classifier, segment: &str) -> Option<&'c str> {
    const PERSONAL: &[&str] = &["email", "payment-card", "iban"];
    if segment.is_empty() {
        return None;
    }
    if let Some((class, _)) = classifier.secret("", segment) {
        return classifier.class(class).map(|class| class.id.as_str());
    }
    let found = classifier.value("", segment);
    found.iter().filter_map(|id| classifier.class(*id)).map(|class| class.id.as_str()).find(|id| PERSONAL.contains(id))
}

/// Words that a log line may keep: they say what kind of record it is and nothing about anybody.
const KEPT_WORDS: &[&str] = &[
    "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE", "HTTP", "https", "http", "Mozilla",
    "null", "true", "false", "error", "warn", "info", "debug", "ERROR", "WARN", "INFO", "DEBUG", "Jan", "Feb", "Mar",
    "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun",
];

/// Masks a whole unreadable record: the shape stays (punctuation, known words), letters become `x` and digits `0`. At
/// most [`EXCERPT_BYTES_MAX`] bytes.
pub fn mask_record(record: &str) -> String {
    let mut out = String::with_capacity(EXCERPT_BYTES_MAX + 4);
    let mut rest = record;
    while let Some(c) = rest.chars().next() {
        let len = if c.is_alphabetic() {
            rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len())
        } else {
            c.len_utf8()
        };
        let word = rest.get(..len).unwrap_or_default();
        let room = EXCERPT_BYTES_MAX.saturating_sub(out.len());
        if room < 4 {
            out.push('…');
            return out;
        }
        if c.is_alphabetic() {
            let kept = KEPT_WORDS.contains(&word).then_some(word);
            match kept {
                Some(word) if word.len() <= room => out.push_str(word),
                _ => out.extend(std::iter::repeat_n('x', word.chars().take(room - 3).count())),
            }
        } else {
            out.push(shape(c));
        }
        rest = rest.get(len..).unwrap_or_default();
    }
    out
}

fn shape(c: char) -> char {
    match c {
        _ if c.is_numeric() => '0',
        _ if c.is_control() || c == '\u{fffd}' => '·',
        _ if c.is_ascii_punctuation() || c == ' ' => c,
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_values_keep_their_kind_and_nothing_else() {
        for (class, value, expected) in [
            ("payment-card", "4111 1111 1111 1111", "••••••••••••1111"),
            ("payment-card", "1111", ""),
            ("iban", "DE89370400440532013000", "DE••••••••••••00"),
            ("email", "ada@example.org", "a•••@•••.org"),
            ("ip-address", "192.0.2.7", "192.•••.•••.•••"),
            ("ip-address", "2001:db8::7", "2001:••••"),
            ("person-name", "Ada Lovelace", "••••••••••••"),
            ("phone", "+49 30 901820", "+49••••••••••"),
            ("geolocation", "52.5200", "52.••••"),
            ("secret", "sk-0123456789", "sk-0•••••••••"),
        ] {
            assert_eq!(mask_as(class, value), expected, "{class}: {value}");
        }
        assert_eq!(mask("12345"), "•••••");
    }

    #[test]
    fn paths_keep_ids_and_lose_people_and_secrets() {
        let classifier = Classifier::builtin();
        for (path, expected) in [
            ("/v1/users/42/orders", "/v1/users/42/orders"),
            ("/v1/users/ada@example.org/orders", "/v1/users/a•••@•••.org/orders"),
            ("/v1/users/ada%40example.org", "/v1/users/a•••@•••.org"),
            ("/cards/4111111111111111", "/cards/••••••••••••1111"),
            ("/o/7b0c6a1e-9d3f-4c53-8a53-2f4b1f0a9c11", "/o/7b0c6a1e-9d3f-4c53-8a53-2f4b1f0a9c11"),
            ("/hook/ghp_16C7e42F292c6912E7710c838347Ae178B4a", "/hook/ghp_••••••••••••"),
        ] {
            assert_eq!(mask_path(&classifier, path), expected);
        }
    }

    #[test]
    fn records_keep_their_shape() {
        assert_eq!(
            mask_record("203.0.113.9 - ada [21/Sep/2026] \"GET /users/42?t=a1 HTTP/1.1\" 200"),
            "000.0.000.0 - xxx [00/Sep/0000] \"GET /xxxxx/00?x=x0 HTTP/0.0\" 000"
        );
        let long = mask_record(&"secret ".repeat(1_000));
        assert!(long.len() <= EXCERPT_BYTES_MAX + 4 && !long.contains("secret"));
        assert_eq!(mask_record("\u{0}\u{7}é日"), "··xx");
    }
}

//! Object keys that are names, and keys that are data.

use super::format::is_uuid;

/// True for a key that can only be data: a number, date, address, UUID, path, e-mail address or opaque id. Such a key
/// makes its object a map, whatever else is in it. Looked at once per new key.
pub(crate) fn is_data(key: &str) -> bool {
    let bytes = key.as_bytes();
    if bytes.contains(&b'/') && !key.starts_with('$') || bytes.iter().skip(1).any(|b| *b == b'@') {
        return key.len() > 3;
    }
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    if digits == 0 {
        return false;
    }
    let letters = bytes.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let hexadecimal = bytes.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-');
    letters == 0
        || is_uuid(key)
        || hexadecimal && key.len() >= 12 && digits >= 3
        || key.len() >= 16 && digits >= 4 && digits * 8 >= key.len()
}

/// Keys that only hold the value of what the key above names (`{"DB_PASSWORD": {"value": …}}`).
const CARRIERS: &[&str] = &["value", "val", "values", "default", "current", "raw", "content", "data"];

/// The key that says what a value is: its own, or the one above when its own only carries.
pub(super) fn telling<'a>(key: &'a str, above: &'a str) -> &'a str {
    if !above.is_empty() && CARRIERS.iter().any(|carrier| carrier.eq_ignore_ascii_case(key)) { above } else { key }
}

/// Ends of keys whose values name somebody or something, or are free text: never an enumeration, however few came by.
const NAMING: &[&str] = &[
    "address",
    "assignee",
    "author",
    "by",
    "city",
    "comment",
    "contact",
    "creator",
    "customer",
    "description",
    "email",
    "handle",
    "hash",
    "host",
    "id",
    "ip",
    "label",
    "login",
    "member",
    "message",
    "name",
    "nick",
    "note",
    "owner",
    "person",
    "phone",
    "recipient",
    "sender",
    "slug",
    "street",
    "subject",
    "text",
    "title",
    "user",
    "uuid",
    "zip",
];

/// Whole keys of that kind.
const NAMING_WHOLE: &[&str] =
    &["bcc", "cc", "content", "from", "keyword", "q", "query", "search", "term", "to", "value"];

/// True when the values of a key must not be listed even where they look like an enumeration: secrets, and what names
/// a person or a thing. Four user names that come again and again are still four people.
pub(crate) fn is_private(key: &str) -> bool {
    let singular = key.strip_suffix('s').unwrap_or(key);
    if ["sort", "order", "group"].iter().any(|how| key.get(..how.len()).is_some_and(|k| k.eq_ignore_ascii_case(how))) {
        return false; // `sort_by` names a property, not a person.
    }
    let ends = |word: &&str| ends_with(key, word) || ends_with(singular, word);
    is_secret(key) || NAMING.iter().any(ends) || NAMING_WHOLE.iter().any(|whole| key.eq_ignore_ascii_case(whole))
}

fn ends_with(key: &str, word: &str) -> bool {
    key.len().checked_sub(word.len()).and_then(|at| key.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(word))
}

/// The words of a key say that its values are secrets.
fn is_secret(key: &str) -> bool {
    const WORDS: [&[u8]; 9] =
        [b"passw", b"secret", b"token", b"credential", b"private", b"apikey", b"api_key", b"api-key", b"otp"];
    let bytes = key.as_bytes();
    WORDS.iter().any(|word| bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word)))
        || ["pin", "cvv", "cvc", "ssn", "pwd"].iter().any(|word| key.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_data() {
        for data in [
            "1",
            "200",
            "2026-01-02",
            "192.0.2.1",
            "9f86d081-884c-4d65-9a2f-eaa0c55ad015",
            "a@b.example",
            "/v1/users/{id}",
            "https://x.example",
            "5f4dcc3b5aa765d61d8327de",
            "cus_9s6XKzkNRiz8i3",
            "@angular/core",
            "application/json",
        ] {
            assert!(is_data(data), "{data}");
        }
        for name in [
            "id",
            "firstName",
            "address1",
            "ipv4",
            "oauth2",
            "x-rate-limit-24h",
            "$ref",
            "@type",
            "error_404",
            "",
            "line_2",
            "client_udp_sess_throttle",
            "sha256",
            "@odata.nextLink",
        ] {
            assert!(!is_data(name), "{name}");
        }
    }

    #[test]
    fn private_keys_are_known() {
        for key in [
            "password",
            "userPassword",
            "client_secret",
            "accessToken",
            "PIN",
            "apiKey",
            "username",
            "firstName",
            "created_by",
            "owners",
            "customerId",
            "ip_address",
            "to",
            "Q",
            "members",
        ] {
            assert!(is_private(key), "{key}");
        }
        for key in ["status", "type", "pinned", "currency", "sort", "role", "region", "opinion", "sort_by", ""] {
            assert!(!is_private(key), "{key}");
        }
    }
}

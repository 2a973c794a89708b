//! How random a string looks, and whether it only stands for a secret.

use smallvec::SmallVec;

/// Shannon entropy of the bytes, in bits per byte.
pub(crate) fn bits_per_byte(text: &str) -> f32 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let len = text.len() as f32;
    counts.iter().filter(|count| **count > 0).map(|count| *count as f32 / len).map(|share| -share * share.log2()).sum()
}

/// Bytes of a text in which runs are looked for; a stand-in that is longer shows within them.
const RUN_BYTES_MAX: usize = 512;

/// Letters or digits in order that nobody draws by chance: eight have odds of one in ten thousand million.
const STRAIGHT_MIN: usize = 8;

/// True when the text holds a straight run of letters or digits (`ABCDEFGH`, `1234567890`): somebody typed it.
pub(crate) fn has_straight_run(text: &str) -> bool {
    let follows = |a: u8, b: u8| a.wrapping_add(1) == b && a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric();
    let mut run = 1;
    text.as_bytes().windows(2).any(|pair| {
        let [a, b] = pair else { return false };
        run = if follows(*a, *b) { run + 1 } else { 1 };
        run >= STRAIGHT_MIN
    })
}

/// True for text that stands for a value: masks, templates, `YOUR_API_KEY`, `changeme`, runs of one character.
pub(crate) fn is_placeholder(text: &str) -> bool {
    is_mask(text) || is_template(text) || is_stand_in(text) || is_run(text, 0.7)
}

/// A value that was masked before it was sent or logged.
pub(crate) fn is_mask(text: &str) -> bool {
    let text = text.trim();
    let starred = text.chars().filter(|c| matches!(c, '*' | '•' | '●' | '█' | '…')).count();
    starred >= 3
        || text.chars().all(|c| matches!(c, '*' | '•' | 'x' | 'X' | '.' | '-' | '#' | '?' | '_'))
        || contains_any_word(
            text,
            &["redacted", "filtered", "masked", "hidden", "removed", "scrubbed", "suppressed", "truncated"],
        )
}

/// A template or an expression that yields the value elsewhere.
fn is_template(text: &str) -> bool {
    const OPENERS: &[&str] = &["${", "{{", "<%", "$(", "%(", "#{", "%{", "[[", "$["];
    let enclosed = |open: char, close: char| {
        text.starts_with(open) && text.trim_end_matches(['"', '\'', ';', ',']).ends_with(close)
    };
    OPENERS.iter().any(|opener| text.contains(opener))
        || enclosed('<', '>')
        || enclosed('{', '}')
        || enclosed('[', ']')
        || (text.len() > 2 && enclosed('%', '%'))
        || text.starts_with("@@")
        || text.starts_with("&lt;")
        || text.starts_with('$')
            && text.bytes().skip(1).all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !text.contains(char::is_numeric)
}

/// Whole values that stand for a secret.
const STAND_INS: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "apikey",
    "api_key",
    "api-key",
    "changeme",
    "change_me",
    "change-me",
    "changeit",
    "null",
    "none",
    "nil",
    "undefined",
    "true",
    "false",
    "string",
    "optional",
    "required",
    "empty",
    "default",
    "value",
    "text",
    "hidden",
    "todo",
    "tbd",
    "unknown",
    "unset",
    "not-set",
    "not_set",
    "not set",
    "missing",
    "n/a",
    "na",
    "test",
    "example",
    "sample",
    "dummy",
    "foo",
    "bar",
    "foobar",
    "abc",
    "abc123",
    "void",
    "yes",
    "no",
    "str",
    "bytes",
    "number",
    "bearer",
    "basic",
    "username",
    "user",
    "client_secret",
    "access_token",
    "your_password",
    "passwort",
    "kennwort",
    "contraseña",
    "contrasena",
    "mot de passe",
    "senha",
    "wachtwoord",
    "mypassword_here",
];

/// Parts of values that stand for a secret.
const STAND_IN_PARTS: &[&str] = &[
    "your",
    "example",
    "placeholder",
    "changeme",
    "replace",
    "insert",
    "dummy",
    "sample",
    "fake",
    "xxxx",
    "goes here",
    "<",
    "…",
    "...",
];

fn is_stand_in(text: &str) -> bool {
    STAND_INS.iter().any(|word| text.eq_ignore_ascii_case(word)) || contains_any(text, STAND_IN_PARTS)
}

/// One character repeated, or a straight run of the alphabet or of digits (`12345678`, also backwards and interleaved:
/// `a1b2c3d4`), over this share of the text. What separates groups is left out (`a1b2c3d4-e5f6`).
pub(crate) fn is_run(text: &str, share: f32) -> bool {
    let bytes: SmallVec<[u8; 128]> =
        text.bytes().filter(|byte| !matches!(byte, b'-' | b'_' | b'.' | b' ')).take(RUN_BYTES_MAX).collect();
    let follows =
        |a: &u8, b: &u8| a == b || a.wrapping_add(1) == *b || b.wrapping_add(1) == *a || (*a == b'9' && *b == b'0');
    let steps = bytes.windows(2).filter(|pair| matches!(pair, [a, b] if follows(a, b))).count();
    let strides = bytes.windows(3).filter(|pair| matches!(pair, [a, _, b] if a != b && follows(a, b))).count();
    bytes.len() >= 4 && (steps as f32 >= share * bytes.len() as f32 || strides * 2 >= bytes.len())
}

fn contains_any(text: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| find_ignore_case(text.as_bytes(), part.as_bytes()).is_some())
}

fn contains_any_word(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| {
        find_ignore_case(text.as_bytes(), word.as_bytes()).is_some_and(|at| {
            let before = at.checked_sub(1).and_then(|i| text.as_bytes().get(i));
            let after = text.as_bytes().get(at + word.len());
            ![before, after].into_iter().flatten().any(u8::is_ascii_alphanumeric)
        })
    })
}

/// First place of `needle` in `text` without ASCII case.
pub(crate) fn find_ignore_case(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len().max(1)).position(|window| window.eq_ignore_ascii_case(needle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_are_not_secrets() {
        for text in [
            "********",
            "xxxxxxxx",
            "${DB_PASSWORD}",
            "{{ token }}",
            "<YOUR_KEY>",
            "YOUR_API_KEY",
            "changeme",
            "aaaaaaaaaa",
            "1234567890",
            "[FILTERED]",
            "$password",
            "%PASSWORD%",
            "a1b2c3d4-e5f6-a7b8-c9d0",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["hunter2", "Tr0ub4dor&3", "9f86d081884c7d65", "p$ssw0rd", "correct horse"] {
            assert!(!is_placeholder(text), "{text}");
        }
        assert!(has_straight_run("00Qx-ABCDEFGHIJ-7") && has_straight_run("kZ1234567890"));
        assert!(!has_straight_run("kZ1234567x") && !has_straight_run("9f86d081884c7d65"));
    }
}

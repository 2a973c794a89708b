//! Where words begin and end.

/// A byte of a word. Bytes above ASCII are letters here.
#[inline]
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// True when a match may begin at `at`: at the start, after a byte that is no word, or after an escape (`\n`, `%20`).
pub(crate) fn begins(bytes: &[u8], at: usize) -> bool {
    let before = |n: usize| at.checked_sub(n).and_then(|i| bytes.get(i)).copied();
    let Some(previous) = before(1) else { return true };
    if !is_word(previous) {
        return true;
    }
    let escape = before(2) == Some(b'\\') && b"nrt".contains(&previous);
    let percent = before(3) == Some(b'%')
        && previous.is_ascii_hexdigit()
        && before(2).is_some_and(|byte| byte.is_ascii_hexdigit());
    escape || percent
}

/// True when a match may end at `at`.
#[inline]
pub(crate) fn ends(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|byte| !is_word(*byte))
}

/// True when a number that begins at `at` is not the later part of a longer one (`1.234-56`, `9f86-1234`).
pub(crate) fn begins_number(bytes: &[u8], at: usize) -> bool {
    let before = |n: usize| at.checked_sub(n).and_then(|i| bytes.get(i)).copied();
    match (before(2), before(1)) {
        (Some(digit), Some(b'-' | b'.' | b'/' | b':' | b'_' | b'+')) if digit.is_ascii_digit() => false,
        (_, Some(b'.' | b'_')) => !before(2).is_some_and(|byte| byte.is_ascii_alphanumeric()),
        _ => true,
    }
}

/// True when a number that ends at `at` does not go on (`123-45-6789-0`, `1.2.3.4.5`).
pub(crate) fn ends_number(bytes: &[u8], at: usize) -> bool {
    let goes_on = matches!(bytes.get(at), Some(b'-' | b'.' | b'/' | b':' | b'_'))
        && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
    ends(bytes, at) && !goes_on
}

/// Start of the run of bytes before `end` that fit, at most 64.
pub(crate) fn run_before(bytes: &[u8], end: usize, fits: impl Fn(u8) -> bool) -> usize {
    let head = bytes.get(..end).unwrap_or_default();
    end - head.iter().rev().take(64).take_while(|byte| fits(**byte)).count()
}

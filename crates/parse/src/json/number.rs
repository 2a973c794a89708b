//! Numbers as written (RFC 8259, 6).

use super::Broken;

/// A number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number<'a> {
    /// As written.
    pub raw: &'a str,
    /// Its value, when it is written as an integer and fits.
    pub integer: Option<i64>,
    /// Written without fraction and exponent.
    pub whole: bool,
}

impl Number<'_> {
    /// Its value, as near as a double comes.
    pub fn as_f64(&self) -> f64 {
        match self.integer {
            Some(integer) => integer as f64,
            None => self.raw.parse().unwrap_or(f64::NAN),
        }
    }
}

/// Reads a number from the front of `text`: it and its length.
pub(super) fn scan(text: &str) -> Result<(Number<'_>, usize), Broken> {
    let bytes = text.as_bytes();
    let negative = bytes.first() == Some(&b'-');
    let mut at = usize::from(negative);
    let start = at;
    let mut value = 0i64;
    while let Some(digit @ b'0'..=b'9') = bytes.get(at) {
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
        at += 1;
    }
    let digits = at - start;
    if digits == 0 {
        return Err(missing(bytes, at));
    }
    if digits > 1 && bytes.get(start) == Some(&b'0') {
        return Err(Broken::Malformed);
    }
    let mut whole = true;
    if bytes.get(at) == Some(&b'.') {
        whole = false;
        at = some_digits(bytes, at + 1)?;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        whole = false;
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        at = some_digits(bytes, at + 1 + sign)?;
    }
    // 18 digits always fit; longer ones take the checked road.
    let raw = text.get(..at).ok_or(Broken::Malformed)?;
    let integer = match (whole, digits) {
        (false, _) => None,
        (true, ..=18) => Some(if negative { -value } else { value }),
        (true, _) => raw.parse().ok(),
    };
    Ok((Number { raw, integer, whole }, at))
}

fn some_digits(bytes: &[u8], start: usize) -> Result<usize, Broken> {
    let digits = bytes.get(start..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 { Err(missing(bytes, start)) } else { Ok(start + digits) }
}

fn missing(bytes: &[u8], at: usize) -> Broken {
    if at >= bytes.len() { Broken::Truncated } else { Broken::Malformed }
}

//! Names, birth dates, places, health: judged by shape only where a field name already says what it is.

use super::finance::luhn_digits;
use super::{Digits, sure};

/// A name of a person: one to six words of letters, at least one capitalized or in a script without case.
pub(super) fn person_name(text: &str) -> f32 {
    let text = text.trim();
    if text.len() < 2 || text.len() > 80 {
        return 0.0;
    }
    let allowed = text
        .chars()
        .all(|c| c.is_alphabetic() || matches!(c, ' ' | '\'' | '’' | '-' | '.' | ',' | '\u{300}'..='\u{36f}'));
    let words = text.split_whitespace().count();
    let placeholder = matches!(
        text,
        "null"
            | "none"
            | "None"
            | "NULL"
            | "undefined"
            | "true"
            | "false"
            | "N/A"
            | "unknown"
            | "Unknown"
            | "admin"
            | "test"
            | "default"
    );
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let begins = text.chars().next().is_some_and(char::is_alphabetic);
    let shouting = words == 1 && text.len() > 12 && text.chars().all(char::is_uppercase);
    sure(allowed && begins && letters >= 2 && (1..=6).contains(&words) && !placeholder && !shouting)
}

/// A title and a name.
pub(super) fn person_name_with_title(text: &str) -> f32 {
    text.split_once(' ').map_or(0.0, |(_, name)| person_name(name))
}

/// The number of a record: letters, digits and dashes, with at least one digit.
pub(super) fn record_number(text: &str) -> f32 {
    let text = text.trim();
    let allowed = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'/'));
    sure(allowed && (3..=24).contains(&text.len()) && text.bytes().any(|byte| byte.is_ascii_digit()))
}

/// A postal address or a part of it: letters with a house number, or a short line of words, or a postal code.
pub(super) fn postal_address(text: &str) -> f32 {
    let text = text.trim();
    let len = text.chars().count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let allowed = text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || ",.-'’/#°º&()\u{300}".contains(c));
    let network = text.contains("://") || text.contains('@') || text.parse::<std::net::IpAddr>().is_ok();
    let hexadecimal = len >= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if !allowed || network || hexadecimal || !(3..=200).contains(&len) {
        return 0.0;
    }
    match (letters > 0, digits > 0) {
        (true, true) => 1.0,
        (true, false) => 0.8,
        (false, true) if (4..=10).contains(&digits) => 0.8,
        _ => 0.0,
    }
}

/// A calendar date a living person can be born on: 1900 until now-ish, day and month in either order, or the year first.
pub(super) fn birth_date(text: &str) -> f32 {
    let text = text
        .get(..10)
        .filter(|_| text.as_bytes().get(10).is_some_and(|byte| matches!(byte, b'T' | b' ')))
        .unwrap_or(text);
    let mut numbers = [0_u32; 3];
    let mut count = 0;
    for run in text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()) {
        let (Some(slot), Ok(number)) = (numbers.get_mut(count), run.parse()) else { return 0.0 };
        *slot = number;
        count += 1;
    }
    let named_month = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    let year = |n: u32| (1900..=2100).contains(&n);
    let valid = match (count, numbers) {
        (3, [y, m, d]) if year(y) => (1..=12).contains(&m) && (1..=31).contains(&d),
        (3, [a, b, y]) if year(y) || y < 100 => (1..=31).contains(&a) && (1..=31).contains(&b) && a.min(b) <= 12,
        (2, [d, y, _]) if named_month => (1..=31).contains(&d) && year(y),
        (1, [packed, ..]) if text.len() == 8 => {
            year(packed / 10_000) && (1..=12).contains(&(packed / 100 % 100)) && (1..=31).contains(&(packed % 100))
        }
        _ => false,
    };
    sure(valid)
}

/// A latitude or longitude in decimal degrees with enough digits to point at a place (three decimals are 100 m).
pub(super) fn coordinate(text: &str) -> f32 {
    let Ok(degrees) = text.parse::<f64>() else { return 0.0 };
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    sure((-180.0..=180.0).contains(&degrees) && decimals >= 2)
}

/// Latitude and longitude.
pub(super) fn coordinate_pair(text: &str) -> f32 {
    let Some((latitude, longitude)) = text.split_once([',', ';', ' ']) else { return 0.0 };
    let (latitude, longitude) = (latitude.trim(), longitude.trim_matches([',', ' ']));
    let in_range = latitude.parse::<f64>().is_ok_and(|degrees| degrees.abs() <= 90.0);
    if in_range { coordinate(longitude).min(coordinate(latitude)) } else { 0.0 }
}

/// A passport number: 6 to 9 letters and digits, most of them digits (ICAO 9303 allows nine).
pub(super) fn passport(text: &str) -> f32 {
    let text = text.trim();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    sure((6..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) && digits >= 5)
}

/// An ICD-10 code: a letter, a digit, a digit or A/B, and up to four more after a point.
pub(super) fn icd_10(text: &str) -> f32 {
    let compact = text.as_bytes();
    let [letter, second, third, rest @ ..] = compact else { return 0.0 };
    let tail_ok = match rest {
        [] => true,
        [b'.', tail @ ..] => (1..=4).contains(&tail.len()) && tail.iter().all(u8::is_ascii_alphanumeric),
        tail => tail.len() <= 4 && tail.iter().all(u8::is_ascii_alphanumeric),
    };
    sure(
        letter.is_ascii_uppercase()
            && second.is_ascii_digit()
            && (third.is_ascii_digit() || matches!(third, b'A' | b'B'))
            && tail_ok,
    )
}

/// US national provider identifier: ten digits with Luhn over the prefix 80840 (45 CFR 162.406).
pub(super) fn npi(text: &str) -> f32 {
    let digits = Digits::of(text);
    let all = digits.as_slice();
    let mut prefixed = [8, 0, 8, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let Some(tail) = prefixed.get_mut(5..) else { return 0.0 };
    if all.len() != tail.len() || !matches!(all.first(), Some(1 | 2)) {
        return 0.0;
    }
    tail.copy_from_slice(all);
    sure(luhn_digits(&prefixed))
}

/// UK NHS number: ten digits modulo 11.
pub(super) fn nhs_number(text: &str) -> f32 {
    let digits = Digits::of(text);
    let [body @ .., check] = digits.as_slice() else { return 0.0 };
    let sum: u32 = body.iter().zip((2..=10).rev()).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    sure(body.len() == 9 && !digits.uniform() && (11 - sum % 11) % 11 == u32::from(*check))
}

/// Free text under a medical field name: words, not flags or ids.
pub(super) fn health_text(text: &str) -> f32 {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let flag = matches!(
        text,
        "true"
            | "false"
            | "null"
            | "none"
            | "None"
            | "unknown"
            | "N/A"
            | "ok"
            | "OK"
            | "healthy"
            | "unhealthy"
            | "passing"
    );
    sure(letters >= 3 && letters * 2 > text.chars().count() && !flag && text.len() <= 4_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_told_apart() {
        for (name, validator, valid, invalid) in [
            (
                "person-name",
                person_name as fn(&str) -> f32,
                vec!["Ada Lovelace", "Søren", "O'Neil, Pat", "李雷"],
                vec!["monitor-17", "a", "null", "ada@x.io", "my_service"],
            ),
            (
                "birth-date",
                birth_date,
                vec!["1984-02-29", "3/23/1940", "23.03.1940", "19840229", "1984-02-29T00:00:00Z", "4 March 1980"],
                vec!["2024-13-40", "99/99/1999", "12345678"],
            ),
            ("coordinate", coordinate, vec!["-33.8688", "151.20"], vec!["33", "400.12", "x"]),
            ("npi", npi, vec!["1234567893"], vec!["1234567890", "3234567893"]),
            ("nhs-number", nhs_number, vec!["943 476 5919"], vec!["943 476 5918"]),
            ("icd-10", icd_10, vec!["E11.9", "S72A", "F32"], vec!["e11", "ABC", "E1"]),
            ("passport", passport, vec!["C01X00T47", "123456789"], vec!["PASSPORT", "12"]),
            (
                "postal-address",
                postal_address,
                vec!["1600 Amphitheatre Pkwy", "10115", "Unter den Linden"],
                vec!["10.0.0.1", "a@b.co", "0xdeadbeef{}"],
            ),
        ] {
            for text in valid {
                assert!(validator(text) > 0.0, "{name}: {text}");
            }
            for text in invalid {
                assert!(validator(text) == 0.0, "{name}: {text}");
            }
        }
    }
}

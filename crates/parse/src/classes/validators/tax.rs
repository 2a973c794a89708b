//! National ids with their check digits.

use super::{Digits, sure};

/// US social security number: no area 000, 666 or 9xx, no group 00, no serial 0000 (SSA, randomized since 2011), and
/// not one of the numbers that were printed in advertisements.
pub(super) fn us_ssn(text: &str) -> f32 {
    let digits = Digits::of(text);
    let (area, group, serial) = (digits.number(0, 3), digits.number(3, 5), digits.number(5, 9));
    let valid = digits.as_slice().len() == 9 && !matches!(area, 0 | 666 | 900..) && group != 0 && serial != 0;
    let printed = matches!((area, group, serial), (78, 5, 1120) | (219, 9, 9999) | (123, 45, 6789));
    if valid && !digits.uniform() { if printed { 0.6 } else { 1.0 } } else { 0.0 }
}

/// US individual taxpayer number: 9xx with a group of 50-65, 70-88, 90-92 or 94-99 (IRS).
pub(super) fn us_itin(text: &str) -> f32 {
    let digits = Digits::of(text);
    let valid = digits.as_slice().len() == 9 && digits.number(0, 1) == 9;
    sure(valid && matches!(digits.number(3, 5), 50..=65 | 70..=88 | 90..=92 | 94..=99))
}

/// UK national insurance number: prefix letters that HMRC allots, suffix A to D.
pub(super) fn uk_nino(text: &str) -> f32 {
    let mut letters = text.bytes().filter(u8::is_ascii_alphabetic).map(|byte| byte.to_ascii_uppercase());
    let (Some(first), Some(second), Some(suffix)) = (letters.next(), letters.next(), letters.next()) else {
        return 0.0;
    };
    let allotted = !b"DFIQUV".contains(&first)
        && !b"DFIOQUV".contains(&second)
        && !matches!(&[first, second], b"BG" | b"GB" | b"KN" | b"NK" | b"NT" | b"TN" | b"ZZ");
    sure(allotted && (b'A'..=b'D').contains(&suffix) && Digits::of(text).as_slice().len() == 6)
}

/// German tax id: ISO 7064 mod 11,10; exactly one digit of the first ten occurs twice or three times.
pub(super) fn de_tax_id(text: &str) -> f32 {
    let digits = Digits::of(text);
    let [body @ .., check] = digits.as_slice() else { return 0.0 };
    if body.len() != 10 || body.first() == Some(&0) {
        return 0.0;
    }
    let mut counts = [0_u8; 10];
    let mut product = 10_u32;
    for &digit in body {
        if let Some(count) = counts.get_mut(usize::from(digit)) {
            *count += 1;
        }
        let sum = (u32::from(digit) + product) % 10;
        product = if sum == 0 { 10 } else { sum } * 2 % 11;
    }
    let repeated = counts.iter().filter(|count| **count > 1).count();
    let at_most_three = counts.iter().all(|count| *count <= 3);
    sure(repeated == 1 && at_most_three && (11 - product) % 10 == u32::from(*check))
}

/// French NIR: sex, year, month, department (2A and 2B for Corsica), and 97 minus the number modulo 97.
pub(super) fn nir(text: &str) -> f32 {
    let mut number: u64 = 0;
    let mut len = 0;
    for byte in text.bytes() {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A' | b'a' if len == 6 => 9,
            b'B' | b'b' if len == 6 => 8,
            b' ' | b'.' | b'-' => continue,
            _ => return 0.0,
        };
        len += 1;
        if len > 15 {
            return 0.0;
        }
        number = number * 10 + u64::from(digit);
    }
    // 2A counts as 19, 2B as 18: as digits "29" and "28" were written, ten more.
    if text.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        number -= 10 * 10_u64.pow(8);
    }
    let (body, check) = (number / 100, number % 100);
    let (sex, month) = (body / 1_000_000_000_000, body / 100_000_000 % 100);
    sure(
        len == 15
            && matches!(sex, 1..=4 | 7 | 8)
            && matches!(month, 1..=12 | 20..=42 | 50..=99)
            && 97 - body % 97 == check,
    )
}

/// Spanish DNI and NIE: the letter is the number modulo 23.
pub(super) fn dni(text: &str) -> f32 {
    let mut letters = text.bytes().filter(u8::is_ascii_alphabetic).map(|byte| byte.to_ascii_uppercase());
    let digits = Digits::of(text);
    let number = digits.number(0, digits.as_slice().len());
    let (number, check) = match (letters.next(), letters.next(), digits.as_slice().len()) {
        (Some(check), None, 8) => (number, check),
        (Some(prefix @ b'X'..=b'Z'), Some(check), 7) => (u64::from(prefix - b'X') * 10_000_000 + number, check),
        _ => return 0.0,
    };
    sure(!digits.uniform() && b"TRWAGMYFPDXBNJZSQVHLCKE".get((number % 23) as usize) == Some(&check))
}

/// Italian codice fiscale: odd and even positions have their own values (DM 23/12/1976).
pub(super) fn codice_fiscale(text: &str) -> f32 {
    const ODD: [u8; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let Some((body, [check])) = text.as_bytes().split_at_checked(15) else { return 0.0 };
    let mut sum = 0_u32;
    for (i, byte) in body.iter().enumerate() {
        let value = match byte.to_ascii_uppercase() {
            digit @ b'0'..=b'9' => digit - b'0',
            letter @ b'A'..=b'Z' => letter - b'A',
            _ => return 0.0,
        };
        // Positions count from one, so the first is odd.
        sum += u32::from(if i % 2 == 0 { ODD.get(usize::from(value)).copied().unwrap_or_default() } else { value });
    }
    sure(u32::from(check.to_ascii_uppercase()) == u32::from(b'A') + sum % 26)
}

/// Dutch BSN: the eleven test.
pub(super) fn nl_bsn(text: &str) -> f32 {
    let digits = Digits::of(text);
    let [body @ .., check] = digits.as_slice() else { return 0.0 };
    let sum: i64 = body.iter().zip((2..=9).rev()).map(|(digit, weight)| i64::from(*digit) * weight).sum();
    sure(body.len() == 8 && !digits.uniform() && (sum - i64::from(*check)) % 11 == 0)
}

/// Brazilian CPF: two check digits modulo 11.
pub(super) fn br_cpf(text: &str) -> f32 {
    let digits = Digits::of(text);
    let all = digits.as_slice();
    sure(all.len() == 11 && !digits.uniform() && (9..11).all(|n| mod_11(all, n, 12) == all.get(n).copied()))
}

/// Brazilian CNPJ: two check digits modulo 11 with weights 2 to 9.
pub(super) fn br_cnpj(text: &str) -> f32 {
    let digits = Digits::of(text);
    let all = digits.as_slice();
    sure(all.len() == 14 && !digits.uniform() && (12..14).all(|n| mod_11(all, n, 9) == all.get(n).copied()))
}

/// The check digit of the first `n` digits: weights from 2 upward from the right, starting again after `weight_max`.
fn mod_11(digits: &[u8], n: usize, weight_max: u32) -> Option<u8> {
    let weights = (2..=weight_max).cycle();
    let sum: u32 = digits.get(..n)?.iter().rev().zip(weights).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    Some(if sum % 11 < 2 { 0 } else { (11 - sum % 11) as u8 })
}

/// Indian Aadhaar: twelve digits, not beginning with 0 or 1, Verhoeff's check digit.
pub(super) fn aadhaar(text: &str) -> f32 {
    let digits = Digits::of(text);
    let all = digits.as_slice();
    sure(all.len() == 12 && all.first().is_some_and(|first| *first > 1) && !digits.uniform() && verhoeff(all))
}

/// Verhoeff's check (dihedral group of order ten).
fn verhoeff(digits: &[u8]) -> bool {
    const PERMUTATION: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let multiply = |a: u8, b: u8| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b) % 5 + 5,
        (false, true) => (a + 5 - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let permute = |digit: u8, times: usize| {
        (0..times % 8).fold(digit, |digit, _| PERMUTATION.get(usize::from(digit)).copied().unwrap_or_default())
    };
    digits.iter().rev().enumerate().fold(0, |check, (i, &digit)| multiply(check, permute(digit, i))) == 0
}

/// Indian PAN: the fourth letter is the holder's kind.
pub(super) fn in_pan(text: &str) -> f32 {
    sure(text.as_bytes().get(3).is_some_and(|kind| b"ABCFGHJLPTEK".contains(&kind.to_ascii_uppercase())))
}

/// Vehicle identification number with its North American check digit (49 CFR 565).
pub(super) fn vin(text: &str) -> f32 {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let bytes = text.as_bytes();
    let mut sum = 0;
    for (byte, weight) in bytes.iter().zip(WEIGHTS) {
        let value = match byte.to_ascii_uppercase() {
            digit @ b'0'..=b'9' => u32::from(digit - b'0'),
            letter @ b'A'..=b'H' => u32::from(letter - b'A') + 1,
            letter @ (b'J'..=b'N' | b'P' | b'R') => u32::from(letter - b'J') + 1,
            letter @ b'S'..=b'Z' => u32::from(letter - b'S') + 2,
            _ => return 0.0,
        };
        sum += value * weight;
    }
    let check = match sum % 11 {
        10 => b'X',
        digit => b'0' + digit as u8,
    };
    sure(bytes.len() == 17 && bytes.get(8).map(u8::to_ascii_uppercase) == Some(check))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_decide() {
        for (name, validator, valid, invalid) in [
            (
                "us-ssn",
                us_ssn as fn(&str) -> f32,
                vec!["536-90-4399", "078-05-1120"],
                vec!["666-12-3456", "900-12-3456", "123-00-4567", "123-45-0000"],
            ),
            ("us-itin", us_itin, vec!["912-70-1234"], vec!["912-40-1234", "812-70-1234"]),
            ("uk-nino", uk_nino, vec!["AB 12 34 56 C", "JG103759A"], vec!["BG123456A", "AB123456E", "DA123456A"]),
            (
                "de-tax-id",
                de_tax_id,
                vec!["86 095 742 719", "47036892816"],
                vec!["86095742718", "12345678901", "01234567890"],
            ),
            ("nir", nir, vec!["2 69 05 49 588 157 80", "255081416802538"], vec!["269054958815781", "955081416802538"]),
            ("dni", dni, vec!["12345678Z", "X1234567L", "12345678-Z"], vec!["12345678A", "Y1234567L"]),
            ("codice-fiscale", codice_fiscale, vec!["RSSMRA85T10A562S"], vec!["RSSMRA85T10A562T", "RSSMRA85T10A562"]),
            ("nl-bsn", nl_bsn, vec!["111222333", "123456782"], vec!["123456789", "000000000"]),
            ("br-cpf", br_cpf, vec!["529.982.247-25"], vec!["529.982.247-26", "111.111.111-11"]),
            ("br-cnpj", br_cnpj, vec!["11.222.333/0001-81"], vec!["11.222.333/0001-82"]),
            ("aadhaar", aadhaar, vec!["2341 2341 2346"], vec!["2341 2341 2345", "0341 2341 2346"]),
            ("vin", vin, vec!["1M8GDM9AXKP042788"], vec!["1M8GDM9A1KP042788"]),
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

//! Payment cards, IBAN, bank accounts.

use super::{Digits, sure};

/// Luhn's check digit (ISO/IEC 7812-1 annex B).
pub(crate) fn luhn_digits(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, &digit)| {
            let digit = u32::from(digit);
            if i % 2 == 0 { digit } else { digit * 2 - if digit > 4 { 9 } else { 0 } }
        })
        .sum();
    !digits.is_empty() && sum.is_multiple_of(10)
}

/// Any number with Luhn's check digit.
pub(super) fn luhn(text: &str) -> f32 {
    let digits = Digits::of(text);
    sure(digits.as_slice().len() > 1 && !digits.uniform() && luhn_digits(digits.as_slice()))
}

/// A card number: issuer prefix with its length (ISO/IEC 7812 allocations as the networks publish them) and Luhn.
pub(super) fn payment_card(text: &str) -> f32 {
    let digits = Digits::of(text);
    let all = digits.as_slice();
    sure(!digits.uniform() && known_issuer(&digits, all.len()) && luhn_digits(all))
}

fn known_issuer(digits: &Digits, len: usize) -> bool {
    let (two, three, four, six) = (digits.number(0, 2), digits.number(0, 3), digits.number(0, 4), digits.number(0, 6));
    match two {
        40..=49 => matches!(len, 13 | 16 | 19),                     // Visa
        51..=55 => len == 16,                                       // Mastercard
        22..=27 if (222_100..=272_099).contains(&six) => len == 16, // Mastercard, 2-series
        34 | 37 => len == 15,                                       // American Express
        36 | 38 | 39 => (14..=19).contains(&len),                   // Diners Club
        30 if (300..=305).contains(&three) || three == 309 => (14..=19).contains(&len), // Diners Club
        35 if (3528..=3589).contains(&four) => (16..=19).contains(&len), // JCB
        60 if four == 6011 => (16..=19).contains(&len),             // Discover
        64 if (644..=649).contains(&three) => (16..=19).contains(&len), // Discover
        62 | 65 | 81 => (16..=19).contains(&len),                   // UnionPay, Discover, RuPay
        50 | 56 | 57 | 58 | 63 | 67 => (12..=19).contains(&len) && len != 13, // Maestro, Elo
        60 if (606..=608).contains(&three) => len == 16,            // RuPay, Hipercard
        _ => (len == 15 && matches!(four, 2131 | 1800)) || (len >= 16 && (2200..=2204).contains(&four)), // JCB, Mir
    }
}

/// IBAN: the country's length (SWIFT IBAN registry) and ISO 7064 mod 97-10.
pub(super) fn iban(text: &str) -> f32 {
    let mut compact = [0_u8; 34];
    let mut len = 0;
    for byte in text.bytes().filter(|byte| !matches!(byte, b' ' | b'-')) {
        let Some(slot) = compact.get_mut(len) else { return 0.0 };
        *slot = byte.to_ascii_uppercase();
        len += 1;
    }
    let Some([a, b, rest @ ..]) = compact.get(..len) else { return 0.0 };
    let Ok(country) = std::str::from_utf8(&[*a, *b]).map(str::to_owned) else { return 0.0 };
    if iban_len(&country) != Some(len) {
        return 0.0;
    }
    let (check, account) = rest.split_at(2.min(rest.len()));
    if ALL_DIGITS.contains(&country.as_str()) && !account.iter().all(u8::is_ascii_digit) {
        return 0.0;
    }
    let mut remainder: u32 = 0;
    for &byte in account.iter().chain([a, b]).chain(check) {
        remainder = match byte {
            b'0'..=b'9' => remainder * 10 + u32::from(byte - b'0'),
            b'A'..=b'Z' => remainder * 100 + u32::from(byte - b'A') + 10,
            _ => return 0.0,
        } % 97;
    }
    sure(remainder == 1)
}

/// Countries whose account part has no letters (SWIFT IBAN registry): one random hexadecimal id in a hundred passes the
/// checksum, and `be`, `ae` and `de` begin many.
const ALL_DIGITS: &[&str] = &[
    "AE", "AT", "BA", "BE", "CR", "CZ", "DE", "DJ", "DK", "EE", "ES", "FI", "FO", "GL", "HR", "HU", "IL", "IQ", "IS",
    "LT", "LY", "ME", "MR", "NO", "PL", "PT", "RS", "SE", "SI", "SK", "ST", "TL", "TN", "VA", "XK",
];

fn iban_len(country: &str) -> Option<usize> {
    const LENGTHS: &str = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24\
        FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25\
        MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23\
        ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";
    LENGTHS.as_bytes().chunks_exact(4).find_map(|entry| match entry {
        [a, b, tens @ b'0'..=b'9', ones @ b'0'..=b'9'] if country.as_bytes() == [*a, *b] => {
            Some(usize::from(tens - b'0') * 10 + usize::from(ones - b'0'))
        }
        _ => None,
    })
}

/// US routing transit number: Federal Reserve prefix and the 3-7-1 weighted sum (ABA).
pub(super) fn aba_routing(text: &str) -> f32 {
    let digits = Digits::of(text);
    let weights = [3, 7, 1].into_iter().cycle();
    let sum: u32 = digits.as_slice().iter().zip(weights).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    let prefix = digits.number(0, 2);
    sure(
        digits.as_slice().len() == 9
            && !digits.uniform()
            && sum.is_multiple_of(10)
            && matches!(prefix, 1..=12 | 21..=32 | 61..=72 | 80),
    )
}

/// An account number as banks print them: 6 to 18 digits with separators, optionally a few letters in front.
pub(super) fn account_number(text: &str) -> f32 {
    let text = text.trim();
    let digits = Digits::of(text);
    let allowed = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'/' | b'.'));
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    sure(allowed && letters <= 4 && (6..=18).contains(&digits.as_slice().len()) && !digits.uniform())
}

/// The three or four digits on the back of a card.
pub(super) fn security_code(text: &str) -> f32 {
    let text = text.trim();
    sure(matches!(text.len(), 3 | 4) && text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// BIC (ISO 9362): bank, a country, location, optionally a branch.
pub(super) fn bic(text: &str) -> f32 {
    let bytes = text.as_bytes();
    let shape = matches!(bytes.len(), 8 | 11)
        && bytes.iter().take(6).all(u8::is_ascii_uppercase)
        && bytes.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let country = text.get(4..6).unwrap_or_default();
    sure(
        shape
            && (iban_len(country).is_some()
                || matches!(country, "US" | "CA" | "AU" | "JP" | "CN" | "IN" | "SG" | "HK" | "NZ" | "ZA" | "MX")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_decide() {
        for (validator, valid, invalid) in [
            (
                payment_card as fn(&str) -> f32,
                vec![
                    "4111 1111 1111 1111",
                    "5555555555554444",
                    "378282246310005",
                    "6011-1111-1111-1117",
                    "3530111333300000",
                ],
                vec!["4111111111111112", "0000000000000000", "1700000000000008", "411111111111111"],
            ),
            (
                iban,
                vec!["DE89 3704 0044 0532 0130 00", "gb82west12345698765432", "NO9386011117947"],
                vec!["DE89370400440532013001", "DE8937040044053201300", "XX89370400440532013000", "be546cadae0fdfc6"],
            ),
            (aba_routing, vec!["021000021", "011401533"], vec!["021000022", "000000000", "990000000"]),
            (bic, vec!["DEUTDEFF", "BNPAFRPPXXX"], vec!["PASSWORD1", "ABCDEFGH", "deutdeff"]),
        ] {
            for text in valid {
                assert!(validator(text) > 0.0, "{text}");
            }
            for text in invalid {
                assert!(validator(text) == 0.0, "{text}");
            }
        }
    }
}

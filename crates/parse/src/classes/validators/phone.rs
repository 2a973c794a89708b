//! Telephone numbers: how much a group of digits looks like one.

use super::Digits;

/// Judges a number by its form. International (`+`) and North American forms are convincing alone, other groupings
/// (`06-12345678`, `73 448 266`) need a field name or a word nearby. Lengths follow E.164: 7 to 15 digits.
pub(super) fn phone(text: &str) -> f32 {
    let main = text.find(['x', 'X', 'e', 'E', '#', ';']).map_or(text, |at| text.get(..at).unwrap_or(text)).trim_end();
    let digits = Digits::of(main);
    let len = digits.as_slice().len();
    if !(7..=15).contains(&len) || digits.uniform() || !balanced(main) {
        return 0.0;
    }
    let groups = Groups::of(main);
    if not_a_phone(main, &groups) {
        return 0.0;
    }
    let international = main.starts_with('+');
    match groups.lens() {
        _ if international => {
            if len >= 8 && digits.number(0, 1) != 0 {
                0.92
            } else {
                0.0
            }
        }
        [11..=15] if main.starts_with("00") => 0.5,
        [10] if digits.number(0, 1) >= 2 && digits.number(3, 4) >= 2 => 0.35,
        // Seconds and milliseconds since 1970 begin with 1.
        [10 | 13] if main.starts_with('1') => 0.15,
        [_] => 0.25,
        [3, 3, 4] => north_american(&digits, 0, main),
        [1, 3, 3, 4] if digits.number(0, 1) == 1 => north_american(&digits, 1, main),
        [3, 3, 3, 4] if digits.number(0, 3) == 1 => north_american(&digits, 3, main),
        [2..=4, ..] if main.starts_with('(') => 0.6,
        _ if main.starts_with('0') => 0.4,
        _ => 0.3,
    }
}

fn north_american(digits: &Digits, from: usize, text: &str) -> f32 {
    let assigned = digits.number(from, from + 1) >= 2 && digits.number(from + 3, from + 4) >= 2;
    match (text.starts_with('('), assigned) {
        (true, true) => 0.9,
        (true, false) => 0.7,
        (false, true) => 0.8,
        (false, false) => 0.55,
    }
}

fn balanced(text: &str) -> bool {
    let open = text.bytes().filter(|byte| *byte == b'(').count();
    let close = text.bytes().filter(|byte| *byte == b')').count();
    open == close && open <= 1
}

/// Lengths of the runs of digits.
struct Groups {
    lens: [u8; 8],
    count: usize,
}

impl Groups {
    fn of(text: &str) -> Self {
        let mut groups = Self { lens: [0; 8], count: 0 };
        for run in text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()) {
            if let Some(slot) = groups.lens.get_mut(groups.count) {
                *slot = run.len() as u8;
            }
            groups.count += 1;
        }
        groups
    }

    fn lens(&self) -> &[u8] {
        self.lens.get(..self.count.min(self.lens.len())).unwrap_or_default()
    }
}

/// Forms of other things: dates, decimals, addresses, card groups, social security numbers, ranges of years.
fn not_a_phone(text: &str, groups: &Groups) -> bool {
    let dots = text.bytes().filter(|byte| *byte == b'.').count();
    let slashes = text.contains('/');
    let starts_like_year = text.starts_with("19") || text.starts_with("20");
    match groups.lens() {
        [4, 4, 4, 4] | [4, 6, 5] => true,
        [4, 2, 2, ..] if starts_like_year => true,
        [1 | 2, 1 | 2, 4] if slashes || dots > 0 || text.contains('-') => true,
        [3, 2, 4] if text.contains('-') => true,
        [4, 4] if starts_like_year && text.contains('-') => true,
        [_, _] if dots == 1 => true,
        [1..=3, 1..=3, 1..=3, 1..=3] if dots == 3 => true,
        [1, ..] if text.starts_with(|c: char| c.is_ascii_digit()) && !text.starts_with(['0', '1', '7', '8']) => true,
        _ => groups.count > 7 || (groups.lens().iter().all(|len| *len == 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::phone;

    #[test]
    fn forms_of_other_things_are_not_phones() {
        for text in [
            "2024-01-15",
            "15.01.2024",
            "10.20.30.40",
            "4111 1111 1111 1111",
            "078-05-1120",
            "2019-2020",
            "123.4567890",
            "12345",
        ] {
            assert!(phone(text) == 0.0, "{text}");
        }
        for text in [
            "+49 30 901820",
            "(212) 555-0142",
            "212-555-0142",
            "1-212-555-0142 x12",
            "020 7946 0018",
            "+33 1 23 45 67 89",
        ] {
            assert!(phone(text) > 0.2, "{text}");
        }
    }
}

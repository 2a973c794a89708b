//! Texts by people: trimmed, bounded, without control characters.

use vedette_model::limits::{NAME_CHARACTERS_MAX, NOTE_CHARACTERS_MAX};

use crate::problem::Problem;

/// A reason or comment; may have several lines.
pub(super) fn note(at: &str, text: &str) -> Result<String, Problem> {
    checked(at, text, NOTE_CHARACTERS_MAX, |c| c == '\n')
}

/// A name or title on one line.
pub(super) fn name(at: &str, text: &str) -> Result<String, Problem> {
    checked(at, text, NAME_CHARACTERS_MAX, |_| false)
}

/// A text of a merge patch, checked when one is given; leaving alone and taking away pass.
#[expect(clippy::option_option, reason = "a merge patch tells leaving alone from taking away")]
pub(super) fn patched(
    given: Option<Option<String>>,
    check: impl FnOnce(&str) -> Result<String, Problem>,
) -> Result<Option<Option<String>>, Problem> {
    match given {
        Some(Some(text)) => Ok(Some(Some(check(&text)?))),
        other => Ok(other),
    }
}

fn checked(at: &str, text: &str, limit: usize, allowed: fn(char) -> bool) -> Result<String, Problem> {
    let text = text.trim().replace("\r\n", "\n");
    if text.is_empty() {
        return Err(Problem::invalid(at, "must not be empty"));
    }
    if text.chars().count() > limit {
        return Err(Problem::invalid(at, format!("may have {limit} characters")));
    }
    if text.chars().any(|c| c.is_control() && !allowed(c)) {
        return Err(Problem::invalid(at, "must not hold control characters"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_and_bounded() {
        assert_eq!(note("/reason", "  because\r\nof it \n").unwrap(), "because\nof it");
        assert_eq!(name("/name", " a ").unwrap(), "a");
        let long = "x".repeat(NAME_CHARACTERS_MAX + 1);
        for bad in ["", "  ", "a\nb", "a\u{0}b", long.as_str()] {
            assert!(name("/name", bad).is_err(), "{bad:?}");
        }
        assert!(note("/reason", "a\u{7}b").is_err());
    }
}

//! Reads assignments in text: `db_password = "…"`, `token: …`, `--api-key …`, `the password is '…'`, and what
//! [`pairs`] finds apart from its name.

use smallvec::SmallVec;

use super::boundary;
use super::entropy::{find_ignore_case, is_placeholder};
use super::keys::Strength;
use super::pairs;
use super::scan::Candidate;
use super::{ClassId, Classifier};

/// Longest value that is read.
const VALUE_BYTES_MAX: usize = 4 << 10;

/// Shortest value of a name that only says its vendor; all of their keys are longer.
const VENDOR_VALUE_BYTES_MIN: usize = 16;

/// Shortest literal that counts as a secret because a secret is compared with it, and how much that says: code that
/// compares `credentials.secret` with a literal holds the secret, however plain it reads.
const COMPARED_BYTES_MIN: usize = 8;
const COMPARED_BELIEF: f32 = 0.65;

/// How a value stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// In quotes.
    Quoted,
    /// Up to the next separator.
    Bare,
}

/// Reads the name around an anchor and the value assigned to it. Without a `vendor` class the name must say its class
/// itself; with one, any name that is not technical will do. Returns the end of the name, so that a second anchor
/// inside it is not read again.
pub(crate) fn read(
    classifier: &Classifier,
    text: &str,
    (start, end): (usize, usize),
    vendor: Option<ClassId>,
    candidates: &mut SmallVec<[Candidate; 16]>,
) -> usize {
    let bytes = text.as_bytes();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$');
    let name_start = boundary::run_before(bytes, start, is_name);
    let name_end =
        end + bytes.get(end..).unwrap_or_default().iter().take(64).take_while(|byte| is_name(**byte)).count();
    let Some(name) = text.get(name_start..name_end) else { return name_end };
    let name_end = name_start + name.trim_end_matches(['.', '-']).len();
    let flag = name.starts_with('-') || is_directive(text, name_start);
    let apart = pairs::element(text, name_start, name_end).or_else(|| pairs::sibling(text, name_end));
    let apart = apart.map(|(start, end)| Value { start, end, form: Form::Quoted, compared: false });
    let Some(value) = apart.or_else(|| bound_value(text, name_end, flag)) else { return name_end };
    let Some(matched) = text.get(value.start..value.end).filter(|matched| !is_code(name, matched, value.form)) else {
        return name_end;
    };
    let literal = flag || is_environment(text, name, &value) || user_before(text, name_start);
    if !plausible(matched, value.form, literal) {
        return name_end;
    }
    let hints = classifier.keys.hints(name);
    let named = hints.classes.iter().filter(|(_, strength)| *strength == Strength::Strong).map(|(class, _)| *class);
    let vendor = vendor.filter(|_| !hints.technical && matched.len() >= VENDOR_VALUE_BYTES_MIN);
    let compared = value.compared && value.form == Form::Quoted && matched.len() >= COMPARED_BYTES_MIN;
    for class in named.filter(|_| vendor.is_none()).chain(vendor) {
        let Some(rule) = classifier.rules.get(usize::from(class.0)).filter(|rule| rule.assigned) else { continue };
        let Some((validator, confidence)) = rule.keyed else { continue };
        let belief = if compared { validator(matched).max(COMPARED_BELIEF) } else { validator(matched) };
        if belief > 0.0 {
            candidates.push(Candidate { class, start: value.start, end: value.end, confidence: confidence * belief });
            break;
        }
    }
    name_end
}

#[derive(Debug)]
struct Value {
    start: usize,
    end: usize,
    form: Form,
    /// The name is compared with it.
    compared: bool,
}

/// The value after a name: a binder (`=`, `:`, `=>`, `==`, ` is `, for flags a space), then quoted or bare text.
fn bound_value(text: &str, name_end: usize, flag: bool) -> Option<Value> {
    let rest = text.get(name_end..)?;
    let mut cursor = rest.trim_start_matches(['"', '\'', '`', ']', ')', '\\']);
    if cursor.len() + 4 < rest.len() {
        return None;
    }
    let spaces = cursor.len() - cursor.trim_start_matches([' ', '\t']).len();
    cursor = cursor.trim_start_matches([' ', '\t']);
    let argument = cursor.len() + spaces < rest.len() && cursor.starts_with(',');
    let compared = ["==", "!="].iter().any(|sign| cursor.starts_with(sign));
    cursor = match binder_len(cursor) {
        Some(len) => cursor.get(len..)?,
        None if argument => cursor.get(1..)?,
        None if flag && spaces > 0 => cursor,
        None => return None,
    };
    cursor = cursor.trim_start_matches([' ', '\t']);
    let (body, len, form) = quoted(cursor).or_else(|| (!argument).then(|| bare(cursor)).flatten())?;
    let start = text.len() - body.len();
    (len > 0 && len <= VALUE_BYTES_MAX).then_some(Value { start, end: start + len, form, compared })
}

/// A value in quotes, also nested (`'"value"'`) and escaped (`\"value\"`): the innermost quotes that close.
fn quoted(cursor: &str) -> Option<(&str, usize, Form)> {
    let cursor = cursor.strip_prefix('\\').unwrap_or(cursor);
    // Bytes, raw, unicode and wide literals of several languages: `b"…"`, `r'…'`, `@"…"`.
    let cursor =
        cursor.strip_prefix(['b', 'r', 'u', 'L', 'R', '@']).filter(|c| c.starts_with(['"', '\''])).unwrap_or(cursor);
    let quotes = cursor.chars().take(3).take_while(|c| matches!(c, '"' | '\'' | '`')).count();
    (1..=quotes).rev().find_map(|depth| {
        let body = cursor.get(depth..)?;
        let quote = cursor.chars().nth(depth - 1)?;
        quoted_len(body, quote).filter(|len| *len > 0).map(|len| (body, len, Form::Quoted))
    })
}

fn bare(cursor: &str) -> Option<(&str, usize, Form)> {
    let len = cursor.find(|c: char| c.is_whitespace() || "\"'`,;&<>)]}".contains(c)).unwrap_or(cursor.len());
    (!cursor.starts_with(['"', '\'', '`'])).then_some((cursor, len, Form::Bare))
}

fn quoted_len(body: &str, quote: char) -> Option<usize> {
    let end = body.find([quote, '\n', '\r'])?;
    let closed = body.get(end..)?.starts_with(quote);
    let escape = body.get(..end)?.ends_with('\\');
    closed.then_some(if escape { end - 1 } else { end })
}

fn binder_len(text: &str) -> Option<usize> {
    const SIGNS: &[&str] =
        &["===", "!==", "==", "!=", "::=", ":=", "?=", "=>", "->", "=", ":", "||", "??", "%3D", "%3d"];
    const WORDS: &[&str] = &["is ", "was ", "are ", "to "];
    let sign = SIGNS.iter().find(|sign| text.starts_with(**sign));
    sign.or_else(|| WORDS.iter().find(|word| text.starts_with(**word))).map(|binder| binder.len())
}

/// True when the value is an expression, a reference or the name itself, not the secret.
fn is_code(name: &str, value: &str, form: Form) -> bool {
    let call = value.contains("()") || value.contains("env.") || value.contains("getenv") || value.contains("environ");
    let selector = value.starts_with(['#', '.'])
        && value.bytes().skip(1).all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'));
    let reference = value.contains("://")
        || value.starts_with(['<', '{', '[', '(', '+', '@', '/', '&', '|', ','])
        || value.ends_with(['(', '[', '{', ':'])
        || value.starts_with("arn:")
        || value.trim_start_matches(['"', '\'']).starts_with('$');
    let path = value.contains('/') && !value.bytes().any(|byte| byte.is_ascii_digit());
    let member = form == Form::Bare && (value.contains('(') || value.contains('[') || is_dotted_name(value));
    call || selector || reference || path || member || name.eq_ignore_ascii_case(value) || is_placeholder(value)
}

fn is_dotted_name(value: &str) -> bool {
    value.contains('.')
        && value
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_'))
}

/// A quoted value may be any secret; a bare one must not read like prose or code: letters with digits, unless what
/// stands around it says that it is a `literal`.
fn plausible(value: &str, form: Form, literal: bool) -> bool {
    let len = value.chars().count();
    let digits = value.bytes().any(|byte| byte.is_ascii_digit());
    let letters = value.bytes().any(|byte| byte.is_ascii_alphabetic());
    let spaces = value.bytes().filter(|byte| *byte == b' ').count();
    match form {
        Form::Quoted => (5..=512).contains(&len) && spaces <= 2 && (letters || len >= 6) && !is_sentence(value),
        Form::Bare if len < 5 || value.starts_with(['$', '-']) => false,
        Form::Bare => letters && (digits || literal),
    }
}

/// `DB_PASSWORD=tiger` as environment files write it: an upper case name with nothing around the sign.
fn is_environment(text: &str, name: &str, value: &Value) -> bool {
    let upper = name.contains('_')
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    upper && text.get(..value.start).is_some_and(|before| before.ends_with('='))
}

/// `ENV NAME value` of a container file and `setx NAME value` bind with a space.
fn is_directive(text: &str, name_start: usize) -> bool {
    let before = text.get(..name_start).unwrap_or_default();
    before.ends_with("ENV ") || before.ends_with("setx ")
}

/// `Password:` and `Enter your password` are labels.
fn is_sentence(value: &str) -> bool {
    value.ends_with([':', '?', '!']) && !value.bytes().any(|byte| byte.is_ascii_digit()) || value.contains(", ")
}

/// A user name was assigned within the last hundred characters.
fn user_before(text: &str, name_start: usize) -> bool {
    let from = (name_start.saturating_sub(120)..=name_start).find(|i| text.is_char_boundary(*i)).unwrap_or(name_start);
    let before = text.get(from..name_start).unwrap_or_default();
    ["user", "login", "uid", "account"].iter().any(|word| {
        let mut rest = before;
        while let Some(at) = find_ignore_case(rest.as_bytes(), word.as_bytes()) {
            rest = rest.get(at + word.len()..).unwrap_or_default();
            let after_name =
                rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ' ' | '"' | '\''));
            if after_name.starts_with(['=', ':']) || *word == "login" {
                return true;
            }
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_cut_out_of_assignments() {
        for (text, name_end, expected) in [
            ("password = \"s3cret!\" x", 8, Some("s3cret!")),
            ("\"password\":\"s3cret\"", 9, Some("s3cret")),
            ("password=s3cret&x=1", 8, Some("s3cret")),
            ("password => 's3cret',", 8, Some("s3cret")),
            ("password is 's3cret'", 8, Some("s3cret")),
            ("\\\"password\\\": \\\"s3cret\\\"", 10, Some("s3cret")),
            ("password reset", 8, None),
            ("password", 8, None),
        ] {
            let got = bound_value(text, name_end, false).map(|value| &text[value.start..value.end]);
            assert_eq!(got, expected, "{text}");
        }
    }
}

//! Documents that people write: JSON or YAML in, one tree out, and places back to lines.
//!
//! YAML is read by its core schema (YAML 1.2.2, 10.3): only `true`, `false`, `null`, `~` and numbers are no text, and
//! keys are always text, so that a status `200:` stays one. Aliases and merge keys (`<<`) are followed within a bound.

mod locate;
mod tree;
mod yaml;

pub use locate::{Place, locate};
pub use tree::{Content, Node, read_trees};

use serde_json::Value;
use vedette_model::Diagnostic;

/// Reads a JSON or YAML document.
///
/// # Errors
/// One diagnostic with line and column when the text is neither, is too deep, or grows without bound.
pub fn read(file: &str, text: &str) -> Result<Value, Diagnostic> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with(['{', '[']) {
        match serde_json::from_str(text) {
            Ok(value) => return Ok(value),
            // Flow style YAML begins alike.
            Err(error) => return yaml::read(file, text).map_err(|_| from_json(file, &error)),
        }
    }
    yaml::read(file, text)
}

fn from_json(file: &str, error: &serde_json::Error) -> Diagnostic {
    let told = error.to_string();
    let message = told.rsplit_once(" at line ").map_or(told.as_str(), |(message, _)| message);
    Diagnostic {
        file: file.to_owned(),
        line: error.line(),
        column: error.column(),
        message: format!("no JSON: {message}"),
        hint: None,
    }
}

/// Appends one reference token to a JSON pointer (RFC 6901, 3).
pub fn push_token(pointer: &mut String, token: &str) {
    pointer.push('/');
    for c in token.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}

/// A JSON pointer with one more token.
pub fn below(pointer: &str, token: &str) -> String {
    let mut out = String::with_capacity(pointer.len() + token.len() + 1);
    out.push_str(pointer);
    push_token(&mut out, token);
    out
}

#[cfg(test)]
mod tests;

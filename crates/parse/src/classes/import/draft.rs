//! A class while it is put together from somebody else's definition.

use super::expression::Expression;

/// A class to be written.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// Wanted id; made unique when it is written.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) level: String,
    pub(super) labels: Vec<String>,
    pub(super) patterns: Vec<DraftPattern>,
    /// Names of fields that support a pattern.
    pub(super) weak: Vec<String>,
    /// Names of fields that speak against it.
    pub(super) against: Vec<String>,
    /// Words nearby that support a pattern.
    pub(super) context: Vec<String>,
    /// Where it was defined.
    pub(super) line: usize,
}

/// A pattern to be written.
#[derive(Debug, Default)]
pub(super) struct DraftPattern {
    pub(super) expression: Expression,
    pub(super) group: Option<usize>,
    pub(super) validator: Option<&'static str>,
    pub(super) entropy: Option<f32>,
    pub(super) except: Vec<String>,
    pub(super) except_words: Vec<String>,
    pub(super) confidence: f32,
    pub(super) with_context: Option<f32>,
}

/// A kebab-case id: `US Zip-Code (weak)` becomes `us-zip-code-weak`.
pub(super) fn slug(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => out.push(c.to_ascii_lowercase()),
            _ if out.ends_with('-') || out.is_empty() => {}
            _ => out.push('-'),
        }
    }
    let out = out.trim_end_matches('-');
    match out.chars().next() {
        Some(c) if c.is_ascii_lowercase() => out.to_owned(),
        Some(_) => format!("class-{out}"),
        None => "class".to_owned(),
    }
}

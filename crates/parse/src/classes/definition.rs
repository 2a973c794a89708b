//! The file format of data classes, the same for ours (`rules/classes/*.yaml`) and for a customer's.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;
use vedette_model::Diagnostic;

/// Built-in sensitivity levels with their weight in the impact of a risk.
pub(crate) const LEVELS: &[(&str, f32)] = &[
    ("public", 0.0),
    ("internal", 0.2),
    ("personal", 0.5),
    ("sensitive-personal", 0.8),
    ("financial", 0.8),
    ("health", 0.9),
    ("secret", 1.0),
];

/// One file: classes, and levels of its own.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClassFile {
    /// Own sensitivity levels with their weight in the impact of a risk, 0 to 1.
    #[serde(default)]
    pub(crate) levels: BTreeMap<String, Spanned<f32>>,
    /// Regular expressions; a match of a class of this file in which one is found is none.
    #[serde(default)]
    pub(crate) except: Vec<Spanned<String>>,
    /// Words (any case); a match of a class of this file that contains one is none.
    #[serde(default)]
    pub(crate) except_words: Vec<String>,
    /// The classes.
    #[serde(default)]
    pub(crate) classes: Vec<Definition>,
}

/// One class.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Definition {
    /// Kebab-case id.
    pub(crate) id: Spanned<String>,
    /// Name for people; the id when absent.
    #[serde(default)]
    pub(crate) name: String,
    /// Sensitivity level.
    pub(crate) level: Spanned<String>,
    /// Weight, when it differs from the level's.
    #[serde(default)]
    pub(crate) weight: Option<Spanned<f32>>,
    /// Free labels (`gdpr`, `team-payments`).
    #[serde(default)]
    pub(crate) labels: Vec<String>,
    /// A class that says little when a more specific one matched too (`secret` beside `github-token`).
    #[serde(default)]
    pub(crate) generic: bool,
    /// What values look like.
    #[serde(default)]
    pub(crate) patterns: Vec<PatternDefinition>,
    /// What fields are called.
    #[serde(default)]
    pub(crate) keys: Keys,
    /// How a value is judged that no pattern knows but whose field name says this class.
    #[serde(default)]
    pub(crate) keyed: Option<Keyed>,
    /// Words near a match in text that support it.
    #[serde(default)]
    pub(crate) context: Vec<String>,
    /// Texts in which the class is found.
    #[serde(default)]
    pub(crate) examples: Vec<Spanned<String>>,
    /// Texts in which it is not.
    #[serde(default)]
    pub(crate) negative_examples: Vec<Spanned<String>>,
    /// Whole fields (`name: value`) that hold the class.
    #[serde(default)]
    pub(crate) fields: Vec<Spanned<String>>,
    /// Whole fields that do not.
    #[serde(default)]
    pub(crate) negative_fields: Vec<Spanned<String>>,
}

/// What a value looks like.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatternDefinition {
    /// Regular expression over bytes; when it has a group, the group is the match.
    #[serde(default)]
    pub(crate) regex: Option<Spanned<String>>,
    /// A finder written in Rust, instead of a regular expression.
    #[serde(default)]
    pub(crate) finder: Option<Spanned<String>>,
    /// Literals (any case) one of which every match begins with, or has inside when `inside` says how far at most.
    #[serde(default)]
    pub(crate) anchors: Vec<Spanned<String>>,
    /// Bytes that a match may begin before its anchor.
    #[serde(default)]
    pub(crate) inside: usize,
    /// Which group is the match (from 1); the first that takes part when absent.
    #[serde(default)]
    pub(crate) group: Option<Spanned<usize>>,
    /// Check of the match (check digit, calendar, entropy).
    #[serde(default)]
    pub(crate) validator: Option<Spanned<String>>,
    /// Shannon entropy that a match has at least, in bits per byte.
    #[serde(default)]
    pub(crate) entropy: Option<Spanned<f32>>,
    /// Regular expressions; a match in which one is found is none.
    #[serde(default)]
    pub(crate) except: Vec<Spanned<String>>,
    /// Words (any case); a match that contains one is none.
    #[serde(default)]
    pub(crate) except_words: Vec<String>,
    /// Confidence of a match alone.
    pub(crate) confidence: Spanned<f32>,
    /// Confidence when a field name or a word nearby supports it.
    #[serde(default)]
    pub(crate) with_context: Option<Spanned<f32>>,
}

/// Names of fields, as words without case and separators: `date of birth` is also `dateOfBirth` and `date_of_birth`.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keys {
    /// Names that alone say the class, at the end of a field's name.
    #[serde(default)]
    pub(crate) strong: Vec<Spanned<String>>,
    /// Names that support a pattern but do not suffice alone.
    #[serde(default)]
    pub(crate) weak: Vec<Spanned<String>>,
    /// Names that speak against it.
    #[serde(default)]
    pub(crate) against: Vec<Spanned<String>>,
}

/// How the value of a field is judged by its name.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keyed {
    /// Check of the value.
    pub(crate) validator: Spanned<String>,
    /// Confidence of a value that passes.
    pub(crate) confidence: f32,
    /// Parts of names after which an assignment in text is read (`pass` finds `db_password = "…"`).
    #[serde(default)]
    pub(crate) triggers: Vec<String>,
    /// Names of vendors: an assignment in text to any name with one of them in it is judged, too.
    #[serde(default)]
    pub(crate) vendors: Vec<String>,
}

impl Definition {
    /// Its own weight, or that of its level.
    pub(crate) fn weight(&self, levels: &BTreeMap<String, f32>) -> f32 {
        let of_level = || levels.get(&self.level.value).copied().unwrap_or_default();
        self.weight.as_ref().map_or_else(of_level, |weight| weight.value)
    }

    /// Weightiest first: where room is bounded (`FIELD_CLASSES_MAX`), secrets stay. Names keep it stable.
    pub(crate) fn order(&self, other: &Self, levels: &BTreeMap<String, f32>) -> Ordering {
        other.weight(levels).total_cmp(&self.weight(levels)).then_with(|| self.id.value.cmp(&other.id.value))
    }
}

impl ClassFile {
    /// Reads a file. What does not fit the format is one diagnostic with its place.
    pub(crate) fn read(file: &str, yaml: &str) -> Result<Self, Diagnostic> {
        if yaml.trim().is_empty() {
            return Ok(Self::default());
        }
        let hint = "a file has `levels:` (name: weight) and `classes:` (a list with id, level, patterns, keys)";
        serde_saphyr::from_str(yaml).map_err(|error| unreadable(file, &error, hint))
    }
}

/// Why a file of the user's does not fit its format, with the place.
pub(crate) fn unreadable(file: &str, error: &serde_saphyr::Error, hint: &str) -> Diagnostic {
    let (line, column) = error.location().map_or((0, 0), |at| (at.line() as usize, at.column() as usize));
    let text = error.without_snippet().to_string();
    let message = text.lines().next().unwrap_or("not readable as YAML").to_owned();
    Diagnostic { file: file.to_owned(), line, column, message, hint: Some(hint.to_owned()) }
}

/// A diagnostic at a value of a file.
pub(crate) fn diagnostic<T>(file: &str, at: &Spanned<T>, message: String, hint: Option<&str>) -> Diagnostic {
    Diagnostic {
        file: file.to_owned(),
        line: at.referenced.line() as usize,
        column: at.referenced.column() as usize,
        message,
        hint: hint.map(str::to_owned),
    }
}

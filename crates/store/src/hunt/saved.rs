//! Hunts with a name: those that ship (`rules/hunts/*.yaml`), and the form in which users keep their own.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use vedette_model::Timestamp;

use super::{HuntError, Value, wording};

mod texts {
    include!(concat!(env!("OUT_DIR"), "/hunts.rs"));
}

/// A question that is asked again and again.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedHunt {
    /// Its name, in kebab-case; the name of the file of those that ship.
    #[serde(default)]
    pub id: String,
    /// In a few words.
    pub title: String,
    /// The question that it answers.
    pub question: String,
    /// The SQL, with `$name` for each parameter.
    pub sql: String,
    /// What may be chosen.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// OWASP API Security Top 10 2023.
    #[serde(default)]
    pub owasp: Vec<String>,
    /// ATT&CK technique ids.
    #[serde(default)]
    pub attack: Vec<String>,
    /// Rows and what the hunt finds in them, for its test.
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(test), expect(dead_code, reason = "only the test of hunts reads it; files may have it"))]
    pub(crate) example: Option<serde_json::Value>,
}

/// Something to choose.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name, without `$`.
    pub name: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ParameterKind,
    /// Its value when nobody chooses; without one a value must be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<serde_json::Value>,
    /// What it does, in a fragment.
    pub help: String,
}

/// What a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParameterKind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A point in time (RFC 3339).
    Time,
    /// A span of time (`7 days`).
    Interval,
}

/// The hunts that ship, by name.
pub fn shipped() -> &'static [SavedHunt] {
    static SHIPPED: LazyLock<Vec<SavedHunt>> = LazyLock::new(|| {
        let read = |(id, text): &(&str, &str)| SavedHunt::read(id, text).ok();
        texts::TEXTS.iter().filter_map(read).collect()
    });
    &SHIPPED
}

/// The shipped hunt of a name.
///
/// # Errors
/// When there is none; the hint names those that sound like it.
pub fn shipped_named(id: &str) -> Result<&'static SavedHunt, HuntError> {
    if let Some(hunt) = shipped().iter().find(|hunt| hunt.id == id) {
        return Ok(hunt);
    }
    let near = wording::nearest(id, shipped().iter().map(|hunt| hunt.id.as_str()));
    let hint = match near.first() {
        Some(near) => format!("did you mean {near}?"),
        None => "vedette hunt --list names those there are".to_owned(),
    };
    Err(HuntError::wrong_hint(format!("no hunt is called '{id}'"), hint))
}

impl SavedHunt {
    /// Reads a file of `rules/hunts`.
    ///
    /// # Errors
    /// With line and column when it does not fit.
    pub(crate) fn read(id: &str, text: &str) -> Result<Self, String> {
        let mut hunt: Self = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
        id.clone_into(&mut hunt.id);
        Ok(hunt)
    }

    /// Values for all parameters: those given, read as what they are, and defaults.
    ///
    /// # Errors
    /// When one is missing, unknown, or not what it should be.
    pub fn values(&self, given: &BTreeMap<String, serde_json::Value>) -> Result<BTreeMap<String, Value>, HuntError> {
        let names = || self.parameters.iter().map(|parameter| parameter.name.as_str());
        if let Some(unknown) = given.keys().find(|name| !names().any(|known| known == name.as_str())) {
            let all = names().collect::<Vec<_>>().join(", ");
            let hint = match wording::nearest(unknown, names()).first() {
                Some(near) => format!("did you mean {near}?"),
                None if all.is_empty() => "it has no parameters".to_owned(),
                None => format!("it has {all}"),
            };
            return Err(HuntError::wrong_hint(format!("hunt '{}' has no parameter '{unknown}'", self.id), hint));
        }
        let value = |parameter: &Parameter| {
            let value = given.get(&parameter.name).or(parameter.default.as_ref());
            let value = value.ok_or_else(|| {
                let message = format!("hunt '{}' needs a value for '{}'", self.id, parameter.name);
                HuntError::wrong_hint(message, format!("-p {}=…: {}", parameter.name, parameter.help))
            })?;
            Ok((parameter.name.clone(), parameter.read(value)?))
        };
        self.parameters.iter().map(value).collect()
    }
}

impl Parameter {
    /// A value as what the parameter is. Text is read, as command lines and forms have nothing else.
    fn read(&self, value: &serde_json::Value) -> Result<Value, HuntError> {
        let text = match value {
            serde_json::Value::String(text) => text.trim().to_owned(),
            serde_json::Value::Null => return Ok(Value::Null),
            other => other.to_string(),
        };
        let read = match self.kind {
            ParameterKind::Text => value.as_str().map(|text| Value::Text(text.to_owned())).or(Some(Value::Text(text))),
            ParameterKind::Integer => text.parse().ok().map(Value::Integer),
            ParameterKind::Number => text.parse().ok().filter(|n: &f64| n.is_finite()).map(Value::Number),
            ParameterKind::Boolean => text.parse().ok().map(Value::Flag),
            ParameterKind::Time => Timestamp::parse_rfc3339(&text).map(Value::Time),
            ParameterKind::Interval => Some(Value::Interval(text)),
        };
        let example = match self.kind {
            ParameterKind::Text => "text",
            ParameterKind::Integer => "a whole number",
            ParameterKind::Number => "a number",
            ParameterKind::Boolean => "true or false",
            ParameterKind::Time => "a time (2026-03-02T10:00:00Z)",
            ParameterKind::Interval => "a span of time (7 days)",
        };
        read.ok_or_else(|| HuntError::wrong(format!("parameter '{}' must be {example}", self.name)))
    }
}

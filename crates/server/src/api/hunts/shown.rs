//! What hunts look like over the API.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vedette_model::Timestamp;
use vedette_store::hunt::{Parameter, ParameterKind, SavedHunt};
use vedette_store::state::Hunt;

/// A saved question.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SavedHunt")]
pub(crate) struct Shown {
    /// Its name when it ships with Vedette, else a stable id.
    pub(crate) id: String,
    /// In a few words.
    pub(crate) title: String,
    /// The question that it answers.
    pub(crate) question: String,
    /// The SQL, with `$name` for each parameter.
    pub(crate) sql: String,
    /// What may be chosen.
    pub(crate) parameters: Vec<HuntParameter>,
    /// OWASP API Security Top 10 2023.
    pub(crate) owasp: Vec<String>,
    /// ATT&CK technique ids.
    pub(crate) attack: Vec<String>,
    /// It ships with Vedette and cannot be changed.
    pub(crate) shipped: bool,
    /// Who saved it.
    pub(crate) owner: Option<String>,
    /// Last change.
    pub(crate) updated_at: Option<Timestamp>,
    /// Counts changes; for `If-Match`.
    pub(crate) version: u64,
}

/// Something to choose.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HuntParameter {
    /// Its name, without `$`.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9_]{0,39}$"))]
    pub(crate) name: String,
    /// What it is.
    #[serde(rename = "type")]
    pub(crate) kind: HuntParameterKind,
    /// Its value when nobody chooses; without one a value must be given.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(crate) default: Value,
    /// What it does, in a fragment.
    #[serde(default)]
    pub(crate) help: String,
}

/// What a parameter is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum HuntParameterKind {
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

/// All saved questions.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SavedHunts {
    /// Those that ship first, then one's own, oldest first.
    pub(crate) items: Vec<Shown>,
}

/// A question to save.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewHunt {
    /// In a few words.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) title: String,
    /// The question that it answers.
    #[serde(default)]
    #[schemars(length(max = 4000))]
    pub(crate) question: String,
    /// The SQL, with `$name` for each parameter.
    #[schemars(length(min = 1, max = 65536))]
    pub(crate) sql: String,
    /// What may be chosen.
    #[serde(default)]
    #[schemars(length(max = 20))]
    pub(crate) parameters: Vec<HuntParameter>,
}

/// A question to ask: `sql`, or the id of a `saved` one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    /// One query: `select`, `with`, `values`, `explain`, `show tables`, `describe`.
    pub(crate) sql: Option<String>,
    /// Id of a saved hunt.
    pub(crate) saved: Option<String>,
    /// Values by name: texts, numbers, booleans.
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, Value>,
    /// Rows of the answer; 10,000 when absent.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(crate) limit: Option<usize>,
    /// Milliseconds that it may take; 30,000 when absent.
    #[schemars(range(min = 1, max = 110_000))]
    pub(crate) timeout_ms: Option<u64>,
}

/// An answer in JSON.
#[derive(Serialize, JsonSchema)]
#[expect(dead_code, reason = "documents what the store writes")]
pub(crate) struct HuntAnswer {
    /// Columns, in order.
    pub(crate) columns: Vec<HuntColumn>,
    /// Rows: values in the order of the columns.
    pub(crate) rows: Vec<Vec<Value>>,
    /// What it took.
    pub(crate) stats: HuntTook,
}

/// A column of an answer.
#[derive(Serialize, JsonSchema)]
pub(crate) struct HuntColumn {
    /// Its name.
    pub(crate) name: String,
    /// What it holds: `text`, `texts`, `integer`, `number`, `flag`, `time`, `day`, …
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

/// What a hunt took.
#[derive(Serialize, JsonSchema)]
#[expect(dead_code, reason = "documents what the store writes")]
pub(crate) struct HuntTook {
    /// Rows of the answer.
    pub(crate) rows: u64,
    /// There were more rows than `limit`.
    pub(crate) truncated: bool,
    /// Milliseconds from being asked to the last row.
    pub(crate) elapsed_ms: u64,
    /// Rows read from tables.
    pub(crate) scanned_rows: u64,
    /// Bytes read from files.
    pub(crate) scanned_bytes: u64,
    /// Bytes written to the spill folder.
    pub(crate) spilled_bytes: u64,
    /// Most bytes of memory that its operators held.
    pub(crate) memory_peak_bytes: u64,
}

/// A hunt that runs or waits.
#[derive(Serialize, JsonSchema)]
pub(crate) struct RunningHunt {
    /// Its number.
    pub(crate) id: u64,
    /// Who asked.
    pub(crate) asked_by: String,
    /// What was asked.
    pub(crate) sql: String,
    /// Milliseconds since.
    pub(crate) age_ms: u64,
}

/// The hunts that run or wait.
#[derive(Serialize, JsonSchema)]
pub(crate) struct RunningHunts {
    /// Oldest first.
    pub(crate) items: Vec<RunningHunt>,
}

/// A table that can be asked.
#[derive(Serialize, JsonSchema)]
pub(crate) struct HuntTable {
    /// Its name in SQL.
    pub(crate) name: &'static str,
    /// What a row is, and where it comes from.
    pub(crate) about: &'static str,
    /// A query that shows what it is good for.
    pub(crate) example: &'static str,
    /// Its columns, in order.
    pub(crate) columns: Vec<HuntTableColumn>,
}

/// A column of a table.
#[derive(Serialize, JsonSchema)]
pub(crate) struct HuntTableColumn {
    /// Its name in SQL.
    pub(crate) name: &'static str,
    /// What it holds.
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    /// What it means, with unit.
    pub(crate) about: &'static str,
}

/// All tables.
#[derive(Serialize, JsonSchema)]
pub(crate) struct HuntTables {
    /// In the order of the reference.
    pub(crate) items: Vec<HuntTable>,
}

impl From<&Parameter> for HuntParameter {
    fn from(parameter: &Parameter) -> Self {
        let kind = match parameter.kind {
            ParameterKind::Text => HuntParameterKind::Text,
            ParameterKind::Integer => HuntParameterKind::Integer,
            ParameterKind::Number => HuntParameterKind::Number,
            ParameterKind::Boolean => HuntParameterKind::Boolean,
            ParameterKind::Time => HuntParameterKind::Time,
            ParameterKind::Interval => HuntParameterKind::Interval,
        };
        let default = parameter.default.clone().unwrap_or_default();
        Self { name: parameter.name.clone(), kind, default, help: parameter.help.clone() }
    }
}

impl From<&HuntParameter> for Parameter {
    fn from(parameter: &HuntParameter) -> Self {
        let kind = match parameter.kind {
            HuntParameterKind::Text => ParameterKind::Text,
            HuntParameterKind::Integer => ParameterKind::Integer,
            HuntParameterKind::Number => ParameterKind::Number,
            HuntParameterKind::Boolean => ParameterKind::Boolean,
            HuntParameterKind::Time => ParameterKind::Time,
            HuntParameterKind::Interval => ParameterKind::Interval,
        };
        let default = Some(parameter.default.clone()).filter(|value| !value.is_null());
        Self { name: parameter.name.clone(), kind, default, help: parameter.help.clone() }
    }
}

impl From<&SavedHunt> for Shown {
    fn from(hunt: &SavedHunt) -> Self {
        Self {
            id: hunt.id.clone(),
            title: hunt.title.clone(),
            question: hunt.question.clone(),
            sql: hunt.sql.clone(),
            parameters: hunt.parameters.iter().map(HuntParameter::from).collect(),
            owasp: hunt.owasp.clone(),
            attack: hunt.attack.clone(),
            shipped: true,
            owner: None,
            updated_at: None,
            version: 0,
        }
    }
}

impl From<&Hunt> for Shown {
    fn from(hunt: &Hunt) -> Self {
        Self {
            id: hunt.id.clone(),
            title: hunt.text.title.clone(),
            question: hunt.text.description.clone(),
            sql: hunt.text.sql.clone(),
            parameters: serde_json::from_str(&hunt.text.parameters).unwrap_or_default(),
            owasp: Vec::new(),
            attack: Vec::new(),
            shipped: false,
            owner: Some(hunt.owner.clone()),
            updated_at: Some(hunt.updated_at),
            version: hunt.version.unsigned_abs(),
        }
    }
}

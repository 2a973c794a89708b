//! `vedette incidents`: detections grouped for a human, worst first, and what people decided about them.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::Value;

use super::items::{self, Column, text};

pub(crate) use super::items::Args;

const COLUMNS: &[Column] = &[
    ("severity", |item| text(item, "severity")),
    // A data folder knows the incidents, a server also what people decided.
    ("state", |item| item.get("triage").map(|triage| text(triage, "state")).unwrap_or_default()),
    ("verdict", |item| item.get("triage").map(|triage| text(triage, "verdict")).unwrap_or_default()),
    ("detections", |item| item.get("detections").and_then(Value::as_array).map_or(0, Vec::len).to_string()),
    ("id", |item| text(item, "id")),
    ("title", |item| text(item, "title")),
];

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    items::run(args, "incidents", COLUMNS)
}

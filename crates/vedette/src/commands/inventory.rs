//! `vedette inventory`: the endpoints that are known, riskiest first.

use std::process::ExitCode;

use anyhow::Result;

use super::items::{self, Column, text, texts};

pub(crate) use super::items::Args;

const COLUMNS: &[Column] = &[
    ("risk", |item| item.get("risk").map(|risk| text(risk, "score")).unwrap_or_default()),
    ("exchanges", |item| text(item, "exchanges")),
    ("authentication", |item| texts(item, "authentication")),
    ("id", |item| text(item, "id")),
    ("service", |item| text(item, "service")),
    ("endpoint", |item| format!("{} {}", text(item, "method"), text(item, "template"))),
];

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    items::run(args, "endpoints", COLUMNS)
}

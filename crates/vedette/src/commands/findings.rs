//! `vedette findings`: what is wrong, worst first, and what people decided about it.

use std::process::ExitCode;

use anyhow::Result;

use super::items::{self, Column, text};

pub(crate) use super::items::Args;

const COLUMNS: &[Column] = &[
    ("severity", |item| text(item, "severity")),
    // A data folder knows the findings, a server also what people decided.
    ("state", |item| item.get("triage").map(|triage| text(triage, "state")).unwrap_or_default()),
    ("id", |item| text(item, "id")),
    ("kind", |item| text(item, "kind")),
    ("service", |item| text(item, "service")),
    ("place", |item| text(item, "place")),
    ("title", |item| text(item, "title")),
];

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    items::run(args, "findings", COLUMNS)
}

//! `vedette actors`: the most active callers, and what people decided about them.

use std::process::ExitCode;

use anyhow::Result;

use super::items::{self, Column, text};

pub(crate) use super::items::Args;

const COLUMNS: &[Column] = &[
    ("exchanges", |item| text(item, "exchanges")),
    ("errors", |item| text(item, "errors")),
    ("endpoints", |item| text(item, "endpoints")),
    ("kind", |item| text(item, "kind")),
    // A data folder knows the actors, a server also what people decided.
    ("state", |item| item.get("triage").map(|triage| text(triage, "state")).unwrap_or_default()),
    ("last seen", |item| text(item, "last_seen")),
    ("id", |item| text(item, "id")),
    ("agent", |item| text(item, "agent")),
];

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    items::run(args, "actors", COLUMNS)
}

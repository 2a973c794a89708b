//! `vedette sources`: where exchanges come from, and how each source does.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::Value;

use super::items::{self, Column, text};

pub(crate) use super::items::Args;

const COLUMNS: &[Column] = &[
    // A server counts what is accepted and refused, a data folder what was read.
    ("accepted", |item| either(item, "accepted", "exchanges")),
    ("refused", |item| either(item, "refused", "unreadable")),
    ("last", |item| either(item, "last_received_at", "last_seen")),
    ("format", |item| text(item, "format")),
    ("source", |item| either(item, "id", "name")),
];

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    items::run(args, "sources", COLUMNS)
}

fn either(item: &Value, first: &str, second: &str) -> String {
    if item.get(first).is_some() { text(item, first) } else { text(item, second) }
}

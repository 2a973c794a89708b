//! What changed between two specifications: what breaks callers, what touches security, and the rest.
//!
//! Operations are matched by method and by their path without the names of parameters. A change is breaking when a
//! call that was right becomes wrong, or an answer may hold what a caller could not expect; it is security-relevant when
//! authentication, transport or a bound of the input becomes weaker, or data of a sensitive class appears.

mod operations;
mod schemas;

use serde::Serialize;
use vedette_parse::spec::Spec;

/// What a change means for those who depend on the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Right calls become wrong, or answers become unexpected.
    Breaking,
    /// Protection becomes weaker.
    Security,
    /// Everything that worked goes on working.
    Compatible,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// What it means.
    pub level: Level,
    /// `METHOD /path`; empty for the whole document.
    pub operation: String,
    /// Kind (`operation-removed`).
    pub kind: &'static str,
    /// What changed, in a sentence without a period.
    pub text: String,
    /// Line in the old file, from 1, when the operation is in it.
    pub old_line: Option<usize>,
    /// Line in the new file.
    pub new_line: Option<usize>,
}

/// All changes, breaking and security-relevant ones first.
pub fn diff(old: &Spec, new: &Spec) -> Vec<Change> {
    let mut changes = Vec::new();
    operations::compare(old, new, &mut changes);
    changes.sort();
    changes.dedup();
    changes
}

/// A path without the names of its parameters.
fn shape(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut inside = false;
    for c in path.trim_end_matches('/').chars() {
        match c {
            '{' => inside = true,
            '}' => inside = false,
            _ if inside => continue,
            _ => {}
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests;

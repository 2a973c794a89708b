//! The smallest change to a user's own specification (YAML) that makes it describe what was observed.
//!
//! Only lines are added, where the thing belongs and with the indentation around it; comments, order and style stay.
//! What has no block to be added to (flow style, another file) is named instead. The outcome is read again: a patch
//! that does not parse is never given.

mod additions;
mod lines;

use vedette_model::results::Results;
use vedette_parse::spec::{self, Spec};

use additions::Addition;

/// A proposed change.
#[derive(Debug, Default)]
pub struct Patch {
    /// The whole new text.
    pub text: String,
    /// The change as a unified diff; empty when nothing is to be added.
    pub diff: String,
    /// What is added, a line each.
    pub added: Vec<String>,
    /// What could not be placed, with the reason.
    pub skipped: Vec<String>,
}

/// Proposes a patch of `spec`, whose file holds `text`, from results that were compared with it.
///
/// # Errors
/// When the specification cannot be patched: not OpenAPI 3, or JSON.
pub fn patch(results: &Results, spec: &Spec, text: &str) -> Result<Patch, String> {
    if !spec.dialect.starts_with("OpenAPI 3") {
        return Err(format!("only OpenAPI 3 can be patched, this is {}", spec.dialect));
    }
    if text.trim_start().starts_with('{') {
        return Err("only YAML can be patched line by line, this is JSON".to_owned());
    }
    let mut patch = Patch::default();
    let wanted = additions::of(results, spec);
    let mut insertions = lines::Insertions::new(text);
    for Addition { what, places } in wanted {
        match insertions.add(&places) {
            Ok(()) => patch.added.push(what),
            Err(reason) => patch.skipped.push(format!("{what}: {reason}")),
        }
    }
    (patch.text, patch.diff) = insertions.apply(&spec.file);
    match spec::read(&spec.file, &patch.text, &mut |_| Err("not looked at".to_owned())) {
        Ok(_) => Ok(patch),
        Err(error) => Err(format!("the patched text would not parse, nothing was changed: {error}")),
    }
}

#[cfg(test)]
mod tests;

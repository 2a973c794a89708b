//! JSON Schemas of the formats at the border, made from the types.

use std::path::Path;

use anyhow::Result;
use vedette_model::results::Results;

/// The schema of the results document.
pub(super) fn results(_: &Path) -> Result<String> {
    pretty(&schemars::schema_for!(Results))
}

/// The schema of one exchange of a stream.
pub(super) fn exchange(_: &Path) -> Result<String> {
    pretty(&vedette_model::har::exchange_schema())
}

fn pretty(schema: &schemars::Schema) -> Result<String> {
    let mut text = serde_json::to_string_pretty(schema)?;
    text.push('\n');
    Ok(text)
}

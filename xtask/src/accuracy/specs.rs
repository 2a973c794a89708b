//! Specifications of many providers through the reader, and the JSON Schema suite through the validator in use.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;
use vedette_engine::conformance::accepts;
use vedette_parse::spec;

use super::Shared;
use crate::product::{Product, unpack};
use crate::table::{Table, percent, verdict};

/// Files of the suite that are named when a test of them goes wrong.
const NAMED_MAX: usize = 20;

pub(super) fn measure(product: &Product, shared: &Shared) -> Result<Vec<Table>> {
    Ok(vec![documents(product, shared)?, suite(product, shared)?])
}

/// Reads every document; each must give a specification or an error with its place.
fn documents(product: &Product, shared: &Shared) -> Result<Table> {
    let folder = product.scratch.join("openapi-specs");
    unpack(&shared.data.join("specs/openapi-specs.tar.gz"), &folder)?;
    let mut table = Table::new(
        "Specifications read",
        "OpenAPI documents of many providers. *read* has operations; *refused* ends with an error that names line and \
         column; a *remark* is a part that could not be understood while the rest is used.",
        &["documents", "read", "operations", "with remarks", "refused with a place", "refused without", "verdict"],
    );
    let (mut read, mut operations, mut remarked, mut placed, mut lost) = (0, 0, 0, 0, 0);
    let files = files(&folder)?;
    for file in &files {
        let text = std::fs::read_to_string(file)?;
        let dir = file.parent().unwrap_or(&folder).to_owned();
        let mut fetch = |name: &str| std::fs::read_to_string(dir.join(name)).map_err(|error| error.to_string());
        match spec::read(&file.display().to_string(), &text, &mut fetch) {
            Ok(spec) => {
                read += 1;
                operations += spec.operations.len();
                remarked += usize::from(!spec.problems.is_empty());
            }
            Err(error) if error.line > 0 => {
                placed += 1;
                table.notes.push(format!("refused: {}", error.message));
            }
            Err(_) => lost += 1,
        }
    }
    table.row([
        files.len().to_string(),
        read.to_string(),
        operations.to_string(),
        remarked.to_string(),
        placed.to_string(),
        lost.to_string(),
        verdict(lost == 0 && read + placed == files.len()),
    ]);
    Ok(table)
}

/// All files below a folder, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { out.push(path) }
        }
    }
    out.sort();
    Ok(out)
}

/// The required tests of draft 2020-12. References to other documents are not followed by design.
fn suite(product: &Product, shared: &Shared) -> Result<Table> {
    let folder = product.scratch.join("json-schema");
    unpack(&shared.data.join("robustness/json-schema.tar.gz"), &folder)?;
    let mut table = Table::new(
        "JSON Schema suite",
        "The tests of draft 2020-12 through the validator that judges bodies. Vedette never fetches a schema, so \
         references to other documents cannot be followed: their tests are counted apart.",
        &["tests", "count", "as expected", "schema not compiled"],
    );
    let mut counts = [[0_usize; 3]; 3];
    let mut wrong: Vec<String> = Vec::new();
    for file in files(&folder.join("json-schema/tests/draft2020-12"))? {
        let optional = file.components().any(|part| part.as_os_str() == "optional");
        let cases: Value = serde_json::from_slice(&std::fs::read(&file)?)?;
        for case in cases.as_array().context("a file of tests is no list")? {
            let schema = case.get("schema").unwrap_or(&Value::Null);
            let kind = if is_remote(schema) { 1 } else { 2 * usize::from(optional) };
            for test in case.get("tests").and_then(Value::as_array).into_iter().flatten() {
                let expected = test.get("valid").and_then(Value::as_bool);
                let judged = accepts(schema, test.get("data").unwrap_or(&Value::Null));
                let Some([all, right, unread]) = counts.get_mut(kind) else { continue };
                *all += 1;
                *right += usize::from(judged == expected);
                *unread += usize::from(judged.is_none());
                if kind == 0 && judged != expected {
                    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                    if !wrong.contains(&name) {
                        wrong.push(name);
                    }
                }
            }
        }
    }
    for (name, [all, right, unread]) in
        ["required, one document", "required, other documents", "optional"].iter().zip(counts)
    {
        table.row([
            (*name).to_owned(),
            all.to_string(),
            format!("{right} ({})", percent(right, all)),
            unread.to_string(),
        ]);
    }
    if !wrong.is_empty() {
        wrong.truncate(NAMED_MAX);
        table.notes.push(format!("not as expected in: {}", wrong.join(", ")));
    }
    Ok(table)
}

/// True when a schema refers to another document, by an absolute address that it does not define itself.
fn is_remote(schema: &Value) -> bool {
    let text = schema.to_string();
    text.contains("\"$ref\":\"http")
        || text.contains("localhost:1234")
        || text.contains("\"$schema\":\"http://localhost")
}

//! Specifications as commands take them: files, folders, and the files that they refer to.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use vedette_model::Diagnostic;
use vedette_model::limits::{FILES_MAX, SPEC_BYTES_MAX};
use vedette_parse::spec::{self, Spec};

use super::Hinted;

/// Problems of one file that are printed; the report has all.
const PROBLEMS_SHOWN: usize = 5;

/// Reads specifications; of a folder, those of its files that are one. What could not be understood of them goes to
/// standard error.
pub(crate) fn read_all(paths: &[PathBuf]) -> Result<Vec<Spec>> {
    let mut specs = Vec::new();
    for path in paths {
        if path.is_dir() {
            let found = folder(path)?;
            if found.is_empty() {
                bail!(Hinted::new(
                    format!("no specification in {}", path.display()),
                    "OpenAPI 2.0 to 3.2 and Postman collections are read, in .json, .yaml and .yml files",
                ));
            }
            specs.extend(found);
        } else {
            specs.push(read(path)?.0);
        }
    }
    for spec in &specs {
        note_problems(&spec.file, &spec.problems)?;
    }
    Ok(specs)
}

/// Says on standard error what could not be understood of a file.
pub(crate) fn note_problems(file: &str, problems: &[Diagnostic]) -> Result<()> {
    for problem in problems.iter().take(PROBLEMS_SHOWN) {
        writeln!(io::stderr(), "note: {problem}")?;
    }
    if let Some(more) = problems.len().checked_sub(PROBLEMS_SHOWN + 1) {
        writeln!(io::stderr(), "note: {file}: {} more problems", more + 1)?;
    }
    Ok(())
}

/// Reads one specification, and gives its text too.
pub(crate) fn read(path: &Path) -> Result<(Spec, String)> {
    let text = text(path)?;
    let dir = path.parent().unwrap_or(Path::new("")).to_owned();
    let mut fetch = |file: &str| self::text(&dir.join(file)).map_err(|error| format!("{error:#}"));
    let spec = spec::read(&path.display().to_string(), &text, &mut fetch).map_err(|error| anyhow!("{error}"))?;
    Ok((spec, text))
}

/// The text of a file, within its bound.
pub(crate) fn text(path: &Path) -> Result<String> {
    let reading = || format!("reading {}", path.display());
    let meta = fs::metadata(path).with_context(reading)?;
    if !meta.is_file() {
        bail!("{} is no file", path.display());
    }
    if meta.len() > SPEC_BYTES_MAX {
        bail!("{} has {} bytes; at most {SPEC_BYTES_MAX} are read", path.display(), meta.len());
    }
    let bytes = fs::read(path).with_context(reading)?;
    String::from_utf8(bytes).map_err(|_| anyhow!("{} is not UTF-8 text", path.display()))
}

fn folder(dir: &Path) -> Result<Vec<Spec>> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir)
        .with_context(|| format!("reading {}", dir.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| matches!(path.extension().and_then(|e| e.to_str()), Some("json" | "yaml" | "yml")))
        .take(FILES_MAX)
        .collect();
    files.sort_unstable();
    let mut specs = Vec::new();
    for file in files {
        if spec::is_spec(&text(&file)?) {
            specs.push(read(&file)?.0);
        }
    }
    Ok(specs)
}

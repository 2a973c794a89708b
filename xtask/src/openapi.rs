//! Exported OpenAPI documents in front of a strict judge that is not ours: `openapi-spec-validator` from PyPI.
//!
//! It is brought into a virtual environment below the target folder. Without Python or PyPI the check says that it was
//! not made and passes: a machine without network must be able to build.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::ci::{check, debug_binary, target};

/// The judge, pinned so that a new release of it breaks nothing by itself.
const JUDGE: &str = "openapi-spec-validator==0.9.0";

/// Exports the bundled sample and has every document judged.
pub(crate) fn run(root: &Path) -> Result<()> {
    let target = target(root);
    let Some(judge) = judge(&target) else {
        println!("Python or PyPI is not there: exported OpenAPI documents were NOT judged");
        return Ok(());
    };
    let out = target.join("xtask/openapi");
    let _ = std::fs::remove_dir_all(&out);
    let sample = root.join("samples/harbor/traffic.har.ndjson.gz");
    let mut export = Command::new(debug_binary(root)?);
    check(export.args(["openapi", "export"]).arg(&sample).arg("--out").arg(&out))?;
    let mut documents: Vec<PathBuf> =
        std::fs::read_dir(&out)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    documents.sort();
    if documents.is_empty() {
        bail!("nothing was exported from {}", sample.display());
    }
    check(Command::new(judge).args(&documents)).context("the judge refuses an exported document")
}

fn judge(target: &Path) -> Option<PathBuf> {
    let environment = target.join("xtask/python");
    let program = environment.join("bin/openapi-spec-validator");
    if program.exists() {
        return Some(program);
    }
    let quiet = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
    let made = quiet(Command::new("python3").args(["-m", "venv"]).arg(&environment))
        && quiet(Command::new(environment.join("bin/pip")).args(["install", "--quiet", JUDGE]));
    (made && program.exists()).then_some(program)
}

//! Our own API in front of a judge that is not ours: `schemathesis` from PyPI makes requests from the OpenAPI document,
//! right ones and wrong ones, and says where the server answers with an error of its own or with what the document does
//! not have.
//!
//! Without Python or PyPI the check says that it was not made and passes: a machine without network must be able to build.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::ci::{check, debug_binary, target};

/// The judge, pinned so that a new release of it breaks nothing by itself.
const JUDGE: &str = "schemathesis==4.32.5";

/// Starts the server on sample traffic and has its API judged.
pub(crate) fn run(root: &Path) -> Result<()> {
    let target = target(root);
    let Some(python) = python(&target) else {
        println!("Python or PyPI is not there: the API was NOT judged by schemathesis");
        return Ok(());
    };
    let vedette = debug_binary(root)?;
    let scratch = target.join("xtask/contract");
    let _ = std::fs::remove_dir_all(&scratch);
    std::fs::create_dir_all(&scratch)?;
    let mut judge = Command::new(python);
    judge
        .arg(root.join("xtask/src/contract/judge.py"))
        .arg(vedette)
        .arg(root.join("samples/harbor/traffic.har.ndjson.gz"))
        .arg(&scratch);
    check(judge.current_dir(&scratch)).context("schemathesis found what the document does not have")
}

/// Python with the judge in it; brought into a virtual environment of its own below the target folder.
fn python(target: &Path) -> Option<PathBuf> {
    let environment = target.join("xtask/schemathesis");
    let (python, program) = (environment.join("bin/python"), environment.join("bin/schemathesis"));
    if program.exists() {
        return Some(python);
    }
    let quiet = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
    let made = quiet(Command::new("python3").args(["-m", "venv"]).arg(&environment))
        && quiet(Command::new(environment.join("bin/pip")).args(["install", "--quiet", JUDGE]));
    (made && program.exists()).then_some(python)
}

//! SARIF documents in front of a judge that is not ours: Microsoft's SARIF Multitool from the npm registry, which holds
//! the schema of SARIF 2.1.0.
//!
//! It is brought into a folder below the target folder. On other systems than Linux on x86-64, or without npm, the
//! check says that it was not made and passes.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::ci::{check, debug_binary, output, target};

/// The judge, pinned so that a new release of it breaks nothing by itself.
const JUDGE: &str = "@microsoft/sarif-multitool-linux@5.7.0";

/// Writes findings of traffic, of a gateway and of a specification, and has each document judged.
pub(crate) fn run(root: &Path) -> Result<()> {
    let target = target(root);
    let folder = target.join("xtask/sarif");
    let Some(judge) = judge(root, &folder) else {
        println!("npm or Linux on x86-64 is not there: SARIF documents were NOT judged");
        return Ok(());
    };
    let vedette = debug_binary(root)?;
    let gateway = root.join("crates/engine/tests/gateways/nginx-bad/nginx.conf");
    let sample = root.join("samples/harbor/traffic.har.ndjson.gz");
    let analyzed = folder.join("analyzed.sarif");
    let mut analyze = Command::new(&vedette);
    analyze.arg("analyze").arg(sample).arg("--gateway").arg(gateway).arg("--sarif").arg(&analyzed);
    output(&mut analyze)?;
    let specification = folder.join("shop.yaml");
    std::fs::write(
        &specification,
        "openapi: 3.1.0\ninfo: {title: S, version: '1'}\npaths: {/a: {get: {responses: {}}}}\n",
    )?;
    let audited = folder.join("audited.sarif");
    let mut audit = Command::new(&vedette);
    output(audit.args(["openapi", "audit"]).arg(&specification).arg("--sarif").arg(&audited))?;
    for document in [analyzed, audited] {
        judged(&judge, &document)?;
    }
    Ok(())
}

/// It says errors in words and exits with 0 all the same.
fn judged(judge: &Path, document: &Path) -> Result<()> {
    let mut command = Command::new(judge);
    // Without a library for languages it speaks English.
    command.arg("validate").arg(document).env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
    let said = String::from_utf8_lossy(&output(&mut command)?).into_owned();
    let errors: Vec<&str> = said.lines().filter(|line| line.contains("): error ")).collect();
    if !errors.is_empty() || !said.contains("1 files scanned") {
        bail!("the judge refuses {}: {said}", document.display());
    }
    println!("{}: valid SARIF 2.1.0", document.file_name().unwrap_or_default().display());
    Ok(())
}

fn judge(root: &Path, folder: &Path) -> Option<PathBuf> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return None;
    }
    let program = folder.join("node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool");
    if !program.exists() {
        std::fs::create_dir_all(folder).ok()?;
        let line = format!(
            ". scripts/node; npm install --silent --no-audit --no-fund --no-save --prefix '{}' '{JUDGE}' && chmod +x '{}'",
            folder.display(),
            program.display()
        );
        check(Command::new("bash").args(["-c", &line]).current_dir(root)).ok()?;
    }
    program.exists().then_some(program)
}

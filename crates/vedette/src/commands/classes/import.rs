//! `vedette classes import`: definitions that a team already has, as data classes.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use serde_json::{Value, json};
use vedette_model::limits::CLASS_FILE_BYTES_MAX;
use vedette_parse::classes::Classifier;
use vedette_parse::classes::import::{self, Imported, Remark};

use super::super::Hinted;
use super::super::traffic::read_config;
use crate::output::write_file;

/// Arguments of `vedette classes import`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// gitleaks rules (TOML), Presidio recognizers (YAML) or Microsoft Purview rule packages (XML), recognized by their
    /// content.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// File to write the classes to, for --classes [default: standard output].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Sensitivity level of the classes [default: secret for gitleaks rules, personal for the others].
    #[arg(long, value_name = "LEVEL")]
    level: Option<String>,

    /// Print what was carried over as one JSON document instead of words.
    #[arg(long, requires = "out")]
    json: bool,
}

/// Runs the command. Exit codes: 0 done, 2 error.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let mut files: Vec<(String, Imported)> = Vec::new();
    for path in &args.files {
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let imported = Imported::read(&path.display().to_string(), &read_config(path)?, args.level.as_deref());
        files.push((name, imported.map_err(|error| anyhow!("{error}"))?));
    }
    let classes: usize = files.iter().map(|(_, imported)| imported.class_count()).sum();
    if classes == 0 {
        report(&files, &mut io::stderr().lock())?;
        bail!(Hinted::new(
            "no definition could be carried over",
            "the reasons are above; `vedette classify --list` shows what is known already"
        ));
    }
    let yaml = import::yaml(&files);
    check(&yaml, args.out.as_deref())?;
    match &args.out {
        Some(path) => write_file(path, |out| Ok(out.write_all(yaml.as_bytes())?))?,
        None => io::stdout().lock().write_all(yaml.as_bytes())?,
    }
    if args.json {
        writeln!(io::stdout(), "{}", document(&files))?;
    } else {
        report(&files, &mut io::stderr().lock())?;
        if let Some(path) = &args.out {
            let noun = if classes == 1 { "class" } else { "classes" };
            writeln!(io::stderr(), "wrote {classes} {noun} to {}", path.display())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What was written must be read whole, and load.
fn check(yaml: &str, out: Option<&Path>) -> Result<()> {
    if yaml.len() as u64 > CLASS_FILE_BYTES_MAX {
        bail!(Hinted::new(
            format!(
                "the classes take {} bytes, of which {CLASS_FILE_BYTES_MAX} are read; nothing was written",
                yaml.len()
            ),
            "import the files one by one",
        ));
    }
    let name = out.map_or_else(|| "classes.yaml".to_owned(), |path| path.display().to_string());
    let Err(diagnostics) = Classifier::with_custom(&name, yaml) else { return Ok(()) };
    let all: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
    bail!(Hinted::new(
        format!("the classes do not load together, nothing was written: {}", all.join("; ")),
        "import the files one by one, and check --level",
    ))
}

fn report(files: &[(String, Imported)], out: &mut impl Write) -> io::Result<()> {
    for (file, imported) in files {
        let (whole, skipped) = (imported.class_count(), imported.skipped.len());
        writeln!(out, "{file}: {}: {whole} carried over, {skipped} not", imported.kind.name())?;
        remarks(out, "not exactly", &imported.differing)?;
        remarks(out, "not carried over", &imported.skipped)?;
    }
    Ok(())
}

fn remarks(out: &mut impl Write, title: &str, remarks: &[Remark]) -> io::Result<()> {
    for Remark { name, line, text } in remarks {
        writeln!(out, "  {title}: {name} (line {line}): {text}")?;
    }
    Ok(())
}

fn document(files: &[(String, Imported)]) -> Value {
    let list = |remarks: &[Remark]| -> Vec<Value> {
        remarks.iter().map(|one| json!({"name": one.name, "line": one.line, "reason": one.text})).collect()
    };
    let files = files.iter().map(|(file, imported)| {
        json!({
            "file": file,
            "kind": imported.kind.name(),
            "classes": imported.class_count(),
            "not_exactly": list(&imported.differing),
            "not_carried_over": list(&imported.skipped),
        })
    });
    json!({"files": files.collect::<Vec<_>>()})
}

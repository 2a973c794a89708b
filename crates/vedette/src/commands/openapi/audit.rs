//! `vedette openapi audit`: specifications alone.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use vedette_engine::audit::audit;
use vedette_model::results::{FORMAT_VERSION, Results, Spec};

use super::super::gate::Gate;
use super::super::listing;
use super::super::specs;
use super::super::traffic::classifier;
use crate::output;
use crate::output::page::{Page, Style};

/// Arguments of `vedette openapi audit`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// OpenAPI 2.0 to 3.2 documents, JSON or YAML.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Print every place of a finding instead of the first three.
    #[arg(long)]
    all: bool,

    /// Print a results document instead of the list.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    gate: Gate,
}

/// Runs the command. Exit codes: 0 done, 1 `--fail-on` was met, 2 error.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let classifier = classifier(None)?;
    let mut results = Results { version: FORMAT_VERSION.to_owned(), ..Results::default() };
    env!("CARGO_PKG_VERSION").clone_into(&mut results.vedette);
    for file in &args.files {
        let (spec, text) = specs::read(file)?;
        results.findings.extend(audit(&spec, &text, &classifier));
        results.specs.push(Spec {
            file: spec.file.clone(),
            dialect: spec.dialect.clone(),
            title: spec.title.clone(),
            version: spec.version.clone(),
            operations: spec.operations.len() as u64,
            problems: spec.problems.iter().map(ToString::to_string).collect(),
            ..Spec::default()
        });
    }
    results.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    args.gate.write(&results)?;
    let mut out = io::stdout().lock();
    if args.json {
        output::json(&results, &mut out, io::stdout().is_terminal())?;
    } else {
        let mut page = Page::new(output::terminal_width(), output::wants_color());
        describe(&results, args.all, &mut page);
        out.write_all(page.text().as_bytes())?;
    }
    Ok(ExitCode::from(u8::from(args.gate.is_closed(&results))))
}

fn describe(results: &Results, all: bool, page: &mut Page) {
    for spec in &results.specs {
        let name = format!("{} {}", spec.title, spec.version);
        let count = output::page::plural(spec.operations, "operation");
        page.line(&[(&spec.file, Style::Bold), (&format!("  {} · {name} · {count}", spec.dialect), Style::Plain)]);
        for problem in &spec.problems {
            page.paragraph(("  not understood  ", Style::Warning), problem, 2);
        }
    }
    listing::findings(results, all, page);
}

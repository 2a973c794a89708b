//! `vedette openapi diff`: two specifications, or two analyses.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use vedette_engine::diff::{Change, Level, diff};
use vedette_engine::openapi;
use vedette_model::results::Results;
use vedette_parse::spec::{self, Spec};

use super::super::{Hinted, specs};
use crate::output::page::{Page, Style};
use crate::output::{self, write_file};

/// Arguments of `vedette openapi diff`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The specification or results.json before.
    #[arg(value_name = "OLD")]
    old: PathBuf,

    /// The one after; of the same kind, or an analysis against a specification.
    #[arg(value_name = "NEW")]
    new: PathBuf,

    /// Print the changes as JSON.
    #[arg(long)]
    json: bool,

    /// Write the changes in Markdown, for a pull request.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,

    /// Exit with 1 when there is such a change.
    #[arg(long, value_name = "LEVEL", value_enum)]
    fail_on: Option<Gate>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Gate {
    /// Changes that break callers.
    Breaking,
    /// Changes that break callers or weaken security.
    Security,
    /// Any change.
    Any,
}

/// Runs the command. Exit codes: 0 done, 1 `--fail-on` was met, 2 error.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let (old, new) = (documents(&args.old)?, documents(&args.new)?);
    let mut changes = Vec::new();
    if let ([(_, one)], [(_, other)]) = (old.as_slice(), new.as_slice()) {
        changes = diff(one, other);
    } else {
        // Services of an analysis by their names; one that is only there once is an empty document there.
        let nothing = Spec::default();
        let of = |all: &[(String, Spec)], name: &str| all.iter().position(|(known, _)| known == name);
        let mut names: Vec<&String> = old.iter().chain(&new).map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let one = of(&old, name).and_then(|at| old.get(at)).map_or(&nothing, |(_, spec)| spec);
            let other = of(&new, name).and_then(|at| new.get(at)).map_or(&nothing, |(_, spec)| spec);
            changes.extend(diff(one, other).into_iter().map(|mut change| {
                change.operation = format!("{name} {}", change.operation);
                change
            }));
        }
        changes.sort();
    }
    if let Some(path) = &args.markdown {
        write_file(path, |out| Ok(out.write_all(markdown(&changes).as_bytes())?))?;
    }
    let mut out = io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &changes)?;
        writeln!(out)?;
    } else {
        let mut page = Page::new(output::terminal_width(), output::wants_color());
        describe(&changes, &mut page);
        out.write_all(page.text().trim_start().as_bytes())?;
    }
    let has = |level: Level| changes.iter().any(|change| change.level == level);
    let failed = match args.fail_on {
        None => false,
        Some(Gate::Breaking) => has(Level::Breaking),
        Some(Gate::Security) => has(Level::Breaking) || has(Level::Security),
        Some(Gate::Any) => !changes.is_empty(),
    };
    Ok(ExitCode::from(u8::from(failed)))
}

/// A specification, or what an analysis learned of each service as one.
fn documents(path: &Path) -> Result<Vec<(String, Spec)>> {
    let text = specs::text(path)?;
    let Ok(results) = serde_json::from_str::<Results>(&text) else {
        let (spec, _) = specs::read(path)?;
        return Ok(vec![(spec.title.clone(), spec)]);
    };
    let mut documents = Vec::new();
    for service in &results.services {
        let Some(document) = openapi::export(&results, service) else { continue };
        let text = serde_json::to_string(&document).context("writing what was learned")?;
        let name = format!("{}#{}", path.display(), service.name);
        let spec = spec::read(&name, &text, &mut |_| Err(String::new())).map_err(|error| anyhow!("{error}"))?;
        documents.push((service.name.clone(), spec));
    }
    if documents.is_empty() {
        bail!(Hinted::new(format!("{} has no API endpoint", path.display()), "analyze traffic of an API"));
    }
    Ok(documents)
}

const LEVELS: [(Level, &str, Style); 3] = [
    (Level::Breaking, "Breaks callers", Style::Warning),
    (Level::Security, "Weakens security", Style::Warning),
    (Level::Compatible, "Compatible", Style::Dim),
];

fn describe(changes: &[Change], page: &mut Page) {
    if changes.is_empty() {
        page.line(&[("no change", Style::Plain)]);
    }
    for (level, title, style) in LEVELS {
        let of_level: Vec<&Change> = changes.iter().filter(|change| change.level == level).collect();
        if !of_level.is_empty() {
            page.title(&format!("{title} ({})", of_level.len()));
        }
        let mut operation = None;
        for change in of_level {
            if operation != Some(&change.operation) {
                let line = change.new_line.or(change.old_line).map_or(String::new(), |line| format!("  line {line}"));
                let name = if change.operation.is_empty() { "the document" } else { &change.operation };
                page.line(&[("  ", Style::Plain), (name, Style::Bold), (&line, Style::Dim)]);
                operation = Some(&change.operation);
            }
            page.paragraph(("    - ", style), &change.text, 2);
        }
    }
}

fn markdown(changes: &[Change]) -> String {
    let mut out = String::from("# API changes\n");
    if changes.is_empty() {
        out.push_str("\nNone.\n");
    }
    for (level, title, _) in LEVELS {
        let of_level: Vec<&Change> = changes.iter().filter(|change| change.level == level).collect();
        if of_level.is_empty() {
            continue;
        }
        let _ = write!(out, "\n## {title} ({})\n\n", of_level.len());
        for change in of_level {
            let name = if change.operation.is_empty() { "document" } else { &change.operation };
            let _ = writeln!(out, "- `{}`: {}", name.replace('`', "'"), change.text.replace(['<', '|'], " "));
        }
    }
    out
}

//! `vedette openapi check`: traffic against specifications.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Result, bail};
use vedette_model::results::{Endpoint, Operation, Results};

use super::super::Hinted;
use super::super::gate::Gate;
use super::super::traffic::{Traffic, list_formats, nothing_read};
use crate::output;
use crate::output::page::{Page, Style, plural};

/// Findings that compare with a specification.
const KINDS: &[&str] =
    &["shadow-endpoint", "orphan-operation", "spec-drift", "undocumented-parameter", "zombie-endpoint"];

/// Lines of a list that are printed without `--all`.
const SHOWN: usize = 10;

/// Arguments of `vedette openapi check`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    traffic: Traffic,

    /// Print every operation and every difference.
    #[arg(long)]
    all: bool,

    /// Print the results document, with only what concerns the specifications, instead of the lists.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    gate: Gate,
}

/// Runs the command. Exit codes: 0 done, 1 `--fail-on` was met, 2 error.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    if args.traffic.asks_for_formats() {
        return list_formats();
    }
    if args.traffic.spec.is_empty() {
        bail!(Hinted::new("no specification to compare with", "name one with --spec FILE; several may be given"));
    }
    let mut results = args.traffic.prepare()?.learn()?;
    if results.stats.exchanges == 0 {
        bail!(nothing_read(&results));
    }
    results.findings.retain(|finding| KINDS.contains(&finding.kind.as_str()));
    args.gate.write(&results)?;
    let mut out = io::stdout().lock();
    if args.json {
        output::json(&results, &mut out, io::stdout().is_terminal())?;
    } else {
        let mut page = Page::new(output::terminal_width(), output::wants_color());
        describe(&results, if args.all { usize::MAX } else { SHOWN }, &mut page);
        out.write_all(page.text().as_bytes())?;
    }
    Ok(ExitCode::from(u8::from(args.gate.is_closed(&results))))
}

fn describe(results: &Results, most: usize, page: &mut Page) {
    for spec in &results.specs {
        let conform =
            spec.conforming.map_or(String::new(), |share| format!(" · {} of exchanges conform", percent(share)));
        let met = format!("  {} of {} met{conform}", spec.observed, plural(spec.operations, "operation"));
        page.line(&[(&spec.file, Style::Bold), (&met, Style::Plain)]);
        if spec.services.is_empty() {
            page.line(&[("  no service of the traffic is its: its servers have other names", Style::Warning)]);
        }
        // What was not understood while reading was said then.
        for problem in spec.problems.iter().filter(|problem| problem.contains("cannot be used")).take(most) {
            page.paragraph(("  remark  ", Style::Warning), problem, 2);
        }
    }
    let mut drifting: Vec<(&Endpoint, &Operation)> = results
        .endpoints
        .iter()
        .filter_map(|endpoint| Some((endpoint, endpoint.operation.as_ref()?)))
        .filter(|(_, operation)| !operation.violations.is_empty())
        .collect();
    drifting.sort_by(|a, b| a.1.conforming.total_cmp(&b.1.conforming).then(b.0.exchanges.cmp(&a.0.exchanges)));
    if !drifting.is_empty() {
        page.title(&format!("Differs from its declaration ({})", drifting.len()));
    }
    for (endpoint, operation) in drifting.iter().take(most) {
        let place = operation.line.map_or(String::new(), |line| at_line(&operation.spec, line));
        let head = format!("  {:>5}  {} {}", percent(operation.conforming), endpoint.method, endpoint.template);
        page.line(&[(&head, Style::Bold), (&place, Style::Dim)]);
        for one in operation.violations.iter().take(if most == SHOWN { 3 } else { most }) {
            let at = one.evidence.first().map_or(String::new(), |first| format!(", exchange {}", first.exchange));
            let text = format!("{} at {}: {} ({}{at})", one.kind, one.place, one.text, percent(one.share));
            page.paragraph(("         ", Style::Plain), &text, 2);
        }
    }
    more(drifting.len(), most, page);
    shadows(results, most, page);
    let orphans: Vec<_> = results.services.iter().flat_map(|service| &service.orphans).collect();
    if !orphans.is_empty() {
        page.title(&format!("Declared and never called ({})", orphans.len()));
    }
    for one in orphans.iter().take(most) {
        let place = one.line.map_or(String::new(), |line| at_line(&one.spec, line));
        page.line(&[(&format!("  {} {}", one.method, one.path), Style::Plain), (&place, Style::Dim)]);
    }
    more(orphans.len(), most, page);
}

fn shadows(results: &Results, most: usize, page: &mut Page) {
    let shadows: Vec<_> = results.findings.iter().filter(|finding| finding.kind == "shadow-endpoint").collect();
    if !shadows.is_empty() {
        page.title(&format!("Called and not declared ({})", shadows.len()));
    }
    for finding in shadows.iter().take(most) {
        let calls = plural(finding.occurrences, "call");
        page.columns(&[(&finding.place, Style::Severity(finding.severity)), (&calls, Style::Plain)]);
    }
    more(shadows.len(), most, page);
}

fn more(count: usize, most: usize, page: &mut Page) {
    if let Some(left) = count.checked_sub(most).filter(|left| *left > 0) {
        page.line(&[(&format!("  and {left} more; --all lists them"), Style::Dim)]);
    }
}

/// The file without its folder, which stands at the top.
fn at_line(file: &str, line: u64) -> String {
    format!("  {}:{line}", output::file_tail(file))
}

/// Never rounded to all or nothing.
fn percent(share: f64) -> String {
    match share {
        share if share >= 1.0 => "100 %".to_owned(),
        share if share <= 0.0 => "0 %".to_owned(),
        share => format!("{:.0} %", (share * 100.0).clamp(1.0, 99.0)),
    }
}

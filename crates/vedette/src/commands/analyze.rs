//! `vedette analyze`: learn every API from traffic and say what is exposed, what is wrong and who abuses it.

use std::fs;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use vedette_model::results::Results;

use super::baseline::Earlier;
use super::gate::Gate;
use super::gateways;
use super::openapi;
use super::traffic::{BUDGET_DEFAULT, Traffic, budget, list_formats, nothing_read};
use crate::output::{self, write_file};
use crate::report;

/// Arguments of `vedette analyze`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    traffic: Traffic,

    /// Folder to write report.html, results.json, findings.csv, findings.sarif and openapi/SERVICE.yaml to.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Print the results as one JSON document instead of the summary.
    #[arg(long)]
    json: bool,

    /// Configuration of a gateway, or a folder of them: judged, and its routes compared with the traffic. May be given
    /// several times.
    #[arg(long, value_name = "FILE")]
    gateway: Vec<PathBuf>,

    /// An earlier results.json: its findings are known, only new ones are shown and counted by --fail-on.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Write what standards and laws ask for, with the findings that violate it, as Markdown.
    #[arg(long, value_name = "FILE")]
    compliance: Option<PathBuf>,

    /// False alarms a week that are acceptable: more of them finds more, and 0 detects no abuse at all.
    #[arg(long, value_name = "N", default_value_t = BUDGET_DEFAULT, value_parser = budget)]
    budget: f64,

    #[command(flatten)]
    gate: Gate,
}

/// Runs the command. Exit codes: 0 done, 1 `--fail-on` was met, 2 error.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    if args.traffic.asks_for_formats() {
        return list_formats();
    }
    let learning = args.traffic.prepare()?.with_budget(args.budget);
    let gateways = gateways::read_all(&args.gateway, learning.classifier())?;
    if let Some(dir) = &args.out {
        fs::create_dir_all(dir).with_context(|| format!("creating {}", dir.display()))?;
    }
    let baseline = args.baseline.as_deref().map(Earlier::read).transpose()?;
    let mut results = learning.learn()?;
    vedette_engine::gateway::join(&mut results, &gateways);
    if let Some(earlier) = baseline {
        earlier.leave_new(&mut results);
    }
    let mut report_path = None;
    if let Some(dir) = &args.out {
        write_folder(&results, dir)?;
        report_path = Some(dir.join("report.html"));
    }
    args.gate.write(&results)?;
    if let Some(path) = &args.compliance {
        write_file(path, |out| output::compliance(&results, out))?;
    }
    let mut stdout = BufWriter::new(io::stdout().lock());
    if args.json {
        output::json(&results, &mut stdout, io::stdout().is_terminal())?;
    } else {
        let (width, color) = (output::terminal_width(), output::wants_color());
        output::summary(&results, report_path.as_deref(), &mut stdout, width, color)?;
    }
    stdout.flush()?;
    if results.stats.exchanges == 0 {
        bail!(nothing_read(&results));
    }
    let failed = args.gate.is_closed(&results);
    // The process ends: taking thousands of endpoints apart would only cost time.
    std::mem::forget(results);
    Ok(if failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn write_folder(results: &Results, dir: &Path) -> Result<()> {
    write_file(&dir.join("results.json"), |out| Ok(output::json(results, out, false)?))?;
    write_file(&dir.join("findings.csv"), |out| output::findings_csv(results, out))?;
    write_file(&dir.join("report.html"), |mut out| Ok(report::write_report(results, &mut out)?))?;
    write_file(&dir.join("findings.sarif"), |out| output::sarif(results, out))?;
    openapi::write_all(results, dir)
}

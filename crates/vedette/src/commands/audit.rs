//! `vedette audit`: is the audit log whole?

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Subcommand;
use serde_json::{Value, json};
use vedette_store::state::{AuditReport, Head};

use super::{Hinted, installation};

/// Arguments of `vedette audit`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check that no entry was changed, removed or cut off. Exit code 1 when one was.
    Verify(Verify),
}

/// Arguments of `vedette audit verify`.
#[derive(clap::Args)]
struct Verify {
    #[command(flatten)]
    installation: installation::Folder,
    /// Only this tenant; all when left out.
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// An end of the tenant's log that was noted before (`vedette audit verify` prints it): the log must still hold it.
    #[arg(long, value_name = "SEQ:HASH", requires = "tenant", value_parser = head)]
    expect: Option<Head>,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let Command::Verify(args) = &args.command;
    verify(args)
}

fn verify(args: &Verify) -> Result<ExitCode> {
    let installation = installation::Place::of(&args.installation)?.open()?;
    let tenants = installation.runtime.block_on(installation.state.tenants())?;
    let tenants: Vec<String> = tenants.into_iter().map(|tenant| tenant.id).collect();
    let chosen: Vec<String> = match &args.tenant {
        Some(tenant) if tenants.contains(tenant) => vec![tenant.clone()],
        Some(tenant) => {
            bail!(Hinted::new(format!("there is no tenant {tenant}"), format!("there are {}", tenants.join(", "))))
        }
        None => tenants,
    };
    let mut reports = Vec::with_capacity(chosen.len());
    for tenant in chosen {
        let report = installation.state.verify_audit(&tenant, args.expect.as_ref());
        reports.push((installation.runtime.block_on(report)?, tenant));
    }
    installation.close();
    let whole = reports.iter().all(|(report, _)| report.is_whole());
    let text = if args.json { as_json(&reports) } else { as_text(&reports) };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn as_text(reports: &[(AuditReport, String)]) -> String {
    let mut text = String::new();
    for (report, tenant) in reports {
        let verdict = if report.is_whole() { "whole" } else { "BROKEN" };
        let pruned = match report.pruned {
            0 => String::new(),
            pruned => format!(" after {pruned} that retention removed"),
        };
        let end = report.head.as_ref().map(|head| format!(", end {}:{}", head.seq, head.hash)).unwrap_or_default();
        let _ = writeln!(text, "{tenant}: {verdict}, {} entries{pruned}{end}", report.entries);
        for fault in &report.faults {
            let _ = writeln!(text, "  {fault}");
        }
    }
    text
}

fn as_json(reports: &[(AuditReport, String)]) -> String {
    let report = |(report, tenant): &(AuditReport, String)| {
        json!({
            "tenant": tenant,
            "whole": report.is_whole(),
            "entries": report.entries,
            "pruned": report.pruned,
            "head": report.head.as_ref().map(|head| json!({"seq": head.seq, "hash": head.hash})),
            "faults": report.faults,
        })
    };
    format!("{}\n", Value::Array(reports.iter().map(report).collect()))
}

/// Reads `SEQ:HASH`.
fn head(text: &str) -> Result<Head, String> {
    let parts = text.split_once(':').and_then(|(seq, hash)| Some((seq.parse().ok()?, hash.to_owned())));
    let (seq, hash) = parts.ok_or("it is a number, a colon and a hash, as `vedette audit verify` prints them")?;
    Ok(Head { seq, hash })
}

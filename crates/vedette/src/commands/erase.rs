//! `vedette erase`: one person's exchanges are removed, and the removal is proved.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Result, bail};
use vedette_ingest::wall_clock;
use vedette_model::results::Identifier;
use vedette_server::node;
use vedette_store::state::{AuditEntry, DEFAULT_TENANT};

use super::{Hinted, installation};
use crate::serve::open::Learning;

/// Kinds of identifiers that name somebody.
const KINDS: [&str; 4] = ["user", "client", "ip", "actor"];

/// Arguments of `vedette erase`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    installation: installation::Folder,
    /// Whose exchanges: user:NAME, client:NAME, ip:ADDRESS or actor:ID, as the actors' page shows them.
    #[arg(long, value_name = "KIND:VALUE")]
    subject: String,
    /// Tenant.
    #[arg(long, value_name = "NAME", default_value = DEFAULT_TENANT)]
    tenant: String,
    /// Print the proof as JSON.
    #[arg(long)]
    json: bool,
}

/// Erases while no server runs; the audit log keeps that it was done, not of whom.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let identifier = identifier(&args.subject)?;
    let installation = installation::Place::of(&args.installation)?.open()?;
    let _lock = crate::serve::lock(&installation.place.config.data)?;
    let (config, runtime) = (&installation.place.config, &installation.runtime);
    let setup = runtime.block_on(async {
        let learning = Learning::of(config, &args.tenant, &installation.state).await?;
        learning.setup(config, &args.tenant, &installation.key).await
    })?;
    let (actors, erased) = node::erase(setup, &identifier, runtime.handle())?;
    let judgments = installation.state.erase_subject(&args.tenant, &actors, &identifier);
    let judgments = runtime.block_on(judgments)?;
    let entry = AuditEntry {
        at: wall_clock(),
        actor: "console".to_owned(),
        action: "subject.erase".to_owned(),
        detail: serde_json::to_string(&erased)?,
        ..AuditEntry::default()
    };
    runtime.block_on(installation.state.audit(&args.tenant, entry))?;
    installation.close();
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::json!({ "actors": actors, "erased": erased, "judgments": judgments }))?;
    } else {
        writeln!(out, "actors      {}", actors.join(", "))?;
        writeln!(out, "erased      {} exchanges, in {} files written anew", erased.rows, erased.files_rewritten)?;
        writeln!(out, "removed     {} old files, the journal, and all older snapshots", erased.files_removed)?;
        writeln!(out, "forgotten   {judgments} decisions of people about them, with reasons and comments")?;
        writeln!(out, "searched    {} files again: {} exchanges left", erased.files_searched, erased.rows_left)?;
    }
    let clean = erased.rows_left == 0 && erased.log_files_left == 0;
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn identifier(subject: &str) -> Result<Identifier> {
    let hint = "write user:NAME, client:NAME, ip:ADDRESS or actor:ID";
    let Some((kind, value)) = subject.split_once(':').filter(|(_, value)| !value.is_empty()) else {
        bail!(Hinted::new("the subject has no kind", hint));
    };
    if !KINDS.contains(&kind) {
        bail!(Hinted::new(format!("'{kind}' names nobody"), hint));
    }
    if kind == "ip" && value.parse::<std::net::IpAddr>().is_err() {
        bail!(Hinted::new("the address cannot be read", hint));
    }
    Ok(Identifier { kind: kind.to_owned(), value: value.to_owned() })
}

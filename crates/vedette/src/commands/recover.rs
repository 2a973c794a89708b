//! `vedette recover`: a way back in for whoever holds the data folder.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use vedette_ingest::wall_clock;
use vedette_server::auth::Scope;
use vedette_store::state::{AuditEntry, DEFAULT_TENANT};

use super::installation;

/// Arguments of `vedette recover`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    installation: installation::Folder,
    /// Tenant whose administrator lost the way in.
    #[arg(long, value_name = "NAME", default_value = DEFAULT_TENANT)]
    tenant: String,
}

/// Prints a new token of the tenant's first administrator; the audit log says so.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let installation = installation::Place::of(&args.installation)?.open()?;
    let now = wall_clock();
    let token = installation.runtime.block_on(async {
        let scopes = Scope::ALL.map(Scope::name);
        let token = installation.state.recover_admin_token(&args.tenant, &scopes, now).await?;
        let entry = AuditEntry {
            at: now,
            actor: "console".to_owned(),
            action: "admin.recover".to_owned(),
            ..AuditEntry::default()
        };
        installation.state.audit(&args.tenant, entry).await?;
        anyhow::Ok(token)
    })?;
    installation.close();
    writeln!(io::stdout().lock(), "admin token: {}", token.as_str())?;
    Ok(ExitCode::SUCCESS)
}

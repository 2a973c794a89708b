//! `vedette backup`: everything in one file, and back.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Subcommand;
use secrecy::ExposeSecret;
use vedette_ingest::wall_clock;
use vedette_store::backup::{self, BackupError, Manifest, Options, Target};

use super::{Hinted, installation};

/// Arguments of `vedette backup`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write a backup to a new file; the server may run.
    Create(Create),
    /// Check a backup from beginning to end without restoring it.
    Verify(Verify),
    /// Put an installation back from a backup, into a folder that is missing or empty.
    Restore(Restore),
}

/// Arguments of `vedette backup create`.
#[derive(clap::Args)]
struct Create {
    /// The file to write (`….tar.zst`).
    file: PathBuf,
    #[command(flatten)]
    installation: installation::Folder,
    /// Put the data key in too. Whoever reads the backup can then read all of it: keep it accordingly.
    #[arg(long)]
    include_key: bool,
    /// Print the manifest as JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `vedette backup verify`.
#[derive(clap::Args)]
struct Verify {
    /// The backup.
    file: PathBuf,
    /// Print the manifest as JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `vedette backup restore`.
#[derive(clap::Args)]
struct Restore {
    /// The backup.
    file: PathBuf,
    #[command(flatten)]
    installation: installation::Folder,
    /// File of the data key, when the backup does not hold it.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Print the manifest as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    match &args.command {
        Command::Create(args) => create(args),
        Command::Verify(args) => verify(args),
        Command::Restore(args) => restore(args),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn create(args: &Create) -> Result<()> {
    let installation = installation::Place::of(&args.installation)?.open()?;
    let place = installation.place.config.lake.place.clone();
    let options = Options {
        include_key: args.include_key,
        // A lake that is not below the data folder is not copied.
        external_lake: place,
        now: wall_clock(),
    };
    let made = backup::create(installation.place.data(), &installation.state, &installation.key, &args.file, &options);
    let manifest = installation.runtime.block_on(made)?;
    installation.close();
    if !manifest.key_included {
        let note =
            "note: the data key is not in it; keep a copy of the key elsewhere, or the backup cannot be restored\n";
        io::stderr().lock().write_all(note.as_bytes())?;
    }
    told("written", &args.file, &manifest, args.json)
}

fn verify(args: &Verify) -> Result<()> {
    let manifest = installation::runtime()?.block_on(backup::verify(&args.file))?;
    told("whole", &args.file, &manifest, args.json)
}

fn restore(args: &Restore) -> Result<()> {
    let place = installation::Place::of(&args.installation)?;
    let target = Target {
        data: place.data(),
        state_url: place.state_url.as_ref().map(ExposeSecret::expose_secret),
        key_file: args.key_file.as_deref().or(place.config.key_file.as_deref()),
    };
    let restored = installation::runtime()?.block_on(backup::restore(&args.file, target));
    let manifest = restored.map_err(hinted).with_context(|| format!("restoring {}", args.file.display()))?;
    told("restored", place.data(), &manifest, args.json)
}

/// What to try.
fn hinted(error: BackupError) -> anyhow::Error {
    let hint = match &error {
        BackupError::NoKey => "name the file of the key with --key-file",
        BackupError::WrongKey => "name the key file of the installation that was backed up",
        BackupError::NotEmpty(_) => "choose another folder with --data, or move this one away",
        _ => return error.into(),
    };
    Hinted::new(error.to_string(), hint).into()
}

fn told(what: &str, path: &std::path::Path, manifest: &Manifest, json: bool) -> Result<()> {
    let text = if json {
        serde_json::to_string(manifest)? + "\n"
    } else {
        let bytes: u64 = manifest.files.iter().map(|file| file.bytes).sum();
        let mut text = format!(
            "{}: {what}, {} files, {bytes} bytes, {} rows\n",
            path.display(),
            manifest.files.len(),
            manifest.rows
        );
        if let Some(lake) = &manifest.external_lake {
            text = format!("{text}the lake is not in it: {lake}\n");
        }
        text
    };
    Ok(io::stdout().lock().write_all(text.as_bytes())?)
}

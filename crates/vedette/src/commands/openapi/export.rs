//! `vedette openapi export`: what was learned as OpenAPI documents.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use vedette_engine::openapi::{self, Document};
use vedette_model::results::{Results, Service};

use super::super::Hinted;
use super::super::traffic::{Traffic, list_formats, nothing_read};
use crate::output::write_file;

/// Arguments of `vedette openapi export`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    traffic: Traffic,

    /// Only this service; `analyze` names them.
    #[arg(long, value_name = "NAME")]
    service: Option<String>,

    /// Folder to write `SERVICE.yaml` to; without it the document of the only service goes to standard output.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// JSON instead of YAML.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    if args.traffic.asks_for_formats() {
        return list_formats();
    }
    let results = args.traffic.prepare()?.learn()?;
    if results.stats.exchanges == 0 {
        bail!(nothing_read(&results));
    }
    let documents = documents(&results, args.service.as_deref())?;
    match (&args.out, documents.as_slice()) {
        (Some(dir), documents) => {
            for (service, document) in documents {
                let path = write_document(dir, &service.name, document, args.json)?;
                writeln!(io::stderr(), "wrote {}", path.display())?;
            }
        }
        (None, [(_, document)]) => io::stdout().lock().write_all(text(document, args.json)?.as_bytes())?,
        (None, several) => {
            let names: Vec<&str> = several.iter().map(|(service, _)| service.name.as_str()).collect();
            bail!(Hinted::new(
                format!("the traffic is of {} services: {}", names.len(), names.join(", ")),
                "choose one with --service NAME, or write all of them with --out DIR",
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn documents<'r>(results: &'r Results, wanted: Option<&str>) -> Result<Vec<(&'r Service, Document)>> {
    let chosen = results.services.iter().filter(|service| wanted.is_none_or(|name| name == service.name));
    let documents: Vec<_> = chosen.filter_map(|service| Some((service, openapi::export(results, service)?))).collect();
    if documents.is_empty() {
        let known: Vec<&str> = results.services.iter().map(|service| service.name.as_str()).collect();
        bail!(Hinted::new(
            wanted.map_or_else(
                || "no API endpoint was seen".to_owned(),
                |name| format!("no API endpoint of a service '{name}' was seen")
            ),
            format!("the services are: {}", known.join(", ")),
        ));
    }
    Ok(documents)
}

/// Writes the documents of all services below `dir/openapi`.
pub(crate) fn write_all(results: &Results, dir: &Path) -> Result<()> {
    let dir = dir.join("openapi");
    for service in &results.services {
        if let Some(document) = openapi::export(results, service) {
            write_document(&dir, &service.name, &document, false)?;
        }
    }
    Ok(())
}

fn write_document(dir: &Path, service: &str, document: &Document, json: bool) -> Result<PathBuf> {
    fs::create_dir_all(dir).with_context(|| format!("creating {}", dir.display()))?;
    let extension = if json { "json" } else { "yaml" };
    let path = dir.join(format!("{}.{extension}", openapi::file_name(service)));
    let text = text(document, json)?;
    write_file(&path, |out| Ok(out.write_all(text.as_bytes())?))?;
    Ok(path)
}

fn text(document: &Document, json: bool) -> Result<String> {
    if json {
        return Ok(serde_json::to_string_pretty(document)? + "\n");
    }
    serde_saphyr::to_string(document).context("writing YAML")
}

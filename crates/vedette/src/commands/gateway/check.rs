//! `vedette gateway check`: configurations alone.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use vedette_model::results::{FORMAT_VERSION, Gateway, Protection, Results};

use super::super::gate::Gate;
use super::super::traffic::classifier;
use super::super::{gateways, listing};
use crate::output;
use crate::output::page::{Page, Style, plural};

/// Arguments of `vedette gateway check`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Configurations of nginx, HAProxy, Envoy, Kong, AWS API Gateway, Azure API Management and Kubernetes (Gateway API,
    /// Istio), or folders of them; told apart by content.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Print every place of a finding instead of the first three.
    #[arg(long)]
    all: bool,

    /// Print every route with who may call it and what limits its rate.
    #[arg(long)]
    routes: bool,

    /// Print a results document instead of the list.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    gate: Gate,
}

/// Runs the command. Exit codes: 0 done, 1 `--fail-on` was met, 2 error.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let read = gateways::read_all(&args.files, &classifier(None)?)?;
    let mut results = Results { version: FORMAT_VERSION.to_owned(), ..Results::default() };
    env!("CARGO_PKG_VERSION").clone_into(&mut results.vedette);
    vedette_engine::gateway::join(&mut results, &read);
    args.gate.write(&results)?;
    let mut out = io::stdout().lock();
    if args.json {
        output::json(&results, &mut out, io::stdout().is_terminal())?;
    } else {
        let mut page = Page::new(output::terminal_width(), output::wants_color());
        describe(&results, args, &mut page);
        out.write_all(page.text().as_bytes())?;
    }
    Ok(ExitCode::from(u8::from(args.gate.is_closed(&results))))
}

fn describe(results: &Results, args: &Args, page: &mut Page) {
    for gateway in &results.gateways {
        let files = match gateway.other_files.len() as u64 {
            0 => String::new(),
            more => format!(" · {} with it", plural(more, "file")),
        };
        let facts = format!("  {} · {}{files}", gateway.product, plural(gateway.route_count, "route"));
        page.line(&[(&gateway.file, Style::Bold), (&facts, Style::Plain)]);
        for problem in &gateway.problems {
            page.paragraph(("  not understood  ", Style::Warning), problem, 2);
        }
        if args.routes {
            routes(gateway, page);
        }
    }
    listing::findings(results, args.all, page);
}

fn routes(gateway: &Gateway, page: &mut Page) {
    for route in &gateway.routes {
        let line = route.line.map_or(String::new(), |line| line.to_string());
        let host = route.hosts.first().map_or(String::new(), |host| format!("{host} "));
        let methods = if route.methods.is_empty() { String::new() } else { format!("{} ", route.methods.join("|")) };
        let name = format!("{methods}{host}{}{}", if route.path_kind == "regex" { "~ " } else { "" }, route.path);
        let forwards = route.serves == "backend";
        let what = |one: &Protection, off: &str| {
            let weak = one.state == "off" && forwards;
            let text = match one.state.as_str() {
                "on" => one.text.as_str(),
                "default" => "by default",
                "off" => off,
                _ => "not known",
            };
            (text.chars().take(20).collect::<String>(), if weak { Style::Warning } else { Style::Dim })
        };
        let cells = [what(&route.authentication, "anybody"), what(&route.rate_limit, "no rate limit")];
        let mut row = vec![(line.as_str(), Style::Dim), (name.as_str(), Style::Plain)];
        if forwards {
            row.extend(cells.iter().map(|(text, style)| (text.as_str(), *style)));
        } else {
            row.push((&route.serves, Style::Dim));
        }
        page.columns(&row);
    }
}

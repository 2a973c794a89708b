//! The `vedette` binary: commands, configuration, wiring.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

mod commands;
mod interrupt;
mod output;
mod pipeline;
mod progress;
mod report;
mod serve;

/// Open API security: know every API, what flows through it, what is wrong with it.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Learn every API from traffic files and say what is exposed, what is wrong and who abuses it.
    Analyze(commands::analyze::Args),
    /// Run the platform: take traffic, keep it, answer questions about it.
    Serve(commands::serve::Args),
    /// Print the data classes of values read from standard input, one JSON line each.
    Classify(commands::classify::Args),
    /// Bring your own data classes.
    Classes(commands::classes::Args),
    /// Try your rules of who calls on real traffic.
    Identity(commands::identity::Args),
    /// Write what was learned as OpenAPI documents.
    Openapi(commands::openapi::Args),
    /// Ask the stored exchanges and what was learned a question in SQL.
    Hunt(commands::hunt::Args),
    /// Print the lines that make a gateway log what Vedette needs.
    Logs(commands::logs::Args),
    /// Judge the configurations of gateways.
    Gateway(commands::gateway::Args),
    /// Check the audit log of `vedette serve`.
    Audit(commands::audit::Args),
    /// Back up what `vedette serve` keeps, and put it back.
    Backup(commands::backup::Args),
    /// Print a new admin token, for whoever lost the way in and holds the data folder.
    Recover(commands::recover::Args),
    /// List the endpoints that a server or data folder knows.
    Inventory(commands::inventory::Args),
    /// List what is wrong, and what people decided about it.
    Findings(commands::findings::Args),
    /// List who calls.
    Actors(commands::actors::Args),
    /// List incidents.
    Incidents(commands::incidents::Args),
    /// Score the detection of abuse on traffic whose attacks are known.
    Evaluate(commands::evaluate::Args),
    /// Make days of believable traffic with labelled attacks.
    Simulate(commands::simulate::Args),
    /// List where traffic comes from, and how each source does.
    Sources(commands::sources::Args),
    /// Remove one person's exchanges from what `vedette serve` keeps, and prove it.
    Erase(commands::erase::Args),
    /// Print a completion script for a shell.
    Completions(commands::completions::Args),
    /// Print a page of the reference as Markdown.
    #[command(hide = true)]
    Reference(commands::reference::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::Analyze(args) => commands::analyze::run(&args),
        Command::Serve(args) => commands::serve::run(&args),
        Command::Classify(args) => commands::classify::run(&args),
        Command::Classes(args) => commands::classes::run(&args),
        Command::Identity(args) => commands::identity::run(&args),
        Command::Openapi(args) => commands::openapi::run(&args),
        Command::Hunt(args) => commands::hunt::run(&args),
        Command::Logs(args) => commands::logs::run(&args),
        Command::Gateway(args) => commands::gateway::run(&args),
        Command::Audit(args) => commands::audit::run(&args),
        Command::Backup(args) => commands::backup::run(&args),
        Command::Recover(args) => commands::recover::run(&args),
        Command::Inventory(args) => commands::inventory::run(&args),
        Command::Findings(args) => commands::findings::run(&args),
        Command::Actors(args) => commands::actors::run(&args),
        Command::Incidents(args) => commands::incidents::run(&args),
        Command::Evaluate(args) => commands::evaluate::run(&args),
        Command::Simulate(args) => commands::simulate::run(&args),
        Command::Sources(args) => commands::sources::run(&args),
        Command::Erase(args) => commands::erase::run(&args),
        Command::Completions(args) => commands::completions::run(&args, Cli::command()),
        Command::Reference(args) => commands::reference::run(&args, Cli::command()),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            commands::report_error(&error);
            ExitCode::from(2)
        }
    }
}

//! The `vedette` binary: commands, configuration, wiring.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod commands;
mod report;

/// Open API security: know every API, what flows through it, what is wrong with it.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Learn every API from traffic files and say what is exposed and what is wrong.
    Analyze(commands::analyze::Args),
    /// Print the data classes of values read from standard input, one JSON line each.
    Classify(commands::classify::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::Analyze(args) => commands::analyze::run(&args),
        Command::Classify(args) => commands::classify::run(&args),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            commands::report_error(&error);
            ExitCode::from(2)
        }
    }
}

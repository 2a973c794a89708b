//! Development tasks: `cargo xtask ci|tidy|bench|accuracy|codegen`.
//!
//! `ci` is all checks in one command, the same at a desk and in CI. `bench` and `accuracy` measure and print; they
//! judge nothing but say which budget was met.
#![expect(clippy::print_stdout, reason = "a development tool talks on the terminal")]

use std::path::Path;
use std::process::ExitCode;

mod accuracy;
mod bench;
mod captures;
mod ci;
mod codegen;
mod contract;
mod edges;
mod fuzz;
mod lake;
mod licences;
mod logs;
mod openapi;
mod product;
mod sarif;
mod table;
mod tidy;

const USAGE: &str = "usage: cargo xtask COMMAND

  ci                every check: format, lints, docs, generated files, tidy, licences, fuzz, UI, tests
  tidy              style rules that the compiler does not hold
  licences          dependencies against the list in deny.toml
  logs              the snippets of rules/log-snippets, tried with nginx, Apache and HAProxy where they are installed
  lake              the lake on an S3-compatible store, and read by ClickHouse and Polars where PyPI is there
  contract          the API of the server, judged by schemathesis where PyPI is there
  sarif             findings as SARIF, judged by another tool where npm is there
  codegen [--check] writes the generated files, or says which are stale
  accuracy [--write] [NAME…]
                    measures on ../shared/data; --write makes docs/accuracy.md
  bench [--quick] [--json]
                    measures speed, memory and growth, side by side with GoAccess where it is installed
  bench serve [--quick] [--json]
                    measures what the server takes, and what that costs
  captures [--write]
                    records real clients and servers and compares with tshark; --write makes the test's captures
  fuzz [SECONDS]    runs every fuzz target for some seconds (10 by default)
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["ci"] => ci::run(root()),
        ["logs"] => logs::run(root()),
        ["contract"] => contract::run(root()),
        ["sarif"] => sarif::run(root()),
        ["lake"] => lake::run(root()),
        ["licences"] => licences::run(root()),
        ["tidy"] => tidy::run(root()),
        ["codegen"] => codegen::run(root(), codegen::Mode::Write),
        ["codegen", "--check"] => codegen::run(root(), codegen::Mode::Check),
        ["captures"] => captures::run(root(), false),
        ["captures", "--write"] => captures::run(root(), true),
        ["fuzz"] => fuzz::run(root(), fuzz::DESK_SECS),
        ["fuzz", secs] => secs.parse().map_err(Into::into).and_then(|secs| fuzz::run(root(), secs)),
        ["accuracy", rest @ ..] => {
            let only: Vec<&str> = rest.iter().copied().filter(|argument| *argument != "--write").collect();
            accuracy::run(root(), &only, rest.contains(&"--write"))
        }
        ["bench", "serve", rest @ ..] => bench::serve::run(root(), rest.contains(&"--quick"), rest.contains(&"--json")),
        ["bench", rest @ ..] => bench::run(root(), rest.contains(&"--quick"), rest.contains(&"--json")),
        _ => {
            print!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The repository's root.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

//! `cargo xtask ci`: every check, in one order, with a title and a time each.
//!
//! All steps run even when one failed, so that one run tells everything. The test runners come last: the end of the
//! output is their own summary.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::{captures, codegen, contract, fuzz, lake, licences, logs, openapi, sarif, tidy};

/// Seconds per fuzz target in CI: enough to replay the corpus and to meet a shallow panic.
const FUZZ_SECS: u32 = 2;

/// Runs every check; an error names the steps that failed.
pub(crate) fn run(root: &Path) -> Result<()> {
    let mut failed = Vec::new();
    for (title, step) in STEPS {
        println!("\n=== {title}");
        let started = Instant::now();
        if let Err(error) = step(root) {
            println!("FAILED: {error:#}");
            failed.push(*title);
        }
        println!("=== {title}: {:.1} s", started.elapsed().as_secs_f64());
    }
    if !failed.is_empty() {
        println!("\nfailed before the tests: {}", failed.join(", "));
    }
    for (title, step) in TESTS {
        println!("\n=== {title}");
        if let Err(error) = step(root) {
            println!("FAILED: {error:#}");
            failed.push(*title);
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!("failed: {}", failed.join(", ")) }
}

type Step = fn(&Path) -> Result<()>;

/// What comes before the tests. The UI is first because the binary embeds it.
const STEPS: &[(&str, Step)] = &[
    ("format", |root| cargo(root, &["fmt", "--all", "--check"], &[])),
    ("tidy", tidy::run),
    ("licences", licences::run),
    ("UI build", ui_build),
    ("clippy", |root| {
        cargo(root, &["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])
    }),
    ("docs", |root| {
        let flags = [("RUSTDOCFLAGS", "-D warnings")];
        cargo(root, &["doc", "--locked", "--workspace", "--no-deps", "--document-private-items"], &flags)
    }),
    ("generated files", |root| codegen::run(root, codegen::Mode::Check)),
    ("OpenAPI export", openapi::run),
    ("SARIF", sarif::run),
    ("API contract", contract::run),
    ("log snippets", logs::run),
    ("captures", |root| captures::run(root, false)),
    ("lake on S3 and in other engines", lake::run),
    ("fuzz", |root| fuzz::run(root, FUZZ_SECS)),
];

/// The tests, whose runners print the last lines.
const TESTS: &[(&str, Step)] = &[("UI tests", ui_tests), ("tests", rust_tests)];

/// All tests, in the one selection of packages that everything here is compiled in: another one would have other features
/// of shared dependencies, and would compile them, and all above them, again.
fn rust_tests(root: &Path) -> Result<()> {
    cargo(root, &["test", "--locked", "--no-fail-fast", "--workspace"], &[])
}

fn ui_build(root: &Path) -> Result<()> {
    npm(root, ". ../scripts/setup; build_ui .. && npm run lint")
}

/// Browser tests open reports that the binary made, so it is built first.
fn ui_tests(root: &Path) -> Result<()> {
    debug_binary(root)?;
    npm(root, "npm test")
}

/// Builds `vedette` with all that tests need, and returns its path.
pub(crate) fn debug_binary(root: &Path) -> Result<PathBuf> {
    built(root, "vedette")
}

/// A program below `target/debug` (`xtask`, `examples/NAME`), after everything there was built as the tests have it.
pub(crate) fn built(root: &Path, program: &str) -> Result<PathBuf> {
    cargo(root, &["build", "--locked", "--quiet", "--workspace", "--bins", "--examples", "--tests"], &[])?;
    Ok(target(root).join("debug").join(program))
}

/// Where cargo puts what it makes.
pub(crate) fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

/// Runs a line of shell in `ui/` with the project's Node on the path.
fn npm(root: &Path, line: &str) -> Result<()> {
    if !root.join("ui/package.json").exists() {
        println!("there is no ui/ yet");
        return Ok(());
    }
    let script = format!("set -e; . scripts/node; cd ui; {line}");
    check(Command::new("bash").args(["-c", &script]).current_dir(root))
}

/// Runs cargo; its messages go to the terminal. What cargo told us of our own package is not passed on: build scripts
/// of dependencies watch it (ring's does), and would compile them, and all above them, again for each folder.
pub(crate) fn cargo(root: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Result<()> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    check(command.args(arguments).envs(environment.iter().copied()).current_dir(root))
}

/// Runs a command and fails when it does.
pub(crate) fn check(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("{} could not be started", describe(command)))?;
    if status.success() { Ok(()) } else { bail!("{} failed ({status})", describe(command)) }
}

/// Runs a command and returns what it printed on standard output.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().with_context(|| format!("{} could not be started", describe(command)))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    bail!("{} failed ({}): {}", describe(command), output.status, String::from_utf8_lossy(&output.stderr).trim())
}

fn describe(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

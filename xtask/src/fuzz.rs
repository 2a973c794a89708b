//! Runs every fuzz target for a few seconds. Needs a nightly toolchain; without one it says so and passes, because a
//! user's machine has none.
//!
//! The layout is cargo-fuzz's, but the tool itself is not needed: the flags below are those it passes.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::ci::{check, output};

/// Seconds per target at a desk.
pub(crate) const DESK_SECS: u32 = 10;

/// Coverage feedback for libFuzzer and the address sanitizer.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Zsanitizer=address -Cdebug-assertions -Ccodegen-units=4";

/// Memory that a target may use, in MB: far above every limit of the parsers, far below a small machine.
const MEMORY_MB_MAX: u32 = 1024;

/// Builds all targets and runs each for `secs` seconds on its corpus.
pub(crate) fn run(root: &Path, secs: u32) -> Result<()> {
    let fuzz = root.join("fuzz");
    if !fuzz.join("Cargo.toml").exists() {
        println!("there is no fuzz/ yet");
        return Ok(());
    }
    let Some(host) = nightly_host() else {
        println!("no nightly toolchain: fuzz targets were NOT run (rustup toolchain install nightly)");
        return Ok(());
    };
    let folder = target_folder(root);
    let mut build = nightly();
    build.args(["build", "--release", "--bins", "--target", &host]).current_dir(&fuzz);
    check(build.arg("--target-dir").arg(&folder).env("RUSTFLAGS", FLAGS))?;
    for target in targets(&fuzz)? {
        let corpus = fuzz.join("corpus").join(&target);
        let seeds = fuzz.join("seeds").join(&target);
        std::fs::create_dir_all(&corpus)?;
        std::fs::create_dir_all(fuzz.join("artifacts"))?;
        let mut command = Command::new(folder.join(&host).join("release").join(&target));
        command.args(["-verbosity=0", "-print_funcs=0", "-max_len=16384", "-timeout=10"]);
        command.arg(format!("-max_total_time={secs}")).arg(format!("-rss_limit_mb={MEMORY_MB_MAX}"));
        command.arg(format!("-artifact_prefix={}/{target}-", fuzz.join("artifacts").display())).arg(&corpus);
        if seeds.is_dir() {
            command.arg(seeds);
        }
        println!("fuzz {target}: {secs} s");
        // Its statistics say nothing to a reader; what it says of a failure is in the error.
        output(command.current_dir(&fuzz))?;
    }
    Ok(())
}

/// The host triple of the nightly toolchain, if there is one.
fn nightly_host() -> Option<String> {
    let mut rustc = Command::new("rustup");
    rustc.args(["run", "nightly", "rustc", "--version", "--verbose"]);
    let version = String::from_utf8(output(&mut rustc).ok()?).ok()?;
    version.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned)
}

/// The nightly cargo, freed of what the stable one set for its children.
fn nightly() -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", "cargo"]).env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO").env_remove("RUSTC");
    command
}

fn target_folder(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root.join("fuzz/target"), |folder| PathBuf::from(folder).join("fuzz"))
}

fn targets(fuzz: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(fuzz.join("fuzz_targets"))? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        names.extend(stem.filter(|_| path.extension().is_some_and(|end| end == "rs")).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

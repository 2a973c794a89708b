//! The release binary as a user runs it, for `bench` and `accuracy`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;
use vedette_model::results::Results;

use crate::ci::{cargo, output, target};

/// Built binaries and a place for what they write.
pub(crate) struct Product {
    /// Folder for intermediate files, below `target`; kept for reading afterwards.
    pub(crate) scratch: PathBuf,
    release: PathBuf,
}

impl Product {
    /// Builds `vedette` and the generator.
    pub(crate) fn build(root: &Path, purpose: &str) -> Result<Self> {
        cargo(root, &["build", "--release", "--locked", "--package", "vedette", "--package", "vedette-testkit"], &[])?;
        let target = target(root);
        let scratch = target.join(purpose);
        std::fs::create_dir_all(&scratch)?;
        Ok(Self { scratch, release: target.join("release") })
    }

    /// The `vedette` command.
    pub(crate) fn vedette(&self) -> Command {
        Command::new(self.release.join("vedette"))
    }

    /// The traffic generator.
    pub(crate) fn testkit(&self) -> Command {
        Command::new(self.release.join("vedette-testkit"))
    }

    /// `vedette analyze FILE --json`; the document is kept as `<name>.json`.
    pub(crate) fn analyze(&self, file: &Path, name: &str) -> Result<(Results, PathBuf)> {
        let document = output(self.vedette().arg("analyze").arg(file).arg("--json"))?;
        let path = self.scratch.join(format!("{name}.json"));
        std::fs::write(&path, &document)?;
        let results = serde_json::from_slice(&document).with_context(|| format!("results of {}", file.display()))?;
        Ok((results, path))
    }

    /// `vedette classify` on NDJSON lines; one answer per line.
    pub(crate) fn classify(&self, lines: &[Value]) -> Result<Vec<Value>> {
        let mut child = self.vedette().arg("classify").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut stdin = child.stdin.take().context("no standard input")?;
        let input = lines.iter().fold(String::new(), |text, line| text + &line.to_string() + "\n");
        let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
        let answer = child.wait_with_output()?;
        writer.join().map_err(|_| anyhow::anyhow!("the writer panicked"))??;
        let lines = String::from_utf8(answer.stdout)?;
        lines.lines().map(|line| serde_json::from_str(line).context("classify printed no JSON")).collect()
    }
}

/// Unpacks a `.tar.gz` into the scratch folder, once.
pub(crate) fn unpack(archive: &Path, into: &Path) -> Result<()> {
    if into.is_dir() {
        return Ok(());
    }
    let partial = into.with_extension("partial");
    std::fs::create_dir_all(&partial)?;
    output(Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(&partial))?;
    std::fs::rename(&partial, into).context("unpacking")
}

/// Processor and cores of this machine, for the records; never its name.
pub(crate) fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown processor");
    let model = model.trim_start_matches([' ', '\t', ':']);
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes = memory.split_whitespace().nth(1).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("{model}, {cores} cores, {} GB", kilobytes.div_ceil(1 << 20))
}

/// Load average of the last minute, 0 when the system does not tell.
pub(crate) fn load() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().and_then(|load| load.parse().ok()).unwrap_or(0.0)
}

/// Today in UTC, `2026-11-22`.
#[expect(clippy::disallowed_methods, reason = "a record of a measurement needs its date")]
pub(crate) fn today() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let at = vedette_model::Timestamp::from_secs(since.as_secs().cast_signed()).to_string();
    at.get(..10).unwrap_or_default().to_owned()
}

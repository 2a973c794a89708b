//! Runs a program on chosen cores and says how long it took and how much memory it held at most.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How often the memory of a running program is read. The kernel keeps the high-water mark, so only growth in the last
/// moment before the end can be missed.
const POLL: Duration = Duration::from_millis(5);

/// One run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) secs: f64,
    /// `VmHWM` in bytes.
    pub(crate) memory_bytes_max: u64,
}

/// Runs `command` on `cores` (`0`, `0,1`) with `input` as standard input and its output thrown away.
pub(crate) fn on_cores(cores: &str, command: &Command, input: Option<&Path>) -> Result<Run> {
    let mut pinned = Command::new("taskset");
    pinned.args(["-c", cores]).arg(command.get_program()).args(command.get_args());
    pinned.stdout(Stdio::null()).stderr(Stdio::null());
    match input {
        Some(path) => pinned.stdin(std::fs::File::open(path)?),
        None => pinned.stdin(Stdio::null()),
    };
    let started = Instant::now();
    let mut child = pinned.spawn().context("taskset (util-linux) could not be started")?;
    let status = Path::new("/proc").join(child.id().to_string()).join("status");
    let mut memory_bytes_max = 0;
    let exit = loop {
        memory_bytes_max = memory_bytes_max.max(high_water_mark(&status));
        if let Some(exit) = child.try_wait()? {
            break exit;
        }
        std::thread::sleep(POLL);
    };
    let secs = started.elapsed().as_secs_f64();
    if !exit.success() {
        bail!("{} {:?} failed ({exit})", command.get_program().display(), command.get_args().collect::<Vec<_>>());
    }
    Ok(Run { secs, memory_bytes_max })
}

fn high_water_mark(status: &Path) -> u64 {
    let text = std::fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()).and_then(|text| text.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// The middle of the times.
pub(crate) fn median_secs(runs: &[Run]) -> f64 {
    let mut secs: Vec<f64> = runs.iter().map(|run| run.secs).collect();
    secs.sort_by(f64::total_cmp);
    secs.get(secs.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The highest high-water mark in MB.
pub(crate) fn memory_megabytes(runs: &[Run]) -> f64 {
    runs.iter().map(|run| run.memory_bytes_max).max().unwrap_or(0) as f64 / 1e6
}

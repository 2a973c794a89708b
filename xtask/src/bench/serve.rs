//! `cargo xtask bench serve`: what the running server takes, and what that costs.
//!
//! Exchanges are prepared in memory, so that making them costs nothing while it counts; sending them does, on the same
//! machine. The server's own CPU time is therefore told beside what was reached: on a machine that does nothing else, that
//! is what decides.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;

use self::client::Client;
use self::server::{Server, Usage};
use super::{amount, at_least, at_most, info, traffic};
use crate::product::{self, Product};
use crate::table::Table;

mod client;
mod server;

/// How much is measured.
#[derive(Clone, Copy)]
struct Size {
    /// Exchanges prepared in memory, sent again and again.
    prepared: usize,
    /// Exchanges pushed for the highest rate.
    pushed: u64,
    /// Seconds of pushing at half of the rate that must be reached.
    paced_secs: u64,
    /// Lines of the followed log.
    lines: usize,
    /// Lines of the log with many endpoints and actors.
    many_lines: usize,
}

const FULL: Size =
    Size { prepared: 100_000, pushed: 1_000_000, paced_secs: 20, lines: 2_000_000, many_lines: 10_000_000 };

const QUICK: Size = Size { prepared: 20_000, pushed: 100_000, paced_secs: 5, lines: 200_000, many_lines: 1_000_000 };

/// Exchanges of one request: what a gateway's exporter sends at once.
const BATCH: usize = 200;

/// Endpoints and actors that a large company has.
const MANY_ENDPOINTS: usize = 10_000;
const MANY_ACTORS: usize = 1_000_000;

/// Connections that push.
const CONNECTIONS: usize = 4;

/// Exchanges per second that must be reached.
const RATE: f64 = 40_000.0;

/// What was pushed.
#[derive(Default)]
struct Pushed {
    accepted: u64,
    secs: f64,
    waits: u64,
    /// Of every request, from when it was due.
    latencies: Vec<Duration>,
    cpu_secs: f64,
    /// After a tenth, and at the end.
    memory: [u64; 2],
}

/// Measures and prints; `json` for programs.
pub(crate) fn run(root: &Path, quick: bool, as_json: bool) -> Result<()> {
    let size = if quick { QUICK } else { FULL };
    let load = product::load();
    let product = Product::build(root, "bench")?;
    let mut table = Table::new(
        "Server",
        "`vedette serve` with everything on, its sender on the same machine.",
        &["what", "measured", "must", "aim", "verdict"],
    );
    if let Err(error) = push(&product, size, &mut table) {
        table.notes.push(format!("pushing was not measured: {error:#}"));
    }
    if let Err(error) = follow(&product, size, &mut table) {
        table.notes.push(format!("following was not measured: {error:#}"));
    }
    if let Err(error) = growth(&product, size, &mut table) {
        table.notes.push(format!("growth was not measured: {error:#}"));
    }
    super::print(table, load, if quick { ", quick: a tenth of the size" } else { "" }, as_json);
    Ok(())
}

/// Pushing: the highest rate, the acknowledgments at half of it, what is stored, a start on it.
fn push(product: &Product, size: Size, table: &mut Table) -> Result<()> {
    let batches = batches(product, size.prepared)?;
    let data = fresh_folder(product, "serve-push")?;
    let server = Server::start(product, &data, &[], None)?;
    let token = server.token.clone();

    let fast = push_all(&server, &batches, size.pushed, None)?;
    let rate = fast.accepted as f64 / fast.secs;
    at_least(table, "pushed, 1 kB bodies, sustained", rate, "exchanges/s", RATE, 60_000.0);
    let cost = fast.cpu_secs * 1e6 / fast.accepted.max(1) as f64;
    info(table, "server CPU per exchange", amount(cost, "µs"));
    info(table, "what two cores give by that", amount(2e6 / cost, "exchanges/s"));
    info(table, "asked to wait (429)", fast.waits.to_string());
    let [early, late] = fast.memory;
    info(table, "memory after a tenth, and at the end", format!("{} MB, {} MB", early / 1_000_000, late / 1_000_000));

    let paced = push_all(&server, &batches, (RATE / 2.0) as u64 * size.paced_secs, Some(RATE / 2.0))?;
    at_most(table, "acknowledged at half of that, p99", percentile(&paced.latencies, 0.99), "ms", 50.0, 20.0);
    info(table, "acknowledged at half of that, p50", amount(percentile(&paced.latencies, 0.5), "ms"));
    let paced_rate = paced.accepted as f64 / paced.secs;
    info(table, "rate meanwhile", amount(paced_rate, "exchanges/s"));

    let used = server.stop()?;
    info(table, "memory, highest", amount(used.memory_bytes_max as f64 / 1e6, "MB"));
    let stored = fast.accepted + paced.accepted;
    let lake = bytes_below(&data, "lake");
    info(
        table,
        "stored per exchange with a body, lake (few that repeat)",
        amount(lake as f64 / stored as f64, "bytes"),
    );

    let again = Server::start(product, &data, &[], Some(&token))?;
    at_most(table, &format!("start to ready, {stored} stored"), again.ready_secs, "s", 2.0, 0.5);
    again.stop()?;
    Ok(())
}

/// Following a log that is there, from the start of the server to its last line.
fn follow(product: &Product, size: Size, table: &mut Table) -> Result<()> {
    let log = traffic::access_log(product, size.lines)?;
    let followed = followed(product, &log, size.lines)?;
    let lines = size.lines as f64;
    at_least(table, "followed access log", lines / followed.secs, "lines/s", 150_000.0, 400_000.0);
    info(table, "server CPU per line", amount(followed.used.cpu_secs * 1e6 / lines, "µs"));
    info(table, "memory while following, highest", amount(followed.used.memory_bytes_max as f64 / 1e6, "MB"));
    at_most(table, "stored per log exchange, lake", followed.lake_bytes as f64 / lines, "bytes", 30.0, 15.0);
    at_most(table, &format!("start to ready, {lines} followed"), followed.ready_secs, "s", 2.0, 0.5);
    Ok(())
}

/// Memory while very many exchanges of many endpoints and actors come: it must not grow with their number.
fn growth(product: &Product, size: Size, table: &mut Table) -> Result<()> {
    let log = traffic::access_log_of(product, size.many_lines, MANY_ENDPOINTS, MANY_ACTORS)?;
    let followed = followed(product, &log, size.many_lines)?;
    let what = format!("{} lines, {MANY_ENDPOINTS} endpoints, {MANY_ACTORS} actors", size.many_lines);
    let at = |tenths: usize| followed.memory.get(tenths).copied().unwrap_or_default() as f64 / 1e6;
    let told = format!("{:.0} MB, {:.0} MB, {:.0} MB", at(2), at(5), at(9));
    info(table, &format!("{what}: memory after 2, 5 and 9 tenths"), told);
    info(table, "highest", amount(followed.used.memory_bytes_max as f64 / 1e6, "MB"));
    at_most(table, "memory after 9 tenths against 5", at(9) / at(5), "×", 1.15, 1.02);
    at_least(table, "rate meanwhile", size.many_lines as f64 / followed.secs, "lines/s", 150_000.0, 400_000.0);
    at_most(table, "start to ready with all of them stored", followed.ready_secs, "s", 2.0, 0.5);
    Ok(())
}

/// What following a log cost.
struct Followed {
    /// From the start of the server to the last line.
    secs: f64,
    /// Of the server while it followed, and until it had stopped.
    used: Usage,
    /// After each tenth of the lines.
    memory: [u64; 11],
    lake_bytes: u64,
    /// Of the next start.
    ready_secs: f64,
}

fn followed(product: &Product, log: &Path, lines: usize) -> Result<Followed> {
    let data = fresh_folder(product, "serve-follow")?;
    let log_text = log.to_str().context("the path is no text")?;
    let server = Server::start(product, &data, &["--follow", log_text], None)?;
    let token = server.token.clone();
    let started = Instant::now();
    let before = server.usage();
    let mut client = Client::connect(server.address)?;
    let (mut taken, mut memory) = (0, [0; 11]);
    while taken < lines as u64 {
        std::thread::sleep(Duration::from_millis(50));
        taken = received(&client.get("/v1/sources", &token)?.body);
        if let Some(at) = memory.get_mut((taken * 10 / lines as u64) as usize) {
            *at = server.usage().memory_bytes;
        }
        anyhow::ensure!(started.elapsed() < Duration::from_mins(10), "{taken} lines after ten minutes");
    }
    let secs = started.elapsed().as_secs_f64() + server.ready_secs;
    let mut used = server.stop()?;
    used.cpu_secs -= before.cpu_secs;
    let again = Server::start(product, &data, &[], Some(&token))?;
    let ready_secs = again.ready_secs;
    again.stop()?;
    Ok(Followed { secs, used, memory, lake_bytes: bytes_below(&data, "lake"), ready_secs })
}

/// Sends `count` exchanges over all connections, as fast as they go or at a pace.
fn push_all(server: &Server, batches: &[Vec<u8>], count: u64, pace: Option<f64>) -> Result<Pushed> {
    let requests = count.div_ceil(BATCH as u64);
    let next = AtomicU64::new(0);
    let before = server.usage();
    let started = Instant::now();
    let outcomes: Vec<Result<Pushed>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS)
            .map(|_| scope.spawn(|| connection(server, batches, &next, requests, pace, started)))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| anyhow::bail!("a sender panicked"))).collect()
    });
    let mut all = Pushed { secs: started.elapsed().as_secs_f64(), ..Pushed::default() };
    for outcome in outcomes {
        let part = outcome?;
        all.accepted += part.accepted;
        all.waits += part.waits;
        all.latencies.extend(part.latencies);
        all.memory = [all.memory[0].max(part.memory[0]), 0];
    }
    let after: Usage = server.usage();
    all.cpu_secs = after.cpu_secs - before.cpu_secs;
    all.memory = [all.memory[0], after.memory_bytes];
    Ok(all)
}

fn connection(
    server: &Server,
    batches: &[Vec<u8>],
    next: &AtomicU64,
    requests: u64,
    pace: Option<f64>,
    started: Instant,
) -> Result<Pushed> {
    let mut client = Client::connect(server.address)?;
    let mut pushed = Pushed::default();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= requests {
            return Ok(pushed);
        }
        if number == requests / 10 {
            pushed.memory = [server.usage().memory_bytes, 0];
        }
        // A request that had to wait for its connection is late from when it was due, not from when it went out.
        let due = pace
            .map_or_else(Instant::now, |rate| started + Duration::from_secs_f64(number as f64 * BATCH as f64 / rate));
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let index = (number % batches.len().max(1) as u64) as usize;
        let batch = batches.get(index).context("nothing prepared")?;
        let (accepted, waits) = client.push(batch, &server.token)?;
        pushed.accepted += accepted;
        pushed.waits += u64::from(waits);
        pushed.latencies.push(due.elapsed());
    }
}

/// Exchanges with bodies of 1 kB, cut into requests.
fn batches(product: &Product, exchanges: usize) -> Result<Vec<Vec<u8>>> {
    let path = traffic::made(product, &format!("bodies-1k-{exchanges}.har.ndjson"), |product, path| {
        let mut testkit = product.testkit();
        testkit.args(["bodies", "--seed", "7", "--bytes", "1000", "--exchanges", &exchanges.to_string()]);
        crate::ci::check(testkit.stdout(std::fs::File::create(path)?))
    })?;
    let text = std::fs::read(&path)?;
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    Ok(lines.chunks(BATCH).map(<[&[u8]]>::concat).collect())
}

fn fresh_folder(product: &Product, name: &str) -> Result<PathBuf> {
    let folder = product.scratch.join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Records received by all sources, as the API lists them.
fn received(body: &[u8]) -> u64 {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let items = body.get("items").or(body.get("sources")).and_then(Value::as_array).cloned().unwrap_or_default();
    let count = |source: &Value| {
        let field = |name: &str| source.get(name).and_then(Value::as_u64);
        field("received").or(field("records")).unwrap_or(0)
    };
    items.iter().map(count).sum()
}

/// Bytes of all files in folders of a name.
fn bytes_below(folder: &Path, name: &str) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() && entry.file_name() == name => bytes_of(&entry.path()),
            Ok(kind) if kind.is_dir() => bytes_below(&entry.path(), name),
            _ => 0,
        })
        .sum()
}

fn bytes_of(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => bytes_of(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}

/// In milliseconds.
fn percentile(latencies: &[Duration], share: f64) -> f64 {
    let mut sorted = latencies.to_vec();
    sorted.sort();
    let at = (sorted.len() as f64 * share) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_sorted_times() {
        let times: Vec<Duration> = (1..=100).rev().map(Duration::from_millis).collect();
        assert!((percentile(&times, 0.5) - 51.0).abs() < 1e-9);
        assert!((percentile(&times, 0.99) - 100.0).abs() < 1e-9);
        assert!(percentile(&[], 0.5).is_nan());
    }

    #[test]
    fn received_records_are_summed_over_sources() {
        assert_eq!(received(br#"{"items":[{"received":3},{"records":4},{}]}"#), 7);
        assert_eq!(received(b"no"), 0);
    }
}

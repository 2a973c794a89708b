//! Lines and exchanges per second.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::run::{Run, median_secs, memory_megabytes, on_cores};
use super::{Size, amount, at_least, at_most, info, traffic};
use crate::ci::output;
use crate::product::Product;
use crate::table::Table;

/// `analyze` of an access log: one core against GoAccess, two cores against one, memory.
pub(super) fn access_log(product: &Product, size: Size, table: &mut Table) -> Result<()> {
    let log = traffic::access_log(product, size.lines)?;
    let vedette = analyze(product, &log);
    let peer = goaccess(product, &log);
    let (mut ours, mut theirs, mut two) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..size.runs {
        ours.push(on_cores("0", &vedette, None)?);
        if let Some(peer) = &peer {
            theirs.push(on_cores("0", peer, None)?);
        }
        two.extend(on_two_cores(&vedette)?);
    }
    let lines = size.lines as f64;
    // Without the peer, eight times what it reads on a 2-core box.
    let (mut must, aim) = (600_000.0, 2_000_000.0);
    if theirs.is_empty() {
        table.notes.push("GoAccess is not installed (Debian: apt-get install goaccess): no comparison".to_owned());
    } else {
        let peer = lines / median_secs(&theirs);
        must = 8.0 * peer;
        let ratio = median_secs(&theirs) / median_secs(&ours);
        at_least(table, "access log, one core, against GoAccess", ratio, "×", 8.0, aim / peer);
        info(table, "GoAccess, same log and core", amount(peer, "lines/s"));
    }
    at_least(table, "access log, one core", lines / median_secs(&ours), "lines/s", must, aim);
    cores(table, "access log, two cores against one", &ours, &two);
    at_most(table, &format!("memory, {} lines", size.lines), memory_megabytes(&ours), "MB", 300.0, 100.0);
    Ok(())
}

/// `analyze` of exchanges with bodies.
pub(super) fn bodies(product: &Product, size: Size, table: &mut Table) -> Result<()> {
    let har = traffic::bodies(product, size.exchanges)?;
    let vedette = analyze(product, &har);
    let (mut ours, mut two) = (Vec::new(), Vec::new());
    for _ in 0..size.runs {
        ours.push(on_cores("0", &vedette, None)?);
        two.extend(on_two_cores(&vedette)?);
    }
    let per_second = size.exchanges as f64 / median_secs(&ours);
    at_least(table, "exchanges with 2 kB bodies, one core", per_second, "exchanges/s", 40_000.0, 150_000.0);
    cores(table, "exchanges with bodies, two cores against one", &ours, &two);
    info(table, "memory, exchanges with bodies", amount(memory_megabytes(&ours), "MB"));
    Ok(())
}

/// `analyze` of GraphQL exchanges on one core.
pub(super) fn graphql(product: &Product, size: Size, table: &mut Table) -> Result<()> {
    let har = traffic::graphql(product, size.exchanges)?;
    let vedette = analyze(product, &har);
    let mut runs = Vec::new();
    for _ in 0..size.runs {
        runs.push(on_cores("0", &vedette, None)?);
    }
    let per_second = size.exchanges as f64 / median_secs(&runs);
    at_least(table, "GraphQL exchanges, one core", per_second, "exchanges/s", 20_000.0, 80_000.0);
    Ok(())
}

/// `analyze` of a packet capture of exchanges with bodies.
pub(super) fn capture(product: &Product, size: Size, table: &mut Table) -> Result<()> {
    let capture = traffic::capture(product, size.exchanges)?;
    let megabytes = std::fs::metadata(&capture)?.len() as f64 / 1e6;
    let vedette = analyze(product, &capture);
    let (mut ours, mut two) = (Vec::new(), Vec::new());
    for _ in 0..size.runs {
        ours.push(on_cores("0", &vedette, None)?);
        two.extend(on_two_cores(&vedette)?);
    }
    at_least(table, "packet capture, one core", megabytes / median_secs(&ours), "MB/s", 100.0, 200.0);
    cores(table, "packet capture, two cores against one", &ours, &two);
    info(table, "memory, packet capture", amount(memory_megabytes(&ours), "MB"));
    Ok(())
}

/// `classify` of JSON on one core.
pub(super) fn classify(product: &Product, size: Size, table: &mut Table) -> Result<()> {
    let values = traffic::values(product, size.exchanges / 2)?;
    let megabytes = std::fs::metadata(&values)?.len() as f64 / 1e6;
    let mut classify = product.vedette();
    classify.arg("classify");
    let mut runs = Vec::new();
    for _ in 0..size.runs {
        runs.push(on_cores("0", &classify, Some(&values))?);
    }
    at_least(table, "classify, JSON, one core", megabytes / median_secs(&runs), "MB/s", 100.0, 200.0);
    Ok(())
}

/// `vedette analyze FILE --json`, as the growth measures use it too.
pub(super) fn analyze(product: &Product, file: &Path) -> Command {
    let mut command = product.vedette();
    command.arg("analyze").arg(file).arg("--json");
    command
}

fn goaccess(product: &Product, log: &Path) -> Option<Command> {
    output(Command::new("goaccess").arg("--version")).ok()?;
    let mut command = Command::new("goaccess");
    command.arg(log).args(["--log-format=COMBINED", "--no-global-config", "-o"]);
    command.arg(product.scratch.join("goaccess.json"));
    Some(command)
}

/// A run on both cores, where there are two.
fn on_two_cores(command: &Command) -> Result<Option<Run>> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if cores < 2 { Ok(None) } else { on_cores("0,1", command, None).map(Some) }
}

fn cores(table: &mut Table, what: &str, one: &[Run], two: &[Run]) {
    if two.is_empty() {
        table.notes.push(format!("{what}: this machine has one core"));
        return;
    }
    at_least(table, what, median_secs(one) / median_secs(two), "×", 1.8, 1.95);
}

//! How memory and time grow with lines, endpoints and actors.

use anyhow::Result;

use super::run::{memory_megabytes, on_cores};
use super::speed::analyze;
use super::{Size, amount, at_most, info, traffic};
use crate::product::Product;
use crate::table::Table;

/// Lines of the logs that memory is compared on: about ten per actor, so that all of them are active.
const LINES: usize = 500_000;

/// Memory per endpoint and per active actor, from the difference of two logs that differ in nothing else.
pub(super) fn memory(product: &Product, _: Size, table: &mut Table) -> Result<()> {
    let megabytes = |endpoints, actors| -> Result<f64> {
        let log = traffic::access_log_of(product, LINES, endpoints, actors)?;
        Ok(memory_megabytes(&[on_cores("0", &analyze(product, &log), None)?]))
    };
    let (few_endpoints, many_endpoints) = (120, 4_120);
    let (few_actors, many_actors) = (1_000, 51_000);
    let base = megabytes(few_endpoints, few_actors)?;
    let per_endpoint = (megabytes(many_endpoints, few_actors)? - base) * 1e3 / (many_endpoints - few_endpoints) as f64;
    let per_actor = (megabytes(few_endpoints, many_actors)? - base) * 1e6 / (many_actors - few_actors) as f64;
    at_most(table, "memory per endpoint", per_endpoint, "kB", 32.0, 16.0);
    at_most(table, "memory per active actor", per_actor, "B", 1_500.0, 600.0);
    Ok(())
}

/// Time and memory at a tenth, at one and at four times the size: lines must cost time only.
pub(super) fn growth(product: &Product, size: Size, table: &mut Table) -> Result<()> {
    for lines in [size.lines / 10, size.lines, 4 * size.lines] {
        let log = traffic::access_log(product, lines)?;
        let run = on_cores("0", &analyze(product, &log), None)?;
        let measured =
            format!("{}, {}", amount(lines as f64 / run.secs, "lines/s"), amount(memory_megabytes(&[run]), "MB"));
        info(table, &format!("growth: {lines} lines"), measured);
    }
    Ok(())
}

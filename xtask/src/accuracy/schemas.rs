//! Learned JSON schemas against bodies they have not seen. The engine's example `schema_instances` learns and judges;
//! this reads what it prints.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::Shared;
use crate::ci::output;
use crate::product::{Product, unpack};
use crate::table::{Table, percent, verdict};

/// Share of the second half of the successful exchanges that schemas of the first half must accept.
const ACCEPTED_MIN: f64 = 0.99;

/// What is judged: how it is shown, the beginning of the line that the example prints, whether it has a goal.
const RECORDING_ROWS: &[(&str, &str, bool)] = &[
    ("second half of the recording, learned from the first", "first half, second half: ", true),
    ("every other exchange, learned from the rest", "every other: ", true),
];
const INSTANCE_ROWS: &[(&str, &str, bool)] = &[
    ("valid instances of public schemas, held out", "valid: ", false),
    ("invalid instances of public schemas", "negative: ", false),
];

pub(super) fn measure(product: &Product, shared: &Shared) -> Result<Vec<Table>> {
    let mut table = Table::new(
        "Schemas",
        "A schema per endpoint, side and status is learned from some bodies and must accept others that it has not seen \
         (JSON Schema 2020-12, formats checked). Of the public instances half of the valid ones teach; a schema learned \
         from valid documents alone cannot know every rule that an invalid one breaks.",
        &["data", "bodies judged", "accepted", "goal", "verdict"],
    );
    for name in ["monitoring-v1", "cloud-v4"] {
        let file = |end: &str| shared.data.join(format!("traffic/{name}.{end}"));
        let said = example(&[&file("har.ndjson.gz"), &file("truth.ndjson")])?;
        rows(&mut table, &said, &format!("{name}: "), RECORDING_ROWS)?;
    }
    let folder = product.scratch.join("schema-instances");
    unpack(&shared.data.join("specs/schema-instances.tar.gz"), &folder)?;
    let said = example(&[&folder.join("schema-instances")])?;
    rows(&mut table, &said, "", INSTANCE_ROWS)?;
    if let Some(line) = said.lines().find(|line| line.starts_with("negative: ")) {
        let refused = line.rsplit(": ").next().unwrap_or_default();
        table.notes.push(format!("invalid instances: {refused}"));
    }
    Ok(vec![table])
}

fn example(arguments: &[&Path]) -> Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--quiet", "--release", "--locked", "--package", "vedette-engine"]);
    command.args(["--example", "schema_instances", "--"]).args(arguments).current_dir(crate::root());
    Ok(String::from_utf8(output(&mut command)?)?)
}

fn rows(table: &mut Table, said: &str, prefix: &str, rows: &[(&str, &str, bool)]) -> Result<()> {
    for (shown, start, goal) in rows {
        let line = said.lines().find_map(|line| line.strip_prefix(start));
        let (accepted, judged) =
            line.and_then(accepted_of).with_context(|| format!("the example printed no `{start}`"))?;
        let share = accepted as f64 / judged.max(1) as f64;
        table.row([
            format!("{prefix}{shown}"),
            judged.to_string(),
            format!("{accepted} ({})", percent(accepted, judged)),
            if *goal { format!("≥ {:.0} %", 100.0 * ACCEPTED_MIN) } else { String::new() },
            if *goal { verdict(share >= ACCEPTED_MIN) } else { String::new() },
        ]);
    }
    Ok(())
}

/// Reads `… learned from, 12 of 13 accepted (…)`.
fn accepted_of(line: &str) -> Option<(usize, usize)> {
    let (counts, _) = line.split_once(" accepted")?;
    let (accepted, judged) = counts.rsplit(", ").next()?.split_once(" of ")?;
    Some((accepted.parse().ok()?, judged.parse().ok()?))
}

#[cfg(test)]
mod tests {
    #[test]
    fn counts_are_read() {
        let line = "10 learned from, 12 of 13 accepted (92.31 %): 1 refused, in 1 schemas";
        assert_eq!(super::accepted_of(line), Some((12, 13)));
    }
}

//! Path templates learned from recorded traffic without a spec, against the true ones.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Shared;
use crate::ci::output;
use crate::product::Product;
use crate::table::{Table, verdict};

/// What f1 and routed must reach on the recordings.
const GOAL: f64 = 0.97;

pub(super) fn measure(product: &Product, shared: &Shared) -> Result<Vec<Table>> {
    let mut table = Table::new(
        "Path templates from recordings",
        "Recorded exchanges of two public APIs, learned without a specification and scored against it. *routed* is the \
         share of exchanges that reach their true template, *f1* weighs learned against true templates. The second row \
         of each has its bodies removed: what a log without bodies costs.",
        &["recording", "exchanges' bodies", "precision", "recall", "f1", "routed", "goal f1 and routed", "verdict"],
    );
    for name in ["monitoring-v1", "cloud-v4"] {
        let traffic = shared.data.join(format!("traffic/{name}.har.ndjson.gz"));
        let truth = shared.data.join(format!("traffic/{name}.truth.ndjson"));
        for (bodies, file) in [("with", traffic.clone()), ("without", without_bodies(product, &traffic, name)?)] {
            let (_, results) = product.analyze(&file, &format!("{name}-{bodies}"))?;
            let score = score(shared, &results, &truth)?;
            let goal = bodies == "with";
            let met = score.f1 >= GOAL && score.routed >= GOAL;
            table.row([
                name.to_owned(),
                bodies.to_owned(),
                format!("{:.4}", score.precision),
                format!("{:.4}", score.recall),
                format!("{:.4}", score.f1),
                format!("{:.4}", score.routed),
                if goal { format!("{GOAL}") } else { "none".to_owned() },
                if goal { verdict(met) } else { String::new() },
            ]);
        }
    }
    Ok(vec![table])
}

/// What the scorer says.
pub(super) struct Score {
    pub(super) precision: f64,
    pub(super) recall: f64,
    pub(super) f1: f64,
    pub(super) routed: f64,
    /// Exchanges' templates that could have been learned.
    pub(super) learnable: u64,
}

/// Scores a results document.
pub(super) fn score(shared: &Shared, results: &Path, truth: &Path) -> Result<Score> {
    let mut scorer = Command::new("python3");
    scorer.arg(shared.tools.join("score-templates")).arg(results).arg(truth);
    let said: Value = serde_json::from_slice(&output(&mut scorer)?).context("the scorer printed no JSON")?;
    let number = |name| said.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    Ok(Score {
        precision: number("precision"),
        recall: number("recall"),
        f1: number("f1"),
        routed: number("routed"),
        learnable: number("learnable") as u64,
    })
}

/// The same traffic with all bodies removed.
fn without_bodies(product: &Product, traffic: &Path, name: &str) -> Result<PathBuf> {
    let text = String::from_utf8(output(Command::new("gzip").arg("-dc").arg(traffic))?)?;
    let mut stripped = String::with_capacity(text.len() / 2);
    for line in text.lines() {
        let mut entry: Value = serde_json::from_str(line).context("an entry of the recording")?;
        if let Some(request) = entry.get_mut("request").and_then(Value::as_object_mut) {
            request.remove("postData");
        }
        if let Some(content) = entry.pointer_mut("/response/content").and_then(Value::as_object_mut) {
            content.remove("text");
        }
        stripped.push_str(&entry.to_string());
        stripped.push('\n');
    }
    let path = product.scratch.join(format!("{name}-without-bodies.har.ndjson"));
    std::fs::write(&path, stripped)?;
    Ok(path)
}

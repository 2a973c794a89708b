//! Path templates on traffic generated from many public specifications: ids as numbers and UUIDs, ids as words
//! (slugs), with bodies and without.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{Shared, templates};
use crate::ci::output;
use crate::product::{Product, unpack};
use crate::table::{Table, verdict};

/// Documents measured.
const DOCUMENTS: usize = 30;

/// Templates with a parameter that a document's traffic must have to say something.
const LEARNABLE_MIN: u64 = 8;

/// Exchanges generated per document.
const EXCHANGES: usize = 3_000;

/// Picks the documents; another seed picks others.
const SEED: u64 = 20_261_122;

/// What the mean of routed must reach where ids are words.
const ROUTED_MIN: f64 = 0.93;

/// Name and generator options of each kind of traffic.
const KINDS: &[(&str, &[&str], Option<f64>)] = &[
    ("ids as specified", &[], Some(ROUTED_MIN)),
    ("slugs", &["--slugs"], Some(ROUTED_MIN)),
    ("ids as specified, no bodies", &["--no-bodies"], None),
    ("slugs, no bodies", &["--slugs", "--no-bodies"], None),
];

pub(super) fn measure(product: &Product, shared: &Shared) -> Result<Vec<Table>> {
    let folder = product.scratch.join("openapi-specs");
    unpack(&shared.data.join("specs/openapi-specs.tar.gz"), &folder)?;
    let mut documents = super::files(&folder, "json")?;
    shuffle(&mut documents);
    let mut scores: Vec<Vec<templates::Score>> = KINDS.iter().map(|_| Vec::new()).collect();
    let mut worst: Vec<(f64, String)> = Vec::new();
    for document in &documents {
        if scores.first().is_some_and(|scores| scores.len() >= DOCUMENTS) {
            break;
        }
        let Some(first) = score(product, shared, document, &[]).filter(|score| score.learnable >= LEARNABLE_MIN) else {
            continue;
        };
        let mut kinds = scores.iter_mut().zip(KINDS);
        if let Some((scores, _)) = kinds.next() {
            scores.push(first);
        }
        for (scores, (name, options, goal)) in kinds {
            let score = score(product, shared, document, options).context("a document that worked before")?;
            if goal.is_some() {
                let title = document.strip_prefix(&folder).unwrap_or(document).display().to_string();
                worst.push((score.routed, format!("{title} ({name}): routed {:.3}, f1 {:.3}", score.routed, score.f1)));
            }
            scores.push(score);
        }
    }
    worst.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut table = table(&scores);
    table.notes.extend(worst.into_iter().take(5).map(|(_, text)| format!("among the worst: {text}")));
    Ok(vec![table])
}

fn table(scores: &[Vec<templates::Score>]) -> Table {
    let mut table = Table::new(
        "Path templates on generated traffic",
        &format!(
            "{EXCHANGES} exchanges from each of {DOCUMENTS} public OpenAPI documents, picked by seed {SEED} among those \
             with at least {LEARNABLE_MIN} learnable templates; values are realistic names, numbers and UUIDs. Learned \
             without the documents."
        ),
        &[
            "traffic",
            "documents",
            "mean routed",
            "median routed",
            "mean f1",
            "median f1",
            "goal mean routed",
            "verdict",
        ],
    );
    for (scores, (name, _, goal)) in scores.iter().zip(KINDS) {
        let routed = spread(scores.iter().map(|score| score.routed));
        let f1 = spread(scores.iter().map(|score| score.f1));
        table.row([
            (*name).to_owned(),
            scores.len().to_string(),
            format!("{:.4}", routed.0),
            format!("{:.4}", routed.1),
            format!("{:.4}", f1.0),
            format!("{:.4}", f1.1),
            goal.map(|goal| format!("≥ {goal}")).unwrap_or_default(),
            goal.map(|goal| verdict(routed.0 >= goal)).unwrap_or_default(),
        ]);
    }
    table
}

/// Generates, analyzes and scores; `None` when the document cannot be used for generating.
fn score(product: &Product, shared: &Shared, document: &Path, options: &[&str]) -> Option<templates::Score> {
    let name = document.file_stem()?.to_string_lossy().into_owned();
    let out = product.scratch.join(format!("generated-{name}{}", options.concat()));
    let mut testkit = product.testkit();
    testkit.arg("from-spec").arg(document).args(["--exchanges", &EXCHANGES.to_string()]).args(options);
    output(testkit.arg("--out").arg(&out)).ok()?;
    let (_, results) = product.analyze(&out.join("traffic.har.ndjson.gz"), &format!("generated-{name}")).ok()?;
    let score = templates::score(shared, &results, &out.join("templates.truth.ndjson")).ok();
    let _ = std::fs::remove_dir_all(&out);
    score
}

/// Mean and median.
fn spread(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    (mean, values.get(values.len() / 2).copied().unwrap_or(0.0))
}

/// Fisher and Yates with a linear congruential generator (Knuth's MMIX constants): the same order everywhere.
fn shuffle(documents: &mut [PathBuf]) {
    let mut state = SEED;
    for at in (1..documents.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        documents.swap(at, (state >> 33) as usize % (at + 1));
    }
}

//! Detection of abuse on generated scenarios: found, missed, cried over, and how soon, beside what everybody builds
//! first. The seeds are fixed; nobody tunes on others than these without saying so.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};
use vedette_engine::evaluate::{Report, Score};

use super::Shared;
use crate::ci::output;
use crate::product::Product;
use crate::table::Table;

/// Seeds of the scenarios with attacks, for every profile.
const SEEDS: std::ops::RangeInclusive<u64> = 1001..=1003;

/// Seeds of those without.
const CLEAN_SEEDS: std::ops::RangeInclusive<u64> = 2001..=2002;

/// Exchanges and days of each.
const EXCHANGES: u64 = 30_000;
const DAYS: u64 = 3;

/// Days that a budget of false alarms is about.
const DAYS_OF_A_WEEK: f64 = 7.0;

pub(super) fn measure(product: &Product, _: &Shared) -> Result<Vec<Table>> {
    let listed = String::from_utf8(output(product.vedette().args(["simulate", "--profile", "list"]))?)?;
    let profiles: Vec<&str> = listed.lines().collect();
    let (attacked, clean) =
        (scenarios(product, &profiles, SEEDS, false)?, scenarios(product, &profiles, CLEAN_SEEDS, true)?);
    let report = evaluate(product, &attacked, &["--baselines"])?;
    let quiet = evaluate(product, &clean, &["--baselines"])?;
    for folder in attacked.iter().chain(&clean) {
        // They are made again from their seeds in a minute, and are large.
        let _ = std::fs::remove_dir_all(folder);
    }
    Ok(vec![overall(&report, &quiet, profiles.len()), kinds(&report), by_profile(&report, &quiet, &profiles)])
}

/// Makes the scenarios of all profiles.
fn scenarios(
    product: &Product,
    profiles: &[&str],
    seeds: std::ops::RangeInclusive<u64>,
    clean: bool,
) -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for profile in profiles {
        for seed in seeds.clone() {
            let folder = product.scratch.join("abuse").join(format!("{profile}-{seed}"));
            let mut simulate = product.vedette();
            simulate.args(["simulate", "--profile", profile, "--seed", &seed.to_string()]);
            simulate.args(["--exchanges", &EXCHANGES.to_string(), "--days", &DAYS.to_string()]);
            output(simulate.args(clean.then_some("--clean")).arg("--out").arg(&folder))?;
            folders.push(folder);
        }
    }
    Ok(folders)
}

fn evaluate(product: &Product, folders: &[PathBuf], options: &[&str]) -> Result<Report> {
    let document = output(product.vedette().arg("evaluate").args(folders).arg("--json").args(options))?;
    serde_json::from_slice(&document).context("scores")
}

fn overall(report: &Report, quiet: &Report, profiles: usize) -> Table {
    let mut table = Table::new(
        "Detection of abuse",
        &format!(
            "`vedette simulate` makes {EXCHANGES} exchanges in {DAYS} days for each of {profiles} profiles, with attacks \
             (seeds {} to {}) and without (seeds {} to {}); `vedette evaluate --baselines` judges. An attack is found \
             when an alarm names one of its actors at one of its exchanges or within an hour after one; an alarmed \
             actor that attacks nowhere is a false one. The baselines see the same exchanges and get the same rules. \
             The last column is of the traffic without attacks.",
            SEEDS.start(),
            SEEDS.end(),
            CLEAN_SEEDS.start(),
            CLEAN_SEEDS.end()
        ),
        &[
            "detection",
            "attacks found",
            "recall",
            "precision",
            "kind right",
            "false per 100,000",
            "exchanges to detect",
            "seconds to detect",
            "false a week, nobody attacks",
        ],
    );
    let quiet_of = |name: &str| quiet.baselines.as_ref().and_then(|all| all.get(name)).map(|scores| &scores.overall);
    let mut row = |name: &str, score: &Score, quiet: Option<&Score>| {
        table.row([
            name.to_owned(),
            format!("{} of {}", score.found, score.attacks),
            share(score.recall),
            share(score.precision),
            share((score.found > 0).then(|| score.kind_right as f64 / score.found as f64)),
            format!("{:.2}", score.false_per_100k),
            median(score.median_exchanges_to_detect),
            median(score.median_secs_to_detect),
            quiet.map_or("-".to_owned(), |quiet| format!("{:.1}", quiet.false_per_day * DAYS_OF_A_WEEK)),
        ]);
    };
    row("vedette", &report.scores.overall, Some(&quiet.scores.overall));
    for (name, scores) in report.baselines.iter().flatten() {
        row(name, &scores.overall, quiet_of(name));
    }
    table
}

fn kinds(report: &Report) -> Table {
    let mut table = Table::new(
        "Detection by kind",
        "Recall is of the attacks of that kind, whatever they were called; precision is of the alarms of that kind. \
         The best baseline is the one that finds most of them.",
        &[
            "kind",
            "attacks found",
            "recall",
            "kind right",
            "precision",
            "false actors",
            "exchanges to detect",
            "seconds to detect",
            "best baseline finds",
        ],
    );
    for (kind, score) in &report.scores.kinds {
        let baselines = report.baselines.iter().flatten();
        let found = baselines.filter_map(|(name, scores)| Some((scores.kinds.get(kind)?.found, name)));
        let best = found.max_by_key(|(found, _)| *found).filter(|_| score.attacks > 0);
        table.row([
            kind.clone(),
            format!("{} of {}", score.found, score.attacks),
            share(score.recall),
            score.kind_right.to_string(),
            share(score.precision),
            score.false_actors.to_string(),
            median(score.median_exchanges_to_detect),
            median(score.median_secs_to_detect),
            best.map_or("-".to_owned(), |(found, name)| format!("{found} ({name})")),
        ]);
    }
    let missed =
        report.scenarios.iter().flat_map(|scenario| scenario.missed.iter().map(|missed| (&scenario.name, missed)));
    table.notes.extend(missed.map(|(scenario, missed)| {
        let variant = missed.variant.as_ref().map_or(String::new(), |variant| format!(" ({variant})"));
        format!("missed in {scenario}: {}{variant}, {} exchanges at {}", missed.kind, missed.exchanges, missed.endpoint)
    }));
    table
}

fn by_profile(report: &Report, quiet: &Report, profiles: &[&str]) -> Table {
    let mut table = Table::new(
        "Detection by profile",
        "The same scenarios by kind of API.",
        &["profile", "attacks found", "recall", "precision", "false per 100,000", "false a week, nobody attacks"],
    );
    let (attacked, clean) = (sums(report, profiles), sums(quiet, profiles));
    for profile in profiles {
        let (Some(sum), Some(quiet)) = (attacked.get(profile), clean.get(profile)) else { continue };
        let ratio = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        table.row([
            (*profile).to_owned(),
            format!("{} of {}", sum.found, sum.attacks),
            share(ratio(sum.found as f64, sum.attacks as f64)),
            share(ratio(sum.alarmed.saturating_sub(sum.innocent) as f64, sum.alarmed as f64)),
            format!("{:.2}", ratio(sum.innocent as f64 * 100_000.0, sum.exchanges as f64).unwrap_or(0.0)),
            format!("{:.1}", ratio(quiet.innocent as f64 * DAYS_OF_A_WEEK, quiet.days).unwrap_or(0.0)),
        ]);
    }
    table
}

/// Counts of the scenarios of one profile.
#[derive(Default)]
struct Sum {
    attacks: u64,
    found: u64,
    alarmed: u64,
    innocent: u64,
    exchanges: u64,
    days: f64,
}

/// Scenarios are named after their profile and seed.
fn sums<'p>(report: &Report, profiles: &[&'p str]) -> BTreeMap<&'p str, Sum> {
    let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
    for scenario in &report.scenarios {
        let named = scenario.name.rsplit_once('-').map_or("", |(profile, _)| profile);
        let Some(profile) = profiles.iter().find(|profile| **profile == named) else { continue };
        let (sum, score) = (sums.entry(*profile).or_default(), &scenario.scores.overall);
        sum.attacks += score.attacks;
        sum.found += score.found;
        sum.alarmed += score.alarmed_actors;
        sum.innocent += score.false_actors;
        sum.exchanges += scenario.exchanges;
        sum.days += scenario.days;
    }
    sums
}

fn share(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.1} %", 100.0 * share))
}

fn median(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.1}"))
}

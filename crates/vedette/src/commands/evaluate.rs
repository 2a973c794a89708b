//! `vedette evaluate`: how well abuse is detected on traffic whose truth is known.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use vedette_engine::evaluate::naive::Baselines;
use vedette_engine::evaluate::{Alarm, Attack, Ground, Judged, Report, ScenarioReport, judge};
use vedette_ingest::Options;
use vedette_model::results::Results;
use vedette_model::{Exchange, Timestamp};

use self::scenario::Scenario;
use super::Hinted;
use super::traffic::{BUDGET_DEFAULT, Learning, budget, nothing_read, open};
use crate::interrupt::Interrupt;
use crate::output::{self, evaluation, write_file};
use crate::pipeline;
use crate::progress::Progress;

mod scenario;

/// Arguments of `vedette evaluate`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folders with traffic.har.ndjson.gz (or an access log, *.log), truth.ndjson and, if there is one, openapi.yaml.
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<PathBuf>,

    /// Print the scores as one JSON document instead of tables.
    #[arg(long)]
    json: bool,

    /// Score what everybody builds first on the same traffic: fixed thresholds, z-scores, a Markov chain.
    #[arg(long)]
    baselines: bool,

    /// False alarms a week that are acceptable.
    #[arg(long, value_name = "N", default_value_t = BUDGET_DEFAULT, value_parser = budget)]
    budget: f64,

    /// Write precision against recall and the time to detect as an SVG.
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,

    /// List every attack that was missed and every false alarm.
    #[arg(long)]
    misses: bool,
}

/// Runs the command. Exit codes: 0 done, 2 error.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    // All folders are looked at before the first is analyzed, which may take minutes.
    let scenarios = args.scenarios.iter().map(|folder| Scenario::open(folder)).collect::<Result<Vec<_>>>()?;
    let interrupt = Interrupt::on_signal()?;
    let mut sum = Sum::default();
    for (number, scenario) in scenarios.iter().enumerate() {
        if io::stderr().is_terminal() && scenarios.len() > 1 {
            writeln!(io::stderr(), "scenario {} of {}: {}", number + 1, scenarios.len(), scenario.name)?;
        }
        sum.add(scenario, args, &interrupt)?;
    }
    let report = sum.report(args.baselines);
    if let Some(path) = &args.plot {
        write_file(path, |out| Ok(out.write_all(output::plot::svg(&report).as_bytes())?))?;
    }
    let mut stdout = BufWriter::new(io::stdout().lock());
    if args.json {
        if io::stdout().is_terminal() {
            serde_json::to_writer_pretty(&mut stdout, &report)?;
        } else {
            serde_json::to_writer(&mut stdout, &report)?;
        }
        stdout.write_all(b"\n")?;
    } else {
        let text = evaluation::tables(&report, args.misses, output::terminal_width(), output::wants_color());
        stdout.write_all(text.as_bytes())?;
    }
    stdout.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Scenarios so far.
#[derive(Default)]
struct Sum {
    ours: Judged,
    baselines: BTreeMap<String, Judged>,
    scenarios: Vec<ScenarioReport>,
}

impl Sum {
    fn add(&mut self, scenario: &Scenario, args: &Args, interrupt: &Interrupt) -> Result<()> {
        let learning = Learning::of(vec![scenario.traffic.clone()], &scenario.specs)?.with_budget(args.budget);
        let results = learning.learn_until(interrupt)?;
        if results.stats.exchanges == 0 {
            bail!(nothing_read(&results));
        }
        let watched = watch(scenario, args.baselines, interrupt)?;
        if interrupt.is_set() {
            bail!("interrupted while {} was read: half of a scenario cannot be scored", scenario.name);
        }
        self.judge(scenario, &results, watched)
    }

    fn judge(&mut self, scenario: &Scenario, results: &Results, watched: Watched) -> Result<()> {
        let ground = Ground {
            exchanges: results.stats.exchanges,
            span: results.stats.first_seen.zip(results.stats.last_seen),
            times: watched.times,
        };
        note_unmet(scenario, &watched.met)?;
        let alarms: Vec<Alarm> = results.detections.iter().map(Alarm::from).collect();
        let judged = judge(&ground, &scenario.attacks, &alarms);
        self.ours.add(&judged);
        for (name, alarms) in watched.baselines.map(Baselines::conclude).unwrap_or_default() {
            let judged = judge(&ground, &scenario.attacks, &alarms);
            self.baselines.entry(name.to_owned()).or_default().add(&judged);
        }
        self.scenarios.push(ScenarioReport {
            name: scenario.name.clone(),
            exchanges: judged.exchanges(),
            days: judged.days(),
            scores: judged.scores(),
            missed: judged.missed,
            false_alarms: judged.false_alarms,
        });
        Ok(())
    }

    fn report(self, baselines: bool) -> Report {
        let scores = |(name, judged): (String, Judged)| {
            let mut scores = judged.scores();
            // A baseline has one kind of alarm, its own name: only how it does on the kinds of attacks says something.
            scores.kinds.retain(|_, score| score.attacks > 0);
            (name, scores)
        };
        Report {
            scores: self.ours.scores(),
            scenarios: self.scenarios,
            baselines: baselines.then(|| self.baselines.into_iter().map(scores).collect()),
        }
    }
}

/// What is known of the exchanges beside what the engine learned.
struct Watched {
    /// Exchanges of attacks that were met, and the times of those that have one.
    met: BTreeSet<u64>,
    times: BTreeMap<u64, Timestamp>,
    baselines: Option<Baselines>,
}

impl Watched {
    fn observe(&mut self, exchange: &Exchange<'_>, record: u64, wanted: &BTreeSet<u64>) {
        if wanted.contains(&record) {
            self.met.insert(record);
            if let Some(at) = exchange.at {
                self.times.insert(record, at);
            }
        }
        if let Some(baselines) = &mut self.baselines {
            baselines.observe(exchange, record);
        }
    }
}

/// Reads the traffic once more, in order and in one thread as the baselines need it.
fn watch(scenario: &Scenario, baselines: bool, interrupt: &Interrupt) -> Result<Watched> {
    let wanted = exchanges(&scenario.attacks);
    let options = Options { decoder: None, keys: None };
    let sources = open(std::slice::from_ref(&scenario.traffic), options, interrupt)?;
    let progress = Progress::on_terminal(&sources);
    let new =
        || Watched { met: BTreeSet::new(), times: BTreeMap::new(), baselines: baselines.then(Baselines::default) };
    let (watched, _) = pipeline::run(
        sources,
        1,
        new,
        |watched: &mut Watched, exchange, (_, record)| watched.observe(exchange, record, &wanted),
        // One thread has one learner.
        |_, _| {},
        &progress,
        interrupt,
    );
    Ok(watched)
}

/// Record numbers of the exchanges that belong to attacks.
fn exchanges(attacks: &[Attack]) -> BTreeSet<u64> {
    attacks.iter().flat_map(|attack| &attack.exchanges).copied().collect()
}

/// Truth that does not fit its traffic would be scored as missed attacks.
fn note_unmet(scenario: &Scenario, met: &BTreeSet<u64>) -> Result<()> {
    let wanted = exchanges(&scenario.attacks);
    let unmet = wanted.difference(met).count();
    if unmet > 0 && met.is_empty() {
        bail!(Hinted::new(
            format!("{}: no exchange that the truth names is in {}", scenario.name, scenario.traffic.display()),
            "truth.ndjson counts the lines of the traffic beside it, from 0; were both made together?",
        ));
    }
    if unmet > 0 {
        let name = &scenario.name;
        writeln!(
            io::stderr(),
            "note: {name}: {unmet} of {} exchanges of attacks are not in the traffic",
            wanted.len()
        )?;
    }
    Ok(())
}

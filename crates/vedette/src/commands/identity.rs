//! `vedette identity`: what the user's rules of who calls find in real traffic.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, bail};
use serde::Serialize;
use vedette_engine::sketch::DistinctCount;
use vedette_model::Exchange;
use vedette_model::hash::HashKey;
use vedette_parse::identity::{Extractors, Named, Outcome};

use super::Hinted;
use super::traffic::{Traffic, hash_key};
use crate::interrupt::Interrupt;
use crate::output::page::{Page, Style, number, plural};
use crate::output::{terminal_width, wants_color};

/// Examples kept of one rule.
const EXAMPLES_MAX: usize = 5;

/// Arguments of `vedette identity`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    traffic: Traffic,

    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Runs the command. Exit codes: 0 done, 2 error.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let learning = args.traffic.prepare()?;
    let Some(rules) = learning.identity().map(Arc::clone) else {
        bail!(Hinted::new("no rules to try", "give them with --identity FILE; docs/how-to/actors.md shows some"));
    };
    let key = hash_key();
    let (mut preview, _) = learning.read(
        &Interrupt::on_signal()?,
        || Preview::new(&rules),
        |preview, exchange, _| preview.observe(&rules, exchange, &key),
        Preview::merge,
    )?;
    if preview.exchanges == 0 {
        bail!(Hinted::new("no exchange could be read", "vedette analyze says of each source what is wrong with it"));
    }
    preview.rules.iter_mut().for_each(|tried| tried.actors = tried.distinct.estimate());
    let mut out = io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &preview)?;
        writeln!(out)?;
    } else {
        out.write_all(preview.text(&rules, terminal_width(), wants_color()).as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// How all rules fared.
#[derive(Serialize)]
struct Preview {
    exchanges: u64,
    /// Exchanges whose actor no rule names.
    unnamed: u64,
    rules: Vec<Tried>,
}

/// How one rule fared.
#[derive(Default, Serialize)]
struct Tried {
    rule: String,
    /// Exchanges that it names the actor of.
    named: u64,
    /// Those of them that no earlier rule had named.
    decides: u64,
    /// Different actors (estimate).
    actors: u64,
    /// Exchanges that have nothing where it looks.
    absent: u64,
    /// Exchanges by the step that gave nothing, counted from 1; one past the last: the text names nobody.
    stuck: BTreeMap<usize, u64>,
    /// Some of the actors; sessions by their hash.
    examples: Vec<String>,
    #[serde(skip)]
    distinct: DistinctCount,
}

impl Preview {
    fn new(rules: &Extractors) -> Self {
        let tried = |rule: &dyn std::fmt::Display| Tried { rule: rule.to_string(), ..Tried::default() };
        Self { exchanges: 0, unnamed: 0, rules: rules.rules().iter().map(|rule| tried(rule)).collect() }
    }

    fn observe(&mut self, rules: &Extractors, exchange: &Exchange<'_>, key: &HashKey) {
        self.exchanges += 1;
        let mut decided = false;
        for (rule, tried) in rules.rules().iter().zip(&mut self.rules) {
            match rule.apply(exchange, key) {
                Outcome::Absent => tried.absent += 1,
                Outcome::Stuck(step) => *tried.stuck.entry(step).or_default() += 1,
                Outcome::Named(named) => {
                    let (kind, name) = match named {
                        Named::User(name) => ("user", name),
                        Named::Client(name) => ("client", name),
                        Named::Session(hash) => ("session", format!("{hash:016x}")),
                    };
                    tried.named += 1;
                    tried.decides += u64::from(!decided);
                    tried.distinct.observe(key.hash(format!("{kind} {name}").as_bytes()));
                    tried.example(name);
                    decided = true;
                }
            }
        }
        self.unnamed += u64::from(!decided);
    }

    fn merge(&mut self, other: Self) {
        self.exchanges += other.exchanges;
        self.unnamed += other.unnamed;
        for (own, theirs) in self.rules.iter_mut().zip(other.rules) {
            own.named += theirs.named;
            own.decides += theirs.decides;
            own.absent += theirs.absent;
            theirs.stuck.iter().for_each(|(step, count)| *own.stuck.entry(*step).or_default() += count);
            own.distinct.merge(&theirs.distinct);
            theirs.examples.into_iter().for_each(|name| own.example(name));
        }
    }

    fn text(&self, rules: &Extractors, width: usize, color: bool) -> String {
        let mut page = Page::new(width, color);
        for (place, (tried, rule)) in (1..).zip(self.rules.iter().zip(rules.rules())) {
            page.title(&format!("{place}  {}", tried.rule));
            if tried.named > 0 {
                let (actors, exchanges) = (plural(tried.actors, "actor"), plural(tried.named, "exchange"));
                let examples = tried.examples.join(", ");
                page.paragraph(("   names ", Style::Plain), &format!("{actors} in {exchanges}, such as {examples}"), 3);
            }
            if tried.decides < tried.named {
                let earlier = plural(tried.named - tried.decides, "exchange");
                page.line(&[(&format!("   comes too late in {earlier}, which an earlier rule names"), Style::Dim)]);
            }
            for (step, count) in &tried.stuck {
                let at = rule
                    .step(*step)
                    .map_or_else(|| "its result names nobody".to_owned(), |s| format!("{s} gives nothing"));
                page.line(&[(&format!("   stuck in {}: {at}", plural(*count, "exchange")), Style::Warning)]);
            }
            let nothing = if tried.absent == self.exchanges { Style::Warning } else { Style::Dim };
            page.line(&[(&format!("   {} have nothing there", plural(tried.absent, "exchange")), nothing)]);
        }
        let rest = format!(
            "\nof {} exchanges {} are left to what is recognized without rules: credentials, then the address\n",
            number(self.exchanges),
            number(self.unnamed)
        );
        page.text() + &rest
    }
}

impl Tried {
    fn example(&mut self, name: String) {
        if self.examples.len() < EXAMPLES_MAX && !self.examples.contains(&name) {
            self.examples.push(name);
        }
    }
}

//! How much each source tells, and what therefore stays unseen.
//!
//! [`facts`] is the list of what a source may tell of an exchange; a tally counts who tells what. The score is that of
//! an access log: 100 can be reached without bodies and without complete headers, which are named apart as what would
//! show more. What a format cannot hold is missing all the same, because it is missing to the user.
//!
//! Checks ([`Meta::facts`](crate::checks::Meta)) and detections ([`detections`]) declare which facts they need. What is
//! blind, for a source or for the whole analysis, is computed from these declarations and from nothing else.

mod clients;
mod clock;
pub mod detections;
pub mod facts;
pub mod snippets;
mod tally;
#[cfg(test)]
mod tests;

use vedette_model::results::{self, LogSnippet, Quality, QualityPart, Source};

pub(crate) use self::tally::{SourceTallies, SourceTally};
use crate::checks::CHECKS;
use clock::Others;
use detections::DETECTIONS;
use facts::{About, CLOCK, Fact, Facts, OWN_ADDRESS, TABLE};
use snippets::GATEWAYS;

/// Describes the quality of every source, and returns the lines that would make the poor ones better.
pub(crate) fn describe(tallies: &SourceTallies, sources: &mut [Source]) -> Vec<LogSnippet> {
    let busiest = sources.iter().enumerate().max_by_key(|(_, source)| source.exchanges);
    let busiest = busiest.map(|(at, source)| (at, source.clone()));
    let lasts: Vec<_> = sources.iter().map(|source| source.last_seen).collect();
    let latest = (0..lasts.len()).max_by_key(|at| lasts.get(*at).copied().flatten());
    let last_but = |skip: Option<usize>| {
        let rest = lasts.iter().enumerate().filter(|(at, _)| Some(*at) != skip);
        rest.filter_map(|(_, last)| *last).max()
    };
    // Of all sources but the latest one; the latest is what ends every other one's.
    let (last, before) = (last_but(None), last_but(latest));
    let mut wanted: Vec<&str> = Vec::new();
    for (at, source) in sources.iter_mut().enumerate() {
        let Some(tally) = tallies.get(at).filter(|tally| tally.exchanges > 0) else { continue };
        let others = Others {
            busiest: busiest.as_ref().filter(|(busiest, _)| *busiest != at).map(|(_, source)| source),
            last_seen: if latest == Some(at) { before } else { last },
        };
        let mut quality = of_source(tally, source, others);
        if quality.score < 100 {
            quality.snippets = snippets::of_format(&source.format).map(|gateway| gateway.id.to_owned()).collect();
            wanted.extend(snippets::of_format(&source.format).map(|gateway| gateway.id));
        }
        source.quality = Some(quality);
    }
    GATEWAYS.iter().filter(|gateway| wanted.contains(&gateway.id)).map(snippets::Gateway::snippet).collect()
}

/// The facts with the kinds that need them, for the results.
pub(crate) fn facts_for_results() -> Vec<results::Fact> {
    let needing = |fact: Fact, kinds: &mut dyn Iterator<Item = (&'static str, &'static [&'static [Fact]])>| {
        kinds.filter(|(_, needs)| needs.concat().contains(&fact)).map(|(kind, _)| kind.to_owned()).collect()
    };
    let fact = |about: &About| results::Fact {
        id: about.id.to_owned(),
        name: about.name.to_owned(),
        weight: about.weight,
        lost: about.lost.to_owned(),
        findings: needing(about.fact, &mut findings()),
        detections: needing(about.fact, &mut DETECTIONS.iter().copied()),
    };
    TABLE.iter().map(fact).collect()
}

/// What a set of facts cannot show, as sentences, what weighs most first: `no response bodies: data classes of answers
/// were not looked for`.
pub(crate) fn blind_spots(told: Facts) -> Vec<String> {
    let whole = |about: &&About| about.part_of.is_none_or(|whole| told.has(whole));
    let mut spots: Vec<&About> = missing(told).filter(whole).collect();
    spots.sort_by_key(|about| std::cmp::Reverse(about.weight));
    spots.iter().map(|about| format!("no {}: {}", about.name, about.lost)).collect()
}

/// Kinds of findings that a set of facts can never show.
pub(crate) fn blind_findings(told: Facts) -> impl Iterator<Item = &'static str> {
    findings().filter(move |(_, needs)| !told.meet(needs)).map(|(kind, _)| kind)
}

fn findings() -> impl Iterator<Item = (&'static str, &'static [&'static [Fact]])> {
    CHECKS.iter().map(|check| (check.meta.id, check.meta.facts))
}

/// Facts that are not told and whose absence costs something. A specification is the user's to give: no source is
/// blamed for it.
fn missing(told: Facts) -> impl Iterator<Item = &'static About> {
    TABLE
        .iter()
        .filter(move |about| !told.has(about.fact) && !about.lost.is_empty() && about.fact != Fact::Specification)
}

fn of_source(tally: &SourceTally, source: &Source, others: Others<'_>) -> Quality {
    let told = tally.facts();
    let with_specification = told.with(Fact::Specification, true);
    let mut parts: Vec<QualityPart> =
        TABLE.iter().filter(|about| about.weight > 0).map(|about| part(about, tally)).collect();
    let addressed = tally.told(Fact::ClientAddress);
    let (clients, points, reason) = clients::judge(tally, addressed, OWN_ADDRESS);
    let own = whole_part("own-address", "addresses of callers, not of a proxy", points, OWN_ADDRESS, reason);
    let (clock, points, reason) = clock::judge(tally, source, others, CLOCK);
    let clock_part = whole_part("clock", "a clock that runs forward and agrees", points, CLOCK, reason);
    parts.extend([own, clock_part]);
    Quality {
        score: parts.iter().map(|part| part.points).sum(),
        parts,
        missing: missing(told).map(|about| about.id.to_owned()).collect(),
        blind_findings: blind_findings(with_specification).map(str::to_owned).collect(),
        blind_detections: DETECTIONS
            .iter()
            .filter(|(_, needs)| !told.meet(needs))
            .map(|(kind, _)| (*kind).to_owned())
            .collect(),
        clients,
        clock,
        snippets: Vec::new(),
    }
}

/// Points for a fact: all when enough exchanges tell it, else in proportion, and never all.
fn part(about: &About, tally: &SourceTally) -> QualityPart {
    let share = share(tally.told(about.fact), tally.exchanges);
    let enough = share >= about.enough;
    let points = if enough { about.weight } else { (f64::from(about.weight) * share / about.enough).floor() as u8 };
    let reason = match (enough, share > 0.0) {
        (true, _) => String::new(),
        (false, true) => format!("only {} of the exchanges have them", percent(share)),
        (false, false) => about.lost.to_owned(),
    };
    QualityPart {
        id: about.id.to_owned(),
        name: about.name.to_owned(),
        points,
        of: about.weight,
        share: Some(share),
        reason,
    }
}

fn whole_part(id: &str, name: &str, points: u8, of: u8, reason: String) -> QualityPart {
    QualityPart { id: id.to_owned(), name: name.to_owned(), points, of, share: None, reason }
}

fn share(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

fn percent(share: f64) -> String {
    if share < 0.01 { "less than 1%".to_owned() } else { format!("{:.0}%", share * 100.0) }
}

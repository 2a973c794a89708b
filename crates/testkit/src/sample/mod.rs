//! Three days of a small company: Harbor Goods sells household things over a web shop, an app and partners.
//!
//! Four services (`shop-api`, `accounts`, `payments`, and `inventory` on the inner network) and a carrier that they
//! call. Everything that a report should show is in it and told in `posture.json`.

mod access_log;
mod backoffice;
mod call;
mod fulfillment;
mod noise;
mod people;
mod posture;
mod visits;

use call::Recorder;
use people::Company;

use crate::har::{self, Entry};
use crate::rng::Rng;

/// Seed of the sample that is committed.
pub const SEED: u64 = 2026;

/// 2026-09-21T00:00:00Z, a Monday.
const START_US: i64 = 1_789_948_800_000_000;
/// An hour in microseconds.
const HOUR_US: i64 = 3_600_000_000;
/// Customer visits by hour of the day, in UTC.
const VISITS_BY_HOUR: &[usize] = &[1, 1, 0, 1, 1, 1, 3, 5, 8, 8, 8, 9, 8, 8, 7, 7, 8, 8, 10, 10, 10, 9, 6, 3];
/// Hours of the traffic.
const HOURS: usize = 72;

/// The sample in its files.
#[derive(Debug)]
pub struct Sample {
    /// Exchanges as NDJSON of HAR entries.
    pub traffic: String,
    /// A row per exchange, in the same order, with its true template.
    pub truth: String,
    /// What a web server logged of it, combined format.
    pub access_log: String,
    /// The planted weaknesses, a JSON array of `kind`, `service`, `method`, `template`, `note`.
    pub posture: String,
}

#[derive(Clone, Copy)]
enum Event {
    Visit,
    Partner,
    Support,
    Health(usize),
    Stock,
    Scan,
    Guess,
    Introspection,
}

/// Makes the sample. Same seed, same bytes.
pub fn generate(seed: u64) -> Sample {
    let entries = exchanges(seed);
    let (traffic, truth) = har::write_all(&entries);
    Sample { traffic, truth, access_log: access_log::render(&entries, seed), posture: posture::document() }
}

/// The exchanges of the sample in time order.
pub fn exchanges(seed: u64) -> Vec<Entry> {
    let mut company = Company::new(seed);
    let mut recorder = Recorder { entries: Vec::new(), rng: Rng::labeled(seed, "days"), now: START_US };
    for (at, event) in plan(&mut Rng::labeled(seed, "plan")) {
        recorder.now = at;
        match event {
            Event::Visit => visits::visit(&mut company, &mut recorder),
            Event::Partner => backoffice::partner_sync(&company, &mut recorder),
            Event::Support => backoffice::support_case(&company, &mut recorder),
            Event::Health(round) => backoffice::health_probe(round, &mut recorder),
            Event::Stock => backoffice::count_stock(&company, &mut recorder),
            Event::Scan => noise::scan(&mut recorder),
            Event::Guess => noise::guess_passwords(&company, &mut recorder),
            Event::Introspection => noise::introspect(&mut recorder),
        }
    }
    recorder.entries.sort_by_key(|e| e.at);
    recorder.entries
}

/// What begins when, in time order.
fn plan(rng: &mut Rng) -> Vec<(i64, Event)> {
    let mut events = Vec::new();
    for hour in 0..HOURS {
        let start = START_US + i64::try_from(hour).unwrap_or(0) * HOUR_US;
        let mut add = |rng: &mut Rng, count: usize, event: Event| {
            for _ in 0..count {
                events.push((start + rng.between(0, HOUR_US / 1000 - 1) * 1000, event));
            }
        };
        let visits = VISITS_BY_HOUR.get(hour % 24).copied().unwrap_or(1);
        let noted = rng.below(3);
        add(rng, visits + noted, Event::Visit);
        add(rng, 1, Event::Partner);
        add(rng, 1, Event::Stock);
        if (8..17).contains(&(hour % 24)) {
            add(rng, 1, Event::Support);
        }
        if hour % 3 == 1 {
            add(rng, 1, Event::Scan);
        }
        if hour == 50 {
            add(rng, 1, Event::Guess);
        }
        if hour == 34 {
            add(rng, 1, Event::Introspection);
        }
        for quarter in 0..4 {
            let at = start + HOUR_US / 4 * i64::try_from(quarter).unwrap_or(0);
            events.push((at, Event::Health(hour * 4 + quarter)));
        }
    }
    events.sort_by_key(|(at, _)| *at);
    events
}

#[cfg(test)]
mod tests;

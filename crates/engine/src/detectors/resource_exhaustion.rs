//! # resource-exhaustion
//!
//! Somebody makes the service work far harder than others: expensive queries, deep operations, huge inputs.
//!
//! **Signals.** Calls that cost many times what others cost at the same endpoint (time to answer, size of the request,
//! cost of a GraphQL operation, tokens of a model), several of them, and together far more of the service's time than
//! peers take in an hour.
//!
//! **False positives.** An outage makes everybody slow: then slow is usual in that hour. Retries of a broken client are
//! a true one, without intent.
//!
//! **References.** OWASP API4:2023; CWE-400, CWE-770; ATT&CK T1499.003.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::watch::call::NONE;
use crate::watch::report::lasting;
use crate::watch::world::{Seen, World};

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "resource-exhaustion",
        title: "Makes the service work far too hard",
        severity: Severity::Medium,
        owasp: &["API4:2023"],
        attack: &["T1499.003", "T1496"],
        response: &[
            "Limit cost, not only calls: page size, depth, time and tokens by actor",
            "Cancel what takes longer than it may",
        ],
    },
    judge,
};

/// Times the usual from which on a call is expensive.
const FACTOR: f64 = 6.0;

/// Expensive calls of one actor before it is no accident.
const CALLS_MIN: usize = 4;

/// Seconds in which they are made: an outage makes single calls slow now and then.
const WINDOW_SECS: i64 = 3_600;

/// Calls of others before anything is usual.
const OTHERS_MIN: usize = 20;

/// What a call costs of one thing.
type Measure = fn(&World<'_>, &Seen<'_>) -> f64;

/// What a call can cost, by the name shown, and below which it is nothing.
const MEASURES: &[(&str, Measure, f64)] = &[
    ("time to answer", |_, seen| f64::from(seen.call.duration_us), 200_000.0),
    ("bytes sent", |_, seen| f64::from(seen.call.request_bytes), 20_000.0),
    ("cost of the operation", |_, seen| seen.details().map_or(0.0, |details| f64::from(details.cost)), 50.0),
    ("number asked for", |world, seen| world.page_size(seen), 400.0),
];

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut places: HashMap<u32, Vec<u32>, FixedState> = HashMap::default();
    for (number, seen) in (0..).zip(&world.calls) {
        if seen.place != NONE && seen.call.status != 429 {
            places.entry(seen.place).or_default().push(number);
        }
    }
    let mut expensive: HashMap<u32, (Vec<u32>, HashSet<&'static str>), FixedState> = HashMap::default();
    for calls in places.values().filter(|calls| calls.len() >= OTHERS_MIN) {
        for (name, measure, least) in MEASURES {
            for (who, number) in outliers(world, calls, *measure, *least) {
                let (own, measures) = expensive.entry(who).or_default();
                own.push(number);
                measures.insert(name);
            }
        }
    }
    let mut alarms: Vec<Alarm> = expensive
        .into_iter()
        .filter_map(|(who, (mut calls, measures))| {
            calls.sort_unstable();
            calls.dedup();
            let mut measures: Vec<&str> = measures.into_iter().collect();
            measures.sort_unstable();
            alarm(world, who, calls, &measures)
        })
        .collect();
    alarms.sort_by_key(|alarm| alarm.who);
    alarms
}

/// Calls that cost far more than those of others do, unless many people make such calls.
fn outliers(
    world: &World<'_>,
    calls: &[u32],
    measure: fn(&World<'_>, &Seen<'_>) -> f64,
    least: f64,
) -> Vec<(u32, u32)> {
    let costs: Vec<(f64, u32, u32)> =
        calls.iter().filter_map(|n| world.seen(*n).map(|seen| (measure(world, seen), seen.who, *n))).collect();
    let mut typical: HashMap<u32, (f64, u32), FixedState> = HashMap::default();
    for (cost, who, _) in &costs {
        let (sum, n) = typical.entry(*who).or_default();
        *sum += cost;
        *n += 1;
    }
    // One mean for each person: nobody is the measure of all.
    let mut means: Vec<f64> = typical.values().map(|(sum, n)| sum / f64::from(*n)).collect();
    means.sort_by(f64::total_cmp);
    let usual = means.get((means.len() as f64 * 0.9) as usize).or(means.last()).copied().unwrap_or(0.0);
    let bar = (usual * FACTOR).max(least);
    let found: Vec<(u32, u32)> = costs.iter().filter(|one| one.0 >= bar).map(|(_, who, n)| (*who, *n)).collect();
    let people: HashSet<u32> = found.iter().map(|(who, _)| *who).collect();
    if people.len() > 3.max(means.len() / 50) { Vec::new() } else { found }
}

fn alarm(world: &World<'_>, who: u32, calls: Vec<u32>, measures: &[&str]) -> Option<Alarm> {
    let secs = |number: u32| world.seen(number).map_or(0, Seen::secs);
    let together = |run: &&[u32]| {
        run.first().zip(run.last()).is_some_and(|(first, last)| secs(*last) - secs(*first) <= WINDOW_SECS)
    };
    calls.windows(CALLS_MIN).find(together)?;
    if world.person_at(who)?.shared {
        return None;
    }
    let (first, last) = (world.seen(*calls.first()?)?, world.seen(*calls.last()?)?);
    Some(Alarm {
        who,
        at: *calls.get(CALLS_MIN - 1)?,
        place: last.place,
        confidence: 0.88,
        explanation: format!(
            "{} calls within {} cost more than {FACTOR} times what nearly everybody's cost at the same endpoint ({}).",
            calls.len(),
            lasting(last.secs() - first.secs()),
            measures.join(", ")
        ),
        calls,
        ..Alarm::default()
    })
}

//! # actor-spike
//!
//! One actor calls far more often than its peers: a loop, a broken client, or somebody who does not care.
//!
//! **Signals.** The most calls of an actor to one endpoint within ten minutes, against those of its peers there.
//!
//! **False positives.** Jobs and partners: they are compared with each other, and what one does every day is known.
//!
//! **References.** OWASP API4:2023; ATT&CK T1499.002.

use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::watch::calibrate::{Amount, confidence};
use crate::watch::call::NONE;
use crate::watch::world::World;

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "actor-spike",
        title: "Calls far more often than its peers",
        severity: Severity::Low,
        owasp: &["API4:2023"],
        attack: &["T1499.002"],
        response: &["Limit the rate by actor", "Tell the owner of the client, if it is a broken one"],
    },
    judge,
};

const WINDOW_SECS: i64 = 600;

/// Calls within the window below which nobody is too busy.
const CALLS_MIN: usize = 60;

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let busiest: Vec<(Vec<u32>, Range<usize>)> = world.everybody().map(|(who, _)| busy(world, who)).collect();
    let mut fits: HashMap<u32, Amount, FixedState> = HashMap::default();
    let mut alarms = Vec::new();
    for ((who, person), (calls, window)) in world.everybody().zip(&busiest) {
        let most = window.len();
        if most < CALLS_MIN || person.crawler || person.shared {
            continue;
        }
        let amount = *fits.entry(person.group).or_insert_with(|| {
            let peers = world.peers(person);
            let of_peers = peers.iter().filter_map(|peer| busiest.get(*peer as usize));
            Amount::fit(of_peers.map(|(_, window)| window.len() as f64).collect())
        });
        let tail = amount.tail(most as f64);
        let Some(own) = calls.get(window.clone()) else { continue };
        if tail >= world.alpha || (most as f64) < amount.high * 4.0 || routine(world, calls, own) {
            continue;
        }
        alarms.extend(alarm(world, who, own, (tail, amount)));
    }
    alarms
}

/// The calls to the endpoint that somebody calls most, and where the ten minutes with most of them are.
fn busy(world: &World<'_>, who: u32) -> (Vec<u32>, Range<usize>) {
    let mut places: HashMap<u32, Vec<u32>, FixedState> = HashMap::default();
    for (number, seen) in world.calls_of(who).filter(|(_, seen)| seen.place != NONE) {
        places.entry(seen.place).or_default().push(number);
    }
    let most = places.into_iter().max_by_key(|(place, calls)| (calls.len(), *place));
    let calls = most.map_or_else(Vec::new, |(_, calls)| calls);
    let window = world.busiest(&calls, WINDOW_SECS);
    (calls, window)
}

/// As much is called on another day too.
fn routine(world: &World<'_>, calls: &[u32], own: &[u32]) -> bool {
    let Some(first) = own.first().and_then(|number| world.seen(*number)) else { return false };
    let mut windows: HashMap<i64, usize, FixedState> = HashMap::default();
    for seen in calls.iter().filter_map(|number| world.seen(*number)) {
        if (first.secs() - seen.secs()).abs() > 12 * 3_600 {
            *windows.entry(seen.secs() / WINDOW_SECS).or_default() += 1;
        }
    }
    windows.values().any(|n| *n * 3 >= own.len())
}

fn alarm(world: &World<'_>, who: u32, own: &[u32], (tail, amount): (f64, Amount)) -> Option<Alarm> {
    let place = world.seen(*own.first()?)?.place;
    Some(Alarm {
        who,
        at: own.get((amount.high * 4.0) as usize).or(own.get(CALLS_MIN - 1)).copied()?,
        place,
        confidence: confidence(tail, world.alpha),
        explanation: format!(
            "Called `{}` {} times within ten minutes; nearly all peers call one endpoint at most {:.0} times in such a time.",
            world.place_name(place),
            own.len(),
            amount.high
        ),
        calls: own.to_vec(),
        ..Alarm::default()
    })
}

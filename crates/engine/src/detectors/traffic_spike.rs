//! # traffic-spike
//!
//! An endpoint is flooded by many addresses at once.
//!
//! **Signals.** Calls of one endpoint within ten minutes, many times its busiest otherwise, while the rest of the API is
//! not busier. The callers are mostly such that do nothing else.
//!
//! **False positives.** A marketing peak brings people who go on to other pages; an outage brings retries of those who
//! were there before.
//!
//! **References.** OWASP API4:2023; ATT&CK T1499.002.

use std::net::IpAddr;

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::checks::wording::count;
use crate::watch::call::NONE;
use crate::watch::world::World;

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "traffic-spike",
        title: "Floods an endpoint",
        severity: Severity::Medium,
        owasp: &["API4:2023"],
        attack: &["T1499.002"],
        response: &["Limit the rate of the endpoint", "Block the addresses that do nothing else, for a while"],
    },
    judge,
};

const WINDOW_SECS: i64 = 600;

/// Calls within the window below which nothing is a flood.
const CALLS_MIN: usize = 100;

/// Times the busiest of its other windows.
const FACTOR: usize = 4;

/// Share of the callers' other calls above which they are people who came to use the API.
const USE_MAX: f64 = 0.15;

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut windows: HashMap<(u32, i64), Vec<u32>, FixedState> = HashMap::default();
    for (number, seen) in (0..).zip(&world.calls).filter(|(_, seen)| seen.place != NONE && seen.call.at != 0) {
        windows.entry((seen.place, seen.secs().div_euclid(WINDOW_SECS))).or_default().push(number);
    }
    let mut usual: HashMap<u32, Vec<usize>, FixedState> = HashMap::default();
    for ((place, _), calls) in &windows {
        usual.entry(*place).or_default().push(calls.len());
    }
    let mut floods: Vec<_> = windows.iter().filter(|(_, calls)| calls.len() >= CALLS_MIN).collect();
    floods.sort_unstable_by_key(|(key, _)| **key);
    let mut met: HashSet<u32> = HashSet::new();
    let mut alarms = Vec::new();
    for ((place, _), calls) in floods {
        let mut others = usual.get(place).cloned().unwrap_or_default();
        others.sort_unstable();
        // A flood lasts over several windows: what is usual is the median of the busier half.
        let usual = others.get(others.len() * 3 / 4).copied().unwrap_or(0);
        if calls.len() >= usual.max(5) * FACTOR && others.len() >= 6 && met.insert(*place) {
            alarms.extend(alarm(world, *place, calls, usual));
        }
    }
    alarms
}

fn alarm(world: &World<'_>, place: u32, calls: &[u32], usual: usize) -> Option<Alarm> {
    let mut callers: HashMap<u32, usize, FixedState> = HashMap::default();
    for seen in calls.iter().filter_map(|number| world.seen(*number)) {
        *callers.entry(seen.who).or_default() += 1;
    }
    // Those who do nothing else, and there are several; one alone is a spike of its own.
    let elsewhere = |who: u32| {
        let (mut other, mut all) = (0, 0);
        for (_, seen) in world.calls_of(who) {
            all += 1;
            other += usize::from(seen.place != place);
        }
        other as f64 / f64::from(all.max(1))
    };
    let idle: Vec<(u32, usize)> = callers.into_iter().filter(|(who, _)| elsewhere(*who) <= USE_MAX).collect();
    let share = idle.iter().map(|(_, n)| n).sum::<usize>() as f64 / calls.len() as f64;
    if share < 0.5 || idle.len() < 3 {
        return None;
    }
    let who = idle.iter().max_by_key(|(who, n)| (*n, *who))?.0;
    let own: HashSet<u32> = idle.iter().map(|(who, _)| *who).collect();
    let theirs: Vec<u32> = calls
        .iter()
        .filter(|number| world.seen(**number).is_some_and(|seen| own.contains(&seen.who)))
        .copied()
        .collect();
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in theirs.iter().filter_map(|number| world.seen(*number)?.address()) {
        if !addresses.contains(&address) && addresses.len() < 20 {
            addresses.push(address);
        }
    }
    Some(Alarm {
        who,
        at: theirs.get(CALLS_MIN / 2).or(theirs.last()).copied()?,
        place,
        confidence: 0.88,
        explanation: format!(
            "`{}` was called {} times within ten minutes, where {usual} are many; {} by {} that hardly do anything else.",
            world.place_name(place),
            calls.len(),
            theirs.len(),
            count(idle.len() as u64, "caller")
        ),
        addresses,
        calls: theirs,
        ..Alarm::default()
    })
}

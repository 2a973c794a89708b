//! # endpoint-spray
//!
//! Somebody tries everything that the API offers.
//!
//! **Signals.** Different endpoints within twenty minutes against what peers use in such a time, several among them that
//! hardly anybody uses.
//!
//! **False positives.** A page that loads many things at once is opened by many.
//!
//! **References.** OWASP API9:2023; ATT&CK T1526, T1087.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::watch::calibrate::{Amount, confidence};
use crate::watch::call::NONE;
use crate::watch::world::World;

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "endpoint-spray",
        title: "Tries everything that there is",
        severity: Severity::Medium,
        owasp: &["API9:2023"],
        attack: &["T1526", "T1595"],
        response: &["Look what was answered where it has no business", "Limit the token to what its owner needs"],
    },
    judge,
};

const WINDOW_SECS: i64 = 1_200;

/// Endpoints within the window below which nobody sprays.
const PLACES_MIN: usize = 10;

/// Share of people below which an endpoint is one that hardly anybody uses.
const RARE: f64 = 0.05;

/// Such endpoints, at the least.
const RARE_MIN: usize = 4;

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let people = world.everybody().filter(|(_, person)| person.kind != "address").count().max(1) as f64;
    let windows: Vec<(usize, Vec<u32>)> = world.everybody().map(|(who, _)| widest(world, who)).collect();
    let mut fits: HashMap<u32, Amount, FixedState> = HashMap::default();
    let mut alarms = Vec::new();
    for ((who, person), (most, calls)) in world.everybody().zip(&windows) {
        if *most < PLACES_MIN || person.crawler {
            continue;
        }
        let amount = *fits.entry(person.group).or_insert_with(|| {
            let of = |who: &u32| windows.get(*who as usize).map(|(most, _)| *most as f64);
            Amount::fit(world.peers(person).iter().filter_map(of).collect())
        });
        let tail = amount.tail(*most as f64);
        let is_rare = |number: &&u32| {
            let place = world.seen(**number).and_then(|seen| world.place(seen.place));
            place.is_some_and(|place| f64::from(place.callers) < (people * RARE).max(3.0))
        };
        let rare = calls.iter().filter(is_rare).count();
        let rare_enough = rare >= RARE_MIN && rare * 4 >= *most;
        let bar = if rare_enough && person.kind != "address" { world.alpha * 30.0 } else { world.alpha };
        if tail < bar && rare >= 2 {
            alarms.extend(alarm(world, who, calls, (tail, rare, amount)));
        }
    }
    alarms
}

/// The most different endpoints within a window, with the first call of each.
fn widest(world: &World<'_>, who: u32) -> (usize, Vec<u32>) {
    let calls: Vec<_> = world.calls_of(who).filter(|(_, seen)| seen.place != NONE).collect();
    let mut best: Vec<u32> = Vec::new();
    let mut inside: HashMap<u32, u32, FixedState> = HashMap::default();
    let mut begin = 0;
    for (at, (_, seen)) in calls.iter().enumerate() {
        *inside.entry(seen.place).or_default() += 1;
        while let Some((_, first)) = calls.get(begin)
            && seen.secs() - first.secs() > WINDOW_SECS
        {
            if let Some(n) = inside.get_mut(&first.place) {
                *n -= 1;
                if *n == 0 {
                    inside.remove(&first.place);
                }
            }
            begin += 1;
        }
        if inside.len() > best.len() {
            let mut met = HashSet::new();
            let window = calls.get(begin..=at).unwrap_or_default().iter();
            best = window.filter(|(_, seen)| met.insert(seen.place)).map(|(number, _)| *number).collect();
        }
    }
    (best.len(), best)
}

fn alarm(world: &World<'_>, who: u32, calls: &[u32], (tail, rare, amount): (f64, usize, Amount)) -> Option<Alarm> {
    Some(Alarm {
        who,
        at: calls.get(PLACES_MIN - 1).copied()?,
        place: world.seen(*calls.last()?)?.place,
        confidence: confidence(tail, world.alpha).max(0.75),
        explanation: format!(
            "Called {} different endpoints within twenty minutes, {rare} of them such that hardly anybody uses; nearly all peers call at most \
             {:.0}.",
            calls.len(),
            amount.high
        ),
        calls: calls.to_vec(),
        ..Alarm::default()
    })
}
